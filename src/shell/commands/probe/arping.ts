/** arping: asks for a neighbour by ARP, past the neighbour table (iputils). */
import { BROADCAST_MAC, formatIp, type Ipv4, type Mac, parseIpv4 } from "../../../kernel/address.ts";
import type { NetDevice } from "../../../kernel/device/device.ts";
import { sendArp } from "../../../kernel/inet/arp.ts";
import { routeOutput } from "../../../kernel/inet/output.ts";
import type { PacketSocket } from "../../../kernel/socket/packet.ts";
import { anyOf, type Op, Signal, sleep } from "../../../kernel/task.ts";
import type { Command, Process } from "../../command.ts";
import { getopt, OptionError } from "../../getopt.ts";
import { ResolveError, resolveHost } from "../../resolver.ts";

const USAGE = `
Usage:
  arping [options] <destination>

Options:
  -f            quit on first reply
  -q            be quiet
  -b            keep on broadcasting, do not unicast
  -D            duplicate address detection mode
  -U            unsolicited ARP mode, update your neighbours
  -A            ARP answer mode, update your neighbours
  -V            print version and exit
  -c <count>    how many packets to send
  -w <timeout>  how long to wait for a reply
  -i <interval> set interval between packets (default: 1 second)
  -I <device>   which ethernet device to use
  -s <source>   source IP address
  <destination> DNS name or IP address

For more details see arping(8).
`;

const VERSION = "arping from iputils 20250605\nlibcap: yes, IDN: yes, NLS: no, error.h: yes, getrandom(): yes, __fpending(): yes\n";
const SECOND = 1_000_000;

interface ArpingOptions {
  readonly flags: ReadonlySet<string>;
  readonly count: number | undefined;
  /** µs. */
  readonly timeout: number | undefined;
  readonly interval: number;
  readonly device: string | undefined;
  readonly source: string | undefined;
  readonly target: string;
}

/** The options, or what is printed and returned instead. */
function parse(argv: readonly string[]): ArpingOptions | { readonly text: string; readonly status: number } {
  const parsed = getopt(argv.slice(1), { short: "h?bfDUAqc:w:i:s:I:V" });
  if (parsed instanceof OptionError) return { text: `arping: ${parsed.message}\n${USAGE}`, status: 2 };
  const flags = new Set<string>();
  const values = new Map<string, string>();
  const numbers = new Map<string, number>();
  for (const { name, value } of parsed.options) {
    if (name === "V") return { text: VERSION, status: 0 };
    if (name === "h" || name === "?") return { text: USAGE, status: 2 };
    if ("cwi".includes(name)) {
      const number = Number(value);
      if (value === "" || Number.isNaN(number)) return { text: `arping: invalid argument: '${value}'\n`, status: 1 };
      if (number < (name === "w" ? 0 : 1))
        return { text: `arping: invalid argument: '${value}': out of range: 1 <= value <= 9223372036854775807\n`, status: 1 };
      numbers.set(name, number);
    } else if ("sI".includes(name)) values.set(name, value);
    else flags.add(name);
  }
  const target = parsed.operands[0];
  if (target === undefined || parsed.operands.length > 1) return { text: USAGE, status: 2 };
  const timeout = numbers.get("w");
  return {
    flags,
    target,
    count: flags.has("f") && !numbers.has("c") ? undefined : numbers.get("c"),
    timeout: timeout ? timeout * SECOND : undefined,
    interval: (numbers.get("i") ?? 1) * SECOND,
    device: values.get("I"),
    source: values.get("s"),
  };
}

/** A device, or why there is none. */
function namedDevice(process: Process, name: string): NetDevice | string {
  const device = process.netns.device(name);
  if (!device) return `arping: Device ${name} not available.\n`;
  if (!device.up) return `Interface "${name}" is down\n`;
  return device.noArp ? `Interface "${name}" is not ARPable\n` : device;
}

function deviceTowards(process: Process, target: Ipv4): NetDevice | string {
  // The one that the route to the target goes by, as iputils asks the kernel for it.
  const found = routeOutput(process.netns, target, undefined, undefined, 0);
  const device = typeof found === "string" ? undefined : found.dev;
  return device && !device.noArp && device.kind !== "loopback"
    ? device
    : "arping: Suitable device could not be determined. Please, use option -I.\n";
}

class Arping {
  readonly process: Process;
  readonly options: ArpingOptions;
  readonly device: NetDevice;
  readonly target: Ipv4;
  readonly source: Ipv4;
  #socket: PacketSocket;
  #sent = 0;
  #broadcasts = 0;
  #received = 0;
  #requests = 0;
  #broadcastsReceived = 0;
  #lastSent = 0;
  /** Who has answered: asked directly from then on. */
  #peer: Mac | undefined;

  constructor(process: Process, options: ArpingOptions, device: NetDevice, target: Ipv4, source: Ipv4) {
    this.process = process;
    this.options = options;
    this.device = device;
    this.target = target;
    this.source = source;
    this.#socket = process.netns.sockets.packet({ process: "arping", pid: process.pid }, device);
  }

  *run(): Op<number> {
    const { options, process } = this;
    this.#print(`ARPING ${formatIp(this.target)} from ${formatIp(this.source)} ${this.device.name}\n`);
    try {
      yield* this.#loop();
    } catch (thrown) {
      if (!(thrown instanceof Signal) || thrown.name !== "INT") throw thrown;
    } finally {
      this.#socket.close();
    }
    if (!options.flags.has("q")) process.stdout.write(this.#summary());
    if (options.flags.has("D")) return this.#received > 0 ? 1 : 0;
    return this.#received > 0 || options.flags.has("U") || options.flags.has("A") ? 0 : 1;
  }

  *#loop(): Op<void> {
    const { options } = this;
    const { clock } = this.process.netns.kernel;
    const end = options.timeout === undefined ? Number.POSITIVE_INFINITY : clock.now + options.timeout;
    const quits = options.flags.has("f") || options.flags.has("D");
    for (let next = clock.now; ; next += options.interval) {
      if (options.count !== undefined && this.#sent >= options.count) return;
      if (clock.now >= end) return;
      this.#send();
      const until = Math.min(next + options.interval, end);
      while (clock.now < until) {
        yield anyOf(this.#socket.readable, sleep(until - clock.now));
        this.#receive();
        if (quits && this.#received > 0) return;
      }
    }
  }

  #send(): void {
    const { device, target, source, options, process } = this;
    const { flags } = options;
    const to = flags.has("b") ? undefined : this.#peer;
    const announces = flags.has("A");
    const op = announces ? "reply" : "request";
    const targetMac = announces ? device.mac : (to ?? BROADCAST_MAC);
    sendArp(
      process.netns,
      device,
      { kind: "arp", op, senderMac: device.mac, senderIp: source, targetMac, targetIp: target },
      to ?? BROADCAST_MAC,
      0,
    );
    this.#lastSent = process.netns.kernel.clock.now;
    this.#sent++;
    if (!to) this.#broadcasts++;
  }

  #receive(): void {
    const { device, target, source, options } = this;
    const probing = options.flags.has("D");
    for (let frame = this.#socket.receive(); frame; frame = this.#socket.receive()) {
      const { packet, eth } = frame;
      if (frame.direction !== "in" || packet.kind !== "arp" || packet.senderIp !== target) continue;
      // In detection mode a question for the address is a sign of life, too.
      const forUs = packet.targetIp === source && packet.targetMac === device.mac;
      if (probing ? packet.senderMac === device.mac : packet.op !== "reply" || !forUs) continue;
      const broadcast = eth?.dst === BROADCAST_MAC;
      this.#received++;
      if (broadcast) this.#broadcastsReceived++;
      if (packet.op === "request") this.#requests++;
      this.#peer = packet.senderMac;
      const took = frame.at - this.#lastSent;
      const time = `${String(Math.floor(took / 1000)).padStart(2)}.${String(took % 1000).padStart(3, "0")}ms`;
      this.#print(
        `${broadcast ? "Broadcast" : "Unicast"} ${packet.op} from ${formatIp(packet.senderIp)} [${packet.senderMac.toUpperCase()}] ${time}\n`,
      );
    }
  }

  #summary(): string {
    const extra = [
      this.#requests > 0 ? `${this.#requests} request(s)` : "",
      this.#broadcastsReceived > 0 ? `${this.#broadcastsReceived} broadcast(s)` : "",
    ].filter((part) => part !== "");
    const tail = extra.length > 0 ? ` (${extra.join(", ")})` : "";
    return `Sent ${this.#sent} probes (${this.#broadcasts} broadcast(s))\nReceived ${this.#received} response(s)${tail}\n`;
  }

  #print(text: string): void {
    if (!this.options.flags.has("q")) this.process.stdout.write(text);
  }
}

function* run(process: Process): Op<number> {
  const { stderr, stdout, netns } = process;
  const options = parse(process.argv);
  if ("text" in options) {
    (options.status === 0 ? stdout : stderr).write(options.text);
    return options.status;
  }
  const named = options.device === undefined ? undefined : namedDevice(process, options.device);
  if (typeof named === "string") {
    stderr.write(named);
    return 2;
  }
  const found = yield* resolveHost(process, options.target, 4);
  if (found instanceof ResolveError) {
    stderr.write(`arping: ${options.target}: ${found.message}\n`);
    return 2;
  }
  const target = found.addresses[0] as Ipv4;
  const device = named ?? deviceTowards(process, target);
  if (typeof device === "string") {
    stderr.write(device);
    return 2;
  }
  const { flags } = options;
  let source: Ipv4;
  if (options.source !== undefined) {
    const given = parseIpv4(options.source);
    if (given === undefined) {
      stderr.write(`arping: invalid source address: ${options.source}\n`);
      return 2;
    }
    source = given;
  } else if (flags.has("D")) source = 0;
  else if (flags.has("U") || flags.has("A")) source = target;
  else {
    const chosen = netns.inet.sourceFor(target, device);
    if (typeof chosen !== "number") {
      stderr.write("arping: connect: Network is unreachable\n");
      return 2;
    }
    source = chosen;
  }
  if (source !== 0 && !netns.isLocal(source)) {
    stderr.write("arping: bind: Cannot assign requested address\n");
    return 2;
  }
  return yield* new Arping(process, options, device, target, source).run();
}

export const arping: Command = { name: "arping", summary: "ask for a neighbour by ARP", handles: ["INT"], run };
