/** Bind mounts: one tree hung into another. */
import { FileError, type FileSystem, type Mount, resolvePath } from "../../kernel/vfs.ts";

/** A directory or file of another tree, hung in at `at`. */
export function subtree(tree: FileSystem, root: string, at: string, readOnly: boolean): Mount {
  const inner = (path: string): string => resolvePath("/", root + path.slice(at.length));
  const refuse = (): FileError | undefined => (readOnly ? new FileError("Read-only file system") : undefined);
  return {
    read: (path) => tree.read(inner(path)),
    write: (path, text) => refuse() ?? tree.write(inner(path), text),
    list(path) {
      const names = tree.list(inner(path));
      return names instanceof FileError ? undefined : names;
    },
    link: (path) => tree.linkTarget(inner(path)),
    executable: (path) => tree.isExecutable(inner(path)),
    makeDirectory: (path) => refuse() ?? tree.makeDirectory(inner(path), false),
    remove: (path, recursive) => refuse() ?? (path === at ? new FileError("Permission denied") : tree.remove(inner(path), recursive)),
  };
}
