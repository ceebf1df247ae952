/** UDP sockets (net/ipv4/udp.c). */
import type { Ip } from "../address.ts";
import type { WaitQueue } from "../task.ts";
import type { Payload } from "../wire/packet.ts";
import type { SocketErrno } from "./table.ts";

export interface ReceivedDatagram {
  readonly from: Ip;
  readonly fromPort: number;
  readonly to: Ip;
  readonly payload: Payload;
  /** Journey of the datagram, so that an answer can name its cause. */
  readonly packet: number;
}

export interface UdpSocket {
  readonly readable: WaitQueue;
  readonly localPort: number;
  connect(remote: Ip, port: number): SocketErrno | undefined;
  send(payload: Payload, to?: { readonly ip: Ip; readonly port: number }, cause?: number): SocketErrno | undefined;
  receive(): ReceivedDatagram | undefined;
  /** An asynchronous error (ECONNREFUSED after a port unreachable); reading clears it. */
  takeError(): SocketErrno | undefined;
  /** TTL of what is sent, for traceroute. */
  ttl: number | undefined;
  close(): void;
}
