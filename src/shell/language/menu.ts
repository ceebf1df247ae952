/** The words of `select` as bash lists them (print_select_list of execute_cmd.c). */

const TAB = 8;

/** Moves from one column to another with tabs and blanks. */
function indent(from: number, to: number): string {
  let text = "";
  for (let at = from; at < to; ) {
    const byTab = Math.floor(to / TAB) > Math.floor(at / TAB);
    text += byTab ? "\t" : " ";
    at += byTab ? TAB - (at % TAB) : 1;
  }
  return text;
}

/** Columns that are read downwards, each word behind its number. */
export function menuOf(words: readonly string[], columns: number): string {
  const digits = (number: number): number => String(number).length;
  const widest = Math.max(...words.map((word) => word.length)) + digits(words.length) + 4;
  const across = Math.max(1, Math.floor(columns / widest));
  let rows = Math.ceil(words.length / across);
  if (rows === 1) rows = Math.ceil(words.length / rows);
  let text = "";
  for (let row = 0; row < rows; row++) {
    for (let i = row, at = 0; i < words.length; i += rows, at += widest) {
      const number = String(i + 1).padStart(digits(at === 0 ? rows : words.length));
      const cell = `${number}) ${words[i]}`;
      text += cell;
      if (i + rows < words.length) text += indent(at + cell.length, at + widest);
    }
    text += "\n";
  }
  return text;
}
