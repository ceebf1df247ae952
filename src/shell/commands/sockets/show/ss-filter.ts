/** ss's filters: "state established", "sport = :80", "dst 10.0.0.0/8", joined by and, or, not and parentheses. */
import { contains, type Prefix, parsePrefix } from "../../../../kernel/address.ts";
import type { SocketView } from "../../../../kernel/socket/table.ts";
import { parsePort } from "../../../port-names.ts";

export type SocketFilter = (socket: SocketView) => boolean;

const STATES = [
  "established",
  "syn-sent",
  "syn-recv",
  "fin-wait-1",
  "fin-wait-2",
  "time-wait",
  "closed",
  "close-wait",
  "last-ack",
  "listening",
  "closing",
] as const;

const SYNCHRONIZED = new Set(["established", "syn-recv", "fin-wait-1", "fin-wait-2", "time-wait", "close-wait", "last-ack", "closing"]);
const GROUPS: Readonly<Record<string, ReadonlySet<string>>> = {
  all: new Set(STATES),
  connected: new Set([...SYNCHRONIZED, "syn-sent"]),
  synchronized: SYNCHRONIZED,
  bucket: new Set(["syn-recv", "time-wait"]),
  big: new Set(STATES.filter((state) => state !== "syn-recv" && state !== "time-wait")),
};

/** The state of a socket in ss's words for filters. */
export function stateWord(socket: SocketView): string {
  if (socket.state === "LISTEN") return "listening";
  if (socket.state === "UNCONN" || socket.state === "CLOSE") return "closed";
  return socket.state.toLowerCase();
}

/** A state or a group of states; undefined for an unknown word. */
export function parseStates(word: string): ReadonlySet<string> | undefined {
  if (GROUPS[word]) return GROUPS[word];
  if (word === "syn-rcv") return new Set(["syn-recv"]);
  return (STATES as readonly string[]).includes(word) ? new Set([word]) : undefined;
}

/** An expression of words, or undefined when it is none; the text is what ss says of a port that is none. */
export function parseExpression(words: readonly string[]): SocketFilter | string | undefined {
  const tokens = words
    .flatMap((word) => word.split(/([()!&|]|[<>=]+)/))
    .flatMap((word) => word.split(/\s+/))
    .filter((word) => word !== "");
  // "!=" has been cut in two.
  for (let i = 0; i + 1 < tokens.length; i++) if (tokens[i] === "!" && tokens[i + 1]?.startsWith("=")) tokens.splice(i, 2, "!=");
  let at = 0;
  let wrong: string | undefined;
  const fail = Symbol("fail");
  const either = (): SocketFilter => {
    let left = both();
    while (["or", "|", "||"].includes(tokens[at] ?? "")) {
      at++;
      const [a, b] = [left, both()];
      left = (socket) => a(socket) || b(socket);
    }
    return left;
  };
  const both = (): SocketFilter => {
    let left = unary();
    while (at < tokens.length && !["or", "|", "||", ")"].includes(tokens[at] as string)) {
      if (["and", "&", "&&"].includes(tokens[at] as string)) at++;
      const [a, b] = [left, unary()];
      left = (socket) => a(socket) && b(socket);
    }
    return left;
  };
  const unary = (): SocketFilter => {
    const token = tokens[at++];
    if (token === "!" || token === "not") {
      const inner = unary();
      return (socket) => !inner(socket);
    }
    if (token === "(") {
      const inner = either();
      if (tokens[at++] !== ")") throw fail;
      return inner;
    }
    if (token === "sport" || token === "dport") return port(token);
    if (token === "src" || token === "dst") return address(token);
    throw fail;
  };
  const port = (side: "sport" | "dport"): SocketFilter => {
    const operator = /^(=|==|!=|<|>|<=|>=|eq|ne|neq|lt|gt|le|ge)$/.test(tokens[at] ?? "") ? (tokens[at++] as string) : "=";
    const value = parsePort((tokens[at++] ?? "").replace(/^:/, ""));
    if (value === undefined) {
      wrong = `Error: "${(tokens[at - 1] ?? "").replace(/^:/, "")}" does not look like a port.`;
      throw fail;
    }
    const of = (socket: SocketView): number => (side === "sport" ? socket.localPort : socket.remotePort);
    switch (operator) {
      case "!=":
      case "ne":
      case "neq":
        return (socket) => of(socket) !== value;
      case "<":
      case "lt":
        return (socket) => of(socket) < value;
      case ">":
      case "gt":
        return (socket) => of(socket) > value;
      case "<=":
      case "le":
        return (socket) => of(socket) <= value;
      case ">=":
      case "ge":
        return (socket) => of(socket) >= value;
      default:
        return (socket) => of(socket) === value;
    }
  };
  const address = (side: "src" | "dst"): SocketFilter => {
    if (tokens[at] === "=" || tokens[at] === "==") at++;
    const match = /^(\[[^\]]*\](?:\/\d+)?|[^:]*|[0-9a-fA-F:]*:[0-9a-fA-F:]*)(?::([^:]*))?$/.exec(tokens[at++] ?? "");
    if (!match) throw fail;
    const host = (match[1] as string).replace(/[[\]]/g, "");
    const prefix: Prefix | undefined = host === "" || host === "*" ? undefined : parsePrefix(host);
    if (host !== "" && host !== "*" && !prefix) throw fail;
    const number = match[2] === undefined || match[2] === "*" ? undefined : parsePort(match[2]);
    if (match[2] !== undefined && match[2] !== "*" && number === undefined) throw fail;
    return (socket) => {
      const ip = side === "src" ? socket.local : socket.remote;
      if (number !== undefined && (side === "src" ? socket.localPort : socket.remotePort) !== number) return false;
      return !prefix || (typeof ip === typeof prefix.address && contains(prefix, ip));
    };
  };
  try {
    const filter = either();
    return at === tokens.length ? filter : undefined;
  } catch (thrown) {
    if (thrown === fail) return wrong;
    throw thrown;
  }
}
