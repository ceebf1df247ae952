/** ping's command line (iputils, ping/ping.c main). */
import type { Family } from "../../../../kernel/address.ts";
import type { SendOptions } from "../../../../kernel/inet/inet.ts";
import { getopt, OptionError } from "../../../getopt.ts";
import { USAGE, VERSION } from "./usage.ts";

export interface PingOptions {
  readonly target: string;
  readonly family: Family | undefined;
  readonly count: number | undefined;
  /** Between two requests, in µs. */
  readonly interval: number;
  /** How long to wait for a first answer after the last request, in µs (-W). */
  readonly linger: number;
  /** After how many µs to stop in any case (-w). */
  readonly deadline: number | undefined;
  /** Bytes of data. */
  readonly size: number;
  readonly ttl: number | undefined;
  readonly tos: number | undefined;
  readonly mark: number | undefined;
  readonly discovery: SendOptions["df"];
  /** Device name or source address. */
  readonly from: string | undefined;
  readonly preload: number;
  readonly pattern: string | undefined;
  readonly identifier: number | undefined;
  readonly adaptive: boolean;
  readonly audible: boolean;
  readonly broadcast: boolean;
  /** -B: the source address stays what it was at first, and is told. */
  readonly strictSource: boolean;
  /** -r: hosts on the link only, no gateway (SO_DONTROUTE). */
  readonly onLink: boolean;
  /** -R: the way of the packets is recorded and printed. */
  readonly recordRoute: boolean;
  readonly flood: boolean;
  readonly precise: boolean;
  readonly quiet: boolean;
  readonly outstanding: boolean;
  readonly timestamps: boolean;
  readonly verbose: boolean;
  /** true: -n, false: -H, undefined: numeric for a numeric destination. */
  readonly numeric: boolean | undefined;
}

/** What is printed instead of pinging. */
export interface PingRefusal {
  readonly stdout?: string;
  readonly stderr?: string;
  readonly status: number;
}

const SHORT = "h?4bRT:6F:N:3aABc:CdDe:fHi:I:l:Lm:M:nOp:qQ:rs:S:t:UvVw:W:";
const SECOND = 1_000_000;
const DEFAULT_SIZE = 56;
/** Bytes of data that an IPv4 packet, and an IPv6 packet, can hold; until the name is looked up it may be either. */
const MAX_SIZE = 65507;
const MAX_SIZE_6 = 65527;
const MAX_LONG = "9223372036854775807";
const DISCOVERY: Readonly<Record<string, SendOptions["df"]>> = { do: true, dont: false, want: "want", probe: "probe" };
/** Options of the real ping that have no counterpart here. */
const UNSUPPORTED: Readonly<Record<string, string>> = {
  T: "IP timestamps",
  F: "flow labels",
  N: "node information",
};

const refuse = (message: string, status: number): PingRefusal => ({ stderr: `ping: ${message}\n`, status });

/** The options, or what ping prints and returns instead; `warn` gets complaints that do not stop it. */
export function parsePing(argv: readonly string[], warn: (text: string) => void): PingOptions | PingRefusal {
  const parsed = getopt(argv.slice(1), { short: SHORT });
  if (parsed instanceof OptionError) return { stderr: `ping: ${parsed.message}\n${USAGE}`, status: 2 };
  const flags = new Set<string>();
  const values = new Map<string, number>();
  let from: string | undefined;
  let discovery: SendOptions["df"] = "want";
  let pattern: string | undefined;
  let numeric: boolean | undefined;
  let interval: number | undefined;
  let linger: number | undefined;
  const integer = (name: string, value: string, low: number, high: number, shown = String(high)): PingRefusal | undefined => {
    const number = /^\s*[+-]?(0[xX][0-9a-fA-F]+|\d+)$/.test(value) ? Number(value) : undefined;
    if (number === undefined) return refuse(`invalid argument: '${value}'`, 1);
    if (number < low || number > high) return refuse(`invalid argument: '${value}': out of range: ${low} <= value <= ${shown}`, 1);
    values.set(name, number);
    return undefined;
  };
  const seconds = (value: string): number => {
    const number = Number.parseFloat(value);
    if (!/^\s*[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/.test(value)) {
      warn(`ping: option argument contains garbage: ${value}\nping: this will become fatal error in the future\n`);
    }
    return Number.isNaN(number) ? 0 : number;
  };
  for (const { name, value } of parsed.options) {
    let wrong: PingRefusal | undefined;
    switch (name) {
      case "h":
      case "?":
        return { stderr: USAGE, status: 2 };
      case "V":
        return { stdout: VERSION, status: 0 };
      case "c":
        wrong = integer(name, value, 1, Number.MAX_SAFE_INTEGER, MAX_LONG);
        break;
      case "s":
        wrong = integer(name, value, 0, 0x7fffffff);
        break;
      case "t":
        wrong = integer(name, value, 0, 255);
        break;
      case "w":
        wrong = integer(name, value, 0, 0x7fffffff);
        break;
      case "l":
        wrong = integer(name, value, 1, 65536);
        break;
      case "m":
        wrong = integer(name, value, 0, 0xffffffff);
        break;
      case "e":
        wrong = integer(name, value, 0, 65535);
        break;
      case "S":
        wrong = integer(name, value, 1, 0x7fffffff);
        break;
      case "Q":
        wrong = integer(name, value, 0, 255);
        break;
      case "i":
        interval = seconds(value);
        if (interval < 0 || interval > 2147483) wrong = refuse(`bad timing interval: ${value}`, 2);
        break;
      case "W":
        linger = seconds(value);
        if (linger < 0 || linger > 2147483) wrong = refuse(`bad linger time: ${value}`, 2);
        break;
      case "I":
        from = value;
        break;
      case "M":
        if (!Object.hasOwn(DISCOVERY, value)) return refuse(`invalid -M argument: ${value}`, 2);
        discovery = DISCOVERY[value];
        break;
      case "p":
        if (!/^[0-9a-fA-F]+$/.test(value)) return refuse("patterns must be specified as hex digits: ".concat(value), 2);
        pattern = value;
        break;
      case "n":
        numeric = true;
        break;
      case "H":
        numeric = false;
        break;
      default:
        if (UNSUPPORTED[name]) {
          return refuse(
            `-${name} (${UNSUPPORTED[name]}) is not supported; supported are -3 -4 -6 -a -A -b -B -c -C -d -D -e -f -H -i -I -l -L -m -M -n -O -p -q -Q -r -R -s -S -t -U -v -V -w -W`,
            2,
          );
        }
        flags.add(name);
    }
    if (wrong) return wrong;
  }
  if (flags.has("4") && flags.has("6")) return refuse("only one -4 or -6 option may be specified", 2);
  const target = parsed.operands[parsed.operands.length - 1];
  if (target === undefined) return refuse("usage error: Destination address required", 2);
  const size = values.get("s") ?? DEFAULT_SIZE;
  const largest = flags.has("4") || /^[\d.]+$/.test(target) ? MAX_SIZE : MAX_SIZE_6;
  if (size > largest) return refuse(`invalid -s value: '${size}': out of range: 0 <= value <= ${largest}`, 1);
  // Addresses before the last are stations of a source route, an IP option that is refused.
  if (parsed.operands.length > 1) return refuse("record route: Operation not permitted", 2);
  const flood = flags.has("f");
  return {
    target,
    family: flags.has("4") ? 4 : flags.has("6") || argv[0] === "ping6" ? 6 : argv[0] === "ping4" ? 4 : undefined,
    count: values.get("c"),
    interval: Math.round((interval ?? (flood || flags.has("A") ? 0 : 1)) * SECOND),
    linger: Math.round((linger || 10) * SECOND),
    deadline: values.get("w") ? (values.get("w") as number) * SECOND : undefined,
    size,
    ttl: values.get("t"),
    tos: values.get("Q"),
    mark: values.get("m"),
    discovery,
    from,
    preload: values.get("l") ?? 1,
    pattern,
    identifier: values.get("e"),
    adaptive: flags.has("A"),
    audible: flags.has("a"),
    broadcast: flags.has("b"),
    strictSource: flags.has("B"),
    onLink: flags.has("r"),
    recordRoute: flags.has("R"),
    flood,
    precise: flags.has("3"),
    quiet: flags.has("q"),
    outstanding: flags.has("O"),
    timestamps: flags.has("D"),
    verbose: flags.has("v"),
    numeric,
  };
}
