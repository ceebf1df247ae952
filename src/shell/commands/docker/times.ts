/** Times and sizes as docker's lists tell them (docker/go-units). */
import type { Kernel } from "../../../kernel/kernel.ts";

/** "Less than a second", "5 seconds", "About a minute", … for a duration in µs (HumanDuration). */
export function humanDuration(micros: number): string {
  const seconds = Math.floor(micros / 1e6);
  const minutes = Math.floor(seconds / 60);
  const hours = Math.floor(seconds / 3600 + 0.5);
  if (seconds < 1) return "Less than a second";
  if (seconds === 1) return "1 second";
  if (seconds < 60) return `${seconds} seconds`;
  if (minutes === 1) return "About a minute";
  if (minutes < 60) return `${minutes} minutes`;
  if (hours === 1) return "About an hour";
  if (hours < 48) return `${hours} hours`;
  if (hours < 24 * 7 * 2) return `${Math.floor(hours / 24)} days`;
  if (hours < 24 * 30 * 2) return `${Math.floor(hours / 24 / 7)} weeks`;
  if (hours < 24 * 365 * 2) return `${Math.floor(hours / 24 / 30)} months`;
  return `${Math.floor(hours / 24 / 365)} years`;
}

/** "2026-01-05 09:00:01 +0000 UTC". */
export const dateText = (kernel: Kernel, at: number): string => `${kernel.date(at).toISOString().slice(0, 19).replace("T", " ")} +0000 UTC`;

/** The same with the fraction of the second: "2026-01-05 09:00:01.000123 +0000 UTC". */
export function preciseDateText(kernel: Kernel, at: number): string {
  const fraction = `${kernel.date(at).toISOString().slice(20, 23)}${String((at % 1000) + 1000).slice(1)}`.replace(/0+$/, "");
  return dateText(kernel, at).replace(" +0000", `${fraction === "" ? "" : `.${fraction}`} +0000`);
}

/** Four significant digits at most, without trailing zeros: Go's %.4g, or %.3g. */
const significant = (value: number, digits: number): string => String(Number(value.toPrecision(digits)));

const scaled = (bytes: number, base: number, units: readonly string[], digits: number, separator = ""): string => {
  let value = bytes;
  let unit = 0;
  while (value >= base && unit < units.length - 1) {
    value /= base;
    unit++;
  }
  return `${significant(value, digits)}${separator}${units[unit]}`;
};

/** "40.7MB" (HumanSizeWithPrecision 3). */
export const humanSize = (bytes: number, digits = 3): string => scaled(bytes, 1000, ["B", "kB", "MB", "GB", "TB", "PB"], digits);

/** "23.54GiB" (BytesSize). */
export const bytesSize = (bytes: number): string => scaled(bytes, 1024, ["B", "KiB", "MiB", "GiB", "TiB", "PiB"], 4);

const UNITS: Readonly<Record<string, number>> = { ns: 0.001, us: 1, µs: 1, ms: 1e3, s: 1e6, m: 60e6, h: 3600e6 };

/** A Go duration in µs; undefined for what is none. */
export function parseGoDuration(text: string): number | undefined {
  if (text === "0") return 0;
  if (!/^[-+]?((?:\d+\.?\d*|\.\d+)(ns|us|µs|ms|s|m|h))+$/.test(text)) return undefined;
  let sum = 0;
  for (const [, count, unit] of text.matchAll(/(\d+\.?\d*|\.\d+)(ns|us|µs|ms|s|m|h)/g))
    sum += Number(count) * (UNITS[unit as string] as number);
  return text.startsWith("-") ? -sum : sum;
}

/**
 * A point in time as `--since` and `--until` take it, in µs of virtual time: a duration before now, seconds since 1970, or a
 * date (api/types/time.GetTimestamp). The text is the refusal.
 */
export function parseTimestamp(kernel: Kernel, text: string): number | string {
  const { now } = kernel.clock;
  const duration = parseGoDuration(text);
  // A duration leads to a whole second, a bare 0 to the beginning of 1970.
  if (duration !== undefined && text !== "0") {
    const epoch = kernel.epoch * 1000;
    return Math.floor((epoch + now - duration) / 1e6) * 1e6 - epoch;
  }
  if (/^\d+(\.\d+)?$/.test(text)) return Number(text) * 1e6 - kernel.epoch * 1000;
  const date = /^\d{4}-\d\d-\d\d(T\d\d(:\d\d(:\d\d(\.\d+)?)?)?)?(Z|[-+]\d\d:\d\d)?$/.test(text)
    ? Date.parse(/T\d\d$/.test(text) ? `${text}:00Z` : /T/.test(text) && !/(Z|[-+]\d\d:\d\d)$/.test(text) ? `${text}Z` : text)
    : Number.NaN;
  if (Number.isNaN(date)) return `failed to parse value as time or duration: ${JSON.stringify(text)}`;
  return (date - kernel.epoch) * 1000;
}
