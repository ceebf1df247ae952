/** Virtual time as people read it: µs while packets fly, seconds otherwise. */
export function formatTime(micros: number): string {
  if (micros < 1000) return `${Math.floor(micros)} µs`;
  if (micros < 1e6) return `${(micros / 1000).toFixed(3)} ms`;
  return `${(micros / 1e6).toFixed(3)} s`;
}
