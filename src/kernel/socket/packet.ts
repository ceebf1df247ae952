/** Packet sockets: every frame that a device sends or receives (net/packet/af_packet.c). */
import type { NetDevice } from "../device/device.ts";
import type { WaitQueue } from "../task.ts";
import type { EthernetHeader, NetworkPacket } from "../wire/packet.ts";

export interface CapturedFrame {
  readonly at: number;
  readonly dev: NetDevice;
  readonly direction: "in" | "out";
  readonly eth: EthernetHeader | undefined;
  readonly packet: NetworkPacket;
}

export interface PacketSocket {
  readonly readable: WaitQueue;
  receive(): CapturedFrame | undefined;
  close(): void;
}
