/** Dates as tools print them. Virtual time plus the kernel's epoch, always in UTC, so that a replay prints the same. */
import type { Kernel } from "../kernel/kernel.ts";

const DAYS = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"] as const;
const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"] as const;

const two = (value: number): string => String(value).padStart(2, "0");

/** The date at a virtual time in µs; now when absent. */
export const dateAt = (kernel: Kernel, at: number = kernel.clock.now): Date => new Date(kernel.epoch + Math.floor(at / 1000));

const timeOfDay = (date: Date): string => `${two(date.getUTCHours())}:${two(date.getUTCMinutes())}:${two(date.getUTCSeconds())}`;

/** "Tue, 24 Nov 2026 03:51:04 GMT" (RFC 9110 section 5.6.7). */
export const httpDate = (date: Date): string =>
  `${DAYS[date.getUTCDay()]}, ${two(date.getUTCDate())} ${MONTHS[date.getUTCMonth()]} ${date.getUTCFullYear()} ${timeOfDay(date)} GMT`;

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
  `${timeOfDay(dateAt(kernel, at))}.${String((kernel.epoch * 1000 + at) % 1_000_000).padStart(6, "0")}`;
