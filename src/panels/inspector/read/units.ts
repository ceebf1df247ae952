/** Numbers as people read them. */

/** Bytes with the prefixes of `ip -h` (powers of 1000): "0 B", "1.2 kB", "34 MB". */
export function bytes(count: number): string {
  let value = count;
  for (const unit of ["B", "kB", "MB", "GB"]) {
    if (value < 1000 || unit === "GB") return `${unit === "B" || value >= 100 ? Math.round(value) : Number(value.toPrecision(2))} ${unit}`;
    value /= 1000;
  }
  return `${count} B`;
}

/** How long ago something was, from µs: "0.4 s", "12 s", "3 min", "2 h". */
export function age(micros: number): string {
  const seconds = Math.max(0, micros) / 1e6;
  if (seconds < 10) return `${seconds.toFixed(1)} s`;
  if (seconds < 120) return `${Math.floor(seconds)} s`;
  if (seconds < 7200) return `${Math.floor(seconds / 60)} min`;
  return `${Math.floor(seconds / 3600)} h`;
}

export { grouped as count } from "../../../graph/describe.ts";
