/** The context of a build: the files below a folder, less what .dockerignore names (cli/command/image/build/context.go). */
import type { LayerEntry } from "../../../../engine/types.ts";
import { FileError, type FileSystem, resolvePath } from "../../../../kernel/vfs.ts";
import { entryAt } from "../../../image-layers.ts";

/** By path from the context's root, without a slash before it. */
export type BuildContext = ReadonlyMap<string, LayerEntry>;

const TAR_BLOCK = 512;
const TAR_END = 1024;
const MAX_ENTRIES = 10_000;

/** A pattern of .dockerignore: "*" within a name, "**" across folders; what is below what it names is meant too. */
function patternOf(text: string): RegExp {
  const plain = text.replace(/^\/+|\/+$/g, "");
  const source = plain
    .replace(/[.+^${}()|\\]/g, "\\$&")
    .replace(/\*\*\/?/g, "\u0000")
    .replace(/\*/g, "[^/]*")
    .replace(/\?/g, "[^/]")
    .replaceAll("\u0000", "(?:.*/)?");
  return new RegExp(`^${source}(?:/.*)?$`);
}

/** Whether a path is left out: the last pattern that means it decides. */
function ignores(text: string): (path: string) => boolean {
  const rules = text
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "" && !line.startsWith("#"))
    .map((line) => ({ keeps: line.startsWith("!"), pattern: patternOf(line.replace(/^!/, "")) }));
  return (path) => {
    let out = false;
    for (const { keeps, pattern } of rules) if (pattern.test(path)) out = !keeps;
    return out;
  };
}

/** The files below a folder; the text is why they cannot be had. The Dockerfile and .dockerignore themselves always go along. */
export function readContext(fs: FileSystem, folder: string, dockerfile: string): BuildContext | string {
  const ignored = fs.read(resolvePath(folder, ".dockerignore"));
  const isOut = typeof ignored === "string" ? ignores(ignored) : () => false;
  const context = new Map<string, LayerEntry>();
  const pending = [""];
  for (let at = pending.shift(); at !== undefined; at = pending.shift()) {
    const names = fs.list(resolvePath(folder, at));
    if (names instanceof FileError) return names.message.toLowerCase();
    for (const name of names) {
      const path = at === "" ? name : `${at}/${name}`;
      const entry = entryAt(fs, resolvePath(folder, path));
      if (!entry) continue;
      const always = path === dockerfile || path === ".dockerignore";
      if (entry.kind === "directory") pending.push(path);
      if (!isOut(path) || always) context.set(path, entry);
      if (context.size > MAX_ENTRIES) return `contexts of more than ${MAX_ENTRIES} files are not supported here`;
    }
  }
  return context;
}

/** Bytes of the tar archive that the context goes by. */
export const archiveSize = (context: BuildContext): number =>
  [...context.values()].reduce(
    (sum, entry) => sum + TAR_BLOCK + (entry.kind === "file" ? Math.ceil(entry.text.length / TAR_BLOCK) * TAR_BLOCK : 0),
    TAR_END,
  );
