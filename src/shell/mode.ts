/** Permission bits: as ls shows them, and as chmod, mkdir, install and umask take them. */
import type { FileStatus } from "../kernel/vfs.ts";

const LETTERS: Readonly<Record<FileStatus["kind"], string>> = { file: "-", directory: "d", link: "l", device: "c" };
const CLASSES: Readonly<Record<string, number>> = { u: 6, g: 3, o: 0 };
/** Set-user-ID, set-group-ID and sticky bit by the place of their class, with the letters that show them with and without x. */
const SPECIAL: Readonly<Record<number, readonly [number, string, string]>> = {
  6: [0o4000, "s", "S"],
  3: [0o2000, "s", "S"],
  0: [0o1000, "t", "T"],
};

/** "drwxr-xr-x" */
export function modeText({ kind, mode }: Pick<FileStatus, "kind" | "mode">): string {
  let text = LETTERS[kind];
  for (const shift of [6, 3, 0]) {
    const bits = mode >> shift;
    const [special, withX, without] = SPECIAL[shift] as readonly [number, string, string];
    const last = mode & special ? (bits & 1 ? withX : without) : bits & 1 ? "x" : "-";
    text += `${bits & 4 ? "r" : "-"}${bits & 2 ? "w" : "-"}${last}`;
  }
  return text;
}

/** "u=rwx,g=rx,o=rx": what a umask leaves. */
export const symbolicMask = (umask: number): string =>
  Object.entries(CLASSES)
    .map(([letter, shift]) => `${letter}=${["r", "w", "x"].filter((_, i) => ((umask >> shift) & (4 >> i)) === 0).join("")}`)
    .join(",");

/**
 * A mode given as "644", "u+x,go-w", "a=r" or "g=u"; undefined when it is none. Where nobody is named the umask's bits stay as
 * they are (mode_adjust() of gnulib's modechange.c).
 */
export function changedMode(word: string, old: number, umask: number): number | undefined {
  if (/^[0-7]+$/.test(word)) {
    const mode = Number.parseInt(word, 8);
    return mode <= 0o7777 ? mode : undefined;
  }
  let mode = old;
  for (const clause of word.split(",")) {
    const match = /^([ugoa]*)((?:[-+=](?:[rwxXst]*|[ugo]))+)$/.exec(clause);
    if (!match) return undefined;
    const [, who = "", actions = ""] = match;
    const shifts = who === "" || who.includes("a") ? [6, 3, 0] : [...new Set(who)].map((letter) => CLASSES[letter] as number);
    for (const [, sign, letters = ""] of actions.matchAll(/([-+=])([rwxXstugo]*)/g)) {
      const before = mode;
      let [set, whole] = [0, 0];
      for (const shift of shifts) {
        set |= bitsOf(letters, shift, before) & (who === "" ? ~(umask & (7 << shift)) : ~0);
        whole |= (7 << shift) | (SPECIAL[shift]?.[0] ?? 0);
      }
      if (sign === "+") mode |= set;
      else if (sign === "-") mode &= ~set;
      else mode = (mode & ~whole) | set;
    }
  }
  return mode;
}

/** The bits that letters stand for in one class; u, g and o copy those of a class. */
function bitsOf(letters: string, shift: number, old: number): number {
  let bits = 0;
  for (const letter of letters) {
    if (letter in CLASSES) bits |= ((old >> (CLASSES[letter] as number)) & 7) << shift;
    else if (letter === "s") bits |= shift === 0 ? 0 : (SPECIAL[shift]?.[0] ?? 0);
    else if (letter === "t") bits |= shift === 0 ? 0o1000 : 0;
    else bits |= ({ r: 4, w: 2, x: 1, X: old & 0o111 ? 1 : 0 }[letter] as number) << shift;
  }
  return bits;
}
