/** uname, hostname, id, whoami, tty, uptime, nproc, arch, clear: what the machine and the user are. */
import { PROCESSORS } from "../../../../engine/inspect/index.ts";
import { formatIp } from "../../../../kernel/address.ts";
import type { Command, Process } from "../../../command.ts";
import { formatTime } from "../../../wall-clock.ts";
import { type Call, instantTool } from "../tool.ts";
import { prettyUp, upText } from "./up.ts";

const RELEASE = "6.18.0";

function uname(call: Call): number {
  const fields = [
    ["s", "Linux"],
    ["n", call.process.hostname],
    ["r", RELEASE],
    ["v", "#1 SMP PREEMPT_DYNAMIC"],
    ["m", "x86_64"],
    ["p", "unknown"],
    ["i", "unknown"],
    ["o", "GNU/Linux"],
  ] as const;
  if (call.operands.length > 0) return call.misuse(`extra operand '${call.operands[0]}'`);
  // -a leaves out what is unknown.
  const wanted = fields.filter(([letter, value]) => (call.has("a") ? value !== "unknown" : call.has(letter)));
  call.print(`${(wanted.length > 0 ? wanted : fields.slice(0, 1)).map(([, value]) => value).join(" ")}\n`);
  return 0;
}

/** The addresses of every device that is up but the loopback, as `hostname -I` lists them. */
const addressesOf = ({ netns }: Process): readonly string[] =>
  netns.devices
    .all()
    .filter((device) => device.kind !== "loopback")
    .flatMap((device) => device.addresses.map((address) => address.ip))
    .map(formatIp)
    .filter((ip) => !ip.startsWith("fe80:"));

interface HostsLine {
  readonly address: string;
  readonly names: readonly string[];
}

function hostsLines({ fs }: Process): readonly HostsLine[] {
  const text = fs.read("/etc/hosts");
  return (typeof text === "string" ? text.split("\n") : []).map((line) => {
    const [address = "", ...names] = (line.split("#")[0] as string).trim().split(/\s+/);
    return { address, names };
  });
}

/** The lines of /etc/hosts that have the hostname. */
const ownLines = (process: Process): readonly HostsLine[] => hostsLines(process).filter(({ names }) => names.includes(process.hostname));

/** The first of the names on the hostname's line (getaddrinfo with AI_CANONNAME); else the hostname. */
const canonicalName = (process: Process): string => ownLines(process)[0]?.names[0] ?? process.hostname;

/** The name that /etc/hosts has for each of the addresses, with a space behind it. */
const namesOfAddresses = (process: Process): string =>
  addressesOf(process)
    .map((ip) => hostsLines(process).find(({ address }) => address === ip)?.names[0])
    .map((name) => (name === undefined ? "" : `${name} `))
    .join("");

/** What the hostname resolves to by /etc/hosts: one address, of IPv4 where there is one (nss_files). */
function ownAddress(process: Process): string | undefined {
  const addresses = ownLines(process).map(({ address }) => address);
  return addresses.find((address) => !address.includes(":")) ?? addresses[0];
}

function hostname(call: Call): number {
  const { process, operands } = call;
  if (operands.length > 0 || call.has("F"))
    return call.fail(process.container ? "you must be root to change the host name" : "changing the host's name is not supported here");
  if (call.has("y")) return call.fail("Local domain name not set");
  if (call.has("a")) call.print(`${ownLines(process)[0]?.names.slice(1).join(" ") ?? ""}\n`);
  else if (call.has("A")) call.print(`${namesOfAddresses(process)}\n`);
  else if (call.has("i")) {
    const own = ownAddress(process);
    if (own === undefined) return call.fail("Temporary failure in name resolution");
    call.print(`${own}\n`);
  } else if (call.has("I"))
    call.print(
      `${addressesOf(process)
        .map((address) => `${address} `)
        .join("")}\n`,
    );
  else if (call.has("f") || call.has("d")) {
    const full = canonicalName(process);
    const dot = full.indexOf(".");
    if (call.has("f")) call.print(`${full}\n`);
    else if (dot >= 0) call.print(`${full.slice(dot + 1)}\n`);
  } else call.print(`${call.has("s") ? (process.hostname.split(".")[0] as string) : process.hostname}\n`);
  return 0;
}

interface Account {
  readonly name: string;
  readonly uid: string;
  readonly gid: string;
}

function accountsOf({ fs }: Process): readonly Account[] {
  const text = fs.read("/etc/passwd");
  if (typeof text !== "string") return [];
  return text.split("\n").flatMap((line) => {
    const [name, , uid, gid] = line.split(":");
    return name && uid !== undefined && gid !== undefined ? [{ name, uid, gid }] : [];
  });
}

function groupName({ fs }: Process, gid: string): string | undefined {
  const text = fs.read("/etc/group");
  if (typeof text !== "string") return undefined;
  return text
    .split("\n")
    .map((line) => line.split(":"))
    .find((fields) => fields[2] === gid)?.[0];
}

/** Whom the call asks about: somebody of /etc/passwd, or whoever runs it. */
function accountOf(call: Call): (Account & { readonly group: string | undefined }) | undefined {
  const { process } = call;
  const [wanted] = call.operands;
  if (wanted === undefined) {
    const { uid = 0, gid = 0, user = "root", group = "root" } = process.credentials ?? {};
    return { name: user, uid: String(uid), gid: String(gid), group: group || undefined };
  }
  const found = accountsOf(process).find(({ name, uid }) => name === wanted || uid === wanted);
  return found && { ...found, group: groupName(process, found.gid) };
}

/** The groups that a process has beside its own, by number and, where it has one, name. */
const furtherGroups = (process: Process): readonly (readonly [number: string, name: string | undefined])[] =>
  (process.credentials?.groups ?? []).map((number) => [String(number), groupName(process, String(number))]);

function id(call: Call): number {
  const account = accountOf(call);
  const [wanted] = call.operands;
  if (!account) return call.fail(call.busybox ? `unknown user ${wanted}` : `'${wanted}': no such user`);
  const { name, uid, gid, group } = account;
  const named = call.has("n");
  if (named && !call.has("u") && !call.has("g") && !call.has("G"))
    return call.busybox ? call.usage() : call.fail("printing only names or real IDs requires -u, -g, or -G");
  if (call.has("u")) call.print(`${named ? name || uid : uid}\n`);
  else if (call.has("g")) call.print(`${named ? (group ?? gid) : gid}\n`);
  else if (call.has("G")) {
    const further = wanted === undefined ? furtherGroups(call.process) : [];
    call.print(`${[[gid, group] as const, ...further].map(([number, word]) => (named ? (word ?? number) : number)).join(" ")}\n`);
  } else {
    const shown = `${gid}${group === undefined ? "" : `(${group})`}`;
    const further = wanted === undefined ? furtherGroups(call.process) : [];
    const all = [shown, ...further.map(([number, word]) => `${number}${word === undefined ? "" : `(${word})`}`)];
    call.print(`uid=${uid}${name && `(${name})`} gid=${shown} groups=${all.join(",")}\n`);
  }
  return 0;
}

function uptime(call: Call): number {
  if (call.operands.length > 0 && !call.busybox) return call.usage();
  const { kernel } = call.process.machine;
  if (call.has("p")) call.print(`${prettyUp(kernel)}\n`);
  else if (call.has("s")) call.print(`${formatTime(kernel, "%F %T", Math.floor(kernel.epoch / 1000))}\n`);
  else call.print(` ${formatTime(kernel, "%T")} up ${upText(kernel)},  0 users,  load average: 0.08, 0.03, 0.01\n`);
  return 0;
}

function nproc(call: Call): number {
  const word = call.value("ignore");
  if (word !== undefined && !/^\d{1,9}$/.test(word))
    return call.fail(call.busybox ? `invalid number '${word}'` : `invalid number: '${word}'`);
  if (call.operands.length > 0) return call.misuse(`extra operand '${call.operands[0]}'`);
  call.print(`${Math.max(1, PROCESSORS - Number(word ?? 0))}\n`);
  return 0;
}

function groups(call: Call): number {
  const account = accountOf(call);
  const [wanted] = call.operands;
  if (!account) return call.fail(call.busybox ? `unknown user ${wanted}` : `'${wanted}': no such user`);
  const further = wanted === undefined ? furtherGroups(call.process).map(([number, name]) => name ?? number) : [];
  const group = [account.group ?? account.gid, ...further].join(" ");
  call.print(wanted === undefined || call.busybox ? `${group}\n` : `${wanted} : ${group}\n`);
  return 0;
}

export const systemCommands: readonly Command[] = [
  instantTool(
    {
      name: "uname",
      summary: "the kernel's name",
      short: "asnrvmpio",
      long: {
        all: "a",
        "kernel-name": "s",
        nodename: "n",
        "kernel-release": "r",
        "kernel-version": "v",
        machine: "m",
        processor: "p",
        "hardware-platform": "i",
        "operating-system": "o",
      },
      synopsis: "[OPTION]...",
    },
    uname,
  ),
  instantTool(
    {
      name: "hostname",
      summary: "the host's name",
      short: "sidfIaAyF:",
      long: {
        alias: "a",
        "all-fqdns": "A",
        "all-ip-addresses": "I",
        domain: "d",
        file: "F",
        fqdn: "f",
        "ip-address": "i",
        long: "f",
        nis: "y",
        short: "s",
        yp: "y",
      },
      synopsis: "[-a|-A|-d|-f|-i|-I|-s|-y]",
      usageStatus: 255,
      asOnHost: true,
      unsupported: "b",
    },
    hostname,
  ),
  instantTool(
    {
      name: "id",
      summary: "who you are, in numbers",
      short: "ugGnrz",
      busybox: "ugGnr",
      long: { user: "u", group: "g", groups: "G", name: "n", real: "r" },
      synopsis: "[OPTION]... [USER]...",
    },
    id,
  ),
  instantTool({ name: "whoami", summary: "who you are", short: "", synopsis: "[OPTION]..." }, (call) => {
    if (call.operands.length > 0) return call.misuse(`extra operand '${call.operands[0]}'`);
    const { uid = 0, user = "root" } = call.process.credentials ?? {};
    if (user === "") return call.fail(`unknown uid ${uid}`);
    call.print(`${user}\n`);
    return 0;
  }),
  instantTool(
    { name: "tty", summary: "the terminal's name", short: "s", long: { silent: "s", quiet: "s" }, synopsis: "[OPTION]..." },
    (call) => {
      const on = call.process.tty !== undefined && call.process.stdin === call.process.tty;
      if (!call.has("s")) call.print(on ? "/dev/pts/0\n" : "not a tty\n");
      return on ? 0 : 1;
    },
  ),
  instantTool(
    {
      name: "uptime",
      summary: "how long the machine runs",
      short: "ps",
      busybox: "",
      long: { pretty: "p", since: "s" },
      synopsis: "[options]",
      unsupported: "cr",
    },
    uptime,
  ),
  instantTool(
    {
      name: "nproc",
      summary: "how many processors there are",
      short: "",
      long: { all: "all", ignore: "ignore:" },
      synopsis: "[OPTION]...",
    },
    nproc,
  ),
  instantTool({ name: "groups", summary: "the groups that somebody is in", short: "", synopsis: "[OPTION]... [USERNAME]..." }, groups),
  instantTool({ name: "arch", summary: "the machine's architecture", short: "", synopsis: "[OPTION]..." }, (call) => {
    if (call.operands.length > 0) return call.misuse(`extra operand '${call.operands[0]}'`);
    call.print("x86_64\n");
    return 0;
  }),
  instantTool({ name: "clear", summary: "clears the terminal", short: "", synopsis: "[options]", unsupported: "Tx" }, (call) => {
    const { process } = call;
    if (process.tty && process.stdout === process.tty) call.print("\f");
    else if (call.busybox) call.print("\x1b[H\x1b[J");
    return 0;
  }),
];
