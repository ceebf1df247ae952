/** tracepath: the way to a host and the path MTU, by UDP probes (iputils). */
import { formatIp, type Ip } from "../../../kernel/address.ts";
import type { RawSocket } from "../../../kernel/socket/raw.ts";
import { anyOf, type Op, sleep } from "../../../kernel/task.ts";
import { IPV4_HEADER_LENGTH, IPV6_HEADER_LENGTH } from "../../../kernel/wire/length.ts";
import { type IcmpMessage, PROTO_ICMP, PROTO_ICMPV6, PROTO_UDP } from "../../../kernel/wire/packet.ts";
import type { Command, Process } from "../../command.ts";
import { getopt, OptionError } from "../../getopt.ts";
import { ResolveError, resolveHost } from "../../resolver.ts";
import { wholeBody } from "./icmp-text.ts";
import { AddressNames, ERRNO_TEXT } from "./names.ts";

const USAGE = `
Usage
  tracepath [options] <destination>

Options:
  -4             use IPv4
  -6             use IPv6
  -b             print both name and IP
  -l <length>    use packet <length>
  -m <hops>      use maximum <hops>
  -n             no reverse DNS name resolution
  -p <port>      use destination <port>
  -V             print version and exit
  <destination>  DNS name or IP address

For more details see tracepath(8).
`;

const VERSION = "tracepath from iputils 20250605\nlibcap: yes, IDN: yes, NLS: no, error.h: yes, getrandom(): yes, __fpending(): yes\n";
const BASE_PORT = 44444;
const DEFAULT_HOPS = 30;
const DEFAULT_LENGTH = { 4: 65535, 6: 128000 } as const;
const TRIES = 3;
const SECOND = 1_000_000;
const HOST_COLUMN = 52;
const UDP_HEADER_LENGTH = 8;

interface Answer {
  readonly from: Ip;
  readonly ttl: number;
  readonly message: IcmpMessage;
  /** µs. */
  readonly took: number;
}

class Tracepath {
  readonly process: Process;
  readonly dst: Ip;
  readonly names: AddressNames;
  readonly both: boolean;
  readonly port: number;
  #send: RawSocket;
  #errors: RawSocket;
  #sourcePort: number;
  /** Bytes of the next probe with its IP header. */
  mtu: number;
  hopsTo: number | undefined;
  hopsFrom: number | undefined;
  #sent = 0;

  constructor(process: Process, dst: Ip, names: AddressNames, both: boolean, port: number, length: number) {
    this.process = process;
    this.dst = dst;
    this.names = names;
    this.both = both;
    this.port = port;
    this.mtu = length;
    const four = typeof dst === "number";
    const owner = { process: "tracepath", pid: process.pid };
    const { sockets, kernel } = process.netns;
    this.#send = sockets.raw(owner, four ? 4 : 6, PROTO_UDP);
    this.#errors = sockets.raw(owner, four ? 4 : 6, four ? PROTO_ICMP : PROTO_ICMPV6);
    this.#sourcePort = 32768 + kernel.random.below(28232);
  }

  close(): void {
    this.#send.close();
    this.#errors.close();
  }

  /** All hops; an errno's text when a probe could not be sent. */
  *run(maxHops: number): Op<string | undefined> {
    const { stdout } = this.process;
    for (let ttl = 1; ttl <= maxHops; ttl++) {
      let silent = 0;
      while (silent < TRIES) {
        const before = this.mtu;
        const outcome = yield* this.#probe(ttl);
        if (outcome === "reached") return undefined;
        if (outcome === "silent") silent++;
        else if (outcome !== "answered") return outcome.errno;
        // With a new size the hop is asked again, as often as a fresh one.
        else if (this.mtu === before) break;
        else silent = 0;
      }
      if (silent === TRIES) stdout.write(`${padded(ttl)}:  no reply\n`);
    }
    stdout.write(`     Too many hops: pmtu ${this.mtu}\n`);
    return undefined;
  }

  /** One probe and its answer, printed (probe_ttl). */
  *#probe(ttl: number): Op<"reached" | "answered" | "silent" | { readonly errno: string }> {
    const { dst, process } = this;
    const { inet, kernel } = process.netns;
    const header = typeof dst === "number" ? IPV4_HEADER_LENGTH : IPV6_HEADER_LENGTH;
    const port = (this.port + this.#sent++) & 0xffff;
    const payload = { kind: "zeros", length: Math.max(0, this.mtu - header - UDP_HEADER_LENGTH) } as const;
    const sentAt = kernel.clock.now;
    const body = { kind: "udp", srcPort: this.#sourcePort, dstPort: port, payload } as const;
    const sent = this.#send.send({ dst, ttl, df: true, body });
    if (sent === "EMSGSIZE") {
      this.mtu = inet.mtuTo(dst) ?? header + UDP_HEADER_LENGTH;
      process.stdout.write(`${padded(ttl)}?: ${"[LOCALHOST]".padEnd(32)} pmtu ${this.mtu}\n`);
      return yield* this.#probe(ttl);
    }
    if (typeof sent === "string") return { errno: ERRNO_TEXT[sent] ?? sent };
    const answer = yield* this.#answerTo(port, sentAt);
    if (!answer) return "silent";
    return yield* this.#explain(ttl, answer);
  }

  *#answerTo(port: number, sentAt: number): Op<Answer | undefined> {
    const { clock } = this.process.netns.kernel;
    const deadline = sentAt + SECOND;
    for (;;) {
      for (let received = this.#errors.receive(); received; received = this.#errors.receive()) {
        const { packet, at } = received;
        const message = wholeBody(packet);
        if (message.kind !== "icmp" || !message.original) continue;
        const about = wholeBody(message.original);
        if (about.kind !== "udp" || about.srcPort !== this.#sourcePort || about.dstPort !== port) continue;
        return { from: packet.src, ttl: packet.ttl, message, took: at - sentAt };
      }
      if (clock.now >= deadline) return undefined;
      yield anyOf(this.#errors.readable, sleep(deadline - clock.now));
    }
  }

  *#explain(ttl: number, { from, ttl: left, message, took }: Answer): Op<"reached" | "answered"> {
    const { stdout } = this.process;
    const four = typeof from === "number";
    const host = yield* this.#host(from);
    const back = left <= 64 ? 65 - left : left <= 128 ? 129 - left : 256 - left;
    const time = `${String(Math.floor(took / 1000)).padStart(3)}.${String(took % 1000).padStart(3, "0")}ms `;
    const head = `${padded(ttl)}:  ${host.padEnd(HOST_COLUMN)}${time}`;
    const unreachable = message.type === (four ? 3 : 1);
    if (four ? unreachable && message.code === 4 : message.type === 2) {
      this.mtu = message.mtu ?? this.mtu;
      stdout.write(`${head}pmtu ${this.mtu}\n`);
      return "answered";
    }
    const asymmetric = back !== ttl ? `asymm ${padded(back)} ` : "";
    if (!unreachable) {
      stdout.write(`${head}${asymmetric}\n`);
      return "answered";
    }
    if (message.code === (four ? 3 : 4)) {
      this.hopsTo = ttl;
      this.hopsFrom = back;
      stdout.write(`${head}reached\n`);
    } else stdout.write(`${head}${REFUSALS[four ? 4 : 6][message.code] ?? "!A"}\n`);
    return "reached";
  }

  *#host(ip: Ip): Op<string> {
    const name = yield* this.names.nameOf(ip);
    if (name === undefined) return formatIp(ip);
    return this.both ? `${name} (${formatIp(ip)})` : name;
  }
}

/** What ends the way early, by code of "destination unreachable". */
const REFUSALS: Readonly<Record<4 | 6, readonly string[]>> = { 4: ["!N", "!H", "!P"], 6: ["!N", "!A", "!H", "!H"] };

const padded = (number: number): string => String(number).padStart(2);

function* run(process: Process): Op<number> {
  const { argv, stdout, stderr, netns } = process;
  const parsed = getopt(argv.slice(1), { short: "46bh?l:m:np:V" });
  if (parsed instanceof OptionError) {
    stderr.write(`tracepath: ${parsed.message}\n${USAGE}`);
    return 255;
  }
  const flags = new Set<string>();
  const numbers = new Map<string, number>();
  for (const { name, value } of parsed.options) {
    if (name === "V") {
      stdout.write(VERSION);
      return 0;
    }
    if (name === "h" || name === "?") {
      stderr.write(USAGE);
      return 255;
    }
    if (!"lmp".includes(name)) {
      flags.add(name);
      continue;
    }
    if (!/^\d+$/.test(value)) {
      stderr.write(`tracepath: invalid argument: '${value}'\n`);
      return 1;
    }
    numbers.set(name, Number(value));
  }
  const [target] = parsed.operands;
  if (target === undefined || parsed.operands.length > 1) {
    stderr.write(USAGE);
    return 255;
  }
  const [host = target, port] = target.includes(":") ? [target] : target.split("/");
  const found = yield* resolveHost(process, host, flags.has("4") ? 4 : flags.has("6") ? 6 : undefined);
  if (found instanceof ResolveError) {
    stderr.write(`tracepath: ${host}: ${found.message}\n`);
    return 255;
  }
  const dst = found.addresses[0] as Ip;
  const family = typeof dst === "number" ? 4 : 6;
  const routed = netns.inet.sourceFor(dst);
  if (typeof routed === "string") {
    stderr.write(`tracepath: send failed: ${ERRNO_TEXT[routed] ?? routed}\n     Resume: pmtu ${DEFAULT_LENGTH[family]} \n`);
    return 1;
  }
  const names = new AddressNames(process, !flags.has("n"));
  const length = Math.min(DEFAULT_LENGTH[family], numbers.get("l") ?? DEFAULT_LENGTH[family]);
  const path = new Tracepath(process, dst, names, flags.has("b"), numbers.get("p") ?? (Number(port) || BASE_PORT), length);
  try {
    const failure = yield* path.run(Math.min(255, Math.max(1, numbers.get("m") ?? DEFAULT_HOPS)));
    if (failure !== undefined) stderr.write(`tracepath: send failed: ${failure}\n`);
    const hops = path.hopsTo === undefined ? "" : `hops ${path.hopsTo} back ${path.hopsFrom} `;
    stdout.write(`     Resume: pmtu ${path.mtu} ${hops}\n`);
    return failure === undefined ? 0 : 1;
  } finally {
    path.close();
  }
}

export const tracepathCommands: readonly Command[] = ["tracepath", "tracepath6"].map((name) => ({
  name,
  summary: "print the way to a host and the path MTU",
  run,
}));
