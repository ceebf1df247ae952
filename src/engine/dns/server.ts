/**
 * The embedded DNS server (libnetwork/resolver.go): it listens on 127.0.0.11 in the container's netns, on random ports that
 * rules in that netns lead port 53 to; it answers for the names of the container's networks and passes on the rest.
 */
import { formatIp, type Ip, parseIp } from "../../kernel/address.ts";
import type { Netns } from "../../kernel/netns.ts";
import type { TcpListener, TcpSocket } from "../../kernel/socket/tcp.ts";
import type { ReceivedDatagram, UdpSocket } from "../../kernel/socket/udp.ts";
import { anyOf, type Op, Signal, sleep, Task } from "../../kernel/task.ts";
import { DnsStream, encodeDns } from "../../kernel/wire/dns-stream.ts";
import type { DnsMessage, DnsRecord, DnsStatus } from "../../kernel/wire/packet.ts";
import type { ExternalServer } from "../files/resolv-conf.ts";

export const EMBEDDED_DNS = "127.0.0.11";

/** Seconds that an answer of the engine's own may be kept. */
const TTL = 600;
const SECOND = 1_000_000;
/** extIOTimeout: how long an upstream server is waited for. */
const UPSTREAM_TIMEOUT = 4 * SECOND;
const MAX_UPSTREAM = 3;
const DNS_PORT = 53;
/**
 * The ports are random ephemeral ones, as the kernel gives them to a fresh netns, but of a small part of the range: the
 * rules of thousands of containers are then the same few hundred, which netfilter need not read each time anew.
 */
const FIRST_PORT = 32769;
const PORT_SPAN = 256;
/** Process name of the daemon, as `ss -p` shows it. */
const OWNER = "dockerd";

/** Whom the server asks: the sandbox, which knows the container's networks. */
export interface DnsBackend {
  /** Addresses in the order in which they are to be answered; undefined for a name that is nobody's. */
  resolveName(name: string, family: 4 | 6): readonly Ip[] | undefined;
  /** "name.network" of an address. */
  resolveAddress(ip: Ip): string | undefined;
  /** Whether the user's settings name ndots, which keeps single words from being passed on. */
  readonly ndotsSet: boolean;
  /** The container has a way out: what the host's servers know may be asked from the host's netns. */
  readonly mayForward: boolean;
}

export class EmbeddedDnsServer {
  readonly #netns: Netns;
  readonly #host: Netns;
  readonly #backend: DnsBackend;
  readonly #pid: number;
  #external: readonly ExternalServer[];
  #udp: UdpSocket | undefined;
  #tcp: TcpListener | undefined;
  readonly #tasks = new Set<Task<void>>();

  constructor(netns: Netns, host: Netns, backend: DnsBackend, external: readonly ExternalServer[], pid: number) {
    this.#netns = netns;
    this.#host = host;
    this.#backend = backend;
    this.#pid = pid;
    this.#external = external;
  }

  set external(servers: readonly ExternalServer[]) {
    this.#external = servers;
  }

  start(): void {
    const { sockets, kernel } = this.#netns;
    const owner = { process: OWNER, pid: this.#pid };
    const ip = parseIp(EMBEDDED_DNS) as Ip;
    const udp = sockets.udp(owner, { ip, port: this.#randomPort() });
    const tcp = sockets.tcpListen(owner, { ip, port: this.#randomPort() });
    if (typeof udp === "string" || typeof tcp === "string") return;
    this.#udp = udp;
    this.#tcp = tcp;
    this.#setUpNat(udp.localPort, tcp.localPort);
    udp.readable.arm(kernel.clock, () => this.#drain());
    tcp.acceptable.arm(kernel.clock, () => this.#accept());
  }

  stop(): void {
    this.#udp?.close();
    this.#tcp?.close();
    this.#udp = undefined;
    this.#tcp = undefined;
    for (const task of [...this.#tasks]) task.signal(new Signal("KILL"));
    this.#tasks.clear();
  }

  #randomPort(): number {
    return FIRST_PORT + this.#netns.kernel.random.below(PORT_SPAN);
  }

  /** setupIptablesNAT of libnetwork/resolver_unix.go: port 53 of 127.0.0.11 means the ports that were free. */
  #setUpNat(udpPort: number, tcpPort: number): void {
    const run = (...words: string[]): void => {
      this.#netns.netfilter.command(4, ["-t", "nat", ...words]);
    };
    run("-N", "DOCKER_OUTPUT");
    run("-I", "OUTPUT", "-d", EMBEDDED_DNS, "-j", "DOCKER_OUTPUT");
    run("-N", "DOCKER_POSTROUTING");
    run("-I", "POSTROUTING", "-d", EMBEDDED_DNS, "-j", "DOCKER_POSTROUTING");
    for (const [protocol, port] of [
      ["udp", udpPort],
      ["tcp", tcpPort],
    ] as const) {
      const to = ["-j", "DNAT", "--to-destination", `${EMBEDDED_DNS}:${port}`];
      run("-I", "DOCKER_OUTPUT", "-d", EMBEDDED_DNS, "-p", protocol, "--dport", "53", ...to);
      const from = ["-j", "SNAT", "--to-source", ":53"];
      run("-I", "DOCKER_POSTROUTING", "-s", EMBEDDED_DNS, "-p", protocol, "--sport", String(port), ...from);
    }
  }

  #drain(): void {
    for (let datagram = this.#udp?.receive(); datagram; datagram = this.#udp?.receive()) {
      if (datagram.payload.kind === "dns" && !datagram.payload.message.response) this.#serve(datagram, datagram.payload.message);
    }
    this.#udp?.takeError();
  }

  #serve(datagram: ReceivedDatagram, query: DnsMessage): void {
    const reply = (message: DnsMessage): void => {
      this.#udp?.send({ kind: "dns", message }, { ip: datagram.from, port: datagram.fromPort }, datagram.packet);
    };
    const known = this.#answer(query, datagram.packet);
    if (known) reply(known);
    else this.#spawn(this.#forward(query, datagram.packet, reply));
  }

  #accept(): void {
    for (let socket = this.#tcp?.accept(); socket; socket = this.#tcp?.accept()) this.#spawn(this.#serveStream(socket));
  }

  *#serveStream(socket: TcpSocket): Op<void> {
    const stream = new DnsStream();
    try {
      while (!socket.ended && !socket.error) {
        for (const query of stream.take(socket.receive())) {
          const known = this.#answer(query, 0);
          if (known) socket.send(encodeDns(known));
          else yield* this.#forward(query, 0, (message) => socket.send(encodeDns(message)));
        }
        yield socket.changed;
      }
    } finally {
      socket.close();
    }
  }

  #spawn(op: Op<void>): void {
    const task = new Task(this.#netns.kernel.clock, op);
    if (task.done) return;
    this.#tasks.add(task);
    task.exited.arm(this.#netns.kernel.clock, () => this.#tasks.delete(task));
  }

  /** What the engine itself knows; undefined for what is to be passed on. */
  #answer(query: DnsMessage, packet: number): DnsMessage | undefined {
    const { name, type } = query.question;
    const bare = name.replace(/\.$/, "");
    let answers: readonly DnsRecord[] | undefined;
    if (type === "A" || type === "AAAA") {
      const addresses = this.#backend.resolveName(bare, type === "A" ? 4 : 6);
      answers = addresses?.map((ip) => ({ name, type, ttl: TTL, data: formatIp(ip) }));
    } else if (type === "MX") {
      // Mail goes to the address of a name without MX (RFC 5321 section 5.1).
      if (this.#backend.resolveName(bare, 4) !== undefined) answers = [];
    } else if (type === "PTR") {
      const ip = addressOfReverseName(bare);
      const host = ip === undefined ? undefined : this.#backend.resolveAddress(ip);
      if (host !== undefined) answers = [{ name, type, ttl: TTL, data: `${host}.` }];
    }
    if (!answers && (type === "A" || type === "AAAA") && this.#backend.ndotsSet && !bare.includes(".")) answers = [];
    if (!answers) return undefined;
    this.#tell(query, answers, "embedded", packet);
    return respond(query, "NOERROR", answers);
  }

  *#forward(query: DnsMessage, packet: number, reply: (message: DnsMessage) => void): Op<void> {
    for (const server of this.#external.slice(0, MAX_UPSTREAM)) {
      // From an internal network nothing is asked through the host's netns.
      if (server.fromHost && !this.#backend.mayForward) continue;
      const ip = parseIp(server.address);
      if (ip === undefined) continue;
      const answer = yield* exchange(server.fromHost ? this.#host : this.#netns, this.#pid, ip, query, packet);
      if (!answer || answer.status === "SERVFAIL" || answer.status === "REFUSED") continue;
      this.#tell(query, answer.answers, "upstream", packet);
      reply({ ...answer, id: query.id });
      return;
    }
    this.#tell(query, [], "none", packet);
    reply({ ...respond(query, "SERVFAIL", []), recursionAvailable: false });
  }

  #tell(query: DnsMessage, answers: readonly DnsRecord[], source: string, packet: number): void {
    const { kernel, uid } = this.#netns;
    const answer = answers.map((record) => record.data).join(" ");
    const { name, type } = query.question;
    kernel.trace.event(kernel.clock.now, "dns-answer", uid, { name, type, answer, source, packet });
  }
}

function respond(query: DnsMessage, status: DnsStatus, answers: readonly DnsRecord[]): DnsMessage {
  return {
    ...query,
    response: true,
    status,
    authoritative: false,
    recursionAvailable: true,
    truncated: false,
    answers,
    authority: [],
    additional: [],
    edns: undefined,
    uncompressed: true,
  };
}

/** One question to one server from a socket of its own; undefined without an answer in time. */
function* exchange(netns: Netns, pid: number, server: Ip, query: DnsMessage, cause: number): Op<DnsMessage | undefined> {
  const { sockets, kernel } = netns;
  const socket = sockets.udp({ process: OWNER, pid });
  if (typeof socket === "string") return undefined;
  try {
    if (socket.connect(server, DNS_PORT)) return undefined;
    const message = { ...query, id: kernel.random.below(65536) };
    if (socket.send({ kind: "dns", message }, undefined, cause)) return undefined;
    const end = kernel.clock.now + UPSTREAM_TIMEOUT;
    for (;;) {
      for (let datagram = socket.receive(); datagram; datagram = socket.receive()) {
        if (datagram.payload.kind === "dns" && datagram.payload.message.id === message.id) return datagram.payload.message;
      }
      if (socket.takeError() || kernel.clock.now >= end) return undefined;
      yield anyOf(socket.readable, sleep(end - kernel.clock.now));
    }
  } finally {
    socket.close();
  }
}

/** The address that a name under in-addr.arpa or ip6.arpa stands for. */
function addressOfReverseName(name: string): Ip | undefined {
  const lower = name.toLowerCase();
  if (lower.endsWith(".in-addr.arpa")) return parseIp(lower.slice(0, -".in-addr.arpa".length).split(".").reverse().join("."));
  if (!lower.endsWith(".ip6.arpa")) return undefined;
  const digits = lower.slice(0, -".ip6.arpa".length).split(".").reverse().join("");
  return /^[0-9a-f]{32}$/.test(digits) ? BigInt(`0x${digits}`) : undefined;
}
