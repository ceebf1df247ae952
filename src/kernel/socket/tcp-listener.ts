/** A listening TCP socket: half-open connections and the accept queue (net/ipv4/inet_connection_sock.c). */
import { WaitQueue } from "../task.ts";
import type { Binding } from "./ports.ts";
import type { SocketOwner, SocketTable, SocketView } from "./table.ts";
import type { TcpListener, TcpSocket } from "./tcp.ts";
import type { TcpConnection } from "./tcp-connection.ts";

export class InetTcpListener implements TcpListener {
  readonly acceptable = new WaitQueue();
  readonly owner: SocketOwner;
  readonly binding: Binding;
  readonly localPort: number;
  readonly backlog: number;
  #table: SocketTable;
  #halfOpen = new Set<TcpConnection>();
  #ready: TcpConnection[] = [];
  #closed = false;

  constructor(table: SocketTable, owner: SocketOwner, binding: Binding, port: number, backlog: number) {
    this.#table = table;
    this.owner = owner;
    this.binding = binding;
    this.localPort = port;
    this.backlog = backlog;
  }

  /** Whether one more connection may wait to be accepted; a full queue ignores SYNs (sk_acceptq_is_full). */
  get hasRoom(): boolean {
    return this.#ready.length <= this.backlog;
  }

  accept(): TcpSocket | undefined {
    return this.#ready.shift();
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#table.forgetListener(this);
    for (const connection of [...this.#halfOpen, ...this.#ready]) connection.abort();
    this.#halfOpen.clear();
    this.#ready.length = 0;
    this.acceptable.wake();
  }

  synReceived(connection: TcpConnection): void {
    this.#halfOpen.add(connection);
  }

  established(connection: TcpConnection): void {
    this.#halfOpen.delete(connection);
    this.#ready.push(connection);
    this.acceptable.wake();
  }

  failed(connection: TcpConnection): void {
    this.#halfOpen.delete(connection);
  }

  get view(): SocketView {
    const any = this.binding.family === 4 ? 0 : 0n;
    return {
      protocol: "tcp",
      family: this.binding.family,
      dual: this.binding.dual,
      state: "LISTEN",
      local: this.binding.ip ?? any,
      localPort: this.localPort,
      remote: any,
      remotePort: 0,
      receiveQueue: this.#ready.length,
      sendQueue: this.backlog,
      process: this.owner.process,
      pid: this.owner.pid,
    };
  }
}
