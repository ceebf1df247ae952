/** `nc`: text over TCP or UDP, as client or server, and a look whether ports are open (OpenBSD netcat, Debian). */
import { formatIp, type Ip } from "../../../../kernel/address.ts";
import { ERRNO_TEXT } from "../../../../kernel/socket/errors.ts";
import type { LocalAddress, SocketErrno } from "../../../../kernel/socket/table.ts";
import type { TcpSocket } from "../../../../kernel/socket/tcp.ts";
import type { UdpSocket } from "../../../../kernel/socket/udp.ts";
import { anyOf, type Op, sleep, WaitQueue } from "../../../../kernel/task.ts";
import type { Command, Process } from "../../../command.ts";
import { portName } from "../../../port-names.ts";
import { parseLiteral, ResolveError, resolveHost, reverseLookup } from "../../../resolver.ts";
import { connect, ownerOf } from "../web/connect.ts";
import { badPort, expandPorts, type NcOptions, parseNc } from "./nc-options.ts";
import { readBeside } from "./relay.ts";

export const nc: Command = {
  name: "nc",
  summary: "text over TCP or UDP: nc HOST PORT, nc -l PORT, nc -zv HOST PORT",
  run,
};

const SECOND = 1_000_000;

function* run(process: Process): Op<number> {
  const options = parseNc(process.argv.slice(1));
  if (typeof options === "string") {
    process.stderr.write(options);
    return 1;
  }
  const ports = expandPorts(options.ports, options.udp);
  if ("invalid" in ports) {
    process.stderr.write(badPort(ports.invalid));
    return 1;
  }
  return options.listen ? yield* listen(process, options, ports[0] as number) : yield* call(process, options, ports);
}

/** Connects to each port in turn; with -z that is all. */
function* call(process: Process, options: NcOptions, ports: readonly number[]): Op<number> {
  const { stderr } = process;
  const name = options.host as string;
  const literal = parseLiteral(name);
  const host =
    options.numeric && literal === undefined ? new ResolveError("EAI_NONAME") : yield* resolveHost(process, name, options.family);
  if (host instanceof ResolveError) {
    stderr.write(`nc: getaddrinfo for host "${name}" port ${options.ports[0]}: ${host.message}\n`);
    return 1;
  }
  const local = localOf(options);
  if (typeof local === "string") {
    stderr.write(local);
    return 1;
  }
  const protocol = options.udp ? "udp" : "tcp";
  let status = 1;
  for (const port of ports) {
    let connected: TcpSocket | UdpSocket | undefined;
    let peer: Ip | undefined;
    for (const ip of host.addresses) {
      const outcome = options.udp
        ? openUdp(process, ip, port, local)
        : yield* connect(process, ip, port, { local, deadline: deadlineOf(process, options.timeout) });
      if (typeof outcome !== "string") {
        connected = outcome;
        peer = ip;
        break;
      }
      if (outcome === "EADDRNOTAVAIL" && options.source !== undefined) {
        stderr.write(`nc: bind failed: ${ERRNO_TEXT.EADDRNOTAVAIL}\n`);
        return 1;
      }
      if (!options.verbose) continue;
      const where = literal === undefined ? `${name} (${formatIp(ip)})` : formatIp(ip);
      stderr.write(
        `nc: connect to ${where} port ${port} (${protocol}) ${outcome === "timeout" ? "timed out: Operation now in progress" : `failed: ${ERRNO_TEXT[outcome]}`}\n`,
      );
    }
    if (!connected || peer === undefined) continue;
    try {
      if (options.udp && options.scan && !(yield* answersUdp(connected as UdpSocket))) continue;
      status = 0;
      // Of UDP only a scan knows anything.
      if (options.scan || (options.verbose && !options.udp)) {
        const where = literal === undefined ? `${name} (${formatIp(peer)})` : name;
        const service = options.numeric ? "*" : (portName(port, protocol) ?? "*");
        stderr.write(`Connection to ${where} ${port} port [${protocol}/${service}] succeeded!\n`);
      }
      if (options.scan) continue;
      if (options.udp) yield* talkUdp(process, options, connected as UdpSocket, undefined);
      else yield* talkTcp(process, options, connected as TcpSocket);
      break;
    } finally {
      connected.close();
    }
  }
  return status;
}

const deadlineOf = (process: Process, seconds: number | undefined): number | undefined =>
  seconds === undefined || seconds < 0 ? undefined : process.netns.kernel.clock.now + seconds * SECOND;

/** -s and -p; the string is the refusal. */
function localOf(options: NcOptions): LocalAddress | undefined | string {
  const ip = options.source === undefined ? undefined : parseLiteral(options.source);
  if (options.source !== undefined && ip === undefined) return `nc: getaddrinfo: Name or service not known\n`;
  return ip === undefined && options.localPort === undefined ? undefined : { ip, port: options.localPort ?? 0 };
}

function openUdp(process: Process, ip: Ip, port: number, local: LocalAddress | undefined): UdpSocket | SocketErrno {
  const socket = process.netns.sockets.udp(ownerOf(process), local);
  if (typeof socket === "string") return socket;
  const refused = socket.connect(ip, port);
  if (!refused) return socket;
  socket.close();
  return refused;
}

/** udptest(): a byte, a second, three times more; an ICMP error in between means that nobody listens. */
function* answersUdp(socket: UdpSocket): Op<boolean> {
  for (let i = 0; i <= 3; i++) {
    if (socket.send({ kind: "text", text: "X" })) return false;
    yield anyOf(socket.readable, sleep(i === 0 ? 1000 : SECOND));
    if (socket.takeError()) return false;
  }
  return true;
}

/** Copies both ways until the peer has finished, -q or -w says enough, or the peer resets. */
function* talkTcp(process: Process, options: NcOptions, socket: TcpSocket): Op<void> {
  const { clock } = process.netns.kernel;
  const inputEnded = new WaitQueue();
  let over = false;
  const typist = options.detached
    ? undefined
    : readBeside(
        process,
        (text) => socket.send(options.crlf ? text.replace(/\n$/, "\r\n") : text),
        () => {
          over = true;
          if (options.shutdown) socket.shutdown();
          inputEnded.wake();
        },
      );
  let quitAt = Number.POSITIVE_INFINITY;
  let heard = clock.now;
  try {
    for (;;) {
      const text = socket.receive();
      if (text !== "") {
        process.stdout.write(text);
        heard = clock.now;
      }
      if (socket.ended || socket.error) return;
      if (over && options.quit !== undefined && options.quit >= 0) quitAt = Math.min(quitAt, clock.now + options.quit * SECOND);
      const idleAt = options.timeout === undefined || options.timeout < 0 ? Number.POSITIVE_INFINITY : heard + options.timeout * SECOND;
      const alarm = Math.min(quitAt, idleAt);
      if (clock.now >= alarm) return;
      const waits = [socket.changed, inputEnded];
      yield alarm === Number.POSITIVE_INFINITY ? anyOf(...waits) : anyOf(...waits, sleep(alarm - clock.now));
    }
  } finally {
    typist?.stop();
  }
}

/** The same for datagrams; a listener answers whoever spoke first. */
function* talkUdp(
  process: Process,
  options: NcOptions,
  socket: UdpSocket,
  first: { readonly ip: Ip; readonly port: number } | undefined,
): Op<void> {
  const { clock } = process.netns.kernel;
  const typist = options.detached
    ? undefined
    : readBeside(
        process,
        (text) => socket.send({ kind: "text", text }, first),
        () => undefined,
      );
  let heard = clock.now;
  try {
    for (;;) {
      for (let datagram = socket.receive(); datagram; datagram = socket.receive()) {
        if (datagram.payload.kind === "text") process.stdout.write(datagram.payload.text);
        heard = clock.now;
      }
      if (socket.takeError()) return;
      const alarm = options.timeout === undefined || options.timeout < 0 ? Number.POSITIVE_INFINITY : heard + options.timeout * SECOND;
      if (clock.now >= alarm) return;
      yield alarm === Number.POSITIVE_INFINITY ? socket.readable : anyOf(socket.readable, sleep(alarm - clock.now));
    }
  } finally {
    typist?.stop();
  }
}

function* listen(process: Process, options: NcOptions, port: number): Op<number> {
  const { stderr } = process;
  const { sockets } = process.netns;
  const name = options.host ?? options.source;
  const ip = name === undefined ? undefined : parseLiteral(name);
  if (name !== undefined && ip === undefined) {
    const host = yield* resolveHost(process, name, options.family);
    stderr.write(
      host instanceof ResolveError
        ? `nc: getaddrinfo: ${host.message}\n`
        : `nc: give the address to listen on in numbers: ${host.addresses.map(formatIp).join(" ")}\n`,
    );
    return 1;
  }
  const family = options.family ?? (typeof ip === "bigint" ? 6 : 4);
  const local: LocalAddress = { ip, family, dual: family === 6, port, reusePort: true };
  const shown = ip === undefined ? (family === 4 ? "0.0.0.0" : "::") : formatIp(ip);
  if (options.udp) {
    const socket = sockets.udp(ownerOf(process), local);
    if (typeof socket === "string") {
      stderr.write(`nc: ${ERRNO_TEXT[socket]}\n`);
      return 1;
    }
    try {
      if (options.verbose) stderr.write(`Bound on ${shown} ${port}\n`);
      yield* receiveUdp(process, options, socket);
      return 0;
    } finally {
      socket.close();
    }
  }
  const listener = sockets.tcpListen(ownerOf(process), local, 1);
  if (typeof listener === "string") {
    stderr.write(`nc: ${ERRNO_TEXT[listener]}\n`);
    return 1;
  }
  try {
    if (options.verbose) stderr.write(`Listening on ${shown} ${port}\n`);
    for (;;) {
      let socket = listener.accept();
      while (!socket) {
        yield listener.acceptable;
        socket = listener.accept();
      }
      if (!options.keep) listener.close();
      try {
        if (options.verbose)
          stderr.write(`Connection received on ${yield* nameOf(process, options, socket.remote)} ${socket.remotePort}\n`);
        yield* talkTcp(process, options, socket);
      } finally {
        socket.close();
      }
      if (!options.keep) return 0;
      if (options.verbose) stderr.write(`Listening on ${shown} ${port}\n`);
    }
  } finally {
    listener.close();
  }
}

function* nameOf(process: Process, options: NcOptions, ip: Ip): Op<string> {
  return (options.numeric ? undefined : yield* reverseLookup(process, ip)) ?? formatIp(ip);
}

/** Waits for the first datagram, then talks to its sender; with -k, prints whatever comes from anybody. */
function* receiveUdp(process: Process, options: NcOptions, socket: UdpSocket): Op<void> {
  for (;;) {
    const datagram = socket.receive();
    if (!datagram) {
      yield socket.readable;
      continue;
    }
    if (options.verbose)
      process.stderr.write(`Connection received on ${yield* nameOf(process, options, datagram.from)} ${datagram.fromPort}\n`);
    if (datagram.payload.kind === "text") process.stdout.write(datagram.payload.text);
    if (options.keep) continue;
    socket.connect(datagram.from, datagram.fromPort);
    yield* talkUdp(process, options, socket, { ip: datagram.from, port: datagram.fromPort });
    return;
  }
}
