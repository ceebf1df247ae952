/** export, readonly, declare, local, unset, set's positional parameters, shift, let, getopts. */
import { ArithmeticError } from "../arithmetic.ts";
import { attributes } from "../expand/parameter.ts";
import { ExpansionError } from "../expand/scope.ts";
import type { Interpreter, Ready } from "../interpreter.ts";
import { Leave } from "../leave.ts";
import { functionText } from "../print.ts";
import { declared, quotedIfNeeded, singleQuoted } from "../quote.ts";
import type { Streams } from "../streams.ts";
import { type AssignmentError, hashed, type Variable } from "../variables.ts";
import { type Builtin, instant, NAME, options, refuse } from "./builtin.ts";

/** As `declare -p` shows it. */
function declaration(shell: Interpreter, variable: Variable): string {
  const letters = attributes(variable.name, shell) || "-";
  const element = ([key, value]: readonly [string | number, string]): string =>
    `[${typeof key === "string" && !/^[A-Za-z0-9_]+$/.test(key) ? declared(key) : key}]=${declared(value)}`;
  if (variable.table) {
    const items = hashed(variable.table).map(element).join(" ");
    return `declare -${letters} ${variable.name}=(${items === "" ? "" : `${items} `})\n`;
  }
  if (variable.list)
    return `declare -${letters} ${variable.name}=(${[...variable.list]
      .sort(([a], [b]) => a - b)
      .map(element)
      .join(" ")})\n`;
  return `declare -${letters} ${variable.name}${variable.text === undefined ? "" : `=${declared(variable.text)}`}\n`;
}

function listExported(shell: Interpreter, streams: Streams, wanted: "exported" | "readonly"): number {
  const word = wanted === "exported" ? "export" : "readonly";
  for (const name of shell.variables.names()) {
    const variable = shell.variables.get(name) as Variable;
    if (!variable[wanted]) continue;
    if (shell.dialect === "bash") streams.stdout.write(declaration(shell, variable));
    else streams.stdout.write(`${word} ${name}${variable.text === undefined ? "" : `=${singleQuoted(variable.text)}`}\n`);
  }
  return 0;
}

/** The assignment that a word of `export`, `local` and their kin is; a bare name has no value. */
function targetOf(word: string, ready: readonly Ready[]): { readonly name: string; readonly value: Ready | undefined } {
  const equals = word.indexOf("=");
  const name = (equals < 0 ? word : word.slice(0, equals)).replace(/\+$/, "").replace(/\[.*\]$/s, "");
  const found = ready.find((one) => one.name === name);
  if (found) return { name, value: found };
  if (equals < 0) return { name, value: undefined };
  return { name, value: { name, index: undefined, append: false, value: word.slice(equals + 1) } };
}

function badName(shell: Interpreter, builtin: string, word: string, streams: Streams): number {
  if (shell.dialect === "bash") return refuse(shell, builtin, `\`${word}': not a valid identifier`, streams);
  return refuse(shell, builtin, `${word.replace(/=.*$/s, "")}: bad variable name`, streams);
}

const refusedAssignment = (shell: Interpreter, builtin: string, { message }: AssignmentError, streams: Streams): number =>
  refuse(shell, builtin, shell.dialect === "bash" ? message : message.replace("readonly variable", "is read only"), streams);

const marking = (builtin: "export" | "readonly", wanted: "exported" | "readonly"): Builtin =>
  instant(
    builtin,
    (shell, words, streams, ready) => {
      const given = options(
        shell,
        words,
        builtin === "export" ? "fnp" : "aAfp",
        `${builtin} [-${builtin === "export" ? "fn" : "aAf"}] [name[=value] ...] or ${builtin} -p`,
        streams,
      );
      if (!given) return 2;
      if (given.rest.length === 0) return listExported(shell, streams, wanted);
      let status = 0;
      for (const word of given.rest) {
        const { name, value } = targetOf(word, ready);
        if (!NAME.test(name)) {
          status = badName(shell, builtin, word, streams);
          continue;
        }
        const failed = value && shell.assignReady(value);
        if (failed) {
          status = refusedAssignment(shell, builtin, failed, streams);
          continue;
        }
        if (value && typeof value.value === "string" && shell.option("xtrace") && shell.dialect === "bash")
          shell.trace(`${name}=${quotedIfNeeded(value.value)}`, streams);
        if (wanted === "exported") shell.variables.export(name, !given.on.has("n"));
        else shell.variables.declare(name).readonly = true;
      }
      return status;
    },
    { special: true },
  );

const DECLARE_USAGE = "declare [-aAfFgiIlnrtux] [name[=value] ...] or declare -p [-aAfFilnrtux] [name ...]";

function declare(shell: Interpreter, words: readonly string[], streams: Streams, ready: readonly Ready[]): number {
  const builtin = words[0] as string;
  const local = builtin === "local";
  if (local && !shell.variables.inFunction) {
    if (shell.dialect === "bash") return refuse(shell, builtin, "can only be used in a function", streams);
    const status = refuse(shell, builtin, "not in a function", streams, 2);
    if (shell.interactive) return status;
    throw new Leave("exit", 0, status);
  }
  const off = new Set<string>();
  const plain = words.filter((word) => {
    if (!/^\+[aAilrux]+$/.test(word)) return true;
    for (const letter of word.slice(1)) off.add(letter);
    return false;
  });
  const given = options(shell, plain, "aAfFgiIlnprtux", builtin === "local" ? "local [option] name[=value] ..." : DECLARE_USAGE, streams);
  if (!given) return 2;
  const { on, rest } = given;
  if (on.has("n")) return refuse(shell, builtin, "-n: references to other variables are not supported here", streams);
  if (on.has("f") || on.has("F")) return showFunctions(shell, rest, on.has("F"), streams);
  if (rest.length === 0) {
    for (const name of shell.variables.names()) {
      const variable = shell.variables.get(name) as Variable;
      if (on.has("p") || on.size === 0 || [...on.keys()].every((letter) => attributes(name, shell).includes(letter)))
        streams.stdout.write(on.size === 0 ? setLine(shell, variable) : declaration(shell, variable));
    }
    return 0;
  }
  let status = 0;
  for (const word of rest) {
    const { name, value } = targetOf(word, ready);
    if (on.has("p") && !value) {
      const variable = shell.variables.get(name);
      if (variable) streams.stdout.write(declaration(shell, variable));
      else status = refuse(shell, builtin, `${name}: not found`, streams);
      continue;
    }
    if (!NAME.test(name)) {
      status = badName(shell, builtin, word, streams);
      continue;
    }
    const variable = shell.variables.inFunction && !on.has("g") ? shell.variables.local(name) : shell.variables.declare(name);
    if (on.has("A") && !variable.table) {
      const failed = shell.variables.makeArray(name, "table");
      if (failed) status = refusedAssignment(shell, builtin, failed, streams);
    } else if (on.has("a") && !variable.list) {
      const old = variable.text;
      shell.variables.makeArray(name, "list");
      if (old !== undefined) shell.variables.setElement(name, "0", old);
    }
    if (on.has("i")) variable.integer = true;
    if (off.has("i")) variable.integer = false;
    if (on.has("u")) variable.letters = "upper";
    if (on.has("l")) variable.letters = "lower";
    const failed = value && shell.assignReady(value);
    if (failed) {
      status = refusedAssignment(shell, builtin, failed, streams);
      continue;
    }
    if (on.has("r")) variable.readonly = true;
    if (on.has("x")) shell.variables.export(name, true);
    if (off.has("x")) shell.variables.export(name, false);
  }
  return status;
}

function showFunctions(shell: Interpreter, names: readonly string[], onlyNames: boolean, streams: Streams): number {
  let status = 0;
  for (const name of names.length > 0 ? names : [...shell.functions.keys()].sort()) {
    const body = shell.functions.get(name);
    if (!body) {
      if (names.length > 0) status = 1;
      continue;
    }
    if (!onlyNames) streams.stdout.write(`${functionText(name, body)}\n`);
    else streams.stdout.write(names.length > 0 ? `${name}\n` : `declare -f ${name}\n`);
  }
  return status;
}

/** A line of `set` without arguments. */
export function setLine(shell: Interpreter, variable: Variable): string {
  if (variable.list || variable.table) return declaration(shell, variable).replace(/^declare -\S* /, "");
  const { text } = variable;
  if (text === undefined) return "";
  if (shell.dialect !== "bash") return `${variable.name}=${singleQuoted(text)}\n`;
  const quoted = /[\x00-\x1f]/.test(text)
    ? `$'${text.replaceAll("\\", "\\\\").replaceAll("\n", "\\n").replaceAll("\t", "\\t").replaceAll("'", "\\'")}'`
    : singleQuoted(text);
  return `${variable.name}=${/^[\w@%+=:,./-]*$/.test(text) ? text : quoted}\n`;
}

function unset(shell: Interpreter, words: readonly string[], streams: Streams): number {
  const given = options(shell, words, "fvn", "unset [-f] [-v] [-n] [name ...]", streams);
  if (!given) return 2;
  let status = 0;
  for (const word of given.rest) {
    if (given.on.has("f")) {
      shell.functions.delete(word);
      continue;
    }
    const [, name = "", index] = /^([^[]*)(?:\[(.*)\])?$/s.exec(word) ?? [];
    if (!NAME.test(name)) {
      if (shell.dialect !== "bash") status = badName(shell, "unset", word, streams);
      else if (!shell.functions.delete(word) && given.on.has("v")) status = badName(shell, "unset", word, streams);
      continue;
    }
    if (index !== undefined && index !== "@" && index !== "*") {
      const key = shell.variables.get(name)?.table ? index : shell.evaluate(index);
      if (key instanceof ArithmeticError) throw new ExpansionError(key.message);
      shell.variables.unsetElement(name, String(key));
      continue;
    }
    const known = shell.variables.get(name) !== undefined;
    const failed = shell.variables.unset(name);
    if (failed) status = refuse(shell, "unset", shell.dialect === "bash" ? failed.message : `${name}: is read only`, streams);
    else if (!known && !given.on.has("v")) shell.functions.delete(name);
  }
  return status;
}

function shift(shell: Interpreter, words: readonly string[], streams: Streams): number {
  const word = words[1] ?? "1";
  if (!/^[-+]?\d+$/.test(word)) {
    const status = refuse(
      shell,
      "shift",
      shell.dialect === "bash" ? `${word}: numeric argument required` : `Illegal number: ${word}`,
      streams,
      2,
    );
    return status;
  }
  const count = Number(word);
  if (count > shell.positional.length) {
    if (shell.dialect === "dash") return refuse(shell, "shift", "can't shift that many", streams);
    return 1;
  }
  if (count < 0) return refuse(shell, "shift", `${word}: shift count out of range`, streams);
  shell.positional = shell.positional.slice(count);
  return 0;
}

function computed(shell: Interpreter, words: readonly string[], streams: Streams): number {
  if (words.length === 1) return refuse(shell, "let", "expression expected", streams);
  let last = 0n;
  for (const word of words.slice(1)) {
    const value = shell.evaluate(word);
    if (value instanceof ArithmeticError) {
      shell.error(value.message, streams, "let");
      return shell.dialect === "bash" ? 1 : 2;
    }
    last = value;
  }
  return last === 0n ? 1 : 0;
}

/** POSIX getopts: the next option, its value in OPTARG, where to go on in OPTIND. */
function nextOption(shell: Interpreter, words: readonly string[], streams: Streams): number {
  const [, letters, name, ...given] = words;
  if (letters === undefined || name === undefined) {
    streams.stderr.write("getopts: usage: getopts optstring name [arg ...]\n");
    return 2;
  }
  const args = given.length > 0 ? given : shell.positional;
  const silent = letters.startsWith(":");
  let index = Number(shell.variables.textOf("OPTIND") ?? 1) || 1;
  // Where in a cluster such as -ab: kept behind the index, as nobody else needs it.
  let at = index === shell.optionPlace.index ? shell.optionPlace.at : 1;
  const word = args[index - 1];
  const end = (): number => {
    shell.assign(name, undefined, "?");
    shell.variables.set("OPTIND", String(index));
    shell.optionPlace = { index: 0, at: 1 };
    return 1;
  };
  if (word === undefined || !/^-./.test(word)) return end();
  if (word === "--") {
    index++;
    return end();
  }
  const letter = word[at] as string;
  const place = letter === ":" ? -1 : letters.indexOf(letter);
  at++;
  let value: string | undefined;
  let result = letter;
  if (place < 0) {
    result = "?";
    if (silent) value = letter;
    else sayOption(shell, `illegal option -- ${letter}`, `Illegal option -${letter}`, streams);
  } else if (letters[place + 1] === ":") {
    value = at < word.length ? word.slice(at) : args[index];
    if (at >= word.length) index++;
    at = word.length;
    if (value === undefined) {
      result = silent ? ":" : "?";
      if (silent) value = letter;
      else sayOption(shell, `option requires an argument -- ${letter}`, `No arg for -${letter} option`, streams);
    }
  }
  if (at >= word.length) {
    index++;
    at = 1;
  }
  shell.optionPlace = { index, at };
  shell.assign(name, undefined, result);
  if (value === undefined) shell.variables.unset("OPTARG");
  else shell.variables.set("OPTARG", value);
  shell.variables.set("OPTIND", String(index));
  return 0;
}

function sayOption(shell: Interpreter, bash: string, other: string, streams: Streams): void {
  streams.stderr.write(shell.dialect === "bash" ? `${shell.name}: ${bash}\n` : `${other}\n`);
}

export const variableBuiltins: readonly Builtin[] = [
  marking("export", "exported"),
  marking("readonly", "readonly"),
  instant("declare", declare, { dialects: ["bash"] }),
  instant("typeset", declare, { dialects: ["bash"] }),
  instant("local", declare),
  instant("unset", unset, { special: true }),
  instant("shift", shift, { special: true }),
  instant("let", computed, { dialects: ["bash", "ash"] }),
  instant("getopts", nextOption),
];
