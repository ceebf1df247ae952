/** `-m hashlimit`: a token bucket for each address or port (xt_hashlimit.c); `-m connlimit`: connections of an address (xt_connlimit.c). */
import { bitsOf, type Ip, networkAddress } from "../../address.ts";
import type { Netns } from "../../netns.ts";
import type { Connection } from "../conntrack.ts";
import { type Match, type MatchExtension, numberOption, type OptionUse, once, parseNumber, refuse, required } from "../extension.ts";
import { destinationPort, sourcePort } from "../tuple.ts";
import type { PacketView } from "../view.ts";
import { formatRate, readRate, SCALE, unitOf } from "./match-limit.ts";

interface Bucket {
  credit: number;
  last: number;
}

/** Buckets of a table by what is told apart; tables by name, for rules that name the same share one. */
const tables = new WeakMap<Netns, Map<string, Map<string, Bucket>>>();
const TABLE_BOUND = 65_536;

function tableOf(netns: Netns, name: string): Map<string, Bucket> {
  let named = tables.get(netns);
  if (!named) {
    named = new Map();
    tables.set(netns, named);
  }
  let table = named.get(name);
  if (!table) {
    table = new Map();
    named.set(name, table);
  }
  return table;
}

/** In the order in which they are shown. */
const MODES: readonly string[] = ["srcip", "srcport", "dstip", "dstport"];

function modes(use: OptionUse | undefined): readonly string[] {
  if (!use) return [];
  const given = use.value.split(",");
  if (!given.every((word) => MODES.includes(word))) refuse(`hashlimit: Bad value for "--hashlimit-mode" option: "${use.value}"`);
  return MODES.filter((mode) => given.includes(mode));
}

export const hashlimit: MatchExtension = {
  stateful: true,
  options: {
    hashlimit: 1,
    "hashlimit-upto": 1,
    "hashlimit-above": 1,
    "hashlimit-burst": 1,
    "hashlimit-mode": 1,
    "hashlimit-name": 1,
    "hashlimit-srcmask": 1,
    "hashlimit-dstmask": 1,
    "hashlimit-htable-size": 1,
    "hashlimit-htable-max": 1,
    "hashlimit-htable-gcinterval": 1,
    "hashlimit-htable-expire": 1,
  },
  build(uses, { family }): Match {
    const above = once("hashlimit", uses, "hashlimit-above");
    const upto = once("hashlimit", uses, "hashlimit-upto") ?? once("hashlimit", uses, "hashlimit");
    const rate = above ?? upto;
    if (rate && /b(\/s)?$/i.test(rate.value) && /^\d/.test(rate.value))
      refuse("hashlimit rates in bytes are not modelled here; supported: packets a second, minute, hour or day");
    const period = rate && (readRate(rate.value) ?? refuse(`hashlimit: Bad value for "--${rate.name}" option: "${rate.value}"`));
    const mode = modes(once("hashlimit", uses, "hashlimit-mode"));
    const { value: name } = required("hashlimit", uses, "hashlimit-name");
    if (!rate || period === undefined) refuse("You have to specify --hashlimit");
    if (above && upto) refuse('hashlimit: option "--hashlimit-upto" cannot be used together with "--hashlimit-above".\n');
    const number = (option: string, max: number, otherwise: number, min = 0): number => {
      const use = once("hashlimit", uses, `hashlimit-${option}`);
      return use ? numberOption("hashlimit", use, max, min) : otherwise;
    };
    const bits = family === 4 ? 32 : 128;
    const burst = number("burst", 1_000_000, 5, 1);
    const srcMask = number("srcmask", bits, bits);
    const dstMask = number("dstmask", bits, bits);
    const sizes = ["htable-size", "htable-max", "htable-gcinterval"].flatMap((option) => {
      const value = number(option, 0xffffffff, 0);
      return value ? [`${option} ${value}`] : [];
    });
    const shown = formatRate(period);
    const unit = (unitOf(period)[1] * 1000) / SCALE;
    const expire = number("htable-expire", 0xffffffff, unit);
    if (expire !== unit) sizes.push(`htable-expire ${expire}`);
    const masks = [...(srcMask < bits ? [`srcmask ${srcMask}`] : []), ...(dstMask < bits ? [`dstmask ${dstMask}`] : [])];
    const invert = (above !== undefined) !== rate.invert;
    const cost = period * (1_000_000 / SCALE);
    const cap = cost * burst;
    const keyOf = ({ packet, body }: PacketView): string =>
      mode
        .map((part) => {
          if (part === "srcip") return networkAddress(packet.src, srcMask);
          if (part === "dstip") return networkAddress(packet.dst, dstMask);
          return body === undefined ? 0 : part === "srcport" ? sourcePort(body) : destinationPort(body);
        })
        .join("|");
    const text = [
      `--hashlimit-${invert ? "above" : "upto"} ${shown} --hashlimit-burst ${burst}`,
      ...(mode.length ? [`--hashlimit-mode ${mode.join(",")}`] : []),
      `--hashlimit-name ${name}`,
      ...[...sizes, ...masks].map((size) => `--hashlimit-${size}`),
    ].join(" ");
    return {
      text,
      print: () =>
        [
          `limit: ${invert ? "above" : "up to"} ${shown} burst ${burst}`,
          ...(mode.length ? [`mode ${mode.join("-")}`] : []),
          ...sizes,
          ...masks,
        ].join(" "),
      test(view) {
        const { now } = view.netns.kernel.clock;
        const table = tableOf(view.netns, name);
        const key = keyOf(view);
        let bucket = table.get(key);
        if (!bucket || now - bucket.last > expire * 1000) {
          bucket = { credit: cap, last: now };
          if (table.size >= TABLE_BOUND) table.clear();
          table.set(key, bucket);
        }
        bucket.credit = Math.min(cap, bucket.credit + now - bucket.last);
        bucket.last = now;
        if (bucket.credit < cost) return invert;
        bucket.credit -= cost;
        return !invert;
      },
    };
  },
};

/** Whether a connection has come to its end although it is still remembered (already_closed of nf_conncount.c). */
const isClosed = ({ protocolState }: Connection): boolean => protocolState === "TIME_WAIT" || protocolState === "CLOSE";

export const connlimit: MatchExtension = {
  stateful: true,
  conntrack: true,
  options: { "connlimit-upto": 1, "connlimit-above": 1, "connlimit-mask": 1, "connlimit-saddr": 0, "connlimit-daddr": 0 },
  build(uses, { family }): Match {
    const upto = once("connlimit", uses, "connlimit-upto");
    const above = once("connlimit", uses, "connlimit-above");
    if (upto && above) refuse('connlimit: option "--connlimit-upto" cannot be used together with "--connlimit-above".\n');
    const use = upto ?? above ?? refuse('You must specify "--connlimit-above" or "--connlimit-upto".');
    const bound = numberOption("connlimit", use, 0xffffffff);
    const bits = family === 4 ? 32 : 128;
    const maskUse = once("connlimit", uses, "connlimit-mask");
    const asked = maskUse ? (parseNumber(maskUse.value, 128) ?? numberOption("connlimit", maskUse, 128)) : bits;
    // A length that the family does not have shifts every bit out of the mask.
    const length = asked > bits ? 0 : asked;
    const daddr = uses.findLast(({ name }) => name === "connlimit-saddr" || name === "connlimit-daddr")?.name === "connlimit-daddr";
    const isAbove = (above !== undefined) !== use.invert;
    const counted = new Map<Ip, Set<Connection>>();
    return {
      text: `--connlimit-${isAbove ? "above" : "upto"} ${bound} --connlimit-mask ${length} --connlimit-${daddr ? "daddr" : "saddr"}`,
      print: () => `#conn ${daddr ? "dst" : "src"}/${length} ${isAbove ? ">" : "<="} ${bound}`,
      test({ netns, packet, skb, conntrack }) {
        if (bitsOf(packet.src) !== bits) return false;
        const key = networkAddress(daddr ? packet.dst : packet.src, length);
        let own = counted.get(key);
        if (!own) {
          own = new Set();
          counted.set(key, own);
        }
        const { now } = netns.kernel.clock;
        for (const other of own)
          if (other.expires <= now || isClosed(other) || conntrack.find(other.original)?.entry !== other) own.delete(other);
        if (skb.conntrack) own.add(skb.conntrack as Connection);
        return own.size > bound === isAbove;
      },
    };
  },
};
