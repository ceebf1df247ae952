/** A small file tree in memory: what the host and each container have in /etc, /root, /tmp and wherever people write. */

export class FileError {
  /** As strerror prints it. */
  readonly message:
    | "No such file or directory"
    | "Is a directory"
    | "Not a directory"
    | "File exists"
    | "Directory not empty"
    | "Permission denied"
    | "Read-only file system";

  constructor(message: FileError["message"]) {
    this.message = message;
  }
}

/** Joins, resolves "." and "..", gives an absolute path without a trailing slash ("/" alone excepted). */
export function resolvePath(cwd: string, path: string): string {
  const parts: string[] = [];
  for (const part of (path.startsWith("/") ? path : `${cwd}/${path}`).split("/")) {
    if (part === "" || part === ".") continue;
    if (part === "..") parts.pop();
    else parts.push(part);
  }
  return `/${parts.join("/")}`;
}

/** Paths are absolute and resolved (`resolvePath`). A file may be computed when read (/proc/…). */
export class FileSystem {
  #files = new Map<string, string | (() => string)>();
  #directories = new Set<string>(["/"]);

  read(path: string): string | FileError {
    const file = this.#files.get(path);
    if (file !== undefined) return typeof file === "string" ? file : file();
    return new FileError(this.#directories.has(path) ? "Is a directory" : "No such file or directory");
  }

  write(path: string, text: string): FileError | undefined {
    if (this.#directories.has(path)) return new FileError("Is a directory");
    const parent = path.slice(0, path.lastIndexOf("/")) || "/";
    if (!this.#directories.has(parent)) return new FileError(this.#files.has(parent) ? "Not a directory" : "No such file or directory");
    this.#files.set(path, text);
    return undefined;
  }

  append(path: string, text: string): FileError | undefined {
    const old = this.read(path);
    return this.write(path, typeof old === "string" ? old + text : text);
  }

  /** Puts a file there, with the directories above it; for whoever builds a tree, not for commands. */
  place(path: string, content: string | (() => string)): void {
    let at = "";
    for (const part of path.split("/").slice(1, -1)) {
      at += `/${part}`;
      this.#directories.add(at);
    }
    this.#files.set(path, content);
  }

  isDirectory(path: string): boolean {
    return this.#directories.has(path);
  }

  exists(path: string): boolean {
    return this.#files.has(path) || this.#directories.has(path);
  }

  makeDirectory(path: string, parents: boolean): FileError | undefined {
    if (this.exists(path)) return parents && this.#directories.has(path) ? undefined : new FileError("File exists");
    const above = path.slice(0, path.lastIndexOf("/")) || "/";
    if (!this.#directories.has(above)) {
      if (!parents) return new FileError("No such file or directory");
      const refused = this.makeDirectory(above, true);
      if (refused) return refused;
    }
    this.#directories.add(path);
    return undefined;
  }

  /** Names in a directory, sorted. */
  list(path: string): readonly string[] | FileError {
    if (!this.#directories.has(path)) return new FileError(this.#files.has(path) ? "Not a directory" : "No such file or directory");
    const prefix = path === "/" ? "/" : `${path}/`;
    const names = new Set<string>();
    for (const entry of [...this.#files.keys(), ...this.#directories])
      if (entry !== path && entry.startsWith(prefix)) names.add(entry.slice(prefix.length).split("/")[0] as string);
    return [...names].sort();
  }

  remove(path: string, recursive: boolean): FileError | undefined {
    if (this.#files.delete(path)) return undefined;
    if (!this.#directories.has(path)) return new FileError("No such file or directory");
    if (!recursive) return new FileError("Is a directory");
    const prefix = `${path}/`;
    for (const file of [...this.#files.keys()]) if (file.startsWith(prefix)) this.#files.delete(file);
    for (const directory of [...this.#directories]) if (directory.startsWith(prefix)) this.#directories.delete(directory);
    this.#directories.delete(path);
    return undefined;
  }
}
