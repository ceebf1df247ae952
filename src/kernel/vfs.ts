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
    | "Read-only file system"
    | "Invalid argument"
    | "No space left on device"
    | "Too many levels of symbolic links";

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

/** The directory that a path stands in. */
const parentOf = (path: string): string => path.slice(0, path.lastIndexOf("/")) || "/";

/** A part of the tree that is computed: /proc, /sys, /usr/bin. Paths are absolute. */
export interface Mount {
  read(path: string): string | FileError;
  write?(path: string, text: string): FileError | undefined;
  /** Names in a directory, sorted; undefined when it is none. */
  list(path: string): readonly string[] | undefined;
  /** Where a symbolic link points to. */
  link?(path: string): string | undefined;
  executable?(path: string): boolean;
  makeDirectory?(path: string): FileError | undefined;
  remove?(path: string, recursive: boolean): FileError | undefined;
}

/** A file is at most so long in characters: nothing typed may fill the memory of whoever opens a page. */
const MAX_FILE = 2_000_000;
const MAX_FILES = 20_000;
const MAX_LINKS = 20;

/** Paths are absolute and resolved (`resolvePath`). A file may be computed when read. */
export class FileSystem {
  /** Virtual time in µs, for the times of files; 0 throughout when absent. */
  now: (() => number) | undefined;
  #files = new Map<string, string | (() => string)>();
  #directories = new Set<string>(["/"]);
  #links: Map<string, string> | undefined;
  #mounts: [string, Mount][] = [];
  #executable: Set<string> | undefined;
  #times: Map<string, number> | undefined;

  read(path: string): string | FileError {
    const real = this.#follow(path);
    if (typeof real !== "string") return real;
    const mount = this.#mountAt(real);
    if (mount) return mount.list(real) ? new FileError("Is a directory") : mount.read(real);
    const file = this.#files.get(real);
    if (file !== undefined) return typeof file === "string" ? file : file();
    return new FileError(this.#directories.has(real) ? "Is a directory" : this.#absence(real));
  }

  write(path: string, text: string): FileError | undefined {
    const real = this.#follow(path);
    if (typeof real !== "string") return real;
    const mount = this.#mountAt(real);
    if (mount) return mount.list(real) ? new FileError("Is a directory") : writeTo(mount, real, text);
    if (this.#directories.has(real)) return new FileError("Is a directory");
    const parent = parentOf(real);
    if (!this.#directories.has(parent)) return new FileError(this.#files.has(parent) ? "Not a directory" : "No such file or directory");
    if (text.length > MAX_FILE || (this.#files.size > MAX_FILES && !this.#files.has(real))) return new FileError("No space left on device");
    this.#files.set(real, text);
    this.#stamp(real);
    return undefined;
  }

  append(path: string, text: string): FileError | undefined {
    const real = this.#follow(path);
    if (typeof real !== "string") return real;
    const mount = this.#mountAt(real);
    if (mount) return this.write(real, text);
    const old = this.read(real);
    return this.write(real, typeof old === "string" ? old + text : text);
  }

  /** Puts a file there, with the directories above it; for whoever builds a tree, not for commands. */
  place(path: string, content: string | (() => string)): void {
    this.#makeAbove(path);
    this.#files.set(path, content);
  }

  /** Hangs a computed tree in at `path`; what was there is hidden. */
  mount(path: string, mount: Mount): void {
    this.#makeAbove(path);
    this.#directories.add(path);
    // The deepest first: a mount may lie in another.
    this.#mounts = [...this.#mounts.filter(([at]) => at !== path), [path, mount] as [string, Mount]].sort(
      ([a], [b]) => b.length - a.length,
    );
  }

  /** Takes a tree off again that was hung in at `path`, and the directory with it. */
  unmount(path: string): void {
    this.#mounts = this.#mounts.filter(([at]) => at !== path);
    this.#directories.delete(path);
  }

  /** The same tree with other computed parts at these paths: what a mount namespace of its own shows. */
  withMounts(mounts: readonly (readonly [string, Mount])[]): FileSystem {
    const view = new FileSystem();
    this.#links ??= new Map();
    this.#executable ??= new Set();
    this.#times ??= new Map();
    view.now = this.now;
    view.#files = this.#files;
    view.#directories = this.#directories;
    view.#links = this.#links;
    view.#executable = this.#executable;
    view.#times = this.#times;
    view.#mounts = [
      ...this.#mounts.filter(([at]) => !mounts.some(([path]) => path === at)),
      ...mounts.map(([at, m]): [string, Mount] => [at, m]),
    ];
    return view;
  }

  /** A symbolic link: `ln -s TARGET PATH`. */
  symlink(target: string, path: string): FileError | undefined {
    if (this.exists(path) || this.#links?.has(path)) return new FileError("File exists");
    if (!this.isDirectory(parentOf(path))) return new FileError("No such file or directory");
    this.#links ??= new Map();
    this.#links.set(path, target);
    this.#stamp(path);
    return undefined;
  }

  /** Where a symbolic link points to, as it was written; undefined for anything else. */
  linkTarget(path: string): string | undefined {
    return this.#links?.get(path) ?? this.#mountAt(path)?.link?.(path);
  }

  isDirectory(path: string): boolean {
    const real = this.#follow(path);
    if (typeof real !== "string") return false;
    const mount = this.#mountAt(real);
    return mount ? mount.list(real) !== undefined : this.#directories.has(real);
  }

  exists(path: string): boolean {
    const real = this.#follow(path);
    if (typeof real !== "string") return false;
    const mount = this.#mountAt(real);
    if (mount) return mount.list(real) !== undefined || typeof mount.read(real) === "string";
    return this.#files.has(real) || this.#directories.has(real);
  }

  isExecutable(path: string): boolean {
    const real = this.#follow(path);
    if (typeof real !== "string") return false;
    return this.#mountAt(real)?.executable?.(real) ?? this.#executable?.has(real) ?? false;
  }

  setExecutable(path: string, on: boolean): void {
    const real = this.#follow(path);
    if (typeof real !== "string") return;
    if (!on) this.#executable?.delete(real);
    else {
      this.#executable ??= new Set();
      this.#executable.add(real);
    }
  }

  /** When a file was last written, in µs of virtual time; 0 for what was there from the start. */
  modified(path: string): number {
    return this.#times?.get(path) ?? 0;
  }

  /** Sets the time of a file to now (`touch`). */
  touch(path: string): void {
    const real = this.#follow(path);
    if (typeof real === "string") this.#stamp(real);
  }

  makeDirectory(path: string, parents: boolean): FileError | undefined {
    const real = this.#follow(path);
    if (typeof real !== "string") return real;
    if (this.exists(real)) return parents && this.isDirectory(real) ? undefined : new FileError("File exists");
    const mount = this.#mountAt(real);
    if (mount) {
      if (!mount.makeDirectory) return new FileError("Permission denied");
      const refused = parents && !this.exists(parentOf(real)) ? this.makeDirectory(parentOf(real), true) : undefined;
      return refused ?? mount.makeDirectory(real);
    }
    const above = parentOf(real);
    if (!this.#directories.has(above)) {
      if (this.#files.has(above)) return new FileError("Not a directory");
      if (!parents) return new FileError("No such file or directory");
      const refused = this.makeDirectory(above, true);
      if (refused) return refused;
    }
    if (this.#directories.size > MAX_FILES) return new FileError("No space left on device");
    this.#directories.add(real);
    this.#stamp(real);
    return undefined;
  }

  /** Names in a directory, sorted. */
  list(path: string): readonly string[] | FileError {
    const real = this.#follow(path);
    if (typeof real !== "string") return real;
    const mount = this.#mountAt(real);
    if (mount)
      return mount.list(real) ?? new FileError(typeof mount.read(real) === "string" ? "Not a directory" : "No such file or directory");
    if (!this.#directories.has(real)) return new FileError(this.#files.has(real) ? "Not a directory" : this.#absence(real));
    const prefix = real === "/" ? "/" : `${real}/`;
    const names = new Set<string>();
    const collect = (entries: Iterable<string>): void => {
      for (const entry of entries)
        if (entry !== real && entry.startsWith(prefix)) names.add(entry.slice(prefix.length).split("/")[0] as string);
    };
    collect(this.#files.keys());
    collect(this.#directories);
    if (this.#links) collect(this.#links.keys());
    return [...names].sort();
  }

  remove(path: string, recursive: boolean): FileError | undefined {
    if (this.#links?.delete(path)) return undefined;
    const parent = this.#follow(parentOf(path));
    if (typeof parent !== "string") return parent;
    const real = parent === parentOf(path) ? path : `${parent}/${path.slice(path.lastIndexOf("/") + 1)}`;
    const mount = this.#mountAt(real);
    if (mount?.remove) return mount.remove(real, recursive);
    if (mount) return new FileError(this.exists(real) ? "Permission denied" : "No such file or directory");
    if (this.#files.delete(real)) {
      this.#executable?.delete(real);
      this.#times?.delete(real);
      return undefined;
    }
    if (!this.#directories.has(real)) return new FileError(this.#absence(real));
    if (!recursive) return new FileError("Is a directory");
    const prefix = real === "/" ? "/" : `${real}/`;
    for (const tree of [this.#files, this.#directories, this.#links]) {
      if (!tree) continue;
      for (const entry of [...tree.keys()]) if (entry.startsWith(prefix) && entry !== "/" && !this.#mountAt(entry)) tree.delete(entry);
    }
    if (real !== "/" && !this.#mounts.some(([at]) => at.startsWith(prefix))) this.#directories.delete(real);
    return undefined;
  }

  #stamp(path: string): void {
    if (!this.now) return;
    this.#times ??= new Map();
    this.#times.set(path, this.now());
  }

  #makeAbove(path: string): void {
    let at = "";
    for (const part of path.split("/").slice(1, -1)) {
      at += `/${part}`;
      this.#directories.add(at);
    }
  }

  #mountAt(path: string): Mount | undefined {
    for (const [at, mount] of this.#mounts) if (path.startsWith(at) && (path.length === at.length || path[at.length] === "/")) return mount;
    return undefined;
  }

  /** Why a path is not there: a file among its directories makes the difference. */
  #absence(path: string): "Not a directory" | "No such file or directory" {
    for (let at = parentOf(path); at !== "/"; at = parentOf(at)) if (this.#files.has(at)) return "Not a directory";
    return "No such file or directory";
  }

  /** The path with every symbolic link in it followed. */
  #follow(path: string): string | FileError {
    if (!this.#links) return path;
    let at = path;
    for (let hops = 0; hops < MAX_LINKS; hops++) {
      const next = this.#followOne(at);
      if (next === undefined) return at;
      at = next;
    }
    return new FileError("Too many levels of symbolic links");
  }

  #followOne(path: string): string | undefined {
    let at = "";
    for (const part of path.split("/").slice(1)) {
      const target = this.#links?.get(`${at}/${part}`);
      if (target !== undefined) return resolvePath(at || "/", `${target}${path.slice(at.length + 1 + part.length)}`);
      at += `/${part}`;
    }
    return undefined;
  }
}

function writeTo(mount: Mount, path: string, text: string): FileError | undefined {
  if (mount.write) return mount.write(path, text);
  return new FileError(typeof mount.read(path) === "string" ? "Permission denied" : "No such file or directory");
}
