/** diff -y: two texts beside each other (diffutils' side.c). */
import type { Change } from "./script.ts";

const TAB = 8;
const GUTTER = 3;

/** Moves from one column to another with tabs and blanks. */
function tabFromTo(from: number, to: number): string {
  let text = "";
  let at = from;
  for (let tab = at + TAB - (at % TAB); tab <= to; tab += TAB) {
    text += "\t";
    at = tab;
  }
  return text + " ".repeat(Math.max(0, to - at));
}

/** What fits of a line into a column, and how wide it is. */
function half(line: string, width: number): { readonly text: string; readonly columns: number } {
  let columns = 0;
  let text = "";
  for (const char of line) {
    const next = char === "\t" ? columns + TAB - (columns % TAB) : columns + 1;
    if (next > width) break;
    text += char === "\t" ? " ".repeat(next - columns) : char;
    columns = next;
  }
  return { text, columns };
}

/** All lines of both in two columns: | where they differ, < and > where one has none. */
export function sideBySide(one: readonly string[], two: readonly string[], changes: readonly Change[], width: number): string {
  const offset = Math.floor((width + TAB + GUTTER) / (2 * TAB)) * TAB;
  const halfWidth = Math.max(0, Math.min(offset - GUTTER, width - offset));
  const second = halfWidth > 0 ? offset : width;
  let text = "";
  const row = (left: string | undefined, sign: string, right: string | undefined): void => {
    const { text: shown, columns } = half(left ?? "", halfWidth);
    text += shown;
    let at = columns;
    if (sign !== " ") {
      const gutter = Math.floor((halfWidth + second - 1) / 2);
      text += tabFromTo(at, gutter) + sign;
      at = Math.max(at, gutter) + 1;
    }
    if (right !== undefined && right !== "") text += tabFromTo(at, second) + half(right, halfWidth).text;
    text += "\n";
  };
  let [a, b] = [0, 0];
  for (const change of [...changes, { a: one.length, aEnd: one.length, b: two.length, bEnd: two.length }]) {
    for (; a < change.a; a++, b++) row(one[a], " ", two[b]);
    const pairs = Math.min(change.aEnd - change.a, change.bEnd - change.b);
    for (let i = 0; i < pairs; i++) row(one[a + i], "|", two[b + i]);
    for (let i = change.a + pairs; i < change.aEnd; i++) row(one[i], "<", undefined);
    for (let i = change.b + pairs; i < change.bEnd; i++) row(undefined, ">", two[i]);
    [a, b] = [change.aEnd, change.bEnd];
  }
  return text;
}
