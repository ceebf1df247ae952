/** `-m string`: bytes of the packet (xt_string.c), `-m quota`: bytes that have passed (xt_quota.c). */
import { packetBytes } from "../../wire/bytes.ts";
import { bang, type Match, type MatchExtension, numberOption, once, parseNumber, refuse, required, words } from "../extension.ts";

const PATTERN_LENGTH = 128;
const encoder = new TextEncoder();

/** "|0d 0a|Host": text with bytes in hex between bars (parse_hex_string of libxt_string.c). */
function hexPattern(text: string): Uint8Array {
  const bytes: number[] = [];
  let hex = false;
  for (let i = 0; i < text.length; i++) {
    const letter = text[i] as string;
    if (letter === "|") {
      hex = !hex;
      continue;
    }
    if (!hex) {
      if (letter === "\\" && i + 1 < text.length) i++;
      bytes.push(...encoder.encode(text[i]));
      continue;
    }
    if (letter === " ") continue;
    const pair = text.slice(i, i + 2);
    const bad = [...pair].find((digit) => !/[0-9a-f]/i.test(digit));
    if (bad !== undefined) refuse(bad === "|" ? `Odd number of hex digits` : `Invalid hex char '${bad}'`);
    bytes.push(Number.parseInt(pair, 16));
    i++;
  }
  if (bytes.length === 0) refuse("STRING match: You must specify `--string' or `--hex-string'");
  return Uint8Array.from(bytes);
}

const lower = (byte: number): number => (byte >= 65 && byte <= 90 ? byte + 32 : byte);

function contains(bytes: Uint8Array, pattern: Uint8Array, from: number, to: number, fold: boolean): boolean {
  const end = Math.min(bytes.length - pattern.length, to - 1);
  const first = pattern[0] as number;
  for (let at = from; at <= end; at++) {
    if (!fold && bytes[at] !== first) continue;
    let i = 0;
    while (i < pattern.length && (fold ? lower(bytes[at + i] as number) === lower(pattern[i] as number) : bytes[at + i] === pattern[i]))
      i++;
    if (i === pattern.length) return true;
  }
  return false;
}

export const string: MatchExtension = {
  options: { from: 1, to: 1, algo: 1, string: 1, "hex-string": 1, icase: 0 },
  build(uses): Match {
    const algo = required("string", uses, "algo").value;
    const text = once("string", uses, "string");
    const hex = once("string", uses, "hex-string");
    const use = text ?? hex ?? refuse("STRING match: You must specify `--string' or `--hex-string'");
    if (text && hex) refuse('string: option "--string" cannot be used together with "--hex-string".\n');
    if (use.value === "") refuse("STRING match: You must specify `--string' or `--hex-string'");
    const pattern = text ? encoder.encode(text.value) : hexPattern(use.value);
    if (pattern.length > PATTERN_LENGTH) refuse("STRING too long");
    const fromUse = once("string", uses, "from");
    const toUse = once("string", uses, "to");
    const from = fromUse ? numberOption("string", fromUse, 65535) : 0;
    const to = toUse ? numberOption("string", toUse, 65535) : 65535;
    const fold = once("string", uses, "icase") !== undefined;
    // Bytes that a terminal cannot show make it a pattern in hex, whichever way it was given.
    const plain = pattern.every((byte) => byte >= 32 && byte < 127);
    const shown = plain
      ? `"${String.fromCharCode(...pattern).replace(/["\\]/g, "\\$&")}"`
      : `"|${[...pattern].map((byte) => byte.toString(16).padStart(2, "0")).join("")}|"`;
    return {
      text: words([
        `${bang(use)}--${plain ? "string" : "hex-string"} ${shown} --algo ${algo}`,
        from !== 0 && `--from ${from}`,
        to !== 65535 && `--to ${to}`,
        fold && "--icase",
      ]),
      print: () =>
        words([
          `STRING match ${use.invert ? "!" : ""} ${shown} ALGO name ${algo}`,
          from !== 0 && `FROM ${from}`,
          to !== 65535 && `TO ${to}`,
          fold && "ICASE",
        ]),
      // The kernel finds no module ts_NAME for another algorithm.
      missingModule: algo !== "bm" && algo !== "kmp",
      test: ({ packet }) => contains(packetBytes(packet), pattern, from, to, fold) !== use.invert,
    };
  },
};

export const quota: MatchExtension = {
  stateful: true,
  options: { quota: 1 },
  build(uses): Match {
    const use = required("quota", uses, "quota");
    const total =
      parseNumber(use.value, Number.MAX_SAFE_INTEGER) ??
      refuse(`quota: bad value for option "--quota", or out of range (0-18446744073709551615).\n`);
    let left = total;
    return {
      text: `${bang(use)}--quota ${total}`,
      print: () => `${bang(use)}quota: ${total} bytes`,
      test({ length }) {
        const enough = left >= length;
        left = enough ? left - length : 0;
        return enough !== use.invert;
      },
    };
  },
};
