/** A small web server: answers from a directory as BusyBox httpd does (networking/httpd.c), for images, machines and the command. */
import type { LocalAddress, SocketErrno } from "../../kernel/socket/table.ts";
import type { TcpSocket } from "../../kernel/socket/tcp.ts";
import type { Op } from "../../kernel/task.ts";
import { utf8Length } from "../../kernel/wire/length.ts";
import { formatHead, type HttpRequest, type HttpResponse, headEnd, MAX_HEAD, parseRequest, pathOf } from "./http.ts";
import { readSome, type ServiceOwner, serveTcp } from "./service.ts";

/** Gives the text of a file by its path under the root ("/" for the directory itself), or undefined. */
export type Pages = (path: string) => string | undefined;

export type Respond = (request: HttpRequest | undefined, from: TcpSocket) => HttpResponse;

const NAMES: readonly (readonly [suffix: string, type: string])[] = [
  [".txt", "text/plain"],
  [".css", "text/css"],
  [".js", "application/javascript"],
  [".json", "application/json"],
  [".png", "image/png"],
  [".svg", "image/svg+xml"],
];

/** Reads one request, answers it, and hangs up. The head and the body go out by themselves. */
export function* answerOnce(socket: TcpSocket, respond: Respond, omitBodyOfHead: boolean): Op<void> {
  let text = "";
  for (;;) {
    const more = yield* readSome(socket);
    if (more === "") return;
    text += more;
    const end = headEnd(text);
    if (!end) {
      if (text.length > MAX_HEAD) return;
      // A first line that is no request is answered at once.
      const line = /^(.*?)\r?\n/.exec(text);
      if (!line || parseRequest(line[1] as string, "")) continue;
    }
    const request = end && parseRequest(end.head, text.slice(end.body));
    const length = Number(request?.headers.get("content-length") ?? 0);
    if (request && request.body.length < Math.min(MAX_HEAD, length)) continue;
    const response = respond(request, socket);
    socket.send(formatHead(response));
    if (!(omitBodyOfHead && request?.method === "HEAD")) socket.send(response.body);
    return;
  }
}

/** Answers GET and HEAD with pages, everything else with the error that BusyBox gives. */
function pageServer(owner: ServiceOwner, pages: Pages): Respond {
  const { kernel } = owner.netns;
  const started = kernel.date();
  return (request) => {
    const common = [
      ["Date", kernel.date().toUTCString()],
      ["Connection", "close"],
    ] as const;
    const refuse = (status: number, reason: string, words: string): HttpResponse => ({
      status,
      reason,
      version: "HTTP/1.1",
      headers: [...common, ["Content-type", "text/html"]],
      body: `<HTML><HEAD><TITLE>${status} ${reason}</TITLE></HEAD>\n<BODY><H1>${status} ${reason}</H1>\n${words}\n</BODY></HTML>\n`,
    });
    if (request?.method === "POST") return refuse(501, "Not Implemented", "The requested method is not recognized");
    if (!request || (request.method !== "GET" && request.method !== "HEAD")) return refuse(400, "Bad Request", "Unsupported method");
    const path = pathOf(request.target);
    const body = path === undefined ? undefined : pages(path);
    if (path === undefined || body === undefined) return refuse(404, "Not Found", "The requested URL was not found");
    const length = utf8Length(body);
    return {
      status: 200,
      reason: "OK",
      version: "HTTP/1.1",
      headers: [
        ...common,
        ["Content-type", NAMES.find(([suffix]) => path.endsWith(suffix))?.[1] ?? "text/html"],
        ["Accept-Ranges", "bytes"],
        ["Last-Modified", started.toUTCString()],
        ["ETag", `"${Math.floor(started.getTime() / 1000).toString(16)}-${length.toString(16)}"`],
        ["Content-Length", String(length)],
      ],
      body,
    };
  };
}

/** BusyBox httpd's backlog. */
const BACKLOG = 9;

/** A port of all addresses, both families: what ss shows as *:PORT. */
export const everywhere = (port: number): readonly LocalAddress[] => [{ family: 6, dual: true, port }];

/** Serves pages, on port 80 of all addresses or on those given, until it is interrupted; returns the reason if it cannot listen. */
export function serveWeb(owner: ServiceOwner, pages: Pages, addresses: readonly LocalAddress[] = everywhere(80)): Op<SocketErrno> {
  const respond = pageServer(owner, pages);
  return serveTcp(owner, addresses, BACKLOG, (socket) => answerOnce(socket, respond, false));
}
