/** awk's values: numbers, texts, texts that came from outside and look like numbers, and what was never set. */
import { formatInteger, formatNumber } from "../../../format.ts";

/** Input that looks like a number: it compares as one. */
export class NumericText {
  readonly text: string;
  readonly number: number;

  constructor(text: string) {
    this.text = text;
    this.number = Number(text.trim());
  }
}

export type Value = number | string | NumericText | undefined;

const LOOKS_NUMERIC = /^\s*[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?\s*$/;

/** What a field or a command-line value is. */
export const fromOutside = (text: string): Value => (LOOKS_NUMERIC.test(text) ? new NumericText(text) : text);

/** The number that a text begins with, 0 when it begins with none. */
export function toNumber(value: Value): number {
  if (typeof value === "number") return value;
  if (value === undefined) return 0;
  if (value instanceof NumericText) return value.number;
  return Number(/^\s*[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?/.exec(value)?.[0] ?? 0);
}

export function toText(value: Value, format: string): string {
  if (typeof value === "string") return value;
  if (value === undefined) return "";
  return value instanceof NumericText ? value.text : numberText(value, format);
}

/** Whole numbers as such; others by CONVFMT or OFMT. */
export function numberText(value: number, format: string): string {
  if (Number.isInteger(value) && Math.abs(value) < 1e21) return Object.is(value, -0) ? "-0" : String(value);
  if (!Number.isFinite(value)) return Number.isNaN(value) ? "nan" : value > 0 ? "+inf" : "-inf";
  const match = /^%([-+ #0]*)(\d*)(?:\.(\d+))?([efgEFGdi])$/.exec(format);
  const [, flags = "", width = "", precision, verb = "g"] = match ?? ["", "", "", "6", "g"];
  const conversion = {
    flags,
    width: Math.min(1000, Number(width || 0)),
    precision: precision === undefined ? undefined : Math.min(100, Number(precision)),
    verb,
  };
  return verb === "d" || verb === "i" ? formatInteger(conversion, BigInt(Math.trunc(value))) : formatNumber(conversion, value);
}

export const truth = (value: Value): boolean => (typeof value === "string" ? value !== "" : toNumber(value) !== 0);

const isNumeric = (value: Value): boolean => typeof value !== "string";

/** As numbers when both are, as texts otherwise. */
export function compare(a: Value, b: Value, format: string): number {
  if (isNumeric(a) && isNumeric(b)) return toNumber(a) - toNumber(b);
  const [x, y] = [toText(a, format), toText(b, format)];
  return x < y ? -1 : x > y ? 1 : 0;
}
