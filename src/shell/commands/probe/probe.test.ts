import "../../../kernel/netfilter/modules/index.ts";
import { describe, expect, test } from "vitest";
import type { Command } from "../../command.ts";
import { probeCommands } from "./index.ts";
import { RoutedStage } from "./stage.fixture.ts";

const command = (name: string): Command => probeCommands.find((one) => one.name === name) as Command;

/** What a command line prints on the client of a fresh stage. */
function typed(line: string, prepare?: (stage: RoutedStage) => void): string {
  const stage = new RoutedStage();
  stage.pass(3);
  prepare?.(stage);
  return stage.run(command(line.split(" ")[0] as string), line.split(" "));
}

describe("ping", () => {
  test("answers, losses and round trips", () => {
    expect(typed("ping -c 2 192.168.0.20")).toBe(
      `PING 192.168.0.20 (192.168.0.20) 56(84) bytes of data.
64 bytes from 192.168.0.20: icmp_seq=1 ttl=64 time=0.040 ms
64 bytes from 192.168.0.20: icmp_seq=2 ttl=64 time=0.020 ms

--- 192.168.0.20 ping statistics ---
2 packets transmitted, 2 received, 0% packet loss, time 1001ms
rtt min/avg/max/mdev = 0.020/0.030/0.040/0.010 ms
`,
    );
  });

  test("a host given by name is answered by the name of its address", () => {
    expect(typed("ping -c 1 server.lan")).toContain("64 bytes from files.lan (192.168.0.20): icmp_seq=1 ttl=64 time=");
    expect(typed("ping -n -c 1 server.lan")).toContain("64 bytes from 192.168.0.20: icmp_seq=1 ttl=64 time=");
  });

  test("a neighbour that is not there", () => {
    expect(typed("ping -c 5 192.168.0.64")).toMatch(
      /^PING .*\n(From 192.168.0.10 icmp_seq=[1-5] Destination Host Unreachable\n){5}\n--- .* ---\n5 packets transmitted, 0 received, \+5 errors, 100% packet loss, time \d+ms\npipe 3\n\[exit 1\]$/,
    );
    expect(typed("ping -c 1 -W 1 192.168.0.64")).toContain("1 packets transmitted, 0 received, 100% packet loss, time 0ms\n\n[exit 1]");
  });

  test("the interval between requests is one second, -w ends it, -O tells of what is missing", () => {
    expect(typed("ping -O -w 3 192.168.0.64")).toContain("no answer yet for icmp_seq=1\nno answer yet for icmp_seq=2\n");
  });

  test.each([
    ["ping -c 1 -t 1 203.0.113.80", "From 192.168.0.20 icmp_seq=1 Time to live exceeded"],
    ["ping -c 1 8.8.8.8", "From 192.168.0.20 icmp_seq=1 Destination Net Unreachable"],
    ["ping -c 1 nosuchname", "ping: nosuchname: Name or service not known\n[exit 2]"],
    ["ping -c 1 2001:db8::1", "ping: connect: Network is unreachable\n[exit 2]"],
    ["ping -c 1 255.255.255.255", "ping: Do you want to ping broadcast? Then -b. If not, check your local firewall rules\n[exit 2]"],
    ["ping -b -c 1 -W 1 192.168.0.255", "WARNING: pinging broadcast address\nPING 192.168.0.255 (192.168.0.255) 56(84) bytes of data.\n"],
    ["ping -M do -s 1473 -c 1 192.168.0.20", "ping: sendmsg: Message too long"],
    ["ping -s 4 -c 1 192.168.0.20", "12 bytes from 192.168.0.20: icmp_seq=1 ttl=64\n"],
    ["ping -I eth0 -c 1 192.168.0.20", "PING 192.168.0.20 (192.168.0.20) from 192.168.0.10 eth0: 56(84) bytes of data.\n"],
    ["ping -I 192.168.0.10 -c 1 192.168.0.20", "PING 192.168.0.20 (192.168.0.20) from 192.168.0.10 : 56(84) bytes of data.\n"],
    ["ping -I nosuch -c 1 192.168.0.20", "ping: SO_BINDTODEVICE nosuch: No such device\n[exit 2]"],
    ["ping -I 1.2.3.4 -c 1 192.168.0.20", "ping: bind: Cannot assign requested address\n[exit 2]"],
    ["ping -c 0 127.0.0.1", "ping: invalid argument: '0': out of range: 1 <= value <= 9223372036854775807\n[exit 1]"],
    ["ping -c x 127.0.0.1", "ping: invalid argument: 'x'\n[exit 1]"],
    ["ping -s 65508 -c1 127.0.0.1", "ping: invalid -s value: '65508': out of range: 0 <= value <= 65507\n[exit 1]"],
    ["ping -t 0 -c1 127.0.0.1", "ping: cannot set unicast time-to-live: Invalid argument\n[exit 2]"],
    ["ping -M bad -c1 127.0.0.1", "ping: invalid -M argument: bad\n[exit 2]"],
    ["ping -4 -c1 ::1", "ping: ::1: Address family for hostname not supported\n[exit 2]"],
    ["ping -6 -c1 ::1", "PING ::1 (::1) 56 data bytes\n64 bytes from ::1: icmp_seq=1 ttl=64 time="],
    ["ping -c 1 0.0.0.0", "PING 0.0.0.0 (127.0.0.1) 56(84) bytes of data.\n64 bytes from 127.0.0.1: icmp_seq=1"],
    ["ping -Z", "ping: invalid option -- 'Z'\n\nUsage\n"],
    ["ping", "ping: usage error: Destination address required\n[exit 2]"],
  ])("%s", (line, expected) => {
    expect(typed(line)).toContain(expected);
  });

  test("a rule that drops the request is not told; of one that rejects it the ICMP error and what sendmsg said", () => {
    const dropped = typed("ping -c 1 -W 1 192.168.0.20", (stage) => {
      stage.client.netns.netfilter.command(4, ["-A", "OUTPUT", "-p", "icmp", "-j", "DROP"]);
    });
    expect(dropped).toContain("bytes of data.\n\n---");
    expect(dropped).toContain("1 packets transmitted, 0 received, 100% packet loss");
    const rejected = typed("ping -c 1 -W 1 192.168.0.20", (stage) => {
      stage.client.netns.netfilter.command(4, ["-A", "OUTPUT", "-d", "192.168.0.20", "-j", "REJECT"]);
    });
    expect(rejected).toMatch(/From \S+ icmp_seq=1 Destination Port Unreachable\nping: sendmsg: Operation not permitted\n/);
  });

  test("-r takes no gateway: the request stays unsent, without a word", () => {
    expect(typed("ping -r -c 1 -W 1 10.9.9.9")).toContain("1 packets transmitted, 0 received, 100% packet loss");
  });

  test("a flood and an adaptive ping are faster than their interval", () => {
    expect(typed("ping -f -c 100 192.168.0.20")).toMatch(/100 packets transmitted, 100 received, 0% packet loss, time [0-9]ms/);
    expect(typed("ping -A -c 3 192.168.0.20")).toMatch(/time 0ms\nrtt .* ms, ipg\/ewma \d\.\d{3}\/\d\.\d{3} ms/);
  });

  test("Ctrl-C brings the statistics", () => {
    const stage = new RoutedStage();
    const running = stage.launch(command("ping"), "ping 192.168.0.20");
    stage.pass(2.5);
    stage.interrupt(running);
    expect(running.out).toContain(
      "\n\n--- 192.168.0.20 ping statistics ---\n3 packets transmitted, 3 received, 0% packet loss, time 2002ms\n",
    );
    expect(running.task.outcome).toEqual({ value: 0 });
    expect(stage.client.netns.sockets.list()).toEqual([]);
  });
});

describe("traceroute", () => {
  test("hops to a host beyond a router, by UDP, ICMP and TCP", () => {
    for (const method of ["", " -I", " -T"]) {
      expect(typed(`traceroute -n${method} 203.0.113.80`)).toBe(
        `traceroute to 203.0.113.80 (203.0.113.80), 30 hops max, 60 byte packets
 1  192.168.0.20  0.040 ms  0.040 ms  0.040 ms
 2  203.0.113.80  0.080 ms  0.080 ms  0.080 ms
`,
      );
    }
  });

  test.each([
    ["traceroute server.lan", "\n 1  files.lan (192.168.0.20)  0.020 ms  0.020 ms  0.020 ms\n"],
    ["traceroute -n -q 1 8.8.8.8", "\n 1  192.168.0.20  0.040 ms !N\n"],
    ["traceroute -n -q 1 -w 1 -m 3 192.168.0.77", "\n 1  *\n 2  *\n 3  *\n"],
    ["traceroute -n -f 2 -q 1 203.0.113.80", "packets\n 2  203.0.113.80  0.080 ms\n"],
    ["traceroute nosuch", 'nosuch: Name or service not known\nCannot handle "host" cmdline arg `nosuch\' on position 1 (argc 1)\n[exit 2]'],
    [
      "traceroute 2001:db8::1",
      "traceroute to 2001:db8::1 (2001:db8::1), 30 hops max, 80 byte packets\nconnect: Network is unreachable\n[exit 1]",
    ],
    ["traceroute -m 300 1.1.1.1", "max hops cannot be more than 255\n[exit 2]"],
    ["traceroute -q 20 1.1.1.1", "no more than 10 probes per hop\n[exit 2]"],
    ["traceroute -w x 1.1.1.1", "Cannot handle `-w' option with arg `x' (argc 2)\n[exit 2]"],
    ["traceroute -Z 1.1.1.1", "Bad option `-Z' (argc 1)\n[exit 2]"],
    ["traceroute -6 -n ::1", "traceroute to ::1 (::1), 30 hops max, 80 byte packets\n 1  ::1  "],
  ])("%s", (line, expected) => {
    expect(typed(line)).toContain(expected);
  });
});

test("tracepath finds the path MTU", () => {
  const printed = typed("tracepath -n 203.0.113.80", (stage) => {
    for (const netns of [stage.server.netns, stage.far]) {
      const device = netns.device("wan0") ?? netns.device("eth0");
      if (device) netns.devices.setMtu(device, 1400);
    }
  });
  expect(printed).toContain(" 1?: [LOCALHOST]                      pmtu 1500\n");
  expect(printed).toContain("pmtu 1400\n");
  expect(printed).toMatch(/ 2: {2}203\.0\.113\.80 +\d+\.\d{3}ms reached\n {5}Resume: pmtu 1400 hops 2 back 2 \n$/);
});

describe("arping", () => {
  test.each([
    [
      "arping -c 2 192.168.0.20",
      /^ARPING 192.168.0.20 from 192.168.0.10 eth0\n(Unicast reply from 192.168.0.20 \[([0-9A-F]{2}:?){6}\] {2}0\.020ms\n){2}Sent 2 probes \(1 broadcast\(s\)\)\nReceived 2 response\(s\)\n$/,
    ],
    ["arping -c 2 -w 2 192.168.0.99", /Sent 2 probes \(2 broadcast\(s\)\)\nReceived 0 response\(s\)\n\[exit 1\]$/],
    ["arping -c 1 -D -I eth0 192.168.0.20", /^ARPING 192.168.0.20 from 0.0.0.0 eth0\nUnicast reply(.*\n)*\[exit 1\]$/],
    ["arping -I lo 127.0.0.1", /^Interface "lo" is not ARPable\n\[exit 2\]$/],
    ["arping -I nosuch 127.0.0.1", /^arping: Device nosuch not available.\n\[exit 2\]$/],
  ])("%s", (line, expected) => {
    expect(typed(line)).toMatch(expected);
  });
});

describe("sysctl", () => {
  test.each([
    ["sysctl net.ipv4.ip_forward", "net.ipv4.ip_forward = 0\n"],
    ["sysctl -n net/ipv4/ip_forward", "0\n"],
    ["sysctl -w net.ipv4.ip_forward=1", "net.ipv4.ip_forward = 1\n"],
    ["sysctl net.ipv4.nosuch", "sysctl: cannot stat /proc/sys/net/ipv4/nosuch: No such file or directory\n[exit 1]"],
    ["sysctl -e net.ipv4.nosuch", ""],
    ["sysctl -w net.ipv4.ip_default_ttl=0", 'sysctl: setting key "net.ipv4.ip_default_ttl": Invalid argument\n[exit 1]'],
    [
      "sysctl -w net.netfilter.nf_conntrack_count=2",
      'sysctl: setting key "net.netfilter.nf_conntrack_count": Operation not permitted\n[exit 1]',
    ],
    [
      "sysctl -w net.ipv4.ip_default_ttl 64",
      "sysctl: command line(0): invalid syntax, continuing...\nsysctl: command line(0): invalid syntax, continuing...\n[exit 1]",
    ],
    ["sysctl -a -r ip_default", "net.ipv4.ip_default_ttl = 64\n"],
    [
      "sysctl net.ipv4.conf.*.rp_filter",
      "net.ipv4.conf.all.rp_filter = 0\nnet.ipv4.conf.default.rp_filter = 0\nnet.ipv4.conf.eth0.rp_filter = 0\nnet.ipv4.conf.lo.rp_filter = 0\n",
    ],
  ])("%s", (line, expected) => {
    expect(typed(line)).toBe(expected);
  });
});
