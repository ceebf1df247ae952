/** Variables in a compose file (compose-go/template): $NAME, ${NAME}, ${NAME:-default}, ${NAME:?error}, ${NAME:+other}; $$ is a dollar. */
import { ComposeError } from "./project.ts";

export interface Variables {
  readonly env: ReadonlyMap<string, string>;
  /** Told of each variable that has no value and no default. */
  missing(name: string): void;
}

const NAME = /[_a-zA-Z][_a-zA-Z0-9]*/y;
/** Defaults within defaults. */
const MAX_DEPTH = 20;
const MAX_LENGTH = 200_000;

/** The text with its variables filled in; `path` is where it stands, for the refusals. */
export function interpolate(text: string, path: string, variables: Variables, depth = 0): string | ComposeError {
  if (!text.includes("$")) return text;
  const invalid = (): ComposeError =>
    new ComposeError(`invalid interpolation format for ${path}.\nYou may need to escape any $ with another $.\n${text}`);
  if (depth > MAX_DEPTH) return invalid();
  let result = "";
  let at = 0;
  while (at < text.length) {
    const dollar = text.indexOf("$", at);
    if (dollar < 0) break;
    result += text.slice(at, dollar);
    const next = text[dollar + 1];
    if (next === "$") {
      result += "$";
      at = dollar + 2;
      continue;
    }
    NAME.lastIndex = dollar + (next === "{" ? 2 : 1);
    const name = NAME.exec(text)?.[0];
    if (name === undefined) {
      // A dollar that begins nothing stands for itself.
      if (next === "{") return invalid();
      result += "$";
      at = dollar + 1;
      continue;
    }
    if (next !== "{") {
      result += variableValue(name, variables);
      at = NAME.lastIndex;
      continue;
    }
    const end = closingBrace(text, NAME.lastIndex);
    if (end < 0) return invalid();
    const value = substitute(name, text.slice(NAME.lastIndex, end), path, variables, depth);
    if (value === undefined) return invalid();
    if (value instanceof ComposeError) return value;
    result += value;
    if (result.length > MAX_LENGTH) return invalid();
    at = end + 1;
  }
  return result + text.slice(at);
}

function variableValue(name: string, variables: Variables): string {
  const value = variables.env.get(name);
  if (value === undefined) variables.missing(name);
  return value ?? "";
}

/** Where the brace that was opened before `from` closes. */
function closingBrace(text: string, from: number): number {
  let depth = 1;
  for (let at = from; at < text.length; at++) {
    if (text[at] === "{" && text[at - 1] === "$") depth++;
    if (text[at] === "}" && --depth === 0) return at;
  }
  return -1;
}

/** `rest` is what follows the name in the braces: "", ":-default", "?error" … */
function substitute(name: string, rest: string, path: string, variables: Variables, depth: number): string | ComposeError | undefined {
  if (rest === "") return variableValue(name, variables);
  const match = /^(:?)([-?+])([\s\S]*)$/.exec(rest);
  if (!match) return undefined;
  const [, colon, operator, argument = ""] = match;
  const value = variables.env.get(name);
  const given = value !== undefined && (colon === "" || value !== "");
  const other = (): string | ComposeError => interpolate(argument, path, variables, depth + 1);
  if (operator === "-") return given ? (value as string) : other();
  if (operator === "+") return given ? other() : "";
  if (given) return value as string;
  const told = other();
  if (told instanceof ComposeError) return told;
  return new ComposeError(
    `error while interpolating ${path}: required variable ${name} is missing a value${told === "" ? "" : `: ${told}`}`,
  );
}
