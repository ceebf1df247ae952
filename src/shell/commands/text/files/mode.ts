/** Permission bits: as ls shows them, and as chmod takes them. */
import type { FileStatus } from "../../../../kernel/vfs.ts";

const LETTERS: Readonly<Record<FileStatus["kind"], string>> = { file: "-", directory: "d", link: "l", device: "c" };

/** "drwxr-xr-x" */
export function modeText({ kind, mode }: Pick<FileStatus, "kind" | "mode">): string {
  const bits = ["r", "w", "x"];
  let text = LETTERS[kind];
  for (const shift of [6, 3, 0]) for (const [i, letter] of bits.entries()) text += (mode >> shift) & (4 >> i) ? letter : "-";
  return text;
}

/** A mode given as "644", "u+x,go-w" or "a=r"; undefined when it is none. */
export function changedMode(word: string, old: number, umask: number): number | undefined {
  if (/^[0-7]{1,4}$/.test(word)) return Number.parseInt(word, 8) & 0o777;
  let mode = old;
  for (const clause of word.split(",")) {
    const match = /^([ugoa]*)((?:[-+=][rwxX]*)+)$/.exec(clause);
    if (!match) return undefined;
    const [, who = "", actions = ""] = match;
    const classes = who === "" || who.includes("a") ? [6, 3, 0] : [...who].map((letter) => ({ u: 6, g: 3, o: 0 })[letter] as number);
    for (const [, sign, letters = ""] of actions.matchAll(/([-+=])([rwxX]*)/g)) {
      let bits = 0;
      for (const letter of letters) bits |= { r: 4, w: 2, x: 1, X: old & 0o111 ? 1 : 0 }[letter] as number;
      for (const shift of classes) {
        const allowed = who === "" ? bits & ~((umask >> shift) & 7) : bits;
        if (sign === "+") mode |= allowed << shift;
        else if (sign === "-") mode &= ~(bits << shift);
        else mode = (mode & ~(7 << shift)) | (allowed << shift);
      }
    }
  }
  return mode;
}
