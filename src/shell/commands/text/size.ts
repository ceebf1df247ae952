/** Numbers with a unit, as head, tail and find take them. */

const UNITS: Readonly<Record<string, number>> = {
  "": 1,
  b: 512,
  k: 1024,
  K: 1024,
  kB: 1000,
  KB: 1000,
  M: 1024 ** 2,
  MB: 1e6,
  G: 1024 ** 3,
  GB: 1e9,
};

/** "10", "2k"; undefined when it is none. */
export function countOf(word: string): number | undefined {
  const match = /^(\d{1,15})([a-zA-Z]{0,2})$/.exec(word);
  const unit = UNITS[match?.[2] ?? ""];
  return match && unit !== undefined ? Number(match[1]) * unit : undefined;
}

/** A file's size for people: "1.5K", "23M" (ls -h). */
export function humanSize(size: number): string {
  if (size < 1024) return String(size);
  let value = size;
  for (const unit of ["K", "M", "G", "T"]) {
    value /= 1024;
    if (value >= 1024 && unit !== "T") continue;
    const rounded = Math.ceil(value * 10) / 10;
    return `${rounded < 10 ? rounded.toFixed(1) : Math.ceil(value)}${unit}`;
  }
  return String(size);
}
