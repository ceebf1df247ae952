/** install: copies files and makes directories with modes of their own, whatever the umask. */
import { type FileError, resolvePath } from "../../../../kernel/vfs.ts";
import { changedMode } from "../../../mode.ts";
import { type Call, instantTool } from "../tool.ts";

const at = (call: Call, name: string): string => resolvePath(call.process.cwd, name);
const baseName = (name: string): string => name.replace(/\/+$/, "").split("/").at(-1) as string;

/** Makes a directory with those above it: 0755 above, as install and BusyBox's bb_make_directory() leave it to neither mode nor umask. */
function makeAll(call: Call, name: string, mode: number): FileError | undefined {
  const { fs } = call.process;
  const parts = name.replace(/\/+$/, "").split("/");
  for (let i = 1; i <= parts.length; i++) {
    const part = parts.slice(0, i).join("/") || "/";
    const path = at(call, part);
    if (fs.isDirectory(path)) continue;
    const failed = fs.makeDirectory(path, false);
    if (failed) return failed;
    if (!call.busybox || i === parts.length) fs.setMode(path, i === parts.length ? mode : 0o755);
    if (call.has("v")) call.print(call.busybox ? "" : `install: creating directory '${part}'\n`);
  }
  return undefined;
}

function directories(call: Call, mode: number): number {
  let status = 0;
  for (const name of call.operands) {
    const there = call.process.fs.isDirectory(at(call, name));
    const failed = makeAll(call, name, mode);
    if (failed)
      status = call.fail(
        call.busybox ? `can't create directory '${name}': ${failed.message}` : `cannot create directory '${name}': ${failed.message}`,
      );
    else if (there) call.process.fs.setMode(at(call, name), mode);
  }
  return status;
}

/** Puts one file there; GNU's unlinks what was there first, after a copy of it with -b. */
function put(call: Call, source: string, target: string, mode: number): number {
  const { fs } = call.process;
  const [from, to] = [at(call, source), at(call, target)];
  if (!fs.exists(from))
    return call.fail(
      call.busybox ? `can't stat '${source}': No such file or directory` : `cannot stat '${source}': No such file or directory`,
    );
  if (fs.isDirectory(from)) return call.fail(call.busybox ? `omitting directory '${source}'` : `omitting directory '${source}'`);
  if (from === to) return call.fail(`'${source}' and '${target}' are the same file`);
  const text = fs.read(from);
  const old = fs.read(to);
  const backed = call.has("b") && typeof old === "string";
  if (backed) fs.rename(to, `${to}~`);
  const failed = typeof text === "string" ? fs.write(to, text) : text;
  if (failed)
    return call.fail(
      call.busybox ? `can't create '${target}': ${failed.message}` : `cannot create regular file '${target}': ${failed.message}`,
    );
  fs.setMode(to, mode);
  if (call.has("v"))
    call.print(
      `${!backed && typeof old === "string" && !call.busybox ? `removed '${target}'\n` : ""}'${source}' -> '${target}'${backed ? ` (backup: '${target}~')` : ""}\n`,
    );
  return 0;
}

function run(call: Call): number {
  const word = call.value("m");
  const mode = word === undefined ? 0o755 : changedMode(word, 0, 0);
  if (mode === undefined) return call.fail(`invalid mode '${word}'`);
  const { fs } = call.process;
  const known = (kind: string, file: string, name: string): string | undefined => {
    const text = fs.read(file);
    const found = name === "0" || (typeof text === "string" && text.split("\n").some((line) => line.startsWith(`${name}:`)));
    return found ? undefined : call.busybox ? `unknown ${kind} ${name}` : `invalid ${kind} '${name}'`;
  };
  for (const [letter, kind, file] of [
    ["o", "user", "/etc/passwd"],
    ["g", "group", "/etc/group"],
  ] as const) {
    const name = call.value(letter);
    if (name === undefined) continue;
    const refused = known(kind, file, name);
    if (refused !== undefined) return call.fail(refused);
    if (name !== "root" && name !== "0") return call.fail("files of other users than root are not supported here");
  }
  const directory = call.value("t");
  if (call.operands.length === 0) return call.misuse("missing file operand");
  if (call.has("d")) return directories(call, mode);
  if (directory === undefined && call.operands.length === 1)
    return call.misuse(`missing destination file operand after '${call.operands[0]}'`);
  const target = directory ?? (call.operands.at(-1) as string);
  const sources = directory === undefined ? call.operands.slice(0, -1) : call.operands;
  if (call.has("D")) {
    const above = directory ?? target.slice(0, Math.max(0, target.lastIndexOf("/")));
    const failed = above === "" ? undefined : makeAll(call, above, 0o755);
    if (failed) return call.fail(`cannot create directory '${above}': ${failed.message}`);
  }
  const into = !call.has("T") && fs.isDirectory(at(call, target));
  if ((directory !== undefined || sources.length > 1) && !into)
    return call.fail(`target '${target}': ${fs.exists(at(call, target)) ? "Not a directory" : "No such file or directory"}`);
  let status = 0;
  for (const source of sources) {
    const failed = put(call, source, into ? `${target.replace(/\/$/, "")}/${baseName(source)}` : target, mode);
    if (failed !== 0) status = failed;
  }
  return status;
}

export const install = instantTool(
  {
    name: "install",
    summary: "copies files and makes directories, with their modes",
    short: "bcCdDg:m:o:pst:Tv",
    busybox: "cdDspo:g:m:t:v",
    long: {
      directory: "d",
      group: "g",
      mode: "m",
      owner: "o",
      "target-directory": "t",
      "no-target-directory": "T",
      verbose: "v",
      "preserve-timestamps": "p",
    },
    synopsis: "[OPTION]... SOURCE... DIRECTORY",
    unsupported: "SZ",
  },
  run,
);
