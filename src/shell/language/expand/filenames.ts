/** Patterns to the names of files that there are (POSIX XCU 2.13.3), with bash's ** left out. */
import { FileError, resolvePath } from "../../../kernel/vfs.ts";
import { isPattern, Pattern, unquotePattern } from "../pattern.ts";
import { ExpansionError, MAX_WORDS, type Scope } from "./scope.ts";

/** Paths that match, sorted; none when nothing does. */
export function matchingFiles(pattern: string, scope: Pick<Scope, "fs" | "cwd" | "option">): readonly string[] {
  const parts = pattern.split("/");
  let found: string[] = [""];
  for (const [i, part] of parts.entries()) {
    const last = i === parts.length - 1;
    if (part === "") {
      found = found.map((base) => (last ? base : `${base}/`));
      if (last) found = found.filter((base) => scope.fs.isDirectory(resolvePath(scope.cwd, base)));
      continue;
    }
    found = isPattern(part) ? found.flatMap((base) => namesIn(base, part, scope)) : literal(found, unquotePattern(part), scope, last);
    if (found.length > MAX_WORDS) throw new ExpansionError("Argument list too long");
    if (!last) found = found.filter((path) => scope.fs.isDirectory(resolvePath(scope.cwd, path))).map((path) => `${path}/`);
  }
  return found.sort();
}

const literal = (bases: readonly string[], name: string, { fs, cwd }: Pick<Scope, "fs" | "cwd">, last: boolean): string[] =>
  bases
    .map((base) => `${base}${name}`)
    .filter((path) => {
      const at = resolvePath(cwd, path);
      return last ? fs.exists(at) || fs.linkTarget(at) !== undefined : fs.isDirectory(at);
    });

function namesIn(base: string, part: string, scope: Pick<Scope, "fs" | "cwd" | "option">): string[] {
  const names = scope.fs.list(resolvePath(scope.cwd, base || "."));
  if (names instanceof FileError) return [];
  const matcher = new Pattern(part);
  const hidden = /^\\?\./.test(part);
  const dots = hidden ? [".", ".."] : [];
  return [...dots, ...names]
    .filter((name) => (hidden || scope.option("dotglob") || !name.startsWith(".")) && matcher.matches(name))
    .map((name) => `${base}${name}`);
}
