/** stat: what lstat(2) tells of a file. */
import { FileError, type FileStatus, resolvePath } from "../../../../kernel/vfs.ts";
import { modeText } from "../../../mode.ts";
import { type Call, instantTool } from "../tool.ts";
import { fullDate, secondsOf } from "./dates.ts";
import { inodeOf } from "./inode.ts";

const KINDS: Readonly<Record<FileStatus["kind"], string>> = {
  file: "regular file",
  directory: "directory",
  link: "symbolic link",
  device: "character special file",
};
const TYPE_BITS: Readonly<Record<FileStatus["kind"], number>> = { file: 0o100000, directory: 0o040000, link: 0o120000, device: 0o020000 };

export const stat = instantTool(
  {
    name: "stat",
    summary: "what is known of a file",
    short: "c:fLt",
    busybox: "ltfc:",
    long: { format: "c", printf: "printf:", terse: "t", dereference: "L" },
    synopsis: "[OPTION]... FILE...",
  },
  (call) => {
    if (call.operands.length === 0) return call.misuse("missing operand");
    if (call.has("f")) return call.fail("-f: file systems are not supported here");
    let status = 0;
    for (const name of call.operands) {
      const path = resolvePath(call.process.cwd, name);
      const found = call.process.fs.status(path);
      if (found instanceof FileError) {
        status = call.fail(call.busybox ? `can't stat '${name}': ${found.message}` : `cannot statx '${name}': ${found.message}`);
        continue;
      }
      const printf = call.value("printf");
      const format = call.value("c");
      if (printf !== undefined) call.print(formatted(call, printf.replaceAll("\\n", "\n").replaceAll("\\t", "\t"), name, path, found));
      else if (format !== undefined) call.print(`${formatted(call, format, name, path, found)}\n`);
      else call.print(described(call, name, path, found));
    }
    return status;
  },
);

const kindOf = (found: FileStatus): string => (found.kind === "file" && found.size === 0 ? "regular empty file" : KINDS[found.kind]);
const octal = (mode: number): string => mode.toString(8);

function formatted(call: Call, format: string, name: string, path: string, found: FileStatus): string {
  const { kernel } = call.process.machine;
  const date = fullDate(kernel, found.modified);
  const seconds = String(secondsOf(kernel, found.modified));
  const values: Readonly<Record<string, string>> = {
    a: octal(found.mode),
    A: modeText(found),
    b: String(Math.ceil(found.size / 4096) * 8),
    B: "512",
    f: (TYPE_BITS[found.kind] | found.mode).toString(16),
    F: kindOf(found),
    g: "0",
    G: "root",
    h: found.kind === "directory" ? "2" : "1",
    i: String(inodeOf(path)),
    n: name,
    N: found.target === undefined ? (call.busybox ? name : `'${name}'`) : `'${name}' -> '${found.target}'`,
    o: "4096",
    s: String(found.size),
    u: "0",
    U: "root",
    w: "-",
    W: "0",
    x: date,
    X: seconds,
    y: date,
    Y: seconds,
    z: date,
    Z: seconds,
    "%": "%",
  };
  return format.replace(/%([a-zA-Z%])/g, (_all, letter: string) => values[letter] ?? "?");
}

function described(call: Call, name: string, path: string, found: FileStatus): string {
  const date = fullDate(call.process.machine.kernel, found.modified);
  const shown = found.target === undefined ? name : `${name} -> ${found.target}`;
  const blocks = Math.ceil(found.size / 4096) * 8;
  const lines = [
    `  File: ${shown}`,
    `  Size: ${String(found.size).padEnd(10)}\tBlocks: ${String(blocks).padEnd(10)} IO Block: 4096   ${kindOf(found)}`,
    `Device: 0,40\tInode: ${String(inodeOf(path)).padEnd(11)} Links: ${found.kind === "directory" ? 2 : 1}`,
    `Access: (${octal(found.mode).padStart(4, "0")}/${modeText(found)})  Uid: (    0/    root)   Gid: (    0/    root)`,
    `Access: ${date}`,
    `Modify: ${date}`,
    `Change: ${date}`,
  ];
  return `${[...lines, ...(call.busybox ? [] : [` Birth: ${date}`])].join("\n")}\n`;
}
