/** Helpers for the API's documents. */

/** A document as the API gives it: plain JSON values in the order in which the engine prints them. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

/** A map as Go prints it: keys sorted. */
export function sortedObject<T>(entries: Iterable<readonly [string, T]>, value: (item: T) => Json): { readonly [key: string]: Json } {
  const sorted = [...entries].sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
  return Object.fromEntries(sorted.map(([key, item]) => [key, value(item)]));
}

export const stringMap = (map: Readonly<Record<string, string>>): { readonly [key: string]: Json } =>
  sortedObject(Object.entries(map), (text) => text);

/** A list that is null when there is nothing in it. */
export const orNull = (list: readonly string[]): Json => (list.length > 0 ? list : null);
