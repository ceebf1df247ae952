/** What the containers of an image change in its files, and images that are made of such changes (pkg/archive/changes.go). */
import type { Layer, LayerEntry } from "../engine/types.ts";
import { type FileChange, FileError, type FileSystem } from "../kernel/vfs.ts";

/** Files that the daemon mounts over a container's own: they are no change of it. */
const DAEMON_FILES: ReadonlySet<string> = new Set(["/etc/hosts", "/etc/hostname", "/etc/resolv.conf", "/.dockerenv"]);

const parent = (path: string): string => path.slice(0, path.lastIndexOf("/")) || "/";

/** What has changed since the container's start from its image, by path, with the directories above as changed. */
export function changesOf(fs: FileSystem): ReadonlyMap<string, FileChange> {
  const changes = new Map<string, FileChange>();
  for (const [path, change] of fs.changes) if (!DAEMON_FILES.has(path)) changes.set(path, change);
  for (const path of [...changes.keys()])
    for (let above = parent(path); above !== "/"; above = parent(above)) if (!changes.has(above)) changes.set(above, "C");
  // What is below a directory that has gone is not told.
  return new Map(
    [...changes].filter(([path, change]) => change !== "D" || changes.get(parent(path)) !== "D").sort(([a], [b]) => (a < b ? -1 : 1)),
  );
}

/** What lies at a path; undefined for what no layer can hold. */
export function entryAt(fs: FileSystem, path: string): LayerEntry | undefined {
  const status = fs.status(path);
  if (status instanceof FileError || status.kind === "device") return undefined;
  if (status.kind === "link") return { kind: "link", target: status.target ?? "" };
  if (status.kind === "directory") return { kind: "directory", mode: status.mode };
  const text = fs.read(path);
  return typeof text === "string" ? { kind: "file", text, mode: status.mode } : undefined;
}

/** A container's changes as a layer. */
export function layerOf(fs: FileSystem): Layer {
  const layer = new Map<string, LayerEntry | undefined>();
  for (const [path, change] of changesOf(fs)) {
    const entry = change === "D" ? undefined : entryAt(fs, path);
    if (change === "D" || entry) layer.set(path, entry);
  }
  return layer;
}

/** Puts an entry where it belongs, with the directories above it. */
export function putEntry(fs: FileSystem, path: string, entry: LayerEntry): void {
  fs.makeDirectory(parent(path), true);
  if (entry.kind === "directory") {
    if (!fs.isDirectory(path)) fs.remove(path, true);
    fs.makeDirectory(path, true);
  } else {
    if (fs.isDirectory(path) || fs.linkTarget(path) !== undefined) fs.remove(path, true);
    if (entry.kind === "link") fs.symlink(entry.target, path);
    else fs.write(path, entry.text);
  }
  if (entry.kind !== "link") fs.setMode(path, entry.mode);
}

export function applyLayer(fs: FileSystem, layer: Layer): void {
  for (const [path, entry] of layer) {
    if (entry) putEntry(fs, path, entry);
    else fs.remove(path, true);
  }
}

/** Characters of a layer's files. */
export const layerSize = (layer: Layer): number =>
  [...layer.values()].reduce((sum, entry) => sum + (entry?.kind === "file" ? entry.text.length : 0), 0);
