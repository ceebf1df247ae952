/**
 * docker-proxy (cmd/docker-proxy): a process on the host that listens on a published port and relays to the container what
 * the rules do not lead there by themselves: what comes from the host's loopback, and from IPv6 to a container without it.
 */
import type { Ip } from "../../kernel/address.ts";
import type { Netns } from "../../kernel/netns.ts";
import type { SocketErrno } from "../../kernel/socket/table.ts";
import type { TcpListener, TcpSocket } from "../../kernel/socket/tcp.ts";
import type { UdpSocket } from "../../kernel/socket/udp.ts";
import { anyOf, type Op, Signal, Task, type Wait } from "../../kernel/task.ts";

export interface ProxyTarget {
  readonly protocol: "tcp" | "udp";
  readonly hostIp: Ip;
  readonly hostPort: number;
  readonly containerIp: Ip;
  readonly containerPort: number;
}

const PROXY_NAME = "docker-proxy";
/** UDPConnTrackTimeout: how long a client of UDP is remembered, in µs. */
const UDP_TIMEOUT = 90_000_000;

export class DockerProxy {
  readonly #netns: Netns;
  readonly #target: ProxyTarget;
  readonly #owner: { readonly process: string; readonly pid: number };
  #listener: TcpListener | undefined;
  #udp: UdpSocket | undefined;
  readonly #clients = new Map<string, UdpSocket>();
  readonly #tasks = new Set<Task<void>>();

  constructor(netns: Netns, target: ProxyTarget, pid: number) {
    this.#netns = netns;
    this.#target = target;
    this.#owner = { process: PROXY_NAME, pid };
  }

  /** Binds and listens; the errno when the port or the address cannot be had. */
  start(): SocketErrno | undefined {
    const { sockets, kernel } = this.#netns;
    const { hostIp, hostPort, protocol } = this.#target;
    const any = hostIp === 0 || hostIp === 0n;
    const family = typeof hostIp === "number" ? 4 : 6;
    const local = { ip: any ? undefined : hostIp, family, dual: false, port: hostPort } as const;
    if (protocol === "tcp") {
      const listener = sockets.tcpListen(this.#owner, local);
      if (typeof listener === "string") return listener;
      this.#listener = listener;
      listener.acceptable.arm(kernel.clock, () => this.#accept());
      return undefined;
    }
    // Bound with SO_REUSEADDR, which for UDP lets a container have a port on 0.0.0.0 and on an address of its own.
    const socket = sockets.udp(this.#owner, { ...local, reusePort: true });
    if (typeof socket === "string") return socket;
    this.#udp = socket;
    socket.readable.arm(kernel.clock, () => this.#fromClients());
    return undefined;
  }

  stop(): void {
    this.#listener?.close();
    this.#udp?.close();
    this.#listener = undefined;
    this.#udp = undefined;
    for (const task of [...this.#tasks]) task.signal(new Signal("KILL"));
    this.#tasks.clear();
    for (const client of this.#clients.values()) client.close();
    this.#clients.clear();
  }

  #accept(): void {
    for (let socket = this.#listener?.accept(); socket; socket = this.#listener?.accept()) this.#spawn(this.#relay(socket));
  }

  #spawn(op: Op<void>): void {
    const { clock } = this.#netns.kernel;
    const task = new Task(clock, op);
    if (task.done) return;
    this.#tasks.add(task);
    task.exited.arm(clock, () => this.#tasks.delete(task));
  }

  /** Passes bytes both ways until both sides have closed; a container that refuses closes the client's connection. */
  *#relay(client: TcpSocket): Op<void> {
    const { containerIp, containerPort } = this.#target;
    const backend = this.#netns.sockets.tcpConnect(this.#owner, containerIp, containerPort);
    if (typeof backend === "string") {
      client.close();
      return;
    }
    try {
      while (backend.state === "SYN-SENT" && !backend.error) yield backend.changed;
      // As the proxy does: what the client had sent is never read, so its connection ends with a reset.
      if (backend.error) {
        client.abort();
        return;
      }
      let clientOpen = true;
      let backendOpen = true;
      while ((clientOpen || backendOpen) && !client.error && !backend.error) {
        const up = client.receive();
        const down = backend.receive();
        if (up !== "") backend.send(up);
        if (down !== "") client.send(down);
        if (clientOpen && client.ended) {
          clientOpen = false;
          backend.shutdown();
        }
        if (backendOpen && backend.ended) {
          backendOpen = false;
          client.shutdown();
        }
        if ((clientOpen || backendOpen) && up === "" && down === "") yield anyOf(client.changed, backend.changed);
      }
      if (client.error && !backend.error) backend.abort();
      else if (backend.error && !client.error) client.abort();
    } finally {
      backend.close();
      client.close();
    }
  }

  #fromClients(): void {
    for (let datagram = this.#udp?.receive(); datagram; datagram = this.#udp?.receive()) {
      const { from, fromPort, payload, packet } = datagram;
      const key = `${from}:${fromPort}`;
      let backend = this.#clients.get(key);
      if (!backend) {
        const socket = this.#netns.sockets.udp(this.#owner);
        if (typeof socket === "string") continue;
        if (socket.connect(this.#target.containerIp, this.#target.containerPort)) {
          socket.close();
          continue;
        }
        backend = socket;
        this.#clients.set(key, socket);
        this.#spawn(this.#fromContainer(socket, key, from, fromPort));
      }
      backend.send(payload, undefined, packet);
    }
    this.#udp?.takeError();
  }

  *#fromContainer(backend: UdpSocket, key: string, client: Ip, port: number): Op<void> {
    const { clock } = this.#netns.kernel;
    let last = clock.now;
    try {
      while (clock.now - last < UDP_TIMEOUT) {
        for (let answer = backend.receive(); answer; answer = backend.receive()) {
          last = clock.now;
          this.#udp?.send(answer.payload, { ip: client, port }, answer.packet);
        }
        backend.takeError();
        yield anyOf(backend.readable, backgroundSleep(UDP_TIMEOUT - (clock.now - last)));
      }
    } finally {
      backend.close();
      this.#clients.delete(key);
    }
  }
}

/** As `sleep`, but no replay waits for it. */
const backgroundSleep = (delay: number): Wait => ({
  arm(clock, wake) {
    const timer = clock.after(delay, wake, true);
    return () => clock.cancel(timer);
  },
});
