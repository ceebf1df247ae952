/** find: walks trees of files, testing each and doing things with it. */
import type { Op } from "../../../../kernel/task.ts";
import { FileError, type FileStatus, resolvePath } from "../../../../kernel/vfs.ts";
import type { Command, Process } from "../../../command.ts";
import { Pattern } from "../../../language/pattern.ts";
import { Regex, RegexError } from "../../../regex.ts";
import { BUSYBOX_BANNER, busyboxUsage } from "../busybox-usage.ts";
import { baseName } from "../files/paths.ts";
import { type Flow, flowing } from "../flow.ts";
import { execError } from "../process/life.ts";
import { isBusybox } from "../tool.ts";

/** A file that was come across. */
interface Found {
  /** As it is printed: the starting point with what lies below. */
  readonly shown: string;
  readonly path: string;
  readonly status: FileStatus;
  readonly depth: number;
}

type Test = (found: Found, walk: Walk) => Op<boolean>;

interface Walk {
  readonly process: Process;
  readonly flow: Flow;
  /** Do not go below this directory. */
  pruned: boolean;
  /** -quit was met. */
  over: boolean;
  status: number;
}

interface Plan {
  readonly test: Test;
  least: number;
  most: number;
  depthFirst: boolean;
  /** What -exec … + has gathered. */
  readonly batches: Batch[];
}

interface Batch {
  readonly argv: readonly string[];
  files: string[];
}

class FindError {
  readonly message: string;
  readonly usage: boolean;

  constructor(message: string, usage = false) {
    this.message = message;
    this.usage = usage;
  }
}

const KINDS: Readonly<Record<string, FileStatus["kind"] | "none">> = {
  f: "file",
  d: "directory",
  l: "link",
  c: "device",
  b: "none",
  p: "none",
  s: "none",
};

const simple = (holds: (found: Found, walk: Walk) => boolean): Test =>
  // biome-ignore lint/correctness/useYield: answers at once
  function* (found, walk) {
    return holds(found, walk);
  };

/** "+5", "-5" and "5": more, less, exactly. */
function comparison(word: string): ((value: number) => boolean) | undefined {
  const match = /^([-+]?)(\d{1,12})$/.exec(word);
  if (!match) return undefined;
  const limit = Number(match[2]);
  return (value) => (match[1] === "+" ? value > limit : match[1] === "-" ? value < limit : value === limit);
}

class Reader {
  readonly #words: readonly string[];
  readonly #process: Process;
  readonly #busybox: boolean;
  readonly plan: Omit<Plan, "test"> = { least: 0, most: Number.POSITIVE_INFINITY, depthFirst: false, batches: [] };
  #at = 0;
  #acts = false;
  #depth = 0;

  constructor(words: readonly string[], process: Process) {
    this.#words = words;
    this.#process = process;
    this.#busybox = isBusybox(process);
  }

  read(): Plan | FindError {
    const test = this.#words.length === 0 ? simple(() => true) : this.#either();
    if (test instanceof FindError) return test;
    if (this.#at < this.#words.length)
      return new FindError(
        this.#words[this.#at] === ")" ? "you have too many ')'" : `paths must precede expression: \`${this.#words[this.#at]}'`,
      );
    const whole: Test = this.#acts
      ? test
      : function* (found, walk) {
          if (!(yield* test(found, walk))) return false;
          walk.flow.print(`${found.shown}\n`);
          return true;
        };
    return { ...this.plan, test: whole };
  }

  #either(): Test | FindError {
    let left = this.#both();
    while (!(left instanceof FindError) && /^-(o|or)$/.test(this.#words[this.#at] ?? "")) {
      this.#at++;
      const right = this.#both();
      if (right instanceof FindError) return right;
      const first: Test = left;
      left = function* (found, walk) {
        return (yield* first(found, walk)) || (yield* right(found, walk));
      };
    }
    return left;
  }

  #both(): Test | FindError {
    let left = this.#one();
    for (;;) {
      const word = this.#words[this.#at];
      if (left instanceof FindError || word === undefined || word === ")" || /^-(o|or)$/.test(word)) return left;
      if (/^-(a|and)$/.test(word)) this.#at++;
      const right = this.#one();
      if (right instanceof FindError) return right;
      const first: Test = left;
      left = function* (found, walk) {
        return (yield* first(found, walk)) && !walk.over && (yield* right(found, walk));
      };
    }
  }

  #one(): Test | FindError {
    const word = this.#words[this.#at++];
    if (word === undefined) return new FindError("expected an expression at the end");
    if (++this.#depth > 200) return new FindError("the expression is nested too deeply");
    try {
      if (word === "!" || word === "-not") {
        const inner = this.#one();
        if (inner instanceof FindError) return inner;
        return function* (found, walk) {
          return !(yield* inner(found, walk));
        };
      }
      if (word === "(") {
        const inner = this.#either();
        if (inner instanceof FindError) return inner;
        if (this.#words[this.#at++] !== ")")
          return new FindError("invalid expression; I was expecting to find a ')' somewhere but did not see one.");
        return inner;
      }
      return this.#primary(word);
    } finally {
      this.#depth--;
    }
  }

  #value(word: string): string | FindError {
    const value = this.#words[this.#at++];
    return value ?? new FindError(this.#busybox ? `${word}: requires an argument` : `missing argument to \`${word}'`);
  }

  #primary(word: string): Test | FindError {
    switch (word) {
      case "-print":
      case "-print0":
        this.#acts = true;
        return simple(({ shown }, { flow }) => {
          flow.print(shown + (word === "-print" ? "\n" : "\0"));
          return true;
        });
      case "-prune":
        return simple((_found, walk) => {
          walk.pruned = true;
          return true;
        });
      case "-quit":
        this.#acts = true;
        return simple((_found, walk) => {
          walk.over = true;
          return true;
        });
      case "-true":
      case "-xdev":
      case "-mount":
        return simple(() => true);
      case "-false":
        return simple(() => false);
      case "-depth":
      case "-delete":
        this.plan.depthFirst = true;
        if (word === "-depth") return simple(() => true);
        this.#acts = true;
        return simple((found, walk) => removed(found, walk));
      case "-empty":
        return simple(({ path, status }, { process }) => {
          const names = status.kind === "directory" ? process.fs.list(path) : undefined;
          return names ? !(names instanceof FileError) && names.length === 0 : status.kind === "file" && status.size === 0;
        });
      case "-executable":
        return simple(({ path, status }, { process }) => status.kind === "directory" || process.fs.isExecutable(path));
      case "-exec":
      case "-execdir":
        return this.#execute(word);
      default:
        return this.#valued(word);
    }
  }

  #valued(word: string): Test | FindError {
    if (
      !/^-(i?name|i?path|i?wholename|i?regex|type|maxdepth|mindepth|size|user|group|uid|gid|newer|[mac]time|[mac]min|perm|inum|links)$/.test(
        word,
      )
    )
      return new FindError(
        this.#busybox
          ? `unrecognized: ${word}`
          : word.startsWith("-")
            ? `unknown predicate \`${word}'`
            : `paths must precede expression: \`${word}'`,
        this.#busybox,
      );
    const value = this.#value(word);
    if (value instanceof FindError) return value;
    switch (word) {
      case "-name":
      case "-iname": {
        const pattern = new Pattern(value, word === "-iname");
        return simple(({ shown }) => pattern.matches(baseName(shown)));
      }
      case "-path":
      case "-ipath":
      case "-wholename":
      case "-iwholename": {
        const pattern = new Pattern(value, word.startsWith("-i"));
        return simple(({ shown }) => pattern.matches(shown));
      }
      case "-regex":
      case "-iregex": {
        const regex = Regex.compile(`^\\(${value}\\)$`, { extended: false, ignoreCase: word === "-iregex" });
        if (regex instanceof RegexError) return new FindError(regex.message);
        return simple(({ shown }) => regex.test(shown));
      }
      case "-type": {
        const kinds = value.split(",").map((letter) => (Object.hasOwn(KINDS, letter) ? KINDS[letter] : undefined));
        if (kinds.includes(undefined))
          return new FindError(this.#busybox ? `-type: bad type '${value}'` : `Unknown argument to -type: ${value}`);
        return simple(({ status }) => kinds.includes(status.kind));
      }
      case "-maxdepth":
      case "-mindepth": {
        if (!/^\d{1,9}$/.test(value))
          return new FindError(
            this.#busybox ? `invalid number '${value}'` : `Expected a positive decimal integer argument to ${word}, but got '${value}'`,
          );
        if (word === "-maxdepth") this.plan.most = Number(value);
        else this.plan.least = Number(value);
        return simple(() => true);
      }
      case "-size":
        return sized(value);
      case "-user":
      case "-group":
      case "-uid":
      case "-gid": {
        const ours = value === "root" || value === "0";
        if (!ours && !/^\d+$/.test(value))
          return new FindError(`invalid ${word.slice(1)} name or ${word.slice(1)} ID argument to ${word}: '${value}'`);
        return simple(() => ours);
      }
      case "-newer": {
        const other = this.#process.fs.status(resolvePath(this.#process.cwd, value));
        if (other instanceof FileError) return new FindError(this.#busybox ? `${value}: ${other.message}` : `'${value}': ${other.message}`);
        return simple(({ status }) => status.modified > other.modified);
      }
      case "-perm":
        return permitted(value);
      case "-inum":
      case "-links":
        return new FindError(`${word} is not supported here; see -name, -type, -size, -newer, -perm, -exec`);
      default:
        return aged(word, value);
    }
  }

  #execute(word: string): Test | FindError {
    this.#acts = true;
    const argv: string[] = [];
    for (;;) {
      const next = this.#words[this.#at++];
      if (next === undefined) return new FindError(this.#busybox ? `${word}: requires an argument` : `missing argument to \`${word}'`);
      if (next === ";") break;
      if (next === "+" && argv.at(-1) === "{}") {
        const batch: Batch = { argv: argv.slice(0, -1), files: [] };
        this.plan.batches.push(batch);
        return simple(({ shown }) => {
          batch.files.push(shown);
          return true;
        });
      }
      argv.push(next);
    }
    if (argv.length === 0) return new FindError(`invalid argument \`;' to \`${word}'`);
    return function* (found, walk) {
      yield* walk.flow.flush();
      return (
        (yield* executed(
          walk,
          argv.map((part) => part.replaceAll("{}", found.shown)),
        )) === 0
      );
    };
  }
}

function* executed(walk: Walk, argv: readonly string[]): Op<number> {
  const child = walk.process.spawn(argv);
  if (!("reason" in child)) return yield* child.task.join();
  walk.process.stderr.write(`find: ${isBusybox(walk.process) ? argv[0] : `'${argv[0]}'`}: ${execError(child.reason)}\n`);
  return child.status;
}

function removed({ shown, path, status }: Found, walk: Walk): boolean {
  if (shown === ".") return true;
  const { fs } = walk.process;
  const names = status.kind === "directory" ? fs.list(path) : [];
  const refused =
    !(names instanceof FileError) && names.length > 0 ? new FileError("Directory not empty") : fs.remove(path, status.kind === "directory");
  if (!refused) return true;
  walk.process.stderr.write(
    isBusybox(walk.process) ? `find: ${shown}: ${refused.message}\n` : `find: cannot delete '${shown}': ${refused.message}\n`,
  );
  walk.status = 1;
  return false;
}

function sized(value: string): Test | FindError {
  const match = /^([-+]?)(\d{1,12})([bcwkMG]?)$/.exec(value);
  if (!match) return new FindError(`invalid -size type \`${value.slice(-1)}'`);
  const unit = { "": 512, b: 512, c: 1, w: 2, k: 1024, M: 1024 ** 2, G: 1024 ** 3 }[match[3] as string] as number;
  const compare = comparison(`${match[1]}${match[2]}`) as (value: number) => boolean;
  return simple(({ status }) => compare(Math.ceil(status.size / unit)));
}

function permitted(value: string): Test | FindError {
  const match = /^([-/+]?)([0-7]{1,4})$/.exec(value);
  if (!match) return new FindError(`invalid mode '${value}': an octal number is wanted here`);
  const mode = Number.parseInt(match[2] as string, 8);
  return simple(({ status }) =>
    match[1] === "-" ? (status.mode & mode) === mode : match[1] === "" ? status.mode === mode : mode === 0 || (status.mode & mode) !== 0,
  );
}

/** -mtime, -mmin and their kin: whole days or minutes since it was written, the only time that files have here. */
function aged(word: string, value: string): Test | FindError {
  const compare = comparison(value);
  if (!compare) return new FindError(`invalid argument \`${value}' to \`${word}'`);
  const unit = word.endsWith("min") ? 60e6 : 86_400e6;
  return simple(({ status }, { process }) => {
    const age = (process.machine.kernel.clock.now - status.modified) / unit;
    return compare(word.endsWith("min") ? Math.ceil(age) : Math.floor(age));
  });
}

function* walk(plan: Plan, state: Walk, found: Found): Op<void> {
  if (state.over) return;
  state.pruned = false;
  const visit = function* (): Op<void> {
    if (found.depth >= plan.least && found.depth <= plan.most) yield* plan.test(found, state);
    state.flow.effort.spend();
    if (state.flow.full || state.flow.effort.spend()) yield* state.flow.flush();
  };
  if (!plan.depthFirst) yield* visit();
  const pruned: boolean = state.pruned;
  if (found.status.kind === "directory" && !pruned && found.depth < plan.most && found.depth < 100) {
    const names = state.process.fs.list(found.path);
    if (!(names instanceof FileError))
      for (const name of names) {
        const path = resolvePath(found.path, name);
        const status = state.process.fs.status(path);
        if (status instanceof FileError || state.over) continue;
        yield* walk(plan, state, {
          shown: `${found.shown.endsWith("/") ? found.shown : `${found.shown}/`}${name}`,
          path,
          status,
          depth: found.depth + 1,
        });
      }
  }
  if (plan.depthFirst && !state.over) yield* visit();
}

function* run(process: Process, flow: Flow): Op<number> {
  const words = process.argv
    .slice(1)
    .filter((word, i, all) => !(/^-[HLP]$/.test(word) && all.slice(0, i).every((one) => /^-[HLP]$/.test(one))));
  const busybox = isBusybox(process);
  if (words[0] === "--help") {
    process.stdout.write(busybox ? BUSYBOX_BANNER + busyboxUsage("find") : "Usage: find [-H] [-L] [-P] [path...] [expression]\n");
    return 0;
  }
  const split = words.findIndex((word) => /^(-.|[()!]$)/.test(word));
  const starts = split < 0 ? words : words.slice(0, split);
  const plan = new Reader(split < 0 ? [] : words.slice(split), process).read();
  if (plan instanceof FindError) {
    process.stderr.write(`find: ${plan.message}\n${plan.usage ? BUSYBOX_BANNER + busyboxUsage("find") : ""}`);
    return 1;
  }
  const state: Walk = { process, flow, pruned: false, over: false, status: 0 };
  for (const start of starts.length > 0 ? starts : ["."]) {
    const path = resolvePath(process.cwd, start);
    const status = process.fs.status(path);
    if (status instanceof FileError) {
      process.stderr.write(busybox ? `find: ${start}: ${status.message}\n` : `find: '${start}': ${status.message}\n`);
      state.status = 1;
      continue;
    }
    yield* walk(plan, state, { shown: start, path, status, depth: 0 });
  }
  yield* flow.flush();
  for (const { argv, files } of plan.batches) if (files.length > 0 && (yield* executed(state, [...argv, ...files])) !== 0) state.status = 1;
  return state.status;
}

export const find: Command = {
  name: "find",
  summary: "walks trees of files",
  run: (process) => flowing(process, "find", (flow) => run(process, flow)),
};
