/** `ip neigh` (iproute2 ip/ipneigh.c). */
import { contains, type Family, familyOf, formatIp, type Ip, type Mac, type Prefix, parseIp, parseMac } from "../../../kernel/address.ts";
import { LinkError, type NetDevice } from "../../../kernel/device/index.ts";
import type { NeighbourEntry, NeighbourState } from "../../../kernel/inet/neighbour.ts";
import type { Process } from "../../command.ts";
import { type Answer, change, Failure, flushed, mayAdminister } from "./answer.ts";
import { printJson } from "./json.ts";
import { linkNamed } from "./link-named.ts";
import { colored } from "./link-record.ts";
import type { Options } from "./options.ts";
import { parseDestination } from "./prefix.ts";
import { garbage, incomplete, invalid, noSuchDevice, unsupported, type Words } from "./words.ts";

const STATES: readonly NeighbourState[] = ["INCOMPLETE", "REACHABLE", "STALE", "DELAY", "PROBE", "FAILED", "NOARP", "PERMANENT"];

interface Filter {
  family: Family | undefined;
  device?: NetDevice;
  to?: Prefix;
  /** Undefined: all but NOARP, as `ip` shows without being told. */
  states?: readonly NeighbourState[];
  /** The addresses that are answered for, in place of the neighbours. */
  proxy?: boolean;
}

function readFilter(process: Process, options: Options, words: Words): Filter | Failure {
  const filter: Filter = { family: options.family };
  for (let word = words.next(); word !== undefined; word = words.next()) {
    if (word === "unused" || word === "nomaster") continue;
    if (word === "proxy") {
      filter.proxy = true;
      continue;
    }
    const keyed = ["dev", "nud", "to", "vrf", "master"].includes(word);
    const value = keyed ? words.next() : word;
    if (value === undefined) return incomplete();
    if (word === "dev") {
      filter.device = linkNamed(process.netns, value);
      if (!filter.device) return noSuchDevice(value);
    } else if (word === "nud") {
      const state = value.toUpperCase() as NeighbourState;
      if (value === "all") filter.states = STATES;
      else if (STATES.includes(state)) filter.states = [...(filter.states ?? []), state];
      else return invalid(value, "nud state is bad");
    } else if (word === "vrf" || word === "master") {
      return unsupported(`ip neigh show ${word}`, "dev to nud");
    } else {
      if (filter.to) return garbage("to", value);
      const to = parseDestination(value, filter.family);
      if (to instanceof Failure) return to;
      filter.to = to;
    }
  }
  return filter;
}

function select(process: Process, filter: Filter): readonly NeighbourEntry[] {
  const four: NeighbourEntry[] = [];
  const six: NeighbourEntry[] = [];
  for (const entry of process.netns.inet.neighbours.list()) {
    const { ip, dev, state } = entry;
    if (filter.family && familyOf(ip) !== filter.family) continue;
    if (filter.device && dev !== filter.device) continue;
    if (filter.to && !contains(filter.to, ip)) continue;
    if (filter.states ? !filter.states.includes(state) : state === "NOARP") continue;
    (typeof ip === "number" ? four : six).push(entry);
  }
  return [...four, ...six];
}

/** Whole seconds since a time in µs. */
const secondsSince = (process: Process, t: number): number => Math.floor((process.netns.kernel.clock.now - t) / 1e6);

/** `state`: how it is told, where that is not how it is. */
export function neighbourText(
  process: Process,
  entry: NeighbourEntry,
  options: Options,
  withDevice: boolean,
  state: NeighbourState = entry.state,
): string {
  const { ip, dev, mac } = entry;
  const words = [colored(options, typeof ip === "number" ? "inet" : "inet6", formatIp(ip)), " "];
  if (withDevice) words.push("dev ", colored(options, "ifname", dev.name), " ");
  if (mac !== undefined && state !== "INCOMPLETE" && state !== "FAILED") words.push("lladdr ", colored(options, "mac", mac), " ");
  if (entry.isRouter) words.push("router ");
  if (options.statistics > 0) {
    const ages = [entry.used, entry.confirmed, entry.updated].map((t) => secondsSince(process, t)).join("/");
    words.push(` ${entry.timer ? "ref 1 " : ""}used ${ages}probes ${entry.probes} `);
  }
  return `${words.join("")}${state} \n`;
}

export function showNeighbours(process: Process, options: Options, words: Words): Answer {
  const filter = readFilter(process, options, words);
  if (filter instanceof Failure) return filter;
  if (filter.proxy) return showProxies(process, options, filter);
  const entries = select(process, filter);
  if (options.json) {
    const records = entries.map(({ ip, dev, mac, state, isRouter }) => ({
      dst: formatIp(ip),
      dev: filter.device ? undefined : dev.name,
      lladdr: state === "INCOMPLETE" || state === "FAILED" ? undefined : mac,
      router: isRouter ? null : undefined,
      state: [state],
    }));
    return printJson(records, options.pretty);
  }
  if (options.brief) {
    return entries.map(({ ip, dev, mac }) => `${formatIp(ip).padEnd(39)} ${dev.name.padEnd(16)} ${mac ?? ""}\n`).join("");
  }
  return entries.map((entry) => neighbourText(process, entry, options, !filter.device)).join("");
}

function showProxies(process: Process, options: Options, { family, device, to }: Filter): Answer {
  const shown = process.netns.inet.neighbours.proxies
    .list()
    .filter(({ ip, dev }) => (!family || familyOf(ip) === family) && (!device || dev === device) && (!to || contains(to, ip)));
  if (options.json)
    return printJson(
      shown.map(({ ip, dev }) => ({ dst: formatIp(ip), dev: device ? undefined : dev?.name, proxy: null })),
      options.pretty,
    );
  return shown
    .map(({ ip, dev }) => {
      const words = [colored(options, typeof ip === "number" ? "inet" : "inet6", formatIp(ip))];
      if (dev && !device) words.push("dev", colored(options, "ifname", dev.name));
      return `${words.join(" ")} proxy \n`;
    })
    .join("");
}

interface Given {
  ip?: Ip;
  device?: NetDevice;
  mac?: Mac;
  state?: NeighbourState;
  isRouter?: boolean;
  proxy?: boolean;
}

function read(process: Process, options: Options, words: Words): Given | Failure {
  const given: Given = {};
  for (let word = words.next(); word !== undefined; word = words.next()) {
    if (["use", "managed", "extern_learn", "extern_valid"].includes(word)) {
      return unsupported(`ip neigh ${word}`, "to lladdr dev nud router proxy");
    }
    if (word === "router") {
      given.isRouter = true;
      continue;
    }
    if (word === "proxy") given.proxy = true;
    const keyed = ["lladdr", "nud", "dev", "to", "proxy"].includes(word);
    const value = keyed ? words.next() : word;
    if (value === undefined) return incomplete();
    if (word === "lladdr") {
      given.mac = parseMac(value);
      if (!given.mac) return new Failure(`"${value}" is invalid lladdr.`, 1);
    } else if (word === "nud") {
      const state = value.toUpperCase() as NeighbourState;
      if (!STATES.includes(state)) return invalid(value, "nud state is bad");
      given.state = state;
    } else if (word === "dev") {
      given.device = linkNamed(process.netns, value);
      if (!given.device) return noSuchDevice(value);
    } else {
      if (given.ip !== undefined) return garbage("to", value);
      const ip = parseIp(value);
      if (ip === undefined || (options.family && familyOf(ip) !== options.family)) {
        return new Failure(`Error: any valid address is expected rather than "${value}".`, 1);
      }
      given.ip = ip;
    }
  }
  return given;
}

export type NeighbourVerb = "add" | "change" | "replace" | "delete" | "get";

export function changeNeighbour(process: Process, options: Options, verb: NeighbourVerb, words: Words): Answer {
  const given = read(process, options, words);
  if (given instanceof Failure) return given;
  const { ip, device, mac, state } = given;
  if (given.proxy && ip !== undefined) return changeProxy(process, verb, ip, device);
  if (ip === undefined || !device) return new Failure("Device and destination are required arguments.", 255);
  const { neighbours } = process.netns.inet;
  const known = neighbours.get(ip, device);
  if (verb === "get") {
    return known ? neighbourText(process, known, options, true) : new Failure("Error: Neighbour entry not found.", 2);
  }
  return change(process, () => {
    if (verb === "delete") return neighbours.remove(ip, device) ? undefined : noEntry();
    if (verb === "add" && known) return new LinkError("EEXIST", "File exists");
    if (verb === "change" && !known) return noEntry();
    const address = mac ?? known?.mac;
    if (address === undefined) return new LinkError("EINVAL", "No link layer address given", true);
    neighbours.set(ip, device, address, state ?? "PERMANENT");
    const entry = neighbours.get(ip, device);
    if (entry && given.isRouter) entry.isRouter = true;
    return undefined;
  });
}

function changeProxy(process: Process, verb: NeighbourVerb, ip: Ip, device: NetDevice | undefined): Answer {
  const { proxies } = process.netns.inet.neighbours;
  if (verb === "get") return new Failure("Error: Neighbour entry not found.", 2);
  return change(process, () => {
    if (verb === "delete") return proxies.remove(ip, device) ? undefined : noEntry();
    proxies.add(ip, device);
    return undefined;
  });
}

const noEntry = (): LinkError => new LinkError("ENOENT", "No such file or directory");

/** All but permanent entries and those without ARP, unless their states are named. */
export function flushNeighbours(process: Process, options: Options, words: Words): Answer {
  if (words.done) return new Failure("Flush requires arguments.", 1);
  const filter = readFilter(process, options, words);
  if (filter instanceof Failure) return filter;
  filter.states ??= STATES.filter((state) => state !== "PERMANENT" && state !== "NOARP");
  const chosen = select(process, filter);
  const gone: string[] = [];
  for (const entry of chosen) {
    const { ip, dev } = entry;
    if (!mayAdminister(process)) return new Failure("Failed to send flush request: Operation not permitted", 1);
    gone.push(neighbourText(process, entry, options, true));
    process.netns.inet.neighbours.remove(ip, dev);
  }
  return flushed(options.statistics, gone);
}
