/** ICMP errors as errno: icmp_err_convert of net/ipv4/icmp.c and icmpv6_err_convert of net/ipv6/icmp.c. */
import type { IcmpMessage } from "../wire/packet.ts";
import type { SocketErrno } from "./table.ts";

export interface IcmpErrno {
  readonly errno: SocketErrno;
  /** Fatal ones reach a socket that did not ask for every error (IP_RECVERR). */
  readonly fatal: boolean;
}

const ICMP_DEST_UNREACH = 3;
const ICMP_FRAG_NEEDED = 4;
const ICMPV6_DEST_UNREACH = 1;
const ICMPV6_PACKET_TOO_BIG = 2;

const fatal = (errno: SocketErrno): IcmpErrno => ({ errno, fatal: true });
const soft = (errno: SocketErrno): IcmpErrno => ({ errno, fatal: false });

/** By code of "destination unreachable". */
const UNREACHABLE_V4: readonly IcmpErrno[] = [
  soft("ENETUNREACH"),
  soft("EHOSTUNREACH"),
  fatal("ENOPROTOOPT"),
  fatal("ECONNREFUSED"),
  soft("EMSGSIZE"),
  soft("EHOSTUNREACH"),
  fatal("ENETUNREACH"),
  fatal("EHOSTUNREACH"),
  fatal("EHOSTUNREACH"),
  fatal("ENETUNREACH"),
  fatal("EHOSTUNREACH"),
  soft("ENETUNREACH"),
  soft("EHOSTUNREACH"),
  fatal("EHOSTUNREACH"),
  fatal("EHOSTUNREACH"),
  fatal("EHOSTUNREACH"),
];

const UNREACHABLE_V6: readonly IcmpErrno[] = [
  soft("ENETUNREACH"),
  fatal("EACCES"),
  soft("EHOSTUNREACH"),
  soft("EHOSTUNREACH"),
  fatal("ECONNREFUSED"),
  fatal("EACCES"),
  fatal("EACCES"),
];

/** What an ICMP error means to the socket whose packet it is about; time exceeded and the rest are soft "no route to host". */
export function icmpErrno(message: IcmpMessage, v4: boolean): IcmpErrno {
  if (v4) return (message.type === ICMP_DEST_UNREACH && UNREACHABLE_V4[message.code]) || soft("EHOSTUNREACH");
  if (message.type === ICMPV6_PACKET_TOO_BIG) return soft("EMSGSIZE");
  return (message.type === ICMPV6_DEST_UNREACH && UNREACHABLE_V6[message.code]) || soft("EHOSTUNREACH");
}

/** The MTU that "fragmentation needed" or "packet too big" tells, undefined for any other message. */
export function reportedMtu(message: IcmpMessage, v4: boolean): number | undefined {
  const tooBig = v4 ? message.type === ICMP_DEST_UNREACH && message.code === ICMP_FRAG_NEEDED : message.type === ICMPV6_PACKET_TOO_BIG;
  return tooBig ? message.mtu : undefined;
}

/** strerror() of the errors that sockets give. */
export const ERRNO_TEXT: Readonly<Record<SocketErrno, string>> = {
  EADDRINUSE: "Address already in use",
  EADDRNOTAVAIL: "Cannot assign requested address",
  ECONNREFUSED: "Connection refused",
  EHOSTUNREACH: "No route to host",
  ENETUNREACH: "Network is unreachable",
  ETIMEDOUT: "Connection timed out",
  ECONNRESET: "Connection reset by peer",
  EMSGSIZE: "Message too long",
  EPERM: "Operation not permitted",
  EACCES: "Permission denied",
  EINVAL: "Invalid argument",
  ENETDOWN: "Network is down",
  EPIPE: "Broken pipe",
  ENOPROTOOPT: "Protocol not available",
};
