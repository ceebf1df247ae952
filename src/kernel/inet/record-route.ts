/** The record route option of IPv4: every station enters its address while there is room (net/ipv4/ip_options.c). */
import type { Ip, Ipv4 } from "../address.ts";
import type { IpPacket } from "../wire/packet.ts";

const MOST_ADDRESSES = 9;

export const withAddress = (recorded: readonly Ipv4[], ip: Ip): readonly Ipv4[] =>
  typeof ip === "number" && recorded.length < MOST_ADDRESSES ? [...recorded, ip] : recorded;

/** A packet with one more address in its option, where it has that option. */
export const recording = (packet: IpPacket, recorded: readonly Ipv4[] | undefined, ip: Ip): IpPacket =>
  recorded ? { ...packet, recorded: withAddress(recorded, ip) } : packet;
