/** `getent`: what the name service switch answers, /etc/hosts and DNS alike (glibc nss/getent.c). */
import { type Family, formatIp, type Ip, parseIp } from "../../../../kernel/address.ts";
import type { Op } from "../../../../kernel/task.ts";
import type { Command, Process } from "../../../command.ts";
import { findService, type PortProtocol } from "../../../port-names.ts";
import { ResolveError, readHosts, resolveHost, reverseLookup } from "../../../resolver.ts";

const NOT_FOUND = 2;
const DATABASES = ["ahosts", "ahostsv4", "ahostsv6", "group", "hosts", "networks", "passwd", "protocols", "services"] as const;
const HINT = "Try `getent --help' or `getent --usage' for more information.\n";

const PROTOCOLS: readonly (readonly [name: string, number: number])[] = [
  ["ip", 0],
  ["icmp", 1],
  ["igmp", 2],
  ["tcp", 6],
  ["udp", 17],
  ["gre", 47],
  ["esp", 50],
  ["ipv6-icmp", 58],
  ["sctp", 132],
];

const NETWORKS: readonly (readonly [name: string, address: string])[] = [
  ["default", "0.0.0.0"],
  ["loopback", "127.0.0.0"],
  ["link-local", "169.254.0.0"],
];

export const getent: Command = {
  name: "getent",
  summary: "ask the name service: getent hosts|ahosts|ahostsv4|ahostsv6|services|passwd KEY",
  complete: ({ words }) => (words.length === 1 ? DATABASES : []),
  run,
};

function* run(process: Process): Op<number> {
  const { stdout, stderr } = process;
  const words = process.argv.slice(1).filter((word) => word !== "-i" && word !== "--no-idn");
  const [database, ...keys] = words;
  if (database === "--help") {
    stdout.write(
      `Usage: getent [OPTION...] database [key ...]\nGet entries from administrative database.\n\nSupported databases:\n${DATABASES.join("\n")}\n`,
    );
    return 0;
  }
  if (database === undefined) {
    stderr.write(`getent: wrong number of arguments\n${HINT}`);
    return 1;
  }
  let missing = false;
  switch (database) {
    case "hosts":
      if (keys.length === 0) for (const entry of listedHosts(process)) stdout.write(hostLine(entry.ip, entry.names));
      for (const key of keys) if (!(yield* hosts(process, key))) missing = true;
      break;
    case "ahosts":
    case "ahostsv4":
    case "ahostsv6":
      for (const key of keys) if (!(yield* addresses(process, key, database))) missing = true;
      break;
    case "services":
      for (const key of keys) if (!service(process, key)) missing = true;
      break;
    case "protocols":
      for (const key of keys)
        if (
          !listed(
            process,
            key,
            PROTOCOLS.map(([name, number]) => [name, `${number} ${name.toUpperCase()}`, String(number)]),
          )
        )
          missing = true;
      break;
    case "networks":
      if (keys.length === 0) for (const [name, address] of NETWORKS) stdout.write(`${name.padEnd(21)} ${address}\n`);
      for (const key of keys)
        if (
          !listed(
            process,
            key,
            NETWORKS.map(([name, address]) => [name, address, address]),
          )
        )
          missing = true;
      break;
    case "passwd":
    case "group":
      if (!file(process, `/etc/${database}`, keys)) missing = true;
      break;
    default:
      stderr.write(`Unknown database: ${database}\n${HINT}`);
      return 1;
  }
  return missing ? NOT_FOUND : 0;
}

/** gethostent(): the IPv4 lines, and ::1 as the loopback address that it stands for (nss_files). */
const listedHosts = (process: Process): readonly { readonly ip: Ip; readonly names: readonly string[] }[] =>
  readHosts(process.fs).flatMap(({ ip, names }) =>
    typeof ip === "number" ? [{ ip, names }] : ip === 1n ? [{ ip: 0x7f000001, names }] : [],
  );

const hostLine = (ip: Ip, names: readonly string[]): string => `${formatIp(ip).padEnd(15)} ${names.join(" ")}\n`;

/** gethostbyname2() for IPv6, then IPv4; gethostbyaddr() for an address. */
function* hosts(process: Process, key: string): Op<boolean> {
  const ip = parseIp(key);
  if (ip !== undefined) {
    const entry = readHosts(process.fs).find((line) => line.ip === ip);
    const name = entry ? undefined : yield* reverseLookup(process, ip);
    if (!entry && name === undefined) return false;
    process.stdout.write(hostLine(ip, entry?.names ?? [name as string]));
    return true;
  }
  for (const family of [6, 4] as const) {
    const entry = readHosts(process.fs).find((line) => typeof line.ip === (family === 4 ? "number" : "bigint") && line.names.includes(key));
    if (entry) {
      process.stdout.write(hostLine(entry.ip, entry.names));
      return true;
    }
    const found = yield* resolveHost(process, key, family);
    if (found instanceof ResolveError) continue;
    for (const address of found.addresses) process.stdout.write(hostLine(address, [found.canonicalName]));
    return true;
  }
  return false;
}

/** getaddrinfo() with AI_ADDRCONFIG, and AI_V4MAPPED for ahostsv6: a line for each socket type. */
function* addresses(process: Process, key: string, database: "ahosts" | "ahostsv4" | "ahostsv6"): Op<boolean> {
  const usesIpv6 = process.netns.devices.all().some((device) => device.addresses.some(({ ip }) => typeof ip === "bigint" && ip !== 1n));
  const family: Family | undefined = database === "ahostsv4" ? 4 : database === "ahostsv6" ? 6 : usesIpv6 ? undefined : 4;
  // A host without IPv6 has no use for IPv6 addresses, mapped ones included.
  if (database === "ahostsv6" && !usesIpv6 && !readHosts(process.fs).some(({ ip, names }) => ip === 1n && names.includes(key)))
    return false;
  let found = yield* resolveHost(process, key, database === "ahosts" && parseIp(key) !== undefined ? undefined : family);
  let mapped = false;
  if (database === "ahostsv6" && found instanceof ResolveError) {
    found = yield* resolveHost(process, key, 4);
    mapped = true;
  }
  if (found instanceof ResolveError) return false;
  for (const [index, ip] of found.addresses.entries()) {
    const shown = (mapped ? `::ffff:${formatIp(ip)}` : formatIp(ip)).padEnd(15);
    process.stdout.write(`${shown} STREAM ${index === 0 ? found.canonicalName : ""}\n${shown} DGRAM  \n${shown} RAW    \n`);
  }
  return true;
}

function service(process: Process, key: string): boolean {
  const [name = "", protocol] = key.split("/");
  if (protocol !== undefined && protocol !== "tcp" && protocol !== "udp") return false;
  const found = findService(name, protocol as PortProtocol | undefined);
  if (!found) return false;
  process.stdout.write(`${[found.name.padEnd(21), `${found.port}/${found.protocol}`, ...found.aliases].join(" ")}\n`);
  return true;
}

/** Entries as [name, what is shown, other key]. */
function listed(process: Process, key: string, entries: readonly (readonly [string, string, string])[]): boolean {
  const entry = entries.find(([name, , other]) => name === key || other === key);
  if (entry) process.stdout.write(`${entry[0].padEnd(21)} ${entry[1]}\n`);
  return entry !== undefined;
}

/** passwd and group: lines of the file, by name or number. */
function file(process: Process, path: string, keys: readonly string[]): boolean {
  const text = process.fs.read(path);
  const builtIn = path === "/etc/passwd" ? "root:x:0:0:root:/root:/bin/bash\n" : "root:x:0:\n";
  const lines = (typeof text === "string" ? text : builtIn).split("\n").filter((line) => line !== "");
  if (keys.length === 0) {
    for (const line of lines) process.stdout.write(`${line}\n`);
    return true;
  }
  let all = true;
  for (const key of keys) {
    const line = lines.find((entry) => entry.split(":")[0] === key || entry.split(":")[2] === key);
    if (line === undefined) all = false;
    else process.stdout.write(`${line}\n`);
  }
  return all;
}
