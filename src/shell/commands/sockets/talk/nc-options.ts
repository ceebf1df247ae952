/** nc's command line (OpenBSD netcat, Debian). */
import { getopt, OptionError } from "../../../getopt.ts";
import { parsePort } from "../../../port-names.ts";

export interface NcOptions {
  readonly listen: boolean;
  readonly keep: boolean;
  readonly udp: boolean;
  readonly scan: boolean;
  readonly verbose: boolean;
  readonly numeric: boolean;
  readonly shutdown: boolean;
  readonly detached: boolean;
  readonly crlf: boolean;
  readonly family: 4 | 6 | undefined;
  readonly source: string | undefined;
  readonly localPort: number | undefined;
  /** Seconds. */
  readonly timeout: number | undefined;
  readonly quit: number | undefined;
  readonly host: string | undefined;
  /** As typed: numbers, names, ranges. */
  readonly ports: readonly string[];
}

const NC_USAGE = `usage: nc [-46CDdFhklNnrStUuvZz] [-I length] [-i interval] [-M ttl]
	  [-m minttl] [-O length] [-P proxy_username] [-p source_port]
	  [-q seconds] [-s sourceaddr] [-T keyword] [-V rtable] [-W recvlimit]
	  [-w timeout] [-X proxy_protocol] [-x proxy_address[:port]]
	  [destination] [port]
`;

const SUPPORTED = "-4 -6 -C -d -k -l -N -n -p -q -s -u -v -w -z";

/** The options, or what to print instead (with exit status 1). */
export function parseNc(words: readonly string[]): NcOptions | string {
  const parsed = getopt(words, { short: "46CDdFhklNnrStUuvZzbI:i:M:m:O:P:p:q:s:T:V:W:w:X:x:" });
  if (parsed instanceof OptionError) return `nc: ${parsed.message}\n${NC_USAGE}`;
  const flags = new Set<string>();
  const values = new Map<string, string>();
  for (const { name, value } of parsed.options) {
    if (name === "h") return `OpenBSD netcat (Debian patchlevel 1.239-1)\n${NC_USAGE}`;
    if (!"46CdklNnpqsuvwz".includes(name)) return `nc: -${name} is not supported here; supported are ${SUPPORTED}\n`;
    flags.add(name);
    if (value !== "") values.set(name, value);
  }
  const seconds = (name: string): number | undefined | string => {
    const value = values.get(name);
    if (value === undefined) return undefined;
    return /^-?\d{1,9}$/.test(value)
      ? Number(value)
      : `nc: ${name === "w" ? "timeout" : "quit timer"} ${/^-?\d+$/.test(value) ? "too large" : "invalid"}: ${value}\n`;
  };
  const timeout = seconds("w");
  const quit = seconds("q");
  if (typeof timeout === "string") return timeout;
  if (typeof quit === "string") return quit;
  const localText = values.get("p");
  const localPort = localText === undefined ? undefined : parsePort(localText, flags.has("u") ? "udp" : "tcp");
  if (localText !== undefined && localPort === undefined) return badPort(localText);
  let [host, ...ports] = parsed.operands;
  const listen = flags.has("l");
  if (listen && ports.length === 0 && host !== undefined && localPort === undefined) {
    // "nc -l 5555": the only word is the port.
    ports = [host];
    host = undefined;
  }
  if (listen && localText !== undefined && ports.length === 0) ports = [localText];
  if (host === undefined && ports.length === 0) return listen ? "nc: missing port number\n" : NC_USAGE;
  if (ports.length === 0) return listen ? "nc: missing port number\n" : "nc: missing port number\n";
  return {
    listen,
    keep: flags.has("k"),
    udp: flags.has("u"),
    scan: flags.has("z"),
    verbose: flags.has("v"),
    numeric: flags.has("n"),
    shutdown: flags.has("N"),
    detached: flags.has("d"),
    crlf: flags.has("C"),
    family: flags.has("4") ? 4 : flags.has("6") ? 6 : undefined,
    source: values.get("s"),
    localPort: listen ? undefined : localPort,
    timeout,
    quit,
    host,
    ports,
  };
}

/** What strtonum() has against a number. */
export function badPort(word: string): string {
  const why = /^\d+$/.test(word) ? (Number(word) < 1 ? "too small" : "too large") : /^-\d+$/.test(word) ? "too small" : "invalid";
  return `nc: port number ${why}: ${word}\n`;
}

/** A port list as numbers in ascending order, or the word that is no port. */
export function expandPorts(words: readonly string[], udp: boolean): readonly number[] | { readonly invalid: string } {
  const protocol = udp ? "udp" : "tcp";
  const ports: number[] = [];
  for (const word of words) {
    const range = /^(\d+)-(\d+)$/.exec(word);
    if (range) {
      const [low, high] = [Number(range[1]), Number(range[2])].sort((a, b) => a - b) as [number, number];
      if (low < 1 || high > 65535) return { invalid: word };
      for (let port = low; port <= high; port++) ports.push(port);
      continue;
    }
    const port = parsePort(word, protocol);
    if (port === undefined || port === 0) return { invalid: word };
    ports.push(port);
  }
  return ports;
}
