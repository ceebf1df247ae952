/** `tcpdump`: what passes a device, live until Ctrl-C or -c, or what a file holds. */
import type { NetDevice } from "../../../../kernel/device/device.ts";
import type { CapturedFrame, PacketSocket } from "../../../../kernel/socket/packet.ts";
import { anyOf, type Op, Signal, sleep } from "../../../../kernel/task.ts";
import { FileError } from "../../../../kernel/vfs.ts";
import type { Command, Process } from "../../../command.ts";
import { Effort } from "../../../effort.ts";
import { openInput, openOutput } from "../../../open.ts";
import { ownerOf } from "../web/connect.ts";
import { FilterError, type FrameFilter, parseFilter } from "./filter.ts";
import { type Frame, frameOf } from "./frame.ts";
import { Names } from "./names.ts";
import { type Options, parseOptions } from "./options.ts";
import { CaptureWriter, LINK_COOKED, LINK_ETHERNET, LINK_NAMES, type LinkType, readCapture } from "./pcap.ts";
import { FramePrinter } from "./print.ts";
import { RotatingCapture } from "./rotation.ts";

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
  const { stdout, stderr } = process;
  const options = parseOptions(process.argv.slice(1));
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
  return yield* options.readFrom === undefined ? live(process, options) : replayFile(process, options, options.readFrom);
}

function* live(process: Process, options: Options): Op<number> {
  const { stdout, stderr, netns } = process;
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
  const wide = anyDevice || !device;
  if (options.linkTypesOnly) {
    if (wide && options.promiscuous) stderr.write(NO_PROMISCUITY);
    stdout.write(linkTypes(device));
    return 0;
  }
  const filter = yield* filterOf(process, options);
  if (filter instanceof FilterError) {
    stderr.write(`tcpdump: ${filter.message}\n`);
    return 1;
  }
  if (wide && options.promiscuous) stderr.write(NO_PROMISCUITY);
  const link = wide ? LINK_COOKED : LINK_ETHERNET;
  const file = openCapture(process, options, link);
  if (file === "refused") return 1;
  const silent = options.print.verbosity > 0 || (file !== undefined && !options.printing);
  stderr.write(
    `tcpdump: ${silent ? "" : "verbose output suppressed, use -v[v]... for full protocol decode\n"}listening on ${wide ? "any" : name}, link-type ${LINK_NAMES[link]}, snapshot length ${options.snaplen} bytes\n`,
  );
  const socket = netns.sockets.packet(ownerOf(process), device);
  if (device && options.promiscuous) device.promiscuity++;
  const sink = new Sink(process, options, wide, file);
  const tally = { captured: 0, received: 0 };
  let interrupted = false;
  let gone = false;
  try {
    gone = yield* capture(process, socket, filter, options, sink, tally);
  } catch (thrown) {
    if (!(thrown instanceof Signal) || (thrown.name !== "INT" && thrown.name !== "TERM")) throw thrown;
    interrupted = true;
  } finally {
    if (device && options.promiscuous) device.promiscuity--;
    socket.close();
  }
  file?.flush();
  const packets = (count: number): string => `${count} packet${count === 1 ? "" : "s"}`;
  if (gone) stderr.write("tcpdump: pcap_loop: The interface disappeared\n");
  // The terminal has echoed ^C.
  stderr.write(
    `${interrupted && file === undefined ? "\n" : ""}${packets(tally.captured)} captured\n${packets(tally.received)} received by filter\n${packets(socket.dropped)} dropped by kernel\n`,
  );
  return gone ? 1 : 0;
}

const NO_PROMISCUITY =
  'tcpdump: WARNING: any: That device doesn\'t support promiscuous mode\n(Promiscuous mode not supported on the "any" device)\n';
/** µs between two tellings of how many frames were written so far (-v with -w). */
const TELLING = 1_000_000;

/** Takes frames as they come; true when the device went away. */
function* capture(
  process: Process,
  socket: PacketSocket,
  filter: FrameFilter,
  options: Options,
  sink: Sink,
  tally: { captured: number; received: number },
): Op<boolean> {
  // On loopback every frame is sent and comes in again: libpcap leaves out the sending.
  const wanted = (captured: CapturedFrame): Frame | undefined => {
    if (captured.dev.kind === "loopback" && captured.direction === "out") return undefined;
    if (options.direction !== "inout" && captured.direction !== options.direction) return undefined;
    const frame = frameOf(captured, options.snaplen);
    return filter(frame) ? frame : undefined;
  };
  const { clock } = process.netns.kernel;
  const telling = options.writeTo !== undefined && options.print.verbosity > 0;
  let tell = clock.now + TELLING;
  for (;;) {
    for (let captured = socket.receive(); captured; captured = socket.receive()) {
      const frame = wanted(captured);
      if (!frame) continue;
      tally.received++;
      const goesOn = yield* sink.take(frame);
      tally.captured++;
      if (!goesOn || tally.captured === options.count) {
        // What has come in the meantime has been received, too.
        for (let rest = socket.receive(); rest; rest = socket.receive()) if (wanted(rest)) tally.received++;
        return false;
      }
    }
    if (socket.deviceGone) return true;
    if (telling && clock.now >= tell) {
      process.stderr.write(`Got ${tally.captured}\r`);
      tell += TELLING;
    }
    yield telling ? anyOf(socket.readable, sleep(tell - clock.now)) : socket.readable;
  }
}

/** -r: the frames of a file, with the filter, to be printed or written to another one. */
function* replayFile(process: Process, options: Options, name: string): Op<number> {
  const { stdout, stderr, netns } = process;
  const input = openInput(process, name === "-" ? "/dev/stdin" : name);
  if (input instanceof FileError) {
    stderr.write(`tcpdump: ${input.message === "Is a directory" ? "error reading dump file" : name}: ${input.message}\n`);
    return 1;
  }
  const file = readCapture(
    yield* input.readAll(),
    netns.kernel.epoch * 1000,
    (ifindex) => netns.devices.byIndex(ifindex)?.name ?? `${ifindex}`,
  );
  if (typeof file === "string") {
    stderr.write(`tcpdump: ${file}\n`);
    return 1;
  }
  const wide = file.link === LINK_COOKED;
  stderr.write(`reading from file ${name}, link-type ${LINK_NAMES[file.link]}, snapshot length ${file.snaplen}\n`);
  if (wide) stderr.write("Warning: interface names might be incorrect\n");
  const filter = yield* filterOf(process, options);
  if (filter instanceof FilterError) {
    stderr.write(`tcpdump: ${filter.message}\n`);
    return 1;
  }
  const output = openCapture(process, options, file.link);
  if (output === "refused") return 1;
  const sink = new Sink(process, options, wide, output);
  const effort = new Effort(netns.kernel.clock);
  let count = 0;
  for (const frame of file.frames) {
    if (!filter(frame)) continue;
    const goesOn = yield* sink.take(frame);
    if (effort.spend()) yield* effort.rest();
    if (++count === options.count || !goesOn) break;
  }
  output?.flush();
  if (options.counting) stdout.write(`${count} packet${count === 1 ? "" : "s"}\n`);
  if (file.failure === undefined || count === options.count) return 0;
  stderr.write(`tcpdump: pcap_loop: ${file.failure}\n`);
  return 1;
}

/** Where frames go: to the screen, to a file, or both. */
class Sink {
  readonly #process: Process;
  readonly #names: Names;
  readonly #printer: FramePrinter | undefined;
  readonly #file: Capture | undefined;

  constructor(process: Process, options: Options, anyDevice: boolean, file: Capture | undefined) {
    this.#process = process;
    this.#names = new Names(process, options.numeric);
    this.#file = file;
    const printing = !options.counting && (file === undefined || options.printing);
    if (printing) this.#printer = new FramePrinter(process.netns.kernel, this.#names, { ...options.print, anyDevice });
  }

  /** False when no further frame is to come. */
  *take(frame: Frame): Op<boolean> {
    if (this.#file && !this.#file.write(frame)) return false;
    if (!this.#printer) return true;
    yield* this.#names.prepare(this.#printer.named(frame));
    this.#process.stdout.write(this.#printer.print(frame));
    return true;
  }
}

type Capture = CaptureWriter | RotatingCapture;

/** The file of -w, or the first of several; undefined without it. "refused": it cannot be written, which has been told. */
function openCapture(process: Process, options: Options, link: LinkType): Capture | "refused" | undefined {
  const { writeTo, unbuffered, snaplen, rotation } = options;
  if (writeTo === undefined) return undefined;
  const open = (name: string): CaptureWriter | FileError => {
    const output = openOutput(process, name, false);
    if (output instanceof FileError) return output;
    return new CaptureWriter(output, { link, snaplen, unbuffered, epochMicros: process.netns.kernel.epoch * 1000 });
  };
  const rotates = rotation.seconds > 0 || rotation.bytes > 0;
  const name = writeTo === "-" ? "/dev/stdout" : writeTo;
  const opened = rotates && writeTo !== "-" ? RotatingCapture.start(process, writeTo, rotation, open) : open(name);
  if (opened !== undefined && !(opened instanceof FileError)) return opened;
  // It gives the file away to the user whose rights it goes on with, and fails in that.
  process.stderr.write("tcpdump: Couldn't change ownership of savefile\n");
  return "refused";
}

/** The expression on the line, or in the file of -F. */
function* filterOf(process: Process, { expression, filterFile }: Options): Op<FrameFilter | FilterError> {
  if (filterFile === undefined) return yield* parseFilter(process, expression);
  const input = openInput(process, filterFile);
  if (input instanceof FileError) return new FilterError(`can't open ${filterFile}: ${input.message}`);
  return yield* parseFilter(process, [(yield* input.readAll()).replaceAll("\n", " ")]);
}

/** -L. */
function linkTypes(device: NetDevice | undefined): string {
  const types = device
    ? [LINK_NAMES[LINK_ETHERNET], ...(device.kind === "loopback" ? [] : ["DOCSIS (DOCSIS) (printing not supported)"])]
    : ["LINUX_SLL (Linux cooked v1)", LINK_NAMES[LINK_COOKED]];
  return `Data link types for ${device?.name ?? "any"} (use option -y to set):\n${types.map((type) => `  ${type}\n`).join("")}`;
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
