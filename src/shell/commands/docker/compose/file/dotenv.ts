/** Files of NAME=value lines (compose-go/dotenv): .env, --env-file and env_file. */
import { interpolate, type Variables } from "./interpolate.ts";
import { ComposeError } from "./project.ts";

const LINE = /^\s*(?:export\s+)?([A-Za-z_][A-Za-z0-9_.-]*)\s*(?:[=:]\s*(.*))?$/;

/** The entries in order; a name without value takes that of the environment, if there is one. */
export function parseDotenv(text: string, env: ReadonlyMap<string, string>): ReadonlyMap<string, string> | ComposeError {
  const entries = new Map<string, string>();
  for (const [i, line] of text.split("\n").entries()) {
    const plain = line.replace(/\r$/, "");
    if (/^\s*(#.*)?$/.test(plain)) continue;
    const match = LINE.exec(plain);
    if (!match) return new ComposeError(`line ${i + 1}: unexpected character in variable name near ${JSON.stringify(plain.trim())}`);
    const [, name = "", raw] = match;
    if (raw === undefined) {
      const inherited = env.get(name);
      if (inherited !== undefined) entries.set(name, inherited);
      continue;
    }
    const value = entryValue(raw, new Map([...entries, ...env]));
    if (value instanceof ComposeError) return value;
    entries.set(name, value);
  }
  return entries;
}

function entryValue(raw: string, env: ReadonlyMap<string, string>): string | ComposeError {
  const single = /^'([^']*)'/.exec(raw);
  if (single) return single[1] as string;
  const variables: Variables = { env, missing: () => {} };
  const double = /^"((?:[^"\\]|\\.)*)"/.exec(raw);
  if (double) {
    const unescaped = (double[1] as string).replace(/\\(.)/g, (_all, char: string) => (char === "n" ? "\n" : char === "t" ? "\t" : char));
    return interpolate(unescaped, "", variables);
  }
  return interpolate(raw.replace(/\s+#.*$/, "").trim(), "", variables);
}
