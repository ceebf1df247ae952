/** md5sum, sha1sum, sha256sum, sha512sum, cksum, base64: what is worked out from a file's bytes. */
import type { Op } from "../../../../kernel/task.ts";
import { FileError } from "../../../../kernel/vfs.ts";
import type { Command } from "../../../command.ts";
import { type Flow, flowing } from "../flow.ts";
import { type Call, tool } from "../tool.ts";
import { bytesOf, textOf } from "./bytes.ts";
import { md5, posixCrc, sha1, sha256, sha512 } from "./digests.ts";

interface Algorithm {
  readonly name: string;
  readonly tag: string;
  readonly digits: number;
  digest(bytes: Uint8Array): string;
}

/** Bytes that a step of `Effort` stands for: a digest of a large file takes time. */
const BYTES_A_STEP = 2000;

/** The bytes of a file, the time that they take to be read gone by; what the tool says when there is none. */
function* read(flow: Flow, name: string): Op<Uint8Array | FileError> {
  const input = flow.open(name);
  if (input instanceof FileError) return input;
  const bytes = bytesOf(yield* flow.all(input));
  if (flow.effort.spend(bytes.length / BYTES_A_STEP)) yield* flow.effort.rest();
  return bytes;
}

const complaint = (call: Call, name: string, error: FileError): string =>
  call.busybox ? `can't open '${name}': ${error.message}` : `${name}: ${error.message}`;

function* print(call: Call, flow: Flow, { digest, tag }: Algorithm): Op<number> {
  let status = 0;
  for (const name of call.operands.length > 0 ? call.operands : ["-"]) {
    const bytes = yield* read(flow, name);
    if (bytes instanceof FileError) {
      status = call.fail(complaint(call, name, bytes));
      continue;
    }
    const sum = digest(bytes);
    flow.print(call.has("tag") ? `${tag} (${name}) = ${sum}\n` : `${sum} ${call.has("b") ? "*" : " "}${name}\n`);
  }
  return status;
}

const plural = (count: number, one: string, many: string): string => `WARNING: ${count} ${count === 1 ? one : many}`;

/** -c: reads "sum  name" lines and tells of each file whether it is still so. */
function* check(call: Call, flow: Flow, algorithm: Algorithm): Op<number> {
  const silent = call.has("status") || (call.busybox && call.has("s"));
  let status = 0;
  for (const list of call.operands.length > 0 ? call.operands : ["-"]) {
    const input = flow.open(list);
    if (input instanceof FileError) {
      status = call.fail(`${list}: ${input.message}`);
      continue;
    }
    const counts = { good: 0, bad: 0, unread: 0, malformed: 0 };
    for (const line of (yield* flow.all(input)).split("\n")) {
      if (line === "") continue;
      const match = /^([0-9a-fA-F]+) [ *](.+)$/.exec(line) ?? tagged(line, algorithm.tag);
      if (match?.[1]?.length !== algorithm.digits) {
        counts.malformed++;
        continue;
      }
      const name = match[2] as string;
      const bytes = yield* read(flow, name);
      if (bytes instanceof FileError) {
        counts.unread++;
        call.fail(complaint(call, name, bytes));
        if (!silent) flow.print(`${name}: FAILED${call.busybox ? "" : " open or read"}\n`);
        continue;
      }
      const same = algorithm.digest(bytes) === match[1]?.toLowerCase();
      if (same) counts.good++;
      else counts.bad++;
      if (!silent && !(same && call.has("quiet"))) flow.print(`${name}: ${same ? "OK" : "FAILED"}\n`);
    }
    yield* flow.flush();
    if (call.busybox) counts.bad += counts.malformed;
    if (counts.good + counts.bad + counts.unread === 0) {
      status = call.fail(
        call.busybox
          ? `no checksum lines found`
          : `${list === "-" ? "'standard input'" : list}: no properly formatted checksum lines found`,
      );
      continue;
    }
    if (counts.bad + counts.unread > 0) status = 1;
    if (silent) continue;
    if (call.busybox) {
      if (counts.bad + counts.unread > 0)
        call.fail(`WARNING: ${counts.bad + counts.unread} of ${counts.good + counts.bad + counts.unread} computed checksums did NOT match`);
      continue;
    }
    if (counts.malformed > 0) call.fail(plural(counts.malformed, "line is improperly formatted", "lines are improperly formatted"));
    if (counts.unread > 0) call.fail(plural(counts.unread, "listed file could not be read", "listed files could not be read"));
    if (counts.bad > 0) call.fail(plural(counts.bad, "computed checksum did NOT match", "computed checksums did NOT match"));
  }
  return status;
}

function tagged(line: string, tag: string): readonly string[] | undefined {
  const match = /^(\S+) \((.+)\) = ([0-9a-fA-F]+)$/.exec(line);
  return match && match[1] === tag ? [line, match[3] as string, match[2] as string] : undefined;
}

const summing = (algorithm: Algorithm): Command =>
  tool(
    {
      name: algorithm.name,
      summary: `${algorithm.tag} of files`,
      short: "bctw",
      busybox: "csw",
      long: { binary: "b", check: "c", text: "t", warn: "w", tag: "tag", quiet: "quiet", status: "status" },
      synopsis: "[OPTION]... [FILE]...",
      unsupported: "z",
    },
    (call) => flowing(call.process, algorithm.name, (flow) => (call.has("c") ? check : print)(call, flow, algorithm)),
  );

const cksum = tool(
  { name: "cksum", summary: "CRC and length of files", short: "", synopsis: "[OPTION]... [FILE]...", unsupported: "abclwz" },
  (call) =>
    flowing(call.process, "cksum", function* (flow) {
      let status = 0;
      for (const name of call.operands.length > 0 ? call.operands : ["-"]) {
        const bytes = yield* read(flow, name);
        if (bytes instanceof FileError) status = call.fail(complaint(call, name, bytes));
        else flow.print(`${posixCrc(bytes)} ${bytes.length}${call.operands.length > 0 ? ` ${name}` : ""}\n`);
      }
      return status;
    }),
);

const BASE64 = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

function encoded(bytes: Uint8Array): string {
  let text = "";
  for (let i = 0; i < bytes.length; i += 3) {
    const left = Math.min(3, bytes.length - i);
    const word = ((bytes[i] as number) << 16) | ((bytes[i + 1] ?? 0) << 8) | (bytes[i + 2] ?? 0);
    for (let digit = 0; digit < 4; digit++) text += digit <= left ? BASE64[(word >>> (18 - digit * 6)) & 63] : "=";
  }
  return text;
}

/** The bytes up to what is no base64, and whether all of it was. */
function decoded(text: string): { readonly bytes: Uint8Array; readonly whole: boolean } {
  const digits = text.replace(/=+$/, "");
  const bytes: number[] = [];
  let [word, bits] = [0, 0];
  for (const char of digits) {
    const digit = BASE64.indexOf(char);
    if (digit < 0) return { bytes: Uint8Array.from(bytes), whole: false };
    word = ((word << 6) | digit) & 0xffffff;
    bits += 6;
    if (bits < 8) continue;
    bits -= 8;
    bytes.push((word >>> bits) & 255);
  }
  return { bytes: Uint8Array.from(bytes), whole: text.length % 4 === 0 };
}

const base64 = tool(
  {
    name: "base64",
    summary: "bytes as letters and digits",
    short: "diw:",
    busybox: "dw:",
    long: { decode: "d", "ignore-garbage": "i", wrap: "w" },
    synopsis: "[OPTION]... [FILE]",
  },
  (call) =>
    flowing(call.process, "base64", function* (flow) {
      const [name = "-", extra] = call.operands;
      if (extra !== undefined) return call.misuse(`extra operand '${extra}'`);
      const word = call.value("w") ?? "76";
      if (!/^\d{1,9}$/.test(word)) return call.fail(call.busybox ? `invalid number '${word}'` : `invalid wrap size: '${word}'`);
      const bytes = yield* read(flow, name);
      if (bytes instanceof FileError) return call.fail(`${name}: ${bytes.message}`);
      if (call.has("d")) {
        const text = textOf(bytes).replace(call.has("i") ? /[^A-Za-z0-9+/=]/g : /\n/g, "");
        const found = decoded(text);
        flow.print(textOf(found.bytes));
        yield* flow.flush();
        if (found.whole) return 0;
        return call.busybox ? 1 : call.fail("invalid input");
      }
      const text = encoded(bytes);
      const width = Number(word);
      if (width === 0) flow.print(text);
      else for (let at = 0; at < text.length; at += width) flow.print(`${text.slice(at, at + width)}\n`);
      return 0;
    }),
);

export const sumCommands: readonly Command[] = [
  summing({ name: "md5sum", tag: "MD5", digits: 32, digest: md5 }),
  summing({ name: "sha1sum", tag: "SHA1", digits: 40, digest: sha1 }),
  summing({ name: "sha256sum", tag: "SHA256", digits: 64, digest: sha256 }),
  summing({ name: "sha512sum", tag: "SHA512", digits: 128, digest: sha512 }),
  cksum,
  base64,
];
