/** tcpdump's options. */
import { getopt, OptionError } from "../../../getopt.ts";
import type { PrintOptions } from "./print.ts";
import type { Rotation } from "./rotation.ts";

const VERSION = `tcpdump version 4.99.6
libpcap version 1.11.0 (64-bit time_t, with TPACKET_V3)
OpenSSL 3.6.5 29 Sep 2026
64-bit build, 64-bit time_t
`;

const USAGE = `Usage: tcpdump [-AbdDefghHIJKlLnNOpqStuUvxX#] [ -B size ] [ -c count ] [--count]
		[ -C file_size ] [ -E algo:secret ] [ -F file ] [ -G seconds ]
		[ -i interface ] [ --immediate-mode ] [ -j tstamptype ]
		[ -M secret ] [ --number ] [ --print ] [ -Q in|out|inout ]
		[ -r file ] [ -s snaplen ] [ -T type ] [ --version ]
		[ -V file ] [ -w file ] [ -W filecount ] [ -y datalinktype ]
		[ --time-stamp-precision precision ] [ --micro ] [ --nano ]
		[ -z postrotate-command ] [ -Z user ] [ expression ]
`;

const SUPPORTED = "-A -c -C -D -e -F -G -i -l -L -n -p -q -Q -r -s -S -t -U -v -w -W -x -X -Z -# --count --print";
/** Bytes of a frame that are kept unless -s says otherwise, and what -s 0 means. */
const DEFAULT_SNAPLEN = 262144;
/** So much is needed to see the headers of any packet here: with less the real one says what is cut off. */
const LEAST_SNAPLEN = 94;

/** What -C counts in. */
const MEGABYTE = 1_000_000;

/** atoi(3). */
const leading = (text: string): number => Number.parseInt(text, 10) || 0;

const LONG = {
  interface: true,
  "list-interfaces": false,
  help: false,
  version: false,
  number: false,
  "absolute-tcp-sequence-numbers": false,
  "no-promiscuous-mode": false,
  direction: true,
  "snapshot-length": true,
  "immediate-mode": false,
  "packet-buffered": false,
  count: false,
  print: false,
  "list-data-link-types": false,
  micro: false,
} as const;

export interface Options {
  device: string | undefined;
  count: number;
  numeric: boolean;
  listOnly: boolean;
  /** -L: only the link types of the device are told. */
  linkTypesOnly: boolean;
  /** The file to read frames from (-r), "-" for standard input. */
  readFrom: string | undefined;
  /** The file to write them to (-w), "-" for standard output. */
  writeTo: string | undefined;
  /** When another file follows (-G, -C, -W). */
  rotation: Rotation;
  /** Each frame is written at once (-U), not a block at a time. */
  unbuffered: boolean;
  /** Frames are printed besides being written. */
  printing: boolean;
  /** The file with the expression (-F). */
  filterFile: string | undefined;
  /** Bytes of a frame that are kept. */
  snaplen: number;
  direction: "in" | "out" | "inout";
  /** Only the number of packets is told (--count). */
  counting: boolean;
  promiscuous: boolean;
  print: PrintOptions;
  expression: readonly string[];
}

/** The options; a string is a complaint for stderr with status 1. */
export function parseOptions(words: readonly string[]): Options | { readonly early: string; readonly toStderr: boolean } | string {
  const parsed = getopt(words, { short: "AbdDefghHIJKlLnNOpqStuUvxX#B:c:C:E:F:G:i:j:M:Q:r:s:T:V:w:W:y:z:Z:", long: LONG });
  if (parsed instanceof OptionError) return `tcpdump: ${parsed.message}\n${VERSION}${USAGE}`;
  const count = new Map<string, number>();
  const options: Options = {
    device: undefined,
    count: -1,
    numeric: false,
    listOnly: false,
    linkTypesOnly: false,
    readFrom: undefined,
    writeTo: undefined,
    rotation: { seconds: 0, bytes: 0, files: 0 },
    unbuffered: false,
    printing: false,
    filterFile: undefined,
    snaplen: DEFAULT_SNAPLEN,
    direction: "inout",
    counting: false,
    promiscuous: true,
    print: {
      verbosity: 0,
      quiet: false,
      linkLevel: false,
      timestamps: 0,
      absoluteSequence: false,
      dump: "",
      numbered: false,
      anyDevice: false,
    },
    expression: parsed.operands,
  };
  for (const { name, value } of parsed.options) {
    count.set(name, (count.get(name) ?? 0) + 1);
    switch (name) {
      case "i":
      case "interface":
        options.device = value;
        break;
      case "c":
        if (!/^\d{1,9}$/.test(value) || Number(value) === 0) return `tcpdump: invalid packet count ${value}\n`;
        options.count = Number(value);
        break;
      case "Q":
      case "direction":
        if (value !== "in" && value !== "out" && value !== "inout") return `tcpdump: unknown capture direction '${value}'\n`;
        options.direction = value;
        break;
      case "D":
      case "list-interfaces":
        options.listOnly = true;
        break;
      case "h":
      case "help":
        return { early: VERSION + USAGE, toStderr: false };
      case "version":
        return { early: VERSION, toStderr: false };
      case "n":
        options.numeric = true;
        break;
      case "p":
      case "no-promiscuous-mode":
        options.promiscuous = false;
        break;
      case "count":
        options.counting = true;
        break;
      case "s":
      case "snapshot-length":
        if (!/^\d{1,6}$/.test(value) || Number(value) > DEFAULT_SNAPLEN) return `tcpdump: invalid snaplen ${value}\n`;
        options.snaplen = Number(value) || DEFAULT_SNAPLEN;
        if (options.snaplen < LEAST_SNAPLEN)
          return `tcpdump: a snaplen below ${LEAST_SNAPLEN} is not supported here: it would cut headers off\n`;
        break;
      case "L":
      case "list-data-link-types":
        options.linkTypesOnly = true;
        break;
      case "r":
        options.readFrom = value;
        break;
      case "w":
        options.writeTo = value;
        break;
      case "G":
        if (leading(value) < 0) return `tcpdump: invalid number of seconds ${value}\n`;
        options.rotation = { ...options.rotation, seconds: leading(value) };
        break;
      case "C":
        if (!/^\d{1,9}$/.test(value) || Number(value) === 0) return `tcpdump: invalid file size ${value}\n`;
        options.rotation = { ...options.rotation, bytes: Number(value) * MEGABYTE };
        break;
      case "W":
        if (leading(value) <= 0) return `tcpdump: invalid number of output files ${value}\n`;
        options.rotation = { ...options.rotation, files: leading(value) };
        break;
      case "U":
      case "packet-buffered":
        options.unbuffered = true;
        break;
      case "print":
        options.printing = true;
        break;
      case "F":
        options.filterFile = value;
        break;
      default:
        // Buffering, users and the like make no difference here.
        if (
          ![
            "A",
            "b",
            "e",
            "f",
            "l",
            "N",
            "O",
            "q",
            "S",
            "absolute-tcp-sequence-numbers",
            "t",
            "u",
            "v",
            "x",
            "X",
            "#",
            "number",
            "Z",
            "K",
            "immediate-mode",
            "micro",
            "B",
          ].includes(name)
        ) {
          return `tcpdump: -${name.length > 1 ? "-" : ""}${name} is not supported here; supported are ${SUPPORTED}\n`;
        }
    }
  }
  if (options.rotation.seconds > 0 && options.writeTo === undefined) return "tcpdump: -G cannot be used without -w.\n";
  const times = (name: string): number => count.get(name) ?? 0;
  const dump = times("X") > 0 ? (times("X") > 1 ? "XX" : "X") : times("x") > 0 ? (times("x") > 1 ? "xx" : "x") : times("A") > 0 ? "A" : "";
  options.print = {
    verbosity: times("v"),
    quiet: times("q") > 0,
    linkLevel: times("e") > 0,
    timestamps: times("t"),
    absoluteSequence: times("S") + times("absolute-tcp-sequence-numbers") > 0,
    dump,
    numbered: times("#") + times("number") > 0,
    anyDevice: false,
  };
  return options;
}
