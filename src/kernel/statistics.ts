/**
 * What the protocols of a netns have counted (SNMP's counters, include/uapi/linux/snmp.h): numbers in a row, each at its place. A
 * counter of Linux that has no place here never moves in this world. IP, ICMP and UDP have their places twice, IPv6's further on.
 */
import type { Ip } from "./address.ts";

/** Of IP, "Ip", "IpExt" and "Ip6" of /proc/net: packets, and at the next place their octets, IP's header included. */
export const IP_IN_RECEIVES = 0;
export const IP_OUT_TRANSMITS = 2;
export const IP_IN_MCAST_PKTS = 4;
export const IP_OUT_MCAST_PKTS = 6;
export const IP_IN_BCAST_PKTS = 8;
export const IP_OUT_BCAST_PKTS = 10;
/** Of IP: packets. */
export const IP_IN_HDR_ERRORS = 12;
export const IP_IN_TOO_BIG_ERRORS = 13;
export const IP_IN_NO_ROUTES = 14;
export const IP_IN_ADDR_ERRORS = 15;
export const IP_IN_UNKNOWN_PROTOS = 16;
export const IP_IN_DISCARDS = 17;
export const IP_IN_DELIVERS = 18;
export const IP_OUT_FORW_DATAGRAMS = 19;
export const IP_OUT_REQUESTS = 20;
export const IP_OUT_NO_ROUTES = 21;
export const IP_REASM_TIMEOUT = 22;
export const IP_REASM_REQDS = 23;
export const IP_REASM_OKS = 24;
export const IP_REASM_FAILS = 25;
export const IP_FRAG_OKS = 26;
export const IP_FRAG_FAILS = 27;
export const IP_FRAG_CREATES = 28;
/** Packets by the two bits of explicit congestion notification: four places. */
export const IP_IN_ECN = 29;

/** Of ICMP. */
export const ICMP_IN_ERRORS = 33;
export const ICMP_OUT_RATE_LIMIT_GLOBAL = 34;
export const ICMP_OUT_RATE_LIMIT_HOST = 35;

/** Of UDP. */
export const UDP_IN_DATAGRAMS = 36;
export const UDP_NO_PORTS = 37;
export const UDP_IN_ERRORS = 38;
export const UDP_OUT_DATAGRAMS = 39;
export const UDP_RCVBUF_ERRORS = 40;
export const UDP_IGNORED_MULTI = 41;

/** So much further are the places of IPv6. */
export const SIX = 42;

/** Of TCP over both families, with the part of "TcpExt" that can happen here. */
export const TCP_ACTIVE_OPENS = 84;
export const TCP_PASSIVE_OPENS = 85;
export const TCP_ATTEMPT_FAILS = 86;
export const TCP_ESTAB_RESETS = 87;
export const TCP_IN_SEGS = 88;
export const TCP_OUT_SEGS = 89;
export const TCP_RETRANS_SEGS = 90;
export const TCP_OUT_RSTS = 91;
export const TCP_TIME_WAIT = 92;
export const TCP_LISTEN_OVERFLOWS = 93;
export const TCP_ORIG_DATA_SENT = 94;
export const TCP_DELIVERED = 95;
export const TCP_TIMEOUTS = 96;
export const TCP_SYN_RETRANS = 97;
export const TCP_FAST_RETRANS = 98;
export const TCP_ABORT_ON_DATA = 99;
export const TCP_ABORT_ON_CLOSE = 100;
export const TCP_ABORT_ON_TIMEOUT = 101;
export const TCP_REVERSE_PATH_FILTER = 102;
const PLACES = 103;

/** Messages of ICMP are counted by their type: what came, what was sent, and further on those of ICMPv6. */
export const MESSAGES_RECEIVED = 0;
export const MESSAGES_SENT = 256;
export const SIX_MESSAGES = 512;

export class Statistics {
  readonly #counters = new Float64Array(PLACES);
  readonly #messages = new Map<number, number>();

  at(place: number): number {
    return this.#counters[place] as number;
  }

  count(place: number, by = 1): void {
    (this.#counters[place] as number) += by;
  }

  /** Counts for the family of an address. */
  countFor(ip: Ip, place: number, by = 1): void {
    this.count(typeof ip === "number" ? place : place + SIX, by);
  }

  /** Counts a packet of so many bytes at a place, and its bytes at the next. */
  countPacket(ip: Ip, place: number, length: number): void {
    this.countFor(ip, place);
    this.countFor(ip, place + 1, length);
  }

  /** Counts a message of ICMP or ICMPv6: MESSAGES_RECEIVED or MESSAGES_SENT. */
  countMessage(ip: Ip, kind: number, type: number): void {
    const key = kind + type + (typeof ip === "number" ? 0 : SIX_MESSAGES);
    this.#messages.set(key, (this.#messages.get(key) ?? 0) + 1);
  }

  /** How many messages there were of a kind, by type. */
  messages(kind: number): ReadonlyMap<number, number> {
    const types = [...this.#messages].map(([key, count]) => [key - kind, count] as const);
    return new Map(types.filter(([type]) => type >= 0 && type < MESSAGES_SENT).sort(([a], [b]) => a - b));
  }
}
