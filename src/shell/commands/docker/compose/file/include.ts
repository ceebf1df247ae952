/** `include`: what other files describe, each from its own folder and with its own variables (compose-go/loader/include.go). */
import { resolvePath } from "../../../../../kernel/vfs.ts";
import { ComposeError } from "./project.ts";
import { isMap, listOf, mapOf, type RawMap, textOf } from "./values.ts";
import type { Raw } from "./yaml.ts";

export interface IncludeOptions {
  readonly workingDir: string;
  /** Files that lead here, the first one first. */
  readonly included: readonly string[];
  /** The model of the files of one entry. */
  load(files: readonly string[], folder: string, envFiles: readonly string[]): RawMap | ComposeError;
}

const SECTIONS = ["services", "volumes", "networks", "secrets", "configs"];

const parent = (path: string): string => path.slice(0, path.lastIndexOf("/")) || "/";

/** Both, where no name stands for two things. */
function joined(model: RawMap, imported: RawMap): RawMap | ComposeError {
  const all: Record<string, Raw> = { ...model };
  for (const section of SECTIONS) {
    if (imported[section] === undefined) continue;
    const own = mapOf(all[section]);
    for (const [name, value] of Object.entries(mapOf(imported[section])))
      if (Object.hasOwn(own, name) && JSON.stringify(own[name]) !== JSON.stringify(value))
        return new ComposeError(`${section}.${name} conflicts with imported resource`);
    all[section] = { ...own, ...mapOf(imported[section]) };
  }
  return all;
}

/** A file's content with all that it includes. */
export function writeOutIncludes({ include, ...model }: RawMap, { workingDir, included, load }: IncludeOptions): RawMap | ComposeError {
  if (include === undefined || include === null) return model;
  if (!Array.isArray(include)) return new ComposeError(`\`include\` must be a list, got ${textOf(include) ?? "map"}`);
  let all: RawMap = model;
  for (const entry of include as readonly Raw[]) {
    const wish = isMap(entry) ? entry : { path: entry };
    const files = listOf(wish.path).map((path) => resolvePath(workingDir, path));
    const [main = ""] = files;
    if (included.includes(main))
      return new ComposeError(`include cycle detected:\n${included[0]}\n include ${[...included.slice(1), main].join("\n include ")}`);
    const folder =
      textOf(wish.project_directory) === undefined ? parent(main) : resolvePath(workingDir, textOf(wish.project_directory) as string);
    const imported = load(
      files,
      folder,
      listOf(wish.env_file).map((file) => resolvePath(workingDir, file)),
    );
    const both = imported instanceof ComposeError ? imported : joined(all, imported);
    if (both instanceof ComposeError) return both;
    all = both;
  }
  return all;
}
