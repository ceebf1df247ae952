/** A frame as tcpdump looks at it: from a device, or out of a file. */
import { isGroupMac } from "../../../../kernel/address.ts";
import type { CapturedFrame } from "../../../../kernel/socket/packet.ts";
import { frameBytes, packetBytes } from "../../../../kernel/wire/bytes.ts";
import { frameLength } from "../../../../kernel/wire/length.ts";
import { ETH_HEADER_LENGTH, type EthernetHeader, type NetworkPacket } from "../../../../kernel/wire/packet.ts";

/** sll_pkttype of a packet socket (linux/if_packet.h), by its number. */
export const PACKET_TYPES = ["In", "B", "M", "P", "Out"] as const;

export interface Frame {
  /** µs of virtual time. */
  readonly at: number;
  readonly device: { readonly name: string; readonly ifindex: number };
  readonly type: (typeof PACKET_TYPES)[number];
  readonly eth: EthernetHeader | undefined;
  readonly packet: NetworkPacket;
  /** Behind the link's header, as far as captured; worked out from the packet when absent. */
  readonly bytes?: Uint8Array;
}

const LOOPBACK: Pick<EthernetHeader, "src" | "dst"> = { src: "00:00:00:00:00:00", dst: "00:00:00:00:00:00" };

const typeOf = ({ direction, eth, dev }: CapturedFrame): Frame["type"] => {
  if (direction === "out") return "Out";
  if (eth === undefined) return "In";
  if (isGroupMac(eth.dst)) return eth.dst === "ff:ff:ff:ff:ff:ff" ? "B" : "M";
  // A bridge's ports see what is addressed to another station (PACKET_OTHERHOST).
  return dev.isEthernet && eth.dst !== dev.mac ? "P" : "In";
};

/** What a capture that keeps so many bytes of a frame makes of one. */
export function frameOf(captured: CapturedFrame, snaplen: number): Frame {
  const { at, dev, eth, packet } = captured;
  const room = snaplen - ETH_HEADER_LENGTH;
  const bytes = frameLength(packet) > snaplen ? packetBytes(packet).subarray(0, room) : undefined;
  return { at, device: dev, type: typeOf(captured), eth, packet, ...(bytes && { bytes }) };
}

/** The octets behind the link's header. */
export const networkBytes = ({ bytes, packet }: Frame): Uint8Array => bytes ?? packetBytes(packet);

/** The octets with an Ethernet header, which is one of zeros on loopback. */
export function ethernetBytes(frame: Frame): Uint8Array {
  const { packet, bytes } = frame;
  const type = packet.kind === "arp" ? 0x0806 : typeof packet.src === "number" ? 0x0800 : 0x86dd;
  return frameBytes(frame.eth ?? { ...LOOPBACK, type }, packet, bytes);
}
