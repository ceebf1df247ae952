/** traceroute's command line (Modern traceroute for Linux). */
import { type Family, type Ip, parseIp } from "../../../../kernel/address.ts";
import { getopt, OptionError } from "../../../getopt.ts";
import { USAGE, VERSION } from "./usage.ts";

export type Method = "default" | "udp" | "icmp" | "tcp";

export interface TracerouteOptions {
  readonly host: string;
  readonly family: Family | undefined;
  readonly method: Method;
  readonly firstHop: number;
  readonly maxHops: number;
  readonly queries: number;
  /** Probes on their way at one time. */
  readonly simultaneous: number;
  /** Longest wait for an answer in µs, and how many times longer than another answer's round trip: same hop, a later hop. */
  readonly wait: { readonly most: number; readonly here: number; readonly near: number };
  /** Least time between probes in µs. */
  readonly sendWait: number;
  readonly port: number | undefined;
  readonly tos: number | undefined;
  readonly mark: number | undefined;
  readonly device: string | undefined;
  readonly source: Ip | undefined;
  /** Bytes of the whole packet; undefined: 40 more than an IP header. */
  readonly length: number | undefined;
  readonly dontFragment: boolean;
  /** --mtu: begins with packets as long as can be, and tells where they had to become shorter. */
  readonly discoversMtu: boolean;
  readonly numeric: boolean;
}

/** What is printed instead, and where. */
export interface Refusal {
  readonly text: string;
  readonly status: number;
}

const SHORT = "46dFITf:g:i:m:N:np:t:l:w:q:rs:z:eAM:O:UDP:V";
const LONG: Readonly<Record<string, boolean>> = {
  debug: false,
  "dont-fragment": false,
  first: true,
  gateway: true,
  icmp: false,
  tcp: false,
  interface: true,
  "max-hops": true,
  "sim-queries": true,
  port: true,
  tos: true,
  flowlabel: true,
  wait: true,
  queries: true,
  source: true,
  sendwait: true,
  extensions: false,
  "as-path-lookups": false,
  module: true,
  options: true,
  sport: true,
  fwmark: true,
  udp: false,
  dccp: false,
  protocol: true,
  mtu: false,
  back: false,
  version: false,
  help: false,
};
const SHORT_OF: Readonly<Record<string, string>> = {
  "dont-fragment": "F",
  first: "f",
  gateway: "g",
  icmp: "I",
  tcp: "T",
  interface: "i",
  "max-hops": "m",
  "sim-queries": "N",
  port: "p",
  tos: "t",
  flowlabel: "l",
  wait: "w",
  queries: "q",
  source: "s",
  sendwait: "z",
  "as-path-lookups": "A",
  module: "M",
  options: "O",
  udp: "U",
  dccp: "D",
  protocol: "P",
  version: "V",
};
const UNSUPPORTED: ReadonlySet<string> = new Set(["g", "l", "A", "O", "sport", "D", "P", "back", "r"]);
const METHODS: Readonly<Record<string, Method>> = { default: "default", udp: "udp", icmp: "icmp", tcp: "tcp" };

const SECOND = 1_000_000;
const MAX_HOPS = 255;
const MAX_PROBES = 10;
export const MAX_LENGTH = 65000;

const refuse = (text: string): Refusal => ({ text: `${text}\n`, status: 2 });

/** Which argument holds an option, as the messages count: "(argc 1)". */
function positionOf(argv: readonly string[], name: string): number {
  const at = argv.findIndex(
    (word, i) => i > 0 && (name.length > 1 ? word.startsWith(`--${name}`) : /^-[^-]/.test(word) && word.includes(name)),
  );
  return Math.max(1, at);
}

export function parseTraceroute(argv: readonly string[]): TracerouteOptions | Refusal {
  if (argv.length === 1) return { text: USAGE, status: 0 };
  const parsed = getopt(argv.slice(1), { short: SHORT, long: LONG });
  if (parsed instanceof OptionError) return refuse(optionComplaint(parsed.message, argv));
  const values = new Map<string, string>();
  const flags = new Set<string>();
  for (const { name, value } of parsed.options) {
    const short = SHORT_OF[name] ?? name;
    if (short === "help") return { text: USAGE, status: 0 };
    if (short === "V") return { text: VERSION, status: 0 };
    if (UNSUPPORTED.has(short)) {
      return refuse(
        `${short.length > 1 ? `--${short}` : `-${short}`} is not supported here; supported are -4 -6 -F -I -T -U -M default|udp|icmp|tcp -f -i -m -N -n -p -q -s -t -w -z --fwmark --mtu`,
      );
    }
    if (value === "") flags.add(short);
    else values.set(short, value);
  }
  const number = (name: string, otherwise: number): number | Refusal => {
    const text = values.get(name);
    if (text === undefined) return otherwise;
    if (/^(0x[0-9a-fA-F]+|\d+)$/.test(text)) return Number(text);
    // Numeric options complain before the host is looked at, with the place of the option's value.
    return refuse(
      `Cannot handle \`-${name}' option with arg \`${text}' (argc ${positionOf(argv, name) + (argv[positionOf(argv, name)]?.endsWith(name) ? 1 : 0)})`,
    );
  };
  const numbers: Record<string, number> = {};
  for (const [name, otherwise] of [
    ["f", 1],
    ["m", 30],
    ["N", 16],
    ["q", 3],
    ["p", -1],
    ["t", -1],
    ["fwmark", -1],
  ] as const) {
    const value = number(name, otherwise);
    if (typeof value !== "number") return value;
    numbers[name] = value;
  }
  const wait = parseWait(values.get("w"));
  if (!wait) return refuse(`Cannot handle \`-w' option with arg \`${values.get("w")}' (argc ${positionOf(argv, "w") + 1})`);
  const module = values.get("M");
  if (module !== undefined && !METHODS[module]) return refuse(`Unknown traceroute module ${module}`);
  const [host, lengthText] = parsed.operands;
  if (host === undefined) return refuse('Specify "host" missing argument.');
  const length = lengthText === undefined ? undefined : Number(lengthText);
  if (length !== undefined && !Number.isInteger(length))
    return refuse(`Cannot handle "packetlen" cmdline arg \`${lengthText}' on position 2 (argc ${argv.lastIndexOf(lengthText as string)})`);
  const { f = 1, m = 30, N = 16, q = 3, p = -1, t = -1, fwmark = -1 } = numbers;
  if (f < 1 || f > m) return refuse("first hop out of range");
  if (m > MAX_HOPS) return refuse("max hops cannot be more than 255");
  if (q < 1 || q > MAX_PROBES) return refuse("no more than 10 probes per hop");
  if (length !== undefined && length > MAX_LENGTH) return refuse(`too big packetlen ${length} specified`);
  const sourceText = values.get("s");
  const source = sourceText === undefined ? undefined : parseIp(sourceText);
  if (sourceText !== undefined && source === undefined)
    return refuse(`Cannot handle \`-s' option with arg \`${sourceText}' (argc ${positionOf(argv, "s") + 1})`);
  const pause = Number.parseFloat(values.get("z") ?? "0") || 0;
  return {
    host,
    family: flags.has("4") ? 4 : flags.has("6") || argv[0] === "traceroute6" ? 6 : undefined,
    method: flags.has("I") ? "icmp" : flags.has("T") ? "tcp" : flags.has("U") ? "udp" : (METHODS[module ?? "default"] ?? "default"),
    firstHop: f,
    maxHops: m,
    queries: q,
    simultaneous: flags.has("mtu") ? 1 : Math.max(1, N),
    wait,
    sendWait: Math.round(pause > 10 ? pause * 1000 : pause * SECOND),
    port: p < 0 ? undefined : p & 0xffff,
    tos: t < 0 ? undefined : t & 0xff,
    mark: fwmark < 0 ? undefined : fwmark,
    device: values.get("i"),
    source,
    length,
    dontFragment: flags.has("F") || flags.has("mtu"),
    discoversMtu: flags.has("mtu"),
    numeric: flags.has("n"),
  };
}

/** MAX,HERE,NEAR: with MAX alone the others do not count. */
function parseWait(text: string | undefined): TracerouteOptions["wait"] | undefined {
  if (text === undefined) return { most: 5 * SECOND, here: 3, near: 10 };
  const parts = text.split(/[,/]/).map((part) => (/^\d*\.?\d+$|^\d+\.$/.test(part) ? Number.parseFloat(part) : Number.NaN));
  if (parts.length > 3 || parts.some(Number.isNaN)) return undefined;
  const [most = 5, here = 0, near = 0] = parts;
  return { most: most * SECOND, here, near };
}

function optionComplaint(message: string, argv: readonly string[]): string {
  const missing = /requires an argument -- '(.)'/.exec(message)?.[1];
  if (missing) return `Option \`-${missing}' (argc ${positionOf(argv, missing)}) requires an argument`;
  const letter = /invalid option -- '(.)'/.exec(message)?.[1];
  if (letter) return `Bad option \`-${letter}' (argc ${positionOf(argv, letter)})`;
  const long = /'(--[^']*)'/.exec(message)?.[1] ?? "";
  return `Bad option \`${long}' (argc ${Math.max(
    1,
    argv.findIndex((word) => word.startsWith(long)),
  )})`;
}
