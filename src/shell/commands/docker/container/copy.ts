/** `docker cp` (cli/command/container/cp.go, archive/copy.go): files and directories between the host and a container. */
import type { DockerEngine } from "../../../../engine/engine.ts";
import { EngineError } from "../../../../engine/types.ts";
import type { Op } from "../../../../kernel/task.ts";
import { FileError, type FileSystem, resolvePath } from "../../../../kernel/vfs.ts";
import type { Process } from "../../../command.ts";
import { fail } from "../errors.ts";
import type { Flags } from "../flags.ts";
import { humanSize } from "../times.ts";
import type { Verb } from "../verb.ts";
import { archiveOf, unpackInto } from "./copy-archive.ts";

interface Place {
  readonly fs: FileSystem;
  /** The container as it was named; "" for the host. */
  readonly container: string;
  /** As written. */
  readonly path: string;
  readonly real: string;
  readonly readOnly: boolean;
}

const TAR_BLOCK = 512;
const TAR_END = 1024;
/** Files that one copy may consist of. */
const MAX_COPIED = 10_000;

/** "CONTAINER:PATH", or a path of the host: what begins with "." or "/" is one, colons or not. */
function splitArgument(argument: string): readonly [container: string, path: string] {
  if (argument.startsWith("/") || argument.startsWith(".")) return ["", argument];
  const at = argument.indexOf(":");
  return at < 0 ? ["", argument] : [argument.slice(0, at), argument.slice(at + 1)];
}

function place(process: Process, engine: DockerEngine, argument: string): Place | string {
  const [name, path] = splitArgument(argument);
  if (name === "") return { fs: process.fs, container: "", path, real: resolvePath(process.cwd, path), readOnly: false };
  const container = engine.findContainer(name);
  if (container instanceof EngineError) return `Error response from daemon: ${container.message}`;
  return { fs: container.fs, container: name, path, real: resolvePath("/", path), readOnly: container.spec.readOnly };
}

const parent = (path: string): string => path.slice(0, path.lastIndexOf("/")) || "/";
const base = (path: string): string => path.slice(path.lastIndexOf("/") + 1);

function missing({ container, path }: Place): string {
  return container === ""
    ? `lstat ${/^\/[^/]+$/.test(path) ? "/" : ""}${path}: no such file or directory`
    : `Error response from daemon: Could not find the file ${path} in container ${container}`;
}

/** Where the source comes to stand; the text is why it cannot. */
function destination(from: Place, to: Place): string | { readonly refused: string } {
  const directory = from.fs.isDirectory(from.real);
  const contents = from.path.endsWith("/.") || from.path === ".";
  if (to.fs.isDirectory(to.real)) return directory && contents ? to.real : resolvePath(to.real, base(from.real));
  if (to.fs.exists(to.real)) {
    if (to.path.endsWith("/")) return { refused: "not a directory" };
    return directory ? { refused: "cannot copy directory" } : to.real;
  }
  if (to.path.endsWith("/") && !directory) return { refused: to.container ? missing(to) : "no such directory" };
  if (!to.fs.isDirectory(parent(to.real))) {
    const above = { ...to, path: parent(to.path.replace(/\/$/, "")) };
    return { refused: to.container ? missing(above) : `invalid output path: directory "${parent(to.real)}" does not exist` };
  }
  return to.real;
}

/** Bytes of the tar archive that the copy goes by; the text is what stopped it. */
function copyTree(from: FileSystem, source: string, to: FileSystem, target: string): number | string {
  const pending: [string, string][] = [[source, target]];
  let bytes = TAR_END;
  for (let count = 0; pending.length > 0; count++) {
    if (count > MAX_COPIED) return `docker cp: copies of more than ${MAX_COPIED} files are not supported here`;
    const [at, onto] = pending.pop() as [string, string];
    bytes += TAR_BLOCK;
    if (from.isDirectory(at)) {
      const refused = to.isDirectory(onto) ? undefined : to.makeDirectory(onto, false);
      if (refused) return refused.message.toLowerCase();
      const names = from.list(at);
      if (!(names instanceof FileError)) for (const name of names) pending.push([resolvePath(at, name), resolvePath(onto, name)]);
      continue;
    }
    const text = from.read(at);
    const refused = typeof text === "string" ? to.write(onto, text) : text;
    if (refused instanceof FileError) return refused.message.toLowerCase();
    to.setExecutable(onto, from.isExecutable(at));
    bytes += Math.ceil(new TextEncoder().encode(text as string).length / TAR_BLOCK) * TAR_BLOCK;
  }
  return bytes;
}

/** Copies from one place to another; also what `docker compose cp` does. */
export function copyFiles(process: Process, engine: DockerEngine, source: string, target: string, quiet: boolean): number {
  if (source === "") return fail(process, "source can not be empty");
  if (target === "" || target.endsWith(":")) return fail(process, "destination can not be empty");
  if (source === "-" || target === "-")
    return fail(process, "docker cp: tar archives on standard input and output (-) are not supported here; files and directories are");
  const [fromContainer] = splitArgument(source);
  const [toContainer] = splitArgument(target);
  if (fromContainer !== "" && toContainer !== "") return fail(process, "copying between containers is not supported");
  if (fromContainer === "" && toContainer === "") return fail(process, "must specify at least one container source");
  // The words are the daemon's own, gap and all.
  if (/^[^:/.]+:$/.test(source)) return fail(process, "Error response from daemon: bad parameter: pathcannot be empty");
  const from = place(process, engine, source);
  if (typeof from === "string") return fail(process, from);
  const to = place(process, engine, target);
  if (typeof to === "string") return fail(process, to);
  if (!from.fs.exists(from.real)) return fail(process, missing(from));
  if (to.readOnly) return fail(process, "Error response from daemon: container rootfs is marked read-only");
  const where = destination(from, to);
  if (typeof where !== "string") return fail(process, where.refused);
  const container = engine.findContainer(from.container || to.container);
  if (!(container instanceof EngineError)) engine.noteEvent(container, from.container ? "archive-path" : "extract-to-dir");
  const bytes = copyTree(from.fs, from.real, to.fs, where);
  if (typeof bytes === "string") return fail(process, bytes);
  if (!quiet && process.tty) process.stderr.write(`Successfully copied ${humanSize(bytes)} to ${target}\n`);
  return 0;
}

/** With "-" in place of the host's path. */
function* copyArchive(process: Process, engine: DockerEngine, source: string, target: string): Op<number> {
  const out = target === "-";
  const named = out ? source : target;
  if (splitArgument(named)[0] === "") return fail(process, "must specify at least one container source");
  const there = place(process, engine, named);
  if (typeof there === "string") return fail(process, there);
  if (!there.fs.exists(there.real)) return fail(process, missing(there));
  const container = engine.findContainer(there.container);
  if (!(container instanceof EngineError)) engine.noteEvent(container, out ? "archive-path" : "extract-to-dir");
  if (out) {
    process.stdout.write(archiveOf(process, there.fs, there.real));
    return 0;
  }
  if (!there.fs.isDirectory(there.real)) return fail(process, `destination "${there.container}:${there.path}" must be a directory`);
  if (there.readOnly) return fail(process, "Error response from daemon: container rootfs is marked read-only");
  const refused = yield* unpackInto(process, there.fs, there.real);
  return refused === undefined ? 0 : fail(process, refused);
}

function* copy(process: Process, flags: Flags, engine: DockerEngine): Op<number> {
  const [source = "", target = ""] = flags.args;
  if ((source === "-") !== (target === "-")) return yield* copyArchive(process, engine, source, target);
  return copyFiles(process, engine, source, target, flags.on("quiet"));
}

export const copyVerb: Verb = {
  names: ["cp"],
  top: "cp",
  completes: "container",
  command: {
    usage: "[OPTIONS] CONTAINER:SRC_PATH DEST_PATH|-\n\tdocker cp [OPTIONS] SRC_PATH|- CONTAINER:DEST_PATH",
    summary: `Copy files/folders between a container and the local filesystem

Use '-' as the source to read a tar archive from stdin
and extract it to a directory destination in a container.
Use '-' as the destination to stream a tar archive of a
container source to stdout.`,
    aliases: "docker container cp, docker cp",
    options: `-a, --archive  Archive mode (copy all uid/gid information)
-L, --follow-link  Always follow symbol link in SRC_PATH
-q, --quiet  Suppress progress output during copy. Progress output is automatically suppressed if no terminal is attached`,
    least: 2,
    most: 2,
  },
  run: copy,
};
