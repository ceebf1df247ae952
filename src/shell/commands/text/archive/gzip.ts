/** gzip, gunzip, zcat: files packed and unpacked. On the host gunzip and zcat are scripts that call gzip, and speak in its name. */
import type { Op } from "../../../../kernel/task.ts";
import { FileError, type FileStatus, resolvePath } from "../../../../kernel/vfs.ts";
import type { Command } from "../../../command.ts";
import { formatTime } from "../../../wall-clock.ts";
import { bytesOf, textOf } from "../bytes/bytes.ts";
import { secondsOf } from "../files/dates.ts";
import { type Flow, flowing } from "../flow.ts";
import { type Call, tool } from "../tool.ts";
import { gunzipped, gzipped, isGzip, type Unpacked } from "./gzip-format.ts";

/** Status of what is only warned of. */
const WARNING = 2;
const BYTES_A_STEP = 500;
const MAX_DEPTH = 64;
/** Endings that gunzip knows, and what is left of a name without them. */
const KNOWN: readonly (readonly [RegExp, string])[] = [
  [/\.t[ga]z$/, ".tar"],
  [/(\.gz|\.z|-gz|-z|_z|\.Z)$/, ""],
];

const percent = (spared: number, whole: number): string => `${(whole === 0 ? 0 : (100 * spared) / whole).toFixed(1).padStart(5)}%`;

interface Job {
  readonly call: Call;
  readonly flow: Flow;
  readonly unpacks: boolean;
  readonly toStdout: boolean;
  readonly suffix: string;
  status: number;
  listed: { packed: number; plain: number; around: number; files: number };
}

/** Tells what is wrong, and keeps the worst status: an error's before a warning's. */
function tell(job: Job, message: string, status: number): void {
  const { call } = job;
  call.process.stderr.write(`${call.busybox ? call.spec.name : "gzip"}: ${message}\n`);
  if (job.status !== 1) job.status = call.busybox ? 1 : status;
}

function* bytesIn(job: Job, name: string): Op<Uint8Array | FileError> {
  const input = job.flow.open(name);
  if (input instanceof FileError) return input;
  const bytes = bytesOf(yield* job.flow.all(input));
  if (job.flow.effort.spend(bytes.length / BYTES_A_STEP)) yield* job.flow.effort.rest();
  return bytes;
}

function unpacked(job: Job, name: string, bytes: Uint8Array): Unpacked | undefined {
  const { call } = job;
  const found = gunzipped(bytes);
  if (typeof found !== "string") return found;
  if (call.has("f") && job.toStdout && !isGzip(bytes)) return { bytes, around: 0, crc: 0 };
  if (call.busybox)
    tell(
      job,
      found === "not in gzip format"
        ? "invalid magic"
        : found === "unexpected end of file"
          ? "unexpected end of file"
          : found.replace("--", " "),
      1,
    );
  else {
    call.process.stderr.write("\n");
    tell(job, `${name === "-" ? "stdin" : name}: ${found}`, 1);
  }
  return undefined;
}

function listOne(job: Job, name: string, packed: Uint8Array, { bytes, around, crc }: Unpacked, status: FileStatus | undefined): void {
  const { flow, call, listed } = job;
  const verbose = call.has("v");
  if (listed.files++ === 0)
    flow.print(`${verbose ? "method  crc     date  time  " : ""}         compressed        uncompressed  ratio uncompressed_name\n`);
  const { kernel } = call.process.machine;
  const date = verbose
    ? `defla ${crc.toString(16).padStart(8, "0")} ${formatTime(kernel, "%b %e %H:%M", secondsOf(kernel, status?.modified ?? 0))} `
    : "";
  const ratio = percent(bytes.length - (packed.length - around), bytes.length);
  const shown = name === "-" ? "stdout" : KNOWN.reduce((rest, [ending, by]) => rest.replace(ending, by), name);
  flow.print(`${date}${String(packed.length).padStart(19)} ${String(bytes.length).padStart(19)} ${ratio} ${shown}\n`);
  listed.packed += packed.length;
  listed.plain += bytes.length;
  listed.around += around;
}

function* stream(job: Job, name: string): Op<void> {
  const bytes = yield* bytesIn(job, name);
  if (bytes instanceof FileError) return;
  if (job.unpacks) {
    const found = unpacked(job, name, bytes);
    if (!found) return;
    if (job.call.has("l")) listOne(job, name, bytes, found, undefined);
    else if (!job.call.has("t")) job.flow.print(textOf(found.bytes));
  } else job.flow.print(gzipped(bytes, "", 0));
  yield* job.flow.flush();
}

/** The name of what comes out of a file; undefined when it is left alone, which is told. */
function goalOf(job: Job, name: string): string | undefined {
  const { call, suffix } = job;
  if (!job.unpacks) {
    if (!name.endsWith(suffix) || call.busybox) return name + suffix;
    call.process.stderr.write(`gzip: ${name} already has ${suffix} suffix -- unchanged\n`);
    return undefined;
  }
  if (name.endsWith(suffix)) return name.slice(0, -suffix.length);
  const known = KNOWN.find(([ending]) => ending.test(name));
  if (known) return name.replace(known[0], known[1]);
  tell(job, call.busybox ? `${name}: unknown suffix - ignored` : `${name}: unknown suffix -- ignored`, WARNING);
  return undefined;
}

function* one(job: Job, given: string, depth: number): Op<void> {
  const { call, suffix } = job;
  const { fs, cwd, machine } = call.process;
  let name = given;
  if (job.unpacks && !call.busybox && !fs.exists(resolvePath(cwd, name)) && !name.endsWith(suffix)) name += suffix;
  const path = resolvePath(cwd, name);
  const status = fs.status(path);
  if (status instanceof FileError) return tell(job, `${name}: ${status.message}`, 1);
  if (fs.isDirectory(path) && !call.busybox) {
    if (!call.has("r")) return tell(job, `${name} is a directory -- ignored`, WARNING);
    const names = fs.list(path);
    if (!(names instanceof FileError) && depth < MAX_DEPTH) for (const child of names) yield* one(job, `${name}/${child}`, depth + 1);
    return;
  }
  const asks = call.has("l") || call.has("t");
  const goal = job.toStdout || asks ? name : goalOf(job, name);
  if (goal === undefined) return;
  const bytes = fs.isDirectory(path) ? new Uint8Array() : yield* bytesIn(job, name);
  if (bytes instanceof FileError) return tell(job, `${name}: ${bytes.message}`, 1);
  const found = job.unpacks ? unpacked(job, name, bytes) : undefined;
  if (job.unpacks && !found) return;
  if (found && call.has("l")) return listOne(job, name, bytes, found, status);
  if (call.has("t")) {
    if (call.has("v")) call.process.stderr.write(`${name}:\t OK\n`);
    return;
  }
  const base = name.split("/").at(-1) as string;
  const text = found
    ? textOf(found.bytes)
    : gzipped(bytes, call.has("n") ? "" : base, call.has("n") ? 0 : secondsOf(machine.kernel, status.modified));
  if (job.toStdout) {
    job.flow.print(text);
    return yield* job.flow.flush();
  }
  const to = resolvePath(cwd, goal);
  if (fs.exists(to) && !call.has("f"))
    return tell(job, call.busybox ? `can't open '${goal}': File exists` : `${goal} already exists;\tnot overwritten`, WARNING);
  const failed = fs.write(to, text);
  if (failed) return tell(job, `${goal}: ${failed.message}`, 1);
  fs.setMode(to, status.mode);
  if (fs.isDirectory(path)) return tell(job, `can't remove file '${name}': Is a directory`, 1);
  if (!call.has("k")) fs.remove(path, false);
  if (!call.has("v") || call.busybox) return;
  const around = found?.around ?? 18 + (call.has("n") ? 0 : base.length + 1);
  const [plain, packed] = found ? [found.bytes.length, bytes.length] : [bytes.length, bytesOf(text).length];
  call.process.stderr.write(
    `${name}:\t${percent(plain - (packed - around), plain)} -- ${call.has("k") ? "created" : "replaced with"} ${goal}\n`,
  );
}

function* run(call: Call, flow: Flow): Op<number> {
  const { name } = call.spec;
  const asks = call.has("l") || call.has("t");
  const toStdout = call.has("c") || name === "zcat";
  const given = call.value("S") ?? ".gz";
  const job: Job = {
    call,
    flow,
    unpacks: asks || call.has("d") || name !== "gzip",
    toStdout,
    suffix: call.busybox || given.startsWith(".") ? given : `.${given}`,
    status: 0,
    listed: { packed: 0, plain: 0, around: 0, files: 0 },
  };
  if (call.operands.length === 0) {
    const onTerminal = call.process.tty !== undefined && (job.unpacks ? call.process.stdin : call.process.stdout) === call.process.tty;
    if (onTerminal && !call.has("f") && !call.busybox) {
      const what = job.unpacks ? "not read from" : "not written to";
      call.process.stderr.write(
        `gzip: compressed data ${what} a terminal. Use -f to force ${job.unpacks ? "de" : ""}compression.\nFor help, type: gzip -h\n`,
      );
      return 1;
    }
    yield* stream(job, "-");
  }
  for (const operand of call.operands) yield* operand === "-" ? stream(job, "-") : one(job, operand, 0);
  const { packed, plain, around, files } = job.listed;
  if (files > 1)
    flow.print(`${String(packed).padStart(19)} ${String(plain).padStart(19)} ${percent(plain - (packed - around), plain)} (totals)\n`);
  return job.status;
}

const LONG = {
  stdout: "c",
  "to-stdout": "c",
  decompress: "d",
  uncompress: "d",
  force: "f",
  keep: "k",
  list: "l",
  "no-name": "n",
  quiet: "q",
  recursive: "r",
  suffix: "S",
  test: "t",
  verbose: "v",
  fast: "1",
  best: "9",
};

const command = (name: string, summary: string, busybox: string): Command =>
  tool(
    { name, summary, short: "cdfklnqrtvS:123456789", busybox, long: LONG, synopsis: "[OPTION]... [FILE]...", unsupported: "NL" },
    (call) => {
      const level = call.given.find((option) => /^[1-9]$/.test(option.name) && option.name !== "6");
      if (level && !call.busybox && level.name !== "9")
        return refused(call, `-${level.name}: other levels than 6 and 9 are not supported here`);
      return flowing(call.process, name, (flow) => run(call, flow));
    },
  );

// biome-ignore lint/correctness/useYield: answers at once
function* refused(call: Call, why: string): Op<number> {
  return call.fail(why);
}

export const gzipCommands: readonly Command[] = [
  command("gzip", "packs files", "cfkdt123456789"),
  command("gunzip", "unpacks files", "cfkt"),
  command("zcat", "prints what was packed", "f"),
];
