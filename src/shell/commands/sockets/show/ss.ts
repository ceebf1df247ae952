/** `ss`: the sockets of a netns (iproute2 misc/ss.c). */
import { formatIp, type Ip } from "../../../../kernel/address.ts";
import type { SocketView } from "../../../../kernel/socket/table.ts";
import type { Op } from "../../../../kernel/task.ts";
import { Tty } from "../../../../kernel/tty.ts";
import type { Command, Process } from "../../../command.ts";
import { getopt, OptionError } from "../../../getopt.ts";
import { portName } from "../../../port-names.ts";
import { reverseLookup } from "../../../resolver.ts";
import { inodeOf, ownerSeenBy } from "./owner.ts";
import { parseExpression, parseStates, stateWord } from "./ss-filter.ts";
import { type Column, renderTable } from "./ss-table.ts";

const VERSION = "ss utility, iproute2-7.3.0";

const USAGE = `Usage: ss [ OPTIONS ]
       ss [ OPTIONS ] [ FILTER ]
   -h, --help          this message
   -V, --version       output version information
   -n, --numeric       don't resolve service names
   -r, --resolve       resolve host names
   -a, --all           display all sockets
   -l, --listening     display listening sockets
   -p, --processes     show process using socket
   -s, --summary       show socket usage summary
   -o, --options       show timer information
   -e, --extended      show detailed socket information
   -m, --memory        show socket memory usage
   -i, --info          show internal TCP information
   -Q, --no-queues     Suppress sending and receiving queue columns

   -4, --ipv4          display only IP version 4 sockets
   -6, --ipv6          display only IP version 6 sockets
   -0, --packet        display PACKET sockets
   -t, --tcp           display only TCP sockets
   -u, --udp           display only UDP sockets
   -w, --raw           display only RAW sockets
   -x, --unix          display only Unix domain sockets

   -H, --no-header     Suppress header line
   -O, --oneline       socket's data printed on a single line

       FILTER := [ state STATE-FILTER ] [ EXPRESSION ]
       STATE-FILTER := {all|connected|synchronized|bucket|big|TCP-STATES}
         TCP-STATES := {established|syn-sent|syn-recv|fin-wait-{1,2}|time-wait|closed|close-wait|last-ack|listening|closing}
          connected := {established|syn-sent|syn-recv|fin-wait-{1,2}|time-wait|close-wait|last-ack|closing}
       synchronized := {established|syn-recv|fin-wait-{1,2}|time-wait|close-wait|last-ack|closing}
             bucket := {syn-recv|time-wait}
                big := {established|syn-sent|fin-wait-{1,2}|closed|close-wait|last-ack|listening|closing}
`;

const LONG = {
  help: false,
  version: false,
  numeric: false,
  resolve: false,
  all: false,
  listening: false,
  processes: false,
  summary: false,
  ipv4: false,
  ipv6: false,
  packet: false,
  tcp: false,
  udp: false,
  raw: false,
  unix: false,
  "no-header": false,
  "no-queues": false,
  oneline: false,
  options: false,
  extended: false,
  memory: false,
  info: false,
  family: true,
  query: true,
} as const;

/** Long names by their letters. */
const LETTERS: Readonly<Record<string, string>> = {
  query: "A",
  help: "h",
  version: "V",
  numeric: "n",
  resolve: "r",
  all: "a",
  listening: "l",
  processes: "p",
  summary: "s",
  ipv4: "4",
  ipv6: "6",
  packet: "0",
  tcp: "t",
  udp: "u",
  raw: "w",
  unix: "x",
  "no-header": "H",
  "no-queues": "Q",
  oneline: "O",
  options: "o",
  extended: "e",
  memory: "m",
  info: "i",
  family: "f",
};

/** What `ss` shows when neither -a nor -l nor a state is given (SS_CONN): no listeners, and nothing half open or over. */
const DEFAULT_STATES: ReadonlySet<string> = new Set([
  "established",
  "syn-sent",
  "fin-wait-1",
  "fin-wait-2",
  "close-wait",
  "last-ack",
  "closing",
]);
/** Programs that have other files open before their first socket. */
const FIRST_DESCRIPTORS: Readonly<Record<string, number>> = { "docker-proxy": 7 };

const NETIDS: Readonly<Record<SocketView["protocol"], string>> = { tcp: "tcp", udp: "udp", raw: "raw", packet: "p_dgr" };
/** Raw sockets show their protocol where others have a port. */
const RAW_PROTOCOLS: Readonly<Record<number, string>> = { 1: "icmp", 6: "tcp", 17: "udp", 58: "ipv6-icmp" };
const ORDER: readonly SocketView["protocol"][] = ["packet", "raw", "udp", "tcp"];

export const ss: Command = {
  name: "ss",
  summary: "sockets of this netns: ss -ltnp",
  run,
};

function* run(process: Process): Op<number> {
  const { stdout, stderr } = process;
  const parsed = getopt(process.argv.slice(1), { short: "hVnralpsH460tuwxOQoemif:A:", long: LONG });
  if (parsed instanceof OptionError) {
    stderr.write(`ss: ${parsed.message}\n${USAGE}`);
    return 255;
  }
  const given = new Set<string>();
  for (const { name, value } of parsed.options) {
    const letter = LETTERS[name] ?? name;
    if (letter === "A") {
      const letters = value.split(",").flatMap((word) => QUERIES[word] ?? "?");
      if (letters.includes("?")) {
        stderr.write(`ss: "${value}" is illegal socket table id\n${USAGE}`);
        return 255;
      }
      for (const one of letters) given.add(one);
    } else if (letter !== "f") given.add(letter);
    else if (value === "inet" || value === "inet6") given.add(value === "inet" ? "4" : "6");
    else if (value === "link" || value === "unix") given.add(value === "link" ? "0" : "x");
    else {
      stderr.write(`ss: "${value}" is invalid family\n${USAGE}`);
      return 255;
    }
  }
  if (given.has("h")) stdout.write(USAGE);
  if (given.has("V")) stdout.write(`${VERSION}\n`);
  if (given.has("h") || given.has("V")) return 0;
  const all = process.netns.sockets.list();
  if (given.has("s")) {
    stdout.write(summary(all));
    return 0;
  }
  const families = (["4", "6"] as const).filter((family) => given.has(family)).map(Number);
  const protocols = protocolsOf(given);
  let states = given.has("a") ? (parseStates("all") as ReadonlySet<string>) : DEFAULT_STATES;
  if (given.has("l")) states = new Set(["listening", "closed"]);
  let onlyState = false;
  const words = [...parsed.operands];
  while (words[0] === "state" || words[0] === "exclude") {
    const [verb, word = ""] = words.splice(0, 2);
    const named = parseStates(word);
    if (!named) {
      stderr.write(`ss: wrong state name: ${word}\n`);
      return 255;
    }
    states =
      verb === "state" ? (onlyState ? new Set([...states, ...named]) : named) : new Set([...states].filter((state) => !named.has(state)));
    onlyState = true;
  }
  const expression = words.length === 0 ? () => true : parseExpression(words);
  if (typeof expression === "string") {
    stderr.write(`${expression}\nCannot parse dst/src address.\n`);
    return 1;
  }
  if (!expression) {
    // A word that is no keyword is taken for an address.
    const [word = ""] = words;
    if (/^[\w.]+$/.test(word) && !/^(src|dst|sport|dport|not|and|or)$/.test(word)) {
      stderr.write(`Error: an inet prefix is expected rather than "${word}".\nCannot parse dst/src address.\n`);
      return 1;
    }
    stderr.write('ss: bison bellows (while parsing filter): "syntax error!" Sorry.\n');
    stderr.write(USAGE);
    return 255;
  }
  const shown = ORDER.flatMap((protocol) =>
    all.filter(
      (socket) =>
        socket.protocol === protocol &&
        protocols.has(protocol) &&
        (families.length === 0 || families.includes(socket.family)) &&
        isIn(socket, states) &&
        expression(socket),
    ),
  );
  // With one state only, or UDP's one connected state, the column would say nothing.
  const stateColumn =
    (onlyState ? states.size > 1 : true) &&
    !(protocols.size === 1 && (protocols.has("udp") || protocols.has("raw")) && !given.has("a") && !given.has("l"));
  // Unix sockets are of three kinds.
  const netid = protocols.size > 1 || protocols.has("unix");
  const queues = !given.has("Q");
  const processes = given.has("p");
  const columns: Column[] = [
    ...(netid ? [{ header: "Netid", align: "left", delimiter: "" } as const] : []),
    ...(stateColumn ? [{ header: "State", align: "left", delimiter: " " } as const] : []),
    ...(queues ? QUEUES : []),
    { header: "Local Address:", align: "right", delimiter: " " },
    { header: "Port", align: "left", delimiter: "" },
    { header: "Peer Address:", align: "right", delimiter: " " },
    { header: "Port", align: "left", delimiter: "" },
    ...(processes ? [{ header: "Process", align: "left", delimiter: "" } as const] : []),
  ];
  const rows: string[][] = [];
  for (const socket of shown) {
    const udp = socket.protocol === "udp";
    const service = (port: number): string => {
      if (port === 0) return "*";
      if (given.has("n")) return String(port);
      if (socket.protocol === "raw") return RAW_PROTOCOLS[port] ?? String(port);
      return portName(port, udp ? "udp" : "tcp") ?? String(port);
    };
    const host = function* (ip: Ip): Op<string> {
      if (ip === 0n && (socket.dual || socket.remotePort !== 0)) return "*:";
      const wild = ip === 0 || ip === 0n;
      const name = given.has("r") && !wild ? yield* reverseLookup(process, ip) : undefined;
      return `${name ?? (typeof ip === "bigint" ? `[${formatIp(ip)}]` : formatIp(ip))}:`;
    };
    rows.push([
      ...(netid ? [NETIDS[socket.protocol]] : []),
      ...(stateColumn ? [socket.state === "ESTABLISHED" ? "ESTAB" : socket.state] : []),
      ...(queues ? [String(socket.receiveQueue).padEnd(6), String(socket.sendQueue).padEnd(6)] : []),
      yield* host(socket.local),
      service(socket.localPort),
      yield* host(socket.remote),
      ...lastCells(service(socket.remotePort), processes ? usersOf(process, socket) : undefined, detailsOf(process, socket, given)),
    ]);
  }
  stdout.write(renderTable(columns, rows, !given.has("H"), stdout instanceof Tty ? stdout.columns : undefined));
  return 0;
}

/** The words of -A that name kinds of sockets which there are here, by the letters that ask for them. */
const QUERIES: Readonly<Record<string, readonly string[]>> = {
  all: ["t", "u", "w", "x", "0"],
  inet: ["t", "u", "w"],
  tcp: ["t"],
  udp: ["u"],
  raw: ["w"],
  unix: ["x"],
  packet: ["0"],
};

const QUEUES: readonly Column[] = [
  { header: "Recv-Q", align: "left", delimiter: " " },
  { header: "Send-Q", align: "left", delimiter: " " },
];

/** What -o, -e, -m and -i say is written on behind whatever comes last. */
const lastCells = (port: string, users: string | undefined, details: string): readonly string[] =>
  users === undefined ? [port + details] : [port, users + details];

/** The timer, the inode and its kin, the memory, and what TCP knows of the path. */
function detailsOf(process: Process, socket: SocketView, given: ReadonlySet<string>): string {
  const { netns } = process;
  const waiting = socket.state === "TIME-WAIT";
  let text = "";
  if (given.has("o") && socket.until !== undefined) {
    const left = Math.max(0, socket.until - netns.kernel.clock.now);
    text += ` timer:(timewait,${left < 1_000_000 ? `${Math.floor(left / 1000)}ms` : `${Math.floor(left / 1_000_000)}sec`},0)`;
  }
  if (given.has("e") && !waiting) {
    const number = inodeOf(socket);
    text += ` ino:${number} sk:${number.toString(16)} cgroup:/${socket.family === 6 ? ` v6only:${socket.dual ? 0 : 1}` : ""} <->`;
  }
  if (given.has("m") && !waiting) {
    const sending = socket.state === "LISTEN" || socket.state === "UNCONN" ? (socket.protocol === "tcp" ? 16384 : 212992) : 87040;
    const receiving = socket.protocol === "tcp" ? 131072 : 212992;
    text += `\n\t skmem:(r0,rb${receiving},t0,tb${sending},f0,w0,o0,bl0,d0)`;
  }
  if (given.has("i") && socket.protocol === "tcp" && !waiting) {
    const control = netns.sysctl.get("net.ipv4.tcp_congestion_control") ?? "cubic";
    const mtu = socket.state === "LISTEN" ? undefined : netns.sockets.routeMtu(socket.remote);
    const segment = mtu === undefined ? 0 : mtu - (socket.family === 4 ? 40 : 60) - 12;
    text += `\n\t ${control}${mtu === undefined ? "" : ` mss:${segment} pmtu:${mtu} rcvmss:536 advmss:${segment}`} cwnd:10`;
  }
  return text;
}

function usersOf(process: Process, socket: SocketView): string {
  const owner = ownerSeenBy(process, socket);
  return owner ? ` users:(("${owner.name}",pid=${owner.pid},fd=${FIRST_DESCRIPTORS[owner.name] ?? 3}))` : "";
}

function protocolsOf(given: ReadonlySet<string>): ReadonlySet<SocketView["protocol"] | "unix"> {
  const chosen = new Set<SocketView["protocol"] | "unix">();
  for (const [letter, protocol] of [
    ["t", "tcp"],
    ["u", "udp"],
    ["w", "raw"],
    ["0", "packet"],
    ["x", "unix"],
  ] as const)
    if (given.has(letter)) chosen.add(protocol);
  return chosen.size > 0 ? chosen : new Set(given.has("4") || given.has("6") ? ["raw", "udp", "tcp"] : ORDER);
}

/** UDP and raw sockets are "closed" unless connected. */
const isIn = (socket: SocketView, states: ReadonlySet<string>): boolean => states.has(stateWord(socket));

function summary(sockets: readonly SocketView[]): string {
  const of = (protocol: SocketView["protocol"], family?: 4 | 6): number =>
    sockets.filter(
      (socket) => socket.protocol === protocol && socket.state !== "TIME-WAIT" && (family === undefined || socket.family === family),
    ).length;
  const tcp = sockets.filter((socket) => socket.protocol === "tcp");
  const established = tcp.filter((socket) => socket.state === "ESTABLISHED").length;
  const timeWait = tcp.filter((socket) => socket.state === "TIME-WAIT").length;
  const orphaned = tcp.filter((socket) => socket.pid === 0 && socket.state !== "TIME-WAIT" && socket.state !== "LISTEN").length;
  const line = (name: string, all: number, v4: number, v6: number): string =>
    `${name}\t  ${String(all).padEnd(9)} ${String(v4).padEnd(9)} ${String(v6).padEnd(9)}\n`;
  const protocols = ["raw", "udp", "tcp"] as const;
  const sum = (family?: 4 | 6): number => protocols.reduce((total, protocol) => total + of(protocol, family), 0);
  return (
    `Total: ${sockets.filter((socket) => socket.state !== "TIME-WAIT").length}\n` +
    `TCP:   ${tcp.length} (estab ${established}, closed ${timeWait}, orphaned ${orphaned}, timewait ${timeWait})\n\n` +
    "Transport Total     IP        IPv6\n" +
    protocols.map((protocol) => line(protocol.toUpperCase(), of(protocol), of(protocol, 4), of(protocol, 6))).join("") +
    line("INET", sum(), sum(4), sum(6)) +
    line("FRAG", 0, 0, 0) +
    "\n"
  );
}
