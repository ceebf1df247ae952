/** `wget`: fetches into a file. GNU's words on a machine, BusyBox' in a container, where that is the wget there is. */
import { formatIp, type Ip } from "../../../../kernel/address.ts";
import { ERRNO_TEXT } from "../../../../kernel/socket/errors.ts";
import type { SocketErrno } from "../../../../kernel/socket/table.ts";
import type { TcpSocket } from "../../../../kernel/socket/tcp.ts";
import { type Op, sleep } from "../../../../kernel/task.ts";
import { resolvePath } from "../../../../kernel/vfs.ts";
import { utf8Length } from "../../../../kernel/wire/length.ts";
import type { Command, Process } from "../../../command.ts";
import { getopt, OptionError } from "../../../getopt.ts";
import { parseLiteral, ResolveError, resolveHost } from "../../../resolver.ts";
import { isoDate } from "../../../wall-clock.ts";
import { connect } from "./connect.ts";
import { type Answer, type ExchangeFailure, exchangeHttp } from "./exchange.ts";
import { hostAndPort, parseUrl, resolveLocation, type Url, UrlError } from "./url.ts";

interface Options {
  output: string | undefined;
  /** -P: where files go that -O names none for. */
  folder: string | undefined;
  /** -c: what is there already is not asked for again. */
  resume: boolean;
  quiet: boolean;
  spider: boolean;
  serverResponse: boolean;
  verbose: boolean;
  /** Seconds. */
  timeout: number;
  tries: number;
  family: 4 | 6 | undefined;
  headers: string[];
  agent: string;
  post: string | undefined;
}

/** GNU wget's exit codes. */
const GENERIC = 1;
const PARSE = 2;
const NETWORK = 4;
const SERVER = 8;

const LONG = {
  "output-document": true,
  "directory-prefix": true,
  continue: false,
  quiet: false,
  spider: false,
  "server-response": false,
  "no-verbose": false,
  verbose: false,
  timeout: true,
  "connect-timeout": true,
  "read-timeout": true,
  tries: true,
  "inet4-only": false,
  "inet6-only": false,
  header: true,
  "user-agent": true,
  "post-data": true,
  "no-check-certificate": false,
  help: false,
} as const;

/** BusyBox' own usage, with what it supports. */
const BUSYBOX_USAGE = `BusyBox v1.38.0 (Debian 1:1.38.0-3+b1) multi-call binary.

Usage: wget [-cqS] [--spider] [-O FILE] [-o LOGFILE] [--header STR]
\t[--post-data STR | --post-file FILE] [-Y on/off]
\t[--no-check-certificate] [-P DIR] [-U AGENT] [-T SEC] URL...

Retrieve files via HTTP or FTP

\t--spider\tOnly check URL existence: $? is 0 if exists
\t--header STR\tAdd STR (of form 'header: value') to headers
\t--post-data STR\tSend STR using POST method
\t--post-file FILE\tSend FILE using POST method
\t--no-check-certificate\tDon't validate the server's certificate
\t-c\t\tContinue retrieval of aborted transfer
\t-q\t\tQuiet
\t-P DIR\t\tSave to DIR (default .)
\t-S    \t\tShow server response
\t-T SEC\t\tNetwork read timeout is SEC seconds
\t-O FILE\t\tSave to FILE ('-' for stdout)
\t-o LOGFILE\tLog messages to FILE
\t-U STR\t\tUse STR for User-Agent header
\t-Y on/off\tUse proxy
`;

const SUPPORTED = "-O FILE, -P DIR, -c, -q, -nv, -S, -T SECONDS, -t TRIES, -U AGENT, -4, -6, --spider, --header, --post-data";

export const wget: Command = {
  name: "wget",
  summary: "fetch into a file: wget [-qO-] [-T SECONDS] URL",
  run,
};

function* run(process: Process): Op<number> {
  const busybox = process.container !== undefined;
  const { stderr } = process;
  const words = process.argv.slice(1).map((word) => (word === "-nv" ? "--no-verbose" : word));
  const parsed = getopt(words, { short: "O:P:qST:t:46U:cvh", long: LONG });
  if (parsed instanceof OptionError) {
    stderr.write(`wget: ${parsed.message}\n`);
    stderr.write(busybox ? BUSYBOX_USAGE : "Usage: wget [OPTION]... [URL]...\n\nTry `wget --help' for more options.\n");
    return busybox ? GENERIC : PARSE;
  }
  const options: Options = {
    output: undefined,
    folder: undefined,
    resume: false,
    quiet: false,
    spider: false,
    serverResponse: false,
    verbose: true,
    timeout: 900,
    tries: 20,
    family: undefined,
    headers: [],
    agent: busybox ? "Wget" : "Wget/1.25.0",
    post: undefined,
  };
  for (const { name, value } of parsed.options) {
    const number = /^\d{1,6}(\.\d+)?$/.test(value) ? Number(value) : undefined;
    switch (name) {
      case "O":
      case "output-document":
        options.output = value;
        break;
      case "P":
      case "directory-prefix":
        options.folder = value;
        break;
      case "c":
      case "continue":
        options.resume = true;
        break;
      case "q":
      case "quiet":
        options.quiet = true;
        break;
      case "spider":
        options.spider = true;
        break;
      case "S":
      case "server-response":
        options.serverResponse = true;
        break;
      case "no-verbose":
        options.verbose = false;
        break;
      case "T":
      case "timeout":
      case "connect-timeout":
      case "read-timeout":
        if (number === undefined) return invalid(process, name, value, "time period");
        options.timeout = number;
        break;
      case "t":
      case "tries":
        if (number === undefined && value !== "inf") return invalid(process, name, value, "number");
        options.tries = number || 1_000_000;
        break;
      case "4":
      case "inet4-only":
        options.family = 4;
        break;
      case "6":
      case "inet6-only":
        options.family = 6;
        break;
      case "U":
      case "user-agent":
        options.agent = value;
        break;
      case "header":
        options.headers.push(value);
        break;
      case "post-data":
        options.post = value;
        break;
      case "h":
      case "help":
        process.stdout.write(`Usage: wget [OPTION]... [URL]...\nSupported here: ${SUPPORTED}\n`);
        return 0;
    }
  }
  if (parsed.operands.length === 0) {
    stderr.write(busybox ? BUSYBOX_USAGE : "wget: missing URL\nUsage: wget [OPTION]... [URL]...\n\nTry `wget --help' for more options.\n");
    return GENERIC;
  }
  let status = 0;
  for (const text of parsed.operands) status = (yield* fetchUrl(process, options, text, busybox)) || status;
  return status;
}

function invalid(process: Process, name: string, value: string, what: string): number {
  process.stderr.write(`wget: ${name.length === 1 ? `-${name}` : `--${name}`}: Invalid ${what} ‘${value}’\n`);
  return PARSE;
}

const buildRequest = (options: Options, url: Url, busybox: boolean): string =>
  `${options.spider && !busybox ? "HEAD" : options.post === undefined ? "GET" : "POST"} ${url.target} HTTP/1.1\r\n` +
  `Host: ${hostAndPort(url)}\r\nUser-Agent: ${options.agent}\r\n` +
  `${busybox ? "" : "Accept: */*\r\nAccept-Encoding: identity\r\n"}${options.headers.map((header) => `${header}\r\n`).join("")}` +
  `${options.post === undefined ? "" : `Content-Type: application/x-www-form-urlencoded\r\nContent-Length: ${utf8Length(options.post)}\r\n`}` +
  `Connection: ${busybox ? "close" : "Keep-Alive"}\r\n\r\n${options.post ?? ""}`;

/** Follows redirects from one URL and keeps what comes. */
function* fetchUrl(process: Process, options: Options, text: string, busybox: boolean): Op<number> {
  let target = /^[a-z]+:\/\//i.test(text) ? text : `http://${text}`;
  for (let redirects = 0; redirects <= 20; redirects++) {
    const url = parseUrl(target);
    if (url instanceof UrlError) {
      process.stderr.write(
        busybox
          ? `wget: bad address '${text}'\n`
          : `${target}: ${url.message === "No host present" ? "Invalid host name" : "Bad port number"}.\n`,
      );
      return GENERIC;
    }
    if (url.scheme !== "http") {
      process.stderr.write(`wget: ${url.scheme} is not supported here; http is\n`);
      return GENERIC;
    }
    const normal = `http://${hostAndPort(url)}${url.target}`;
    const outcome = busybox ? yield* fetchBusybox(process, options, url) : yield* fetchGnu(process, options, url, normal);
    if (typeof outcome === "number") return outcome;
    target = resolveLocation(url, outcome);
  }
  process.stderr.write(busybox ? "wget: too many redirections\n" : "20 redirections exceeded.\n");
  return busybox ? GENERIC : SERVER;
}

const isRedirect = (answer: Answer): boolean => answer.status >= 300 && answer.status < 400 && answer.headers.has("location");

/** index.html, or the path's last part. */
const nameOf = (url: Url): string => (url.target.split("?")[0] as string).split("/").pop() || "index.html";

const inFolder = ({ folder }: Options, name: string): string => (folder === undefined ? name : `${folder.replace(/\/$/, "")}/${name}`);

/** The exit status, or where to go instead. */
function* fetchGnu(process: Process, options: Options, url: Url, text: string): Op<number | string> {
  const { kernel } = process.netns;
  const say = (words: string): void => {
    if (!options.quiet && options.verbose) process.stderr.write(words);
  };
  const now = (): string => isoDate(kernel.date());
  if (options.spider) say("Spider mode enabled. Check if remote file exists.\n");
  for (let attempt = 1; ; attempt++) {
    say(`--${now()}--  ${attempt > 1 ? `(try:${String(attempt).padStart(2)})  ` : ""}${text}\n`);
    const literal = parseLiteral(url.host);
    const host = yield* resolveHost(process, url.host, options.family);
    if (literal === undefined) say(`Resolving ${url.host} (${url.host})... `);
    if (host instanceof ResolveError) {
      say(`failed: ${host.message}.\n`);
      if (!options.quiet) process.stderr.write(`wget: unable to resolve host address ‘${url.host}’\n`);
      return NETWORK;
    }
    if (literal === undefined) say(`${host.addresses.map(formatIp).join(", ")}\n`);
    let outcome: TcpSocket | SocketErrno | "timeout" = "EHOSTUNREACH";
    for (const ip of host.addresses) {
      const shown = literal === undefined ? `${url.host} (${url.host})|${formatIp(ip)}|:${url.port}` : `${formatIp(ip)}:${url.port}`;
      say(`Connecting to ${shown}... `);
      outcome = yield* connect(process, ip, url.port, { deadline: deadlineOf(process, options) });
      if (typeof outcome !== "string") break;
      say(`failed: ${outcome === "timeout" ? "Connection timed out" : ERRNO_TEXT[outcome]}.\n`);
    }
    if (typeof outcome !== "string") {
      say("connected.\nHTTP request sent, awaiting response... ");
      const start = kernel.clock.now;
      const answer = yield* exchange(process, outcome, options, url, false);
      if (!("failure" in answer)) return finishGnu(process, options, url, answer, start, say);
      say(
        answer.failure === "timeout"
          ? "Read error (Connection timed out) in headers.\n"
          : answer.failure === "reset"
            ? "Read error (Connection reset by peer) in headers.\n"
            : "No data received.\n",
      );
    } else if (outcome === "ECONNREFUSED" || outcome === "ENETUNREACH" || outcome === "EHOSTUNREACH") return NETWORK;
    if (attempt >= options.tries) {
      say("Giving up.\n\n");
      return NETWORK;
    }
    say("Retrying.\n\n");
    yield sleep(Math.min(10, attempt) * 1_000_000);
  }
}

const deadlineOf = (process: Process, options: Options): number | undefined =>
  options.timeout > 0 ? process.netns.kernel.clock.now + options.timeout * 1_000_000 : undefined;

function* exchange(process: Process, socket: TcpSocket, options: Options, url: Url, busybox: boolean): Op<Answer | ExchangeFailure> {
  try {
    return yield* exchangeHttp(
      process,
      socket,
      buildRequest(options, url, busybox),
      options.spider && !busybox,
      deadlineOf(process, options),
    );
  } finally {
    socket.receive();
    socket.close();
  }
}

function finishGnu(
  process: Process,
  options: Options,
  url: Url,
  answer: Answer,
  start: number,
  say: (words: string) => void,
): number | string {
  const { kernel } = process.netns;
  if (options.serverResponse) say(`\n${answer.lines.map((line) => `  ${line}\n`).join("")}`);
  else say(`${answer.status} ${answer.reason}\n`);
  if (isRedirect(answer)) {
    const location = answer.headers.get("location") as string;
    say(`Location: ${location} [following]\n`);
    return location;
  }
  if (answer.status >= 400) {
    if (options.spider && answer.status === 404) say("Remote file does not exist -- broken link!!!\n\n");
    else if (!options.quiet) process.stderr.write(`${isoDate(kernel.date())} ERROR ${answer.status}: ${answer.reason}.\n\n`);
    return SERVER;
  }
  const length = answer.headers.get("content-length");
  const type = answer.headers.get("content-type")?.split(";")[0];
  say(`Length: ${length ?? "unspecified"}${type === undefined ? "" : ` [${type}]`}\n`);
  if (options.spider) {
    say("Remote file exists and could contain further links,\nbut recursion is disabled -- not retrieving.\n\n");
    return 0;
  }
  const size = utf8Length(answer.body);
  const name = options.output ?? inFolder(options, nameOf(url));
  if (options.resume && name !== "-") {
    const kept = process.fs.read(resolvePath(process.cwd, name));
    if (typeof kept === "string" && utf8Length(kept) >= size) {
      say("\n    The file is already fully retrieved; nothing to do.\n\n");
      return 0;
    }
  }
  const wanted = options.output ?? (options.resume ? name : freeName(process, name));
  say(`Saving to: ‘${wanted === "-" ? "STDOUT" : wanted}’\n\n`);
  if (wanted === "-") process.stdout.write(answer.body);
  else if (wanted !== "/dev/null") {
    const refused = process.fs.write(resolvePath(process.cwd, wanted), answer.body);
    if (refused) {
      process.stderr.write(`${wanted}: ${refused.message}\n\nCannot write to ‘${wanted}’ (${refused.message}).\n`);
      return 3;
    }
  }
  const seconds = (kernel.clock.now - start) / 1_000_000;
  const speed = rate(size, seconds);
  say(
    `     0K ${" ".repeat(51)}${length === undefined ? "" : "100%"} ${speed.replace(" ", "").replace("B/s", "")}=${seconds < 0.0005 ? "0" : seconds.toPrecision(1)}s\n\n`,
  );
  const end = wanted === "-" ? "written to stdout" : `‘${wanted}’ saved`;
  say(`${isoDate(kernel.date())} (${speed}) - ${end} [${size}${length === undefined ? "" : `/${length}`}]\n\n`);
  return 0;
}

/** "1.09 MB/s", as retr_rate() prints it. */
function rate(bytes: number, seconds: number): string {
  let value = bytes / Math.max(seconds, 0.000001);
  const units = ["B/s", "KB/s", "MB/s", "GB/s"];
  let unit = 0;
  while (value >= 1024 && unit < units.length - 1) {
    value /= 1024;
    unit++;
  }
  return `${value >= 99.95 ? value.toFixed(0) : value >= 9.995 ? value.toFixed(1) : value.toFixed(2)} ${units[unit]}`;
}

/** A name that is not taken: index.html, index.html.1 … */
function freeName(process: Process, name: string): string {
  if (!process.fs.exists(resolvePath(process.cwd, name))) return name;
  for (let i = 1; ; i++) if (!process.fs.exists(resolvePath(process.cwd, `${name}.${i}`))) return `${name}.${i}`;
}

/** BusyBox wget: its words, its exit status of 1 for everything. */
function* fetchBusybox(process: Process, options: Options, url: Url): Op<number | string> {
  const say = (words: string): void => {
    if (!options.quiet) process.stderr.write(words);
  };
  const host = yield* resolveHost(process, url.host, options.family);
  if (host instanceof ResolveError) {
    process.stderr.write(`wget: bad address '${url.port === 80 && !url.explicitPort ? url.host : `${url.host}:${url.port}`}'\n`);
    return GENERIC;
  }
  const ip = host.addresses[0] as Ip;
  const shown = typeof ip === "bigint" ? `[${formatIp(ip)}]` : formatIp(ip);
  say(`Connecting to ${hostAndPort(url)} (${shown}:${url.port})\n`);
  const socket = yield* connect(process, ip, url.port, { deadline: deadlineOf(process, options) });
  if (socket === "timeout") {
    process.stderr.write("wget: download timed out\n");
    return GENERIC;
  }
  if (typeof socket === "string") {
    process.stderr.write(`wget: can't connect to remote host (${formatIp(ip)}): ${ERRNO_TEXT[socket]}\n`);
    return GENERIC;
  }
  const answer = yield* exchange(process, socket, options, url, true);
  if ("failure" in answer) {
    const why =
      { timeout: "download timed out", reset: "error getting response: Connection reset by peer" }[answer.failure as string] ??
      "error getting response";
    process.stderr.write(`wget: ${why}\n`);
    return GENERIC;
  }
  if (options.serverResponse) process.stderr.write(answer.lines.map((line) => `  ${line}\n`).join(""));
  if (isRedirect(answer)) return answer.headers.get("location") as string;
  if (answer.status >= 400) {
    process.stderr.write(`wget: server returned error: ${answer.version} ${answer.status} ${answer.reason}\n`);
    return GENERIC;
  }
  if (options.spider) {
    say("remote file exists\n");
    return 0;
  }
  const name = options.output ?? inFolder(options, nameOf(url));
  const size = String(utf8Length(answer.body)).padStart(6);
  const shownName = name.split("/").pop() as string;
  const progress = `${shownName.slice(0, 20).padEnd(20)} 100% |********************************|${size}  0:00:00 ETA\n`;
  if (name === "-") {
    say(`writing to stdout\n${progress}`);
    process.stdout.write(answer.body);
    say("written to stdout\n");
    return 0;
  }
  const path = resolvePath(process.cwd, name);
  // Servers here know no ranges: what was there already comes again.
  if (options.resume && process.fs.exists(path)) process.stderr.write("wget: restart failed\n");
  else if (options.output === undefined && process.fs.exists(path)) {
    process.stderr.write(`wget: can't open '${name}': File exists\n`);
    return GENERIC;
  }
  const refused = name === "/dev/null" ? undefined : process.fs.write(path, answer.body);
  if (refused) {
    process.stderr.write(`wget: can't open '${name}': ${refused.message}\n`);
    return GENERIC;
  }
  say(`saving to '${name}'\n${progress}'${name}' saved\n`);
  return 0;
}
