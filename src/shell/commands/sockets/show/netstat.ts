/** `netstat`: sockets, routes and interfaces as net-tools prints them. */
import { formatIp, type Ip, maskV4, parseIp } from "../../../../kernel/address.ts";
import type { NetDevice } from "../../../../kernel/device/device.ts";
import { waysOf } from "../../../../kernel/inet/multipath.ts";
import type { SocketView } from "../../../../kernel/socket/table.ts";
import { type Op, sleep } from "../../../../kernel/task.ts";
import type { Command, Process } from "../../../command.ts";
import { getopt, OptionError } from "../../../getopt.ts";
import { portName } from "../../../port-names.ts";
import { readHosts, reverseLookup } from "../../../resolver.ts";
import { interfacesText } from "../../iproute/ifconfig.ts";
import { list6 } from "../../iproute/route.ts";
import { statisticsText } from "../counters/netstat-text.ts";
import { inodeOf, ownerSeenBy } from "./owner.ts";

const USAGE = `usage: netstat [-vWeenNcCF] [<Af>] -r         netstat {-V|--version|-h|--help}
       netstat [-vWnNcaeol] [<Socket> ...]
       netstat { [-vWeenNac] -i | [-cnNe] -M | -s [-6tuw] }

`;

const HELP = `${USAGE}        -r, --route              display routing table
        -i, --interfaces         display interface table
        -g, --groups             display multicast group memberships
        -s, --statistics         display networking statistics (like SNMP)

        -W, --wide               don't truncate IP addresses
        -n, --numeric            don't resolve names
        -e, --extend             display other/more information
        -p, --programs           display PID/Program name for sockets
        -o, --timers             display timers
        -c, --continuous         continuous listing

        -l, --listening          display listening server sockets
        -a, --all                display all sockets (default: connected)

  <Socket>={-t|--tcp} {-u|--udp} {-w|--raw} {-x|--unix}
  <AF>=Use '-6|-4'; default: inet
`;

const LONG: Readonly<Record<string, string>> = {
  route: "r",
  interfaces: "i",
  statistics: "s",
  numeric: "n",
  "numeric-hosts": "n",
  "numeric-ports": "n",
  extend: "e",
  programs: "p",
  continuous: "c",
  groups: "g",
  timers: "o",
  listening: "l",
  all: "a",
  tcp: "t",
  udp: "u",
  raw: "w",
  unix: "x",
  inet: "4",
  inet6: "6",
  verbose: "v",
  wide: "W",
  version: "V",
  help: "h",
};

export const netstat: Command = {
  name: "netstat",
  summary: "sockets, routes, interfaces: netstat -tulpn, -rn, -i",
  run,
};

function* run(process: Process): Op<number> {
  const { stdout, stderr } = process;
  const words = process.argv.slice(1);
  const parsed = getopt(words, {
    short: "risnepclatuwx46vWVhFNogMCZ",
    long: Object.fromEntries(Object.keys(LONG).map((name) => [name, false])),
  });
  if (parsed instanceof OptionError || parsed.operands.length > 0) {
    stderr.write(`${parsed instanceof OptionError ? `netstat: ${parsed.message}\n` : ""}${HELP}`);
    return 3;
  }
  const given = new Set(parsed.options.map(({ name }) => LONG[name] ?? name));
  if (given.has("h")) {
    stdout.write(HELP);
    return 0;
  }
  if (given.has("V")) {
    stdout.write("net-tools 2.10\n");
    return 0;
  }
  const unsupported = [...given].find((letter) => "MCZ".includes(letter));
  if (unsupported !== undefined) {
    stderr.write(`netstat: -${unsupported} is not supported here; supported are -t -u -w -x -l -a -n -p -e -c -o -r -i -g -s -4 -6\n`);
    return 1;
  }
  for (;;) {
    if (given.has("r")) stdout.write(yield* routes(process, given));
    else if (given.has("g")) stdout.write(groups(process));
    else if (given.has("i")) stdout.write(interfaces(process, given));
    else if (given.has("s")) stdout.write(statisticsText(process.netns, given));
    else stdout.write(yield* sockets(process, given));
    if (!given.has("c")) return 0;
    yield sleep(1_000_000);
  }
}

const STATES: Readonly<Record<string, string>> = {
  "SYN-SENT": "SYN_SENT",
  "SYN-RECV": "SYN_RECV",
  "FIN-WAIT-1": "FIN_WAIT1",
  "FIN-WAIT-2": "FIN_WAIT2",
  "TIME-WAIT": "TIME_WAIT",
  "CLOSE-WAIT": "CLOSE_WAIT",
  "LAST-ACK": "LAST_ACK",
  UNCONN: "",
};

function* sockets(process: Process, given: ReadonlySet<string>): Op<string> {
  const chosen = ["t", "u", "w"].filter((letter) => given.has(letter));
  const unixOnly = given.has("x") && chosen.length === 0;
  const kinds = chosen.length > 0 ? chosen : ["t", "u", "w"];
  const family = given.has("4") && !given.has("6") ? 4 : given.has("6") && !given.has("4") ? 6 : undefined;
  const which = given.has("l") ? "only servers" : given.has("a") ? "servers and established" : "w/o servers";
  const wide = given.has("p");
  let text = "";
  if (!unixOnly) {
    const extra = `${given.has("e") ? " User       Inode     " : ""}${wide ? ` ${"PID/Program name".padEnd(20)}` : ""}${given.has("o") ? " Timer" : ""}`;
    text += `Active Internet connections (${which})\n`;
    text += `Proto Recv-Q Send-Q ${"Local Address".padEnd(23)} ${"Foreign Address".padEnd(23)} ${"State".padEnd(11)}${extra}\n`;
    for (const socket of ordered(process.netns.sockets.list(), kinds, family)) {
      if (shown(socket, given)) text += yield* socketLine(process, socket, given);
    }
  }
  if (unixOnly || (chosen.length === 0 && family === undefined) || given.has("x")) {
    text += `Active UNIX domain sockets (${which})\nProto RefCnt Flags       Type       State         I-Node   ${wide ? "PID/Program name     " : ""}Path\n`;
  }
  return text;
}

function ordered(all: readonly SocketView[], kinds: readonly string[], family: 4 | 6 | undefined): readonly SocketView[] {
  const protocols = (["tcp", "udp", "raw"] as const).filter((protocol) =>
    kinds.includes(protocol === "raw" ? "w" : (protocol[0] as string)),
  );
  const families = ([4, 6] as const).filter((candidate) => family === undefined || family === candidate);
  return protocols.flatMap((protocol) =>
    families.flatMap((own) => {
      const found = all.filter((socket) => socket.protocol === protocol && socket.family === own);
      // As /proc/net/tcp has them: those that listen, then the others.
      return [...found.filter((socket) => socket.state === "LISTEN"), ...found.filter((socket) => socket.state !== "LISTEN")];
    }),
  );
}

/** With -l listening sockets, which for UDP and raw are the unconnected ones; with -a all; else the connected ones. */
function shown(socket: SocketView, given: ReadonlySet<string>): boolean {
  const listening = socket.state === "LISTEN" || socket.state === "UNCONN";
  return given.has("l") ? listening : given.has("a") || !listening;
}

function* socketLine(process: Process, socket: SocketView, given: ReadonlySet<string>): Op<string> {
  const numeric = given.has("n");
  const protocol = socket.protocol === "udp" ? "udp" : "tcp";
  const end = function* (ip: Ip, port: number): Op<string> {
    const wild = ip === 0 || ip === 0n;
    const name = numeric || wild ? undefined : yield* reverseLookup(process, ip);
    const host = name ?? (wild && !numeric ? (typeof ip === "number" ? "0.0.0.0" : "[::]") : formatIp(ip));
    const service = port === 0 ? "*" : ((numeric || socket.protocol === "raw" ? undefined : portName(port, protocol)) ?? String(port));
    const whole = `${host}:${service}`;
    return given.has("W") || whole.length <= 23 || numeric ? whole : `${host.slice(0, Math.max(1, 22 - service.length))}:${service}`;
  };
  const name = `${socket.protocol}${socket.family === 6 ? "6" : ""}`;
  const sending = socket.state === "LISTEN" ? 0 : socket.sendQueue;
  const state = socket.protocol === "raw" ? "7" : (STATES[socket.state] ?? socket.state);
  const seen = ownerSeenBy(process, socket);
  const owner = seen ? `${seen.pid}/${seen.name}` : "-";
  return (
    `${name.padEnd(5)} ${String(socket.receiveQueue).padStart(6)} ${String(sending).padStart(6)} ` +
    `${(yield* end(socket.local, socket.localPort)).padEnd(23)} ${(yield* end(socket.remote, socket.remotePort)).padEnd(23)} ${state.padEnd(11)}` +
    `${given.has("e") ? ` ${(numeric ? "0" : "root").padEnd(10)} ${String(socket.state === "TIME-WAIT" ? 0 : inodeOf(socket)).padEnd(10)}` : ""}` +
    `${given.has("p") ? ` ${owner.slice(0, 20).padEnd(20)}` : ""}${given.has("o") ? ` ${timerOf(process, socket)}` : ""}\n`
  );
}

function timerOf(process: Process, { until }: SocketView): string {
  if (until === undefined) return "off (0.00/0/0)";
  return `timewait (${(Math.max(0, until - process.netns.kernel.clock.now) / 1_000_000).toFixed(2)}/0/0)`;
}

/** -g: IPv4 groups, then IPv6 ones with the names of /etc/hosts. */
function groups(process: Process): string {
  const devices = process.netns.devices.all().filter((device) => device.up);
  const line = (device: NetDevice, group: string): string => `${device.name.padEnd(15)} 1      ${group}\n`;
  const named = (group: string): string => {
    const ip = parseIp(group);
    return readHosts(process.fs).find((entry) => entry.ip === ip)?.names[0] ?? group;
  };
  return [
    "IPv6/IPv4 Group Memberships\nInterface       RefCnt Group\n--------------- ------ ---------------------\n",
    ...devices.map((device) => line(device, "224.0.0.1")),
    ...devices.flatMap((device) => [line(device, named("ff02::1")), line(device, "ff01::1")]),
  ].join("");
}

function* routes(process: Process, given: ReadonlySet<string>): Op<string> {
  if (given.has("6")) {
    return list6(process);
  }
  let text = "Kernel IP routing table\nDestination     Gateway         Genmask         Flags   MSS Window  irtt Iface\n";
  for (const [route] of process.netns.inet.fib.list(4, "main").map(waysOf)) {
    const { address, length } = route.dst;
    const destination = length === 0 && !given.has("n") ? "default" : formatIp(address);
    const rejected = route.type === "unreachable" || route.type === "prohibit" || route.type === "blackhole";
    const name = given.has("n") || route.via === undefined ? undefined : yield* reverseLookup(process, route.via);
    const gateway = rejected ? "-" : route.via === undefined ? "0.0.0.0" : (name ?? formatIp(route.via));
    const flags = rejected ? (length === 32 ? "!H" : "!") : `U${route.via === undefined ? "" : "G"}${length === 32 ? "H" : ""}`;
    const device = rejected ? "-" : (route.dev?.name ?? "*");
    const zero = rejected ? "-" : "0";
    text += `${destination.slice(0, 15).padEnd(15)} ${gateway.slice(0, 15).padEnd(15)} ${formatIp(maskV4(length)).padEnd(15)} ${flags.padEnd(6)}${zero.padStart(5)} ${zero.padEnd(5)} ${zero.padStart(6)} ${device}\n`;
  }
  return text;
}

function interfaces(process: Process, given: ReadonlySet<string>): string {
  if (given.has("e")) return `Kernel Interface table\n${interfacesText(process.netns, given.has("a"))}`;
  let text = "Kernel Interface table\nIface             MTU    RX-OK RX-ERR RX-DRP RX-OVR    TX-OK TX-ERR TX-DRP TX-OVR Flg\n";
  const devices = [...process.netns.devices.all()].filter((device) => device.up || given.has("a"));
  for (const device of devices.sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const { counters } = device;
    const n = (value: number, width: number): string => String(value).padStart(width);
    text +=
      `${device.name.padEnd(15)} ${n(device.mtu, 5)} ${n(counters.rxPackets, 8)} ${n(counters.rxErrors, 6)} ${n(counters.rxDropped, 6)} ${"0".padEnd(6)} ` +
      `${n(counters.txPackets, 8)} ${n(counters.txErrors, 6)} ${n(counters.txDropped, 6)} ${n(0, 6)} ${flagsOf(device)}\n`;
  }
  return text;
}

function flagsOf(device: NetDevice): string {
  const loopback = device.kind === "loopback";
  const flags = [
    !loopback && "B",
    loopback && "L",
    !loopback && "M",
    !loopback && device.noArp && "O",
    device.up && device.carrier && "R",
    device.up && "U",
  ].filter(Boolean);
  return flags.join("") || "[NO FLAGS]";
}
