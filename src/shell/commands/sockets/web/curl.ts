/** `curl`: fetches over HTTP (curl 8, src/tool_operate.c and lib/). */
import { familyOf, formatIp, type Ip, parseIp } from "../../../../kernel/address.ts";
import type { NetDevice } from "../../../../kernel/device/device.ts";
import { ERRNO_TEXT } from "../../../../kernel/socket/errors.ts";
import type { SocketErrno } from "../../../../kernel/socket/table.ts";
import { anyOf, type Op, sleep, Task } from "../../../../kernel/task.ts";
import { Tty } from "../../../../kernel/tty.ts";
import { resolvePath } from "../../../../kernel/vfs.ts";
import { utf8Length } from "../../../../kernel/wire/length.ts";
import type { Command, Process } from "../../../command.ts";
import { ResolveError, resolveHost } from "../../../resolver.ts";
import { connectAny } from "./connect.ts";
import { type CurlOptions, parseCurl } from "./curl-options.ts";
import { CURL_HELP, CURL_VERSION_TEXT, METER_HEAD, meterLines } from "./curl-text.ts";
import { type Answer, exchangeHttp } from "./exchange.ts";
import { DEFAULT_PORTS, hostAndPort, parseUrl, resolveLocation, type Url, UrlError } from "./url.ts";

/** What a transfer came to: curl's exit code, its message, and what -w may ask for. */
interface Transfer {
  code: number;
  message: string;
  url: string;
  answer: Answer | undefined;
  redirects: number;
  connects: number;
  localIp: string;
  localPort: number;
  remoteIp: string;
  remotePort: number;
  requestSize: number;
  uploaded: number;
  /** µs of virtual time. */
  start: number;
  resolved: number;
  connected: number;
  firstByte: number;
  end: number;
}

const LOOPBACK: readonly Ip[] = [1n, 0x7f000001];

/** Connecting takes at most so many seconds when nothing else is said. */
const CONNECT_TIMEOUT = 300;

export const curl: Command = {
  name: "curl",
  summary: "fetch a page: curl [-s] [-v] [-m SECONDS] URL",
  complete: ({ current }) =>
    current.startsWith("-") ? ["-s", "-v", "-I", "-i", "-m", "-o", "-w", "-L", "-4", "-6", "--connect-timeout"] : [],
  run,
};

function* run(process: Process): Op<number> {
  const options = parseCurl(process.argv.slice(1));
  if ("text" in options) {
    process.stderr.write(options.text);
    return 2;
  }
  if (options.help) process.stdout.write(CURL_HELP);
  else if (options.version) process.stdout.write(CURL_VERSION_TEXT);
  if (options.help || options.version) return 0;
  if (options.urls.length === 0) {
    process.stderr.write("curl: try 'curl --help' or 'curl --manual' for more information\n");
    return 2;
  }
  if (options.method !== undefined && options.verbose) {
    const inferred = options.head ? "HEAD" : options.data.length > 0 && !options.get ? "POST" : "GET";
    if (options.method === inferred) {
      process.stderr.write(`Note: Unnecessary use of -X or --request, ${inferred} is already inferred.\n`);
    }
  }
  let code = 0;
  const urls = options.urls.flatMap((text, index) => (options.globOff ? [text] : globbed(text)).map((one) => [index, one] as const));
  for (const [index, text] of urls) {
    const transfer = yield* fetchUrl(process, options, text, outputOf(options, index, text));
    code = transfer.code;
    if (code !== 0 && (!options.silent || options.showError)) process.stderr.write(`curl: (${code}) ${transfer.message}\n`);
    if (options.writeOut !== undefined) process.stdout.write(writeOut(options.writeOut, transfer, options));
  }
  return code;
}

/** Sets and ranges in a URL (lib tool_urlglob.c): {one,two}, [1-3], [01-10:3], [a-c]; an IPv6 address in brackets is none. */
function globbed(text: string): readonly string[] {
  const set = /\{([^{}]*,[^{}]*)\}|\[(?:(\d+)-(\d+)|([a-z])-([a-z])|([A-Z])-([A-Z]))(?::(\d+))?\]/.exec(text);
  if (!set) return [text];
  const [whole, list, from, to] = set;
  const step = Math.max(1, Number(set[8] ?? 1));
  const values: string[] = [];
  if (list !== undefined) values.push(...list.split(","));
  else if (from !== undefined)
    for (let i = Number(from); i <= Number(to) && values.length < MOST_GLOBBED; i += step)
      values.push(String(i).padStart(from.startsWith("0") ? from.length : 0, "0"));
  else {
    const [first, last] = [set[4] ?? set[6], set[5] ?? set[7]].map((letter) => (letter as string).charCodeAt(0)) as [number, number];
    for (let i = first; i <= last; i += step) values.push(String.fromCharCode(i));
  }
  const rest = globbed(text.slice(set.index + whole.length));
  return values.flatMap((value) => rest.map((tail) => text.slice(0, set.index) + value + tail)).slice(0, MOST_GLOBBED);
}

/** The file for the URL at a position, undefined for standard output. */
function outputOf(options: CurlOptions, index: number, text: string): string | undefined {
  const named = options.outputs[index];
  if (named !== undefined) return named === "-" ? undefined : named;
  if (options.remoteNames <= index - options.outputs.length) return undefined;
  return options.remoteNames > 0 ? (text.split(/[?#]/)[0] as string).replace(/\/+$/, "").split("/").pop() : undefined;
}

/** Fetches one URL, redirects and retries included, and writes what came. */
function* fetchUrl(process: Process, options: CurlOptions, text: string, file: string | undefined): Op<Transfer> {
  const { clock } = process.netns.kernel;
  let transfer: Transfer;
  let target = text;
  let redirects = 0;
  let retries = 0;
  const start = clock.now;
  const printed: string[] = [];
  const toTerminal = process.stdout instanceof Tty && file === undefined;
  const meter = !options.silent && !options.noMeter && !toTerminal;
  for (;;) {
    transfer = yield* transferOnce(process, options, target, start, meter, toTerminal, (part) => {
      // A terminal shows it as it comes; where a redirect may follow, only the last page counts.
      if (toTerminal && !options.location) process.stdout.write(part);
      else printed.push(part);
    });
    transfer.redirects = redirects;
    // Time-outs and refusals are worth another try, with the pause doubled each time (--retry).
    if (
      retries < options.retries &&
      (transfer.code === 28 || (transfer.answer && [408, 429, 500, 502, 503, 504].includes(transfer.answer.status)))
    ) {
      yield sleep(1_000_000 * (options.retryDelay || 2 ** retries));
      retries++;
      continue;
    }
    const location = transfer.answer?.headers.get("location");
    if (transfer.code !== 0 || !options.location || location === undefined || Math.floor((transfer.answer?.status ?? 0) / 100) !== 3) break;
    if (options.maxRedirects >= 0 && redirects >= options.maxRedirects) {
      transfer.code = 47;
      transfer.message = `Maximum (${options.maxRedirects}) redirects followed`;
      break;
    }
    redirects++;
    if (!options.include) printed.length = 0;
    const base = parseUrl(target);
    target = base instanceof UrlError ? location : resolveLocation(base, location);
  }
  const body = printed.join("");
  if (file !== undefined && transfer.answer && (transfer.code === 0 || body !== "")) {
    const refused = file === "/dev/null" ? undefined : process.fs.write(resolvePath(process.cwd, file), body);
    if (refused) {
      transfer.code = 23;
      transfer.message = `client returned ERROR on write, ${utf8Length(body)} bytes wanted`;
      if (!options.silent) process.stderr.write(`curl: Failed to open the file ${file}: ${refused.message}\n`);
    }
  } else process.stdout.write(body);
  return transfer;
}

/** One request to one URL: resolve, connect, ask. Parts of the output are handed to `print`. */
function* transferOnce(
  process: Process,
  options: CurlOptions,
  text: string,
  start: number,
  meter: boolean,
  toTerminal: boolean,
  print: (part: string) => void,
): Op<Transfer> {
  const { netns } = process;
  const { clock } = netns.kernel;
  const transfer: Transfer = {
    code: 0,
    message: "",
    url: text,
    answer: undefined,
    redirects: 0,
    connects: 0,
    localIp: "",
    localPort: 0,
    remoteIp: "",
    remotePort: 0,
    requestSize: 0,
    uploaded: 0,
    start,
    resolved: start,
    connected: 0,
    firstByte: 0,
    end: start,
  };
  const note = (line: string): void => {
    if (options.verbose) process.stderr.write(`* ${line}\n`);
  };
  const fail = (code: number, message: string, closing = true): Transfer => {
    transfer.code = code;
    transfer.message = message;
    transfer.end = clock.now;
    if (closing) note("closing connection #0");
    return transfer;
  };
  const milliseconds = (since = start): number => Math.floor((clock.now - since) / 1000);

  const url = parseUrl(text);
  if (url instanceof UrlError) return fail(3, `URL rejected: ${url.message}`, false);
  transfer.url = /^[a-z][a-z0-9+.-]*:/i.test(text) ? text : `http://${text}`;
  if (!/^[^/]*:\/\/[^/]+\//.test(transfer.url)) transfer.url += "/";
  if (DEFAULT_PORTS[url.scheme] === undefined) return fail(1, `Protocol "${url.scheme}" not supported`, false);

  // Where to
  const limits = [options.maxTime, options.connectTimeout ?? CONNECT_TIMEOUT].filter(
    (limit) => limit !== undefined && limit > 0,
  ) as number[];
  const connectDeadline = start + Math.min(...limits) * 1_000_000;
  const overall = options.maxTime ? start + options.maxTime * 1_000_000 : undefined;
  const addresses = yield* addressesOf(process, options, url, connectDeadline, note);
  if (addresses === "timeout") return fail(28, `Resolving timed out after ${milliseconds() + 1} milliseconds`);
  if (addresses instanceof ResolveError) {
    // Told for each family, and then for both.
    for (let family = options.family ? 1 : 0; family < 2; family++) note(`Could not resolve host: ${url.host}`);
    note(`Could not resolve: ${hostText(url)}`);
    return fail(6, `Could not resolve host: ${url.host}`);
  }
  transfer.resolved = clock.now;
  const bound = bindingOf(process, options);
  if (typeof bound === "string") {
    note(bound);
    return fail(45, `Failed to connect to ${hostText(url)} after ${milliseconds()} ms: Failed binding local connection end`);
  }

  // The connection
  const connecting = yield* connectAny(
    process,
    addresses,
    url.port,
    { ...bound, deadline: connectDeadline },
    {
      trying: (ip) => note(`  Trying ${typeof ip === "bigint" ? `[${formatIp(ip)}]` : formatIp(ip)}:${url.port}...`),
      failed: (ip, localIp, localPort, errno) => {
        const from = localIp === undefined ? "" : ` from ${formatIp(localIp)} port ${localPort}`;
        if (localIp === undefined) note(`Immediate connect fail for ${formatIp(ip)}: ${ERRNO_TEXT[errno]}`);
        else note(`connect to ${formatIp(ip)} port ${url.port}${from} failed: ${ERRNO_TEXT[errno]}`);
      },
    },
  );
  if (connecting === "timeout") {
    const message = `Connection timed out after ${milliseconds() + 1} milliseconds`;
    note(message);
    return fail(28, message);
  }
  if (typeof connecting === "string") {
    const message = `Failed to connect to ${hostText(url)} after ${milliseconds()} ms: Could not connect to server`;
    note(message);
    return fail(connecting === "ETIMEDOUT" ? 28 : 7, message);
  }
  const { socket } = connecting;
  transfer.connects = 1;
  transfer.connected = clock.now;
  transfer.localIp = formatIp(socket.local);
  transfer.localPort = socket.localPort;
  transfer.remoteIp = formatIp(socket.remote);
  transfer.remotePort = socket.remotePort;
  try {
    note(
      `Established connection to ${url.host} (${transfer.remoteIp} port ${url.port}) from ${transfer.localIp} port ${transfer.localPort} `,
    );
    if (url.scheme === "https") return fail(35, "TLS connect error: error:00000000:lib(0)::reason(0)");
    if (url.scheme !== "http") return fail(1, `Protocol "${url.scheme}" is not supported here; http is`);
    if (meter) process.stderr.write(METER_HEAD);

    // The request
    const { request, head, sent } = buildRequest(options, url);
    transfer.requestSize = utf8Length(request);
    transfer.uploaded = sent;
    note("using HTTP/1.x");
    if (options.verbose) for (const line of head) process.stderr.write(`> ${line}\r\n`);
    if (sent > 0 && options.verbose)
      process.stderr.write(`${toTerminal ? "" : `} [${sent} bytes data]\n`}* upload completely sent off: ${sent} bytes\n`);
    else note("Request completely sent off");
    const result = yield* exchangeHttp(process, socket, request, options.head, overall);
    const answer = "failure" in result ? result.answer : result;
    transfer.firstByte = clock.now;
    transfer.end = clock.now;
    transfer.answer = answer;
    if (answer && options.verbose) for (const line of [...answer.lines, ""]) process.stderr.write(`< ${line}\r\n`);
    const failing = answer !== undefined && options.fail && answer.status >= 400;
    if (answer && !failing) {
      if (options.include || options.head) print(`${answer.lines.join("\r\n")}\r\n\r\n`);
      print(answer.body);
      if (options.verbose && !toTerminal && answer.body !== "") process.stderr.write(`{ [${utf8Length(answer.body)} bytes data]\n`);
    }
    if (meter) {
      const received = answer && !failing ? utf8Length(answer.body) : 0;
      const total = Number(answer?.headers.get("content-length")) || undefined;
      if (answer && !failing) process.stderr.write(meterLines(total, received, sent, clock.now - start));
      process.stderr.write("\n");
    }
    if ("failure" in result) {
      switch (result.failure) {
        case "timeout":
          return fail(
            28,
            `Operation timed out after ${milliseconds() + 1} milliseconds with ${result.received} ${bytesOf(result.missing, result.received)} received`,
          );
        case "empty":
          return fail(52, "Empty reply from server");
        case "not-http":
          return fail(1, "Received HTTP/0.9 when not allowed");
        case "partial":
          return fail(18, `end of response with ${result.missing} bytes missing`);
        default:
          return fail(56, `Recv failure: ${ERRNO_TEXT[result.errno as SocketErrno] ?? "Connection reset by peer"}`);
      }
    }
    if (failing) return fail(22, `The requested URL returned error: ${answer?.status}`);
    note("shutting down connection #0");
    return transfer;
  } finally {
    // What is unread of an answer to HEAD is not worth a reset.
    socket.receive();
    socket.close();
  }
}

/** URLs that one with sets and ranges may stand for. */
const MOST_GLOBBED = 1000;

const hostText = (url: Url): string => `${url.host}:${url.port}`;

const bytesOf = (missing: number, received: number): string => (missing > 0 ? `out of ${received + missing} bytes` : "bytes");

/** The addresses of the URL's host: given by --resolve, in numbers, or asked for until the deadline. */
function* addressesOf(
  process: Process,
  options: CurlOptions,
  url: Url,
  deadline: number,
  note: (line: string) => void,
): Op<readonly Ip[] | ResolveError | "timeout"> {
  const { clock } = process.netns.kernel;
  for (const entry of options.resolve) note(`[DNS] added ${entry.host}:${entry.port}:${entry.addresses.join(",")} to cache`);
  const fixed = options.resolve.find((entry) => (entry.host === "*" || entry.host === url.host.toLowerCase()) && entry.port === url.port);
  let addresses: readonly Ip[];
  if (fixed) {
    note(`Hostname ${url.host} was found in DNS cache`);
    addresses = fixed.addresses.map((text) => parseIp(text.replace(/[[\]]/g, ""))).filter((ip) => ip !== undefined);
    if (addresses.length === 0) return new ResolveError("EAI_NONAME");
  } else if (/^(.+\.)?localhost\.?$/i.test(url.host)) {
    // Always the loopback addresses, whatever the name service says (RFC 6761, lib/hostip.c).
    addresses = LOOPBACK.filter((ip) => options.family === undefined || familyOf(ip) === options.family);
  } else {
    const task = new Task(clock, resolveHost(process, url.host, options.family));
    while (!task.done && clock.now < deadline) yield anyOf(task.exited, sleep(deadline - clock.now));
    if (!task.outcome || "signal" in task.outcome) return "timeout";
    const host = task.outcome.value;
    if (host instanceof ResolveError) return host;
    addresses = host.addresses;
  }
  if (parseIp(url.host) !== undefined) return addresses;
  const list = (kind: "number" | "bigint"): string =>
    addresses
      .filter((ip) => typeof ip === kind)
      .map(formatIp)
      .join(", ") || "(none)";
  note(`Host ${hostText(url)} was resolved.`);
  note(`IPv6: ${list("bigint")}`);
  note(`IPv4: ${list("number")}`);
  return addresses;
}

/** --interface and --local-port: a device, an address, or both left to the kernel. The string is the refusal. */
function bindingOf(
  process: Process,
  options: CurlOptions,
): { readonly device?: NetDevice; readonly local?: { readonly ip?: Ip; readonly port: number } } | string {
  const { bindTo, localPort } = options;
  if (bindTo === undefined) return localPort ? { local: { port: localPort } } : {};
  const name = bindTo.replace(/^(if|host)!/, "");
  const device = process.netns.device(name);
  if (device) return { device, local: localPort ? { port: localPort } : undefined };
  const ip = parseIp(name);
  if (ip === undefined) return `Couldn't bind to '${name}'`;
  if (!process.netns.isLocal(ip)) return "bind failed with errno 99: Cannot assign requested address";
  return { local: { ip, port: localPort } };
}

const base64 = (text: string): string => btoa(String.fromCharCode(...new TextEncoder().encode(text)));

/** The request as text, its head line by line for -v, and how many bytes of data it carries. */
function buildRequest(
  options: CurlOptions,
  url: Url,
): { readonly request: string; readonly head: readonly string[]; readonly sent: number } {
  const data = options.data.join("&");
  const posting = options.data.length > 0 && !options.get && !options.head;
  const method = options.method ?? (options.head ? "HEAD" : posting ? "POST" : "GET");
  const query = options.get && data !== "" ? `${url.target.includes("?") ? "&" : "?"}${data}` : "";
  const own = new Map(options.headers.map((header) => [header.split(/[:;]/)[0]?.toLowerCase() ?? "", header]));
  const defaults: (readonly [string, string])[] = [["Host", hostAndPort(url)]];
  const user = options.user ?? url.user;
  if (user !== undefined) defaults.push(["Authorization", `Basic ${base64(user.includes(":") ? user : `${user}:`)}`]);
  if (options.agent !== "") defaults.push(["User-Agent", options.agent]);
  defaults.push(["Accept", "*/*"]);
  if (options.referer !== undefined) defaults.push(["Referer", options.referer]);
  if (options.cookies.length > 0) defaults.push(["Cookie", options.cookies.join(";")]);
  const lines = [`${method} ${url.target}${query} HTTP/${options.httpVersion}`];
  for (const [name, value] of defaults) {
    const given = own.get(name.toLowerCase());
    if (given === undefined) lines.push(`${name}: ${value}`);
    else if (name === "Host") {
      lines.push(given);
      own.delete("host");
    }
  }
  // "Name:" without a value takes a header away.
  for (const header of own.values()) if (/:\s*\S/.test(header)) lines.push(header);
  if (posting) {
    if (!own.has("content-length")) lines.push(`Content-Length: ${utf8Length(data)}`);
    if (!own.has("content-type")) lines.push("Content-Type: application/x-www-form-urlencoded");
  }
  const head = [...lines, ""];
  return { request: `${head.join("\r\n")}\r\n${posting ? data : ""}`, head, sent: posting ? utf8Length(data) : 0 };
}

/** As curl's URL parser puts it together again. */
function effective(text: string): string {
  const url = parseUrl(text);
  return url instanceof UrlError || /^[a-z][a-z0-9+.-]*:\/\//i.test(text) ? text : `${url.scheme}://${hostAndPort(url)}${url.target}`;
}

const time = (from: number, to: number): string => (Math.max(0, to - from) / 1_000_000).toFixed(6);

/** -w: "%{name}" and the escapes \n, \r, \t; an unknown name is told in its place. */
function writeOut(format: string, transfer: Transfer, options: CurlOptions): string {
  const { answer } = transfer;
  const size = answer ? utf8Length(answer.body) : 0;
  const status = String(answer?.status ?? 0).padStart(3, "0");
  const values: Readonly<Record<string, string>> = {
    http_code: status,
    response_code: status,
    http_version: answer?.version.replace("HTTP/", "") ?? "0",
    content_type: answer?.headers.get("content-type") ?? "",
    size_download: String(size),
    size_header: String(answer?.headLength ?? 0),
    size_request: String(transfer.requestSize - transfer.uploaded),
    size_upload: String(transfer.uploaded),
    speed_download: String(transfer.end > transfer.start ? Math.floor((size * 1_000_000) / (transfer.end - transfer.start)) : 0),
    speed_upload: String(transfer.end > transfer.start ? Math.floor((transfer.uploaded * 1_000_000) / (transfer.end - transfer.start)) : 0),
    time_namelookup: time(transfer.start, transfer.resolved),
    time_connect: time(transfer.start, transfer.connected),
    time_appconnect: "0.000000",
    time_pretransfer: time(transfer.start, transfer.connected),
    time_starttransfer: time(transfer.start, transfer.firstByte),
    time_redirect: "0.000000",
    time_total: time(transfer.start, transfer.end),
    url: transfer.url,
    url_effective: effective(transfer.url),
    num_connects: String(transfer.connects),
    num_redirects: String(transfer.redirects),
    num_headers: String(answer ? answer.lines.length - 1 : 0),
    redirect_url: answer?.headers.get("location") ?? "",
    local_ip: transfer.localIp,
    local_port: String(transfer.localPort),
    remote_ip: transfer.remoteIp,
    remote_port: String(transfer.remotePort),
    exitcode: String(transfer.code),
    errormsg: transfer.message,
    method: options.method ?? (options.head ? "HEAD" : "GET"),
    scheme: "http",
  };
  return format
    .replace(/%%|%\{([^}]*)\}/g, (whole, name: string | undefined) => {
      if (name === undefined) return "%";
      if (Object.hasOwn(values, name)) return values[name] as string;
      return name === "stdout" || name === "stderr" ? "" : `curl: unknown --write-out variable: '${whole.slice(2, -1)}'\n`;
    })
    .replace(/\\([nrt])/g, (_whole, letter: string) => ({ n: "\n", r: "\r", t: "\t" })[letter] as string);
}
