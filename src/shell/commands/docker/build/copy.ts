/** COPY and ADD (builder/dockerfile/copy.go): files of the context, or of another stage, onto an image's. */
import { digestOf } from "../../../../engine/digest.ts";
import type { LayerEntry } from "../../../../engine/types.ts";
import { FileError, type FileSystem, resolvePath } from "../../../../kernel/vfs.ts";
import { entryAt, putEntry } from "../../../image-layers.ts";
import type { BuildContext } from "./context.ts";
import { DockerfileError } from "./dockerfile.ts";

export interface CopyRequest {
  /** "COPY" or "ADD". */
  readonly name: string;
  readonly sources: readonly string[];
  /** As it was written: a slash at its end makes it a folder. */
  readonly target: string;
  readonly workingDir: string;
}

/** A source: what lies below it, by path from it; "" is itself. */
interface Source {
  readonly path: string;
  readonly entries: ReadonlyMap<string, LayerEntry>;
}

const base = (path: string): string => path.slice(path.lastIndexOf("/") + 1);

/** A tree of files as a context has them. */
export function treeOf(fs: FileSystem, folder: string): BuildContext {
  const context = new Map<string, LayerEntry>();
  const visit = (path: string): void => {
    const entry = entryAt(fs, path);
    if (!entry) return;
    context.set(path.slice(1), entry);
    const names = entry.kind === "directory" ? fs.list(path) : [];
    if (!(names instanceof FileError)) for (const name of names) visit(resolvePath(path, name));
  };
  visit(folder);
  return context;
}

function sourceAt(context: BuildContext, path: string): Source | undefined {
  const entries = new Map<string, LayerEntry>();
  for (const [at, entry] of context) {
    if (at === path) entries.set("", entry);
    else if (path === "" || at.startsWith(`${path}/`)) entries.set(path === "" ? at : at.slice(path.length + 1), entry);
  }
  if (path === "") entries.set("", { kind: "directory", mode: 0o755 });
  return entries.size > 0 ? { path, entries } : undefined;
}

/** Whether a path leads out of the folder that it starts from. */
function leadsOut(path: string): boolean {
  let depth = 0;
  for (const part of path.split("/")) {
    if (part === "..") depth--;
    else if (part !== "" && part !== ".") depth++;
    if (depth < 0) return true;
  }
  return false;
}

/** The sources that a word names, wildcards too; the error is the daemon's. */
function sourcesOf(context: BuildContext, word: string, name: string, ofContext: boolean): readonly Source[] | DockerfileError {
  if (ofContext && leadsOut(word)) return new DockerfileError(`${name} failed: forbidden path outside the build context: ${word} ()`);
  const path = resolvePath("/", word).slice(1);
  if (/[*?[]/.test(path)) {
    const pattern = new RegExp(
      `^${path
        .replace(/[.+^${}()|\\]/g, "\\$&")
        .replace(/\*/g, "[^/]*")
        .replace(/\?/g, "[^/]")}$`,
    );
    const found = [...context.keys()].filter((one) => pattern.test(one)).sort();
    if (found.length > 0) return found.flatMap((one) => sourceAt(context, one) ?? []);
    return new DockerfileError(`${name} failed: no source files were specified`);
  }
  const source = sourceAt(context, path);
  if (source) return [source];
  const missing = ofContext ? "file not found in build context or excluded by .dockerignore: " : "";
  return new DockerfileError(`${name} failed: ${missing}stat ${ofContext ? path : `/${path}`}: file does not exist`);
}

/** Copies onto `fs`; what the history says of the files, "file:…", or the daemon's refusal. */
export function copyFiles(fs: FileSystem, context: BuildContext, request: CopyRequest, ofContext: boolean): string | DockerfileError {
  const { name, target, workingDir } = request;
  const sources: Source[] = [];
  for (const word of request.sources) {
    if (name === "ADD" && /^(https?|git):\/\//.test(word))
      return new DockerfileError("ADD of what lies on another host is not supported here; ADD and COPY of files of the context are");
    const found = sourcesOf(context, word, name, ofContext);
    if (found instanceof DockerfileError) return found;
    sources.push(...found);
  }
  const to = resolvePath(workingDir || "/", target);
  const isFolder = /(^|\/)\.?$/.test(target) || fs.isDirectory(to);
  if (sources.length > 1 && !/\/\.?$|^\.$/.test(target))
    return new DockerfileError(`When using ${name} with more than one source file, the destination must be a directory and end with a /`);
  for (const { path, entries } of sources) {
    const whole = entries.get("")?.kind === "directory";
    for (const [below, entry] of entries) {
      const at = whole ? resolvePath(to, below) : isFolder ? resolvePath(to, base(path)) : to;
      putEntry(fs, at, entry);
    }
  }
  const kind = sources.length > 1 ? "multi" : sources[0]?.entries.get("")?.kind === "directory" ? "dir" : "file";
  return `${kind}:${digestOf(JSON.stringify(sources.map(({ path, entries }) => [path, [...entries]])))}`;
}
