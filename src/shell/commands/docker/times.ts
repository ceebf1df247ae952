/** Times as docker's lists tell them (docker/go-units, HumanDuration). */
import type { Kernel } from "../../../kernel/kernel.ts";
import { dateAt } from "../../wall-clock.ts";

/** "Less than a second", "5 seconds", "About a minute", … for a duration in µs. */
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
  return `${Math.floor(hours / 24 / 30)} months`;
}

/** "2026-01-05 09:00:01.000123 +0000 UTC". */
export function dateText(kernel: Kernel, at: number): string {
  const iso = dateAt(kernel, at).toISOString();
  return `${iso.slice(0, 10)} ${iso.slice(11, 23)}${String((at % 1000) + 1000).slice(1)}000 +0000 UTC`;
}
