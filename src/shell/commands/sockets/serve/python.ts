/** `python3 -m http.server`: the one thing that python is here for (Lib/http/server.py). */
import { formatIp, type Ip, parseIp } from "../../../../kernel/address.ts";
import { ERRNO_TEXT } from "../../../../kernel/socket/errors.ts";
import { type Op, Signal } from "../../../../kernel/task.ts";
import { resolvePath } from "../../../../kernel/vfs.ts";
import { utf8Length } from "../../../../kernel/wire/length.ts";
import type { Command, Process } from "../../../command.ts";
import { type HttpResponse, pathOf } from "../../../services/http.ts";
import { serveTcp } from "../../../services/service.ts";
import { answerOnce, type Respond } from "../../../services/web-server.ts";
import { logDate } from "../../../wall-clock.ts";

const VERSION = "3.11.2";
const BACKLOG = 5;

interface Options {
  port: number;
  bind: Ip | undefined;
  directory: string;
}

const USAGE = "usage: server.py [-h] [--cgi] [-b ADDRESS] [-d DIRECTORY] [-p VERSION] [port]\n";

function* run(process: Process): Op<number> {
  const { stdout, stderr } = process;
  const words = process.argv.slice(1);
  if (words[0] === "-V" || words[0] === "--version") {
    stdout.write(`Python ${VERSION}\n`);
    return 0;
  }
  const flags = words[0] === "-u" ? words.slice(1) : words;
  if (flags[0] !== "-m" || flags[1] !== "http.server") {
    stderr.write(`${process.argv[0]}: only "python3 -m http.server [PORT] [--bind ADDRESS] [--directory DIRECTORY]" runs here\n`);
    return 1;
  }
  const options = parse(process, flags.slice(2));
  if (typeof options === "string") {
    stderr.write(options);
    return 2;
  }
  const { bind, port } = options;
  const shown = bind === undefined ? "0.0.0.0" : formatIp(bind);
  const owner = { netns: process.netns, pid: process.pid, name: "python3" };
  const serving = serveTcp(owner, [{ ip: bind, family: typeof bind === "bigint" ? 6 : 4, port }], BACKLOG, (socket) =>
    answerOnce(socket, responder(process, options), true),
  );
  // It is listening as soon as it waits; what comes back at once is a refusal.
  const first = serving.next();
  if (first.done) {
    stderr.write(`OSError: [Errno ${first.value === "EADDRINUSE" ? 98 : 99}] ${ERRNO_TEXT[first.value]}\n`);
    return 1;
  }
  const host = typeof bind === "bigint" ? `[${shown}]` : shown;
  stdout.write(`Serving HTTP on ${shown} port ${port} (http://${host}:${port}/) ...\n`);
  try {
    yield first.value;
    yield* serving;
    return 1;
  } catch (thrown) {
    serving.return("EINVAL");
    if (!(thrown instanceof Signal) || thrown.name !== "INT") throw thrown;
    stdout.write("\nKeyboard interrupt received, exiting.\n");
    return 0;
  }
}

function parse(process: Process, words: readonly string[]): Options | string {
  const options: Options = { port: 8000, bind: undefined, directory: process.cwd };
  for (let i = 0; i < words.length; i++) {
    const [word = "", attached] = (words[i] as string).split("=");
    if (word === "-b" || word === "--bind" || word === "-d" || word === "--directory") {
      const value = attached ?? words[++i];
      if (value === undefined) return `${USAGE}server.py: error: argument ${word}: expected one argument\n`;
      if (word === "-d" || word === "--directory") {
        options.directory = resolvePath(process.cwd, value);
        continue;
      }
      options.bind = parseIp(value);
      if (options.bind === undefined) return "socket.gaierror: [Errno -2] Name or service not known\n";
    } else if (word.startsWith("-")) return `${USAGE}server.py: error: unrecognized arguments: ${words[i]}\n`;
    else if (!/^\d{1,5}$/.test(word)) return `${USAGE}server.py: error: argument port: invalid int value: '${word}'\n`;
    else if (Number(word) > 65535) return "OverflowError: bind(): port must be 0-65535.\n";
    else options.port = Number(word);
  }
  return options;
}

/** SimpleHTTPRequestHandler: files, listings of directories, and a line on stderr for each request. */
function responder(process: Process, options: Options): Respond {
  const { kernel } = process.netns;
  const started = kernel.date().toUTCString();
  return (request, socket) => {
    const log = (words: string): void => {
      const from = typeof socket.remote === "number" ? formatIp(socket.remote) : formatIp(socket.remote).replace(/^::ffff:/, "");
      process.stderr.write(`${from} - - [${logDate(kernel.date())}] ${words}\n`);
    };
    const server: readonly (readonly [string, string])[] = [
      ["Server", `SimpleHTTP/0.6 Python/${VERSION}`],
      ["Date", kernel.date().toUTCString()],
    ];
    const line = request ? `${request.method} ${request.target} ${request.version || "HTTP/0.9"}` : "";
    const refuse = (status: number, reason: string, message: string, explanation: string): HttpResponse => {
      log(`code ${status}, message ${message}`);
      log(`"${line}" ${status} -`);
      const body = errorPage(status, message, explanation);
      return {
        status,
        reason,
        version: "HTTP/1.0",
        headers: [
          ...server,
          ["Connection", "close"],
          ["Content-Type", "text/html;charset=utf-8"],
          ["Content-Length", String(utf8Length(body))],
        ],
        body,
      };
    };
    if (!request) return refuse(400, "Bad request syntax", "Bad request syntax", "Bad request syntax or unsupported method");
    if (request.method !== "GET" && request.method !== "HEAD")
      return refuse(
        501,
        `Unsupported method ('${request.method}')`,
        `Unsupported method ('${request.method}')`,
        "Server does not support this operation",
      );
    const path = pathOf(request.target);
    const found = path === undefined ? undefined : fileOrListing(process, options.directory, path);
    if (found === undefined) return refuse(404, "File not found", "File not found", "Nothing matches the given URI");
    log(`"${line}" 200 -`);
    const modified: readonly (readonly [string, string])[] = found.listing ? [] : [["Last-Modified", started]];
    return {
      status: 200,
      reason: "OK",
      version: "HTTP/1.0",
      headers: [...server, ["Content-type", found.type], ["Content-Length", String(utf8Length(found.body))], ...modified],
      body: found.body,
    };
  };
}

function errorPage(status: number, message: string, explanation: string): string {
  return `<!DOCTYPE HTML>
<html lang="en">
    <head>
        <meta charset="utf-8">
        <title>Error response</title>
    </head>
    <body>
        <h1>Error response</h1>
        <p>Error code: ${status}</p>
        <p>Message: ${message}.</p>
        <p>Error code explanation: ${status} - ${explanation}.</p>
    </body>
</html>
`;
}

const escapeHtml = (text: string): string => text.replace(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`);

function fileOrListing(
  process: Process,
  directory: string,
  path: string,
): { readonly body: string; readonly type: string; readonly listing: boolean } | undefined {
  const { fs } = process;
  const file = resolvePath("/", `${directory}/${path}`);
  const text = fs.read(fs.isDirectory(file) ? resolvePath(file, "index.html") : file);
  if (typeof text === "string") {
    const type =
      /\.html?$/.test(file) || fs.isDirectory(file)
        ? "text/html"
        : /\.(txt|conf|sh|md)$/.test(file)
          ? "text/plain"
          : "application/octet-stream";
    return { body: text, type, listing: false };
  }
  const names = fs.list(file);
  if (!Array.isArray(names)) return undefined;
  const title = `Directory listing for ${escapeHtml(path)}`;
  const items = names.map((name: string) => {
    const shown = fs.isDirectory(resolvePath(file, name)) ? `${name}/` : name;
    return `<li><a href="${encodeURI(shown)}">${escapeHtml(shown)}</a></li>\n`;
  });
  const body = `<!DOCTYPE HTML>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n<title>${title}</title>\n</head>\n<body>\n<h1>${title}</h1>\n<hr>\n<ul>\n${items.join("")}</ul>\n<hr>\n</body>\n</html>\n`;
  return { body, type: "text/html; charset=utf-8", listing: true };
}

export const pythonCommands: readonly Command[] = ["python3", "python"].map((name) => ({
  name,
  summary: `a web server of the current directory: ${name} -m http.server [PORT]`,
  run,
}));
