/** Tar archives (POSIX ustar) as texts: what the daemon's export, import, save and load go by. */
import type { LayerEntry } from "../../../../engine/types.ts";

const BLOCK = 512;
const MAX_ENTRIES = 20_000;

const octal = (value: number, width: number): string => `${value.toString(8).padStart(width - 1, "0")}\0`;
const field = (text: string, width: number): string => text.slice(0, width).padEnd(width, "\0");

function header(path: string, entry: LayerEntry): string {
  const name = entry.kind === "directory" ? `${path}/` : path;
  // A long name is parted at a slash.
  const cut = name.length > 100 ? name.indexOf("/", name.length - 101) : -1;
  const size = entry.kind === "file" ? entry.text.length : 0;
  const type = entry.kind === "directory" ? "5" : entry.kind === "link" ? "2" : "0";
  const before = `${field(cut > 0 ? name.slice(cut + 1) : name, 100)}${octal(entry.kind === "link" ? 0o777 : entry.mode, 8)}${octal(0, 8)}${octal(0, 8)}${octal(size, 12)}${octal(0, 12)}`;
  const after = `${type}${field(entry.kind === "link" ? entry.target : "", 100)}ustar\u000000${field("", 32)}${field("", 32)}${octal(0, 8)}${octal(0, 8)}${field(cut > 0 ? name.slice(0, cut) : "", 155)}`;
  let sum = 8 * 0x20;
  for (const char of before + after) sum += char.charCodeAt(0) & 0xff;
  return `${before}${sum.toString(8).padStart(6, "0")}\0 ${after}`.padEnd(BLOCK, "\0");
}

/** Paths without a slash before them. */
export function writeTar(entries: Iterable<readonly [string, LayerEntry]>): string {
  const parts: string[] = [];
  for (const [path, entry] of entries) {
    parts.push(header(path, entry));
    if (entry.kind === "file") parts.push(entry.text, "\0".repeat((BLOCK - (entry.text.length % BLOCK)) % BLOCK));
  }
  parts.push("\0".repeat(2 * BLOCK));
  return parts.join("");
}

const plain = (text: string): string => text.split("\0")[0] as string;

/** The entries by path without a slash before it; undefined for what is no whole archive. */
export function readTar(text: string): ReadonlyMap<string, LayerEntry> | undefined {
  const entries = new Map<string, LayerEntry>();
  for (let at = 0; at + BLOCK <= text.length; ) {
    const block = text.slice(at, at + BLOCK);
    if (/^\0*$/.test(block)) return entries;
    if (block.slice(257, 262) !== "ustar" || entries.size > MAX_ENTRIES) return undefined;
    const size = Number.parseInt(plain(block.slice(124, 136)), 8);
    const mode = Number.parseInt(plain(block.slice(100, 108)), 8) & 0o7777;
    const prefix = plain(block.slice(345, 500));
    const path = `${prefix === "" ? "" : `${prefix}/`}${plain(block.slice(0, 100))}`.replace(/^(\.?\/)+|\/+$/g, "");
    at += BLOCK;
    if (!(size >= 0) || at + size > text.length) return undefined;
    const type = block[156];
    if (path !== "" && !path.split("/").includes("..")) {
      if (type === "5") entries.set(path, { kind: "directory", mode });
      else if (type === "2") entries.set(path, { kind: "link", target: plain(block.slice(157, 257)) });
      else if (type === "0" || type === "\0") entries.set(path, { kind: "file", text: text.slice(at, at + size), mode });
    }
    at += Math.ceil(size / BLOCK) * BLOCK;
  }
  return undefined;
}
