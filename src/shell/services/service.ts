/** What every service has in common: who runs it, and a loop that accepts connections and serves each in a task of its own. */
import type { Netns } from "../../kernel/netns.ts";
import type { LocalAddress, SocketErrno } from "../../kernel/socket/table.ts";
import type { TcpSocket } from "../../kernel/socket/tcp.ts";
import { anyOf, type Op, Signal, Task } from "../../kernel/task.ts";

/** Where a service runs and as whom: its sockets show this. */
export interface ServiceOwner {
  readonly netns: Netns;
  readonly pid: number;
  readonly name: string;
}

/**
 * Listens on the addresses and hands each connection to `serve`, for ever; an interrupt closes listeners and connections.
 * Returns only when an address cannot be had, with the reason.
 */
export function* serveTcp(
  owner: ServiceOwner,
  addresses: readonly LocalAddress[],
  backlog: number,
  serve: (socket: TcpSocket) => Op<void>,
): Op<SocketErrno> {
  const { sockets, kernel } = owner.netns;
  const identity = { process: owner.name, pid: owner.pid };
  const connections = new Set<Task<void>>();
  const listeners: Exclude<ReturnType<typeof sockets.tcpListen>, string>[] = [];
  try {
    for (const address of addresses) {
      const listener = sockets.tcpListen(identity, address, backlog);
      if (typeof listener === "string") return listener;
      listeners.push(listener);
    }
    for (;;) {
      let accepted = false;
      for (const listener of listeners) {
        for (let socket = listener.accept(); socket; socket = listener.accept()) {
          accepted = true;
          const task = new Task(kernel.clock, closing(socket, serve));
          if (task.done) continue;
          connections.add(task);
          task.exited.arm(kernel.clock, () => connections.delete(task));
        }
      }
      // What has just been served may have brought the next.
      if (!accepted) yield anyOf(...listeners.map((listener) => listener.acceptable));
    }
  } finally {
    for (const listener of listeners) listener.close();
    for (const task of connections) task.signal(new Signal("TERM"));
  }
}

function* closing(socket: TcpSocket, serve: (socket: TcpSocket) => Op<void>): Op<void> {
  try {
    yield* serve(socket);
  } finally {
    socket.close();
  }
}

/** Waits until text has arrived or none will; "" then. */
export function* readSome(socket: TcpSocket): Op<string> {
  for (;;) {
    const text = socket.receive();
    if (text !== "" || socket.ended || socket.error) return text;
    yield socket.changed;
  }
}
