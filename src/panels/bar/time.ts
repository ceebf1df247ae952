/** Virtual time as people read it: to the microsecond while packets fly, to the millisecond otherwise. */
export function formatTime(micros: number, flying = false): string {
  if (micros < 1000) return `${Math.floor(micros)} µs`;
  if (micros < 1e6) return `${(micros / 1000).toFixed(3)} ms`;
  return `${(micros / 1e6).toFixed(flying ? 6 : 3)} s`;
}
