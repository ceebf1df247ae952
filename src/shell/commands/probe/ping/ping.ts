/** ping: ICMP echo to a host (iputils). */
import { formatIp, type Ip, isLinkLocal, isMulticast, parseIp } from "../../../../kernel/address.ts";
import type { NetDevice } from "../../../../kernel/device/device.ts";
import { destinationOf } from "../../../../kernel/inet/output.ts";
import { IP_OUT_NO_ROUTES } from "../../../../kernel/statistics.ts";
import type { Op } from "../../../../kernel/task.ts";
import type { Command, Process } from "../../../command.ts";
import { isOfFamily, parseLiteral, ResolveError, resolveHost } from "../../../resolver.ts";
import { AddressNames, ERRNO_TEXT } from "../names.ts";
import { type PingOptions, parsePing } from "./options.ts";
import { type PingPath, PingSession, pingHeader } from "./session.ts";

const BROADCAST_REFUSAL = "Do you want to ping broadcast? Then -b. If not, check your local firewall rules";

/** -I and the zone of the destination as device and source address, or why not. */
function source(process: Process, options: PingOptions, zone: string | undefined): { dev?: NetDevice; src?: Ip } | string {
  const { netns } = process;
  const name = options.from ?? zone;
  if (name === undefined) return {};
  const src = parseIp(name);
  if (src !== undefined) return netns.isLocal(src) ? { src } : "bind: Cannot assign requested address";
  const dev = netns.device(name);
  return dev ? { dev } : `SO_BINDTODEVICE ${name}: No such device`;
}

/** What connect() says before the first request; the path otherwise. */
function connect(process: Process, options: PingOptions, dst: Ip, zone: string | undefined): PingPath | string {
  const { netns, stderr } = process;
  if (options.ttl === 0) return "cannot set unicast time-to-live: Invalid argument";
  const from = source(process, options, zone);
  if (typeof from === "string") return from;
  let { dev } = from;
  if (typeof dst === "bigint" && (isLinkLocal(dst) || isMulticast(dst)) && !dev) {
    stderr.write(
      "ping: Warning: IPv6 link-local address on ICMP datagram socket may require ifname or scope-id => use: address%<ifname|scope-id>\n",
    );
    dev = netns.devices.all().find((device) => device.addresses.some(({ ip }) => typeof ip === "bigint" && isLinkLocal(ip)));
    if (!dev) return `connect: ${ERRNO_TEXT.ENETUNREACH}`;
  }
  const routed = netns.inet.sourceFor(dst, dev);
  if (routed === "EACCES" && typeof dst === "number") return BROADCAST_REFUSAL;
  if (routed === "ENETUNREACH") netns.statistics.countFor(dst, IP_OUT_NO_ROUTES);
  if (typeof routed === "string") return `connect: ${ERRNO_TEXT[routed] ?? routed}`;
  if (netns.inet.fib.lookup(dst, undefined, dev)?.route.type === "broadcast") {
    if (!options.broadcast) return BROADCAST_REFUSAL;
    stderr.write("WARNING: pinging broadcast address\n");
  }
  return { dst, src: from.src, dev };
}

function* run(process: Process): Op<number> {
  const { stdout, stderr } = process;
  const options = parsePing(process.argv, (text) => stderr.write(text));
  if ("status" in options) {
    if (options.stdout) stdout.write(options.stdout);
    if (options.stderr) stderr.write(options.stderr);
    return options.status;
  }
  const [host = "", zone] = options.target.includes(":") ? options.target.split("%") : [options.target];
  const found = yield* resolveHost(process, host);
  // It asks for both families whatever was asked of it, and then takes the first address that will do.
  const address = found instanceof ResolveError ? undefined : found.addresses.find((ip) => isOfFamily(ip, options.family));
  if (found instanceof ResolveError || address === undefined) {
    const { message } = found instanceof ResolveError ? found : new ResolveError("EAI_ADDRFAMILY");
    stderr.write(`ping: ${options.target}: ${message}\n`);
    return 2;
  }
  const dst = destinationOf(address);
  const path = connect(process, options, dst, zone);
  if (typeof path === "string") {
    stderr.write(`ping: ${path}\n`);
    return 2;
  }
  const { src, dev } = path;
  const own = src ?? process.netns.inet.sourceFor(dst, dev);
  const told = options.from !== undefined || options.strictSource;
  const from = !told || typeof own === "string" ? undefined : `${formatIp(own)} ${dev?.name ?? ""}`;
  if (dev && typeof own !== "string" && !dev.addresses.some(({ ip }) => ip === own))
    stderr.write(`ping: Warning: source address might be selected on device other than: ${dev.name}\n`);
  if (options.pattern !== undefined) stdout.write(`PATTERN: 0x${options.pattern}\n`);
  if (options.verbose) stderr.write(verboseLines(options, found.canonicalName, dst));
  // ping4_run() shows the resolver's official name, ping6_run() what was typed.
  const named = typeof dst === "number" ? { ...options, target: found.canonicalName } : options;
  stdout.write(pingHeader(named, dst, zone === undefined ? undefined : dev, from));
  const numeric = options.numeric ?? (options.flood || parseLiteral(host) !== undefined);
  return yield* new PingSession(process, named, path, new AddressNames(process, !numeric)).run();
}

function verboseLines(options: PingOptions, name: string, dst: Ip): string {
  const wanted = options.family === undefined ? "AF_UNSPEC" : options.family === 4 ? "AF_INET" : "AF_INET6";
  const family = typeof dst === "number" ? "AF_INET" : "AF_INET6";
  return (
    `ping: sock4.fd: 3 (socktype: SOCK_DGRAM), sock6.fd: 4 (socktype: SOCK_DGRAM), hints.ai_family: ${wanted}\n` +
    `ping: ai->ai_family: ${family}, ai->ai_canonname: '${name}'\n`
  );
}

/** ping, and the names under which it takes one family only. */
export const pingCommands: readonly Command[] = ["ping", "ping4", "ping6"].map((name) => ({
  name,
  summary: "send ICMP echo requests to a host and print the answers",
  handles: ["INT"],
  run,
}));
