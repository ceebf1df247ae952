/** The protocol counters of a netns in the order and under the names of /proc/net/snmp, netstat and snmp6 (net/ipv4/proc.c, net/ipv6/proc.c). */
import type { Netns } from "../../../../kernel/netns.ts";
import * as place from "../../../../kernel/statistics.ts";

/** One line of /proc/net/snmp or netstat: a protocol and its counters. */
export interface Section {
  readonly name: string;
  readonly counters: readonly (readonly [name: string, value: number])[];
}

type Values = Readonly<Record<string, number>>;

const IP_NAMES =
  "Forwarding DefaultTTL InReceives InHdrErrors InAddrErrors ForwDatagrams InUnknownProtos InDiscards InDelivers OutRequests " +
  "OutDiscards OutNoRoutes ReasmTimeout ReasmReqds ReasmOKs ReasmFails FragOKs FragFails FragCreates OutTransmits";
const TCP_NAMES =
  "RtoAlgorithm RtoMin RtoMax MaxConn ActiveOpens PassiveOpens AttemptFails EstabResets CurrEstab InSegs OutSegs RetransSegs " +
  "InErrs OutRsts InCsumErrors";
const UDP_NAMES = "InDatagrams NoPorts InErrors OutDatagrams RcvbufErrors SndbufErrors InCsumErrors IgnoredMulti MemErrors";
const IP_EXT_NAMES =
  "InNoRoutes InTruncatedPkts InMcastPkts OutMcastPkts InBcastPkts OutBcastPkts InOctets OutOctets InMcastOctets OutMcastOctets " +
  "InBcastOctets OutBcastOctets InCsumErrors InNoECTPkts InECT1Pkts InECT0Pkts InCEPkts ReasmOverlaps";
const IP6_NAMES =
  "InReceives InHdrErrors InTooBigErrors InNoRoutes InAddrErrors InUnknownProtos InTruncatedPkts InDiscards InDelivers " +
  "OutForwDatagrams OutRequests OutDiscards OutNoRoutes ReasmTimeout ReasmReqds ReasmOKs ReasmFails FragOKs FragFails FragCreates " +
  "InMcastPkts OutMcastPkts InOctets OutOctets InMcastOctets OutMcastOctets InBcastOctets OutBcastOctets InNoECTPkts InECT1Pkts " +
  "InECT0Pkts InCEPkts OutTransmits";
/** Of these none but what TcpStatistics counts moves here: the model's TCP has no fast path, no SACK and no memory pressure. */
const TCP_EXT_NAMES = `SyncookiesSent SyncookiesRecv SyncookiesFailed EmbryonicRsts PruneCalled RcvPruned OfoPruned OutOfWindowIcmps
LockDroppedIcmps ArpFilter TW TWRecycled TWKilled PAWSActive PAWSEstab BeyondWindow TSEcrRejected PAWSOldAck
PAWSTimewait DelayedACKs DelayedACKLocked DelayedACKLost ListenOverflows ListenDrops TCPHPHits TCPPureAcks TCPHPAcks
TCPRenoRecovery TCPSackRecovery TCPSACKReneging TCPSACKReorder TCPRenoReorder TCPTSReorder TCPFullUndo TCPPartialUndo
TCPDSACKUndo TCPLossUndo TCPLostRetransmit TCPRenoFailures TCPSackFailures TCPLossFailures TCPFastRetrans
TCPSlowStartRetrans TCPTimeouts TCPLossProbes TCPLossProbeRecovery TCPRenoRecoveryFail TCPSackRecoveryFail
TCPRcvCollapsed TCPBacklogCoalesce TCPDSACKOldSent TCPDSACKOfoSent TCPDSACKRecv TCPDSACKOfoRecv TCPAbortOnData
TCPAbortOnClose TCPAbortOnMemory TCPAbortOnTimeout TCPAbortOnLinger TCPAbortFailed TCPMemoryPressures
TCPMemoryPressuresChrono TCPSACKDiscard TCPDSACKIgnoredOld TCPDSACKIgnoredNoUndo TCPSpuriousRTOs TCPMD5NotFound
TCPMD5Unexpected TCPMD5Failure TCPSackShifted TCPSackMerged TCPSackShiftFallback TCPBacklogDrop PFMemallocDrop
TCPMinTTLDrop TCPDeferAcceptDrop IPReversePathFilter TCPTimeWaitOverflow TCPReqQFullDoCookies TCPReqQFullDrop
TCPRetransFail TCPRcvCoalesce TCPOFOQueue TCPOFODrop TCPOFOMerge TCPChallengeACK TCPSYNChallenge TCPFastOpenActive
TCPFastOpenActiveFail TCPFastOpenPassive TCPFastOpenPassiveFail TCPFastOpenListenOverflow TCPFastOpenCookieReqd
TCPFastOpenBlackhole TCPSpuriousRtxHostQueues BusyPollRxPackets TCPAutoCorking TCPFromZeroWindowAdv TCPToZeroWindowAdv
TCPWantZeroWindowAdv TCPSynRetrans TCPOrigDataSent TCPHystartTrainDetect TCPHystartTrainCwnd TCPHystartDelayDetect
TCPHystartDelayCwnd TCPACKSkippedSynRecv TCPACKSkippedPAWS TCPACKSkippedSeq TCPACKSkippedFinWait2
TCPACKSkippedTimeWait TCPACKSkippedChallenge TCPWinProbe TCPKeepAlive TCPMTUPFail TCPMTUPSuccess TCPDelivered
TCPDeliveredCE TCPAckCompressed TCPZeroWindowDrop TCPRcvQDrop TCPWqueueTooBig TCPFastOpenPassiveAltKey
TcpTimeoutRehash TcpDuplicateDataRehash TCPDSACKRecvSegs TCPDSACKIgnoredDubious TCPMigrateReqSuccess
TCPMigrateReqFailure TCPPLBRehash TCPAORequired TCPAOBad TCPAOKeyNotFound TCPAOGood TCPAODroppedIcmps`;
const MPTCP_EXT_NAMES = `MPCapableSYNRX MPCapableSYNTX MPCapableSYNACKRX MPCapableACKRX MPCapableFallbackACK MPCapableFallbackSYNACK
MPCapableSYNTXDrop MPCapableSYNTXDisabled MPCapableEndpAttempt MPFallbackTokenInit MPTCPRetrans MPJoinNoTokenFound
MPJoinSynRx MPJoinSynBackupRx MPJoinSynAckRx MPJoinSynAckBackupRx MPJoinSynAckHMacFailure MPJoinAckRx
MPJoinAckHMacFailure MPJoinRejected MPJoinSynTx MPJoinSynTxCreatSkErr MPJoinSynTxBindErr MPJoinSynTxConnectErr
DSSNotMatching DSSCorruptionFallback DSSCorruptionReset InfiniteMapTx InfiniteMapRx DSSNoMatchTCP DataCsumErr
OFOQueueTail OFOQueue OFOMerge NoDSSInWindow DuplicateData AddAddr AddAddrTx AddAddrTxDrop EchoAdd EchoAddTx
EchoAddTxDrop PortAdd AddAddrDrop MPJoinPortSynRx MPJoinPortSynAckRx MPJoinPortAckRx MismatchPortSynRx
MismatchPortAckRx RmAddr RmAddrDrop RmAddrTx RmAddrTxDrop RmSubflow MPPrioTx MPPrioRx MPFailTx MPFailRx MPFastcloseTx
MPFastcloseRx MPRstTx MPRstRx SubflowStale SubflowRecover SndWndShared RcvWndShared RcvWndConflictUpdate
RcvWndConflict MPCurrEstab Blackhole MPCapableDataFallback MD5SigFallback DssFallback SimultConnectFallback
FallbackFailed WinProbe`;

/** ICMP's messages with counters of their own, by type (icmpmibmap). */
const ICMP_MESSAGES: readonly (readonly [string, number])[] = [
  ["DestUnreachs", 3],
  ["TimeExcds", 11],
  ["ParmProbs", 12],
  ["SrcQuenchs", 4],
  ["Redirects", 5],
  ["Echos", 8],
  ["EchoReps", 0],
  ["Timestamps", 13],
  ["TimestampReps", 14],
  ["AddrMasks", 17],
  ["AddrMaskReps", 18],
];
/** ICMPv6's (icmp6type2name). */
const ICMP6_MESSAGES: readonly (readonly [string, number])[] = [
  ["DestUnreachs", 1],
  ["PktTooBigs", 2],
  ["TimeExcds", 3],
  ["ParmProblems", 4],
  ["Echos", 128],
  ["EchoReplies", 129],
  ["GroupMembQueries", 130],
  ["GroupMembResponses", 131],
  ["GroupMembReductions", 132],
  ["RouterSolicits", 133],
  ["RouterAdvertisements", 134],
  ["NeighborSolicits", 135],
  ["NeighborAdvertisements", 136],
  ["Redirects", 137],
  ["MLDv2Reports", 143],
];

/** Where the counters of IP are. */
const IP_PLACES: Readonly<Record<string, number>> = {
  InReceives: place.IP_IN_RECEIVES,
  InOctets: place.IP_IN_RECEIVES + 1,
  OutTransmits: place.IP_OUT_TRANSMITS,
  OutOctets: place.IP_OUT_TRANSMITS + 1,
  InMcastPkts: place.IP_IN_MCAST_PKTS,
  InMcastOctets: place.IP_IN_MCAST_PKTS + 1,
  OutMcastPkts: place.IP_OUT_MCAST_PKTS,
  OutMcastOctets: place.IP_OUT_MCAST_PKTS + 1,
  InBcastPkts: place.IP_IN_BCAST_PKTS,
  InBcastOctets: place.IP_IN_BCAST_PKTS + 1,
  OutBcastPkts: place.IP_OUT_BCAST_PKTS,
  OutBcastOctets: place.IP_OUT_BCAST_PKTS + 1,
  InHdrErrors: place.IP_IN_HDR_ERRORS,
  InTooBigErrors: place.IP_IN_TOO_BIG_ERRORS,
  InNoRoutes: place.IP_IN_NO_ROUTES,
  InAddrErrors: place.IP_IN_ADDR_ERRORS,
  InUnknownProtos: place.IP_IN_UNKNOWN_PROTOS,
  InDiscards: place.IP_IN_DISCARDS,
  InDelivers: place.IP_IN_DELIVERS,
  OutForwDatagrams: place.IP_OUT_FORW_DATAGRAMS,
  OutRequests: place.IP_OUT_REQUESTS,
  OutNoRoutes: place.IP_OUT_NO_ROUTES,
  ReasmTimeout: place.IP_REASM_TIMEOUT,
  ReasmReqds: place.IP_REASM_REQDS,
  ReasmOKs: place.IP_REASM_OKS,
  ReasmFails: place.IP_REASM_FAILS,
  FragOKs: place.IP_FRAG_OKS,
  FragFails: place.IP_FRAG_FAILS,
  FragCreates: place.IP_FRAG_CREATES,
  ForwDatagrams: place.IP_OUT_FORW_DATAGRAMS,
  InNoECTPkts: place.IP_IN_ECN,
  InECT1Pkts: place.IP_IN_ECN + 1,
  InECT0Pkts: place.IP_IN_ECN + 2,
  InCEPkts: place.IP_IN_ECN + 3,
};
/** Where those of UDP are. */
const UDP_PLACES: Readonly<Record<string, number>> = {
  InDatagrams: place.UDP_IN_DATAGRAMS,
  NoPorts: place.UDP_NO_PORTS,
  InErrors: place.UDP_IN_ERRORS,
  OutDatagrams: place.UDP_OUT_DATAGRAMS,
  RcvbufErrors: place.UDP_RCVBUF_ERRORS,
  IgnoredMulti: place.UDP_IGNORED_MULTI,
};
/** Where those of TCP are; a full queue is the only reason to drop a SYN here. */
const TCP_PLACES: Readonly<Record<string, number>> = {
  ActiveOpens: place.TCP_ACTIVE_OPENS,
  PassiveOpens: place.TCP_PASSIVE_OPENS,
  AttemptFails: place.TCP_ATTEMPT_FAILS,
  EstabResets: place.TCP_ESTAB_RESETS,
  InSegs: place.TCP_IN_SEGS,
  OutSegs: place.TCP_OUT_SEGS,
  RetransSegs: place.TCP_RETRANS_SEGS,
  OutRsts: place.TCP_OUT_RSTS,
  TW: place.TCP_TIME_WAIT,
  TCPOrigDataSent: place.TCP_ORIG_DATA_SENT,
  TCPDelivered: place.TCP_DELIVERED,
  TCPTimeouts: place.TCP_TIMEOUTS,
  TCPSynRetrans: place.TCP_SYN_RETRANS,
  TCPFastRetrans: place.TCP_FAST_RETRANS,
  TCPAbortOnData: place.TCP_ABORT_ON_DATA,
  TCPAbortOnClose: place.TCP_ABORT_ON_CLOSE,
  TCPAbortOnTimeout: place.TCP_ABORT_ON_TIMEOUT,
  ListenOverflows: place.TCP_LISTEN_OVERFLOWS,
  ListenDrops: place.TCP_LISTEN_OVERFLOWS,
  IPReversePathFilter: place.TCP_REVERSE_PATH_FILTER,
};

const pick = (names: string, values: Values): Section["counters"] => names.split(/\s+/).map((name) => [name, values[name] ?? 0]);

const sum = (counts: ReadonlyMap<number, number>): number => [...counts.values()].reduce((total, count) => total + count, 0);

const byType = (prefix: string, counts: ReadonlyMap<number, number>): Section["counters"] =>
  [...counts].map(([type, count]) => [`${prefix}Type${type}`, count]);

/** The counters at places, by name; `further`: 0, or SIX for those of IPv6. */
const at = (statistics: place.Statistics, places: Readonly<Record<string, number>>, further = 0): Values =>
  Object.fromEntries(Object.entries(places).map(([name, place]) => [name, statistics.at(place + further)]));

function icmpSection(statistics: place.Statistics): Section {
  const of = (prefix: string, counts: ReadonlyMap<number, number>): Section["counters"] =>
    ICMP_MESSAGES.map(([name, type]) => [`${prefix}${name}`, counts.get(type) ?? 0]);
  const received = statistics.messages(place.MESSAGES_RECEIVED);
  const sent = statistics.messages(place.MESSAGES_SENT);
  return {
    name: "Icmp",
    counters: [
      ["InMsgs", sum(received)],
      ["InErrors", statistics.at(place.ICMP_IN_ERRORS)],
      ["InCsumErrors", 0],
      ...of("In", received),
      ["OutMsgs", sum(sent)],
      ["OutErrors", 0],
      ["OutRateLimitGlobal", statistics.at(place.ICMP_OUT_RATE_LIMIT_GLOBAL)],
      ["OutRateLimitHost", statistics.at(place.ICMP_OUT_RATE_LIMIT_HOST)],
      ...of("Out", sent),
    ],
  };
}

/** /proc/net/snmp. */
export function snmpSections({ statistics, sysctl, sockets }: Netns): readonly Section[] {
  const types = [...byType("In", statistics.messages(place.MESSAGES_RECEIVED)), ...byType("Out", statistics.messages(place.MESSAGES_SENT))];
  const established = sockets
    .list()
    .filter(({ protocol, state }) => protocol === "tcp" && (state === "ESTABLISHED" || state === "CLOSE-WAIT"));
  const ip = {
    ...at(statistics, IP_PLACES),
    Forwarding: sysctl.number("net.ipv4.ip_forward") ? 1 : 2,
    DefaultTTL: sysctl.number("net.ipv4.ip_default_ttl"),
  };
  const tcp = { ...at(statistics, TCP_PLACES), RtoAlgorithm: 1, RtoMin: 200, RtoMax: 120000, MaxConn: -1, CurrEstab: established.length };
  return [
    { name: "Ip", counters: pick(IP_NAMES, ip) },
    icmpSection(statistics),
    ...(types.length > 0 ? [{ name: "IcmpMsg", counters: types }] : []),
    { name: "Tcp", counters: pick(TCP_NAMES, tcp) },
    { name: "Udp", counters: pick(UDP_NAMES, at(statistics, UDP_PLACES)) },
    { name: "UdpLite", counters: pick(UDP_NAMES, {}) },
  ];
}

/** /proc/net/netstat. */
export const netstatSections = ({ statistics }: Netns): readonly Section[] => [
  { name: "TcpExt", counters: pick(TCP_EXT_NAMES, at(statistics, TCP_PLACES)) },
  { name: "IpExt", counters: pick(IP_EXT_NAMES, at(statistics, IP_PLACES)) },
  { name: "MPTcpExt", counters: pick(MPTCP_EXT_NAMES, {}) },
];

/** /proc/net/snmp6: all in one list there, with the protocol before each name. */
export function snmp6Sections({ statistics }: Netns): readonly Section[] {
  const of = (prefix: string, counts: ReadonlyMap<number, number>): Section["counters"] =>
    ICMP6_MESSAGES.map(([name, type]) => [`${prefix}${name}`, counts.get(type) ?? 0]);
  const received = statistics.messages(place.MESSAGES_RECEIVED + place.SIX_MESSAGES);
  const sent = statistics.messages(place.MESSAGES_SENT + place.SIX_MESSAGES);
  const icmp: Section["counters"] = [
    ["InMsgs", sum(received)],
    ["InErrors", statistics.at(place.ICMP_IN_ERRORS + place.SIX)],
    ["OutMsgs", sum(sent)],
    ["OutErrors", 0],
    ["InCsumErrors", 0],
    ["OutRateLimitHost", statistics.at(place.ICMP_OUT_RATE_LIMIT_HOST + place.SIX)],
    ...of("In", received),
    ...of("Out", sent),
    ...byType("In", received),
    ...byType("Out", sent),
  ];
  return [
    { name: "Ip6", counters: pick(IP6_NAMES, at(statistics, IP_PLACES, place.SIX)) },
    { name: "Icmp6", counters: icmp },
    { name: "Udp6", counters: pick(UDP_NAMES, at(statistics, UDP_PLACES, place.SIX)) },
    { name: "UdpLite6", counters: pick(UDP_NAMES.replace(" IgnoredMulti", ""), {}) },
  ];
}

/** A protocol's names on one line and its numbers on the next. */
export const inTwoLines = (sections: readonly Section[]): string =>
  sections
    .map(
      ({ name, counters }) =>
        `${name}: ${counters.map(([of]) => of).join(" ")}\n${name}: ${counters.map(([, value]) => value).join(" ")}\n`,
    )
    .join("");

/** /proc/net/snmp6's lines. */
export const inLines = (sections: readonly Section[]): string =>
  sections.map(({ name, counters }) => counters.map(([of, value]) => `${`${name}${of}`.padEnd(32)}\t${value}\n`).join("")).join("");
