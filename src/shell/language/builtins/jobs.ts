/** jobs, wait, fg, bg, kill, disown. */
import { anyOf, type Op, Signal, sleep } from "../../../kernel/task.ts";
import { findProcess, SIGNAL_NAMES, sendSignal, signalName, signalNumber } from "../../signals.ts";
import type { Interpreter } from "../interpreter.ts";
import { isStopped, type Job, processesIn } from "../jobs.ts";
import type { Streams } from "../streams.ts";
import { type Builtin, instant, invalidOption, options, refuse } from "./builtin.ts";

const statusOf = ({ child }: Job): number => {
  const { outcome } = child.task;
  return !outcome ? 0 : "value" in outcome ? outcome.value : outcome.signal.status;
};

const noSuchJob = (shell: Interpreter, spec: string): string =>
  shell.dialect === "dash" ? `No such job: ${spec}` : `${spec}: no such job`;

/** Waits until one of the jobs has ended. A signal with a trap ends the waiting: its status, then. */
function* untilEnded(shell: Interpreter, jobs: readonly Job[]): Op<number | undefined> {
  while (jobs.length > 0 && !jobs.some(({ child }) => child.task.done)) {
    try {
      yield anyOf(...jobs.map(({ child }) => child.task.exited));
    } catch (thrown) {
      if (!(thrown instanceof Signal)) throw thrown;
      const action = shell.traps.get(thrown.name);
      if (action === undefined) throw thrown;
      if (action === "") continue;
      yield* shell.runTrap(thrown.name);
      return thrown.status;
    }
  }
  return undefined;
}

function tellKilled(shell: Interpreter, job: Job): void {
  const { outcome } = job.child.task;
  if (shell.interactive || shell.dialect !== "bash" || !outcome || !("signal" in outcome)) return;
  if (outcome.signal.name === "INT" || outcome.signal.name === "PIPE" || outcome.signal.name === "TERM") return;
  shell.error(`${String(job.child.process.ownPid).padStart(5)} ${shell.jobs.describe(job).slice(6).trimEnd()}`);
}

function* wait(shell: Interpreter, words: readonly string[], streams: Streams): Op<number> {
  const given = options(shell, words, shell.dialect === "bash" ? "nfp:" : "n", "wait [-fn] [-p var] [id ...]", streams);
  if (!given) return 2;
  const { on, rest } = given;
  if (on.has("n")) {
    const jobs = rest.length > 0 ? rest.flatMap((spec) => find(shell, spec) ?? []) : [...shell.jobs.all];
    if (jobs.length === 0) return 127;
    const interrupted = yield* untilEnded(shell, jobs);
    if (interrupted !== undefined) return interrupted;
    const ended = jobs.find(({ child }) => child.task.done) as Job;
    const variable = on.get("p");
    if (variable !== undefined) shell.assign(variable, undefined, String(ended.child.process.ownPid));
    shell.jobs.remove(ended);
    return statusOf(ended);
  }
  if (rest.length === 0) {
    for (const job of shell.jobs.all) {
      const interrupted = yield* untilEnded(shell, [job]);
      if (interrupted !== undefined) return interrupted;
      tellKilled(shell, job);
    }
    shell.jobs.clear();
    return 0;
  }
  let status = 0;
  for (const spec of rest) {
    const job = find(shell, spec);
    if (!job) {
      status = 127;
      if (spec.startsWith("%")) {
        status = refuse(shell, "wait", noSuchJob(shell, spec), streams, 127);
      } else if (shell.dialect === "bash") {
        if (/^\d+$/.test(spec)) refuse(shell, "wait", `pid ${spec} is not a child of this shell`, streams);
        else status = refuse(shell, "wait", `\`${spec}': not a pid or valid job spec`, streams);
      }
      continue;
    }
    const interrupted = yield* untilEnded(shell, [job]);
    if (interrupted !== undefined) return interrupted;
    status = statusOf(job);
    tellKilled(shell, job);
    shell.jobs.remove(job);
  }
  return status;
}

const find = (shell: Interpreter, spec: string): Job | undefined =>
  spec.startsWith("%") ? shell.jobs.find(spec) : /^\d+$/.test(spec) ? shell.jobs.byPid(Number(spec)) : undefined;

function* foreground(shell: Interpreter, words: readonly string[], streams: Streams): Op<number> {
  if (!shell.interactive) {
    if (shell.dialect === "bash") return refuse(shell, "fg", "no job control", streams);
    return refuse(shell, "fg", words[1] === undefined ? "No current job" : noSuchJob(shell, words[1]), streams);
  }
  const job = given(shell, words[1]);
  if (!job) return refuse(shell, "fg", words[1] === undefined ? noCurrentJob(shell) : noSuchJob(shell, words[1]), streams);
  streams.stdout.write(`${job.line}\n`);
  return yield* bringToForeground(shell, job);
}

const noCurrentJob = (shell: Interpreter): string => (shell.dialect === "bash" ? "current: no such job" : "No current job");

/** A job that has not ended, by what follows `fg` or `bg`. */
const given = (shell: Interpreter, spec = "%+"): Job | undefined => {
  const job = shell.jobs.find(spec);
  return job?.child.task.done ? undefined : job;
};

/** Lets all of a job go on, in the background of the terminal or not. */
function goOn(shell: Interpreter, job: Job, inBackground: boolean): void {
  shell.jobs.goesOn(job);
  for (const entry of processesIn(shell.process.machine, job)) {
    entry.setBackground(inBackground);
    entry.resume();
  }
}

/** Continues a job and waits for it, as `fg` does. */
function* bringToForeground(shell: Interpreter, job: Job): Op<number> {
  goOn(shell, job, false);
  job.foreground = true;
  const waiting = function* (): Op<number> {
    let status = 0;
    for (const child of job.children) {
      status = yield* shell.waitFor(child);
      if (!child.task.done) return status;
    }
    return status;
  };
  try {
    return yield* shell.inForeground({ children: job.children, line: () => job.line, job }, waiting());
  } finally {
    job.foreground = false;
    if (job.child.task.done) shell.jobs.remove(job);
  }
}

function background(shell: Interpreter, words: readonly string[], streams: Streams): number {
  const builtin = words[0] as string;
  if (!shell.interactive) {
    if (shell.dialect === "bash") return refuse(shell, builtin, "no job control", streams);
    return refuse(shell, builtin, words[1] === undefined ? "No current job" : noSuchJob(shell, words[1]), streams);
  }
  let status = 0;
  for (const spec of words.length > 1 ? words.slice(1) : [undefined]) {
    const job = given(shell, spec);
    if (!job) {
      status = refuse(shell, builtin, spec === undefined ? noCurrentJob(shell) : noSuchJob(shell, spec), streams);
      continue;
    }
    const mark = shell.jobs.mark(job);
    if (shell.dialect === "bash" && !isStopped(job)) {
      shell.error(`job ${job.id} already in background`, streams, builtin);
      continue;
    }
    goOn(shell, job, true);
    streams.stdout.write(shell.dialect === "bash" ? `[${job.id}]${mark} ${job.line} &\n` : `[${job.id}] ${job.line}\n`);
  }
  return status;
}

function list(shell: Interpreter, words: readonly string[], streams: Streams): number {
  const given = options(shell, words, "lnprs", "jobs [-lnprs] [jobspec ...] or jobs -x command [args]", streams);
  if (!given) return 2;
  const { on, rest } = given;
  const wanted: Job[] = [];
  let status = 0;
  for (const spec of rest) {
    const job = shell.jobs.find(spec);
    if (job) wanted.push(job);
    else status = refuse(shell, "jobs", noSuchJob(shell, spec), streams);
  }
  for (const job of rest.length > 0 ? wanted : shell.jobs.listed) {
    if ((on.has("s") && !isStopped(job)) || (on.has("r") && (job.child.task.done || isStopped(job)))) continue;
    if (isStopped(job)) job.told = true;
    streams.stdout.write(on.has("p") ? `${job.child.process.ownPid}\n` : shell.jobs.describe(job, on.has("l")));
  }
  for (const job of [...shell.jobs.all]) if (job.child.task.done) shell.jobs.remove(job);
  return status;
}

const KILL_USAGE = "kill [-s sigspec | -n signum | -sigspec] pid | jobspec ... or kill -l [sigspec]";

function usage(shell: Interpreter, streams: Streams): number {
  if (shell.dialect === "bash") streams.stderr.write(`kill: usage: ${KILL_USAGE}\n`);
  else if (shell.dialect === "dash")
    shell.error("Usage: kill [-s sigspec | -signum | -sigspec] [pid | job]... or\nkill -l [exitstatus]", streams, "kill");
  else streams.stderr.write(`${shell.name}: you need to specify whom to kill\n`);
  return shell.dialect === "ash" ? 1 : 2;
}

/** The signals as each shell lists them. */
function listSignals(shell: Interpreter): string {
  const realtime = Array.from({ length: 31 }, (_, i) =>
    i < 16 ? `RTMIN${i === 0 ? "" : `+${i}`}` : `RTMAX${i === 30 ? "" : `-${30 - i}`}`,
  );
  if (shell.dialect === "dash")
    return ["0", ...SIGNAL_NAMES.map((name) => (name === "STKFLT" ? "16" : name)), "32", "33", ...realtime, ""].join("\n");
  if (shell.dialect === "ash")
    return SIGNAL_NAMES.map((name, i) => `${String(i + 1).padStart(2)}) ${name === "IO" ? "POLL" : name}\n`).join("");
  const all = SIGNAL_NAMES.map((name, i) => [i + 1, `SIG${name}`] as const);
  const entries = [...all, ...realtime.map((name, i) => [34 + i, `SIG${name}`] as const)].map(
    ([number, name]) => `${String(number).padStart(2)}) ${name}`,
  );
  let text = "";
  for (const [i, entry] of entries.entries()) text += entry + ((i + 1) % 5 === 0 ? "\n" : "\t");
  return text.endsWith("\n") ? text : `${text}\n`;
}

function nameSignals(shell: Interpreter, words: readonly string[], streams: Streams): number {
  if (words.length === 0) {
    streams.stdout.write(listSignals(shell));
    return 0;
  }
  let status = 0;
  for (const word of words) {
    const number = /^\d+$/.test(word) ? Number(word) : undefined;
    const name = signalName(number === undefined ? word : String(number > 128 ? number - 128 : number));
    if (name === undefined) status = refuse(shell, "kill", `${word}: invalid signal specification`, streams);
    else streams.stdout.write(`${number === undefined ? signalNumber(name) : name}\n`);
  }
  return status;
}

function badSignal(shell: Interpreter, word: string, streams: Streams): number {
  if (shell.dialect === "bash") return refuse(shell, "kill", `${word}: invalid signal specification`, streams);
  if (shell.dialect === "dash") return invalidOption(shell, "kill", `-${word[0] ?? ""}`, KILL_USAGE, streams);
  streams.stderr.write(`${shell.name}: bad signal name '${word}'\n`);
  return 1;
}

/** Why a process was not signalled, in each shell's words. */
function noProcess(shell: Interpreter, word: string, streams: Streams): number {
  const number = /^-?\d+$/.test(word);
  switch (shell.dialect) {
    case "bash":
      return refuse(shell, "kill", number ? `(${word}) - No such process` : `\`${word}': not a pid or valid job spec`, streams);
    case "dash":
      shell.error(number ? "No such process" : `Illegal number: ${word}`, streams, "kill");
      return number ? 1 : 2;
    case "ash":
      streams.stderr.write(`${shell.name}: ${number ? `can't kill pid ${word}: No such process` : `invalid number '${word}'`}\n`);
      return 1;
  }
}

function* kill(shell: Interpreter, words: readonly string[], streams: Streams): Op<number> {
  let rest = words.slice(1);
  let signal = "TERM";
  const first = rest[0];
  if (first === "-l" || first === "-L") return nameSignals(shell, rest.slice(1), streams);
  if (first === "-s" || first === "-n") {
    const word = rest[1];
    if (word === undefined) return refuse(shell, "kill", `${first}: option requires an argument`, streams);
    const name = signalName(word);
    if (name === undefined) return badSignal(shell, word, streams);
    signal = name;
    rest = rest.slice(2);
  } else if (first !== undefined && /^-[A-Za-z0-9]/.test(first) && first !== "--") {
    const name = signalName(first.slice(1));
    if (name === undefined) return badSignal(shell, first.slice(1), streams);
    signal = name;
    rest = rest.slice(1);
  }
  if (rest[0] === "--") rest = rest.slice(1);
  if (rest.length === 0) return usage(shell, streams);
  let status = 0;
  for (const word of rest) {
    const job = word.startsWith("%") ? shell.jobs.find(word) : undefined;
    if (word.startsWith("%") && !job) {
      status = refuse(shell, "kill", noSuchJob(shell, word), streams);
      continue;
    }
    const pid = job ? job.child.process.ownPid : /^\d+$/.test(word) ? Number(word) : undefined;
    const entry = pid === undefined ? undefined : findProcess(shell.process, pid);
    if (!entry) {
      if (job?.child.task.done) continue;
      status = noProcess(shell, word, streams);
      continue;
    }
    if (!job) {
      sendSignal(shell.process, entry, signal);
      continue;
    }
    // A job's processes are a group. What ends one reaches a stopped one when it goes on, which is seen to (kill_pid of jobs.c).
    const stops = /^(STOP|TSTP|TTIN|TTOU|CONT)$/.test(signal);
    for (const one of stops
      ? processesIn(shell.process.machine, job)
      : job.children.flatMap(({ process }) => findProcess(shell.process, process.ownPid) ?? []))
      sendSignal(shell.process, one, signal);
    if (isStopped(job) && (signal === "TERM" || signal === "HUP")) goOn(shell, job, true);
  }
  // What the shell has sent to itself reaches it here, before the next command.
  yield sleep(0);
  return status;
}

export const jobBuiltins: readonly Builtin[] = [
  instant("jobs", list),
  { name: "wait", run: wait },
  { name: "fg", run: foreground },
  instant("bg", background),
  { name: "kill", run: kill },
  instant(
    "disown",
    (shell, words, streams) => {
      const specs = words.slice(1).filter((word) => !word.startsWith("-"));
      if (words.includes("-a")) shell.jobs.clear();
      for (const spec of specs.length > 0 ? specs : words.includes("-a") ? [] : ["%+"]) {
        const job = find(shell, spec) ?? (spec.startsWith("%") ? undefined : shell.jobs.find(spec));
        if (!job) return refuse(shell, "disown", `${spec === "%+" ? "current" : spec}: no such job`, streams);
        shell.jobs.remove(job);
      }
      return 0;
    },
    { dialects: ["bash"] },
  ),
  instant("suspend", (shell, _words, streams) => refuse(shell, "suspend", "cannot suspend: no job control", streams), {
    dialects: ["bash"],
  }),
];
