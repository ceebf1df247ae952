/** One HTTP request and its answer on a connected socket, for curl and wget. */
import type { TcpSocket } from "../../../../kernel/socket/tcp.ts";
import { anyOf, type Op, sleep } from "../../../../kernel/task.ts";
import { utf8Length } from "../../../../kernel/wire/length.ts";
import type { Process } from "../../../command.ts";
import { headEnd, parseHeaders } from "../../../services/http.ts";

export interface Answer {
  readonly version: string;
  readonly status: number;
  readonly reason: string;
  /** Lines as they came, the status line first. */
  readonly lines: readonly string[];
  readonly headers: ReadonlyMap<string, string>;
  readonly body: string;
  /** Bytes of the head with its empty line. */
  readonly headLength: number;
}

/** Why there is no whole answer; `received` is how much of the body had come. */
export interface ExchangeFailure {
  readonly failure: "empty" | "reset" | "timeout" | "not-http" | "partial" | "error";
  readonly errno?: string;
  readonly received: number;
  readonly missing: number;
  readonly answer?: Answer;
}

/** Sends `request` and reads until the answer is whole or `deadline` (µs of virtual time) has passed. */
export function* exchangeHttp(
  process: Process,
  socket: TcpSocket,
  request: string,
  head: boolean,
  deadline: number | undefined,
): Op<Answer | ExchangeFailure> {
  const { clock } = process.netns.kernel;
  const failure = (kind: ExchangeFailure["failure"], extra: Partial<ExchangeFailure> = {}): ExchangeFailure => ({
    failure: kind,
    received: 0,
    missing: 0,
    ...extra,
  });
  socket.send(request);
  let text = "";
  for (;;) {
    text += socket.receive();
    const answer = parseAnswer(text, head);
    if (answer === "not-http") return failure("not-http");
    const over = socket.ended || socket.error !== undefined;
    if (answer) {
      const length = answer.headers.get("content-length");
      const missing = head || length === undefined ? 0 : Number(length) - utf8Length(answer.body);
      const chunked = !head && answer.headers.get("transfer-encoding")?.toLowerCase() === "chunked";
      const chunks = chunked ? unchunk(answer.body) : undefined;
      if (chunks !== undefined) return { ...answer, body: chunks };
      if (head || answer.status === 204 || answer.status === 304) return { ...answer, body: "" };
      if (!chunked && length !== undefined && missing <= 0) return answer;
      if (over && socket.error) return failure("reset", { errno: socket.error, received: utf8Length(answer.body), missing, answer });
      if (over && (chunked || missing > 0)) return failure("partial", { received: utf8Length(answer.body), missing, answer });
      if (over) return answer;
    } else if (over) {
      if (socket.error) return failure("reset", { errno: socket.error });
      return failure(text === "" ? "empty" : "not-http");
    }
    if (deadline === undefined) yield socket.changed;
    else if (clock.now >= deadline) return failure("timeout", { received: answer ? utf8Length(answer.body) : 0, answer });
    else yield anyOf(socket.changed, sleep(deadline - clock.now));
  }
}

function parseAnswer(text: string, headOnly: boolean): Answer | "not-http" | undefined {
  if (text.length >= 5 && !text.startsWith("HTTP/")) return "not-http";
  const end = headEnd(text);
  if (!end) return undefined;
  const lines = end.head.split(/\r?\n/);
  const match = /^(HTTP\/\d(?:\.\d)?) (\d{3}) ?(.*)$/.exec(lines[0] as string);
  if (!match) return "not-http";
  return {
    version: match[1] as string,
    status: Number(match[2]),
    reason: match[3] as string,
    lines,
    headers: parseHeaders(lines.slice(1)),
    body: headOnly ? "" : text.slice(end.body),
    headLength: utf8Length(text.slice(0, end.body)),
  };
}

/** The text of a chunked body (RFC 9112 section 7.1), undefined while its end has not come. */
function unchunk(text: string): string | undefined {
  let rest = text;
  let body = "";
  for (;;) {
    const match = /^([0-9a-fA-F]+)[^\r\n]*\r\n/.exec(rest);
    if (!match) return undefined;
    const size = Number.parseInt(match[1] as string, 16);
    rest = rest.slice(match[0].length);
    if (size === 0) return body;
    if (rest.length < size + 2) return undefined;
    body += rest.slice(0, size);
    rest = rest.slice(size + 2);
  }
}
