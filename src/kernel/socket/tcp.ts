/** TCP sockets: handshake, data with retransmission, orderly close, reset (RFC 9293 as net/ipv4/tcp*.c do it). */
import type { Ip } from "../address.ts";
import type { WaitQueue } from "../task.ts";
import type { SocketErrno } from "./table.ts";

export type TcpState =
  | "ESTABLISHED"
  | "SYN-SENT"
  | "SYN-RECV"
  | "FIN-WAIT-1"
  | "FIN-WAIT-2"
  | "TIME-WAIT"
  | "CLOSE"
  | "CLOSE-WAIT"
  | "LAST-ACK"
  | "CLOSING"
  | "LISTEN";

export interface TcpSocket {
  /** Woken when the state changes, data arrives or an error is set. */
  readonly changed: WaitQueue;
  readonly state: TcpState;
  readonly error: SocketErrno | undefined;
  readonly local: Ip;
  readonly localPort: number;
  readonly remote: Ip;
  readonly remotePort: number;
  /** Queues text for sending. EPIPE once the sending side is closed. */
  send(text: string): SocketErrno | undefined;
  /** Takes what has arrived; "" when nothing has. */
  receive(): string;
  /** The peer has closed its side and everything has been read. */
  readonly ended: boolean;
  /** Bytes that the peer has not acknowledged yet, those not sent included. */
  readonly unacknowledged: number;
  /** Closes the sending side (FIN). */
  shutdown(): void;
  close(): void;
  /** Closes with RST. */
  abort(): void;
}

export interface TcpListener {
  readonly acceptable: WaitQueue;
  readonly localPort: number;
  accept(): TcpSocket | undefined;
  close(): void;
}
