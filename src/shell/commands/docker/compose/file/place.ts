/** Where a value stands in a compose file (compose-go/tree): the keys that lead to it, "[]" for an entry of a list. */
export type Place = readonly string[];

/** A pattern of places, "services.*.ports": "*" stands for any one part. */
function matches(place: Place, pattern: string): boolean {
  const parts = pattern.split(".");
  return parts.length === place.length && parts.every((part, i) => part === "*" || part === place[i]);
}

/** What a table says of a place; undefined when it says nothing. */
export function ruleFor<Rule>(table: Readonly<Record<string, Rule>>, place: Place): Rule | undefined {
  const pattern = Object.keys(table).find((one) => matches(place, one));
  return pattern === undefined ? undefined : table[pattern];
}
