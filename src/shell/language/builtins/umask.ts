/** umask: which permission bits new files and directories go without. */
import { changedMode, symbolicMask } from "../../mode.ts";
import type { Dialect } from "../dialect.ts";
import type { Interpreter } from "../interpreter.ts";
import type { Streams } from "../streams.ts";
import { instant, options, refuse } from "./builtin.ts";

/** The mask that a word sets; symbols name what is to be allowed. */
function maskOf(word: string, now: number): number | undefined {
  if (/^\d/.test(word)) return /^[0-7]{1,4}$/.test(word) ? Number.parseInt(word, 8) & 0o777 : undefined;
  const allowed = changedMode(word, ~now & 0o777, 0);
  return allowed === undefined ? undefined : ~allowed & 0o777;
}

/** Why a word sets none: bash names the first character that does not fit. */
function refusal(word: string, dialect: Dialect): string {
  const number = /^\d/.test(word);
  if (dialect !== "bash")
    return `${dialect === "dash" ? (number ? "Illegal number" : "Illegal mode") : number ? "illegal number" : "illegal mode"}: ${word}`;
  if (number) return `${word}: octal number out of range`;
  for (const clause of word.split(",")) {
    const [, operator] = /^[ugoa]*(.?)/.exec(clause) as unknown as [string, string];
    if (!/^[-+=]$/.test(operator)) return `\`${operator}': invalid symbolic mode operator`;
    const wrong = /[^-+=rwxXstugo]/.exec(clause.replace(/^[ugoa]*/, ""));
    if (wrong) return `\`${wrong[0]}': invalid symbolic mode character`;
  }
  return `\`${word[0]}': invalid symbolic mode operator`;
}

function run(shell: Interpreter, words: readonly string[], streams: Streams): number {
  const bash = shell.dialect === "bash";
  const given = options(shell, words, bash ? "pS" : "S", "umask [-p] [-S] [mode]", streams);
  if (!given) return 2;
  const [word] = given.rest;
  const inSymbols = given.on.has("S");
  if (word !== undefined) {
    const mask = maskOf(word, shell.fs.umask);
    if (mask === undefined) return refuse(shell, "umask", refusal(word, shell.dialect), streams);
    shell.process.fs = shell.fs.masked(mask);
    if (!bash || !inSymbols) return 0;
  }
  const { umask: now } = shell.fs;
  const said = given.on.has("p") && word === undefined ? `umask ${inSymbols ? "-S " : ""}` : "";
  streams.stdout.write(`${said}${inSymbols ? symbolicMask(now) : now.toString(8).padStart(4, "0")}\n`);
  return 0;
}

export const umask = instant("umask", run);
