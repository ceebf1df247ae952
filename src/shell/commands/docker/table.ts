/** Lists as docker prints them: columns, `table` templates, templates a line, JSON (docker/cli, cli/command/formatter). */
import type { Process } from "../../command.ts";
import { Method, readTemplate, renderText, toJson, type Value } from "./template/execute.ts";
import { TemplateError } from "./template/lexer.ts";
import { escapeHtml } from "./template/values.ts";

/** A row by its fields' names, and what heads each field's column. */
export interface Listing {
  /** "*network.networkContext": the Go type that errors name. */
  readonly type: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly columns: readonly string[];
  readonly rows: readonly { readonly [field: string]: Value }[];
  /** The field that -q prints. */
  readonly quiet: string;
  /** The lines of `--format raw`: how each field is called there, and its name. */
  readonly raw?: readonly (readonly [name: string, field: string])[];
}

const PADDING = 3;
const MIN_WIDTH = 10;

/** text/tabwriter with a minimum cell width of 10 and a padding of 3, as docker's lists use it. */
export function tabulate(lines: readonly string[], minimum = MIN_WIDTH, padding = PADDING): string {
  const cells = lines.map((line) => line.split("\t"));
  const widths: number[] = [];
  for (const row of cells)
    for (const [i, cell] of row.slice(0, -1).entries()) widths[i] = Math.max(widths[i] ?? minimum, [...cell].length + padding);
  return cells
    .map(
      (row) => `${row.map((cell, i) => (i < row.length - 1 ? cell + " ".repeat((widths[i] ?? 0) - [...cell].length) : cell)).join("")}\n`,
    )
    .join("");
}

const byName = ([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number => (a < b ? -1 : 1);

/** A row's fields by name, as the formatter marshals them. */
const marshal = (row: { readonly [field: string]: Value }): Value =>
  Object.fromEntries(Object.entries(row).sort(byName)) as { [field: string]: Value };

/** Prints a listing; a template that cannot be read or carried out is told, with status 1. */
export function printListing(process: Process, listing: Listing, format: string | undefined, quiet: boolean): number {
  const { rows, headers, columns } = listing;
  const asTable = format === undefined || format === "" || format === "table" || /^table\s/.test(format);
  if (quiet && (format === undefined || format === "" || format === "table")) {
    process.stdout.write(rows.map((row) => `${String(row[listing.quiet] ?? "")}\n`).join(""));
    return 0;
  }
  if (format === "raw" && listing.raw) {
    const lines = quiet ? listing.raw.filter(([, field]) => field === listing.quiet) : listing.raw;
    const block = (row: { readonly [field: string]: Value }): string =>
      lines.map(([name, field]) => `${name}: ${String(row[field] ?? "")}`.trimEnd()).join("\n");
    process.stdout.write(rows.map((row) => `${block(row)}${quiet ? "\n" : "\n\n"}`).join(""));
    return 0;
  }
  if (format === "json") {
    process.stdout.write(rows.map((row) => `${escapeHtml(toJson(marshal(row)))}\n`).join(""));
    return 0;
  }
  const source =
    format === undefined || format === "" || format === "table"
      ? columns.map((column) => `{{.${column}}}`).join("\t")
      : format.replace(/^table\s+/, "");
  const template = readTemplate(source.replaceAll("\\t", "\t").replaceAll("\\n", "\n"));
  if (template instanceof TemplateError) {
    process.stderr.write(`template parsing error: ${template.message}\n`);
    return 1;
  }
  const lines: string[] = [];
  const render = (row: { readonly [field: string]: Value }): boolean => {
    const line = renderText(template, marshal(row), listing.type);
    if (line instanceof TemplateError) {
      process.stderr.write(`template parsing error: ${line.message}\n`);
      return false;
    }
    lines.push(line);
    return true;
  };
  const labelled = Object.values(rows[0] ?? {}).some((value) => value instanceof Method);
  const head = { ...headers, ...(labelled || rows.length === 0 ? { Label: new Method((key) => key) } : {}) };
  for (const row of rows) if (!render(row)) return 1;
  if (asTable) {
    render(head);
    lines.unshift(lines.pop() as string);
  }
  process.stdout.write(asTable ? tabulate(lines) : lines.map((line) => `${line}\n`).join(""));
  return 0;
}

/** "a=b,c=" as lists show labels. */
export const labelsText = (labels: Readonly<Record<string, string>>): string =>
  Object.entries(labels)
    .map(([key, value]) => `${key}=${value}`)
    .sort()
    .join(",");

/** `{{.Label "key"}}` of a row. */
export const labelMethod = (labels: Readonly<Record<string, string>>): Method =>
  new Method((key) => (Object.hasOwn(labels, key) ? (labels[key] as string) : ""));
