/** `bridge fdb` (iproute2 bridge/fdb.c): what bridges have learned or were told, and the groups that devices listen to. */
import { formatIp, type Ip, type Mac, parseIp, parseMac } from "../../../kernel/address.ts";
import { Bridge, type BridgePort, type FdbEntry, LinkError, type NetDevice } from "../../../kernel/device/index.ts";
import { Vxlan, type VxlanEntry } from "../../../kernel/device/modules.ts";
import type { Netns } from "../../../kernel/netns.ts";
import type { Process } from "../../command.ts";
import { type Answer, change, Failure } from "./answer.ts";
import { type Json, printJson } from "./json.ts";
import { linkNamed } from "./link-named.ts";
import { groupMacs } from "./maddress.ts";
import type { Options } from "./options.ts";
import { BRIDGE_FDB_USAGE } from "./usage.ts";
import { incomplete, unsupported, type Words } from "./words.ts";

interface Row {
  readonly mac: Mac;
  readonly dev: NetDevice;
  /** Undefined: the device's own list of groups. */
  readonly bridge: Bridge | undefined;
  readonly entry: FdbEntry | undefined;
  /** An entry of a tunnel. */
  readonly tunnel?: VxlanEntry;
}

interface Filter {
  bridge?: NetDevice;
  /** A port (`brport`) or any device (`dev`): it is not named in the rows then. */
  device?: NetDevice;
  dynamic?: boolean;
}

function readFilter(netns: Netns, words: Words): Filter | Failure {
  const filter: Filter = {};
  for (let word = words.next(); word !== undefined; word = words.next()) {
    if (word === "dynamic") {
      filter.dynamic = true;
      continue;
    }
    const keyed = ["br", "brport", "dev", "vlan", "state"].includes(word);
    const value = keyed ? words.next() : word;
    if (value === undefined) return incomplete();
    if (word === "vlan" || word === "state") continue;
    const device = linkNamed(netns, value);
    if (!device) return new Failure(word === "br" ? `Cannot find bridge device "${value}"` : `Cannot find device "${value}"`, 255);
    if (word === "br") filter.bridge = device;
    else filter.device = device;
  }
  return filter;
}

/** All rows: for each device its entries in the bridge that it is a port of, then its groups; a bridge's own come with it. */
function rows(netns: Netns, filter: Filter): readonly Row[] {
  const found: Row[] = [];
  const wanted = (dev: NetDevice): boolean =>
    (!filter.device || dev === filter.device) && (!filter.bridge || dev === filter.bridge || dev.master === filter.bridge);
  // Ports first, each bridge after them, as the dump by ifindex would if bridges were made last; groups of all others between.
  for (const dev of netns.devices.all()) {
    if (!wanted(dev)) continue;
    const bridge = dev instanceof Bridge ? dev : dev.master instanceof Bridge ? dev.master : undefined;
    // The kernel keeps them newest first.
    const entries = bridge?.fdb.list().filter(({ port }) => port?.device === (dev === bridge ? undefined : dev)) ?? [];
    entries.reverse();
    const own = dev === bridge ? [] : entries;
    for (const entry of own) found.push({ mac: entry.mac, dev, bridge, entry });
    if (dev instanceof Vxlan) {
      for (const tunnel of dev.entries()) found.push({ mac: tunnel.mac, dev, bridge: undefined, entry: undefined, tunnel });
      continue;
    }
    for (const mac of groupMacs(dev)) found.push({ mac, dev, bridge: undefined, entry: undefined });
    if (dev === bridge) for (const entry of entries) found.push({ mac: entry.mac, dev, bridge, entry });
  }
  const ages = ({ entry, tunnel }: Row): boolean => (entry ? !entry.static && !entry.local : tunnel?.static === false);
  return filter.dynamic ? found.filter(ages) : found;
}

function stateOf({ entry, tunnel }: Row): string {
  if (tunnel) return tunnel.static ? "permanent" : "";
  return !entry || entry.local ? "permanent" : entry.static ? "static" : "";
}

const seconds = (netns: Netns, t: number): number => Math.floor((netns.kernel.clock.now - t) / 1e6);

function rowText(netns: Netns, row: Row, options: Options, filter: Filter): string {
  const { mac, dev, bridge, entry } = row;
  const words: string[] = [mac];
  if (!filter.device) words.push("dev", dev.name);
  if (row.tunnel) words.push("dst", formatIp(row.tunnel.dst));
  if (row.tunnel?.via) words.push("via", row.tunnel.via.name);
  if (entry && options.statistics > 0) words.push("used", `${seconds(netns, entry.used)}/${seconds(netns, entry.updated)}`);
  if (bridge) words.push("master", bridge.name);
  else words.push("self");
  words.push(stateOf(row));
  return `${words.join(" ")}\n`;
}

function rowJson(netns: Netns, row: Row, options: Options, filter: Filter): Json {
  const { mac, dev, bridge, entry } = row;
  return {
    mac,
    ifname: filter.device ? undefined : dev.name,
    ...(entry && options.statistics > 0 && { used: seconds(netns, entry.used), updated: seconds(netns, entry.updated) }),
    dst: row.tunnel && formatIp(row.tunnel.dst),
    flags: bridge ? [] : ["self"],
    master: bridge?.name,
    state: stateOf(row),
  };
}

/** An entry as `bridge monitor` shows it: the bridge's own are behind itself. */
export const entryText = (bridge: Bridge, entry: FdbEntry, options: Options): string =>
  rowText(bridge.netns, { mac: entry.mac, dev: entry.port?.device ?? bridge, bridge, entry }, options, {});

export function showFdb(netns: Netns, options: Options, words: Words): Answer {
  const filter = readFilter(netns, words);
  if (filter instanceof Failure) return filter;
  const found = rows(netns, filter);
  if (options.json)
    return printJson(
      found.map((row) => rowJson(netns, row, options, filter)),
      options.pretty,
    );
  return found.map((row) => rowText(netns, row, options, filter)).join("");
}

export function getFdb(netns: Netns, options: Options, words: Words): Answer {
  words.take("to");
  const text = words.next();
  if (text === undefined) return incomplete();
  const mac = parseMac(text);
  if (!mac) return new Failure(`Invalid mac address ${text}`, 255);
  const filter = readFilter(netns, words);
  if (filter instanceof Failure) return filter;
  const row = rows(netns, filter).find((candidate) => candidate.mac === mac && candidate.entry);
  return row ? rowText(netns, row, options, {}) : new Failure("Error: Fdb entry not found.", 254);
}

export type FdbVerb = "add" | "append" | "replace" | "delete";

export function changeFdb(process: Process, verb: FdbVerb, words: Words): Answer {
  let mac: Mac | undefined;
  let device: NetDevice | undefined;
  let kind: "local" | "static" | "dynamic" = "local";
  let master = false;
  let dst: Ip | undefined;
  for (let word = words.next(); word !== undefined; word = words.next()) {
    if (word === "master") master = true;
    else if (word === "self") continue;
    else if (word === "local" || word === "permanent") kind = "local";
    else if (word === "static" || word === "dynamic") kind = word;
    else if (word === "dst") {
      const text = words.next();
      if (text === undefined) return incomplete();
      dst = parseIp(text);
      if (dst === undefined) return new Failure(`Error: any valid address is expected rather than "${text}".`, 1);
    } else if (word === "dev") {
      const name = words.next();
      if (name === undefined) return incomplete();
      device = linkNamed(process.netns, name);
      if (!device) return new Failure(`Cannot find device "${name}"`, 255);
    } else {
      const text: string | undefined = word === "to" ? words.next() : word;
      if (text === undefined) return incomplete();
      mac = parseMac(text);
      if (!mac) return new Failure(`Invalid mac address ${text}`, 255);
    }
  }
  if (!mac || !device) return new Failure("Device and address are required arguments.", 255);
  const [address, dev] = [mac, device];
  return change(
    process,
    () => {
      if (dev instanceof Vxlan && !master) return changeTunnel(dev, verb, address, dst);
      const bridge = dev instanceof Bridge ? dev : dev.master;
      if (!(bridge instanceof Bridge) || (bridge === dev) === master) return new LinkError("EOPNOTSUPP", "Operation not supported");
      const known = bridge.fdb.get(address);
      if (verb === "delete") {
        if (!known) return new LinkError("ENOENT", "No such file or directory");
        bridge.fdb.remove(address);
        return undefined;
      }
      // A port that does not learn takes no entry that could age (fdb_add_entry).
      if (kind === "dynamic" && dev.port && !dev.port.forwarding) return new LinkError("EPERM", "Operation not permitted");
      if (verb === "add" && known) return new LinkError("EEXIST", "File exists");
      bridge.fdb.set(address, dev === bridge ? undefined : (dev.port as BridgePort), kind);
      return undefined;
    },
    255,
  );
}

/** A tunnel's entry needs to know where to: EINVAL without (vxlan_fdb_parse). */
function changeTunnel(tunnel: Vxlan, verb: FdbVerb, mac: Mac, dst: Ip | undefined): LinkError | undefined {
  if (verb === "delete") return tunnel.removeEntry(mac, dst);
  return dst === undefined ? new LinkError("EINVAL", "Invalid argument") : tunnel.addEntry(mac, dst, verb);
}

/** What a flush is narrowed to, by word: which entries of a bridge it takes. */
const FLUSHED: Readonly<Record<string, (entry: FdbEntry) => boolean>> = {
  permanent: (entry) => entry.local,
  nopermanent: (entry) => !entry.local,
  static: (entry) => entry.static && !entry.local,
  nostatic: (entry) => !entry.static,
  dynamic: (entry) => !entry.static,
  nodynamic: (entry) => entry.static,
};

/** `bridge fdb flush`: without words all entries of a bridge go, its own MACs' among them. */
export function flushFdb(process: Process, words: Words): Answer {
  const tests: ((entry: FdbEntry) => boolean)[] = [];
  let device: NetDevice | undefined;
  let port: NetDevice | undefined;
  let master = false;
  for (let word = words.next(); word !== undefined; word = words.next()) {
    const test = Object.hasOwn(FLUSHED, word) ? FLUSHED[word] : undefined;
    if (test) tests.push(test);
    else if (word === "self" || word === "master") master = word === "master";
    else if (word === "dev" || word === "brport") {
      const name = words.next();
      if (name === undefined) return incomplete();
      const found = linkNamed(process.netns, name);
      if (!found) return new Failure(`Cannot find ${word === "dev" ? "" : "bridge port "}device "${name}"`, 255);
      if (word === "dev") device = found;
      else port = found;
    } else if (UNFLUSHED.has(word))
      return unsupported(`bridge fdb flush ${word}`, `dev brport self master ${Object.keys(FLUSHED).join(" ")}`);
    else return new Failure(`bridge fdb: unknown command "${word}"?\n${BRIDGE_FDB_USAGE}`, 255);
  }
  if (!device) return new Failure("Device is a required argument", 255);
  const dev = device;
  return change(
    process,
    () => {
      const bridge = dev instanceof Bridge ? dev : master ? dev.master : undefined;
      if (!(bridge instanceof Bridge)) return new LinkError("EOPNOTSUPP", "Operation not supported");
      const by = port ?? (dev === bridge ? undefined : dev);
      bridge.fdb.flushWhere((entry) => (!by || entry.port?.device === by) && tests.every((test) => test(entry)));
      return undefined;
    },
    255,
  );
}

const UNFLUSHED: ReadonlySet<string> = new Set(
  (
    "vlan vni src_vni nhid port dst via router norouter sticky nosticky offloaded nooffloaded extern_learn noextern_learn " +
    "added_by_user noadded_by_user"
  ).split(" "),
);
