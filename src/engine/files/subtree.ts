/** Bind mounts: one tree hung into another. */
import { FileError, type FileSystem, type Mount, resolvePath } from "../../kernel/vfs.ts";

/** A directory or file of another tree, hung in at `at`. */
export function subtree(tree: FileSystem, root: string, at: string, readOnly: boolean): Mount {
  const inner = (path: string): string => resolvePath("/", root + path.slice(at.length));
  const refuse = (): FileError | undefined => (readOnly ? new FileError("Read-only file system") : undefined);
  // What hangs in another tree cannot go; what is in it can.
  const removeFrom = (path: string, recursive: boolean): FileError | undefined => {
    if (path !== at) return tree.remove(inner(path), recursive);
    const names = recursive ? tree.list(inner(at)) : [];
    if (!(names instanceof FileError)) for (const name of names) tree.remove(resolvePath(inner(at), name), true);
    return new FileError("Device or resource busy");
  };
  return {
    read: (path) => tree.read(inner(path)),
    write: (path, text) => refuse() ?? tree.write(inner(path), text),
    tree: (path) => ({ fs: tree, path: inner(path), refused: refuse() }),
    list(path) {
      const names = tree.list(inner(path));
      return names instanceof FileError ? undefined : names;
    },
    link: (path) => tree.linkTarget(inner(path)),
    executable: (path) => tree.isExecutable(inner(path)),
    makeDirectory: (path) => refuse() ?? tree.makeDirectory(inner(path), false),
    remove: (path, recursive) => refuse() ?? removeFrom(path, recursive),
  };
}
