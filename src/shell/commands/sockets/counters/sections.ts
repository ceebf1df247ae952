/** The protocol counters of a netns in the order and under the names of /proc/net/snmp, netstat and snmp6 (net/ipv4/proc.c, net/ipv6/proc.c). */
import type { Netns } from "../../../../kernel/netns.ts";
import type { Statistics } from "../../../../kernel/statistics.ts";

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

const pick = (names: string, values: Values): Section["counters"] => names.split(/\s+/).map((name) => [name, values[name] ?? 0]);

const sum = (counts: ReadonlyMap<number, number>): number => [...counts.values()].reduce((total, count) => total + count, 0);

const byType = (prefix: string, counts: ReadonlyMap<number, number>): Section["counters"] =>
  [...counts].sort(([a], [b]) => a - b).map(([type, count]) => [`${prefix}Type${type}`, count]);

const numbersOf = (counters: object): Values => counters as Values;

const withMarks = ({ ecn, ...rest }: Statistics["ip"]): Values => ({
  ...rest,
  InNoECTPkts: ecn[0],
  InECT1Pkts: ecn[1],
  InECT0Pkts: ecn[2],
  InCEPkts: ecn[3],
});

function icmpSection({ icmp }: Statistics): Section {
  const of = (prefix: string, counts: ReadonlyMap<number, number>): Section["counters"] =>
    ICMP_MESSAGES.map(([name, type]) => [`${prefix}${name}`, counts.get(type) ?? 0]);
  return {
    name: "Icmp",
    counters: [
      ["InMsgs", sum(icmp.received)],
      ["InErrors", icmp.InErrors],
      ["InCsumErrors", 0],
      ...of("In", icmp.received),
      ["OutMsgs", sum(icmp.sent)],
      ["OutErrors", 0],
      ["OutRateLimitGlobal", icmp.OutRateLimitGlobal],
      ["OutRateLimitHost", icmp.OutRateLimitHost],
      ...of("Out", icmp.sent),
    ],
  };
}

/** /proc/net/snmp. */
export function snmpSections(netns: Netns): readonly Section[] {
  const { statistics, sysctl, sockets } = netns;
  const { ip, icmp, tcp, udp } = statistics;
  const types = [...byType("In", icmp.received), ...byType("Out", icmp.sent)];
  const established = sockets
    .list()
    .filter(({ protocol, state }) => protocol === "tcp" && (state === "ESTABLISHED" || state === "CLOSE-WAIT"));
  const ipValues = {
    ...withMarks(ip),
    Forwarding: sysctl.number("net.ipv4.ip_forward") ? 1 : 2,
    DefaultTTL: sysctl.number("net.ipv4.ip_default_ttl"),
    ForwDatagrams: ip.OutForwDatagrams,
  };
  const tcpValues = { ...numbersOf(tcp), RtoAlgorithm: 1, RtoMin: 200, RtoMax: 120000, MaxConn: -1, CurrEstab: established.length };
  return [
    { name: "Ip", counters: pick(IP_NAMES, ipValues) },
    icmpSection(statistics),
    ...(types.length > 0 ? [{ name: "IcmpMsg", counters: types }] : []),
    { name: "Tcp", counters: pick(TCP_NAMES, tcpValues) },
    { name: "Udp", counters: pick(UDP_NAMES, numbersOf(udp)) },
    { name: "UdpLite", counters: pick(UDP_NAMES, {}) },
  ];
}

/** /proc/net/netstat. */
export const netstatSections = ({ statistics }: Netns): readonly Section[] => [
  { name: "TcpExt", counters: pick(TCP_EXT_NAMES, numbersOf(statistics.tcp)) },
  { name: "IpExt", counters: pick(IP_EXT_NAMES, withMarks(statistics.ip)) },
  { name: "MPTcpExt", counters: pick(MPTCP_EXT_NAMES, {}) },
];

/** /proc/net/snmp6: all in one list there, with the protocol before each name. */
export function snmp6Sections({ statistics }: Netns): readonly Section[] {
  const { ip6, icmp6, udp6 } = statistics;
  const of = (prefix: string, counts: ReadonlyMap<number, number>): Section["counters"] =>
    ICMP6_MESSAGES.map(([name, type]) => [`${prefix}${name}`, counts.get(type) ?? 0]);
  const icmp: Section["counters"] = [
    ["InMsgs", sum(icmp6.received)],
    ["InErrors", icmp6.InErrors],
    ["OutMsgs", sum(icmp6.sent)],
    ["OutErrors", 0],
    ["InCsumErrors", 0],
    ["OutRateLimitHost", icmp6.OutRateLimitHost],
    ...of("In", icmp6.received),
    ...of("Out", icmp6.sent),
    ...byType("In", icmp6.received),
    ...byType("Out", icmp6.sent),
  ];
  return [
    { name: "Ip6", counters: pick(IP6_NAMES, withMarks(ip6)) },
    { name: "Icmp6", counters: icmp },
    { name: "Udp6", counters: pick(UDP_NAMES, numbersOf(udp6)) },
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
