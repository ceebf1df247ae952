/**
 * What the protocols of a netns have counted, under the names of the kernel's own tables (include/uapi/linux/snmp.h,
 * net/ipv4/proc.c): a counter that is not here has never moved in this world.
 */

/** Of IP, one for each family: "Ip" and "IpExt" of /proc/net/snmp and netstat, "Ip6" of /proc/net/snmp6. */
class IpStatistics {
  InReceives = 0;
  InHdrErrors = 0;
  InTooBigErrors = 0;
  InNoRoutes = 0;
  InAddrErrors = 0;
  InUnknownProtos = 0;
  InDiscards = 0;
  InDelivers = 0;
  OutForwDatagrams = 0;
  OutRequests = 0;
  OutDiscards = 0;
  OutNoRoutes = 0;
  OutTransmits = 0;
  ReasmTimeout = 0;
  ReasmReqds = 0;
  ReasmOKs = 0;
  ReasmFails = 0;
  FragOKs = 0;
  FragFails = 0;
  FragCreates = 0;
  InMcastPkts = 0;
  OutMcastPkts = 0;
  InBcastPkts = 0;
  OutBcastPkts = 0;
  /** Bytes, headers of IP included. */
  InOctets = 0;
  OutOctets = 0;
  InMcastOctets = 0;
  OutMcastOctets = 0;
  InBcastOctets = 0;
  OutBcastOctets = 0;
  /** By the two bits of explicit congestion notification: none, 1, 0, congested. */
  readonly ecn: [number, number, number, number] = [0, 0, 0, 0];
}

/** Of ICMP or ICMPv6. */
class IcmpStatistics {
  InErrors = 0;
  OutRateLimitGlobal = 0;
  OutRateLimitHost = 0;
  /** Messages by their type. */
  readonly received = new Map<number, number>();
  readonly sent = new Map<number, number>();
}

class UdpStatistics {
  InDatagrams = 0;
  NoPorts = 0;
  InErrors = 0;
  OutDatagrams = 0;
  RcvbufErrors = 0;
  IgnoredMulti = 0;
}

/** Of TCP over both families: "Tcp" of /proc/net/snmp, and the part of "TcpExt" that can happen here. */
class TcpStatistics {
  ActiveOpens = 0;
  PassiveOpens = 0;
  AttemptFails = 0;
  EstabResets = 0;
  InSegs = 0;
  OutSegs = 0;
  RetransSegs = 0;
  OutRsts = 0;
  TW = 0;
  ListenOverflows = 0;
  ListenDrops = 0;
  TCPOrigDataSent = 0;
  TCPDelivered = 0;
  TCPTimeouts = 0;
  TCPSynRetrans = 0;
  TCPFastRetrans = 0;
  TCPAbortOnData = 0;
  TCPAbortOnClose = 0;
  TCPAbortOnTimeout = 0;
  /** Packets that came from where the way back does not lead (rp_filter). */
  IPReversePathFilter = 0;
}

export class Statistics {
  readonly ip = new IpStatistics();
  readonly ip6 = new IpStatistics();
  readonly icmp = new IcmpStatistics();
  readonly icmp6 = new IcmpStatistics();
  readonly udp = new UdpStatistics();
  readonly udp6 = new UdpStatistics();
  readonly tcp = new TcpStatistics();
}

export function countType(counts: Map<number, number>, type: number): void {
  counts.set(type, (counts.get(type) ?? 0) + 1);
}
