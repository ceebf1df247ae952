/** Dates as tools print them. Virtual time plus the kernel's epoch, always in UTC, so that a replay prints the same. */
import type { Kernel } from "../kernel/kernel.ts";

const DAYS = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"] as const;
const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"] as const;

const two = (value: number): string => String(value).padStart(2, "0");

/** Seconds since 1970, with a fraction. */
export const wallClockSeconds = (kernel: Kernel): number => kernel.epoch / 1000 + kernel.clock.now / 1e6;

const timeOfDay = (date: Date): string => `${two(date.getUTCHours())}:${two(date.getUTCMinutes())}:${two(date.getUTCSeconds())}`;

/** "Tue Nov 24 03:50:55 UTC 2026", as date(1) and dig print it. */
export const unixDate = (date: Date): string =>
  `${DAYS[date.getUTCDay()]} ${MONTHS[date.getUTCMonth()]} ${String(date.getUTCDate()).padStart(2)} ${timeOfDay(date)} UTC ${date.getUTCFullYear()}`;

/** "24/Nov/2026 04:00:35", as Python's http.server logs it. */
export const logDate = (date: Date): string =>
  `${two(date.getUTCDate())}/${MONTHS[date.getUTCMonth()]}/${date.getUTCFullYear()} ${timeOfDay(date)}`;

/** "2026-11-24 03:51:04". */
export const isoDate = (date: Date): string =>
  `${date.getUTCFullYear()}-${two(date.getUTCMonth() + 1)}-${two(date.getUTCDate())} ${timeOfDay(date)}`;

/** "03:51:04.123456" at a virtual time in µs. */
export const preciseTime = (kernel: Kernel, at: number): string =>
  `${timeOfDay(kernel.date(at))}.${String((kernel.epoch * 1000 + at) % 1_000_000).padStart(6, "0")}`;

const FULL_DAYS = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"] as const;
const FULL_MONTHS = [
  "January",
  "February",
  "March",
  "April",
  "May",
  "June",
  "July",
  "August",
  "September",
  "October",
  "November",
  "December",
] as const;
const DAY = 86_400_000;

const dayOfYear = (date: Date): number =>
  Math.floor((Date.UTC(date.getUTCFullYear(), date.getUTCMonth(), date.getUTCDate()) - Date.UTC(date.getUTCFullYear(), 0, 1)) / DAY) + 1;

/** The week and its year of ISO 8601: the one that holds the Thursday. */
function isoWeek(date: Date): { readonly year: number; readonly week: number } {
  const thursday = new Date(date.getTime() + (3 - ((date.getUTCDay() + 6) % 7)) * DAY);
  return { year: thursday.getUTCFullYear(), week: Math.floor((dayOfYear(thursday) - 1) / 7) + 1 };
}

/** One conversion of strftime(3) in the C locale; undefined when there is none such. */
function conversion(letter: string, date: Date, kernelMicroseconds: number): string | undefined {
  const hours = date.getUTCHours();
  const twelve = hours % 12 || 12;
  switch (letter) {
    case "a":
      return DAYS[date.getUTCDay()];
    case "A":
      return FULL_DAYS[date.getUTCDay()];
    case "b":
    case "h":
      return MONTHS[date.getUTCMonth()];
    case "B":
      return FULL_MONTHS[date.getUTCMonth()];
    case "c":
      return `${DAYS[date.getUTCDay()]} ${MONTHS[date.getUTCMonth()]} ${String(date.getUTCDate()).padStart(2)} ${timeOfDay(date)} ${date.getUTCFullYear()}`;
    case "C":
      return two(Math.floor(date.getUTCFullYear() / 100));
    case "d":
      return two(date.getUTCDate());
    case "D":
    case "x":
      return `${two(date.getUTCMonth() + 1)}/${two(date.getUTCDate())}/${two(date.getUTCFullYear() % 100)}`;
    case "e":
      return String(date.getUTCDate()).padStart(2);
    case "F":
      return `${date.getUTCFullYear()}-${two(date.getUTCMonth() + 1)}-${two(date.getUTCDate())}`;
    case "g":
      return two(isoWeek(date).year % 100);
    case "G":
      return String(isoWeek(date).year);
    case "H":
      return two(hours);
    case "I":
      return two(twelve);
    case "j":
      return String(dayOfYear(date)).padStart(3, "0");
    case "k":
      return String(hours).padStart(2);
    case "l":
      return String(twelve).padStart(2);
    case "m":
      return two(date.getUTCMonth() + 1);
    case "M":
      return two(date.getUTCMinutes());
    case "n":
      return "\n";
    case "N":
      return `${String(kernelMicroseconds).padStart(6, "0")}000`;
    case "p":
      return hours < 12 ? "AM" : "PM";
    case "P":
      return hours < 12 ? "am" : "pm";
    case "r":
      return `${two(twelve)}:${two(date.getUTCMinutes())}:${two(date.getUTCSeconds())} ${hours < 12 ? "AM" : "PM"}`;
    case "R":
      return `${two(hours)}:${two(date.getUTCMinutes())}`;
    case "s":
      return String(Math.floor(date.getTime() / 1000));
    case "S":
      return two(date.getUTCSeconds());
    case "t":
      return "\t";
    case "T":
    case "X":
      return timeOfDay(date);
    case "u":
      return String(date.getUTCDay() || 7);
    case "U":
      return two(Math.floor((dayOfYear(date) + 6 - date.getUTCDay()) / 7));
    case "V":
      return two(isoWeek(date).week);
    case "w":
      return String(date.getUTCDay());
    case "W":
      return two(Math.floor((dayOfYear(date) + 6 - ((date.getUTCDay() + 6) % 7)) / 7));
    case "y":
      return two(date.getUTCFullYear() % 100);
    case "Y":
      return String(date.getUTCFullYear());
    case "z":
      return "+0000";
    case "Z":
      return "UTC";
    case "%":
      return "%";
    default:
      return undefined;
  }
}

/** A date by a format of strftime(3); `seconds` since 1970, now when absent. %-d and %_d pad as GNU date has it. */
export function formatTime(kernel: Kernel, format: string, seconds?: number): string {
  const micros = seconds === undefined ? Math.round(kernel.epoch * 1000 + kernel.clock.now) % 1_000_000 : Math.floor((seconds % 1) * 1e6);
  const date = seconds === undefined ? kernel.date() : new Date(seconds * 1000);
  if (Number.isNaN(date.getTime())) return format;
  return format.replace(/%([-_0^]?)(\d?)([a-zA-Z%]|:+z)/g, (all, flag: string, width: string, letter: string) => {
    if (letter.startsWith(":")) return "+00:00";
    const text = conversion(letter, date, micros);
    if (text === undefined) return all;
    if (letter === "N" && width !== "") return text.slice(0, Number(width));
    if (flag === "-") return text.replace(/^[0 ]+(?=.)/, "");
    if (flag === "_") return text.replace(/^0+(?=\d)/, (zeros) => " ".repeat(zeros.length));
    return flag === "^" ? text.toUpperCase() : text;
  });
}
