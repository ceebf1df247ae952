/** `-m recent`: lists of addresses with the times at which they were seen (net/netfilter/xt_recent.c, libxt_recent). */
import { bitsOf, formatIp, type Ip, parseIp } from "../../address.ts";
import type { Netns } from "../../netns.ts";
import { type Match, type MatchExtension, numberOption, type OptionUse, once, parseAddress, refuse, words } from "../extension.ts";
import { TABLE_ORDER } from "../table.ts";
import type { PacketView } from "../view.ts";

/** Addresses in a list (ip_list_tot) and times kept for each where no hit count says how many (XT_RECENT_MAX_NSTAMPS of old). */
const LIST_LENGTH = 100;
const DEFAULT_STAMPS = 32;
const SECOND = 1_000_000;

interface Entry {
  readonly ip: Ip;
  ttl: number;
  /** Virtual times in µs, oldest first. */
  readonly stamps: number[];
}

/** One list: its addresses, the one that was seen longest ago first. It lives as long as rules name it. */
interface List {
  readonly entries: Map<Ip, Entry>;
  /** Times kept for each address. */
  stamps: number;
  /** The matches that have looked into it. */
  readonly users: Set<Match>;
}

const lists = new WeakMap<Netns, Map<string, List>>();

/** The matches of this kind in the rules of a netns now, each with the list that it names. */
function inUse(netns: Netns): Map<Match, string> {
  const found = new Map<Match, string>();
  for (const family of [4, 6] as const)
    for (const table of TABLE_ORDER)
      for (const chain of netns.netfilter.table(family, table).chains.values())
        for (const { spec } of chain.rules)
          for (const { name, match } of spec.parts.matches)
            if (name === "recent") found.set(match, / --name (.*) --mask /.exec(match.text)?.[1] ?? "");
  return found;
}

/** The list of a rule's match. One that no rule of before names any more has been thrown away since. */
function listOf(netns: Netns, match: Match, name: string, stamps: number): List {
  let known = lists.get(netns);
  if (!known) {
    known = new Map();
    lists.set(netns, known);
  }
  let list = known.get(name);
  if (list && !list.users.has(match)) {
    const now = inUse(netns);
    if (![...list.users].some((user) => now.has(user))) list = undefined;
  }
  if (!list) {
    list = { entries: new Map(), stamps, users: new Set() };
    known.set(name, list);
  }
  list.users.add(match);
  if (list.stamps < stamps) list.stamps = stamps;
  return list;
}

const ACTIONS = ["set", "rcheck", "update", "remove"] as const;
const SHOWN = { set: "SET", rcheck: "CHECK", update: "UPDATE", remove: "REMOVE" } as const;

function excluding(uses: readonly OptionUse[]): OptionUse {
  const [first, second] = ACTIONS.flatMap((name) => once("recent", uses, name) ?? []);
  if (!first) refuse("recent: you must specify one of `--set', `--rcheck' `--update' or `--remove'");
  if (second) refuse(`recent: option "--${first.name}" cannot be used together with "--${second.name}".\n`);
  return first;
}

function maskOption(use: OptionUse | undefined, family: 4 | 6): Ip {
  if (!use) return family === 4 ? 0xffffffff : (1n << 128n) - 1n;
  return parseAddress(use.value, family) ?? refuse(`recent: Bad value for "--mask" option: "${use.value}"`);
}

const masked = (ip: Ip, mask: Ip): Ip => (typeof ip === "number" ? (ip & (mask as number)) >>> 0 : ip & (mask as bigint));

interface Recent {
  readonly name: string;
  readonly action: (typeof ACTIONS)[number];
  readonly invert: boolean;
  readonly seconds: number;
  readonly hits: number;
  readonly reap: boolean;
  readonly byTtl: boolean;
  readonly mask: Ip;
  readonly destination: boolean;
}

/** recent_mt(). */
function test({ netns, packet, outdev, skb }: PacketView, match: Match, of: Recent): boolean {
  const power = 2 ** Math.ceil(Math.log2(Math.max(1, of.hits)));
  const list = listOf(netns, match, of.name, of.hits ? power : DEFAULT_STAMPS);
  const { now } = netns.kernel.clock;
  const ip = masked(of.destination ? packet.dst : packet.src, of.mask);
  // A forwarded packet counts with the TTL that it came with.
  const ttl = packet.ttl + (outdev !== undefined && skb.eth !== undefined ? 1 : 0);
  let entry = list.entries.get(ip);
  if (entry && of.byTtl && entry.ttl !== ttl) entry = undefined;
  let result = of.invert;
  if (!entry) {
    if (of.action !== "set") return result;
    if (list.entries.size >= LIST_LENGTH) list.entries.delete(list.entries.keys().next().value as Ip);
    list.entries.set(ip, { ip, ttl, stamps: [now] });
    return !result;
  }
  if (of.action === "set") result = !result;
  else if (of.action === "remove") {
    list.entries.delete(ip);
    return !result;
  } else {
    const since = of.seconds ? now - of.seconds * SECOND : 0;
    const seen = entry.stamps.filter((stamp) => stamp >= since).length;
    if (seen > 0 && seen >= of.hits) result = !result;
    if (of.reap) for (const other of list.entries.values()) if ((other.stamps.at(-1) ?? 0) < since) list.entries.delete(other.ip);
  }
  if (of.action === "set" || (of.action === "update" && result)) {
    entry.ttl = ttl;
    entry.stamps.push(now);
    if (entry.stamps.length > list.stamps) entry.stamps.shift();
    list.entries.delete(ip);
    list.entries.set(ip, entry);
  }
  return result;
}

export const recent: MatchExtension = {
  stateful: true,
  options: {
    set: 0,
    rcheck: 0,
    update: 0,
    remove: 0,
    seconds: 1,
    reap: 0,
    hitcount: 1,
    rttl: 0,
    name: 1,
    mask: 1,
    rsource: 0,
    rdest: 0,
  },
  build(uses, { family }): Match {
    const action = excluding(uses);
    const seconds = once("recent", uses, "seconds");
    const hits = once("recent", uses, "hitcount");
    const reap = once("recent", uses, "reap");
    const ttl = once("recent", uses, "rttl");
    if (reap && !seconds) refuse('recent: option "--reap" also requires "--seconds".\n');
    const of: Recent = {
      name: once("recent", uses, "name")?.value ?? "DEFAULT",
      action: action.name as Recent["action"],
      invert: action.invert,
      seconds: seconds ? numberOption("recent", seconds, 0xffffffff, 1) : 0,
      hits: hits ? numberOption("recent", hits, 0xffff, 1) : 0,
      reap: reap !== undefined,
      byTtl: ttl !== undefined,
      mask: maskOption(once("recent", uses, "mask"), family),
      destination: uses.findLast(({ name }) => name === "rsource" || name === "rdest")?.name === "rdest",
    };
    const mask = formatIp(of.mask);
    const match: Match = {
      text: words([
        `${of.invert ? "! " : ""}--${of.action}`,
        of.seconds > 0 && `--seconds ${of.seconds}`,
        of.reap && "--reap",
        of.hits > 0 && `--hitcount ${of.hits}`,
        of.byTtl && "--rttl",
        `--name ${of.name} --mask ${mask}`,
        of.destination ? "--rdest" : "--rsource",
      ]),
      print: () =>
        words([
          `${of.invert ? "! " : ""}recent: ${SHOWN[of.action]}`,
          of.seconds > 0 && `seconds: ${of.seconds}`,
          of.reap && "reap",
          of.hits > 0 && `hit_count: ${of.hits}`,
          of.byTtl && "TTL-Match",
          `name: ${of.name} side: ${of.destination ? "dest" : "source"} mask: ${mask}`,
        ]),
      // Times and counts mean nothing where the address is only noted or forgotten.
      invalidFor: () => (of.action === "set" || of.action === "remove") && (of.seconds > 0 || of.hits > 0 || of.byTtl),
      test(view) {
        if (bitsOf(view.packet.src) !== bitsOf(of.mask)) return false;
        return test(view, match, of);
      },
    };
    return match;
  },
};

/** Names of the lists that rules of the netns use, for /proc/net/xt_recent. */
export const recentLists = (netns: Netns): readonly string[] => [...new Set(inUse(netns).values())].sort();

/** A list that rules name now; empty when no packet has met them. */
function current(netns: Netns, name: string): List | undefined {
  const user = [...inUse(netns)].find(([, named]) => named === name)?.[0];
  return user && listOf(netns, user, name, 1);
}

/** A list as /proc/net/xt_recent shows it; times in jiffies of 4 ms (recent_seq_show). */
export function recentText(netns: Netns, name: string): string | undefined {
  const list = current(netns, name);
  if (!list) return undefined;
  const jiffies = (at: number): number => 4_294_892_296 + Math.floor(at / 4_000);
  return [...list.entries.values()]
    .map(({ ip, ttl, stamps }) => {
      const times = stamps.map(jiffies);
      return `src=${formatIp(ip)} ttl: ${ttl} last_seen: ${times.at(-1) ?? 0} oldest_pkt: ${times.length % list.stamps} ${times.join(", ")}\n`;
    })
    .join("");
}

/** What is written to a list's file: "/" empties it, "+10.0.0.1" or "10.0.0.1" enters an address, "-10.0.0.1" takes it out. False for anything else. */
export function writeRecent(netns: Netns, name: string, text: string): boolean {
  const list = current(netns, name);
  if (!list) return false;
  const word = text.trim();
  if (word.startsWith("/")) {
    list.entries.clear();
    return true;
  }
  const ip = parseIp(word.replace(/^[+-]/, ""));
  if (ip === undefined) return false;
  const known = list.entries.get(ip);
  list.entries.delete(ip);
  if (word.startsWith("-")) return true;
  const stamps = known?.stamps ?? [];
  stamps.push(netns.kernel.clock.now);
  if (stamps.length > list.stamps) stamps.shift();
  list.entries.set(ip, { ip, ttl: known?.ttl ?? 0, stamps });
  return true;
}
