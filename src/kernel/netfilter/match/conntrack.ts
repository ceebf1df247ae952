/** `-m conntrack` and `-m state`: what connection tracking knows of a packet (libxt_conntrack). */
import { formatIp, type Ip, networkAddress } from "../../address.ts";
import {
  bang,
  type Match,
  type MatchExtension,
  type OptionUse,
  once,
  parseAddress,
  parseNumber,
  type RuleContext,
  refuse,
} from "../extension.ts";
import { parsePort, parseProtocol } from "../names.ts";
import type { ConntrackEntry } from "../types.ts";
import type { PacketView } from "../view.ts";

const STATES = ["INVALID", "NEW", "RELATED", "ESTABLISHED", "UNTRACKED", "SNAT", "DNAT"] as const;
type State = (typeof STATES)[number];

function parseStates(use: OptionUse, known: readonly State[]): readonly State[] {
  const states = use.value.split(",").map((word) => {
    const state = known.find((name) => name === word.toUpperCase());
    return state ?? refuse(`Bad ${use.name} "${word}"`);
  });
  return STATES.filter((state) => states.includes(state));
}

/** The state bit of a packet: what `--ctstate` compares (XT_CONNTRACK_STATE_*). */
function stateOf({ skb }: PacketView): State {
  switch (skb.ctInfo) {
    case "new":
      return "NEW";
    case "established":
    case "reply":
      return "ESTABLISHED";
    case "related":
    case "related-reply":
      return "RELATED";
    case "untracked":
      return "UNTRACKED";
    default:
      return "INVALID";
  }
}

function stateTest(states: readonly State[], invert: boolean): (view: PacketView) => boolean {
  const source = states.includes("SNAT");
  const destination = states.includes("DNAT");
  const established = states.includes("ESTABLISHED");
  const fresh = states.includes("NEW");
  return (view) => {
    const info = view.skb.ctInfo;
    let hit = info === "established" || info === "reply" ? established : info === "new" ? fresh : states.includes(stateOf(view));
    const entry = view.skb.conntrack;
    if (!hit && entry && (source || destination)) hit = (source && translated(entry, "SNAT")) || (destination && translated(entry, "DNAT"));
    return hit !== invert;
  };
}

/** Whether a mapping changes the source or the destination of a connection. */
function translated(entry: ConntrackEntry, end: "SNAT" | "DNAT"): boolean {
  const { original, reply } = entry;
  return end === "SNAT"
    ? reply.dst !== original.src || (reply.dstPort !== original.srcPort && reply.protocol !== 1 && reply.protocol !== 58)
    : reply.src !== original.dst || (reply.srcPort !== original.dstPort && reply.protocol !== 1 && reply.protocol !== 58);
}

/** `-m state`, which the kernel knows as an alias of conntrack's. */
export const state: MatchExtension = {
  options: { state: 1 },
  conntrack: true,
  build(uses) {
    const use = once("state", uses, "state") ?? refuse('state: option "--state" must be specified\n');
    const states = parseStates(use, ["INVALID", "NEW", "RELATED", "ESTABLISHED", "UNTRACKED"]);
    return {
      text: `${bang(use)}--state ${states.join(",")}`,
      print: () => `${bang(use)}state ${states.join(",")}`,
      test: stateTest(states, use.invert),
    };
  },
};

interface Part {
  readonly text: string;
  readonly shown: string;
  test(view: PacketView): boolean;
}

/** An option that compares something of the connection: `read` of the entry against `accepts`. */
const part = (use: OptionUse, value: string, test: (entry: ConntrackEntry, view: PacketView) => boolean): Part => ({
  text: `${bang(use)}--${use.name} ${value}`,
  shown: `${bang(use)}${use.name} ${value}`,
  test: (view) => view.skb.conntrack !== undefined && test(view.skb.conntrack, view) !== use.invert,
});

function addressPart(use: OptionUse, context: RuleContext, read: (entry: ConntrackEntry) => Ip): Part {
  const [text, mask] = use.value.split("/") as [string, string?];
  const ip = parseAddress(text, context.family) ?? refuse("getaddrinfo: Name or service not known\n");
  const bits = context.family === 4 ? 32 : 128;
  const length = mask === undefined ? bits : (parseNumber(mask, bits) ?? refuse(`conntrack: bad value for option "--${use.name}"\n`));
  const wanted = networkAddress(ip, length);
  return part(use, `${formatIp(wanted)}${length === bits ? "" : `/${length}`}`, (entry) => networkAddress(read(entry), length) === wanted);
}

function portPart(use: OptionUse, context: RuleContext, read: (entry: ConntrackEntry) => number): Part {
  const [low, high] = use.value.split(":") as [string, string?];
  const port = (word: string): number =>
    parsePort(word, context.protocol) ?? refuse(`conntrack: Bad value for "--${use.name}" option: "${use.value}"\n`);
  const min = port(low);
  const max = high === undefined ? min : port(high);
  return part(use, min === max ? String(min) : `${min}:${max}`, (entry) => read(entry) >= min && read(entry) <= max);
}

const STATUSES = ["EXPECTED", "SEEN_REPLY", "ASSURED", "CONFIRMED"] as const;

const hasStatus = (entry: ConntrackEntry, status: (typeof STATUSES)[number]): boolean =>
  ({ EXPECTED: entry.master !== undefined, SEEN_REPLY: entry.seenReply, ASSURED: entry.assured, CONFIRMED: entry.confirmed })[status];

/** The parts of the match by option, in the order in which iptables prints them. */
const PARTS: readonly (readonly [string, (use: OptionUse, context: RuleContext) => Part])[] = [
  [
    "ctstate",
    (use) => {
      const states = parseStates(use, STATES);
      return {
        text: `${bang(use)}--ctstate ${states.join(",")}`,
        shown: `${bang(use)}ctstate ${states.join(",")}`,
        test: stateTest(states, use.invert),
      };
    },
  ],
  [
    "ctproto",
    (use) => {
      const protocol = parseProtocol(use.value) ?? refuse(`conntrack: bad value for option "--ctproto"\n`);
      return part(use, String(protocol), (entry) => entry.original.protocol === protocol);
    },
  ],
  ["ctorigsrc", (use, context) => addressPart(use, context, (entry) => entry.original.src)],
  ["ctorigdst", (use, context) => addressPart(use, context, (entry) => entry.original.dst)],
  ["ctreplsrc", (use, context) => addressPart(use, context, (entry) => entry.reply.src)],
  ["ctrepldst", (use, context) => addressPart(use, context, (entry) => entry.reply.dst)],
  ["ctorigsrcport", (use, context) => portPart(use, context, (entry) => entry.original.srcPort)],
  ["ctorigdstport", (use, context) => portPart(use, context, (entry) => entry.original.dstPort)],
  ["ctreplsrcport", (use, context) => portPart(use, context, (entry) => entry.reply.srcPort)],
  ["ctrepldstport", (use, context) => portPart(use, context, (entry) => entry.reply.dstPort)],
  [
    "ctstatus",
    (use) => {
      const words = use.value.toUpperCase().split(",");
      if (words.includes("NONE")) return part(use, "NONE", (entry) => !STATUSES.some((status) => hasStatus(entry, status)));
      for (const [i, word] of words.entries())
        if (!STATUSES.some((status) => status === word)) refuse(`Bad ctstatus "${use.value.split(",")[i]}"`);
      const wanted = STATUSES.filter((status) => words.includes(status));
      return part(use, wanted.join(","), (entry) => wanted.some((status) => hasStatus(entry, status)));
    },
  ],
  [
    "ctexpire",
    (use) => {
      const [low, high] = use.value.split(":") as [string, string?];
      const bad = (): never =>
        refuse(`conntrack: bad value for option "--ctexpire" near "${use.value}", or out of range (0-4294967295).\n`);
      const min = low === "" ? 0 : (parseNumber(low, 0xffffffff) ?? bad());
      const max = high === undefined ? min : high === "" ? 0xffffffff : (parseNumber(high, 0xffffffff) ?? bad());
      return part(use, min === max ? String(min) : `${min}:${max}`, (entry, view) => {
        const seconds = Math.max(0, Math.floor((entry.expires - view.netns.kernel.clock.now) / 1_000_000));
        return seconds >= min && seconds <= max;
      });
    },
  ],
  [
    "ctdir",
    (use) => {
      const direction = ["ORIGINAL", "REPLY"].find((name) => name === use.value.toUpperCase());
      if (use.invert) refuse('conntrack: option "--ctdir" cannot be inverted.\n');
      if (!direction) refuse(`conntrack: Bad value for "--ctdir" option: "${use.value}"`);
      return part(use, direction, (_entry, { skb }) => {
        const reply = skb.ctInfo === "reply" || skb.ctInfo === "related-reply";
        return reply === (direction === "REPLY");
      });
    },
  ],
];

export const conntrack: MatchExtension = {
  options: Object.fromEntries(PARTS.map(([name]) => [name, 1 as const])),
  conntrack: true,
  build(uses, context): Match {
    if (uses.length === 0) refuse("conntrack: At least one option is required");
    const parts: Part[] = [];
    for (const [name, build] of PARTS) {
      const use = once("conntrack", uses, name);
      if (use) parts.push(build(use, context));
    }
    const [first] = parts;
    return {
      text: parts.map(({ text }) => text).join(" "),
      print: () => parts.map(({ shown }) => shown).join(" "),
      test: parts.length === 1 && first ? first.test : (view) => parts.every((each) => each.test(view)),
    };
  },
};
