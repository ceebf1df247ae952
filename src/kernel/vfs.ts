/** A small file tree in memory: what the host and each container have in /etc, /root, /tmp and wherever people write. */

export class FileError {
  /** As strerror prints it. */
  readonly message:
    | "No such file or directory"
    | "Is a directory"
    | "Not a directory"
    | "File exists"
    | "Directory not empty"
    | "Device or resource busy"
    | "Permission denied"
    | "Read-only file system"
    | "Invalid argument"
    | "No space left on device"
    | "Too many levels of symbolic links"
    | "Invalid cross-device link"
    | "No such device or address"
    | "File name too long"
    | "Numerical result out of range";

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
  /** Where a path of the part is in another tree that is hung in here; a part without one computes its files. */
  tree?(path: string): Place;
  /** Names in a directory, sorted; undefined when it is none. */
  list(path: string): readonly string[] | undefined;
  /** Where a symbolic link points to. */
  link?(path: string): string | undefined;
  executable?(path: string): boolean;
  makeDirectory?(path: string): FileError | undefined;
  remove?(path: string, recursive: boolean): FileError | undefined;
  /** Whether the part is mounted read-only. */
  readOnly?(path: string): boolean;
  /** Major and minor number of a character device. */
  device?(path: string): readonly [number, number] | undefined;
}

interface Place {
  readonly fs: FileSystem;
  readonly path: string;
  /** Why nothing can be changed there. */
  readonly refused: FileError | undefined;
}

/** What lstat(2) tells of a path. */
export interface FileStatus {
  readonly kind: "file" | "directory" | "link" | "device";
  /** Permission bits. */
  readonly mode: number;
  /** Characters; of a link those of its target. */
  readonly size: number;
  /** µs of virtual time; 0 for what was there from the start. */
  readonly modified: number;
  readonly target: string | undefined;
  readonly device: readonly [number, number] | undefined;
}

/** A file is at most so long in characters: nothing typed may fill the memory of whoever opens a page. */
const MAX_FILE = 2_000_000;
const MAX_FILES = 20_000;
/** Of all files together. */
const MAX_TOTAL = 24_000_000;
const MAX_NAME = 255;
const MAX_LINKS = 20;

/** What has become of a path since changes are recorded: added, changed, deleted. */
export type FileChange = "A" | "C" | "D";

/** What is stored, apart from what is computed; views of one tree share it. */
interface Tree {
  readonly files: Map<string, string | (() => string)>;
  readonly directories: Set<string>;
  links: Map<string, string> | undefined;
  modes: Map<string, number> | undefined;
  times: Map<string, number> | undefined;
  /** By path, once they are recorded. */
  changes: Map<string, FileChange> | undefined;
  /** Characters in files that were written. */
  used: number;
  /** Names by directory, worked out when one is listed and forgotten when the tree changes. */
  children: Map<string, string[]> | undefined;
}

/** Paths are absolute and resolved (`resolvePath`). A file may be computed when read. */
export class FileSystem {
  /** Permission bits that what is made through this view goes without: fs_struct.umask of fs/fs_struct.c. */
  umask = 0o022;
  /** Virtual time in µs, for the times of files; 0 throughout when absent. */
  now: (() => number) | undefined;
  #tree: Tree = {
    files: new Map(),
    directories: new Set(["/"]),
    links: undefined,
    modes: undefined,
    times: undefined,
    changes: undefined,
    used: 0,
    children: undefined,
  };
  #mounts: { list: [string, Mount][] } = { list: [] };
  /** What is stored cannot be changed through this view. */
  #sealed = false;

  /** What is stored from here on is a change of what was there: `docker diff`. */
  recordChanges(): void {
    this.#tree.changes = new Map();
  }

  get changes(): ReadonlyMap<string, FileChange> {
    return this.#tree.changes ?? new Map();
  }

  #note(path: string, change: FileChange): void {
    const { changes } = this.#tree;
    const before = changes?.get(path);
    if (change === "D" && before === "A") changes?.delete(path);
    else if (change === "D" || before === undefined) changes?.set(path, change);
    else if (before === "D") changes?.set(path, "C");
  }

  read(path: string): string | FileError {
    const real = this.#follow(path);
    if (typeof real !== "string") return real;
    const mount = this.#mountAt(real);
    if (mount) return mount.list(real) ? new FileError("Is a directory") : mount.read(real);
    const file = this.#tree.files.get(real);
    if (file !== undefined) return typeof file === "string" ? file : file();
    return new FileError(this.#tree.directories.has(real) ? "Is a directory" : this.#absence(real));
  }

  write(path: string, text: string): FileError | undefined {
    const real = this.#follow(path);
    if (typeof real !== "string") return real;
    const mount = this.#mountAt(real);
    if (mount) {
      if (mount.list(real)) return new FileError("Is a directory");
      const fresh = !this.exists(real);
      const refused = writeTo(mount, real, text);
      return fresh ? this.#made(real, 0o666, refused) : refused;
    }
    if (this.#tree.directories.has(real)) return new FileError("Is a directory");
    if (this.#sealed) return new FileError("Read-only file system");
    const parent = parentOf(real);
    if (!this.#tree.directories.has(parent))
      return new FileError(this.#tree.files.has(parent) ? "Not a directory" : "No such file or directory");
    const old = this.#tree.files.get(real);
    const grows = text.length - (typeof old === "string" ? old.length : 0);
    if (text.length > MAX_FILE || this.#tree.used + grows > MAX_TOTAL) return new FileError("No space left on device");
    if (old === undefined) {
      if (this.#tree.files.size > MAX_FILES) return new FileError("No space left on device");
      if (nameTooLong(real)) return new FileError("File name too long");
      this.#tree.children = undefined;
    }
    this.#tree.used += grows;
    this.#tree.files.set(real, text);
    this.#note(real, old === undefined ? "A" : "C");
    this.#stamp(real);
    return old === undefined ? this.#made(real, 0o666) : undefined;
  }

  append(path: string, text: string): FileError | undefined {
    const real = this.#follow(path);
    if (typeof real !== "string") return real;
    const mount = this.#mountAt(real);
    const place = this.exists(real) ? mount?.tree?.(real) : undefined;
    if (place) return place.refused ?? place.fs.append(place.path, text);
    if (mount) return this.write(real, text);
    const old = this.read(real);
    return this.write(real, typeof old === "string" ? old + text : text);
  }

  /** Puts a file there, with the directories above it; for whoever builds a tree, not for commands. */
  place(path: string, content: string | (() => string)): void {
    this.#makeAbove(path);
    this.#tree.children = undefined;
    this.#tree.files.set(path, content);
  }

  /** Hangs a computed tree in at `path`; what was there is hidden. */
  mount(path: string, mount: Mount): void {
    this.#makeAbove(path);
    this.#tree.directories.add(path);
    // The deepest first: a mount may lie in another.
    this.#mounts.list = [...this.#mounts.list.filter(([at]) => at !== path), [path, mount] as [string, Mount]].sort(
      ([a], [b]) => b.length - a.length,
    );
    this.#tree.children = undefined;
  }

  /** Takes a tree off again that was hung in at `path`, and the directory with it. */
  unmount(path: string): void {
    this.#mounts.list = this.#mounts.list.filter(([at]) => at !== path);
    this.#tree.directories.delete(path);
    this.#tree.children = undefined;
  }

  /** The same tree with other computed parts at these paths: what a mount namespace of its own shows. */
  withMounts(mounts: readonly (readonly [string, Mount])[]): FileSystem {
    const view = new FileSystem();
    view.now = this.now;
    view.#tree = this.#tree;
    view.umask = this.umask;
    view.#mounts.list = [
      ...this.#mounts.list.filter(([at]) => !mounts.some(([path]) => path === at)),
      ...mounts.map(([at, m]): [string, Mount] => [at, m]),
    ];
    return view;
  }

  /** The same tree, read-only but for what is hung in. */
  sealed(): FileSystem {
    const view = this.withMounts([]);
    view.#sealed = true;
    return view;
  }

  /** The same tree as a process sees it that has called umask(2): what is hung in later is seen too. */
  masked(umask: number): FileSystem {
    const view = this.withMounts([]);
    view.#mounts = this.#mounts;
    view.#sealed = this.#sealed;
    view.umask = umask;
    return view;
  }

  /** Gives what was just made its permission bits; those of the usual mask are taken for granted. */
  #made(path: string, bits: number, refused?: FileError): FileError | undefined {
    if (!refused && this.umask !== 0o022) this.setMode(path, bits & ~this.umask);
    return refused;
  }

  /** A symbolic link: `ln -s TARGET PATH`. */
  symlink(target: string, path: string): FileError | undefined {
    if (this.exists(path) || this.#tree.links?.has(path)) return new FileError("File exists");
    const parent = this.#follow(parentOf(path));
    if (typeof parent !== "string") return parent;
    const mount = this.#mountAt(`${parent}/`);
    const place = mount?.tree?.(within(parent, nameOf(path)));
    if (place) return place.refused ?? place.fs.symlink(target, place.path);
    if (mount) return new FileError("Permission denied");
    if (!this.#tree.directories.has(parent)) return new FileError(this.#absence(path));
    if (this.#sealed) return new FileError("Read-only file system");
    if (this.#tree.links && this.#tree.links.size > MAX_FILES) return new FileError("No space left on device");
    const real = within(parent, nameOf(path));
    this.#tree.links ??= new Map();
    this.#tree.links.set(real, target);
    this.#note(real, "A");
    this.#tree.children = undefined;
    this.#stamp(real);
    return undefined;
  }

  /** Where a symbolic link points to, as it was written; undefined for anything else. */
  linkTarget(path: string): string | undefined {
    return this.#tree.links?.get(path) ?? this.#mountAt(path)?.link?.(path);
  }

  /** Whether a path lies in a part of the tree that is computed: writing there sets a value, and nothing is cut off first. */
  isComputed(path: string): boolean {
    const real = this.#follow(path);
    const mount = typeof real === "string" ? this.#mountAt(real) : undefined;
    return mount !== undefined && !mount.tree;
  }

  isReadOnly(path: string): boolean {
    const real = this.#follow(path);
    return typeof real === "string" && (this.#mountAt(real)?.readOnly?.(real) ?? false);
  }

  /** Whether a part is hung in at this very path. */
  isMountPoint(path: string): boolean {
    return this.#mounts.list.some(([at]) => at === path);
  }

  isDirectory(path: string): boolean {
    const real = this.#follow(path);
    if (typeof real !== "string") return false;
    const mount = this.#mountAt(real);
    return mount ? mount.list(real) !== undefined : this.#tree.directories.has(real);
  }

  exists(path: string): boolean {
    const real = this.#follow(path);
    if (typeof real !== "string") return false;
    const mount = this.#mountAt(real);
    if (mount) {
      if (mount.list(real) !== undefined) return true;
      const read = mount.read(real);
      return typeof read === "string" || read.message !== "No such file or directory";
    }
    return this.#tree.files.has(real) || this.#tree.directories.has(real);
  }

  isExecutable(path: string): boolean {
    const real = this.#follow(path);
    if (typeof real !== "string") return false;
    return this.#mountAt(real)?.executable?.(real) ?? ((this.#tree.modes?.get(real) ?? 0) & 0o111) !== 0;
  }

  setExecutable(path: string, on: boolean): void {
    this.setMode(path, on ? 0o755 : 0o644);
  }

  /** Permission bits of what a path leads to: `chmod`. */
  setMode(path: string, mode: number): FileError | undefined {
    const real = this.#follow(path);
    if (typeof real !== "string") return real;
    if (!this.exists(real)) return new FileError(this.#absence(real));
    const mount = this.#mountAt(real);
    const place = mount?.tree?.(real);
    if (place) return place.refused ?? place.fs.setMode(place.path, mode);
    if (mount) return new FileError("Permission denied");
    if (this.#sealed) return new FileError("Read-only file system");
    this.#tree.modes ??= new Map();
    this.#tree.modes.set(real, mode);
    this.#note(real, "C");
    return undefined;
  }

  /** What lstat(2) tells: links are not followed at the end. */
  status(path: string): FileStatus | FileError {
    const parent = path === "/" ? "/" : this.#follow(parentOf(path));
    if (typeof parent !== "string") return parent;
    const real = path === "/" ? "/" : within(parent, nameOf(path));
    const place = this.#mountAt(real)?.tree?.(real);
    if (place) return place.fs.status(place.path);
    const modified = this.modified(real);
    const plain = { modified, target: undefined, device: undefined };
    const target = this.linkTarget(real);
    if (target !== undefined) return { ...plain, kind: "link", mode: 0o777, size: target.length, target };
    if (this.isDirectory(real)) return { ...plain, kind: "directory", mode: this.#tree.modes?.get(real) ?? 0o755, size: 4096 };
    const device = this.#mountAt(real)?.device?.(real);
    if (device) return { ...plain, kind: "device", mode: 0o666, size: 0, device };
    const text = this.read(real);
    if (typeof text !== "string") {
      if (!this.exists(real)) return text;
      return { ...plain, kind: "file", mode: 0o644, size: 0 };
    }
    return { ...plain, kind: "file", mode: this.#tree.modes?.get(real) ?? (this.isExecutable(real) ? 0o755 : 0o644), size: text.length };
  }

  /** Moves a file, a link or a tree to a new name: rename(2). */
  rename(from: string, to: string): FileError | undefined {
    const status = this.status(from);
    if (status instanceof FileError) return status;
    if (to === from) return undefined;
    if (this.#sealed) return new FileError("Read-only file system");
    if (to.startsWith(`${from}/`)) return new FileError("Invalid argument");
    const parent = this.#follow(parentOf(to));
    if (typeof parent !== "string") return parent;
    const [source, goal] = [this.#mountAt(from), this.#mountAt(`${parent}/`)];
    if (source?.tree && source === goal) {
      const [old, next] = [source.tree(from), source.tree(within(parent, nameOf(to)))];
      return old.refused ?? old.fs.rename(old.path, next.path);
    }
    if (source || goal || this.#mounts.list.some(([at]) => at.startsWith(`${from}/`))) return new FileError("Invalid cross-device link");
    if (!this.#tree.directories.has(parent)) return new FileError(this.#absence(to));
    const target = this.status(to);
    if (!(target instanceof FileError)) {
      if (target.kind === "directory") {
        if (status.kind !== "directory") return new FileError("Is a directory");
        if ((this.list(to) as readonly string[]).length > 0) return new FileError("Directory not empty");
      } else if (status.kind === "directory") return new FileError("Not a directory");
      const refused = this.remove(to, true);
      if (refused) return refused;
    }
    const moved = (path: string): string | undefined =>
      path === from ? to : path.startsWith(`${from}/`) ? to + path.slice(from.length) : undefined;
    for (const map of [this.#tree.files, this.#tree.links, this.#tree.modes, this.#tree.times] as (Map<string, unknown> | undefined)[]) {
      if (!map) continue;
      for (const [path, value] of [...map]) {
        const now = moved(path);
        if (now === undefined) continue;
        map.delete(path);
        map.set(now, value);
        this.#note(path, "D");
        this.#note(now, "A");
      }
    }
    for (const path of [...this.#tree.directories]) {
      const now = moved(path);
      if (now === undefined) continue;
      this.#tree.directories.delete(path);
      this.#tree.directories.add(now);
      this.#note(path, "D");
      this.#note(now, "A");
    }
    this.#tree.children = undefined;
    return undefined;
  }

  /** When a file was last written, in µs of virtual time; 0 for what was there from the start. */
  modified(path: string): number {
    return this.#tree.times?.get(path) ?? 0;
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
      return refused ?? this.#made(real, 0o777, mount.makeDirectory(real));
    }
    if (this.#sealed) return new FileError("Read-only file system");
    const above = parentOf(real);
    if (!this.#tree.directories.has(above)) {
      if (this.#tree.files.has(above)) return new FileError("Not a directory");
      if (!parents) return new FileError("No such file or directory");
      const refused = this.makeDirectory(above, true);
      if (refused) return refused;
    }
    if (this.#tree.directories.size > MAX_FILES) return new FileError("No space left on device");
    if (nameTooLong(real)) return new FileError("File name too long");
    this.#tree.directories.add(real);
    this.#note(real, "A");
    this.#tree.children = undefined;
    this.#stamp(real);
    return this.#made(real, 0o777);
  }

  /** Names in a directory, sorted. */
  list(path: string): readonly string[] | FileError {
    const real = this.#follow(path);
    if (typeof real !== "string") return real;
    const mount = this.#mountAt(real);
    if (mount)
      return mount.list(real) ?? new FileError(typeof mount.read(real) === "string" ? "Not a directory" : "No such file or directory");
    if (!this.#tree.directories.has(real)) return new FileError(this.#tree.files.has(real) ? "Not a directory" : this.#absence(real));
    this.#tree.children ??= this.#namesByDirectory();
    return this.#tree.children.get(real) ?? [];
  }

  #namesByDirectory(): Map<string, string[]> {
    const all = new Set<string>([...this.#tree.files.keys(), ...this.#tree.directories, ...(this.#tree.links?.keys() ?? [])]);
    const byDirectory = new Map<string, string[]>();
    for (const path of [...all].sort()) {
      if (path === "/") continue;
      const parent = parentOf(path);
      const names = byDirectory.get(parent);
      const name = nameOf(path);
      if (names) names.push(name);
      else byDirectory.set(parent, [name]);
    }
    for (const names of byDirectory.values()) names.sort();
    return byDirectory;
  }

  remove(path: string, recursive: boolean): FileError | undefined {
    const parent = this.#follow(parentOf(path));
    if (typeof parent !== "string") return parent;
    const real = parent === parentOf(path) ? path : within(parent, nameOf(path));
    const mount = this.#mountAt(real);
    if (this.#sealed && !mount && this.exists(path)) return new FileError("Read-only file system");
    this.#tree.children = undefined;
    if (this.#tree.links?.delete(real)) {
      this.#note(real, "D");
      return undefined;
    }
    if (mount?.remove) return mount.remove(real, recursive);
    if (mount) return new FileError(this.exists(real) ? "Permission denied" : "No such file or directory");
    const text = this.#tree.files.get(real);
    if (text !== undefined) {
      this.#forget(real);
      return undefined;
    }
    if (!this.#tree.directories.has(real)) return new FileError(this.#absence(real));
    if (!recursive) return new FileError("Is a directory");
    const prefix = real === "/" ? "/" : `${real}/`;
    for (const tree of [this.#tree.files, this.#tree.directories, this.#tree.links])
      for (const entry of [...(tree?.keys() ?? [])])
        if (entry.startsWith(prefix) && entry !== "/" && !this.#mountAt(entry)) this.#forget(entry);
    if (real !== "/" && !this.#mounts.list.some(([at]) => at.startsWith(prefix))) this.#forget(real);
    return undefined;
  }

  #forget(path: string): void {
    this.#note(path, "D");
    const text = this.#tree.files.get(path);
    if (typeof text === "string") this.#tree.used = Math.max(0, this.#tree.used - text.length);
    for (const map of [this.#tree.files, this.#tree.directories, this.#tree.links, this.#tree.modes, this.#tree.times]) map?.delete(path);
  }

  #stamp(path: string): void {
    if (!this.now) return;
    this.#tree.times ??= new Map();
    this.#tree.times.set(path, this.now());
  }

  #makeAbove(path: string): void {
    let at = "";
    for (const part of path.split("/").slice(1, -1)) {
      at += `/${part}`;
      this.#tree.directories.add(at);
    }
  }

  #mountAt(path: string): Mount | undefined {
    for (const [at, mount] of this.#mounts.list)
      if (path.startsWith(at) && (path.length === at.length || path[at.length] === "/")) return mount;
    return undefined;
  }

  /** Why a path is not there: a file among its directories makes the difference. */
  #absence(path: string): "Not a directory" | "No such file or directory" {
    for (let at = parentOf(path); at !== "/"; at = parentOf(at)) if (this.#tree.files.has(at)) return "Not a directory";
    return "No such file or directory";
  }

  /** The path with every symbolic link in it followed. */
  #follow(path: string): string | FileError {
    if (!this.#tree.links) return path;
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
      const target = this.#tree.links?.get(`${at}/${part}`);
      if (target !== undefined) return resolvePath(at || "/", `${target}${path.slice(at.length + 1 + part.length)}`);
      at += `/${part}`;
    }
    return undefined;
  }
}

const nameOf = (path: string): string => path.slice(path.lastIndexOf("/") + 1);
const within = (directory: string, name: string): string => `${directory === "/" ? "" : directory}/${name}`;
const nameTooLong = (path: string): boolean => nameOf(path).length > MAX_NAME;

function writeTo(mount: Mount, path: string, text: string): FileError | undefined {
  if (mount.readOnly?.(path)) return new FileError("Read-only file system");
  if (mount.write) return mount.write(path, text);
  return new FileError(typeof mount.read(path) === "string" ? "Permission denied" : "No such file or directory");
}
