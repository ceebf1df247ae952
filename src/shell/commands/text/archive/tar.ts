/** tar: many files in one. GNU's on the host, BusyBox's in containers, which makes, lists and extracts alone. */
import type { Op } from "../../../../kernel/task.ts";
import { FileError, resolvePath } from "../../../../kernel/vfs.ts";
import type { Command, Process } from "../../../command.ts";
import { modeText } from "../../../mode.ts";
import { formatTime } from "../../../wall-clock.ts";
import { bytesOf, textOf } from "../bytes/bytes.ts";
import { secondsOf } from "../files/dates.ts";
import { type Flow, flowing } from "../flow.ts";
import { type Call, isBusybox, tool } from "../tool.ts";
import { gunzipped, gzipped, isGzip } from "./gzip-format.ts";
import { type Member, readArchive, writeArchive } from "./tar-format.ts";

const MAX_DEPTH = 64;
/** Columns of owner, group and size in a listing; a wider line widens those behind it. */
const OWNER_AND_SIZE = 19;
const HINT = "\nTry 'tar --help' or 'tar --usage' for more information.";
const VERBS = ["c", "x", "t", "r", "u", "d", "delete"] as const;
type Verb = (typeof VERBS)[number];

/** "cvf FILE" as "-c -v -f FILE": the letters' values follow one after the other. */
function oldStyle(words: readonly string[], short: string): readonly string[] | string {
  const [first, ...rest] = words;
  if (first === undefined || first.startsWith("-") || first === "") return words;
  const options: string[] = [];
  for (const letter of first) {
    options.push(`-${letter}`);
    if (short[short.indexOf(letter) + 1] !== ":") continue;
    const value = rest.shift();
    if (value === undefined) return `Old option '${letter}' requires an argument.`;
    options.push(value);
  }
  return [...options, ...rest];
}

/** A pattern of --exclude: with its * over slashes too, against the whole name or what is behind a slash. */
function excludes(patterns: readonly string[]): (name: string) => boolean {
  const regexes = patterns.map(
    (pattern) =>
      new RegExp(
        `(^|/)${pattern
          .replace(/\/$/, "")
          .replace(/[.+^${}()|\\]/g, "\\$&")
          .replaceAll("*", ".*")
          .replaceAll("?", ".")}(/|$)`,
      ),
  );
  return (name) => regexes.some((regex) => regex.test(name));
}

class Tar {
  readonly #call: Call;
  readonly #flow: Flow;
  readonly #verb: Verb;
  readonly #excluded: (name: string) => boolean;
  #failed = false;
  #saidSlash = false;
  #width = OWNER_AND_SIZE;

  constructor(call: Call, flow: Flow, verb: Verb) {
    this.#call = call;
    this.#flow = flow;
    this.#verb = verb;
    this.#excluded = excludes(call.values("exclude"));
  }

  get #file(): string {
    return this.#call.value("f") ?? "-";
  }

  get #directory(): string {
    return this.#call.values("C").reduce(resolvePath, this.#call.process.cwd);
  }

  *run(): Op<number> {
    const call = this.#call;
    for (const name of call.values("C"))
      if (!call.process.fs.isDirectory(this.#directory))
        return call.busybox
          ? call.fail(`can't change directory to '${name}': No such file or directory`)
          : this.#fatal(`${name}: Cannot open: No such file or directory`);
    const status = yield* this.#do();
    if (status !== undefined) return status;
    if (!this.#failed) return 0;
    return call.busybox
      ? call.fail("error exit delayed from previous errors")
      : call.fail("Exiting with failure status due to previous errors", 2);
  }

  #do(): Op<number | undefined> {
    switch (this.#verb) {
      case "c":
        return this.#create();
      case "x":
      case "t":
      case "d":
        return this.#walk();
      default:
        return this.#change();
    }
  }

  #fatal(message: string): number {
    return this.#call.fail(`${message}\ntar: Error is not recoverable: exiting now`, 2);
  }

  /** Something that is told and gone on from. */
  #complain(message: string): undefined {
    this.#failed = true;
    this.#call.fail(message);
  }

  *#members(): Op<readonly Member[] | number> {
    const call = this.#call;
    const file = this.#file;
    const input = this.#flow.open(file);
    if (input instanceof FileError)
      return call.busybox ? call.fail(`can't open '${file}': ${input.message}`) : this.#fatal(`${file}: Cannot open: ${input.message}`);
    let bytes = bytesOf(yield* this.#flow.all(input));
    // GNU's looks for what packed it; by the name alone where nothing else tells.
    const named = !call.busybox && /\.(t?gz|taz|Z)$/.test(file) && !readArchive(bytes);
    if (named && !call.has("z") && !isGzip(bytes)) call.fail("This does not look like a tar archive");
    if (call.has("z") || named || (isGzip(bytes) && !call.busybox)) {
      if (!call.has("z") && file === "-" && !call.busybox) return this.#fatal("Archive is compressed. Use -z option");
      const unpacked = gunzipped(bytes);
      if (typeof unpacked === "string") {
        if (call.busybox) return call.fail(unpacked === "not in gzip format" ? "invalid magic\ntar: short read" : unpacked);
        call.process.stderr.write(`\ngzip: stdin: ${unpacked}\n`);
        return this.#fatal("Child returned status 1");
      }
      bytes = unpacked.bytes;
    }
    const archive = readArchive(bytes);
    if (archive?.whole && (bytes.length > 0 || !call.busybox)) return archive.members;
    if (call.busybox) return call.fail(bytes.length >= 512 && !archive ? "invalid tar magic" : "short read");
    if (archive && archive.members.length > 0) {
      this.#complain("Unexpected EOF in archive");
      return archive.members;
    }
    call.fail("This does not look like a tar archive");
    return call.fail("Exiting with failure status due to previous errors", 2);
  }

  /** Of a name as it is kept: without the slashes before it, which is told once. */
  #kept(name: string): string {
    const kept = this.#call.has("P") ? name : name.replace(/^\/+/, "");
    if (kept === name || this.#saidSlash) return kept;
    this.#saidSlash = true;
    this.#call.process.stderr.write(`tar: ${this.#call.busybox ? "removing leading '/'" : "Removing leading `/'"} from member names\n`);
    return kept;
  }

  *#collect(names: readonly string[]): Op<readonly Member[]> {
    const { process } = this.#call;
    const { fs, machine } = process;
    const members: Member[] = [];
    const visit = (name: string, depth: number): undefined => {
      const path = resolvePath(this.#directory, name);
      const status = fs.status(path);
      if (status instanceof FileError)
        return this.#complain(this.#call.busybox ? `${name}: ${status.message}` : `${name}: Cannot stat: ${status.message}`);
      if (this.#excluded(name)) return;
      const followed = status.kind === "link" && this.#call.has("h") ? fs.status(resolvePath("/", path)) : status;
      const kind = followed instanceof FileError ? status.kind : followed.kind;
      const text = kind === "file" ? fs.read(path) : "";
      if (text instanceof FileError) return this.#complain(`${name}: Cannot open: ${text.message}`);
      const base = this.#kept(name.replace(/(.)\/+$/, "$1"));
      const kept = kind === "directory" ? `${base === "" ? "." : base}/` : base;
      const time = secondsOf(machine.kernel, status.modified);
      const member: Member = {
        name: kept,
        kind,
        mode: status.mode,
        time,
        target: status.target ?? "",
        bytes: bytesOf(text),
        owner: "root/root",
      };
      members.push(member);
      if (this.#call.has("v")) this.#tell(member);
      const inside = kind === "directory" && !this.#call.has("no-recursion") && depth < MAX_DEPTH ? fs.list(path) : [];
      if (!(inside instanceof FileError)) for (const child of inside) visit(`${name.replace(/(.)\/+$/, "$1")}/${child}`, depth + 1);
    };
    for (const name of names) {
      visit(name, 0);
      yield* this.#flow.flush();
    }
    return members;
  }

  /** -v while an archive is made: on stderr where the archive is on stdout. */
  #tell(member: Member): void {
    const line = `${this.#verb === "c" && this.#long ? this.#described(member) : member.name}\n`;
    if (this.#file === "-" && this.#verb === "c") this.#call.process.stderr.write(line);
    else this.#flow.print(line);
  }

  get #long(): boolean {
    const often = this.#call.given.filter(({ name }) => name === "v").length;
    return this.#verb === "t" ? often > 0 : often > 1 && !this.#call.busybox;
  }

  #described(member: Member): string {
    const { kernel } = this.#call.process.machine;
    const size = String(member.bytes.length);
    this.#width = Math.max(this.#width, member.owner.length + size.length);
    const date = formatTime(kernel, this.#call.busybox ? "%F %T" : "%F %H:%M", member.time);
    const link = member.kind === "link" ? ` -> ${member.target}` : "";
    return `${modeText(member)} ${member.owner}${size.padStart(this.#width - member.owner.length + 1)} ${date} ${member.name}${link}`;
  }

  *#write(members: readonly Member[]): Op<number | undefined> {
    const call = this.#call;
    const archive = writeArchive(members);
    const packs = call.has("z") || (call.has("a") && /\.(tgz|tar\.gz)$/.test(this.#file));
    const text = packs ? gzipped(bytesOf(archive), "", 0) : archive;
    if (this.#file === "-") {
      this.#flow.print(text);
      yield* this.#flow.flush();
      return undefined;
    }
    const path = resolvePath(call.process.cwd, this.#file);
    const failed = path === "/dev/null" ? undefined : call.process.fs.write(path, text);
    if (!failed) return undefined;
    return call.busybox
      ? call.fail(`can't open '${this.#file}': ${failed.message}`)
      : this.#fatal(`${this.#file}: Cannot open: ${failed.message}`);
  }

  *#create(): Op<number | undefined> {
    const call = this.#call;
    if (call.operands.length === 0)
      return call.busybox ? call.fail("empty archive") : call.fail(`Cowardly refusing to create an empty archive${HINT}`, 2);
    return yield* this.#write(yield* this.#collect(call.operands));
  }

  /** -r, -u and --delete: the archive anew, longer or shorter. */
  *#change(): Op<number | undefined> {
    const call = this.#call;
    if (this.#file === "-") return call.fail(`Options '-Aru' are incompatible with '-f -'${HINT}`, 2);
    if (call.has("z")) return this.#fatal("Cannot update compressed archives");
    const there =
      call.process.fs.exists(resolvePath(call.process.cwd, this.#file)) || this.#verb === "delete" ? yield* this.#members() : [];
    if (typeof there === "number") return there;
    if (this.#verb === "delete") {
      const named = this.#named(call.operands);
      const left = there.filter(({ name }) => !named.takes(name));
      this.#tellMissing(named.missing());
      return yield* this.#write(left);
    }
    const added = yield* this.#collect(call.operands);
    const newer = (member: Member): boolean => !there.some(({ name, time }) => name === member.name && time >= member.time);
    return yield* this.#write([...there, ...(this.#verb === "u" ? added.filter(newer) : added)]);
  }

  /** Which members operands mean: those of the name, and what is in a directory of it. */
  #named(operands: readonly string[]) {
    const found = new Set<string>();
    const wild = this.#call.has("wildcards");
    const means = (operand: string, name: string): boolean => {
      const bare = name.replace(/\/$/, "");
      const wanted = operand.replace(/\/$/, "");
      if (
        wild &&
        excludes([wanted])(bare) &&
        new RegExp(
          `^${wanted
            .replace(/[.+^${}()|\\]/g, "\\$&")
            .replaceAll("*", ".*")
            .replaceAll("?", ".")}`,
        ).test(bare)
      )
        return true;
      return bare === wanted || bare.startsWith(`${wanted}/`);
    };
    return {
      takes(name: string): boolean {
        if (operands.length === 0) return true;
        let taken = false;
        for (const operand of operands)
          if (means(operand, name)) {
            taken = true;
            found.add(operand);
          }
        return taken;
      },
      missing: (): readonly string[] => operands.filter((operand) => !found.has(operand)),
    };
  }

  #tellMissing(missing: readonly string[]): number | undefined {
    for (const name of missing) {
      if (this.#call.busybox) return this.#call.fail(`${name}: not found in archive`);
      this.#complain(`${name}: Not found in archive`);
    }
    return undefined;
  }

  *#walk(): Op<number | undefined> {
    const call = this.#call;
    const members = yield* this.#members();
    if (typeof members === "number") return members;
    const named = this.#named(call.operands);
    let differs = false;
    for (const member of members) {
      if (!named.takes(member.name) || this.#excluded(member.name)) continue;
      if (this.#verb === "t") this.#flow.print(`${this.#long ? this.#described(member) : member.name}\n`);
      else if (this.#verb === "d") differs = this.#compare(member) || differs;
      else this.#extract(member);
      yield* this.#flow.flush();
    }
    const refused = this.#tellMissing(named.missing());
    return refused ?? (differs && !this.#failed ? 1 : undefined);
  }

  #compare({ name, kind, bytes, mode, target }: Member): boolean {
    const { fs } = this.#call.process;
    const path = resolvePath(this.#directory, name);
    const status = fs.status(path);
    const why = (text: string): boolean => {
      this.#flow.print(`${name}: ${text}\n`);
      return true;
    };
    if (status instanceof FileError) {
      this.#call.process.stderr.write(`tar: ${name}: Warning: Cannot stat: ${status.message}\n`);
      return true;
    }
    if (status.kind !== kind) return why("File type differs");
    if (kind === "link") return status.target !== target && why("Symlink differs");
    if (status.mode !== mode) why("Mode differs");
    if (kind !== "file") return status.mode !== mode;
    const text = fs.read(path);
    const now = typeof text === "string" ? bytesOf(text) : new Uint8Array();
    if (now.length !== bytes.length) return why("Size differs");
    return (now.some((byte, i) => byte !== bytes[i]) && why("Contents differ")) || status.mode !== mode;
  }

  #extract(member: Member): undefined {
    const call = this.#call;
    const { fs } = call.process;
    const strip = Number(call.value("strip") ?? 0);
    const parts = this.#kept(member.name)
      .split("/")
      .filter((part) => part !== "" && part !== ".");
    if (parts.includes("..")) return this.#complain(`${member.name}: Member name contains '..'`);
    const name = parts.slice(strip).join("/");
    if (parts.length > 0 && name === "") return;
    if (call.has("O")) {
      if (member.kind === "file") this.#flow.print(textOf(member.bytes));
      return;
    }
    if (call.has("v")) this.#flow.print(`${call.busybox || !this.#long ? member.name : this.#described(member)}\n`);
    const path = resolvePath(this.#directory, name);
    const cannot = (what: string, why: string): undefined =>
      this.#complain(call.busybox ? `can't ${what === "Cannot open" ? "open" : "create"} '${name}': ${why}` : `${name}: ${what}: ${why}`);
    if (member.kind === "directory") {
      const failed = fs.isDirectory(path) ? undefined : fs.makeDirectory(path, true);
      if (failed) return cannot("Cannot mkdir", failed.message);
      if (name !== "") fs.setMode(path, member.mode);
      return;
    }
    const above = path.slice(0, path.lastIndexOf("/")) || "/";
    if (!fs.exists(above)) fs.makeDirectory(above, true);
    const there = fs.exists(path) || fs.linkTarget(path) !== undefined;
    if (there && call.has("k"))
      return cannot(member.kind === "link" ? `Cannot create symlink to '${member.target}'` : "Cannot open", "File exists");
    if (there && !fs.isDirectory(path)) fs.remove(path, false);
    if (member.kind === "link") {
      const failed = fs.symlink(member.target, path);
      if (failed) cannot(`Cannot create symlink to '${member.target}'`, failed.message);
      return;
    }
    const failed = fs.write(path, textOf(member.bytes));
    if (failed) return cannot("Cannot open", failed.message);
    fs.setMode(path, member.mode);
  }
}

function* run(call: Call): Op<number> {
  const verbs = VERBS.filter((verb) => call.has(verb) && (!call.busybox || "cxt".includes(verb)));
  const [verb] = verbs;
  if (verb === undefined)
    return call.busybox
      ? call.usage()
      : call.fail(`You must specify one of the '-Acdtrux', '--delete' or '--test-label' options${HINT}`, 2);
  if (verbs.length > 1)
    return call.busybox
      ? call.usage()
      : call.fail(`You may not specify more than one '-Acdtrux', '--delete' or  '--test-label' option${HINT}`, 2);
  if (call.has("C") && verb === "c" && call.values("C").length > 1) return call.fail("more than one -C is not supported here", 2);
  return yield* flowing(call.process, "tar", (flow) => new Tar(call, flow, verb).run(), 2);
}

const SHORT = "cxtrudf:vzC:OkpPah";
const BUSYBOX = "cxtf:vzC:Okmoah";

const inner = tool(
  {
    name: "tar",
    summary: "files together in an archive",
    short: SHORT,
    busybox: BUSYBOX,
    long: {
      create: "c",
      extract: "x",
      get: "x",
      list: "t",
      append: "r",
      update: "u",
      diff: "d",
      compare: "d",
      delete: "delete",
      file: "f",
      verbose: "v",
      gzip: "z",
      gunzip: "z",
      directory: "C",
      "to-stdout": "O",
      "keep-old-files": "k",
      "absolute-names": "P",
      "auto-compress": "a",
      dereference: "h",
      "preserve-permissions": "p",
      exclude: "exclude:",
      "strip-components": "strip:",
      wildcards: "wildcards",
      "no-recursion": "no-recursion",
    },
    synopsis: "[OPTION...] [FILE]...",
    usageStatus: 64,
    hasUsage: true,
    unsupported: "AJjZTXKNgGSWUwlmo",
    prepare: (words) => {
      const given = oldStyle(words, SHORT);
      return typeof given === "string" ? words : given;
    },
  },
  run,
);

export const tar: Command = {
  ...inner,
  *run(process: Process): Op<number> {
    if (isBusybox(process)) return (yield* inner.run(process)) === 0 ? 0 : 1;
    const refused = oldStyle(process.argv.slice(1), SHORT);
    if (typeof refused !== "string") return yield* inner.run(process);
    process.stderr.write(`tar: ${refused}${HINT}\n`);
    return 2;
  },
};
