/** /proc as files: sysctls under /proc/sys, tables under /proc/net, processes by number. */

import type { Container } from "../engine/types.ts";
import { formatIp, maskV4 } from "../kernel/address.ts";
import { waysOf } from "../kernel/inet/multipath.ts";
import type { Netns } from "../kernel/netns.ts";
import { FileError, type Mount } from "../kernel/vfs.ts";
import type { Machine } from "./command.ts";
import { netnsLink } from "./netns-file.ts";
import { processesOf } from "./process-table.ts";

const KERNEL_RELEASE = "6.18.44";
const VERSION = `Linux version ${KERNEL_RELEASE} (build@kernel) #1 SMP PREEMPT_DYNAMIC`;

const absent = (): FileError => new FileError("No such file or directory");

/** A key of sysctl(8) and its path under /proc/sys: dots and slashes change places. */
const swap = (text: string): string => text.replace(/[./]/g, (char) => (char === "." ? "/" : "."));

const hexAddress = (ip: number): string =>
  [ip & 255, (ip >>> 8) & 255, (ip >>> 16) & 255, ip >>> 24].map((octet) => octet.toString(16).padStart(2, "0").toUpperCase()).join("");

/** /proc/net/dev (net/core/net-procfs.c). */
function deviceTable(netns: Netns): string {
  const lines = netns.devices.all().map(({ name, counters: c }) => {
    const received = `${String(c.rxBytes).padStart(7)} ${String(c.rxPackets).padStart(7)} ${String(c.rxErrors).padStart(4)} ${String(c.rxDropped).padStart(4)}    0     0          0 ${String(c.rxMulticast).padStart(9)}`;
    const sent = `${String(c.txBytes).padStart(8)} ${String(c.txPackets).padStart(7)} ${String(c.txErrors).padStart(4)} ${String(c.txDropped).padStart(4)}    0     0       0          0`;
    return `${name.padStart(6)}: ${received} ${sent}\n`;
  });
  return `Inter-|   Receive                                                |  Transmit
 face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed
${lines.join("")}`;
}

/** /proc/net/route (net/ipv4/fib_trie.c fib_route_seq_show): addresses as hex in host order. */
function routeTable(netns: Netns): string {
  const lines = netns.inet.fib.list(4).map((listed) => {
    const [route] = waysOf(listed);
    const via = typeof route.via === "number" ? route.via : 0;
    const length = route.dst.length;
    const flags = (1 | (via !== 0 ? 2 : 0) | (length === 32 ? 4 : 0)).toString(16).padStart(4, "0").toUpperCase();
    const line = [
      route.dev?.name ?? "*",
      hexAddress(route.dst.address as number),
      hexAddress(via),
      flags,
      "0",
      "0",
      String(route.metric),
      hexAddress(maskV4(length)),
      "0",
      "0",
      "0",
    ].join("\t");
    return `${line.padEnd(127)}\n`;
  });
  return `${"Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT".padEnd(127)}\n${lines.join("")}`;
}

/** /proc/net/arp (net/ipv4/arp.c arp_format_neigh_entry). */
function arpTable(netns: Netns): string {
  const lines = netns.inet.neighbours
    .list()
    .filter((entry) => typeof entry.ip === "number")
    .map((entry) => {
      const flags = entry.mac === undefined ? "0x0" : entry.state === "PERMANENT" ? "0x6" : "0x2";
      return `${formatIp(entry.ip).padEnd(16)} 0x1         ${flags.padEnd(11)} ${entry.mac ?? "00:00:00:00:00:00"}     *        ${entry.dev.name}\n`;
    });
  const proxies = netns.inet.neighbours.proxies.list().filter(({ ip }) => typeof ip === "number");
  for (const { ip, dev } of proxies)
    lines.push(`${formatIp(ip).padEnd(16)} 0x1         0xc         00:00:00:00:00:00     *        ${dev?.name ?? "*"}\n`);
  return `IP address       HW type     Flags       HW address            Mask     Device\n${lines.join("")}`;
}

type NetTable = (netns: Netns) => string;

const TABLES: Record<string, NetTable> = { arp: arpTable, dev: deviceTable, route: routeTable };

/** A folder of /proc/net whose files come and go. `write` gives false for words that it does not take. */
export interface NetFolder {
  readonly names: (netns: Netns) => readonly string[];
  readonly read: (netns: Netns, name: string) => string | undefined;
  readonly write: (netns: Netns, name: string, text: string) => boolean;
}

const FOLDERS: Record<string, NetFolder> = {};

/** Further tables under /proc/net by their path, and folders, which come with the programs. */
export function addNetTables(tables: Readonly<Record<string, NetTable>>, folders: Readonly<Record<string, NetFolder>>): void {
  Object.assign(TABLES, tables);
  Object.assign(FOLDERS, folders);
}

const folderOf = ([name = "", file]: readonly string[]): NetFolder | undefined =>
  file !== undefined && Object.hasOwn(FOLDERS, name) ? FOLDERS[name] : undefined;

function netFile(netns: Netns, path: readonly string[]): string | undefined {
  const name = path.join("/");
  return Object.hasOwn(TABLES, name) ? TABLES[name]?.(netns) : folderOf(path)?.read(netns, path[1] as string);
}

/** What is in /proc/net or a folder under it; undefined when it is none. */
function netNames(netns: Netns, folder: readonly string[]): readonly string[] | undefined {
  const dynamic = folder.length === 1 ? folderOf([folder[0] as string, ""]) : undefined;
  if (dynamic) return dynamic.names(netns);
  const prefix = folder.length ? `${folder.join("/")}/` : "";
  const names = [...Object.keys(TABLES), ...Object.keys(FOLDERS)].flatMap((key) =>
    key.startsWith(prefix) ? [key.slice(prefix.length).split("/")[0] as string] : [],
  );
  return names.length ? [...new Set(names)].sort() : undefined;
}

function ofProcess(machine: Machine, container: Container | undefined, pid: string, rest: readonly string[]): string | undefined {
  const entry = processesOf(machine).numbered(container).get(Number(pid));
  const first = pid === "1" && !entry && !container;
  if (!entry && !first) return undefined;
  const netns = entry?.process.netns ?? machine.netns;
  const title = entry?.title ?? "/sbin/init";
  switch (rest.join("/")) {
    case "cmdline":
      return `${title.split(" ").join("\0")}\0`;
    case "comm":
      return `${(title.split(" ")[0] as string).split("/").at(-1)}\n`;
    case "ns/net":
      return netnsLink(netns);
    case "status":
      return `Name:\t${(title.split(" ")[0] as string).split("/").at(-1)}\nState:\tS (sleeping)\nPid:\t${pid}\nPPid:\t${entry?.parentPid ?? 0}\n`;
    default:
      return undefined;
  }
}

/**
 * The tree under /proc of a machine, its tables those of a netns; `readOnly` as the engine mounts /proc/sys in containers. Of
 * processes it shows those of the container's pid namespace.
 */
export function procFiles(machine: Machine, netns: () => Netns, readOnly = false, container?: Container): Mount {
  const sysctls = (): Set<string> =>
    new Set(
      netns()
        .sysctl.keys()
        .map((key) => `/proc/sys/${swap(key)}`),
    );
  const plain: Readonly<Record<string, () => string>> = {
    version: () => `${VERSION}\n`,
    loadavg: () => "0.08 0.03 0.01 1/180 2000\n",
    uptime: () => `${(machine.kernel.clock.now / 1e6).toFixed(2)} ${((2 * machine.kernel.clock.now) / 1e6).toFixed(2)}\n`,
  };
  const read = (path: string): string | undefined => {
    const [, , first = "", ...rest] = path.split("/");
    if (rest.length === 0) return Object.hasOwn(plain, first) ? plain[first]?.() : undefined;
    if (first === "sys") {
      const value = netns().sysctl.get(swap(rest.join("/")));
      return value === undefined ? undefined : `${value}\n`;
    }
    if (first === "net") return netFile(netns(), rest);
    if (first === "self") {
      if (rest[0] === "net") return read(`/proc/${rest.join("/")}`);
      return rest.join("/") === "ns/net" ? netnsLink(netns()) : undefined;
    }
    return /^\d+$/.test(first) ? ofProcess(machine, container, first, rest) : undefined;
  };
  return {
    read: (path) => read(path) ?? absent(),
    write(path, text) {
      if (read(path) === undefined) return absent();
      const [, , , ...rest] = path.split("/");
      const folder = path.startsWith("/proc/net/") ? folderOf(rest) : undefined;
      if (folder) return text === "" || folder.write(netns(), rest[1] as string, text) ? undefined : new FileError("Invalid argument");
      if (!path.startsWith("/proc/sys/")) return new FileError("Permission denied");
      if (readOnly) return new FileError("Read-only file system");
      // Opening a setting for writing truncates nothing.
      if (text === "") return undefined;
      return netns().sysctl.set(swap(path.slice("/proc/sys/".length)), text) ? undefined : new FileError("Invalid argument");
    },
    list(path) {
      const [, , first, ...rest] = path.split("/");
      if (first === undefined)
        return [...[...processesOf(machine).numbered(container).keys()].map(String), ...Object.keys(plain), "net", "self", "sys"].sort();
      if (first === "net") return netNames(netns(), rest);
      if (first === "sys") {
        const prefix = `${path}/`;
        const names = new Set<string>();
        for (const key of sysctls()) if (key.startsWith(prefix)) names.add(key.slice(prefix.length).split("/")[0] as string);
        return names.size > 0 ? [...names].sort() : undefined;
      }
      if (first !== "self" && (!/^\d+$/.test(first) || ofProcess(machine, container, first, ["comm"]) === undefined)) return undefined;
      if (rest.length === 0) return first === "self" ? ["ns"] : ["cmdline", "comm", "ns", "status"];
      return rest.join("/") === "ns" ? ["net"] : undefined;
    },
    link: (path) => (/^\/proc\/(self|\d+)\/ns\/net$/.test(path) ? read(path) : undefined),
  };
}
