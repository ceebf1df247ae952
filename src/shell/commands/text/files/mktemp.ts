/** mktemp: a new file or directory with a name that nobody else has. */
import { FileError, resolvePath } from "../../../../kernel/vfs.ts";
import { type Call, instantTool } from "../tool.ts";

const LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
/** Names that are tried before it gives up. */
const MAX_TRIES = 100;

/** What a template is put under, and what it is; a text refuses it. */
function templateOf(call: Call): { readonly directory: string; readonly template: string; readonly suffix: string } | string {
  const [given, extra] = call.operands;
  if (extra !== undefined) return "too many templates\nTry 'mktemp --help' for more information.";
  const temporary = call.process.env.get("TMPDIR") || "/tmp";
  const chosen = call.value("p") || undefined;
  const within = given === undefined || call.has("t") || call.has("p");
  const template = given ?? (call.busybox ? "tmp.XXXXXX" : "tmp.XXXXXXXXXX");
  const directory = call.has("t") && !call.busybox ? call.process.env.get("TMPDIR") || chosen || "/tmp" : (chosen ?? temporary);
  if (within && template.startsWith("/") && call.has("p")) return `invalid template, '${template}'; with --tmpdir, it may not be absolute`;
  const end = /^(.*?X)([^X]*)$/s.exec(template);
  const suffix = call.value("suffix") ?? (call.busybox ? "" : (end?.[2] ?? ""));
  const stem = call.value("suffix") !== undefined || call.busybox ? template : (end?.[1] ?? template);
  if (call.value("suffix") !== undefined && !template.endsWith("X")) return `with --suffix, template '${template}' must end in X`;
  const count = /X*$/.exec(stem)?.[0].length ?? 0;
  if (call.busybox ? count < 6 : count < 3) return call.busybox ? ": Invalid argument" : `too few X's in template '${template}'`;
  if (suffix.includes("/")) return `invalid suffix '${suffix}', contains directory separator`;
  return { directory: within ? directory : "", template: stem, suffix };
}

function run(call: Call): number {
  const { process } = call;
  const { fs, machine } = process;
  const quiet = call.has("q");
  const parts = templateOf(call);
  if (typeof parts === "string") return call.fail(parts);
  const stem = parts.template.replace(/X+$/, "");
  // BusyBox's libc fills in the last six.
  const count = call.busybox ? 6 : parts.template.length - stem.length;
  const kept = parts.template.slice(0, parts.template.length - count);
  for (let tries = 0; tries < MAX_TRIES; tries++) {
    const letters = Array.from({ length: count }, () => LETTERS[machine.kernel.random.below(LETTERS.length)]).join("");
    const name = `${parts.directory === "" ? "" : `${parts.directory.replace(/\/$/, "")}/`}${kept}${letters}${parts.suffix}`;
    const path = resolvePath(process.cwd, name);
    if (fs.exists(path)) continue;
    const failed = call.has("u") ? undefined : call.has("d") ? fs.makeDirectory(path, false) : fs.write(path, "");
    if (failed instanceof FileError) {
      const shown = `${name.slice(0, name.length - count - parts.suffix.length)}${"X".repeat(count)}${parts.suffix}`;
      if (quiet) return 1;
      if (call.busybox) return call.fail(`: ${failed.message}`);
      return call.fail(`failed to create ${call.has("d") ? "directory" : "file"} via template '${shown}': ${failed.message}`);
    }
    if (!call.has("u")) fs.setMode(path, (call.has("d") ? 0o700 : 0o600) & ~fs.umask);
    call.print(`${name}\n`);
    return 0;
  }
  return quiet ? 1 : call.fail("failed to create file: File exists");
}

export const mktemp = instantTool(
  {
    name: "mktemp",
    summary: "makes a file or directory of a new name",
    short: "dqup:t",
    busybox: "dqtup:",
    long: { directory: "d", quiet: "q", "dry-run": "u", suffix: "suffix:" },
    synopsis: "[OPTION]... [TEMPLATE]",
    prepare: (words) =>
      words.flatMap((word) => (word === "--tmpdir" ? ["-p", ""] : word.startsWith("--tmpdir=") ? ["-p", word.slice(9)] : [word])),
  },
  run,
);
