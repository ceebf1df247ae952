/** The variables that a model speaks of, with what it says of them (compose-go/template/variables.go). */
import type { Canonical } from "./project.ts";

interface Variable {
  readonly name: string;
  readonly byDefault: string;
  readonly whenSet: string;
  readonly required: boolean;
}

/** Where the brace that was opened at `open` closes; -1 when it does not. */
function closing(text: string, open: number): number {
  let depth = 0;
  for (let at = open; at < text.length; at++) {
    if (text[at] === "{") depth++;
    if (text[at] === "}" && --depth === 0) return at;
  }
  return -1;
}

/** `inside` is what stands between the braces: "NAME:-default". */
function read(inside: string): Variable {
  const [, name = "", operator = "", rest = ""] = /^(\w+)(:?[-?+])?([\s\S]*)$/.exec(inside) ?? [];
  return {
    name,
    byDefault: operator.endsWith("-") ? rest : "",
    whenSet: operator.endsWith("+") ? rest : "",
    required: operator.endsWith("?"),
  };
}

/**
 * The pattern of what stands in braces goes on to the last brace of its line: what else is in it is found first, so that the first of
 * several that name the same variable has the last word.
 */
function inText(text: string, found: Map<string, Variable>): void {
  const pattern = /\$(?:(\$)|([_a-zA-Z]\w*)|\{(?=[_a-zA-Z]))/g;
  for (let match = pattern.exec(text); match; match = pattern.exec(text)) {
    if (match[1]) continue;
    const end = match[2] ? -1 : closing(text, match.index + 1);
    if (!match[2] && end < 0) continue;
    const inside = match[2] ?? text.slice(match.index + 2, end);
    const line = text.slice(0, text.indexOf("\n", match.index) >>> 0);
    const last = /\W/.test(inside) ? Math.max(end, line.lastIndexOf("}")) : end;
    if (last > end) inText(text.slice(end + 1, last + 1), found);
    const variable = read(inside);
    found.set(variable.name, variable);
    inText(variable.byDefault, found);
    inText(variable.whenSet, found);
    if (end >= 0) pattern.lastIndex = last + 1;
  }
}

function search(value: Canonical, found: Map<string, Variable>): void {
  if (typeof value === "string") inText(value, found);
  else if (typeof value === "object" && value !== null) for (const one of Object.values(value)) search(one as Canonical, found);
}

/** By name. */
export function variablesIn(model: Canonical): readonly Variable[] {
  const found = new Map<string, Variable>();
  search(model, found);
  return [...found.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
}
