/** Times, rates and percentages as tc prints them (iproute2 tc/tc_util.c, lib/utils_math.c, lib/json_print_math.c). */

/** `%g`: so many significant digits, without trailing zeros. */
const general = (value: number, digits = 6): string => String(Number(value.toPrecision(digits)));

/** µs as `100ms`, `1s`, `50us` (sprint_time: three digits). */
export function formatTime(us: number): string {
  if (us >= 1e6) return `${general(us / 1e6, 3)}s`;
  if (us >= 1e3) return `${general(us / 1e3, 3)}ms`;
  return `${general(us, 3)}us`;
}

/** Bytes a second as `1Mbit`, `500Kbit` (tc_print_rate): the largest unit in which it is whole below 1,000 of the next. */
export function formatRate(bytesPerSecond: number): string {
  const units = ["bit", "Kbit", "Mbit", "Gbit", "Tbit"];
  let rate = bytesPerSecond * 8;
  let unit = 0;
  for (; unit < units.length - 1; unit++) {
    if (rate < 1000) break;
    if (rate % 1000 && rate < 1000 * 1000) break;
    rate /= 1000;
  }
  return `${general(Math.trunc(rate))}${units[unit]}`;
}

/** `5%`, `0.1%`. */
export const formatPercent = (percent: number): string => `${general(percent)}%`;

/** Bytes as `10Kb`, `1500b` (print_size). */
export function formatSize(bytes: number): string {
  if (bytes >= 1024 * 1024 && Math.abs(1024 * 1024 * Math.round(bytes / (1024 * 1024)) - bytes) < 1024)
    return `${Math.round(bytes / (1024 * 1024))}Mb`;
  if (bytes >= 1024 && Math.abs(1024 * Math.round(bytes / 1024) - bytes) < 16) return `${Math.round(bytes / 1024)}Kb`;
  return `${Math.round(bytes)}b`;
}
