import "./modules/index.ts";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Kernel } from "../kernel.ts";
import type { Netfilter } from "./netfilter.ts";
import { IptablesError } from "./netfilter.ts";
import { restoreTables, saveTables } from "./save.ts";

const fresh = (): Netfilter => new Kernel(1).addNetns("host", "host", true).netfilter;

function said(netfilter: Netfilter, words: readonly string[], family: 4 | 6 = 4): string {
  const result = netfilter.command(family, words);
  return result instanceof IptablesError ? `${result.message} [${result.status}]` : result;
}

const HINT = "\nTry `iptables -h' or 'iptables --help' for more information. [2]";

describe("the words of a rule", () => {
  test.each([
    ["-p tcp --dport ssh -j ACCEPT", "-p tcp -m tcp --dport 22 -j ACCEPT"],
    ["-p tcp ! --dport :80", "-p tcp -m tcp --dport 81:65535"],
    ["-p 6 --syn -j ACCEPT", "-p tcp -m tcp --tcp-flags FIN,SYN,RST,ACK SYN -j ACCEPT"],
    ["-p icmp --icmp-type host-unreachable", "-p icmp -m icmp --icmp-type 3/1"],
    ["-m conntrack --ctstate established,new", "-m conntrack --ctstate NEW,ESTABLISHED"],
    ["-m limit --limit 5/minute", "-m limit --limit 5/min"],
    ["-m limit --limit 24/day", "-m limit --limit 1/hour"],
    ["-s 10.1.2.3/255.0.255.0 -i eth+ -j DROP", "-s 10.0.2.0/255.0.255.0 -i eth+ -j DROP"],
    ["-s 1.2.3 -d 0/0 -i +", "-s 1.2.3.0/32"],
    ["-jACCEPT -ieth0 --proto=tcp", "-i eth0 -p tcp -j ACCEPT"],
    ["-j REJECT --reject-with host-prohib", "-j REJECT --reject-with icmp-host-prohibited"],
    ["-m mark --mark 16 -j MARK --or-mark 5", "-m mark --mark 0x10 -j MARK --set-xmark 0x5/0x5"],
    ["-m recent --update --seconds 60 --name SSH", "-m recent --update --seconds 60 --name SSH --mask 255.255.255.255 --rsource"],
    ["-m connlimit ! --connlimit-above 2", "-m connlimit --connlimit-upto 2 --connlimit-mask 32 --connlimit-saddr"],
    ["-m time ! --weekdays Sat,Sun", "-m time --weekdays Mon,Tue,Wed,Thu,Fri --datestop 2038-01-19T03:14:07"],
    [
      "-m hashlimit --hashlimit 10/minute --hashlimit-name h",
      "-m hashlimit --hashlimit-upto 10/min --hashlimit-burst 5 --hashlimit-name h",
    ],
    ["-m statistic --mode random --probability 0.5", "-m statistic --mode random --probability 0.50000000000"],
  ])("%s", (given, printed) => {
    const netfilter = fresh();
    expect(said(netfilter, ["-A", "INPUT", ...given.split(" ")])).toBe("");
    expect(netfilter.rules(4, "filter", "INPUT")).toEqual([`-A INPUT ${printed}`]);
    // What is printed says the same rule.
    expect(said(netfilter, ["-D", "INPUT", ...printed.split(" ")])).toBe("");
    expect(netfilter.rules(4, "filter", "INPUT")).toEqual([]);
  });

  test.each([
    ["-A INPUT -j NOPE", `iptables v1.8.13 (nf_tables): Chain 'NOPE' does not exist${HINT}`],
    ["-A NOPE -j DROP", "iptables: No chain/target/match by that name. [1]"],
    ["-D INPUT -j DROP", "iptables: Bad rule (does a matching rule exist in that chain?). [1]"],
    ["-I INPUT 5 -j DROP", "iptables: Index of insertion too big. [1]"],
    ["-N INPUT", "iptables: Chain already exists. [1]"],
    ["-A INPUT --constructor", `iptables v1.8.13 (nf_tables): unknown option "--constructor"${HINT}`],
    ["-A INPUT extra", "Bad argument `extra'".concat(HINT)],
    ["-A INPUT -p tcp --dport foo", `iptables v1.8.13 (nf_tables): invalid port/service \`foo' specified${HINT}`],
    [
      "-t nat -A PREROUTING -j MASQUERADE",
      "iptables v1.8.13 (nf_tables):  RULE_APPEND failed (Invalid argument): rule in chain PREROUTING [4]",
    ],
    ["-A INPUT -m nope", `iptables v1.8.13 (nf_tables): Couldn't load match \`nope':No such file or directory\n${HINT}`],
  ])("%s is refused", (given, text) => {
    expect(said(fresh(), given.split(" "))).toBe(text);
  });

  test("a chain in use stays", () => {
    const netfilter = fresh();
    for (const line of ["-N own", "-A INPUT -j own"]) said(netfilter, line.split(" "));
    expect(said(netfilter, ["-X", "own"])).toBe("iptables v1.8.13 (nf_tables):  CHAIN_DEL failed (Device or resource busy): chain own [4]");
    said(netfilter, ["-F"]);
    expect(said(netfilter, ["-X", "own"])).toBe("");
  });

  test("a renamed chain keeps those that lead to it", () => {
    const netfilter = fresh();
    for (const line of ["-N own", "-A INPUT -j own", "-E own mine"]) said(netfilter, line.split(" "));
    expect(said(netfilter, ["-S"])).toBe("-P INPUT ACCEPT\n-P FORWARD ACCEPT\n-P OUTPUT ACCEPT\n-N mine\n-A INPUT -j mine\n");
  });

  test("listing has the columns of iptables", () => {
    const netfilter = fresh();
    said(netfilter, ["-A", "FORWARD", "!", "-i", "docker0", "-o", "docker0", "-p", "tcp", "--dport", "80", "-j", "DROP"]);
    expect(said(netfilter, ["-L", "FORWARD", "-nv", "--line-numbers"])).toBe(
      "Chain FORWARD (policy ACCEPT 0 packets, 0 bytes)\n" +
        "num   pkts bytes target     prot opt in     out     source               destination         \n" +
        "1        0     0 DROP       tcp  --  !docker0 docker0  0.0.0.0/0            0.0.0.0/0            tcp dpt:80\n",
    );
  });
});

const VOCABULARY = `-t nat raw mangle filter security -A -I -D -C -R -L -S -F -Z -N -X -E -P INPUT OUTPUT FORWARD PREROUTING POSTROUTING
own other -p tcp udp icmp all -s -d -i -o ! 10.0.0.0/8 1.2.3.4 fd00::1/64 eth0 eth+ + -m -j -g ACCEPT DROP RETURN QUEUE REJECT LOG DNAT
SNAT MASQUERADE REDIRECT NETMAP MARK CONNMARK CT NOTRACK TCPMSS TTL TOS DSCP TRACE tcp udp icmp multiport state conntrack addrtype mark
connmark limit comment iprange mac physdev pkttype length ttl statistic owner tos dscp set --dport --sport --dports 80 80:90 99999 -1 0 1 2
--syn --tcp-flags ALL SYN --icmp-type 8 any --state NEW --ctstate ESTABLISHED,DNAT --dst-type LOCAL --mark 1/2 --limit 5/min --comment x
--src-range 1.1.1.1-1.1.1.9 --mac-source 02:42:ac:11:00:02 --to-destination 1.2.3.4:80 --to-source --to-ports --to --set-mark --save-mark
--reject-with tcp-reset --log-prefix --set-mss 1400 --ttl-set --set-tos --tos --uid-owner constructor __proto__ -n -v -x --line-numbers -c -w
-4 -6 -V -h -- - = --x=y`.split(/\s+/);

test("no line throws, and what is printed can be restored to the same", () => {
  const line = fc.array(fc.oneof({ weight: 20, arbitrary: fc.constantFrom(...VOCABULARY) }, { weight: 1, arbitrary: fc.string() }), {
    maxLength: 14,
  });
  fc.assert(
    fc.property(fc.array(line, { maxLength: 30 }), fc.constantFrom<4 | 6>(4, 6), (lines, family) => {
      const netfilter = fresh();
      said(netfilter, ["-N", "own"], family);
      for (const words of lines) said(netfilter, ["-A", "own", ...words], family);
      for (const words of lines) said(netfilter, words, family);
      const saved = saveTables(netfilter, family, "", true);
      // iptables-restore takes any word "-t" for the option, be it an interface's name.
      fc.pre(!/ -t( |$)/m.test(saved));
      const again = fresh();
      expect(restoreTables(again, family, saved, { counters: true })?.message).toBeUndefined();
      expect(saveTables(again, family, "", true)).toBe(saved);
    }),
    { numRuns: 150 },
  );
});
