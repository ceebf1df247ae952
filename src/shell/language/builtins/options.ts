/** set, shopt, umask, ulimit, alias, unalias, times, enable, help of the shell. */
import type { Interpreter } from "../interpreter.ts";
import { singleQuoted } from "../quote.ts";
import type { Streams } from "../streams.ts";
import { type Builtin, instant, invalidOption, options, refuse } from "./builtin.ts";
import { umask } from "./umask.ts";
import { setLine } from "./variables.ts";

/** Names of `set -o`, with their letters. What is not kept here has no effect in this world. */
const SET_OPTIONS: readonly (readonly [string, string])[] = [
  ["allexport", "a"],
  ["braceexpand", "B"],
  ["emacs", ""],
  ["errexit", "e"],
  ["errtrace", "E"],
  ["functrace", "T"],
  ["hashall", "h"],
  ["histexpand", "H"],
  ["history", ""],
  ["ignoreeof", ""],
  ["interactive-comments", ""],
  ["keyword", "k"],
  ["monitor", "m"],
  ["noclobber", "C"],
  ["noexec", "n"],
  ["noglob", "f"],
  ["nolog", ""],
  ["notify", "b"],
  ["nounset", "u"],
  ["onecmd", "t"],
  ["physical", "P"],
  ["pipefail", ""],
  ["posix", ""],
  ["privileged", "p"],
  ["verbose", "v"],
  ["vi", ""],
  ["xtrace", "x"],
];
const SUPPORTED = new Set([
  "allexport",
  "braceexpand",
  "errexit",
  "hashall",
  "interactive-comments",
  "noclobber",
  "noexec",
  "noglob",
  "nounset",
  "pipefail",
  "verbose",
  "xtrace",
  "history",
  "emacs",
  "histexpand",
  "monitor",
  "notify",
]);
const SET_USAGE = "set [-abefhkmnptuvxBCEHPT] [-o option-name] [--] [-] [arg ...]";

function turn(shell: Interpreter, name: string, on: boolean, streams: Streams): number {
  if (!SUPPORTED.has(name) && on)
    return refuse(shell, "set", `${name}: not supported here; -a -B -C -e -f -n -u -v -x and -o pipefail are`, streams);
  if (on) shell.options.add(name);
  else shell.options.delete(name);
  return 0;
}

function set(shell: Interpreter, words: readonly string[], streams: Streams): number {
  if (words.length === 1) {
    for (const name of shell.variables.names()) streams.stdout.write(setLine(shell, shell.variables.get(name) as never));
    return 0;
  }
  for (let i = 1; i < words.length; i++) {
    const word = words[i] as string;
    if (word === "--" || word === "-") {
      if (word === "-") shell.options.delete("xtrace");
      if (word === "--" || i + 1 < words.length) shell.positional = words.slice(i + 1);
      return 0;
    }
    if (!/^[-+]./.test(word)) {
      shell.positional = words.slice(i);
      return 0;
    }
    const on = word[0] === "-";
    for (const letter of word.slice(1)) {
      if (letter === "o") {
        const name = words[++i];
        if (name === undefined) {
          listOptions(shell, on, streams);
          return 0;
        }
        if (!SET_OPTIONS.some(([one]) => one === name)) {
          if (shell.dialect === "bash") shell.error(`${name}: invalid option name`, streams, "set");
          else shell.error(`illegal option ${word[0]}o ${name}`, streams, "set");
          return 2;
        }
        const status = turn(shell, name, on, streams);
        if (status !== 0) return status;
        continue;
      }
      const found = SET_OPTIONS.find(([, short]) => short === letter);
      if (!found) return invalidOption(shell, "set", `${word[0]}${letter}`, SET_USAGE, streams);
      const status = turn(shell, found[0], on, streams);
      if (status !== 0) return status;
    }
  }
  return 0;
}

function listOptions(shell: Interpreter, table: boolean, streams: Streams): void {
  for (const [name] of SET_OPTIONS) {
    const on = shell.options.has(name);
    streams.stdout.write(table ? `${name.padEnd(15)}\t${on ? "on" : "off"}\n` : `set ${on ? "-" : "+"}o ${name}\n`);
  }
}

const SHOPT = ["dotglob", "expand_aliases", "failglob", "nocasematch", "nullglob"];

function shopt(shell: Interpreter, words: readonly string[], streams: Streams): number {
  const given = options(shell, words, "pqsuo", "shopt [-pqsu] [-o] [optname ...]", streams);
  if (!given) return 2;
  const { on, rest } = given;
  let status = 0;
  if (rest.length === 0) for (const name of SHOPT) streams.stdout.write(`${name.padEnd(20)}\t${shell.options.has(name) ? "on" : "off"}\n`);
  for (const name of rest) {
    if (!SHOPT.includes(name) && !on.has("o")) {
      const known =
        /^(extglob|globstar|checkwinsize|histappend|lastpipe|cmdhist|autocd|cdspell|nocaseglob|inherit_errexit|huponexit)$/.test(name);
      status = refuse(
        shell,
        "shopt",
        known ? `${name}: not supported here; ${SHOPT.join(", ")} are` : `${name}: invalid shell option name`,
        streams,
      );
      continue;
    }
    if (on.has("s")) shell.options.add(name);
    else if (on.has("u")) shell.options.delete(name);
    else {
      const set = shell.options.has(name);
      if (!set) status = 1;
      if (!on.has("q"))
        streams.stdout.write(on.has("p") ? `shopt -${set ? "s" : "u"} ${name}\n` : `${name.padEnd(20)}\t${set ? "on" : "off"}\n`);
    }
  }
  return status;
}

/** Limits as a host has them; they can be read, and setting one to what it is is no error. */
const LIMITS: readonly (readonly [string, string, string])[] = [
  ["R", "real-time non-blocking time  (microseconds, -R) ", "unlimited"],
  ["c", "core file size              (blocks, -c) ", "0"],
  ["d", "data seg size               (kbytes, -d) ", "unlimited"],
  ["f", "file size                   (blocks, -f) ", "unlimited"],
  ["n", "open files                          (-n) ", "1024"],
  ["s", "stack size                  (kbytes, -s) ", "8192"],
  ["u", "max user processes                  (-u) ", "600"],
  ["v", "virtual memory              (kbytes, -v) ", "unlimited"],
];

/** What `docker run --ulimit` calls the limits, and how many of its units (bytes, mostly) make one of the shell's. */
const ULIMIT_NAMES: Readonly<Record<string, readonly [string, number]>> = {
  c: ["core", 1024],
  d: ["data", 1024],
  f: ["fsize", 1024],
  n: ["nofile", 1],
  s: ["stack", 1024],
  u: ["nproc", 1],
};

/** The container's own limit where it has one, else the host's. */
function limitOf(shell: Interpreter, letter: string, usual: string, hard: boolean): string {
  const [name, unit] = ULIMIT_NAMES[letter] ?? ["", 1];
  const given = shell.process.container?.spec.hostConfig?.Ulimits as readonly { Name: string; Soft: number; Hard: number }[] | undefined;
  const own = given?.find((one) => one.Name === name);
  if (!own) return usual;
  const value = hard ? own.Hard : own.Soft;
  return value === -1 ? "unlimited" : String(Math.floor(value / unit));
}

function ulimit(shell: Interpreter, words: readonly string[], streams: Streams): number {
  const [, flag = "-f", value] = words;
  if (flag === "-a") {
    for (const [one, text, limit] of LIMITS) streams.stdout.write(`${text}${limitOf(shell, one, limit, false)}\n`);
    return 0;
  }
  const letter = flag.replace(/^-[HS]*/, "") || "f";
  const found = LIMITS.find(([one]) => one === letter);
  if (!found || value !== undefined)
    return refuse(shell, "ulimit", `${flag}: setting limits is not supported here; ulimit -a shows them`, streams);
  streams.stdout.write(`${limitOf(shell, letter, found[2], /^-.*H/.test(flag))}\n`);
  return 0;
}

function alias(shell: Interpreter, words: readonly string[], streams: Streams): number {
  const show = (name: string): void => {
    const value = singleQuoted(shell.aliases.get(name) as string);
    streams.stdout.write(shell.dialect === "bash" ? `alias ${name}=${value}\n` : `${name}=${value}\n`);
  };
  const rest = words.slice(1).filter((word) => word !== "-p");
  if (rest.length === 0) for (const name of [...shell.aliases.keys()].sort()) show(name);
  let status = 0;
  for (const word of rest) {
    const equals = word.indexOf("=", 1);
    if (equals > 0) shell.aliases.set(word.slice(0, equals), word.slice(equals + 1));
    else if (shell.aliases.has(word)) show(word);
    else {
      if (shell.dialect === "bash") shell.error(`${word}: not found`, streams, "alias");
      else streams.stderr.write(`alias: ${word} not found\n`);
      status = 1;
    }
  }
  return status;
}

function unalias(shell: Interpreter, words: readonly string[], streams: Streams): number {
  let status = 0;
  if (words[1] === "-a") shell.aliases.clear();
  else
    for (const word of words.slice(1)) {
      if (shell.aliases.delete(word)) continue;
      if (shell.dialect === "bash") shell.error(`${word}: not found`, streams, "unalias");
      else streams.stderr.write(`unalias: ${word} not found\n`);
      status = 1;
    }
  return status;
}

/** Words that complete a prefix, for the few kinds that scripts ask for. */
function compgen(shell: Interpreter, words: readonly string[], streams: Streams): number {
  const kinds: Readonly<Record<string, () => readonly string[]>> = {
    "-b": () => [...shell.builtins.keys()],
    "-v": () => shell.variables.names(),
    "-a": () => [...shell.aliases.keys()],
    "-A": () => [...shell.functions.keys()],
  };
  const list = kinds[words[1] ?? ""];
  if (!list)
    return refuse(shell, "compgen", "only -b (builtins), -v (variables), -a (aliases) and -A function are supported here", streams);
  const start = words.at(-1)?.startsWith("-") || words.at(-1) === "function" ? "" : (words.at(-1) as string);
  const found = [...list()].filter((name) => name.startsWith(start)).sort();
  for (const name of found) streams.stdout.write(`${name}\n`);
  return found.length > 0 ? 0 : 1;
}

export const optionBuiltins: readonly Builtin[] = [
  instant("set", set, { special: true }),
  instant("shopt", shopt, { dialects: ["bash"] }),
  umask,
  instant("ulimit", ulimit),
  instant("alias", alias),
  instant("unalias", unalias),
  instant(
    "times",
    (shell, _words, streams) => {
      const none = shell.dialect === "dash" ? "0m0.000000s" : "0m0.000s";
      streams.stdout.write(`${none} ${none}\n${none} ${none}\n`);
      return 0;
    },
    { special: true },
  ),
  instant(
    "enable",
    (shell, words, streams) => {
      if (words.length > 1) return refuse(shell, "enable", "turning builtins off is not supported here; enable alone lists them", streams);
      for (const name of [...shell.builtins.keys()].sort()) streams.stdout.write(`enable ${name}\n`);
      return 0;
    },
    { dialects: ["bash"] },
  ),
  instant("compgen", compgen, { dialects: ["bash"] }),
  ...["bind", "complete", "compopt", "fc", "caller"].map((name) =>
    instant(name, (shell, _words, streams) => refuse(shell, name, "not supported here", streams), { dialects: ["bash"] }),
  ),
];
