/** HTTP/1.1 messages as text (RFC 9112), as far as a request and its answer need it. */

export interface HttpRequest {
  readonly method: string;
  /** As sent: path and query. */
  readonly target: string;
  /** "HTTP/1.1"; "" for a bare request line. */
  readonly version: string;
  /** Names in lower case. */
  readonly headers: ReadonlyMap<string, string>;
  readonly body: string;
}

export interface HttpResponse {
  readonly status: number;
  readonly reason: string;
  readonly version: "HTTP/1.0" | "HTTP/1.1";
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body: string;
}

/** Longer heads are refused: nothing typed may make a server hoard text. */
export const MAX_HEAD = 65536;

export const formatHead = (response: HttpResponse): string =>
  `${response.version} ${response.status} ${response.reason}\r\n${response.headers.map(([name, value]) => `${name}: ${value}\r\n`).join("")}\r\n`;

/** Header lines by lower-case name; of several alike the last counts. */
export function parseHeaders(lines: readonly string[]): Map<string, string> {
  const headers = new Map<string, string>();
  for (const line of lines) {
    const colon = line.indexOf(":");
    if (colon > 0) headers.set(line.slice(0, colon).trim().toLowerCase(), line.slice(colon + 1).trim());
  }
  return headers;
}

/** Where the head of a message ends in `text`: index of the body, undefined while the empty line has not come. */
export function headEnd(text: string): { readonly head: string; readonly body: number } | undefined {
  const match = /\r?\n\r?\n/.exec(text);
  return match ? { head: text.slice(0, match.index), body: match.index + match[0].length } : undefined;
}

/** Splits a request's head; undefined when its first line is none. */
export function parseRequest(head: string, body: string): HttpRequest | undefined {
  const [first = "", ...lines] = head.split(/\r?\n/);
  const words = first.split(" ").filter((word) => word !== "");
  const [method = "", target = "", version = ""] = words;
  if (words.length < 2 || !/^[A-Za-z]+$/.test(method)) return undefined;
  return { method, target, version, headers: parseHeaders(lines), body };
}

/** The path of a target without its query, escapes undone, "." and ".." resolved; undefined when it leaves the root. */
export function pathOf(target: string): string | undefined {
  let path = (target.replace(/^https?:\/\/[^/]*/i, "").split(/[?#]/)[0] as string) || "/";
  try {
    path = decodeURIComponent(path);
  } catch {
    return undefined;
  }
  const parts: string[] = [];
  for (const part of path.split("/")) {
    if (part === "" || part === ".") continue;
    if (part !== "..") parts.push(part);
    else if (parts.pop() === undefined) return undefined;
  }
  return `/${parts.join("/")}${path.endsWith("/") && parts.length > 0 ? "/" : ""}`;
}
