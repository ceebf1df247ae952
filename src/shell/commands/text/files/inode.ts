/** Inode numbers: nothing here has any, so that each path gets one that stays the same. */

/** A number that follows from the path (FNV-1a). */
export function inodeOf(path: string): number {
  let hash = 2166136261;
  for (let i = 0; i < path.length; i++) hash = Math.imul(hash ^ path.charCodeAt(i), 16777619) >>> 0;
  return (hash % 900_000) + 100_000;
}
