/** DNS records and headers as BIND's tools print them (lib/dns/masterdump.c, bin/dig). */
import type { DnsMessage, DnsRecord, DnsType } from "../../../../kernel/wire/packet.ts";

/** The types that may be asked for, by name. */
export const DNS_TYPES: readonly DnsType[] = ["A", "AAAA", "PTR", "MX", "TXT", "NS", "SOA", "CNAME", "SRV", "HTTPS", "ANY"];

export const parseType = (text: string): DnsType | undefined => DNS_TYPES.find((type) => type === text.toUpperCase());

const TAB = 8;

/** Columns at which TTL, class, type and data start. */
export interface RecordStyle {
  readonly ttl: number;
  readonly class: number;
  readonly type: number;
  readonly data: number;
}

export const PLAIN: RecordStyle = { ttl: 24, class: 32, type: 40, data: 48 };
export const MULTILINE: RecordStyle = { ttl: 24, class: 24, type: 24, data: 32 };

/** Fills up to a column with tabs, at least one blank (indent() of masterdump.c). */
function pad(text: string, from: number, column: number): { readonly text: string; readonly at: number } {
  const to = Math.max(column, from + 1);
  const tabs = Math.floor(to / TAB) - Math.floor(from / TAB);
  const blanks = tabs > 0 ? to % TAB : to - from;
  return { text: text + "\t".repeat(tabs) + " ".repeat(blanks), at: to };
}

function columns(first: string, rest: readonly (readonly [column: number, text: string])[]): string {
  let line = first;
  let at = first.length;
  for (const [column, text] of rest) {
    const padded = pad(line, at, column);
    line = padded.text + text;
    at = padded.at + text.length;
  }
  return line;
}

const formatRecord = (record: DnsRecord, style = PLAIN): string =>
  columns(record.name, [
    [style.ttl, String(record.ttl)],
    [style.class, "IN"],
    [style.type, record.type],
    [style.data, record.data],
  ]);

/** The question as a comment line; its semicolon takes no column. */
const formatQuestion = (message: DnsMessage, style = PLAIN): string =>
  `;${columns(message.question.name, [
    [style.class, "IN"],
    [style.type, message.question.type],
  ])}`;

export function formatHeader(message: DnsMessage): string {
  const flags = [
    message.response && "qr",
    message.authoritative && "aa",
    message.truncated && "tc",
    message.recursionDesired && "rd",
    message.recursionAvailable && "ra",
  ].filter(Boolean);
  const additional = message.additional.length + (message.edns === undefined ? 0 : 1);
  return (
    `;; ->>HEADER<<- opcode: QUERY, status: ${message.status}, id: ${message.id}\n` +
    `;; flags: ${flags.join(" ")}; QUERY: 1, ANSWER: ${message.answers.length}, AUTHORITY: ${message.authority.length}, ADDITIONAL: ${additional}\n`
  );
}

/** The sections of a message, with or without their headings. */
export function formatSections(
  message: DnsMessage,
  show: {
    readonly question: boolean;
    readonly answer: boolean;
    readonly authority: boolean;
    readonly additional: boolean;
    readonly comments: boolean;
  },
  style = PLAIN,
): string {
  let text = "";
  const section = (name: string, lines: readonly string[]): void => {
    if (lines.length === 0) return;
    text += show.comments ? `;; ${name} SECTION:\n${lines.join("\n")}\n\n` : `${lines.join("\n")}\n`;
  };
  const records = (list: readonly DnsRecord[]): readonly string[] => list.map((record) => formatRecord(record, style));
  if (show.question) section("QUESTION", [formatQuestion(message, style)]);
  if (show.answer) section("ANSWER", records(message.answers));
  if (show.authority) section("AUTHORITY", records(message.authority));
  if (show.additional) section("ADDITIONAL", records(message.additional));
  return text;
}
