/** Lists as docker prints them: columns, `table` templates, templates a line, JSON (docker/cli, cli/command/formatter). */
import { renderText, toJson, type Value } from "./template/execute.ts";
import { TemplateError } from "./template/lexer.ts";

/** A row by its fields' names, and what heads each field's column. */
export interface Listing {
  readonly headers: Readonly<Record<string, string>>;
  readonly columns: readonly string[];
  readonly rows: readonly { readonly [field: string]: Value }[];
  /** The field that -q prints. */
  readonly quiet: string;
}

const PADDING = 3;

/** text/tabwriter with a minimum cell width of 10 and a padding of 3, as docker's lists use it. */
export function tabulate(lines: readonly string[]): string {
  const cells = lines.map((line) => line.split("\t"));
  const widths: number[] = [];
  for (const row of cells)
    for (const [i, cell] of row.slice(0, -1).entries()) widths[i] = Math.max(widths[i] ?? 10, [...cell].length + PADDING);
  return cells
    .map(
      (row) => `${row.map((cell, i) => (i < row.length - 1 ? cell + " ".repeat((widths[i] ?? 0) - [...cell].length) : cell)).join("")}\n`,
    )
    .join("");
}

/** The text of a listing; the TemplateError of a format that cannot be read. */
export function printListing(listing: Listing, format: string | undefined, quiet: boolean): string | TemplateError {
  const { rows, headers, columns } = listing;
  if (quiet && format === undefined) return rows.map((row) => `${String(row[listing.quiet] ?? "")}\n`).join("");
  if (format === "json")
    return rows.map((row) => `${toJson(Object.fromEntries(Object.entries(row).sort(([a], [b]) => (a < b ? -1 : 1))))}\n`).join("");
  const asTable = format === undefined || format === "table" || format.startsWith("table ");
  let template =
    format === undefined || format === "table" ? columns.map((column) => `{{.${column}}}`).join("\t") : format.replace(/^table\s*/, "");
  template = template.replaceAll("\\t", "\t").replaceAll("\\n", "\n");
  const lines: string[] = [];
  if (asTable) {
    const head = renderText(template, headers, false);
    if (head instanceof TemplateError) return head;
    lines.push(head);
  }
  for (const row of rows) {
    const line = renderText(template, row, false);
    if (line instanceof TemplateError) return line;
    lines.push(line);
  }
  return asTable ? tabulate(lines) : lines.map((line) => `${line}\n`).join("");
}
