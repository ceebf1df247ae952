/** sysctl: the kernel's settings of this netns. procps' on a host, busybox' in a container: they word their errors differently. */
import type { Op } from "../../../kernel/task.ts";
import { resolvePath } from "../../../kernel/vfs.ts";
import type { Command, CompletionContext, Process } from "../../command.ts";
import { getopt, OptionError } from "../../getopt.ts";
import { SYSCTL_USAGE, SYSCTL_VERSION } from "./sysctl-usage.ts";

const SHORT = "aAXbeNnpfr:qwoxdhV";
const LONG: Readonly<Record<string, boolean>> = {
  all: false,
  deprecated: false,
  "dry-run": false,
  binary: false,
  ignore: false,
  names: false,
  values: false,
  load: false,
  system: false,
  pattern: true,
  quiet: false,
  write: false,
  help: false,
  version: false,
};
/** Long options under their short names. */
const SHORT_OF: Readonly<Record<string, string>> = {
  all: "a",
  A: "a",
  X: "a",
  binary: "b",
  ignore: "e",
  names: "N",
  values: "n",
  load: "p",
  f: "p",
  pattern: "r",
  quiet: "q",
  write: "w",
  help: "h",
  d: "h",
  version: "V",
};
/** Keys in seconds or jiffies that others in milliseconds have replaced: `-a` passes them over. */
const DEPRECATED = /\.(base_reachable_time|retrans_time)$/;
const DEFAULT_FILE = "/etc/sysctl.conf";

/** A name as people give it, by dots or by slashes, as a key: whichever stands first separates the parts (procps, slashdot). */
function keyOf(name: string): string {
  const first = /[./]/.exec(name)?.[0];
  const trimmed = name.replace(/^\/?(proc\/sys\/)?/, "").replace(/\/+$/, "");
  if (first !== "/") return name;
  return trimmed.replace(/[./]/g, (mark) => (mark === "/" ? "." : "/"));
}

/** The path of a key under /proc/sys. */
const pathOf = (key: string): string => `/proc/sys/${key.replace(/[./]/g, (mark) => (mark === "." ? "/" : "."))}`;

/** How the two programs say the same things. */
interface Wording {
  unknown(key: string, given: string): string;
  refused(key: string, why: string): string;
}

const PROCPS: Wording = {
  unknown: (key) => `sysctl: cannot stat ${pathOf(key)}: No such file or directory\n`,
  refused: (key, why) => `sysctl: setting key "${key}": ${why}\n`,
};

const BUSYBOX: Wording = {
  unknown: (_, given) => `sysctl: error: '${given}' is an unknown key\n`,
  refused: (key, why) => `sysctl: error setting key '${key}': ${why}\n`,
};

class Sysctl {
  readonly process: Process;
  readonly flags: ReadonlySet<string>;
  readonly words: Wording;
  status = 0;
  #written = "";

  constructor(process: Process, flags: ReadonlySet<string>) {
    this.process = process;
    this.flags = flags;
    this.words = process.container ? BUSYBOX : PROCPS;
  }

  /** One key, all below a directory, or all that a pattern with `*` and `?` matches. */
  show(given: string): void {
    const { sysctl } = this.process.netns;
    const key = keyOf(given);
    const value = sysctl.get(key) ?? this.#ofMachine(key);
    if (value !== undefined) {
      this.#print(key, value);
      return;
    }
    const matches = /[*?]/.test(key) ? globbed(key) : (candidate: string): boolean => candidate.startsWith(`${key}.`);
    const keys = sysctl.keys().filter(matches);
    for (const found of keys) this.#print(found, sysctl.get(found) ?? "");
    if (keys.length > 0 || this.flags.has("e")) return;
    this.#fail(this.words.unknown(key, given));
  }

  /** Settings of the kernel that belong to no network namespace. */
  #ofMachine(key: string): string | undefined {
    const text = /^kernel\.\w+$/.test(key) ? this.process.fs.read(`/proc/sys/${key.replace(".", "/")}`) : undefined;
    return typeof text === "string" ? text.trimEnd() : undefined;
  }

  showAll(pattern: string | undefined): void {
    const { sysctl } = this.process.netns;
    let wanted: RegExp | undefined;
    try {
      wanted = pattern === undefined ? undefined : new RegExp(pattern);
    } catch {
      this.#fail(`sysctl: regular expression ${pattern} is not valid\n`);
      return;
    }
    for (const key of sysctl.keys()) {
      if (DEPRECATED.test(key) && !this.flags.has("deprecated")) continue;
      if (!wanted || wanted.test(key)) this.#print(key, sysctl.get(key) ?? "");
    }
  }

  /** What was written goes out at the end, as from any program of the C library that does not write to a terminal. */
  finish(): number {
    this.process.stdout.write(this.#written);
    this.#written = "";
    return this.status;
  }

  set(assignment: string): void {
    const equals = assignment.indexOf("=");
    const given = assignment.slice(0, equals).trim();
    const key = keyOf(given);
    const value = assignment.slice(equals + 1).trim();
    const { sysctl } = this.process.netns;
    const keys = /[*?]/.test(key) ? sysctl.keys().filter(globbed(key)) : [key];
    for (const one of keys) this.#setOne(one, given, value);
  }

  #setOne(key: string, given: string, value: string): void {
    const { netns, container } = this.process;
    const { sysctl } = netns;
    if (sysctl.get(key) === undefined) {
      if (!this.flags.has("e")) this.#fail(this.words.unknown(key, given));
      return;
    }
    if (!this.flags.has("dry-run")) {
      // The engine mounts /proc/sys read-only unless the container is privileged.
      const why =
        container && !container.spec.privileged
          ? "Read-only file system"
          : !sysctl.writable(key)
            ? "Operation not permitted"
            : sysctl.set(key, value)
              ? undefined
              : "Invalid argument";
      if (why) {
        this.#fail(this.words.refused(key, why));
        return;
      }
    }
    if (!this.flags.has("q")) this.#print(key, value);
  }

  /** Reads `key = value` lines; `#` and `;` begin comments, a `-` before the key lets failures pass. */
  load(file: string): void {
    const { fs, cwd, stderr } = this.process;
    const text = fs.read(resolvePath(cwd, file));
    if (typeof text !== "string") {
      this.#fail(`sysctl: cannot open "${file}": ${text.message}\n`);
      return;
    }
    for (const [index, raw] of text.split("\n").entries()) {
      const line = raw.trim();
      if (line === "" || line.startsWith("#") || line.startsWith(";")) continue;
      const tolerant = line.startsWith("-");
      if (!line.includes("=")) {
        stderr.write(`sysctl: ${file}(${index + 1}): invalid syntax, continuing...\n`);
        continue;
      }
      const before = this.status;
      this.set(tolerant ? line.slice(1) : line);
      if (tolerant) this.status = before;
    }
  }

  invalidSyntax(): void {
    this.#fail("sysctl: command line(0): invalid syntax, continuing...\n");
  }

  #line(key: string, value: string): string {
    if (this.flags.has("N")) return `${key}\n`;
    if (this.flags.has("b")) return value;
    return this.flags.has("n") ? `${value}\n` : `${key} = ${value}\n`;
  }

  #print(key: string, value: string): void {
    const line = this.#line(key, value);
    if (this.process.tty === this.process.stdout) this.process.stdout.write(line);
    else this.#written += line;
  }

  #fail(text: string): void {
    this.process.stderr.write(text);
    this.status = 1;
  }
}

function globbed(pattern: string): (key: string) => boolean {
  const source = pattern
    .replace(/[.+^${}()|[\]\\]/g, "\\$&")
    .replaceAll("*", "[^.]*")
    .replaceAll("?", "[^.]");
  const expression = new RegExp(`^${source}$`);
  return (key) => expression.test(key);
}

function* run(process: Process): Op<number> {
  const { argv, stdout, stderr, container } = process;
  const parsed = getopt(argv.slice(1), { short: SHORT, long: LONG });
  if (parsed instanceof OptionError) {
    stderr.write(`sysctl: ${parsed.message}\n${SYSCTL_USAGE}`);
    return container ? 1 : 0;
  }
  const flags = new Set(parsed.options.map(({ name }) => SHORT_OF[name] ?? name));
  if (flags.has("h")) {
    stdout.write(SYSCTL_USAGE);
    return 0;
  }
  if (flags.has("V")) {
    stdout.write(SYSCTL_VERSION);
    return 0;
  }
  const pattern = parsed.options.find(({ name }) => SHORT_OF[name] === "r" || name === "r")?.value;
  const sysctl = new Sysctl(process, flags);
  if (flags.has("p")) {
    for (const file of parsed.operands.length > 0 ? parsed.operands : [DEFAULT_FILE]) sysctl.load(file);
    return sysctl.finish();
  }
  if (flags.has("system")) {
    stdout.write(`* Applying ${DEFAULT_FILE} ...\n`);
    if (process.fs.exists(DEFAULT_FILE)) sysctl.load(DEFAULT_FILE);
    return sysctl.finish();
  }
  if (flags.has("a")) {
    sysctl.showAll(pattern);
    return sysctl.finish();
  }
  if (parsed.operands.length === 0) {
    if (container) return 0;
    stderr.write(SYSCTL_USAGE);
    return 1;
  }
  for (const operand of parsed.operands) {
    if (operand.startsWith("=")) {
      sysctl.status = 1;
      break;
    }
    if (operand.includes("=")) sysctl.set(operand);
    else if (flags.has("w")) sysctl.invalidSyntax();
    else sysctl.show(operand);
  }
  return sysctl.finish();
}

const OPTIONS = ["-a", "-n", "-w", "-q", "-e", "-N", "-p", "-r", "--all", "--values", "--write", "--help"];

function complete({ process, current }: CompletionContext): readonly string[] {
  return current.startsWith("-") ? OPTIONS : process.netns.sysctl.keys();
}

export const sysctl: Command = { name: "sysctl", summary: "show or set the kernel's network settings", run, complete };
