/** What turns one list of lines into another: the shortest edit script (Myers 1986), as diff prints it. */

/** A run of lines that differ: from `a` to `aEnd` in the first list, from `b` to `bEnd` in the second, ends excluded. */
export interface Change {
  readonly a: number;
  readonly aEnd: number;
  readonly b: number;
  readonly bEnd: number;
}

/** Edits beyond which two texts count as different throughout: the search takes their square. */
const MAX_EDITS = 1500;

/** The changes in order. */
export function changesBetween(first: readonly string[], second: readonly string[]): readonly Change[] {
  let head = 0;
  while (head < first.length && head < second.length && first[head] === second[head]) head++;
  let tail = 0;
  while (tail < first.length - head && tail < second.length - head && first.at(-1 - tail) === second.at(-1 - tail)) tail++;
  const a = first.slice(head, first.length - tail);
  const b = second.slice(head, second.length - tail);
  const [gone, come] = edited(a, b);
  const removed = slid(first, spread(gone, head, first.length));
  const added = slid(second, spread(come, head, second.length));
  return runs(removed, added);
}

const spread = (marks: readonly boolean[], head: number, length: number): boolean[] => {
  const all = new Array<boolean>(length).fill(false);
  for (const [i, mark] of marks.entries()) all[head + i] = mark;
  return all;
};

/** Which lines of each are not in the longest common sequence. */
function edited(a: readonly string[], b: readonly string[]): readonly [boolean[], boolean[]] {
  const gone = new Array<boolean>(a.length).fill(true);
  const come = new Array<boolean>(b.length).fill(true);
  const most = Math.min(a.length + b.length, MAX_EDITS);
  let furthest = new Map<number, number>([[1, 0]]);
  const trail: Map<number, number>[] = [];
  for (let edits = 0; edits <= most; edits++) {
    trail.push(furthest);
    const next = new Map<number, number>();
    for (let diagonal = -edits; diagonal <= edits; diagonal += 2) {
      let x = came(furthest, diagonal, edits);
      while (x < a.length && x - diagonal < b.length && a[x] === b[x - diagonal]) x++;
      next.set(diagonal, x);
      if (x < a.length || x - diagonal < b.length) continue;
      walkBack(trail, edits, a.length, b.length, (i, j) => {
        gone[i] = false;
        come[j] = false;
      });
      return [gone, come];
    }
    furthest = next;
  }
  return [gone, come];
}

/** Where a path of `edits` edits enters a diagonal: from above with an added line, or from the left with a removed one. */
function came(furthest: ReadonlyMap<number, number>, diagonal: number, edits: number): number {
  const above = furthest.get(diagonal + 1) ?? -1;
  const left = furthest.get(diagonal - 1) ?? -1;
  return diagonal === -edits || (diagonal !== edits && left < above) ? above : left + 1;
}

function walkBack(
  trail: readonly ReadonlyMap<number, number>[],
  edits: number,
  x: number,
  y: number,
  kept: (x: number, y: number) => void,
): void {
  let [i, j] = [x, y];
  for (let left = edits; left >= 0; left--) {
    const furthest = trail[left] as ReadonlyMap<number, number>;
    const diagonal = i - j;
    const start = came(furthest, diagonal, left);
    while (i > start && j > start - diagonal) kept(--i, --j);
    if (left === 0) return;
    const down =
      start === (furthest.get(diagonal + 1) ?? -1) &&
      (diagonal === -left || (diagonal !== left && (furthest.get(diagonal - 1) ?? -1) < start));
    i = down ? start : start - 1;
    j = i - (down ? diagonal + 1 : diagonal - 1);
  }
}

/** A run that could as well stand further down stands there, as GNU diff puts it (analyze.c, shift_boundaries). */
function slid(lines: readonly string[], marks: boolean[]): boolean[] {
  for (let i = 0; i < lines.length; ) {
    if (!marks[i]) {
      i++;
      continue;
    }
    let start = i;
    let end = i;
    while (end < lines.length && marks[end]) end++;
    while (end < lines.length && lines[start] === lines[end]) {
      marks[start++] = false;
      marks[end++] = true;
      while (end < lines.length && marks[end]) end++;
    }
    i = end;
  }
  return marks;
}

function runs(removed: readonly boolean[], added: readonly boolean[]): readonly Change[] {
  const changes: Change[] = [];
  let [a, b] = [0, 0];
  while (a < removed.length || b < added.length) {
    const [fromA, fromB] = [a, b];
    while (removed[a]) a++;
    while (added[b]) b++;
    if (a > fromA || b > fromB) changes.push({ a: fromA, aEnd: a, b: fromB, bEnd: b });
    else {
      a++;
      b++;
    }
  }
  return changes;
}

/** Changes that stand so near to each other that they share their lines around. */
export interface Hunk {
  readonly changes: readonly Change[];
  /** The changes and the lines around them, in both lists. */
  readonly span: Change;
}

/** Hunks in order, with at most `context` lines before and behind; `length` is the first list's. */
export function hunksOf(changes: readonly Change[], context: number, length: number): readonly Hunk[] {
  const groups: Change[][] = [];
  for (const change of changes) {
    const last = groups.at(-1);
    const before = last?.at(-1);
    if (last && before && change.a - before.aEnd <= 2 * context) last.push(change);
    else groups.push([change]);
  }
  return groups.map((group) => {
    const [first, last] = [group[0] as Change, group.at(-1) as Change];
    const before = Math.min(context, first.a);
    const after = Math.min(context, length - last.aEnd);
    return { changes: group, span: { a: first.a - before, aEnd: last.aEnd + after, b: first.b - before, bEnd: last.bEnd + after } };
  });
}
