/** The order in which `for (k in a)` goes through an array, which is that of the interpreter's hash table. */

/** BusyBox: a chain a bucket, the newest first; the table grows when eight come on each (editors/awk.c). */
function busyboxOrder(keys: readonly string[]): readonly string[] {
  const primes = [251, 1021, 4093, 16381, 65521];
  let size = 10;
  for (const prime of primes) if (keys.length > size * 8) size = prime;
  const buckets = new Map<number, string[]>();
  for (const key of keys) {
    let hash = 0;
    for (let i = 0; i < key.length; i++) hash = (key.charCodeAt(i) + (hash << 6) + (hash >>> 26)) >>> 0;
    const bucket = hash % size;
    const chain = buckets.get(bucket);
    if (chain) chain.unshift(key);
    else buckets.set(bucket, [key]);
  }
  return [...buckets].sort(([a], [b]) => a - b).flatMap(([, chain]) => chain);
}

/** mawk: FNV-1 over 64 lists (array.w); arrays with whole numbers for keys are split tables of their own, here in their order. */
function mawkOrder(keys: readonly string[]): readonly string[] {
  if (keys.every((key) => /^(0|[1-9]\d{0,14})$/.test(key))) return [...keys].sort((a, b) => Number(a) - Number(b));
  const hash = (key: string): number => {
    let value = 2166136261;
    for (let i = 0; i < key.length; i++) value = (Math.imul(value, 16777619) ^ key.charCodeAt(i)) >>> 0;
    return value & 63;
  };
  return keys
    .map((key, i) => ({ key, i, list: hash(key) }))
    .sort((a, b) => a.list - b.list || b.i - a.i)
    .map(({ key }) => key);
}

export const orderOf = (keys: readonly string[], busybox: boolean): readonly string[] => (busybox ? busyboxOrder(keys) : mawkOrder(keys));
