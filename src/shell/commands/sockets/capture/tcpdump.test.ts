import { expect, test } from "vitest";
import { dig } from "../dns/dig.ts";
import { Stage } from "../stage.fixture.ts";
import { curl } from "../web/curl.ts";
import { tcpdump } from "./tcpdump.ts";

/** Clocks, ports, sequence numbers, time stamps and MACs as letters. */
const blank = (text: string): string =>
  text
    .replace(/\d\d:\d\d:\d\d\.\d{6}/g, "T")
    .replace(/192\.168\.0\.10\.\d+/g, "192.168.0.10.P")
    .replace(/TS val \d+ ecr \d+/g, "TS")
    .replace(/seq \d{5,}, /g, "seq N, ")
    .replace(/ack \d{5,}, /g, "ack N, ")
    .replace(/([0-9a-f]{2}:){5}[0-9a-f]{2}/g, "MAC")
    .replace(/\b\d+(\*| NXDomain|\+)/g, "I$1")
    .replace(/id \d+/g, "id I");

test("given a capture, when a page is fetched, then the conversation is shown as tcpdump shows it", () => {
  const stage = new Stage();
  const capture = stage.launch(tcpdump, "tcpdump -ni eth0 ip");
  stage.run(curl, "curl -s server.lan");
  stage.pass(1);
  stage.interrupt(capture);
  expect(capture.err).toBe(
    "tcpdump: verbose output suppressed, use -v[v]... for full protocol decode\nlistening on eth0, link-type EN10MB (Ethernet), snapshot length 262144 bytes\n\n17 packets captured\n17 packets received by filter\n0 packets dropped by kernel\n",
  );
  expect(blank(capture.out)).toBe(`T IP 192.168.0.10.P > 192.168.0.20.53: I+ A? server.lan. (28)
T IP 192.168.0.10.P > 192.168.0.20.53: I+ AAAA? server.lan. (28)
T IP 192.168.0.20.53 > 192.168.0.10.P: I* 1/0/0 A 192.168.0.20 (44)
T IP 192.168.0.20.53 > 192.168.0.10.P: I NXDomain 0/0/0 (28)
T IP 192.168.0.10.P > 192.168.0.20.80: Flags [S], seq N, win 64240, options [mss 1460,sackOK,TS,nop,wscale 10], length 0
T IP 192.168.0.20.80 > 192.168.0.10.P: Flags [S.], seq N, ack N, win 65160, options [mss 1460,sackOK,TS,nop,wscale 10], length 0
T IP 192.168.0.10.P > 192.168.0.20.80: Flags [.], ack 1, win 63, options [nop,nop,TS], length 0
T IP 192.168.0.10.P > 192.168.0.20.80: Flags [P.], seq 1:75, ack 1, win 63, options [nop,nop,TS], length 74: HTTP: GET / HTTP/1.1
T IP 192.168.0.20.80 > 192.168.0.10.P: Flags [.], ack 75, win 64, options [nop,nop,TS], length 0
T IP 192.168.0.20.80 > 192.168.0.10.P: Flags [P.], seq 1:209, ack 75, win 64, options [nop,nop,TS], length 208: HTTP: HTTP/1.1 200 OK
T IP 192.168.0.10.P > 192.168.0.20.80: Flags [.], ack 209, win 63, options [nop,nop,TS], length 0
T IP 192.168.0.20.80 > 192.168.0.10.P: Flags [P.], seq 209:220, ack 75, win 64, options [nop,nop,TS], length 11: HTTP
T IP 192.168.0.10.P > 192.168.0.20.80: Flags [.], ack 220, win 63, options [nop,nop,TS], length 0
T IP 192.168.0.10.P > 192.168.0.20.80: Flags [F.], seq 75, ack 220, win 63, options [nop,nop,TS], length 0
T IP 192.168.0.20.80 > 192.168.0.10.P: Flags [F.], seq 220, ack 75, win 64, options [nop,nop,TS], length 0
T IP 192.168.0.10.P > 192.168.0.20.80: Flags [.], ack 221, win 63, options [nop,nop,TS], length 0
T IP 192.168.0.20.80 > 192.168.0.10.P: Flags [.], ack 76, win 64, options [nop,nop,TS], length 0
`);
});

test("given -e and -c, when a neighbour is asked for, then frames carry their MACs and the capture ends by itself", () => {
  const stage = new Stage();
  const capture = stage.launch(tcpdump, "tcpdump -nec 2 arp");
  stage.run(dig, "dig +short server.lan");
  expect(blank(capture.out)).toBe(
    "T MAC > MAC, ethertype ARP (0x0806), length 42: Request who-has 192.168.0.20 tell 192.168.0.10, length 28\nT MAC > MAC, ethertype ARP (0x0806), length 42: Reply 192.168.0.20 is-at MAC, length 28\n",
  );
  expect(capture.task.outcome).toEqual({ value: 0 });
});

test.each([
  ["udp port 53", 2],
  ["dst port 53", 1],
  ["src host 192.168.0.20 and udp", 1],
  ["net 192.168 and not arp", 4],
  ["icmp or arp", 3],
  ["port 53 or 80", 2],
  ["(udp or icmp) and dst 192.168.0.10", 2],
  ["tcp[tcpflags] & (tcp-syn|tcp-fin) != 0", 0],
  ["icmp and greater 60", 1],
  ["host server.lan", 6],
  ["icmp[icmptype] = icmp-unreach", 1],
  ["ip[0] & 0xf = 5 and ip[9] == 17", 3],
  ["udp and (ip[2:2] - ((ip[0] & 0xf) << 2)) = udp[4:2]", 3],
  ["(udp[0:2] = 53 or udp[2:2] = 53) and len > 60", 2],
  ["arp[6:2] = 1", 1],
])("filter %s lets %i frames pass", (filter, count) => {
  const stage = new Stage();
  // The name is looked up before anything is captured.
  stage.client.fs.place("/etc/hosts", "192.168.0.20 server.lan\n");
  const capture = stage.launch(tcpdump, ["tcpdump", "-ni", "eth0", ...filter.split(" ")]);
  stage.run(dig, "dig @192.168.0.20 +short server.lan");
  stage.run(dig, "dig @192.168.0.20 -p 54 +short +tries=1 x");
  stage.pass(0.1);
  stage.interrupt(capture);
  // ARP, a query and its answer, a query and its port unreachable.
  expect(capture.out.split("\n").length - 1).toBe(count);
});

test.each([
  ["tcpdump -i nosuch", "tcpdump: nosuch: No such device exists\n(No such device exists)\n[exit 1]"],
  ["tcpdump -i eth0 bogus", "tcpdump: can't parse filter expression: syntax error\n[exit 1]"],
  ["tcpdump -i eth0 host", "tcpdump: can't parse filter expression: syntax error\n[exit 1]"],
  ["tcpdump -i eth0 host 1.2.3.4 and", "tcpdump: can't parse filter expression: syntax error\n[exit 1]"],
  ["tcpdump -i eth0 port abc", "tcpdump: unknown port 'abc'\n[exit 1]"],
  ["tcpdump -i eth0 host nosuch", "tcpdump: unknown host 'nosuch'\n[exit 1]"],
  ["tcpdump -c 0", "tcpdump: invalid packet count 0\n[exit 1]"],
])("%s", (line, expected) => {
  expect(new Stage().run(tcpdump, line)).toBe(expected);
});

test("given a capture in a file, when it is read, then its frames are those that were seen", () => {
  const stage = new Stage();
  const written = stage.launch(tcpdump, "tcpdump -ni eth0 -w /tmp/a.pcap ip");
  const seen = stage.launch(tcpdump, "tcpdump -ni eth0 ip");
  stage.run(curl, "curl -s server.lan");
  stage.pass(1);
  stage.interrupt(written);
  stage.interrupt(seen);
  const read = stage.run(tcpdump, "tcpdump -nr /tmp/a.pcap");
  expect(read).toBe(`reading from file /tmp/a.pcap, link-type EN10MB (Ethernet), snapshot length 262144\n${seen.out}`);
});
