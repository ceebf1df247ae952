/** dig's command line: options before the first name hold for all lookups, those after a name for that one (bin/dig/dig.c). */
import { parseIp } from "../../../../kernel/address.ts";
import type { DnsType } from "../../../../kernel/wire/packet.ts";
import { reverseName } from "../../../dns/message.ts";
import { parseType } from "./format.ts";

export interface Lookup {
  name: string;
  type: DnsType;
  server: string | undefined;
  port: number;
  family: 4 | 6 | undefined;
  short: boolean;
  identify: boolean;
  cmd: boolean;
  comments: boolean;
  question: boolean;
  answer: boolean;
  authority: boolean;
  additional: boolean;
  stats: boolean;
  recurse: boolean;
  tcp: boolean | undefined;
  search: boolean;
  multiline: boolean;
  edns: boolean;
  bufferSize: number;
  timeout: number;
  tries: number;
}

const DEFAULTS: Lookup = {
  name: ".",
  type: "NS",
  server: undefined,
  port: 53,
  family: undefined,
  short: false,
  identify: false,
  cmd: true,
  comments: true,
  question: true,
  answer: true,
  authority: true,
  additional: true,
  stats: true,
  recurse: true,
  tcp: undefined,
  search: false,
  multiline: false,
  edns: true,
  bufferSize: 1232,
  timeout: 5,
  tries: 3,
};

export const DIG_USAGE = `Usage:  dig [@global-server] [domain] [q-type] [q-class] {q-opt}
            {global-d-opt} host [@local-server] {local-d-opt}
            [ host [@local-server] {local-d-opt} [...]]

Use "dig -h" (or "dig -h | more") for complete list of options
`;

const SWITCHES: Readonly<Record<string, (lookup: Lookup, on: boolean) => void>> = {
  short: (lookup, on) => {
    lookup.short = on;
    if (!on) return;
    for (const part of ["cmd", "comments", "question", "authority", "additional", "stats"] as const) lookup[part] = false;
    lookup.answer = true;
  },
  all: (lookup, on) => {
    for (const part of ["cmd", "comments", "question", "answer", "authority", "additional", "stats"] as const) lookup[part] = on;
  },
  cmd: (lookup, on) => {
    lookup.cmd = on;
  },
  comments: (lookup, on) => {
    lookup.comments = on;
  },
  question: (lookup, on) => {
    lookup.question = on;
  },
  answer: (lookup, on) => {
    lookup.answer = on;
  },
  authority: (lookup, on) => {
    lookup.authority = on;
  },
  additional: (lookup, on) => {
    lookup.additional = on;
  },
  stats: (lookup, on) => {
    lookup.stats = on;
  },
  identify: (lookup, on) => {
    lookup.identify = on;
  },
  recurse: (lookup, on) => {
    lookup.recurse = on;
  },
  tcp: (lookup, on) => {
    lookup.tcp = on;
  },
  vc: (lookup, on) => {
    lookup.tcp = on;
  },
  search: (lookup, on) => {
    lookup.search = on;
  },
  defname: (lookup, on) => {
    lookup.search = on;
  },
  multiline: (lookup, on) => {
    lookup.multiline = on;
  },
  edns: (lookup, on) => {
    lookup.edns = on;
  },
};

const VALUES: Readonly<Record<string, (lookup: Lookup, value: number) => void>> = {
  time: (lookup, value) => {
    lookup.timeout = Math.max(1, value);
  },
  timeout: (lookup, value) => {
    lookup.timeout = Math.max(1, value);
  },
  tries: (lookup, value) => {
    lookup.tries = Math.max(1, value);
  },
  retry: (lookup, value) => {
    lookup.tries = value + 1;
  },
  retries: (lookup, value) => {
    lookup.tries = value + 1;
  },
  bufsize: (lookup, value) => {
    lookup.bufferSize = value;
  },
  ndots: (lookup) => {
    lookup.search = true;
  },
};

/** Options that dig has and that mean something beyond what is modelled. */
const UNSUPPORTED = new Set([
  "trace",
  "nssearch",
  "dnssec",
  "do",
  "https",
  "tls",
  "subnet",
  "nsid",
  "yaml",
  "cookie",
  "keepopen",
  "besteffort",
]);
const SUPPORTED = [...Object.keys(SWITCHES), ...Object.keys(VALUES)].map((name) => `+${name}`).join(" ");

/** Harmless spellings of what happens anyway. */
const DEFAULT_ANYWAY = new Set([
  "nodnssec",
  "nocookie",
  "ttlid",
  "class",
  "fail",
  "noidnin",
  "noidnout",
  "notrace",
  "norrcomments",
  "crypto",
  "aaflag",
  "nocrypto",
]);

export interface DigError {
  readonly text: string;
  readonly usage: boolean;
}

export interface DigCommand {
  readonly lookups: readonly Lookup[];
  /** Lines to print before anything else: what was not understood and passed over. */
  readonly warnings: readonly string[];
  readonly version: boolean;
  readonly help: boolean;
}

/** Applies "+name", "+noname" or "+name=value". */
function applyPlus(lookup: Lookup, word: string): DigError | undefined {
  const invalid = { text: `Invalid option: ${word}`, usage: true };
  const equals = word.indexOf("=");
  const name = word.slice(1, equals < 0 ? undefined : equals).toLowerCase();
  if (DEFAULT_ANYWAY.has(name)) return undefined;
  if (equals >= 0) {
    const set = VALUES[name];
    const value = word.slice(equals + 1);
    if (!set) return UNSUPPORTED.has(name) ? unsupported(word) : invalid;
    if (!/^\d{1,5}$/.test(value))
      return { text: `Couldn't parse ${name === "tries" || name === "retry" ? name : "timeout"}`, usage: false };
    set(lookup, Number(value));
    return undefined;
  }
  const off = name.startsWith("no") && SWITCHES[name.slice(2)] !== undefined;
  const set = SWITCHES[off ? name.slice(2) : name];
  if (set) {
    set(lookup, !off);
    return undefined;
  }
  return UNSUPPORTED.has(name) ? unsupported(word) : invalid;
}

const unsupported = (word: string): DigError => ({ text: `dig: ${word} is not supported here; supported are ${SUPPORTED}`, usage: false });

/** Reads the words after "dig". */
export function parseDig(words: readonly string[]): DigCommand | DigError {
  const global: Lookup = { ...DEFAULTS };
  const lookups: Lookup[] = [];
  const warnings: string[] = [];
  let current = global;
  let typed = false;
  const start = (name: string): void => {
    current = { ...(lookups.length > 0 ? { ...global, type: "A" as const } : global), name };
    if (!typed) current.type = "A";
    lookups.push(current);
  };
  for (let i = 0; i < words.length; i++) {
    const word = words[i] as string;
    if (word.startsWith("@")) current.server = word.slice(1);
    else if (word.startsWith("+")) {
      const error = applyPlus(current, word);
      if (error) return error;
    } else if (word.startsWith("-") && word.length > 1) {
      const letter = word[1] as string;
      if (word === "-4" || word === "-6") {
        global.family = current.family = word === "-4" ? 4 : 6;
        continue;
      }
      if (word === "-v") return { lookups, warnings, version: true, help: false };
      if (word === "-h") return { lookups, warnings, version: false, help: true };
      if (word === "-m" || word === "-r" || word === "-u" || word === "-i") continue;
      const value = word.length > 2 ? word.slice(2) : words[++i];
      if (value === undefined || !"xtqpcbfky".includes(letter)) return { text: `Invalid option: ${word}`, usage: true };
      if (letter === "x") {
        const ip = parseIp(value);
        if (ip === undefined) return { text: `Invalid IP address ${value}`, usage: false };
        typed = false;
        start(reverseName(ip));
        current.type = "PTR";
      } else if (letter === "t") {
        const type = parseType(value);
        if (type) {
          current.type = type;
          if (lookups.length === 0) typed = true;
        } else warnings.push(`;; Warning, ignoring invalid type ${value}`);
      } else if (letter === "q") start(value);
      else if (letter === "p") {
        if (!/^\d{1,5}$/.test(value) || Number(value) > 65535 || Number(value) < 1)
          return { text: "Couldn't parse port number", usage: false };
        current.port = Number(value);
      } else if (letter !== "c") return { text: `dig: -${letter} is not supported here; supported are -4 -6 -p -q -t -x -v`, usage: false };
    } else {
      const type = parseType(word);
      if (/^(in|ch|hs)$/i.test(word)) continue;
      if (type && !(lookups.length === 0 && typed)) {
        current.type = type;
        if (lookups.length === 0) typed = true;
      } else start(word);
    }
  }
  // dig's short form, and with it the command that it shows, is one for all that is asked.
  const short = words.findLast((word) => /^\+(no)?short$/i.test(word));
  if (short !== undefined && lookups.length > 1)
    for (const lookup of lookups) if (!/^\+no/i.test(short)) Object.assign(lookup, { short: true, cmd: false });
  if (lookups.length === 0) lookups.push(typed ? global : { ...global });
  return { lookups, warnings, version: false, help: false };
}
