/** Raw sockets: whole ICMP messages in and out, errors about own packets included (net/ipv4/raw.c). */
import type { NetDevice } from "../device/device.ts";
import type { SendErrno, SendOptions } from "../inet/inet.ts";
import type { WaitQueue } from "../task.ts";
import type { IpPacket } from "../wire/packet.ts";

export interface ReceivedPacket {
  readonly packet: IpPacket;
  readonly dev: NetDevice | undefined;
  /** µs. */
  readonly at: number;
  readonly journey: number;
}

export interface RawSocket {
  readonly readable: WaitQueue;
  send(options: Omit<SendOptions, "protocol">): { readonly id: number } | SendErrno;
  receive(): ReceivedPacket | undefined;
  close(): void;
}
