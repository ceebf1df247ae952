/** `--filter` of lists and prunes (api/types/filters). */
import { EngineError } from "./types.ts";

export type Filters = ReadonlyMap<string, readonly string[]>;

/** A key that the list does not know. */
export function refuseUnknown(filters: Filters, known: readonly string[]): EngineError | undefined {
  for (const key of filters.keys()) if (!known.includes(key)) return new EngineError(key ? `invalid filter '${key}'` : "invalid filter");
  return undefined;
}

/** Whether the value is one of those asked for; all are when none is. */
export function matchesExactly(filters: Filters, key: string, value: string): boolean {
  const wanted = filters.get(key);
  return !wanted || wanted.includes(value);
}

/** The same, each being a regular expression that may match anywhere. */
export function matches(filters: Filters, key: string, value: string): boolean {
  const wanted = filters.get(key);
  if (!wanted) return true;
  return wanted.some((pattern) => pattern === value || matchesPattern(pattern, value));
}

/** Bounded, so that no pattern that somebody types can take for ever. */
const MAX_PATTERN = 200;

function matchesPattern(pattern: string, value: string): boolean {
  // Nested quantifiers are what makes a backtracking matcher explode; Go's does not backtrack.
  if (pattern.length > MAX_PATTERN || /[+*}]\)?[+*{]/.test(pattern) || /\([^)]*[+*][^)]*\)[+*{]/.test(pattern))
    return value.includes(pattern);
  try {
    return new RegExp(pattern).test(value);
  } catch {
    return false;
  }
}

/** label=key and label=key=value must all hold, label!=… must not. */
export function matchesLabels(filters: Filters, labels: Readonly<Record<string, string>>): boolean {
  const holds = (wanted: string): boolean => {
    const equals = wanted.indexOf("=");
    const key = equals < 0 ? wanted : wanted.slice(0, equals);
    return Object.hasOwn(labels, key) && (equals < 0 || labels[key] === wanted.slice(equals + 1));
  };
  return (filters.get("label") ?? []).every(holds) && !(filters.get("label!") ?? []).some(holds);
}
