/** The column arithmetic of `ss` (iproute2 misc/ss.c, render()): as narrow as the content, or spread over the terminal. */

export interface Column {
  readonly header: string;
  readonly align: "left" | "right";
  /** What stands before the field unless it begins the line. */
  readonly delimiter: string;
}

/**
 * Lays rows out under the columns' headers. `screen` is the terminal's width, undefined when output is no terminal: columns
 * then take what they need. The last column is not padded.
 */
export function renderTable(
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
  header: boolean,
  screen: number | undefined,
): string {
  const lines = header ? [columns.map((column) => column.header), ...rows] : rows;
  const widths = columns.map((column, i) => {
    const longest = Math.max(0, ...lines.map((line) => (line[i] ?? "").length));
    return i > 0 && longest > 0 ? longest + column.delimiter.length : longest;
  });
  if (screen !== undefined) spread(widths, screen);
  return lines
    .map((line) => {
      let text = "";
      columns.forEach((column, i) => {
        const field = line[i] ?? "";
        let printed = i > 0 ? column.delimiter : "";
        const room = (widths[i] as number) - field.length - printed.length;
        if (column.align === "right" && room > 0) printed += " ".repeat(room);
        printed += field;
        if (column.align === "left" && i < columns.length - 1) printed = printed.padEnd(widths[i] as number);
        text += printed;
      });
      return `${text}\n`;
    })
    .join("");
}

/** Hands what is left of the screen to the columns, line by line when they do not fit on one (render_calc_width). */
function spread(widths: number[], screen: number): void {
  let first = 0;
  let length = 0;
  for (let i = 0; i < widths.length; i++) {
    length += widths[i] as number;
    const last = i === widths.length - 1;
    if (!last && length < screen) continue;
    if (length === screen) {
      first = i + 1;
      length = 0;
      continue;
    }
    if (length > screen && i > first) {
      length -= widths[i] as number;
      i--;
    }
    const count = i - first + 1;
    const spare = Math.max(0, screen - length);
    let rest = spare % count;
    for (let j = i; j >= first; j--) {
      widths[j] = (widths[j] as number) + Math.floor(spare / count) + (rest-- > 0 ? 1 : 0);
    }
    first = i + 1;
    length = 0;
  }
}
