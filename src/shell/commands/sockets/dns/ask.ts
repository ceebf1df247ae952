/** How dig, host and nslookup ask: every server in turn, so many times, telling each failure as BIND's dighost.c does. */
import { formatIp, type Ip } from "../../../../kernel/address.ts";
import type { SocketErrno } from "../../../../kernel/socket/table.ts";
import type { Op } from "../../../../kernel/task.ts";
import type { DnsMessage } from "../../../../kernel/wire/packet.ts";
import type { Process } from "../../../command.ts";
import { exchangeTcp, exchangeUdp } from "../../../dns/exchange.ts";
import { readResolvConf } from "../../../dns/resolv-conf.ts";
import { isOfFamily, ResolveError, resolveHost } from "../../../resolver.ts";

export interface AskOptions {
  readonly servers: readonly Ip[];
  readonly port: number;
  readonly tcp: boolean;
  /** Seconds a try. */
  readonly timeout: number;
  readonly tries: number;
  /** False: the next server is asked when one fails (SERVFAIL), and that is told. */
  readonly servfailStops?: boolean;
}

export interface Asked {
  readonly message: DnsMessage;
  readonly server: Ip;
  /** µs. */
  readonly elapsed: number;
}

/** isc_result_totext() of what a socket can give. */
const ISC_TEXT: Partial<Record<SocketErrno, string>> = {
  ECONNREFUSED: "connection refused",
  EHOSTUNREACH: "host unreachable",
  ENETUNREACH: "network unreachable",
  ETIMEDOUT: "timed out",
  ECONNRESET: "connection reset",
  EPERM: "permission denied",
  EACCES: "permission denied",
  EADDRNOTAVAIL: "address not available",
  EINVAL: "invalid file",
};

/** Undefined when no server answered, "unsent" when not even a question could be sent; each failed try is told as a line. */
export function* askOrSay(
  process: Process,
  query: DnsMessage,
  options: AskOptions,
  tell: (line: string) => void,
): Op<Asked | "unsent" | undefined> {
  let last = false;
  for (let attempt = 0; attempt < options.tries; attempt++) {
    let unsent = false;
    for (const [index, server] of options.servers.entries()) {
      const patience = options.timeout * 1_000_000;
      const exchange = options.tcp
        ? yield* exchangeTcp(process, server, options.port, query, patience)
        : yield* exchangeUdp(process, server, options.port, [query], patience, true);
      const message = exchange.answers[0];
      if (message) {
        if (options.servfailStops !== false || message.status !== "SERVFAIL") return { message, server, elapsed: exchange.elapsed };
        const goesOn = index < options.servers.length - 1;
        tell(`;; Got SERVFAIL reply from ${formatIp(server)}${goesOn ? ", trying next server" : ""}`);
        if (goesOn) continue;
        return { message, server, elapsed: exchange.elapsed };
      }
      const reason = exchange.errno ? (ISC_TEXT[exchange.errno] ?? "failure") : "timed out";
      const where = `${formatIp(server)}#${options.port}`;
      const asked = query.question.name === "." ? "." : query.question.name.slice(0, -1);
      if (options.tcp && exchange.errno) tell(`;; Connection to ${where}(${formatIp(server)}) for ${asked} failed: ${reason}.`);
      else if (exchange.setup) tell(`;; UDP setup with ${where}(${formatIp(server)}) for ${asked} failed: ${reason}.`);
      else tell(`;; communications error to ${where}: ${reason}`);
      unsent = exchange.setup && !options.tcp;
    }
    // A try that could not even begin ends with the sentence, and the next begins afresh.
    last = unsent;
    if (unsent && attempt < options.tries - 1) tell(";; no servers could be reached");
  }
  return last ? "unsent" : undefined;
}

/** The same for who does not care why nothing came. */
export function* ask(process: Process, query: DnsMessage, options: AskOptions, tell: (line: string) => void): Op<Asked | undefined> {
  const asked = yield* askOrSay(process, query, options, tell);
  return asked === "unsent" ? undefined : asked;
}

/** Whom to ask when nobody is named (irs_resconf_load). */
const LOOPBACKS: readonly Ip[] = [1n, 0x7f000001];

/** The nameserver lines of /etc/resolv.conf themselves: the C library's default for an empty file is not BIND's. */
function configuredServers(process: Process): readonly Ip[] {
  const text = process.fs.read("/etc/resolv.conf");
  return typeof text === "string" && /^\s*nameserver\s/m.test(text) ? readResolvConf(process.fs).nameservers : [];
}

/** The servers to ask: the named one's addresses, or those of /etc/resolv.conf; undefined when the name is unknown. */
export function* serversFor(process: Process, name: string | undefined, family: 4 | 6 | undefined): Op<readonly Ip[] | ResolveError> {
  if (name === undefined) {
    const wanted = (ip: Ip): boolean => isOfFamily(ip, family);
    const named = configuredServers(process).filter(wanted);
    return named.length > 0 ? named : LOOPBACKS.filter(wanted);
  }
  const host = yield* resolveHost(process, name, family);
  return host instanceof ResolveError ? host : host.addresses;
}

/** The names to try for one that was typed, by the search list (ndots, search, domain). */
export function searchNames(process: Process, name: string): readonly string[] {
  if (name.endsWith(".")) return [name];
  const { search, ndots } = readResolvConf(process.fs);
  const dots = name.split(".").length - 1;
  const searched = search.map((domain) => `${name}.${domain}`);
  return dots >= ndots ? [name, ...searched] : [...searched, name];
}
