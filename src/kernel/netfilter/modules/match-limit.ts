/** `-m limit`, a token bucket on the virtual clock (xt_limit.c), and `-m statistic` (xt_statistic.c). */
import { bang, type MatchExtension, numberOption, once, refuse } from "../extension.ts";

/** XT_LIMIT_SCALE: periods are kept in ten-thousandths of a second. */
export const SCALE = 10_000;
const UNITS: readonly (readonly [string, number])[] = [
  ["day", 86_400 * SCALE],
  ["hour", 3_600 * SCALE],
  ["min", 60 * SCALE],
  ["sec", SCALE],
];
const UNIT_WORDS: readonly (readonly [string, number])[] = [
  ["second", 1],
  ["minute", 60],
  ["hour", 3_600],
  ["day", 86_400],
];

/** The period of one packet in ten-thousandths of a second, from "5/min" and the like; undefined when it is no rate. */
export function readRate(text: string): number | undefined {
  const [amount, unit] = text.split("/") as [string, string?];
  if (!/^\d+$/.test(amount) || Number(amount) === 0 || unit === "") return undefined;
  const seconds = unit === undefined ? 1 : UNIT_WORDS.find(([word]) => word.startsWith(unit.toLowerCase()))?.[1];
  if (seconds === undefined) return undefined;
  return Math.floor((SCALE * seconds) / Number(amount)) || refuse(`Rate too fast "${text}"`);
}

/** The smallest unit that tells a rate without a large remainder (print_rate of libxt_limit.c): its name, and its length as periods are kept. */
export function unitOf(period: number): readonly [string, number] {
  let i = 1;
  for (; i < UNITS.length; i++) {
    const unit = (UNITS[i] as readonly [string, number])[1];
    if (period > unit || Math.floor(unit / period) < unit % period) break;
  }
  return UNITS[i - 1] as readonly [string, number];
}

export function formatRate(period: number): string {
  const [name, unit] = unitOf(period);
  return `${Math.floor(unit / period)}/${name}`;
}

export const limit: MatchExtension = {
  stateful: true,
  options: { limit: 1, "limit-burst": 1 },
  build(uses) {
    const rate = once("limit", uses, "limit");
    if (rate?.invert) refuse('limit: option "--limit" cannot be inverted.\n');
    const burstUse = once("limit", uses, "limit-burst");
    const period = rate ? (readRate(rate.value) ?? refuse(`bad rate "${rate.value}"'`)) : 1_200 * SCALE;
    const burst = burstUse ? numberOption("limit", burstUse, 10_000) : 5;
    const shown = formatRate(period);
    const cost = period * (1_000_000 / SCALE);
    const cap = cost * burst;
    let credit = cap;
    let last = 0;
    return {
      text: `--limit ${shown}${burst === 5 ? "" : ` --limit-burst ${burst}`}`,
      print: () => `limit: avg ${shown} burst ${burst}`,
      test({ netns }) {
        const { now } = netns.kernel.clock;
        credit = Math.min(cap, credit + now - last);
        last = now;
        if (credit < cost) return false;
        credit -= cost;
        return true;
      },
    };
  },
};

export const statistic: MatchExtension = {
  stateful: true,
  options: { mode: 1, probability: 1, every: 1, packet: 1 },
  build(uses) {
    const mode = once("statistic", uses, "mode");
    const probability = once("statistic", uses, "probability");
    const every = once("statistic", uses, "every");
    const packet = once("statistic", uses, "packet");
    if (mode && mode.value !== "random" && mode.value !== "nth") refuse(`Bad mode "${mode.value}"`);
    if (mode?.value !== "nth") {
      if (!probability) refuse("--probability must be specified when using random mode");
      const chance = /^\d*\.?\d+$/.test(probability.value) ? Number(probability.value) : 2;
      if (chance > 1) refuse('statistic: bad value for option "--probability", or out of range (0-1).\n');
      const bound = Math.round(chance * 0x80000000) / 0x80000000;
      const shown = `${bang(probability)}--probability ${bound.toFixed(11)}`;
      return {
        text: `--mode random ${shown}`,
        print: () => `statistic mode random ${probability.invert ? "! " : ""}probability ${bound.toFixed(11)}`,
        test: ({ netns }) => netns.kernel.random.unit() < chance !== probability.invert,
      };
    }
    if (!every) refuse("--every must be specified when using nth mode");
    if (!packet) refuse('statistic: option "--every" also requires "--packet".\n');
    const period = numberOption("statistic", every, 0xffffffff, 1);
    const first = numberOption("statistic", packet, 0xffffffff);
    if (first >= period) refuse("the --packet p must be 0 <= p <= n-1");
    let count = first === 0 ? period - 1 : first === period ? 0 : period - first - 1;
    return {
      text: `--mode nth ${bang(every)}--every ${period} --packet ${first}`,
      print: () => `statistic mode nth ${every.invert ? "! " : ""}every ${period}${first ? ` packet ${first}` : ""}`,
      test() {
        count = (count + 1) % period;
        return (count === 0) !== every.invert;
      },
    };
  },
};
