/** The options of netem and tbf (iproute2 tc/q_netem.c, tc/q_tbf.c, lib/utils.c, lib/utils_math.c). */
import { type Chance, DEFAULT_NETEM, type Distribution, type NetemOptions, type TbfOptions } from "../../../kernel/device/modules.ts";
import { Failure } from "./answer.ts";
import { incomplete, parseUnsigned, unsupported, type Words } from "./words.ts";

const NETEM_USAGE = `Usage: ... netem [ limit PACKETS ]
                 [ delay TIME [ JITTER [ CORRELATION ] ] ]
                 [ distribution {uniform|normal|pareto|paretonormal} ]
                 [ corrupt PERCENT [ CORRELATION ] ]
                 [ duplicate PERCENT [ CORRELATION ] ]
                 [ loss random PERCENT [ CORRELATION ] ]
                 [ seed SEED ]
                 [ reorder PERCENT [ CORRELATION ] [ gap DISTANCE ] ]
                 [ rate RATE ]`;

const TBF_USAGE = `Usage: ... tbf limit BYTES burst BYTES[/BYTES] rate KBPS [ mtu BYTES[/BYTES] ]
	[ peakrate KBPS ] [ latency TIME ] [ overhead BYTES ] [ linklayer TYPE ]`;

/** The longest time that fits the kernel's field, in µs. */
const MOST_TIME = 0x7fffffff;

const NUMBER = /^(\d+(?:\.\d*)?|\.\d+)([a-zA-Z]*)$/;

function scaled(text: string, units: Readonly<Record<string, number>>): number | undefined {
  const match = NUMBER.exec(text);
  if (!match) return undefined;
  const factor = units[(match[2] as string).toLowerCase()];
  return factor === undefined ? undefined : Number(match[1]) * factor;
}

/** "100ms", "1s", "50us"; a bare number is µs. Gives whole µs. */
function parseTime(text: string): number | undefined {
  const time = scaled(text, { "": 1, s: 1e6, sec: 1e6, secs: 1e6, ms: 1e3, msec: 1e3, msecs: 1e3, us: 1, usec: 1, usecs: 1, ns: 1e-3 });
  return time === undefined || time > MOST_TIME ? undefined : Math.round(time);
}

/** "1mbit", "100kbps"; a bare number is bits a second. Gives bytes a second. */
function parseRate(text: string): number | undefined {
  const bits = { "": 1, bit: 1, kbit: 1e3, mbit: 1e6, gbit: 1e9, tbit: 1e12, kibit: 1024, mibit: 1024 ** 2, gibit: 1024 ** 3 };
  const bytes = { bps: 8, kbps: 8e3, mbps: 8e6, gbps: 8e9, kibps: 8 * 1024, mibps: 8 * 1024 ** 2 };
  const rate = scaled(text, { ...bits, ...bytes });
  return rate === undefined ? undefined : Math.floor(rate / 8);
}

/** "10k", "1540", "1mb". Gives bytes. */
function parseSize(text: string): number | undefined {
  const size = scaled(text, { "": 1, b: 1, k: 1024, kb: 1024, m: 1024 ** 2, mb: 1024 ** 2, g: 1024 ** 3, kbit: 128, mbit: 131072 });
  return size === undefined || size > 0xffffffff ? undefined : Math.floor(size);
}

/** "5%" or "0.05" of one; 0 to 100. */
function parsePercent(text: string): number | undefined {
  const match = /^(\d+(?:\.\d*)?|\.\d+)(%?)$/.exec(text);
  if (!match) return undefined;
  const percent = Number(match[1]) * (match[2] ? 1 : 100);
  return percent <= 100 ? percent : undefined;
}

const illegal = (what: string): Failure => new Failure(`Illegal "${what}"`, 1);

/** Whether the next word is a value that goes on with the option, not another option. */
const continues = (words: Words): boolean => /^[\d.]/.test(words.peek() ?? "");

function readChance(words: Words, name: string): Chance | Failure {
  const text = words.next();
  if (text === undefined) return incomplete();
  const percent = parsePercent(text);
  if (percent === undefined) return illegal(name);
  if (!continues(words)) return { percent, correlation: 0 };
  const correlation = parsePercent(words.next() as string);
  return correlation === undefined ? illegal(`${name} correlation`) : { percent, correlation };
}

type Draft = { -readonly [K in keyof NetemOptions]: NetemOptions[K] };

export function readNetem(words: Words): NetemOptions | Failure {
  const options: Draft = { ...DEFAULT_NETEM };
  let distribution = false;
  for (let word = words.next(); word !== undefined; word = words.next()) {
    const refused = readNetemOption(word, words, options);
    if (refused) return refused;
    if (word === "distribution") distribution = true;
  }
  if (distribution && options.delay === 0) return new Failure(`distribution specified but no latency and jitter values\n${NETEM_USAGE}`, 1);
  if (options.reorder.percent > 0) {
    if (options.delay === 0) return new Failure(`reordering not possible without specifying some delay\n${NETEM_USAGE}`, 1);
    if (options.gap === 0) options.gap = 1;
  } else if (options.gap > 0) return new Failure(`gap specified without reorder probability\n${NETEM_USAGE}`, 1);
  return options;
}

function readNetemOption(word: string, words: Words, options: Draft): Failure | undefined {
  const is = (full: string): boolean => full.startsWith(word);
  if (is("limit")) {
    const limit = parseUnsigned(words.next() ?? "");
    if (limit === undefined) return illegal("limit");
    options.limit = limit;
    return undefined;
  }
  if (is("latency") || is("delay")) return readDelay(words, options);
  if (is("loss") || is("drop")) {
    if (words.peek() === undefined) return incomplete();
    if (words.peek() === "state" || words.peek() === "gemodel")
      return unsupported(`netem loss ${words.peek()}`, "loss [random] PERCENT [CORRELATION]");
    words.take("random");
    const next = words.peek();
    if (next !== undefined && !/^[\d.]/.test(next)) return new Failure(`Unknown loss parameter: ${next}`, 1);
    return assign(options, "loss", readChance(words, "loss percent"));
  }
  if (word === "ecn" || word === "slot")
    return unsupported(`netem ${word}`, "limit delay distribution loss duplicate corrupt reorder gap rate seed");
  if (word === "seed") {
    const text = words.next() ?? "";
    if (!/^\d{1,20}$/.test(text) || BigInt(text) >> 64n !== 0n) return illegal("seed");
    options.seed = BigInt(text);
    return undefined;
  }
  if (is("reorder")) return assign(options, "reorder", readChance(words, "reorder"));
  if (is("corrupt")) return assign(options, "corrupt", readChance(words, "corrupt"));
  if (is("gap")) {
    const gap = parseUnsigned(words.next() ?? "");
    if (gap === undefined) return illegal("gap");
    options.gap = gap;
    return undefined;
  }
  if (is("duplicate")) return assign(options, "duplicate", readChance(words, "duplicate"));
  if (is("distribution")) {
    const name = words.next();
    if (name === undefined) return incomplete();
    if (!["uniform", "normal", "pareto", "paretonormal"].includes(name)) {
      return new Failure(`No distribution data for ${name} (/usr/lib/x86_64-linux-gnu/tc//${name}.dist: No such file or directory)`, 1);
    }
    options.distribution = name as Distribution;
    return undefined;
  }
  if (is("rate")) {
    const rate = parseRate(words.next() ?? "");
    if (rate === undefined) return illegal("rate");
    options.rate = rate;
    if (continues(words)) return unsupported("netem rate with overheads", "rate RATE");
    return undefined;
  }
  return word === "help" ? new Failure(NETEM_USAGE, 1) : new Failure(`What is "${word}"?\n${NETEM_USAGE}`, 1);
}

function assign(options: Draft, key: "loss" | "reorder" | "corrupt" | "duplicate", chance: Chance | Failure): Failure | undefined {
  if (chance instanceof Failure) return chance;
  options[key] = chance;
  return undefined;
}

function readDelay(words: Words, options: Draft): Failure | undefined {
  const text = words.next();
  if (text === undefined) return incomplete();
  const delay = parseTime(text);
  if (delay === undefined) return illegal("latency");
  options.delay = delay;
  options.jitter = 0;
  options.delayCorrelation = 0;
  if (!continues(words)) return undefined;
  const jitter = parseTime(words.next() as string);
  if (jitter === undefined) return illegal("latency");
  options.jitter = jitter;
  if (!continues(words)) return undefined;
  const correlation = parsePercent(words.next() as string);
  if (correlation === undefined) return illegal("latency");
  options.delayCorrelation = correlation;
  return undefined;
}

export function readTbf(words: Words): TbfOptions | Failure {
  let rate: number | undefined;
  let burst: number | undefined;
  let limit: number | undefined;
  let latency: number | undefined;
  for (let word = words.next(); word !== undefined; word = words.next()) {
    const wrong = (value: string): Failure => new Failure(`tbf: illegal value for "${word}": "${value}"`, 1);
    if (word === "help") return new Failure(TBF_USAGE, 1);
    if (!["rate", "burst", "buffer", "maxburst", "limit", "latency", "mtu", "minburst", "peakrate", "overhead"].includes(word)) {
      return new Failure(`tbf: unknown parameter "${word}"\n${TBF_USAGE}`, 1);
    }
    const value = words.next();
    if (value === undefined) return incomplete();
    switch (word) {
      case "rate":
        rate = parseRate(value);
        if (!rate) return wrong(value);
        break;
      case "burst":
      case "buffer":
      case "maxburst":
        burst = parseSize(value);
        if (!burst) return wrong(value);
        break;
      case "limit":
        limit = parseSize(value);
        if (limit === undefined) return wrong(value);
        break;
      case "latency":
        latency = parseTime(value);
        if (latency === undefined) return wrong(value);
        break;
      default:
        return unsupported(`tbf ${word}`, "rate burst limit latency");
    }
  }
  const missing = [
    ...(rate === undefined ? ['tbf: the "rate" parameter is mandatory.'] : []),
    ...(burst === undefined ? ['tbf: the "burst" parameter is mandatory.'] : []),
    ...(limit === undefined && latency === undefined ? ['tbf: either "limit" or "latency" is required.'] : []),
  ];
  if (rate === undefined || burst === undefined || missing.length > 0) return new Failure(`${missing.join("\n")}\n${TBF_USAGE}`, 1);
  if (limit !== undefined && latency !== undefined) {
    return new Failure(`tbf: only one of limit/latency can be specified.\n${TBF_USAGE}`, 1);
  }
  return { rate, burst, limit: limit ?? Math.floor((rate * (latency as number)) / 1e6) + burst };
}
