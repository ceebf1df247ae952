/** Names that iptables reads and prints: services, protocols and users of a Debian host, ICMP types (extensions/libxt_icmp.h). */
import { PROTO_ICMP, PROTO_ICMPV6, PROTO_TCP, PROTO_UDP } from "../wire/packet.ts";

/** /etc/services as "name:port", with /t or /u where a name is of TCP or UDP only. */
const SERVICES = `cisco-sccp:2000/t ipsec-nat-t:4500/u rplay:5555/u nrpe:5666/t x11-1:6001/t x11-2:6002/t x11-3:6003/t x11-4:6004/t
x11-5:6005/t x11-6:6006/t x11-7:6007/t ircd:6667/t ircs-u:6697/t afs3-fileserver:7000/u zope-ftp:8021/t omniorb:8088/t amanda:10080/t
rmiregistry:1099/t syslog-tls:6514/t munin:4949/t distcc:3632/t tcpmux:1/t echo:7 discard:9 systat:11/t daytime:13
netstat:15/t qotd:17/t chargen:19 ftp-data:20/t ftp:21/t fsp:21/u
ssh:22/t telnet:23/t smtp:25/t time:37 whois:43/t tacacs:49 domain:53 bootps:67/u bootpc:68/u tftp:69/u gopher:70/t finger:79/t http:80/t
kerberos:88 iso-tsap:102/t acr-nema:104/t pop3:110/t sunrpc:111 auth:113/t nntp:119/t ntp:123/u epmap:135/t netbios-ns:137/u
netbios-dgm:138/u netbios-ssn:139/t imap:143/t snmp:161 snmptrap:162 xdmcp:177/u bgp:179/t ldap:389 svrloc:427 https:443
microsoft-ds:445/t kpasswd:464 submissions:465/t isakmp:500/u rtsp:554 ipp:631/t ldp:646 exec:512/t biff:512/u login:513/t who:513/u
shell:514/t syslog:514/u printer:515/t talk:517/u ntalk:518/u route:520/u uucp:540/t dhcpv6-client:546/u dhcpv6-server:547/u nntps:563/t
submission:587/t ldaps:636 kerberos-adm:749/t domain-s:853 rsync:873/t ftps-data:989/t ftps:990/t telnets:992/t imaps:993/t pop3s:995/t
socks:1080/t openvpn:1194 ms-sql-s:1433/t ms-sql-m:1434/u radius:1812 radius-acct:1813 nfs:2049 iscsi-target:3260/t mysql:3306/t
ms-wbt-server:3389/t svn:3690/t epmd:4369/t sip:5060 sips:5061 xmpp-client:5222/t xmpp-server:5269/t mdns:5353/u postgresql:5432/t
amqps:5671/t amqp:5672/t coap:5683 coaps:5684 x11:6000/t redis:6379/t bbs:7000/t http-alt:8080/t tproxy:8081/t puppet:8140/t xinetd:9098/t
bacula-dir:9101/t bacula-fd:9102/t bacula-sd:9103/t git:9418/t webmin:10000/t zabbix-agent:10050/t zabbix-trapper:10051/t`;

const portsOfName = new Map<string, number>();
const namesOfPort = new Map<string, string>();
for (const word of SERVICES.split(/\s+/)) {
  const [, name, port, only] = /^(.+):(\d+)(?:\/(.))?$/.exec(word) as RegExpExecArray;
  for (const kind of only ? [only] : ["t", "u"]) {
    portsOfName.set(`${kind}${name}`, Number(port));
    if (!namesOfPort.has(`${kind}${port}`)) namesOfPort.set(`${kind}${port}`, name as string);
  }
}

const serviceKind = (protocol: number): string => (protocol === PROTO_UDP ? "u" : "t");

/** A port from its number or its name in /etc/services; a protocol other than UDP is looked up as TCP. Undefined when neither. */
export function parsePort(text: string, protocol: number): number | undefined {
  if (/^(\d+|0x[0-9a-f]+)$/i.test(text)) {
    const port = Number(text);
    return port <= 65535 ? port : undefined;
  }
  return portsOfName.get(`${serviceKind(protocol)}${text}`) ?? portsOfName.get(`${protocol === PROTO_UDP ? "t" : "u"}${text}`);
}

export const portName = (port: number, protocol: number): string => namesOfPort.get(`${serviceKind(protocol)}${port}`) ?? String(port);

/** xtables_chain_protos: names that are printed even with -n. */
const CHAIN_PROTOCOLS: readonly (readonly [string, number])[] = [
  ["tcp", PROTO_TCP],
  ["sctp", 132],
  ["udp", PROTO_UDP],
  ["udplite", 136],
  ["icmp", PROTO_ICMP],
  ["ipv6-icmp", PROTO_ICMPV6],
  ["esp", 50],
  ["ah", 51],
  ["mobility-header", 135],
  ["all", 0],
];

const PROTOCOLS = new Map<string, number>([
  ...CHAIN_PROTOCOLS,
  ["icmpv6", PROTO_ICMPV6],
  ["ipv6-mh", 135],
  ["mh", 135],
  ["ip", 0],
  ["igmp", 2],
  ["ggp", 3],
  ["ipencap", 4],
  ["egp", 8],
  ["dccp", 33],
  ["ipv6", 41],
  ["gre", 47],
  ["eigrp", 88],
  ["ospf", 89],
  ["ipip", 94],
  ["pim", 103],
  ["vrrp", 112],
  ["l2tp", 115],
]);

/** A protocol number from its name (any case) or number. Undefined when unknown. */
export function parseProtocol(text: string): number | undefined {
  if (/^(\d+|0x[0-9a-f]+)$/i.test(text)) return Number(text) <= 255 ? Number(text) : undefined;
  return PROTOCOLS.get(text.toLowerCase());
}

/** The name that iptables prints for a protocol number. `numeric` keeps to the names that iptables itself knows. */
export function protocolName(protocol: number, numeric: boolean): string {
  for (const [name, number] of CHAIN_PROTOCOLS) if (number === protocol) return name;
  if (!numeric) for (const [name, number] of PROTOCOLS) if (number === protocol) return name;
  return String(protocol);
}
