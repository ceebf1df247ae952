/** mkdir, rmdir, touch, rm, cp, mv, ln, chmod, chown: what changes the tree of files. */
import { FileError, resolvePath } from "../../../../kernel/vfs.ts";
import type { Command } from "../../../command.ts";
import { changedMode, modeText } from "../../../mode.ts";
import { type Call, instantTool } from "../tool.ts";

const at = (call: Call, name: string): string => resolvePath(call.process.cwd, name);

/** Does something to each operand; `said` makes the complaint of GNU and of BusyBox. */
function each(
  call: Call,
  act: (path: string, name: string) => FileError | undefined,
  said: (name: string, error: FileError) => string,
): number {
  if (call.operands.length === 0) return call.misuse(call.spec.name === "touch" ? "missing file operand" : "missing operand");
  let status = 0;
  for (const name of call.operands) {
    const failed = act(at(call, name), name);
    if (failed) status = call.fail(said(name, failed));
  }
  return status;
}

const makeDirectory = instantTool(
  {
    name: "mkdir",
    summary: "makes directories",
    short: "m:pv",
    long: { mode: "m", parents: "p", verbose: "v" },
    synopsis: "[OPTION]... DIRECTORY...",
  },
  (call) => {
    const mode = call.value("m");
    const { fs, cwd } = call.process;
    const bits = mode === undefined ? undefined : changedMode(mode, 0o777, fs.umask);
    if (mode !== undefined && bits === undefined) return call.fail(`invalid mode '${mode}'`);
    const make = (name: string, mode: number | undefined): FileError | undefined => {
      const path = resolvePath(cwd, name);
      const failed = fs.makeDirectory(path, false);
      if (failed) return failed;
      if (mode !== undefined) fs.setMode(path, mode);
      if (call.has("v")) call.print(call.busybox ? `created directory: '${name}'\n` : `mkdir: created directory '${name}'\n`);
      return undefined;
    };
    return each(
      call,
      (path, name) => {
        if (!call.has("p")) return make(name, bits);
        // POSIX: what is made above can be entered and written by its owner, whatever the umask.
        for (const above of pathsAbove(name))
          if (!fs.exists(resolvePath(cwd, above))) {
            const failed = make(above, (0o777 & ~fs.umask) | 0o300);
            if (failed) return failed;
          }
        return fs.isDirectory(path) ? undefined : make(name, bits);
      },
      (name, error) =>
        call.busybox ? `can't create directory '${name}': ${error.message}` : `cannot create directory '${name}': ${error.message}`,
    );
  },
);

/** "a" and "a/b" of "a/b/c". */
function pathsAbove(name: string): readonly string[] {
  const parts = name.replace(/\/+$/, "").split("/");
  return parts.slice(1).map((_, i) => parts.slice(0, i + 1).join("/") || "/");
}

const removeDirectory = instantTool(
  {
    name: "rmdir",
    summary: "removes empty directories",
    short: "pv",
    busybox: "p",
    long: { parents: "p", verbose: "v" },
    synopsis: "[OPTION]... DIRECTORY...",
  },
  (call) => {
    const one = (path: string): FileError | undefined => {
      const { fs } = call.process;
      const names = fs.list(path);
      if (names instanceof FileError) return names;
      if (fs.isMountPoint(path)) return new FileError("Device or resource busy");
      if (names.length > 0) return new FileError("Directory not empty");
      return fs.remove(path, true);
    };
    return each(
      call,
      (path) => {
        for (let now = path; ; now = now.slice(0, now.lastIndexOf("/"))) {
          const failed = one(now);
          if (failed) return now === path ? failed : undefined;
          if (!call.has("p") || now.lastIndexOf("/") <= 0) return undefined;
        }
      },
      (name, error) => (call.busybox ? `'${name}': ${error.message}` : `failed to remove '${name}': ${error.message}`),
    );
  },
);

const touch = instantTool(
  {
    name: "touch",
    summary: "makes empty files, or sets their time to now",
    short: "acfhmd:r:t:",
    long: { "no-create": "c", date: "d", reference: "r" },
    synopsis: "[OPTION]... FILE...",
  },
  (call) => {
    for (const letter of ["d", "r", "t"])
      if (call.has(letter)) return call.fail(`-${letter}: setting another time than now is not supported here`);
    return each(
      call,
      (path) => {
        const { fs } = call.process;
        if (fs.exists(path)) {
          fs.touch(path);
          return undefined;
        }
        return call.has("c") ? undefined : fs.append(path, "");
      },
      (name, error) => (call.busybox ? `${name}: ${error.message}` : `cannot touch '${name}': ${error.message}`),
    );
  },
);

const remove = instantTool(
  {
    name: "rm",
    summary: "removes files",
    short: "dfiIrRv",
    busybox: "firR",
    long: { dir: "d", force: "f", recursive: "r", verbose: "v", "preserve-root": "preserve-root", "no-preserve-root": "no-preserve-root" },
    synopsis: "[OPTION]... [FILE]...",
  },
  (call) => {
    const recursive = call.has("r") || call.has("R");
    if (call.has("i") || call.has("I")) return call.fail("-i: asking before each removal is not supported here");
    if (call.operands.length === 0) return call.has("f") ? 0 : call.misuse("missing operand");
    let status = 0;
    for (const name of call.operands) {
      const path = at(call, name);
      const { fs } = call.process;
      if (recursive && path === "/") {
        if (call.busybox) status = call.fail("recursively removing '/' is not supported here");
        else status = call.fail("it is dangerous to operate recursively on '/'\nrm: use --no-preserve-root to override this failsafe");
        continue;
      }
      if (/(^|\/)\.\.?\/*$/.test(name) && recursive) {
        status = call.fail(`refusing to remove '.' or '..' directory: skipping '${name}'`);
        continue;
      }
      const lstat = fs.status(path);
      if (lstat instanceof FileError) {
        if (call.has("f")) continue;
        status = call.fail(call.busybox ? `can't remove '${name}': ${lstat.message}` : `cannot remove '${name}': ${lstat.message}`);
        continue;
      }
      const empty = lstat.kind === "directory" && call.has("d") && (fs.list(path) as readonly string[]).length === 0;
      if (lstat.kind === "directory" && !recursive && !empty) {
        status = call.fail(call.busybox ? `'${name}' is a directory` : `cannot remove '${name}': Is a directory`);
        continue;
      }
      const failed = fs.remove(path, recursive || empty);
      if (failed)
        status = call.fail(call.busybox ? `can't remove '${name}': ${failed.message}` : `cannot remove '${name}': ${failed.message}`);
      else if (call.has("v")) call.print(`removed ${lstat.kind === "directory" ? "directory " : ""}'${name}'\n`);
    }
    return status;
  },
);

/** Sources and the place that they go to: inside of it when it is a directory. */
interface Transfer {
  readonly sources: readonly string[];
  readonly target: string;
  readonly into: boolean;
}

function transferOf(call: Call, missing: string): Transfer | number {
  const directory = call.value("t");
  const operands = directory === undefined ? call.operands : [...call.operands, directory];
  const [first] = operands;
  if (first === undefined) return call.misuse(missing);
  if (operands.length === 1) return call.misuse(`missing destination file operand after '${first}'`);
  const target = operands.at(-1) as string;
  const into = !call.has("T") && call.process.fs.isDirectory(at(call, target));
  if (operands.length > 2 && !into && !call.busybox)
    return call.fail(`target '${target}': ${call.process.fs.exists(at(call, target)) ? "Not a directory" : "No such file or directory"}`);
  return { sources: operands.slice(0, -1), target, into: into || operands.length > 2 };
}

const inside = (target: string, source: string): string => `${target.replace(/\/$/, "")}/${source.replace(/\/+$/, "").split("/").at(-1)}`;

/** Each source with its path, and what it will be called, with that name's path. */
function* pairsOf(call: Call, { sources, target, into }: Transfer) {
  for (const source of sources) {
    const name = into ? inside(target, source) : target;
    yield { source, name, from: at(call, source), to: at(call, name) };
  }
}

/** Copies a file or a tree; files that there are already are written over. */
function copyTree(call: Call, from: string, to: string, depth = 0): FileError | undefined {
  const { fs } = call.process;
  const status = fs.status(from);
  if (status instanceof FileError) return status;
  if (depth > 64) return new FileError("Too many levels of symbolic links");
  if (status.kind === "link" && (call.has("a") || call.has("d") || call.has("P"))) {
    if (fs.linkTarget(to) !== undefined) fs.remove(to, false);
    return fs.symlink(status.target as string, to);
  }
  // What is new gets the source's bits: all of them when they are to be preserved, else those that the umask leaves.
  const mode = status.kind === "link" ? 0o755 : status.mode;
  const bits = call.has("p") || call.has("a") ? mode : mode & 0o777 & ~fs.umask;
  if (fs.isDirectory(from)) {
    const there = fs.isDirectory(to);
    const made = there ? undefined : fs.makeDirectory(to, false);
    if (made) return made;
    if (!there) fs.setMode(to, bits);
    const names = fs.list(from);
    if (names instanceof FileError) return names;
    for (const name of names) {
      const failed = copyTree(call, `${from === "/" ? "" : from}/${name}`, `${to}/${name}`, depth + 1);
      if (failed) return failed;
    }
    return undefined;
  }
  const text = fs.read(from);
  if (text instanceof FileError) return text;
  const there = fs.exists(to);
  const failed = fs.write(to, text);
  if (failed) return failed;
  if (!there || call.has("p") || call.has("a")) fs.setMode(to, bits);
  return undefined;
}

const copy = instantTool(
  {
    name: "cp",
    summary: "copies files",
    short: "abdfiHlLnpPrRst:Tuv",
    busybox: "arRPLHpfinlst:Tuv",
    long: {
      archive: "a",
      force: "f",
      "no-clobber": "n",
      recursive: "r",
      "target-directory": "t",
      "no-target-directory": "T",
      verbose: "v",
      preserve: "p",
    },
    synopsis: "[OPTION]... SOURCE... DIRECTORY",
    unsupported: "SxZ",
  },
  (call) => {
    const transfer = transferOf(call, "missing file operand");
    if (typeof transfer === "number") return transfer;
    const recursive = call.has("r") || call.has("R") || call.has("a");
    let status = 0;
    const { fs } = call.process;
    for (const { source, name, from, to } of pairsOf(call, transfer)) {
      if (!fs.exists(from)) {
        status = call.fail(
          call.busybox ? `can't stat '${source}': No such file or directory` : `cannot stat '${source}': No such file or directory`,
        );
        continue;
      }
      if (fs.isDirectory(from) && !recursive) {
        status = call.fail(call.busybox ? `omitting directory '${source}'` : `-r not specified; omitting directory '${source}'`);
        continue;
      }
      if (from === to) {
        status = call.fail(`'${source}' and '${name}' are the same file`);
        continue;
      }
      if (to.startsWith(`${from}/`)) {
        status = call.fail(`cannot copy a directory, '${source}', into itself, '${name}'`);
        continue;
      }
      if (call.has("n") && fs.exists(to)) continue;
      const failed = copyTree(call, from, to);
      if (failed)
        status = call.fail(
          call.busybox ? `can't create '${name}': ${failed.message}` : `cannot create regular file '${name}': ${failed.message}`,
        );
      else if (call.has("v")) call.print(`'${source}' -> '${name}'\n`);
    }
    return status;
  },
);

const move = instantTool(
  {
    name: "mv",
    summary: "moves and renames files",
    short: "bfint:Tuv",
    busybox: "fint:Tv",
    long: { force: "f", "no-clobber": "n", "target-directory": "t", "no-target-directory": "T", verbose: "v" },
    synopsis: "[OPTION]... SOURCE... DIRECTORY",
  },
  (call) => {
    const transfer = transferOf(call, "missing file operand");
    if (typeof transfer === "number") return transfer;
    let status = 0;
    const { fs } = call.process;
    for (const { source, name, from, to } of pairsOf(call, transfer)) {
      const found = fs.status(from);
      if (found instanceof FileError) {
        status = call.fail(call.busybox ? `can't rename '${source}': ${found.message}` : `cannot stat '${source}': ${found.message}`);
        continue;
      }
      if (from === to) {
        // BusyBox has rename(2) find that there is nothing to do.
        if (!call.busybox) status = call.fail(`'${source}' and '${name}' are the same file`);
        continue;
      }
      if (call.has("n") && fs.exists(to)) continue;
      const failed = fs.rename(from, to);
      if (!failed) {
        if (call.has("v")) call.print(call.busybox ? `'${source}' -> '${name}'\n` : `renamed '${source}' -> '${name}'\n`);
        continue;
      }
      if (call.busybox) status = call.fail(`can't rename '${source}': ${failed.message}`);
      else if (failed.message === "Invalid argument") status = call.fail(`cannot move '${source}' to a subdirectory of itself, '${name}'`);
      else status = call.fail(`cannot move '${source}' to '${name}': ${failed.message}`);
    }
    return status;
  },
);

const link = instantTool(
  {
    name: "ln",
    summary: "makes links: ln -s TARGET NAME",
    short: "bfinrst:Tv",
    busybox: "sfnbtvT",
    long: { force: "f", "no-dereference": "n", symbolic: "s", verbose: "v" },
    synopsis: "[OPTION]... TARGET... DIRECTORY",
  },
  (call) => {
    const [target, name] = call.operands;
    if (target === undefined) return call.misuse("missing file operand");
    const { fs, cwd } = call.process;
    let place = name ?? `./${target.split("/").at(-1)}`;
    if (fs.isDirectory(resolvePath(cwd, place)) && !call.has("n") && !call.has("T")) place = inside(place, target);
    const path = resolvePath(cwd, place);
    const what = call.has("s") ? "symbolic link" : "hard link";
    if (!call.has("s") && !fs.exists(resolvePath(cwd, target)))
      return call.fail(call.busybox ? `${target}: No such file or directory` : `failed to access '${target}': No such file or directory`);
    if (call.has("f") && (fs.exists(path) || fs.linkTarget(path) !== undefined)) fs.remove(path, false);
    if (!call.has("s")) {
      if (fs.exists(path)) return call.fail(call.busybox ? `${place}: File exists` : `failed to create ${what} '${place}': File exists`);
      return call.fail("hard links are not supported here; ln -s makes symbolic ones");
    }
    const failed = fs.symlink(target, path);
    if (failed) return call.fail(call.busybox ? `${place}: ${failed.message}` : `failed to create ${what} '${place}': ${failed.message}`);
    if (call.has("v")) call.print(`'${place}' -> '${target}'\n`);
    return 0;
  },
);

/** chmod's mode may begin with a minus, which is no option. */
const modeFirst = (words: readonly string[]): readonly string[] => {
  const place = words.findIndex((word) => /^-[rwxXstugo]+([-+=,].*)?$/.test(word));
  return place < 0 ? words : [...words.slice(0, place), "--", ...words.slice(place)];
};

const changeMode = instantTool(
  {
    name: "chmod",
    summary: "changes permissions",
    short: "cfRv",
    busybox: "Rcvf",
    long: { recursive: "R", verbose: "v", silent: "f", quiet: "f" },
    synopsis: "[OPTION]... MODE[,MODE]... FILE...",
    prepare: modeFirst,
  },
  (call) => {
    const [mode, ...names] = call.operands;
    if (mode === undefined) return call.misuse("missing operand");
    if (names.length === 0) return call.misuse(`missing operand after '${mode}'`);
    if (changedMode(mode, 0, 0) === undefined)
      return call.busybox ? call.fail(`invalid mode '${mode}'`) : call.misuse(`invalid mode: '${mode}'`);
    const { fs } = call.process;
    let status = 0;
    const one = (path: string, name: string, depth: number): void => {
      const found = fs.status(path);
      if (found instanceof FileError || (found.kind === "link" && !fs.exists(path))) {
        status = call.fail(
          call.busybox
            ? `${name}: No such file or directory`
            : `cannot access '${name}': ${found instanceof FileError ? found.message : "No such file or directory"}`,
        );
        return;
      }
      const old = found.kind === "link" ? 0o644 : found.mode;
      const wanted = changedMode(mode, old, fs.umask) as number;
      const failed = fs.setMode(path, wanted);
      // GNU's wonders at what the umask kept of a mode that begins with a minus.
      const naive = changedMode(mode, old, 0) as number;
      if (/^-/.test(mode) && !call.busybox && wanted & ~naive && !failed)
        status = call.fail(
          `${name}: new permissions are ${modeText({ kind: "file", mode: wanted }).slice(1)}, not ${modeText({ kind: "file", mode: naive }).slice(1)}`,
        );
      if (failed) status = call.fail(call.busybox ? `${name}: ${failed.message}` : `changing permissions of '${name}': ${failed.message}`);
      const inner = call.has("R") && found.kind === "directory" && depth < 64 ? fs.list(path) : [];
      if (!(inner instanceof FileError)) for (const child of inner) one(`${path}/${child}`, `${name}/${child}`, depth + 1);
    };
    for (const name of names) one(at(call, name), name, 0);
    return status;
  },
);

const changeOwner = instantTool(
  {
    name: "chown",
    summary: "changes owners",
    short: "cfhRv",
    long: { recursive: "R", verbose: "v" },
    synopsis: "[OPTION]... [OWNER][:[GROUP]] FILE...",
  },
  (call) => {
    const [owner, ...names] = call.operands;
    if (owner === undefined) return call.misuse("missing operand");
    if (names.length === 0) return call.misuse(`missing operand after '${owner}'`);
    const user = owner.split(/[:.]/)[0] as string;
    const passwd = call.process.fs.read("/etc/passwd");
    const known =
      user === "" || /^\d+$/.test(user) || (typeof passwd === "string" && passwd.split("\n").some((line) => line.startsWith(`${user}:`)));
    if (!known) return call.fail(call.busybox ? `unknown user ${user}` : `invalid user: '${owner}'`);
    let status = 0;
    for (const name of names)
      if (!call.process.fs.exists(at(call, name)))
        status = call.fail(call.busybox ? `${name}: No such file or directory` : `cannot access '${name}': No such file or directory`);
    if (status === 0 && user !== "" && user !== "root" && user !== "0")
      return call.fail("files of other users than root are not supported here");
    return status;
  },
);

export const changeCommands: readonly Command[] = [
  makeDirectory,
  removeDirectory,
  touch,
  remove,
  copy,
  move,
  link,
  changeMode,
  changeOwner,
];
