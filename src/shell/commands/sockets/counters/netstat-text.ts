/** `netstat -s`: the counters in net-tools' sentences (statistics.c). */
import type { Netns } from "../../../../kernel/netns.ts";
import { netstatSections, type Section, snmp6Sections, snmpSections } from "./sections.ts";

/** A sentence with `%` for the number; those that begin with "?" are left out when it is zero. */
type Sentences = Readonly<Record<string, string>>;

const IP: Sentences = {
  Forwarding: "Forwarding: %",
  DefaultTTL: "",
  InReceives: "% total packets received",
  InHdrErrors: "?% with invalid headers",
  InTooBigErrors: "?% with packets too big",
  InNoRoutes: "?% incoming packets with no route",
  InAddrErrors: "?% with invalid addresses",
  ForwDatagrams: "% forwarded",
  InUnknownProtos: "?% with unknown protocol",
  InTruncatedPkts: "?% with truncated packets",
  InDiscards: "% incoming packets discarded",
  InDelivers: "% incoming packets delivered",
  OutForwDatagrams: "% forwarded",
  OutRequests: "% requests sent out",
  OutDiscards: "?% outgoing packets dropped",
  OutNoRoutes: "?% dropped because of missing route",
  ReasmTimeout: "?% fragments dropped after timeout",
  ReasmReqds: "?% reassemblies required",
  ReasmOKs: "?% packets reassembled ok",
  ReasmFails: "?% packet reassemblies failed",
  FragOKs: "?% outgoing packets fragmented ok",
  FragFails: "?% outgoing packets failed fragmentation",
  FragCreates: "?% fragments created",
};
const IP6: Sentences = {
  ...IP,
  InMcastPkts: "?% incoming multicast packets",
  OutMcastPkts: "?% outgoing multicast packets",
};
const TCP: Sentences = {
  RtoAlgorithm: "",
  RtoMin: "",
  RtoMax: "",
  MaxConn: "",
  ActiveOpens: "% active connection openings",
  PassiveOpens: "% passive connection openings",
  AttemptFails: "% failed connection attempts",
  EstabResets: "% connection resets received",
  CurrEstab: "% connections established",
  InSegs: "% segments received",
  OutSegs: "% segments sent out",
  RetransSegs: "% segments retransmitted",
  InErrs: "% bad segments received",
  OutRsts: "% resets sent",
};
const UDP: Sentences = {
  InDatagrams: "% packets received",
  NoPorts: "% packets to unknown port received",
  InErrors: "% packet receive errors",
  OutDatagrams: "% packets sent",
  RcvbufErrors: "% receive buffer errors",
  SndbufErrors: "% send buffer errors",
};
const UDP6: Sentences = { ...UDP, RcvbufErrors: "?% receive buffer errors", SndbufErrors: "?% send buffer errors" };
const TCP_EXT: Sentences = {
  TW: "?% TCP sockets finished time wait in fast timer",
  ListenOverflows: "?% times the listen queue of a socket overflowed",
  ListenDrops: "?% SYNs to LISTEN sockets dropped",
  TCPHPHits: "% packet headers predicted",
  TCPFastRetrans: "?% fast retransmits",
  TCPTimeouts: "?% other TCP timeouts",
  TCPAbortOnData: "?% connections reset due to unexpected data",
  TCPAbortOnClose: "?% connections reset due to early user close",
  TCPAbortOnTimeout: "?% connections aborted due to timeout",
};
/** Words of ICMP's histograms, in both directions. */
const ICMP_HISTOGRAM: Sentences = {
  DestUnreachs: "destination unreachable",
  PktTooBigs: "packets too big",
  TimeExcds: "timeout in transit",
  ParmProbs: "wrong parameters",
  SrcQuenchs: "source quenches",
  Redirects: "redirects",
  Echos: "echo requests",
  EchoReps: "echo replies",
  Timestamps: "timestamp request",
  TimestampReps: "timestamp reply",
  AddrMasks: "address mask request",
  AddrMaskReps: "address mask replies",
};
const ICMP_OUT_HISTOGRAM: Sentences = {
  ...ICMP_HISTOGRAM,
  TimeExcds: "time exceeded",
  SrcQuenchs: "source quench",
  Redirects: "redirect",
  Timestamps: "timestamp requests",
  TimestampReps: "timestamp replies",
  AddrMasks: "address mask requests",
};
const ICMP6_HISTOGRAM: Sentences = {
  DestUnreachs: "destination unreachable",
  PktTooBigs: "packets too big",
  TimeExcds: "received ICMPv6 time exceeded",
  ParmProblems: "parameter problem",
  Echos: "echo requests",
  EchoReplies: "echo replies",
  GroupMembQueries: "group member queries",
  GroupMembResponses: "group member responses",
  GroupMembReductions: "group member reductions",
  RouterSolicits: "router solicits",
  RouterAdvertisements: "router advertisement",
  NeighborSolicits: "neighbour solicits",
  NeighborAdvertisements: "neighbour advertisement",
  Redirects: "redirects",
};
const ICMP6_OUT_HISTOGRAM: Sentences = {
  ...ICMP6_HISTOGRAM,
  TimeExcds: "sent ICMPv6 time exceeded",
  NeighborSolicits: "neighbor solicits",
  NeighborAdvertisements: "neighbor advertisements",
};

const SENTENCES: Readonly<Record<string, Sentences>> = { Ip: IP, Ip6: IP6, Tcp: TCP, Udp: UDP, Udp6: UDP6, TcpExt: TCP_EXT };

/** Which sections the letters of -t, -u and -w ask for; the extensions come with all. */
const CHOSEN: Readonly<Record<string, readonly string[]>> = {
  t: ["IcmpMsg", "Tcp", "UdpLite", "TcpExt", "IpExt", "MPTcpExt"],
  u: ["IcmpMsg", "Udp", "UdpLite", "IpExt", "MPTcpExt"],
  w: ["Ip", "Icmp", "IcmpMsg", "UdpLite", "IpExt", "MPTcpExt"],
};

export function statisticsText(netns: Netns, given: ReadonlySet<string>): string {
  const letters = ["t", "u", "w"].filter((letter) => given.has(letter));
  const wanted = letters.length > 0 ? new Set(letters.flatMap((letter) => CHOSEN[letter] ?? [])) : undefined;
  if (given.has("6")) {
    const shown = [...snmp6Sections(netns), ...snmpSections(netns).filter(({ name }) => name === "Tcp")];
    return writer(shown.filter(({ name }) => !wanted || wanted.has(name.replace("6", ""))));
  }
  return writer([...snmpSections(netns), ...netstatSections(netns)].filter(({ name }) => !wanted || wanted.has(name)));
}

/** The indentation of a histogram stays for the counters without a sentence that follow it. */
function writer(sections: readonly Section[]): string {
  let text = "";
  let deep = false;
  for (const section of sections) {
    const { name, counters } = section;
    text += `${name}:\n`;
    if (name === "Icmp" || name === "Icmp6") {
      const written = icmpText(section);
      text += written.text;
      deep = written.deep;
      if (name === "Icmp") continue;
    }
    const sentences = SENTENCES[name];
    // A section with sentences comes back to the usual indentation.
    if (name !== "IcmpMsg" && name !== "Icmp6") deep = false;
    for (const [of, value] of counters) {
      const sentence = name === "Icmp6" && !of.includes("Type") ? "" : sentences?.[of];
      if (sentence === "" || (value === 0 && (sentence === undefined || sentence.startsWith("?")))) continue;
      const indent = deep ? "        " : "    ";
      const label = name.endsWith("6") ? `${name}${of}` : of;
      text += `${indent}${sentence === undefined ? `${label}: ${value}` : sentence.replace("?", "").replace("%", String(value))}\n`;
    }
  }
  return text;
}

function icmpText({ name, counters }: Section): { readonly text: string; readonly deep: boolean } {
  const value = new Map(counters);
  const six = name === "Icmp6";
  const histogram = (title: string, prefix: string, words: Sentences, indent: string): string => {
    const lines = Object.entries(words).flatMap(([of, word]) => {
      const count = value.get(`${prefix}${of}`) ?? 0;
      return count > 0 ? [`        ${word}: ${count}\n`] : [];
    });
    return lines.length > 0 ? `${indent}ICMP ${title} histogram:\n${lines.join("")}` : "";
  };
  const input = histogram("input", "In", six ? ICMP6_HISTOGRAM : ICMP_HISTOGRAM, "    ");
  // With IPv6 the second title stands as deep as what the first one holds.
  const output = histogram("output", "Out", six ? ICMP6_OUT_HISTOGRAM : ICMP_OUT_HISTOGRAM, six && input !== "" ? "        " : "    ");
  const received = `    ${value.get("InMsgs")} ICMP messages received\n    ${value.get("InErrors")} input ICMP message failed\n`;
  const sent = `    ${value.get("OutMsgs")} ICMP messages sent\n`;
  const text = six
    ? received + sent + input + output
    : `${received}${input}${sent}    ${value.get("OutErrors")} ICMP messages failed\n${output}`;
  return { text, deep: input !== "" || output !== "" };
}
