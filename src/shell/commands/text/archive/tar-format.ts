/** Archives of tar (GNU tar's Format: basic tar): blocks of 512 bytes, a header before each member. */
import type { FileStatus } from "../../../../kernel/vfs.ts";
import { octetsOf } from "../../../../kernel/wire/octets.ts";
import { octetText, textOf } from "../bytes/bytes.ts";

const BLOCK = 512;
/** An archive is padded to so many bytes: 20 blocks. */
const RECORD = 20 * BLOCK;
const MOST_MEMBERS = 20_000;

export interface Member {
  /** As it is kept: a directory's ends with a slash. */
  readonly name: string;
  readonly kind: FileStatus["kind"];
  readonly mode: number;
  /** Seconds since 1970. */
  readonly time: number;
  readonly target: string;
  readonly bytes: Uint8Array;
  /** Of owner and group; numbers where the archive has no names. */
  readonly owner: string;
}

const octal = (value: number, width: number): string => `${value.toString(8).padStart(width - 1, "0")}\0`;
const field = (text: string, width: number): string => octetText(octetsOf(text)).slice(0, width).padEnd(width, "\0");
const padded = (text: string): string => text.padEnd(Math.ceil(text.length / BLOCK) * BLOCK, "\0");
const TYPES: Readonly<Record<FileStatus["kind"], string>> = { file: "0", directory: "5", link: "2", device: "3" };

function header(name: string, type: string, mode: number, size: number, time: number, target: string, owner: string): string {
  const [user = "", group = ""] = owner.split("/");
  const before = `${field(name, 100)}${octal(mode, 8)}${octal(0, 8)}${octal(0, 8)}${octal(size, 12)}${octal(time, 12)}`;
  const after = `${type}${field(target, 100)}ustar  \0${field(user, 32)}${field(group, 32)}`;
  let sum = 8 * 0x20;
  for (const char of before + after) sum += char.charCodeAt(0) & 0xff;
  return padded(`${before}${sum.toString(8).padStart(6, "0")}\0 ${after}`);
}

/** A member with its header; a name too long for that goes before it as a member of its own. */
function blocksOf({ name, kind, mode, time, target, bytes, owner }: Member): string {
  const text = octetText(octetsOf(name));
  const long = text.length > 100 ? header("././@LongLink", "L", 0, text.length + 1, 0, "", "root/root") + padded(`${text}\0`) : "";
  return long + header(name, TYPES[kind], mode, bytes.length, time, target, owner) + padded(octetText(bytes));
}

/** One character for each byte. */
export const writeArchive = (members: readonly Member[]): string => {
  const text = members.map(blocksOf).join("") + "\0".repeat(2 * BLOCK);
  return text.padEnd(Math.ceil(text.length / RECORD) * RECORD, "\0");
};

const plain = (bytes: Uint8Array): string => textOf(bytes.subarray(0, bytes.indexOf(0) < 0 ? bytes.length : bytes.indexOf(0)));
const numberOf = (bytes: Uint8Array): number => Number.parseInt(plain(bytes).trim(), 8) || 0;

function isHeader(block: Uint8Array): boolean {
  let sum = 0;
  for (const [i, byte] of block.entries()) sum += i >= 148 && i < 156 ? 0x20 : byte;
  return block.length === BLOCK && sum === numberOf(block.subarray(148, 156));
}

/** The members, and whether the archive was whole; undefined for what is none. */
export function readArchive(bytes: Uint8Array): { readonly members: readonly Member[]; readonly whole: boolean } | undefined {
  const members: Member[] = [];
  let long: string | undefined;
  for (let at = 0; at < bytes.length; ) {
    const block = bytes.subarray(at, at + BLOCK);
    if (block.every((byte) => byte === 0)) return { members, whole: true };
    if (!isHeader(block)) return members.length === 0 ? undefined : { members, whole: false };
    if (members.length >= MOST_MEMBERS) return { members, whole: false };
    const size = numberOf(block.subarray(124, 136));
    const content = bytes.subarray(at + BLOCK, at + BLOCK + size);
    if (content.length < size) return { members, whole: false };
    at += BLOCK + Math.ceil(size / BLOCK) * BLOCK;
    const type = String.fromCharCode(block[156] as number);
    if (type === "L") {
      long = plain(content);
      continue;
    }
    const prefix = textOf(block.subarray(257, 263)) === "ustar\0" ? plain(block.subarray(345, 500)) : "";
    const name = long ?? `${prefix === "" ? "" : `${prefix}/`}${plain(block.subarray(0, 100))}`;
    long = undefined;
    const kind = type === "5" ? "directory" : type === "2" ? "link" : type === "3" ? "device" : "file";
    if (!"0\u0000235".includes(type)) continue;
    const [user, group] = [plain(block.subarray(265, 297)), plain(block.subarray(297, 329))];
    members.push({
      name,
      kind,
      mode: numberOf(block.subarray(100, 108)) & 0o7777,
      time: numberOf(block.subarray(136, 148)),
      target: plain(block.subarray(157, 257)),
      bytes: content,
      owner: `${user || numberOf(block.subarray(108, 116))}/${group || numberOf(block.subarray(116, 124))}`,
    });
  }
  return { members, whole: bytes.length > 0 };
}
