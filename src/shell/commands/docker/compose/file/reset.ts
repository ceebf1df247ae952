/** `!reset` and `!override` (compose-go/loader/reset.go): what earlier files say of a place is dropped. */
import type { Place } from "./place.ts";
import { isMap, type RawMap } from "./values.ts";
import type { Raw } from "./yaml.ts";

/** The places of a file that carry one of these tags. */
export type Resets = readonly Place[];

function without(value: Raw, place: Place, resets: ReadonlySet<string>): Raw {
  if (!isMap(value)) return value;
  const kept: Record<string, Raw> = {};
  for (const [key, one] of Object.entries(value)) {
    const at = [...place, key];
    if (!resets.has(at.join("\n"))) kept[key] = without(one, at, resets);
  }
  return kept;
}

export const withoutReset = (model: RawMap, resets: Resets): RawMap =>
  resets.length === 0 ? model : (without(model, [], new Set(resets.map((place) => place.join("\n")))) as RawMap);
