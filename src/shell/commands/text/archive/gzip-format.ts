/** The gzip format (RFC 1952): a header, what was deflated, a check sum and the length. */
import { octetText } from "../bytes/bytes.ts";
import { deflate, inflate } from "./deflate.ts";

/** A file may grow to so many bytes: nothing packed may fill the memory of whoever opens a page. */
const MOST_BYTES = 2_000_000;
const NAME_FLAG = 8;

const TABLE = Uint32Array.from({ length: 256 }, (_, i) => {
  let value = i;
  for (let bit = 0; bit < 8; bit++) value = value & 1 ? (value >>> 1) ^ 0xedb88320 : value >>> 1;
  return value;
});

function crc32(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of bytes) crc = (crc >>> 8) ^ (TABLE[(crc ^ byte) & 255] as number);
  return ~crc >>> 0;
}

const word = (value: number): readonly number[] => [value & 255, (value >>> 8) & 255, (value >>> 16) & 255, (value >>> 24) & 255];
const wordAt = (bytes: Uint8Array, at: number): number =>
  (((bytes[at] as number) | ((bytes[at + 1] as number) << 8) | ((bytes[at + 2] as number) << 16)) +
    (bytes[at + 3] as number) * 0x1000000) >>>
  0;

export const isGzip = (bytes: Uint8Array): boolean => bytes[0] === 0x1f && bytes[1] === 0x8b;

/** `time`: seconds since 1970, 0 where there is none; `name`: of the file, "" where it is not kept. */
export function gzipped(bytes: Uint8Array, name: string, time: number): string {
  const header = [0x1f, 0x8b, 8, name === "" ? 0 : NAME_FLAG, ...word(time), 0, 3];
  if (name !== "") header.push(...new TextEncoder().encode(name), 0);
  return octetText(Uint8Array.from([...header, ...deflate(bytes), ...word(crc32(bytes)), ...word(bytes.length)]));
}

export interface Unpacked {
  readonly bytes: Uint8Array;
  /** Bytes of headers, check sums and lengths. */
  readonly around: number;
  readonly crc: number;
}

/** What was packed, the members one after the other; in gzip's words what is wrong with it. */
export function gunzipped(bytes: Uint8Array): Unpacked | string {
  if (!isGzip(bytes)) return bytes.length === 0 ? "unexpected end of file" : "not in gzip format";
  const parts: number[] = [];
  let [at, around, crc] = [0, 0, 0];
  while (at < bytes.length && isGzip(bytes.subarray(at))) {
    const flags = bytes[at + 3] ?? 0;
    let from = at + 10;
    if (flags & 4) from += 2 + (bytes[from] ?? 0) + (bytes[from + 1] ?? 0) * 256;
    for (const flag of [NAME_FLAG, 16])
      if (flags & flag) {
        const end = bytes.indexOf(0, from);
        if (end < 0) return "unexpected end of file";
        from = end + 1;
      }
    if (flags & 2) from += 2;
    const packed = inflate(bytes, from, MOST_BYTES);
    if (!packed || packed.end + 8 > bytes.length) return "unexpected end of file";
    crc = wordAt(bytes, packed.end);
    if (crc32(packed.bytes) !== crc) return "invalid compressed data--crc error";
    if (wordAt(bytes, packed.end + 4) !== packed.bytes.length) return "invalid compressed data--length error";
    for (const byte of packed.bytes) parts.push(byte);
    around += from - at + 8;
    at = packed.end + 8;
  }
  return { bytes: Uint8Array.from(parts), around, crc };
}
