/** Huffman codes of bounded length as deflate has them: build_tree() and gen_bitlen() of gzip's trees.c. */

export interface Code {
  readonly lengths: readonly number[];
  /** Bits in the order in which they are sent: the first one lowest. */
  readonly codes: readonly number[];
  /** The highest symbol that has a code. */
  readonly last: number;
}

/** RFC 1951 3.2.2: codes that follow from their lengths alone. */
export function codesOf(lengths: readonly number[]): readonly number[] {
  const count = new Array<number>(16).fill(0);
  for (const length of lengths) if (length > 0) count[length] = (count[length] as number) + 1;
  const next = [0];
  for (let bits = 1; bits <= 15; bits++) next[bits] = ((next[bits - 1] as number) + (bits > 1 ? (count[bits - 1] as number) : 0)) << 1;
  return lengths.map((length) => {
    if (length === 0) return 0;
    const code = next[length] as number;
    next[length] = code + 1;
    return reversed(code, length);
  });
}

function reversed(code: number, length: number): number {
  let result = 0;
  for (let bit = 0; bit < length; bit++) result |= ((code >> bit) & 1) << (length - 1 - bit);
  return result;
}

/** The best code for symbols that come so often, none longer than `most`. */
export function codeFor(given: readonly number[], most: number): Code {
  const size = given.length;
  const frequency = [...given];
  const depth = new Array<number>(size).fill(0);
  const parent: number[] = [];
  const heap: number[] = [];
  for (let symbol = 0; symbol < size; symbol++) if ((frequency[symbol] as number) > 0) heap.push(symbol);
  let last = heap.at(-1) ?? -1;
  // Two codes at least, so that the decoder has something to tell apart.
  while (heap.length < 2) {
    const symbol = last < 2 ? ++last : 0;
    frequency[symbol] = 1;
    heap.push(symbol);
  }
  const smaller = (a: number, b: number): boolean => {
    const [left, right] = [frequency[a] as number, frequency[b] as number];
    return left < right || (left === right && (depth[a] as number) <= (depth[b] as number));
  };
  const sift = (from: number): void => {
    const moved = heap[from] as number;
    let at = from;
    for (let child = 2 * at + 1; child < heap.length; child = 2 * at + 1) {
      if (child + 1 < heap.length && smaller(heap[child + 1] as number, heap[child] as number)) child++;
      if (smaller(moved, heap[child] as number)) break;
      heap[at] = heap[child] as number;
      at = child;
    }
    heap[at] = moved;
  };
  for (let at = (heap.length >> 1) - 1; at >= 0; at--) sift(at);
  const merged: number[] = [];
  for (let node = size; ; node++) {
    const first = heap[0] as number;
    const end = heap.pop() as number;
    if (heap.length > 0) {
      heap[0] = end;
      sift(0);
    }
    const second = heap[0] as number;
    merged.push(first, second);
    frequency[node] = (frequency[first] as number) + (frequency[second] as number);
    depth[node] = Math.max(depth[first] as number, depth[second] as number) + 1;
    parent[first] = node;
    parent[second] = node;
    heap[0] = node;
    sift(0);
    if (heap.length < 2) break;
  }
  const lengths = boundedLengths(merged, heap[0] as number, parent, size, most);
  return { lengths, codes: codesOf(lengths), last };
}

/** The lengths that the tree gives, those beyond `most` made up for by others. */
function boundedLengths(merged: readonly number[], root: number, parent: readonly number[], size: number, most: number): readonly number[] {
  const length: number[] = [];
  length[root] = 0;
  const count = new Array<number>(most + 2).fill(0);
  let overflow = 0;
  const order = [...merged].reverse();
  for (const node of order) {
    let bits = (length[parent[node] as number] as number) + 1;
    if (bits > most) {
      bits = most;
      overflow++;
    }
    length[node] = bits;
    if (node < size) count[bits] = (count[bits] as number) + 1;
  }
  if (overflow > 0) {
    for (; overflow > 0; overflow -= 2) {
      let bits = most - 1;
      while (count[bits] === 0) bits--;
      count[bits] = (count[bits] as number) - 1;
      count[bits + 1] = (count[bits + 1] as number) + 2;
      count[most] = (count[most] as number) - 1;
    }
    const leaves = merged.filter((node) => node < size);
    let at = 0;
    for (let bits = most; bits > 0; bits--) for (let left = count[bits] as number; left > 0; left--) length[leaves[at++] as number] = bits;
  }
  return Array.from({ length: size }, (_, symbol) => length[symbol] ?? 0);
}
