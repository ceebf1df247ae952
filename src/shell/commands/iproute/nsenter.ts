/** `nsenter` and `unshare` of util-linux: programs in other namespaces, here those of network, mount and host name. */
import type { Netns } from "../../../kernel/netns.ts";
import type { Op } from "../../../kernel/task.ts";
import type { Command, Process } from "../../command.ts";
import { openNetns } from "../../netns-file.ts";
import { type Namespaces, runIn } from "../../process.ts";
import { processesOf } from "../../process-table.ts";
import { Failure, finish } from "./answer.ts";
import { releaseNetns, treeOf } from "./ip-netns.ts";

const SUPPORTED = "-t -n -m -u -i -p -a -F -r -w";

/** Short options, and the long ones by which they go as well. */
const LONG: Readonly<Record<string, string>> = {
  target: "t",
  net: "n",
  mount: "m",
  uts: "u",
  ipc: "i",
  pid: "p",
  all: "a",
  "no-fork": "F",
  root: "r",
  wd: "w",
  cgroup: "C",
  user: "U",
  time: "T",
};

interface Wanted {
  target?: number;
  /** The file of the netns to enter; "" for the target's. */
  net?: string;
  mount: boolean;
  uts: boolean;
  /** Whether any namespace was asked for. */
  any: boolean;
  argv: readonly string[];
}

/** nsenter's words: options up to the program's name. */
function readEnter(args: readonly string[]): Wanted | Failure {
  const wanted: Wanted = { mount: false, uts: false, any: false, argv: [] };
  for (let i = 0; i < args.length; i++) {
    const word = args[i] as string;
    if (word === "--" || !word.startsWith("-") || word === "-") return { ...wanted, argv: args.slice(word === "--" ? i + 1 : i) };
    const [, long, value] = /^--([a-z-]+)(?:=(.*))?$/.exec(word) ?? [];
    const letters = long === undefined ? [...word.slice(1)] : [LONG[long] ?? ""];
    if (letters.includes("")) return new Failure(`nsenter: unrecognized option '${word}'\nTry 'nsenter --help' for more information.`, 1);
    for (let at = 0; at < letters.length; at++) {
      const letter = letters[at] as string;
      const attached = long === undefined ? letters.slice(at + 1).join("") : (value ?? "");
      if (letter === "t") {
        const text = attached || args[++i];
        if (text === undefined)
          return new Failure("nsenter: option requires an argument -- 't'\nTry 'nsenter --help' for more information.", 1);
        if (!/^\d+$/.test(text)) return new Failure(`nsenter: failed to parse pid: '${text}'`, 1);
        wanted.target = Number(text);
        break;
      }
      if ("nmuipa".includes(letter)) wanted.any = true;
      if (letter === "n" || letter === "a") wanted.net = letter === "n" ? attached.replace(/^=/, "") : "";
      if (letter === "m" || letter === "a") wanted.mount = true;
      if (letter === "u" || letter === "a") wanted.uts = true;
      if (!"nmuipaFrw".includes(letter)) return unsupportedOption("nsenter", letter, SUPPORTED);
      // What follows -n in the same word is its file.
      if (letter === "n" && attached !== "") break;
    }
  }
  return wanted;
}

const unsupportedOption = (tool: string, letter: string, supported: string): Failure =>
  new Failure(`vethlab: ${tool} -${letter} is not supported here; supported: ${supported}`, 1);

function* nsenter(process: Process): Op<number> {
  const wanted = readEnter(process.argv.slice(1));
  if (wanted instanceof Failure) return finish(process, wanted);
  const spaces = spacesFor(process, wanted);
  if (spaces instanceof Failure) return finish(process, spaces);
  if (!process.capabilities.has("SYS_ADMIN"))
    return finish(process, new Failure("nsenter: reassociate to namespaces failed: Operation not permitted", 1));
  return yield* runOr(process, wanted.argv, spaces, "nsenter");
}

/** What the process will have of each namespace. */
function spacesFor(process: Process, wanted: Wanted): Namespaces | Failure {
  if (!wanted.any) return new Failure("nsenter: no namespace specified", 1);
  const { target } = wanted;
  const needsTarget = wanted.mount || wanted.uts || wanted.net === "";
  if (needsTarget && target === undefined) return new Failure("nsenter: no target PID specified for --net", 1);
  const spaces: { -readonly [K in keyof Namespaces]: Namespaces[K] } = {};
  if (wanted.mount || wanted.uts) {
    const there = processesOf(process.machine).find(process, target as number)?.process;
    if (!there && target !== 1)
      return new Failure(`nsenter: cannot open /proc/${target}/ns/${wanted.uts ? "uts" : "mnt"}: No such file or directory`, 1);
    if (there && wanted.uts) spaces.hostname = there.hostname;
    if (there && wanted.mount) {
      spaces.fs = there.fs;
      if (there.container) spaces.container = there.container;
    }
  }
  if (wanted.net !== undefined) {
    const path = wanted.net || `/proc/${target}/ns/net`;
    const netns = openNetns(process, path);
    if (!netns) return new Failure(`nsenter: cannot open ${path}: No such file or directory`, 1);
    if (netns === "other") return new Failure("nsenter: reassociate to namespace 'ns/net' failed: Invalid argument", 1);
    spaces.netns = netns;
    // /proc/net follows the reader's netns; a tree of its own has its own already.
    if (!spaces.fs) spaces.fs = netns === process.netns ? process.fs : treeOf(process, netns, false);
  }
  return spaces;
}

/** Runs the program, the shell when none is named. */
function* runOr(process: Process, argv: readonly string[], spaces: Namespaces, tool: string): Op<number> {
  const words = argv.length > 0 ? argv : [process.env.get("SHELL") ?? "/bin/sh"];
  const status = yield* runIn(process, words, spaces);
  return status ?? finish(process, new Failure(`${tool}: failed to execute ${words[0]}: No such file or directory`, 127));
}

function* unshare(process: Process): Op<number> {
  const args = process.argv.slice(1);
  let at = 0;
  let net = false;
  for (; args[at]?.startsWith("-"); at++) {
    const word = args[at] as string;
    if (word === "--") {
      at++;
      break;
    }
    const letters = word.startsWith("--") ? (LONG[word.slice(2)] ?? word.slice(2)) : word.slice(1);
    for (const letter of letters) {
      if (letter === "n") net = true;
      else if (!"mui".includes(letter)) return finish(process, unsupportedOption("unshare", letter, "-n -m -u -i"));
    }
  }
  if (!process.capabilities.has("SYS_ADMIN")) return finish(process, new Failure("unshare: unshare failed: Operation not permitted", 1));
  const argv = args.slice(at);
  if (!net) return yield* runOr(process, argv, {}, "unshare");
  const netns: Netns = process.machine.kernel.addNetns(`unshare-${process.pid}`, process.machine.name);
  const status = yield* runOr(process, argv, { netns, fs: treeOf(process, netns, false) }, "unshare");
  releaseNetns(process, netns);
  return status;
}

/** Containers' processes are named by what `docker inspect -f '{{.State.Pid}}'` prints. */
function completePids(process: Process): readonly string[] {
  const containers = process.machine.engine?.containers(false) ?? [];
  return containers.flatMap((container) => (container.process ? [String(container.process.pid)] : []));
}

export const nsenterCommand: Command = {
  name: "nsenter",
  summary: "run a program in another process's namespaces",
  complete: ({ process, words }) => (words.at(-1) === "-t" ? completePids(process) : ["-t", "-n", "-m", "-u", "-a"]),
  run: nsenter,
};

export const unshareCommand: Command = { name: "unshare", summary: "run a program in new namespaces", run: unshare };
