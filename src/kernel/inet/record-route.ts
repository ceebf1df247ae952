/** The record route option of IPv4: every station enters its address while there is room (net/ipv4/ip_options.c). */
import type { Ip, Ipv4 } from "../address.ts";
import type { IpPacket } from "../wire/packet.ts";

const MOST_ADDRESSES = 9;

/** A packet with these addresses in its option and one more, while there is room; as it is without the option. */
export function recording(packet: IpPacket, recorded: readonly Ipv4[] | undefined, ip: Ip): IpPacket {
  if (!recorded) return packet;
  const full = typeof ip === "bigint" || recorded.length >= MOST_ADDRESSES;
  return { ...packet, recorded: full ? recorded : [...recorded, ip] };
}
