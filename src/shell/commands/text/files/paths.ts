/** basename, dirname, readlink, realpath, pwd: names of files. */
import { FileError, resolvePath } from "../../../../kernel/vfs.ts";
import type { Command, Process } from "../../../command.ts";
import { type Call, instantTool } from "../tool.ts";

/** The last part of a path, without slashes behind it, and without `suffix` where more than that is left. */
export function baseName(path: string, suffix?: string): string {
  const plain = path.replace(/\/+$/, "");
  const name = plain === "" && path !== "" ? "/" : plain.slice(plain.lastIndexOf("/") + 1);
  return suffix && name !== suffix && name.endsWith(suffix) ? name.slice(0, -suffix.length) : name;
}

function dirName(path: string): string {
  const plain = path.replace(/\/+$/, "");
  if (plain === "") return path.startsWith("/") ? "/" : ".";
  const slash = plain.lastIndexOf("/");
  return slash < 0 ? "." : plain.slice(0, slash).replace(/\/+$/, "") || "/";
}

/** The path with every link in it followed, as far as it is there. */
function canonical(process: Process, path: string): string | FileError {
  let at = resolvePath(process.cwd, path);
  for (let hops = 0; hops < 40; hops++) {
    const link = linkIn(process, at);
    if (!link) return at;
    at = link;
  }
  return new FileError("Too many levels of symbolic links");
}

function linkIn({ fs }: Process, path: string): string | undefined {
  const parts = path.split("/").slice(1);
  for (let i = 1; i <= parts.length; i++) {
    const front = `/${parts.slice(0, i).join("/")}`;
    const target = fs.linkTarget(front);
    if (target !== undefined) return resolvePath(front.slice(0, front.lastIndexOf("/")) || "/", [target, ...parts.slice(i)].join("/"));
  }
  return undefined;
}

/** Each path made canonical; what is missing is told when it must be there. */
function resolveAll(call: Call, missing: "all" | "last" | "none"): number {
  let status = 0;
  for (const path of call.operands) {
    const real = canonical(call.process, path);
    const { fs } = call.process;
    const absent =
      typeof real === "string" && !fs.exists(real) && (missing === "none" || (missing === "last" && !fs.isDirectory(dirName(real))));
    if (real instanceof FileError || absent) {
      status = 1;
      if (call.spec.name === "realpath" && !call.has("q"))
        call.fail(`${path}: ${real instanceof FileError ? real.message : "No such file or directory"}`);
      continue;
    }
    call.print(`${real}${call.has("n") ? "" : "\n"}`);
  }
  return status;
}

export const pathCommands: readonly Command[] = [
  instantTool(
    {
      name: "basename",
      summary: "the last part of a path",
      short: "as:z",
      long: { multiple: "a", suffix: "s", zero: "z" },
      synopsis: "NAME [SUFFIX]",
      posix: true,
    },
    (call) => {
      const { operands } = call;
      if (operands.length === 0) return call.misuse("missing operand");
      const end = call.has("z") ? "\0" : "\n";
      if (call.has("a") || call.has("s")) {
        for (const path of operands) call.print(baseName(path, call.value("s")) + end);
        return 0;
      }
      if (operands.length > 2) return call.misuse(`extra operand '${operands[2]}'`);
      call.print(baseName(operands[0] as string, operands[1]) + end);
      return 0;
    },
  ),
  instantTool(
    {
      name: "dirname",
      summary: "a path without its last part",
      short: "z",
      busybox: "",
      long: { zero: "z" },
      synopsis: "[OPTION] NAME...",
    },
    (call) => {
      if (call.operands.length === 0) return call.misuse("missing operand");
      if (call.busybox && call.operands.length > 1) return call.usage();
      for (const path of call.operands) call.print(dirName(path) + (call.has("z") ? "\0" : "\n"));
      return 0;
    },
  ),
  instantTool(
    {
      name: "readlink",
      summary: "where a symbolic link points to",
      short: "efmnqsvz",
      busybox: "fnv",
      long: { canonicalize: "f", "canonicalize-existing": "e", "canonicalize-missing": "m", "no-newline": "n", quiet: "q", verbose: "v" },
      synopsis: "[OPTION]... FILE...",
    },
    (call) => {
      if (call.operands.length === 0) return call.misuse("missing operand");
      if (call.has("f") || call.has("e") || call.has("m")) return resolveAll(call, call.has("e") ? "none" : call.has("m") ? "all" : "last");
      let status = 0;
      for (const path of call.operands) {
        const target = call.process.fs.linkTarget(resolvePath(call.process.cwd, path));
        if (target !== undefined) {
          call.print(`${target}${call.has("n") ? "" : "\n"}`);
          continue;
        }
        status = 1;
        if (call.has("v"))
          call.fail(
            `${path}: ${call.process.fs.exists(resolvePath(call.process.cwd, path)) ? "Invalid argument" : "No such file or directory"}`,
          );
      }
      return status;
    },
  ),
  instantTool(
    {
      name: "realpath",
      summary: "a path with every link followed",
      short: "emqsz",
      busybox: "",
      long: { "canonicalize-existing": "e", "canonicalize-missing": "m", quiet: "q", "no-symlinks": "s" },
      synopsis: "[OPTION]... FILE...",
    },
    (call) => {
      if (call.operands.length === 0) return call.misuse("missing operand");
      return resolveAll(call, call.has("e") || call.busybox ? "none" : call.has("m") ? "all" : "last");
    },
  ),
  instantTool(
    { name: "pwd", summary: "the current directory", short: "LP", long: { logical: "L", physical: "P" }, synopsis: "[OPTION]..." },
    (call) => {
      call.print(`${call.process.cwd}\n`);
      return 0;
    },
  ),
];
