/** Carries out iptables command lines on the tables (iptables/xtables.c, nft.c): what each command does, and how it is refused. */
import type { Family } from "../address.ts";
import { IptablesError, UsageError } from "./extension.ts";
import { declareChain, listChain, saveRule } from "./list.ts";
import type { Netfilter } from "./netfilter.ts";
import { BadArgument, type CommandLetter, CommandParser, type Information, type ParsedCommand } from "./parse.ts";
import { type RuleParts, RuleSpec } from "./rule.ts";
import { Chain, Rule, TABLE_ORDER, type Table } from "./table.ts";
import type { TableName } from "./types.ts";
import { VERSION } from "./version.ts";

const NO_CHAIN = "No chain/target/match by that name.";
const NO_RULE = "Bad rule (does a matching rule exist in that chain?).";
/** How many user's chains a packet may be in at a time (NFT_JUMP_STACK_SIZE, less the base chain). */
const MAX_JUMPS = 15;

/** A parsed line with its rules made ready; shared by all lines with the same words. */
export interface Prepared {
  readonly line: ParsedCommand;
  readonly specs: readonly RuleSpec[];
}

/** Lines that were parsed before, by family and words: Docker sends the same few thousand again and again. */
const cache = new Map<string, Prepared>();
const CACHE_SIZE = 10_000;

/** `program v1.8.13 (nf_tables): message` and the hint, as xtables_error(PARAMETER_PROBLEM) prints it. */
export const usageError = (program: string, message: string, between = ""): IptablesError =>
  new IptablesError(`${program} ${VERSION}: ${message}\n${between}${hint(program)}`, 2);

const hint = (program: string): string => `Try \`${program} -h' or '${program} --help' for more information.`;

/** Parses words, or gives what they are refused with. `between` stands before the hint (a line number of a restored file). */
export function prepare(
  family: Family,
  words: readonly string[],
  program: string,
  table?: string,
  between = "",
): Prepared | Information | IptablesError {
  const key = `${family}\0${table ?? ""}\0${words.join("\0")}`;
  const known = cache.get(key);
  if (known) return known;
  try {
    const line = new CommandParser(family, words, table).parse();
    if ("information" in line) return line;
    const prepared: Prepared = { line, specs: line.rules.map((parts: RuleParts) => new RuleSpec(parts)) };
    if (!line.stateful) {
      if (cache.size >= CACHE_SIZE) cache.clear();
      cache.set(key, prepared);
    }
    return prepared;
  } catch (thrown) {
    if (thrown instanceof BadArgument) return new IptablesError(`Bad argument \`${thrown.word}'\n${between}${hint(program)}`, 2);
    if (thrown instanceof UsageError)
      return new IptablesError(`${thrown.before}${usageError(program, thrown.message, between).message}`, 2);
    throw thrown;
  }
}

/** One command line: its output, or why it was refused. */
export function runCommand(netfilter: Netfilter, family: Family, words: readonly string[], program: string): string | IptablesError {
  const prepared = prepare(family, words, program);
  if (prepared instanceof IptablesError) return prepared;
  // What -h prints is no business of the kernel's: the program has it.
  if ("information" in prepared) return prepared.information === "version" ? `${program} ${VERSION}\n` : "";
  if (prepared.line.otherFamily) return new IptablesError(hint(program), 2);
  const name = prepared.line.table;
  if (!TABLE_ORDER.some((known) => known === name))
    return new IptablesError(
      `${program} ${VERSION}: table '${name}' does not exist\nPerhaps ${program} or your kernel needs to be upgraded.`,
      3,
    );
  return execute(netfilter, netfilter.table(family, name as TableName), prepared, program);
}

/** Carries out a parsed line on its table. Refusals are in the form of the program that was called. */
export function execute(netfilter: Netfilter, table: Table, prepared: Prepared, program: string): string | IptablesError {
  const result = dispatch(netfilter, table, prepared, program);
  if (typeof result === "string" || result.status !== 1) return result;
  return new IptablesError(`${program}: ${result.message}`, 1);
}

function dispatch(netfilter: Netfilter, table: Table, prepared: Prepared, program: string): string | IptablesError {
  const { line } = prepared;
  switch (line.command) {
    case "A":
    case "I":
    case "R":
    case "D":
    case "C":
      return changeRules(netfilter, table, prepared, program);
    case "L":
      return list(table, line);
    case "S":
      return listRules(table, line);
    case "F":
      return forChains(table, line.chain, (chain) => {
        netfilter.flushChain(table, chain);
        return line.verbose ? `Flushing chain \`${chain.name}'\n` : "";
      });
    case "Z":
      return zero(table, line);
    case "N":
      return newChain(netfilter, table, line.chain as string);
    case "X":
      return deleteChains(netfilter, table, line, program);
    case "E":
      return renameChain(netfilter, table, line);
    case "P":
      return setPolicy(netfilter, table, line);
  }
}

function forChains(table: Table, name: string | undefined, act: (chain: Chain) => string): string | IptablesError {
  if (name === undefined) return table.ordered().map(act).join("");
  const chain = table.chains.get(name);
  return chain ? act(chain) : new IptablesError(NO_CHAIN);
}

function changeRules(netfilter: Netfilter, table: Table, { line, specs }: Prepared, program: string): string | IptablesError {
  const { command } = line;
  for (const { parts } of specs)
    if (parts.action.kind === "chain" && !table.chains.has(parts.action.name))
      return usageError(program, `Chain '${parts.action.name}' does not exist`);
  const chain = table.chains.get(line.chain as string);
  if (!chain) return new IptablesError(command === "C" || (command === "D" && line.ruleNumber === undefined) ? NO_RULE : NO_CHAIN);
  if (command === "D" && line.ruleNumber !== undefined) return deleteNumber(netfilter, table, chain, line.ruleNumber);
  if (command === "R" && specs.length > 1) return usageError(program, "Replacement rule does not specify a unique address");
  let output = "";
  for (const spec of specs) {
    const refused =
      command === "C"
        ? chain.has(spec.text)
          ? undefined
          : new IptablesError(NO_RULE)
        : command === "D"
          ? deleteRule(netfilter, table, chain, spec)
          : addRule(netfilter, table, chain, spec, line, program);
    if (refused) return refused;
    if (line.verbose) output += `${spec.listInline()}\n`;
  }
  return output;
}

function deleteRule(netfilter: Netfilter, table: Table, chain: Chain, spec: RuleSpec): IptablesError | undefined {
  const index = chain.indexOf(spec.text);
  if (index < 0) return new IptablesError(NO_RULE);
  netfilter.removeRule(table, chain, index);
  return undefined;
}

function deleteNumber(netfilter: Netfilter, table: Table, chain: Chain, number: number): string | IptablesError {
  if (chain.hook && !chain.created) return new IptablesError(NO_CHAIN);
  if (number > chain.rules.length) return new IptablesError("Index of deletion too big.");
  netfilter.removeRule(table, chain, number - 1);
  return "";
}

function addRule(
  netfilter: Netfilter,
  table: Table,
  chain: Chain,
  spec: RuleSpec,
  line: ParsedCommand,
  program: string,
): IptablesError | undefined {
  const { command, ruleNumber } = line;
  const { action } = spec.parts;
  const jump = action.kind === "chain" ? table.chains.get(action.name) : undefined;
  const { length } = chain.rules;
  if (command === "I" && ruleNumber !== undefined && ruleNumber > length + 1) return new IptablesError("Index of insertion too big.");
  if (command === "R" && chain.hook && !chain.created) return new IptablesError(NO_CHAIN);
  if (command === "R" && (ruleNumber as number) > length) return new IptablesError("Index of replacement too big.");
  const refused = refusedByKernel(netfilter, chain, spec, jump);
  if (refused) {
    const verb = ({ A: "RULE_APPEND", I: "RULE_INSERT", R: "RULE_REPLACE" } as Partial<Record<CommandLetter, string>>)[command];
    return new IptablesError(`${program} ${VERSION}:  ${verb} failed (${refused}): rule in chain ${chain.name}`, 4);
  }
  const rule = new Rule(spec, jump);
  if (line.counters) {
    rule.packets = line.counters.packets;
    rule.bytes = line.counters.bytes;
  }
  if (command === "R") netfilter.removeRule(table, chain, (ruleNumber as number) - 1);
  const index = command === "A" ? length : (ruleNumber ?? 1) - 1;
  netfilter.insertRule(table, chain, index, rule);
  return undefined;
}

/** All chains that lead to this one, itself included. */
function callersOf(chain: Chain): ReadonlySet<Chain> {
  const all = new Set([chain]);
  for (const each of all) for (const caller of each.callers.keys()) all.add(caller);
  return all;
}

const isRooted = (chain: Chain): boolean => [...callersOf(chain)].some(({ hook }) => hook !== undefined);

/** How many user's chains the longest way from a hook to this chain passes, itself included. Chains that a hook leads to form no loop. */
function depthOf(chain: Chain): number {
  let depth = 0;
  for (const caller of chain.callers.keys()) if (isRooted(caller)) depth = Math.max(depth, depthOf(caller));
  return depth + (chain.hook ? 0 : 1);
}

/** How many chains the longest way down from this chain passes, itself included; endless where it leads back to `above` or itself. */
function heightOf(chain: Chain, above: readonly Chain[], known = new Map<Chain, number>()): number {
  if (above.includes(chain)) return Number.POSITIVE_INFINITY;
  const before = known.get(chain);
  if (before !== undefined) return before;
  let height = 0;
  const path = [...above, chain];
  for (const jump of new Set(chain.rules.map((rule) => rule.jump))) if (jump) height = Math.max(height, heightOf(jump, path, known));
  known.set(chain, height + 1);
  return height + 1;
}

/** The errno text with which the kernel refuses a rule (nf_tables_newrule and the modules' checkentry); undefined when it takes it. */
function refusedByKernel(netfilter: Netfilter, chain: Chain, spec: RuleSpec, jump: Chain | undefined): string | undefined {
  const { action } = spec.parts;
  if (action.kind === "verdict" && action.verdict === "QUEUE") return "No such file or directory";
  const missing = spec.parts.matches.find(({ match }) => match.missingModule);
  if (missing) return "No such file or directory";
  const hooks = new Set([...callersOf(chain)].flatMap(({ hook }) => (hook ? [hook as string] : [])));
  if (jump) {
    if (jump.hook) return "Operation not supported";
    // Loops are looked for from the hooks (nft_chain_validate): what none leads to may go round.
    if (hooks.size > 0 && depthOf(chain) + heightOf(jump, [chain]) > MAX_JUMPS) return "Too many links";
    return refusedBelow(netfilter, jump, hooks) ? "Invalid argument" : undefined;
  }
  return refusedAt(netfilter, chain, spec, hooks) ? "Invalid argument" : undefined;
}

/** Whether a rule of a chain, or of those it leads to, may not be reached from these hooks. */
function refusedBelow(netfilter: Netfilter, chain: Chain, hooks: ReadonlySet<string>): boolean {
  const below = new Set([chain]);
  for (const each of below) {
    const seen = new Set<RuleSpec>();
    for (const { spec, jump } of each.rules) {
      if (jump) below.add(jump);
      else if (!seen.has(spec)) {
        seen.add(spec);
        if (refusedAt(netfilter, each, spec, hooks)) return true;
      }
    }
  }
  return false;
}

function refusedAt(netfilter: Netfilter, chain: Chain, spec: RuleSpec, hooks: ReadonlySet<string>): boolean {
  const { parts } = spec;
  // "! -s 0/0" could never match.
  if ((parts.source?.invert && !BigInt(parts.source.mask)) || (parts.destination?.invert && !BigInt(parts.destination.mask))) return true;
  for (const { match } of parts.matches) if (match.invalidFor?.(hooks)) return true;
  if (parts.action.kind !== "target") return false;
  const { tables, chains, protocols, log } = parts.action.target;
  const refused =
    (tables && !tables.includes(chain.table)) ||
    (chains && [...hooks].some((hook) => !chains.includes(hook))) ||
    (protocols && (!protocols.includes(parts.protocol) || parts.protocolInverted));
  if (refused && log) netfilter.kernelMessage(log.replace("TABLE", chain.table));
  return Boolean(refused);
}

function list(table: Table, line: ParsedCommand): string | IptablesError {
  let output: string;
  if (line.chain === undefined)
    output = table
      .ordered()
      .map((chain) => listChain(chain, line))
      .join("\n");
  else {
    const chain = table.chains.get(line.chain);
    if (!chain) return new IptablesError(NO_CHAIN);
    output = listChain(chain, line, line.ruleNumber);
  }
  if (line.zero) forChains(table, line.chain, zeroChain);
  return output;
}

function listRules(table: Table, line: ParsedCommand): string | IptablesError {
  const chain = line.chain === undefined ? undefined : table.chains.get(line.chain);
  if (line.chain !== undefined && !chain) return new IptablesError(NO_CHAIN);
  const chains = chain ? [chain] : table.ordered();
  const number = chain && line.ruleNumber;
  const lines = number === undefined ? chains.map((each) => declareChain(each, line.verbose)) : [];
  for (const each of chains)
    for (const [i, rule] of each.rules.entries())
      if (number === undefined || number === i + 1) lines.push(saveRule(each, rule, line.verbose));
  if (line.zero) forChains(table, line.chain, zeroChain);
  return lines.map((text) => `${text}\n`).join("");
}

const zeroChain = (chain: Chain): string => {
  chain.zero();
  return "";
};

function zero(table: Table, line: ParsedCommand): string | IptablesError {
  if (line.ruleNumber === undefined) return forChains(table, line.chain, zeroChain);
  const rule = table.chains.get(line.chain as string)?.rules[line.ruleNumber - 1];
  if (!rule) return new IptablesError(NO_RULE);
  rule.packets = 0;
  rule.bytes = 0;
  return "";
}

function newChain(netfilter: Netfilter, table: Table, name: string): string | IptablesError {
  if (table.chains.has(name)) return new IptablesError("Chain already exists.");
  netfilter.addChain(table, new Chain(name, table.name, undefined));
  return "";
}

function deleteChains(netfilter: Netfilter, table: Table, line: ParsedCommand, program: string): string | IptablesError {
  const busy = ({ name }: Chain): IptablesError =>
    new IptablesError(`${program} ${VERSION}:  CHAIN_DEL failed (Device or resource busy): chain ${name}`, 4);
  if (line.chain !== undefined) {
    const chain = table.chains.get(line.chain);
    if (!chain || (chain.hook && !chain.created)) return new IptablesError(NO_CHAIN);
    if (chain.hook && (chain.rules.length > 0 || chain.policy === "DROP")) return new IptablesError("Directory not empty.");
    if (chain.rules.length || chain.references) return busy(chain);
    if (chain.hook) {
      chain.created = false;
      netfilter.changed(table);
    } else netfilter.removeChain(table, chain);
    return line.verbose ? `Deleting chain \`${chain.name}'\n` : "";
  }
  const own = table.ordered().filter((chain) => !chain.hook);
  // All or none: the batch fails as a whole. A chain without rules that only a chain without rules refers to cannot be.
  const first = [...own].reverse().find((chain) => chain.rules.length > 0 || chain.references > 0);
  if (first) return busy(first);
  for (const chain of own) netfilter.removeChain(table, chain);
  return line.verbose ? own.map(({ name }) => `Deleting chain \`${name}'\n`).join("") : "";
}

function renameChain(netfilter: Netfilter, table: Table, line: ParsedCommand): string | IptablesError {
  const [from, to] = [line.chain as string, line.argument as string];
  if (table.chains.has(to)) return new IptablesError("File exists.");
  const chain = table.chains.get(from);
  if (!chain) return new IptablesError(NO_CHAIN);
  // The name of a built-in chain is its hook's.
  if (chain.hook) return new IptablesError(NO_CHAIN);
  const callers = [...chain.callers.keys()];
  netfilter.removeChain(table, chain);
  chain.name = to;
  for (const rule of chain.rules) rule.decision = undefined;
  netfilter.addChain(table, chain);
  for (const caller of callers)
    for (const [i, rule] of [...caller.rules.entries()]) {
      if (rule.jump !== chain) continue;
      const { action } = rule.spec.parts;
      const renamed = new Rule(new RuleSpec({ ...rule.spec.parts, action: { ...action, name: to } as typeof action }), chain);
      renamed.packets = rule.packets;
      renamed.bytes = rule.bytes;
      caller.removeAt(i);
      caller.insert(i, renamed);
    }
  return "";
}

function setPolicy(netfilter: Netfilter, table: Table, line: ParsedCommand): string | IptablesError {
  const chain = table.chains.get(line.chain as string);
  if (!chain?.hook) return new IptablesError("Bad built-in chain name.");
  if (line.argument !== "ACCEPT" && line.argument !== "DROP")
    return new IptablesError("Bad policy name. Run `dmesg' for more information.");
  netfilter.setPolicy(table, chain, line.argument);
  if (line.counters) {
    chain.packets = line.counters.packets;
    chain.bytes = line.counters.bytes;
  }
  return "";
}
