/** Virtual time as people read it: µs, ms, or seconds with so many decimals. */
export function formatTime(micros: number, decimals = 3): string {
  if (micros < 1000) return `${Math.floor(micros)} µs`;
  if (micros < 1e6) return `${(micros / 1000).toFixed(3)} ms`;
  return `${(micros / 1e6).toFixed(decimals)} s`;
}
