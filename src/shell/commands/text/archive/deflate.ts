/**
 * Deflate (RFC 1951), with what gzip does of it at its level of 6: lazy matches (deflate.c), and of each block whether it is
 * stored, or sent with the fixed codes or ones of its own (trees.c), so that a file is as long as gzip makes it.
 */
import { type Code, codeFor, codesOf } from "./huffman.ts";

const WINDOW = 32768;
const MIN_MATCH = 3;
const MAX_MATCH = 258;
const MAX_DISTANCE = WINDOW - MAX_MATCH - MIN_MATCH - 1;
/** A match of three bytes from further away costs more than it spares. */
const TOO_FAR = 4096;
/** configuration_table[6] of deflate.c. */
const [GOOD_LENGTH, MAX_LAZY, NICE_LENGTH, MAX_CHAIN] = [8, 16, 128, 128];
const MOST_SYMBOLS = 0x8000;
const END = 256;

const LENGTH_EXTRA = [0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 0];
const DISTANCE_EXTRA = [0, 0, 0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6, 7, 7, 8, 8, 9, 9, 10, 10, 11, 11, 12, 12, 13, 13];
/** In which order the lengths of the codes for lengths are sent. */
const LENGTH_ORDER = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15];

const basesOf = (extra: readonly number[], first: number): number[] => {
  let base = first;
  return extra.map((bits) => {
    const now = base;
    base += 1 << bits;
    return now;
  });
};
const LENGTH_BASE = basesOf(LENGTH_EXTRA, MIN_MATCH);
LENGTH_BASE[28] = MAX_MATCH;
const DISTANCE_BASE = basesOf(DISTANCE_EXTRA, 1);

const codeOf = (bases: readonly number[], value: number): number => {
  let code = bases.length - 1;
  while ((bases[code] as number) > value) code--;
  return code;
};
const lengthCode = (length: number): number => (length === MAX_MATCH ? 28 : codeOf(LENGTH_BASE.slice(0, 28), length));

const FIXED_LENGTHS = Array.from({ length: 288 }, (_, i) => (i < 144 ? 8 : i < 256 ? 9 : i < 280 ? 7 : 8));
const fixed = (lengths: readonly number[]): Code => ({ lengths, codes: codesOf(lengths), last: lengths.length - 1 });
const FIXED_LITERALS = fixed(FIXED_LENGTHS);
const FIXED_DISTANCES = fixed(new Array<number>(30).fill(5));

class BitWriter {
  readonly bytes: number[] = [];
  #held = 0;
  #count = 0;

  put(value: number, bits: number): void {
    for (let i = 0; i < bits; i++) {
      this.#held |= ((value >> i) & 1) << this.#count;
      if (++this.#count === 8) this.align();
    }
  }

  align(): void {
    if (this.#count === 0) return;
    this.bytes.push(this.#held);
    this.#held = 0;
    this.#count = 0;
  }

  symbol({ codes, lengths }: Code, symbol: number): void {
    this.put(codes[symbol] as number, lengths[symbol] as number);
  }
}

/** A literal, or a match: its length and how far back. */
type Piece = readonly [number] | readonly [number, number];

interface Block {
  readonly pieces: Piece[];
  readonly from: number;
  to: number;
}

/** deflate(): the text as literals and matches, parted into blocks. */
function blocksOf(bytes: Uint8Array): readonly Block[] {
  const head = new Map<number, number>();
  const before = new Int32Array(bytes.length);
  const insert = (at: number): number => {
    if (at + MIN_MATCH > bytes.length) return 0;
    const key = ((bytes[at] as number) << 16) | ((bytes[at + 1] as number) << 8) | (bytes[at + 2] as number);
    const found = head.get(key) ?? 0;
    before[at] = found;
    head.set(key, at);
    return found;
  };
  const blocks: Block[] = [];
  let block: Block = { pieces: [], from: 0, to: 0 };
  let distances: number[] = [];
  const tally = (piece: Piece, at: number): void => {
    block.pieces.push(piece);
    if (piece.length === 2) distances.push(codeOf(DISTANCE_BASE, piece[1]));
    const count = block.pieces.length;
    let full = count === MOST_SYMBOLS - 1;
    if ((count & 0xfff) === 0) {
      const bits = distances.reduce((sum, code) => sum + 5 + (DISTANCE_EXTRA[code] as number), count * 8);
      full ||= distances.length < count / 2 && bits >> 3 < (at - block.from) / 2;
    }
    if (!full) return;
    block.to = at;
    blocks.push(block);
    block = { pieces: [], from: at, to: at };
    distances = [];
  };
  const longest = (at: number, first: number, atLeast: number): readonly [number, number] => {
    let [best, start] = [atLeast, 0];
    let chain = atLeast >= GOOD_LENGTH ? MAX_CHAIN >> 2 : MAX_CHAIN;
    const limit = Math.max(0, at - MAX_DISTANCE);
    const most = Math.min(MAX_MATCH, bytes.length - at);
    for (let match = first; match > limit && chain > 0; match = before[match] as number, chain--) {
      let length = 0;
      while (length < most && bytes[match + length] === bytes[at + length]) length++;
      if (length <= best) continue;
      [best, start] = [length, match];
      if (length >= Math.min(NICE_LENGTH, most)) break;
    }
    return [best, start];
  };
  let [length, start] = [MIN_MATCH - 1, 0];
  let waiting = false;
  for (let at = 0; at < bytes.length; at++) {
    const first = insert(at);
    const [oldLength, oldStart] = [length, start];
    length = MIN_MATCH - 1;
    if (first > 0 && oldLength < MAX_LAZY && at - first <= MAX_DISTANCE) {
      [length, start] = longest(at, first, oldLength);
      if (length === MIN_MATCH && at - start > TOO_FAR) length = MIN_MATCH - 1;
    }
    if (oldLength >= MIN_MATCH && length <= oldLength) {
      const end = at - 1 + oldLength;
      for (let more = at + 1; more < end; more++) insert(more);
      tally([oldLength, at - 1 - oldStart], end);
      at = end - 1;
      waiting = false;
      length = MIN_MATCH - 1;
    } else {
      if (waiting) tally([bytes[at - 1] as number], at);
      waiting = true;
    }
  }
  if (waiting) tally([bytes[bytes.length - 1] as number], bytes.length);
  block.to = bytes.length;
  return [...blocks, block];
}

/** scan_tree(): lengths of codes with their runs, as symbols of the code for lengths with what follows each. */
function runsOf(lengths: readonly number[]): readonly (readonly [number, number, number])[] {
  const runs: (readonly [number, number, number])[] = [];
  for (let at = 0; at < lengths.length; ) {
    const value = lengths[at] as number;
    let count = 1;
    while (lengths[at + count] === value) count++;
    at += count;
    if (value !== 0) {
      runs.push([value, 0, 0]);
      count--;
    }
    while (count >= 3) {
      const taken = Math.min(count, value !== 0 ? 6 : 138);
      if (value !== 0) runs.push([16, taken - 3, 2]);
      else runs.push(taken <= 10 ? [17, taken - 3, 3] : [18, taken - 11, 7]);
      count -= taken;
    }
    for (; count > 0; count--) runs.push([value, 0, 0]);
  }
  return runs;
}

function sendPieces(out: BitWriter, pieces: readonly Piece[], literals: Code, distances: Code): void {
  for (const piece of pieces) {
    if (piece.length === 1) out.symbol(literals, piece[0]);
    else {
      const [length, distance] = piece;
      const [long, far] = [lengthCode(length), codeOf(DISTANCE_BASE, distance)];
      out.symbol(literals, END + 1 + long);
      out.put(length - (LENGTH_BASE[long] as number), LENGTH_EXTRA[long] as number);
      out.symbol(distances, far);
      out.put(distance - (DISTANCE_BASE[far] as number), DISTANCE_EXTRA[far] as number);
    }
  }
  out.symbol(literals, END);
}

/** flush_block(): the shortest of the three ways. */
function sendBlock(out: BitWriter, bytes: Uint8Array, { pieces, from, to }: Block, final: boolean): void {
  const literalCounts = new Array<number>(286).fill(0);
  const distanceCounts = new Array<number>(30).fill(0);
  const bump = (counts: number[], at: number): void => {
    counts[at] = (counts[at] as number) + 1;
  };
  let extra = 0;
  bump(literalCounts, END);
  for (const piece of pieces) {
    if (piece.length === 1) bump(literalCounts, piece[0]);
    else {
      const [long, far] = [lengthCode(piece[0]), codeOf(DISTANCE_BASE, piece[1])];
      bump(literalCounts, END + 1 + long);
      bump(distanceCounts, far);
      extra += (LENGTH_EXTRA[long] as number) + (DISTANCE_EXTRA[far] as number);
    }
  }
  const [literals, distances] = [codeFor(literalCounts, 15), codeFor(distanceCounts, 15)];
  const cost = (counts: readonly number[], { lengths }: Code): number =>
    counts.reduce((sum, count, symbol) => sum + count * (lengths[symbol] as number), 0);
  const lengths = [literals.lengths.slice(0, literals.last + 1), distances.lengths.slice(0, distances.last + 1)] as const;
  const runs = lengths.flatMap(runsOf);
  const runCounts = new Array<number>(19).fill(0);
  for (const [symbol] of runs) bump(runCounts, symbol);
  const lengthsCode = codeFor(runCounts, 7);
  let sent = 18;
  while (sent >= 3 && lengthsCode.lengths[LENGTH_ORDER[sent] as number] === 0) sent--;
  const own =
    cost(literalCounts, literals) +
    cost(distanceCounts, distances) +
    extra +
    cost(runCounts, lengthsCode) +
    runs.reduce((sum, [, , bits]) => sum + bits, 0) +
    3 * (sent + 1) +
    14;
  const plain = cost(literalCounts, FIXED_LITERALS) + cost(distanceCounts, FIXED_DISTANCES) + extra;
  const inBytes = (bits: number): number => (bits + 10) >> 3;
  const best = Math.min(inBytes(plain), inBytes(own));
  if (to - from + 4 <= best && to - from < 65536) {
    out.put(final ? 1 : 0, 3);
    out.align();
    out.put(to - from, 16);
    out.put(~(to - from) & 0xffff, 16);
    for (let at = from; at < to; at++) out.put(bytes[at] as number, 8);
  } else if (inBytes(plain) === best) {
    out.put((1 << 1) + (final ? 1 : 0), 3);
    sendPieces(out, pieces, FIXED_LITERALS, FIXED_DISTANCES);
  } else {
    out.put((2 << 1) + (final ? 1 : 0), 3);
    out.put(literals.last - 256, 5);
    out.put(distances.last, 5);
    out.put(sent - 3, 4);
    for (let i = 0; i <= sent; i++) out.put(lengthsCode.lengths[LENGTH_ORDER[i] as number] as number, 3);
    for (const [symbol, value, bits] of runs) {
      out.symbol(lengthsCode, symbol);
      out.put(value, bits);
    }
    sendPieces(out, pieces, literals, distances);
  }
}

export function deflate(bytes: Uint8Array): Uint8Array {
  const out = new BitWriter();
  const blocks = blocksOf(bytes);
  for (const [i, block] of blocks.entries()) sendBlock(out, bytes, block, i === blocks.length - 1);
  out.align();
  return Uint8Array.from(out.bytes);
}

/** Symbols by their code with a one before it, longest codes last. */
function decoderOf(lengths: readonly number[]): ReadonlyMap<number, number> {
  const codes = codesOf(lengths);
  const table = new Map<number, number>();
  for (const [symbol, length] of lengths.entries()) if (length > 0) table.set((1 << length) | (codes[symbol] as number), symbol);
  return table;
}

class BitReader {
  readonly #bytes: Uint8Array;
  #bit: number;

  constructor(bytes: Uint8Array, from: number) {
    this.#bytes = bytes;
    this.#bit = from * 8;
  }

  /** Where the next whole byte begins. */
  get at(): number {
    return (this.#bit + 7) >> 3;
  }

  /** undefined behind the end. */
  take(bits: number): number | undefined {
    if (this.#bit + bits > this.#bytes.length * 8) return undefined;
    let value = 0;
    for (let i = 0; i < bits; i++, this.#bit++) value |= (((this.#bytes[this.#bit >> 3] as number) >> (this.#bit & 7)) & 1) << i;
    return value;
  }

  align(): void {
    this.#bit = this.at * 8;
  }

  symbol(table: ReadonlyMap<number, number>): number | undefined {
    let code = 0;
    for (let length = 1; length <= 15; length++) {
      const bit = this.take(1);
      if (bit === undefined) return undefined;
      code |= bit << (length - 1);
      const symbol = table.get((1 << length) | code);
      if (symbol !== undefined) return symbol;
    }
    return undefined;
  }
}

function readCodes(bits: BitReader): readonly [ReadonlyMap<number, number>, ReadonlyMap<number, number>] | undefined {
  const [literals, distances, sent] = [bits.take(5), bits.take(5), bits.take(4)];
  if (literals === undefined || distances === undefined || sent === undefined) return undefined;
  const ofLengths = new Array<number>(19).fill(0);
  for (let i = 0; i < sent + 4; i++) ofLengths[LENGTH_ORDER[i] as number] = bits.take(3) ?? 0;
  const table = decoderOf(ofLengths);
  const lengths: number[] = [];
  const count = literals + 257 + distances + 1;
  while (lengths.length < count) {
    const symbol = bits.symbol(table);
    if (symbol === undefined) return undefined;
    if (symbol < 16) {
      lengths.push(symbol);
      continue;
    }
    const repeat = symbol === 16 ? (bits.take(2) ?? 0) + 3 : symbol === 17 ? (bits.take(3) ?? 0) + 3 : (bits.take(7) ?? 0) + 11;
    const value = symbol === 16 ? (lengths.at(-1) ?? 0) : 0;
    for (let i = 0; i < repeat; i++) lengths.push(value);
  }
  return [decoderOf(lengths.slice(0, literals + 257)), decoderOf(lengths.slice(literals + 257, count))];
}

/** What was deflated from `from` on, and where it ends; undefined for what is broken, cut off or longer than `most`. */
export function inflate(bytes: Uint8Array, from: number, most: number): { readonly bytes: Uint8Array; readonly end: number } | undefined {
  const bits = new BitReader(bytes, from);
  const out: number[] = [];
  for (let final = 0; final === 0; ) {
    const kind = bits.take(3);
    if (kind === undefined || kind >> 1 === 3) return undefined;
    final = kind & 1;
    if (kind >> 1 === 0) {
      bits.align();
      const length = bits.take(16);
      if (length === undefined || bits.take(16) !== (~length & 0xffff)) return undefined;
      for (let i = 0; i < length; i++) {
        const byte = bits.take(8);
        if (byte === undefined) return undefined;
        out.push(byte);
      }
      continue;
    }
    const codes = kind >> 1 === 1 ? ([decoderOf(FIXED_LENGTHS), decoderOf(new Array<number>(30).fill(5))] as const) : readCodes(bits);
    if (!codes) return undefined;
    for (let symbol = bits.symbol(codes[0]); symbol !== END; symbol = bits.symbol(codes[0])) {
      if (symbol === undefined || out.length > most) return undefined;
      if (symbol < END) {
        out.push(symbol);
        continue;
      }
      const long = symbol - END - 1;
      const length = (LENGTH_BASE[long] ?? 0) + (bits.take(LENGTH_EXTRA[long] ?? 0) ?? 0);
      const far = bits.symbol(codes[1]);
      if (far === undefined || far > 29) return undefined;
      const distance = (DISTANCE_BASE[far] as number) + (bits.take(DISTANCE_EXTRA[far] as number) ?? 0);
      if (distance > out.length) return undefined;
      for (let i = 0; i < length; i++) out.push(out[out.length - distance] as number);
    }
  }
  return { bytes: Uint8Array.from(out), end: bits.at };
}
