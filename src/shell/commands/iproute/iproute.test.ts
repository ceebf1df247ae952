import { describe, expect, test } from "vitest";
import { addNetns, cable } from "../../../kernel/inet/stage.fixture.ts";
import { Kernel } from "../../../kernel/kernel.ts";
import type { Netns } from "../../../kernel/netns.ts";
import { NO_INPUT, outputTo } from "../../../kernel/stdio.ts";
import { Task } from "../../../kernel/task.ts";
import { FileSystem } from "../../../kernel/vfs.ts";
import type { Process } from "../../command.ts";
import { iprouteCommands } from "./index.ts";

/** Runs one line in a netns; what it printed on both outputs, and "[exit N]" unless N is 0. */
function run(netns: Netns, line: string, capabilities: readonly string[] = ["NET_ADMIN"]): string {
  const argv = line.split(" ");
  const command = iprouteCommands.find(({ name }) => name === argv[0]);
  let printed = "";
  const output = outputTo((text) => {
    printed += text;
  });
  const machine = { name: "host", netns, kernel: netns.kernel, fs: new FileSystem(), engine: undefined };
  const process = { argv, netns, machine, fs: machine.fs, pid: 7, stdin: NO_INPUT, stdout: output, stderr: output };
  const whole = { ...process, container: undefined, capabilities: new Set(capabilities), env: new Map(), hostname: "host", cwd: "/" };
  const task = new Task(netns.kernel.clock, (command as NonNullable<typeof command>).run(whole as unknown as Process));
  while (!task.done && netns.kernel.clock.step());
  const status = task.outcome && "value" in task.outcome ? task.outcome.value : -1;
  return printed + (status === 0 ? "" : `[exit ${status}]`);
}

function stage(): { kernel: Kernel; host: Netns } {
  const kernel = new Kernel(1);
  const host = addNetns(kernel, "host");
  run(host, "ip link add v0 address 02:00:00:00:00:01 type veth peer name v1 address 02:00:00:00:00:02");
  return { kernel, host };
}

describe("ip link", () => {
  test("a new pair is down, its peer's number the lower one", () => {
    const { host } = stage();
    expect(run(host, "ip -br link")).toBe(
      "lo               UNKNOWN        00:00:00:00:00:00 <LOOPBACK,UP,LOWER_UP> \n" +
        "v1@v0            DOWN           02:00:00:00:00:02 <BROADCAST,MULTICAST,M-DOWN> \n" +
        "v0@v1            DOWN           02:00:00:00:00:01 <BROADCAST,MULTICAST,M-DOWN> \n",
    );
  });

  test("with the peer elsewhere it is told by number, and its netns by another", () => {
    const kernel = new Kernel(1);
    const [host, box] = [addNetns(kernel, "host"), addNetns(kernel, "box")];
    cable(host, "eth0", "", box, "eth0", "");
    expect(run(host, "ip link show eth0")).toMatch(
      /^2: eth0@if2: .* state UP .*\n {4}link\/ether \S+ brd ff:ff:ff:ff:ff:ff link-netnsid 0\n$/,
    );
  });

  test("statistics keep their columns", () => {
    const { host } = stage();
    expect(run(host, "ip -s link show lo").split("\n").slice(2)).toEqual([
      "    RX:  bytes packets errors dropped  missed   mcast           ",
      "             0       0      0       0       0       0 ",
      "    TX:  bytes packets errors dropped carrier collsns           ",
      "             0       0      0       0       0       0 ",
      "",
    ]);
  });

  test("without NET_ADMIN it shows and does not change", () => {
    const { host } = stage();
    expect(run(host, "ip link set v0 up", [])).toBe("RTNETLINK answers: Operation not permitted\n[exit 2]");
    expect(run(host, "ip addr flush dev lo", [])).toBe("Failed to send flush request: Operation not permitted\n[exit 255]");
    expect(run(host, "ip -br link show v0", [])).toContain("v0@v1");
  });

  test.each([
    ["ip link set nosuch up", 'Cannot find device "nosuch"\n[exit 1]'],
    ["ip link show nosuch", 'Device "nosuch" does not exist.\n[exit 1]'],
    ["ip link set v0 mtu foo", 'Error: argument "foo" is wrong: Invalid "mtu" value\n\n[exit 255]'],
    ["ip link set v0 mtu 99999", "Error: mtu greater than device maximum.\n[exit 2]"],
    ["ip link set v0 name v1", "RTNETLINK answers: File exists\n[exit 2]"],
    ["ip link set v0 master v1", "RTNETLINK answers: Operation not supported\n[exit 2]"],
    ["ip link add foo type nosuch", "Error: Unknown device type.\n[exit 2]"],
    ["ip link foo", 'Command "foo" is unknown, try "ip link help".\n[exit 255]'],
    ["ip foo", 'Object "foo" is unknown, try "ip help".\n[exit 1]'],
    ["ip route add 10.9.0.0/16 via 10.200.0.1", "Error: Nexthop has invalid gateway.\n[exit 2]"],
    ["ip route del 10.9.0.0/16", "RTNETLINK answers: No such process\n[exit 2]"],
    ["ip addr add 10.1.1.1/33 dev v0", 'Error: any valid prefix is expected rather than "10.1.1.1/33".\n[exit 1]'],
    ["ip addr del 1.2.3.4/24 dev v0", "Error: ipv4: Address not found.\n[exit 2]"],
    ["ip neigh add 10.0.0.1 dev v0", "Error: No link layer address given.\n[exit 2]"],
    ["brctl addif nosuch v0", "bridge nosuch does not exist!\n[exit 1]"],
    ["ifconfig nosuch", "nosuch: error fetching interface information: Device not found\n[exit 1]"],
    ["route add default gw 10.1.0.2", "SIOCADDRT: Network is unreachable\n[exit 7]"],
    ["arp -d 10.1.0.6", "SIOCDARP(dontpub): Network is unreachable\n[exit 255]"],
    ["tc qdisc del dev lo root", "Error: Cannot delete qdisc with handle of zero.\n[exit 2]"],
    ["bridge fdb add foo dev v0", "Invalid mac address foo\n[exit 255]"],
  ])("%s is refused in the tool's own words", (line, words) => {
    expect(run(stage().host, line)).toBe(words);
  });
});

describe("addresses and routes", () => {
  test("an address brings its routes, and they are shown with what decides", () => {
    const { host } = stage();
    for (const line of ["ip link set v0 up", "ip link set v1 up", "ip addr add 10.1.0.1/24 brd + dev v0"]) expect(run(host, line)).toBe("");
    expect(run(host, "ip -4 -o addr show v0")).toBe(
      "3: v0    inet 10.1.0.1/24 brd 10.1.0.255 scope global v0\\       valid_lft forever preferred_lft forever\n",
    );
    run(host, "ip route add 10.2.0.0/16 via 10.1.0.2 metric 5");
    run(host, "ip route add blackhole 10.6.0.0/16");
    expect(run(host, "ip route")).toBe(
      "10.1.0.0/24 dev v0 proto kernel scope link src 10.1.0.1 \n10.2.0.0/16 via 10.1.0.2 dev v0 metric 5 \nblackhole 10.6.0.0/16 \n",
    );
    expect(run(host, "ip route get 10.2.3.4")).toBe("10.2.3.4 via 10.1.0.2 dev v0 src 10.1.0.1 uid 0 \n    cache \n");
    expect(run(host, "ip route get 10.6.0.1")).toBe("RTNETLINK answers: Invalid argument\n[exit 2]");
    expect(run(host, "route -n")).toContain("10.2.0.0        10.1.0.2        255.255.0.0     UG    5      0        0 v0\n");
    expect(JSON.parse(run(host, "ip -j route show 10.2.0.0/16"))).toEqual([
      { dst: "10.2.0.0/16", gateway: "10.1.0.2", dev: "v0", metric: 5, flags: [] },
    ]);
  });

  test("ifconfig gives an address with its class's mask, and takes it away with 0.0.0.0", () => {
    const { host } = stage();
    run(host, "ifconfig v0 192.168.7.1");
    expect(run(host, "ip -br -4 addr show v0")).toBe("v0@v1            LOWERLAYERDOWN 192.168.7.1/24 \n");
    run(host, "ifconfig v0:1 10.9.9.9 netmask 255.255.255.0");
    expect(run(host, "ip -4 -o addr show v0")).toContain("inet 10.9.9.9/24 brd 10.9.9.255 scope global v0:1");
    run(host, "ifconfig v0 0.0.0.0");
    expect(run(host, "ip -br -4 addr show v0")).toBe("v0@v1            LOWERLAYERDOWN 10.9.9.9/24 \n");
  });

  test("neighbours are shown by ip and arp alike", () => {
    const { host } = stage();
    for (const line of ["ip link set v0 up", "ip link set v1 up", "ip addr add 10.1.0.1/24 dev v0"]) run(host, line);
    run(host, "arp -s 10.1.0.5 00:11:22:33:44:55");
    expect(run(host, "ip neigh")).toBe("10.1.0.5 dev v0 lladdr 00:11:22:33:44:55 PERMANENT \n");
    expect(run(host, "arp -n")).toBe(
      "Address                  HWtype  HWaddress           Flags Mask            Iface\n" +
        "10.1.0.5                 ether   00:11:22:33:44:55   CM                    v0\n",
    );
  });
});

describe("bridges and qdiscs", () => {
  test("a bridge is shown by brctl, bridge and ip", () => {
    const { host } = stage();
    for (const line of ["brctl addbr b0", "brctl addif b0 v0", "ip link set b0 up", "ip link set v0 up", "ip link set v1 up"])
      expect(run(host, line)).toBe("");
    expect(run(host, "brctl show")).toBe("bridge name\tbridge id\t\tSTP enabled\tinterfaces\nb0\t\t8000.020000000001\tno\t\tv0\n");
    expect(run(host, "bridge link")).toBe(
      "3: v0@v1: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500 master b0 state forwarding priority 32 cost 2 \n",
    );
    expect(run(host, "bridge fdb show br b0")).toContain("02:00:00:00:00:01 dev v0 master b0 permanent\n");
  });

  test("netem is set, changed, shown and taken off", () => {
    const { host } = stage();
    run(host, "ip link set v0 up");
    expect(run(host, "tc qdisc add dev v0 root netem delay 100ms 10ms loss 5% seed 42")).toBe("");
    expect(run(host, "tc qdisc show dev v0")).toBe("qdisc netem 8001: root refcnt 3 limit 1000 delay 100ms  10ms loss 5% seed 42\n");
    expect(run(host, "ip link show v0")).toContain("qdisc netem ");
    expect(run(host, "tc qdisc add dev v0 root netem delay 1ms")).toBe("Error: Exclusivity flag on, cannot modify.\n[exit 2]");
    expect(run(host, "tc qdisc change dev v0 root netem rate 1mbit seed 1")).toBe("");
    expect(run(host, "tc qdisc show dev v0")).toBe("qdisc netem 8001: root refcnt 3 limit 1000 rate 1Mbit seed 1\n");
    expect(run(host, "tc qdisc del dev v0 root")).toBe("");
    expect(run(host, "tc qdisc show dev v0")).toBe("qdisc noqueue 0: root refcnt 2 \n");
  });

  test("what is not supported says so and names what is", () => {
    const { host } = stage();
    expect(run(host, "ip link add x type bond")).toMatch(/^vethlab: .*bond is not supported here; supported: .*bridge.*\n\[exit 1\]$/);
    expect(run(host, "tc qdisc add dev v0 root htb")).toMatch(/htb is not supported here; supported: netem, tbf/);
  });
});
