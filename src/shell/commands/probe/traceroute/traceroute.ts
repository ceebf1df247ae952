/** traceroute: the routers on the way to a host, by probes whose TTL runs out one after the other. */
import { familyOf, formatIp, type Ip } from "../../../../kernel/address.ts";
import { anyOf, type Op, sleep } from "../../../../kernel/task.ts";
import { IPV4_HEADER_LENGTH, IPV6_HEADER_LENGTH } from "../../../../kernel/wire/length.ts";
import type { Command, Process } from "../../../command.ts";
import { ResolveError, resolveHost } from "../../../resolver.ts";
import { AddressNames, ERRNO_TEXT } from "../names.ts";
import { MAX_LENGTH, parseTraceroute, type TracerouteOptions } from "./options.ts";
import { newProbe, type Probe, Prober } from "./probes.ts";

/** Data bytes and transport header of a probe unless a length is given. */
const DEFAULT_LENGTH = 40;
/** DEF_WAIT_PREC, in µs. */
const WAIT_PRECISION = 1000;

/** get_timeout: how long a probe is waited for, given what its hop's and later hops' answers took. */
function patience(probes: readonly Probe[], number: number, options: TracerouteOptions): number {
  const { most, here, near } = options.wait;
  const took = (probe: Probe | undefined): number | undefined =>
    probe?.receivedAt !== undefined && probe.sentAt !== undefined
      ? Math.max(1, probe.receivedAt - probe.sentAt) + WAIT_PRECISION
      : undefined;
  if (here) {
    const first = number - (number % options.queries);
    for (let i = first; i < first + options.queries; i++) {
      const time = took(probes[i]);
      if (time !== undefined) return Math.min(most, time * here);
    }
  }
  if (near) {
    for (let i = number + 1; i < probes.length && probes[i]?.sentAt !== undefined; i++) {
      const time = took(probes[i]);
      if (time !== undefined) return Math.min(most, time * near);
    }
  }
  return most;
}

/** A hop's address, once for answers in a row from the same one, then the time and what went wrong. */
function* printProbe(process: Process, probes: readonly Probe[], number: number, queries: number, names: AddressNames): Op<void> {
  const probe = probes[number] as Probe;
  const place = number % queries;
  let text = place === 0 ? `\n${String(Math.floor(number / queries) + 1).padStart(2)} ` : "";
  if (probe.from === undefined) text += " *";
  else {
    let before: Ip | undefined;
    for (let i = number - 1; i >= number - place && before === undefined; i--) before = probes[i]?.from;
    if (before !== probe.from) {
      const name = yield* names.nameOf(probe.from);
      const address = formatIp(probe.from);
      text += names.lookUp ? ` ${name ?? address} (${address})` : ` ${address}`;
    }
  }
  if (probe.receivedAt !== undefined && probe.sentAt !== undefined) text += `  ${((probe.receivedAt - probe.sentAt) / 1000).toFixed(3)} ms`;
  if (probe.note) text += ` ${probe.note}`;
  process.stdout.write(text);
}

/** do_it: keeps so many probes on their way, prints them in order; an errno when the first could not be sent. */
function* trace(process: Process, options: TracerouteOptions, prober: Prober, mtu: () => number): Op<string | undefined> {
  const { clock } = process.netns.kernel;
  const { queries } = options;
  const probes = Array.from({ length: options.maxHops * queries }, newProbe);
  const names = new AddressNames(process, !options.numeric);
  let start = (options.firstHop - 1) * queries;
  let end = probes.length;
  let lastSent: number | undefined;
  while (start < end) {
    let next = Number.POSITIVE_INFINITY;
    let waiting = 0;
    for (let number = start; number < end; number++) {
      const probe = probes[number] as Probe;
      if (!probe.done && probe.sentAt !== undefined) {
        const expires = probe.sentAt + patience(probes, number, options);
        if (expires <= clock.now) probe.done = true;
        else next = Math.min(next, expires);
      }
      if (probe.done) {
        if (number === start) {
          yield* printProbe(process, probes, number, queries, names);
          start++;
        }
        if (probe.final) end = Math.min(end, (Math.floor(number / queries) + 1) * queries);
        continue;
      }
      if (probe.sentAt === undefined) {
        if (lastSent !== undefined && clock.now < lastSent + options.sendWait) {
          next = Math.min(next, lastSent + options.sendWait);
          break;
        }
        probe.sentAt = clock.now;
        lastSent = clock.now;
        const ttl = Math.floor(number / queries) + 1;
        let refused = prober.send(number, ttl);
        if (refused === "EMSGSIZE" && prober.shorten(probe, mtu())) refused = prober.send(number, ttl);
        if (refused === "EMSGSIZE") Object.assign(probe, { receivedAt: clock.now, note: `!F-${mtu()}`, final: true, done: true });
        else if (refused) return `send: ${ERRNO_TEXT[refused] ?? refused}`;
        next = Math.min(next, clock.now + patience(probes, number, options));
      }
      if (++waiting >= options.simultaneous) break;
    }
    if (start >= end || probes[start]?.done) continue;
    if (next > clock.now) yield anyOf(prober.readable, sleep(next - clock.now));
    prober.collect(probes);
  }
  process.stdout.write("\n");
  return undefined;
}

function* run(process: Process): Op<number> {
  const { stdout, stderr, netns, argv } = process;
  const options = parseTraceroute(argv);
  if ("text" in options) {
    (options.status === 0 ? stdout : stderr).write(options.text);
    return options.status;
  }
  const found = yield* resolveHost(process, options.host, options.family);
  if (found instanceof ResolveError) {
    const position = argv.indexOf(options.host);
    stderr.write(
      `${options.host}: ${found.message}\nCannot handle "host" cmdline arg \`${options.host}' on position 1 (argc ${position})\n`,
    );
    return 2;
  }
  const dst = found.addresses[0] as Ip;
  const length = options.discoversMtu ? MAX_LENGTH : Math.max(options.length ?? 0, minimalLength(options, dst));
  stdout.write(`traceroute to ${options.host} (${formatIp(dst)}), ${options.maxHops} hops max, ${length} byte packets`);
  const fail = (message: string): number => {
    stdout.write("\n");
    stderr.write(`${message}\n`);
    return 1;
  };
  const dev = options.device === undefined ? undefined : netns.device(options.device);
  if (options.device !== undefined && !dev) return fail("setsockopt SO_BINDTODEVICE: No such device");
  if (options.source !== undefined && (familyOf(options.source) !== familyOf(dst) || !netns.isLocal(options.source))) {
    return fail("bind: Cannot assign requested address");
  }
  const routed = netns.inet.sourceFor(dst, dev);
  if (typeof routed === "string") return fail(`connect: ${ERRNO_TEXT[routed] ?? routed}`);
  const { method, port, tos, mark, dontFragment, discoversMtu, source } = options;
  const prober = new Prober(process, { dst, src: source, dev, method, port, tos, mark, length, dontFragment, discoversMtu });
  try {
    const failure = yield* trace(process, options, prober, () => netns.inet.mtuTo(dst, dev) ?? 0);
    return failure === undefined ? 0 : fail(failure);
  } finally {
    prober.close();
  }
}

/** Without a length, 40 bytes after the IP header; never less than the headers. */
function minimalLength(options: TracerouteOptions, dst: Ip): number {
  const header = typeof dst === "number" ? IPV4_HEADER_LENGTH : IPV6_HEADER_LENGTH;
  return header + (options.length === undefined ? DEFAULT_LENGTH : 8);
}

export const tracerouteCommands: readonly Command[] = ["traceroute", "traceroute6"].map((name) => ({
  name,
  summary: "print the routers on the way to a host",
  run,
}));
