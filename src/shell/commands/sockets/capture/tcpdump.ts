/** `tcpdump`: what passes a device, live until Ctrl-C or -c. */
import type { NetDevice } from "../../../../kernel/device/device.ts";
import type { CapturedFrame, PacketSocket } from "../../../../kernel/socket/packet.ts";
import { type Op, Signal } from "../../../../kernel/task.ts";
import type { Command, Process } from "../../../command.ts";
import { getopt, OptionError } from "../../../getopt.ts";
import { ownerOf } from "../web/connect.ts";
import { FilterError, type FrameFilter, parseFilter } from "./filter.ts";
import { Names } from "./names.ts";
import { FramePrinter, type PrintOptions } from "./print.ts";

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

const SUPPORTED = "-A -c -D -e -i -l -n -p -q -Q -s -S -t -U -v -x -X -Z -#";

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
  micro: false,
} as const;

interface Options {
  device: string | undefined;
  count: number;
  numeric: boolean;
  listOnly: boolean;
  direction: "in" | "out" | "inout";
  /** Only the number of packets is told (--count). */
  counting: boolean;
  promiscuous: boolean;
  print: PrintOptions;
  expression: readonly string[];
}

export const tcpdump: Command = {
  name: "tcpdump",
  summary: "packets on a device: tcpdump -ni eth0 [FILTER], Ctrl-C to stop",
  handles: ["INT", "TERM"],
  complete: ({ process, words }) => {
    const previous = words.at(-1) ?? "";
    if (/^-[a-zA-Z]*i$/.test(previous)) return ["any", ...process.netns.devices.all().map((device) => device.name)];
    return words.length > 1
      ? ["icmp", "arp", "tcp", "udp", "port", "host", "src", "dst", "net", "and", "or", "not"]
      : ["-i", "-n", "-e", "-v"];
  },
  run,
};

function* run(process: Process): Op<number> {
  const { stdout, stderr, netns } = process;
  const options = parse(process.argv.slice(1));
  if (typeof options === "string") {
    stderr.write(options);
    return 1;
  }
  if ("early" in options) {
    (options.toStderr ? stderr : stdout).write(options.early);
    return 0;
  }
  if (options.listOnly) {
    stdout.write(listDevices(process));
    return 0;
  }
  if (!process.capabilities.has("NET_RAW")) {
    stderr.write(
      `tcpdump: ${options.device ?? defaultDevice(process)?.name ?? "any"}: You don't have permission to perform this capture on that device\n(socket: Operation not permitted)\n`,
    );
    return 1;
  }
  const anyDevice = options.device === "any";
  const device = anyDevice ? undefined : options.device === undefined ? defaultDevice(process) : findDevice(process, options.device);
  const name = anyDevice ? "any" : (device?.name ?? options.device ?? "any");
  if (!device && !anyDevice && options.device !== undefined) {
    stderr.write(`tcpdump: ${options.device}: No such device exists\n(No such device exists)\n`);
    return 1;
  }
  if (device && !device.up) {
    stderr.write(`tcpdump: ${name}: That device is not up\n`);
    return 1;
  }
  const filter = yield* parseFilter(process, options.expression);
  if (filter instanceof FilterError) {
    stderr.write(`tcpdump: ${filter.message}\n`);
    return 1;
  }
  const wide = anyDevice || !device;
  if (wide && options.promiscuous) {
    stderr.write(
      'tcpdump: WARNING: any: That device doesn\'t support promiscuous mode\n(Promiscuous mode not supported on the "any" device)\n',
    );
  }
  const link = wide ? "LINUX_SLL2 (Linux cooked v2)" : "EN10MB (Ethernet)";
  stderr.write(
    `tcpdump: ${options.print.verbosity > 0 ? "" : "verbose output suppressed, use -v[v]... for full protocol decode\n"}listening on ${wide ? "any" : name}, link-type ${link}, snapshot length 262144 bytes\n`,
  );
  const socket = netns.sockets.packet(ownerOf(process), device);
  if (device && options.promiscuous) device.promiscuity++;
  const names = new Names(process, options.numeric);
  const printer = new FramePrinter(netns.kernel, names, { ...options.print, anyDevice: wide });
  const tally = { captured: 0, received: 0 };
  let interrupted = false;
  let gone = false;
  try {
    gone = yield* capture(process, socket, filter, options, printer, names, tally);
  } catch (thrown) {
    if (!(thrown instanceof Signal) || (thrown.name !== "INT" && thrown.name !== "TERM")) throw thrown;
    interrupted = true;
  } finally {
    if (device && options.promiscuous) device.promiscuity--;
    socket.close();
  }
  const packets = (count: number): string => `${count} packet${count === 1 ? "" : "s"}`;
  if (gone) stderr.write("tcpdump: pcap_loop: The interface disappeared\n");
  // The terminal has echoed ^C.
  stderr.write(
    `${interrupted ? "\n" : ""}${packets(tally.captured)} captured\n${packets(tally.received)} received by filter\n${packets(socket.dropped)} dropped by kernel\n`,
  );
  return gone ? 1 : 0;
}

/** Prints frames as they come; true when the device went away. */
function* capture(
  process: Process,
  socket: PacketSocket,
  filter: FrameFilter,
  options: Options,
  printer: FramePrinter,
  names: Names,
  tally: { captured: number; received: number },
): Op<boolean> {
  // On loopback every frame is sent and comes in again: libpcap leaves out the sending.
  const wanted = (frame: CapturedFrame): boolean =>
    !(frame.dev.kind === "loopback" && frame.direction === "out") &&
    (options.direction === "inout" || frame.direction === options.direction) &&
    filter(frame);
  for (;;) {
    for (let frame = socket.receive(); frame; frame = socket.receive()) {
      if (!wanted(frame)) continue;
      tally.received++;
      yield* names.prepare(printer.named(frame));
      tally.captured++;
      if (!options.counting) process.stdout.write(printer.print(frame));
      if (tally.captured === options.count) {
        // What has come in the meantime has been received, too.
        for (let rest = socket.receive(); rest; rest = socket.receive()) if (wanted(rest)) tally.received++;
        return false;
      }
    }
    if (socket.deviceGone) return true;
    yield socket.readable;
  }
}

/** The options; a string is a complaint for stderr with status 1. */
function parse(words: readonly string[]): Options | { readonly early: string; readonly toStderr: boolean } | string {
  const parsed = getopt(words, { short: "AbdDefghHIJKlLnNOpqStuUvxX#B:c:C:E:F:G:i:j:M:Q:r:s:T:V:w:W:y:z:Z:", long: LONG, posix: true });
  if (parsed instanceof OptionError) return `tcpdump: ${parsed.message}\n${VERSION}${USAGE}`;
  const count = new Map<string, number>();
  const options: Options = {
    device: undefined,
    count: -1,
    numeric: false,
    listOnly: false,
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
        if (!/^\d{1,7}$/.test(value)) return `tcpdump: invalid snaplen ${value}\n`;
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
            "U",
            "v",
            "x",
            "X",
            "#",
            "number",
            "Z",
            "K",
            "immediate-mode",
            "packet-buffered",
            "micro",
            "B",
          ].includes(name)
        ) {
          return `tcpdump: -${name.length > 1 ? "-" : ""}${name} is not supported here; supported are ${SUPPORTED}\n`;
        }
    }
  }
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

/** By name, or by number in the list of -D. */
function findDevice(process: Process, name: string): NetDevice | undefined {
  return process.netns.device(name) ?? (/^\d+$/.test(name) ? ranked(process)[Number(name) - 1] : undefined);
}

/** Devices as pcap_findalldevs() orders them: those in use first, loopback after them. */
function ranked(process: Process): readonly NetDevice[] {
  const rank = (device: NetDevice): number => (device.up && device.carrier ? 0 : 2) + (device.kind === "loopback" ? 1 : 0);
  return [...process.netns.devices.all()].sort((a, b) => rank(a) - rank(b) || a.ifindex - b.ifindex);
}

const defaultDevice = (process: Process): NetDevice | undefined => {
  const first = ranked(process)[0];
  return first?.up && first.kind !== "loopback" ? first : undefined;
};

function listDevices(process: Process): string {
  const lines: string[] = [];
  const devices = ranked(process);
  for (const device of devices.filter((candidate) => candidate.up && candidate.carrier && candidate.kind !== "loopback")) {
    lines.push(`${device.name} [Up, Running, Connected]`);
  }
  lines.push("any (Pseudo-device that captures on all interfaces) [Up, Running]");
  for (const device of devices.filter((candidate) => !(candidate.up && candidate.carrier && candidate.kind !== "loopback"))) {
    if (device.kind === "loopback") lines.push(`${device.name} [${device.up ? "Up, Running, " : ""}Loopback]`);
    else lines.push(`${device.name} [${device.up ? "Up, Disconnected" : "none, Disconnected"}]`);
  }
  lines.push(
    "bluetooth-monitor (Bluetooth Linux Monitor) [Wireless]",
    "nflog (Linux netfilter log (NFLOG) interface) [none]",
    "nfqueue (Linux netfilter queue (NFQUEUE) interface) [none]",
    "dbus-system (D-Bus system bus) [none]",
    "dbus-session (D-Bus session bus) [none]",
  );
  return lines.map((line, index) => `${index + 1}.${line}\n`).join("");
}
