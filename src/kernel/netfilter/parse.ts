/** The words of an iptables command line, read as getopt_long() and xtables do it (iptables/xshared.c). */
import type { Family } from "../address.ts";
import {
  type MatchExtension,
  type OptionArity,
  type OptionUse,
  parseNumber,
  type RuleContext,
  refuse,
  type TargetExtension,
  UsageError,
} from "./extension.ts";
import { MATCHES, UNMODELLED_MATCHES } from "./match/index.ts";
import { parseProtocol } from "./names.ts";
import { type BaseOption, LETTER_NAMES, LONG_OPTIONS, SHORT_OPTIONS } from "./options.ts";
import { parseAddresses, parseInterface } from "./parse-address.ts";
import type { Action, AddressMatch, InterfaceMatch, NamedMatch, RuleParts, Verdict } from "./rule.ts";
import { TARGETS, UNMODELLED_TARGETS, VERDICTS } from "./target/index.ts";

export type CommandLetter = "A" | "D" | "C" | "I" | "R" | "L" | "S" | "F" | "Z" | "N" | "X" | "E" | "P";

/** A command line, read but not yet looked at in the light of the tables. */
export interface ParsedCommand {
  readonly table: string;
  readonly command: CommandLetter;
  readonly chain: string | undefined;
  /** The new name of -E, the policy of -P. */
  readonly argument: string | undefined;
  readonly ruleNumber: number | undefined;
  /** Rules of the words: one for each pair of the sources and destinations given. */
  readonly rules: readonly RuleParts[];
  readonly counters: { readonly packets: number; readonly bytes: number } | undefined;
  readonly numeric: boolean;
  readonly verbose: boolean;
  readonly exact: boolean;
  readonly lineNumbers: boolean;
  /** A module keeps state in the rule, so the parse must not be shared. */
  readonly stateful: boolean;
  /** `-6` for iptables, `-4` for ip6tables: the line is for the other program. */
  readonly otherFamily: boolean;
  /** -Z together with -L or -S. */
  readonly zero: boolean;
}

/** What stands instead of a command: help or version was asked for. */
export interface Information {
  readonly information: "help" | "version";
}

/** A word that belongs to nothing: told without the program's name in front. */
export class BadArgument {
  readonly word: string;

  constructor(word: string) {
    this.word = word;
  }
}

const COMMANDS = new Set(["A", "D", "C", "I", "R", "L", "S", "F", "Z", "N", "X", "E", "P"]);
const RULE_COMMANDS = new Set(["A", "D", "C", "I", "R"]);
/** Modules that `-p` brings with it when one of their options is used. */
const PROTOCOL_MATCHES: Readonly<Record<number, string>> = { 6: "tcp", 17: "udp", 1: "icmp", 58: "icmp6", 132: "sctp" };
const MAX_CHAIN_NAME = 28;

interface Loaded {
  readonly name: string;
  readonly match?: MatchExtension;
  readonly target?: TargetExtension;
  readonly uses: OptionUse[];
}

const optionsOf = (loaded: Loaded): Readonly<Record<string, OptionArity>> => (loaded.match ?? (loaded.target as TargetExtension)).options;

const isOption = (word: string | undefined): boolean => word === undefined || word.startsWith("-") || word === "!";

function checkChainName(name: string): void {
  if (name.startsWith("-") || name.startsWith("!")) refuse(`chain name not allowed to start with \`${name[0]}'`);
  if (name.length > MAX_CHAIN_NAME) refuse(`chain name \`${name}' too long (must be under 29 chars)`);
  if (name === "" || VERDICTS.has(name) || TARGETS.has(name) || UNMODELLED_TARGETS.has(name))
    refuse("chain name may not clash with target name");
  if (/\s/.test(name)) refuse(`Invalid chain name \`${name}'`);
}

function listOf(names: Iterable<string>): string {
  return [...names].sort().join(", ");
}

/** Reads one command line. Throws UsageError or BadArgument, for whoever carries it out to tell. */
export class CommandParser {
  readonly #family: Family;
  readonly #words: readonly string[];
  #at = 0;
  #invert = false;
  #command: CommandLetter | undefined;
  #chain: string | undefined;
  #argument: string | undefined;
  #ruleNumber: number | undefined;
  #table = "filter";
  #sources: readonly AddressMatch[] | undefined;
  #destinations: readonly AddressMatch[] | undefined;
  #input: InterfaceMatch | undefined;
  #output: InterfaceMatch | undefined;
  #protocol: number | undefined;
  #protocolInverted = false;
  #fragment: { invert: boolean } | undefined;
  #jump: string | undefined;
  #goto = false;
  #target: Loaded | undefined;
  #matches: Loaded[] = [];
  #counters: { packets: number; bytes: number } | undefined;
  #given = new Set<string>();
  #numeric = false;
  #verbose = false;
  #exact = false;
  #lineNumbers = false;
  #otherFamily = false;
  #information: "help" | "version" | undefined;

  constructor(family: Family, words: readonly string[], table?: string) {
    this.#family = family;
    this.#words = words;
    if (table !== undefined) this.#table = table;
  }

  parse(): ParsedCommand | Information {
    while (this.#at < this.#words.length) {
      const word = this.#words[this.#at++] as string;
      if (word === "--") {
        if (this.#at < this.#words.length) refuse("unknown arguments found on commandline");
        break;
      }
      if (word.startsWith("--")) this.#long(word);
      else if (word.startsWith("-") && word.length > 1) this.#short(word);
      else if (word === "!") {
        if (this.#invert) refuse("multiple consecutive ! not allowed");
        this.#invert = true;
        continue;
      } else {
        // A "!" after an option is its value, and refused before the word that follows it.
        if (this.#matches.some(({ uses }) => uses.some(({ value }) => value === "!"))) this.#rules();
        throw new BadArgument(word);
      }
      if (this.#information) return { information: this.#information };
    }
    return this.#finish();
  }

  #long(word: string): void {
    const equals = word.indexOf("=");
    const name = equals < 0 ? word.slice(2) : word.slice(2, equals);
    const attached = equals < 0 ? undefined : word.slice(equals + 1);
    const found = this.#findLong(name);
    if (!found) {
      // Only now is the protocol's own module loaded: `-p tcp --dport 80` needs no `-m tcp`.
      const implicit = this.#implicitMatch();
      if (!implicit) refuse(`unknown option "${equals < 0 ? word : `--${name}`}"`);
      this.#matches.push(implicit);
      const own = this.#findLong(name);
      if (!own || own.loaded !== implicit) {
        this.#matches.pop();
        refuse(`unknown option "--${name}"`);
      }
      this.#extensionOption(own.loaded as Loaded, own.name, attached);
      return;
    }
    if (found.loaded) this.#extensionOption(found.loaded, found.name, attached);
    else this.#baseOption(LONG_OPTIONS[found.name] as BaseOption, `--${name}`, attached);
  }

  #implicitMatch(): Loaded | undefined {
    if (this.#protocol === undefined || this.#protocolInverted) return undefined;
    const name = PROTOCOL_MATCHES[this.#protocol];
    if (name === undefined || this.#matches.some((loaded) => loaded.name === name)) return undefined;
    const match = MATCHES.get(name);
    return match && (!match.family || match.family === this.#family) ? { name, match, uses: [] } : undefined;
  }

  /** getopt_long(): an exact name first, else the only one that begins so; the modules loaded last come first. */
  #findLong(name: string): { readonly name: string; readonly loaded?: Loaded } | undefined {
    if (Object.hasOwn(LONG_OPTIONS, name)) return { name };
    const modules = [...(this.#target ? [this.#target] : []), ...[...this.#matches].reverse()];
    for (const loaded of modules) if (Object.hasOwn(optionsOf(loaded), name)) return { name, loaded };
    if (name === "") return undefined;
    const candidates: { name: string; loaded?: Loaded }[] = [];
    for (const option of Object.keys(LONG_OPTIONS)) if (option.startsWith(name)) candidates.push({ name: option });
    for (const loaded of modules)
      for (const option of Object.keys(optionsOf(loaded))) if (option.startsWith(name)) candidates.push({ name: option, loaded });
    const [first] = candidates;
    const letters = new Set(candidates.map((candidate) => (candidate.loaded ? candidate : LONG_OPTIONS[candidate.name]?.letter)));
    return letters.size === 1 ? first : undefined;
  }

  #short(word: string): void {
    for (let i = 1; i < word.length; i++) {
      const letter = word[i] as string;
      const option = SHORT_OPTIONS.get(letter);
      if (!option) refuse(`unknown option "-${letter}"`);
      const rest = word.slice(i + 1);
      if (option.arity === 0) {
        this.#baseOption(option, `-${letter}`, undefined);
        if (this.#information) return;
        continue;
      }
      this.#baseOption(option, `-${letter}`, rest === "" ? undefined : rest);
      return;
    }
  }

  #extensionOption(loaded: Loaded, name: string, attached: string | undefined): void {
    const arity = optionsOf(loaded)[name] as OptionArity;
    const invert = this.#invert;
    this.#invert = false;
    if (arity === 0) {
      loaded.uses.push({ name, value: "", invert });
      return;
    }
    const value = attached ?? this.#words[this.#at++];
    if (value === undefined) refuse(`option "--${name}" requires an argument`);
    let second: string | undefined;
    if (arity === 2) {
      second = this.#words[this.#at];
      if (isOption(second)) refuse(`--${name} requires two args.`);
      this.#at++;
    }
    const protocol = this.#protocolInverted ? undefined : this.#protocol;
    loaded.uses.push({ name, value, invert, ...(second === undefined ? {} : { second }), ...(protocol !== undefined && { protocol }) });
  }

  #next(): string | undefined {
    const word = this.#words[this.#at];
    if (isOption(word)) return undefined;
    this.#at++;
    return word;
  }

  #baseOption(option: BaseOption, shown: string, attached: string | undefined): void {
    let value = attached;
    if (option.arity === 1 && value === undefined) {
      value = this.#words[this.#at++];
      if (value === undefined) refuse(`option "${shown}" requires an argument`);
    }
    if (option.arity === "optional" && value === undefined) value = this.#next();
    const { letter } = option;
    if (COMMANDS.has(letter)) this.#commandOption(letter as CommandLetter, value);
    else this.#ruleOption(letter, value ?? "");
    this.#invert = false;
  }

  #commandOption(letter: CommandLetter, value: string | undefined): void {
    const before = this.#command;
    if (this.#invert) refuse(`unexpected '!' flag before --${LETTER_NAMES.get(letter)}`);
    // Listing and zeroing may go together.
    const together = (letter === "Z" && (before === "L" || before === "S")) || (before === "Z" && (letter === "L" || letter === "S"));
    if (before && !together) refuse(`Cannot use -${letter} with -${before}`);
    if (together) this.#given.add("zero");
    if (letter !== "Z" || !together) this.#command = letter;
    if (value !== undefined) this.#chain = value;
    switch (letter) {
      case "I":
      case "D": {
        const number = this.#next();
        if (number !== undefined) this.#ruleNumber = this.#parseRuleNumber(number);
        break;
      }
      case "R": {
        const number = this.#next();
        this.#ruleNumber = number === undefined ? refuse("-R requires a rule number") : this.#parseRuleNumber(number);
        break;
      }
      case "L":
      case "S":
      case "Z": {
        const number = value === undefined ? undefined : this.#next();
        if (number !== undefined) this.#ruleNumber = this.#parseRuleNumber(number);
        break;
      }
      case "N":
        checkChainName(value as string);
        break;
      case "E":
        this.#argument = this.#next() ?? refuse("-E requires old-chain-name and new-chain-name");
        checkChainName(this.#argument);
        break;
      case "P":
        this.#argument = this.#next() ?? refuse("-P requires a chain and a policy");
        break;
    }
  }

  #parseRuleNumber(text: string): number {
    const number = parseNumber(text, 0xffffffff);
    return number || refuse(`Invalid rule number \`${text}'`);
  }

  /** Notes that an option was given, once, and that "!" may stand before it. */
  #once(letter: string, invertible: boolean): void {
    const name = LETTER_NAMES.get(letter) as string;
    if (this.#invert && !invertible) refuse(`cannot have ! before --${name}`);
    if (this.#given.has(name)) refuse(`multiple --${name} options not allowed`);
    this.#given.add(name);
  }

  #ruleOption(letter: string, value: string): void {
    switch (letter) {
      case "t":
        this.#table = value;
        return;
      case "p": {
        this.#once("p", true);
        const protocol = parseProtocol(value) ?? refuse(`unknown protocol "${value}" specified`);
        if (protocol === 0 && this.#invert) refuse("rule would never match protocol");
        this.#protocol = protocol;
        this.#protocolInverted = this.#invert;
        return;
      }
      case "s":
        this.#once("s", true);
        this.#sources = parseAddresses(value, this.#family, this.#invert);
        return;
      case "d":
        this.#once("d", true);
        this.#destinations = parseAddresses(value, this.#family, this.#invert);
        return;
      case "i":
        this.#once("i", true);
        this.#input = parseInterface(value, this.#invert);
        return;
      case "o":
        this.#once("o", true);
        this.#output = parseInterface(value, this.#invert);
        return;
      case "f":
        if (this.#family === 6) refuse("`-f' is not supported in IPv6, use -m frag instead");
        this.#once("f", true);
        this.#fragment = { invert: this.#invert };
        return;
      case "j":
        this.#once("j", false);
        this.#setJump(value);
        return;
      case "g":
        this.#once("g", false);
        this.#jump = value;
        this.#goto = true;
        return;
      case "m":
        this.#loadMatch(value);
        return;
      case "c":
        this.#setCounters(value);
        return;
      case "n":
        this.#flag("n");
        this.#numeric = true;
        return;
      case "v":
        this.#verbose = true;
        return;
      case "x":
        this.#flag("x");
        this.#exact = true;
        return;
      case "0":
        if (this.#invert) refuse("cannot have ! before --line-numbers");
        this.#given.add("line-numbers");
        this.#lineNumbers = true;
        return;
      case "W":
        this.#given.add("wait-interval");
        return;
      case "w":
        this.#given.add("wait");
        return;
      case "V":
        this.#information = "version";
        return;
      case "h":
        this.#information = "help";
        return;
      case "4":
        this.#otherFamily = this.#family === 6;
        return;
      case "6":
        this.#otherFamily = this.#family === 4;
        return;
      default:
        // -M, --modprobe: modules load by themselves.
        return;
    }
  }

  #flag(letter: string): void {
    if (this.#invert) refuse(`cannot have ! before --${LETTER_NAMES.get(letter)}`);
    this.#given.add(LETTER_NAMES.get(letter) as string);
  }

  #setCounters(value: string): void {
    const [first, attached] = value.split(",") as [string, string?];
    const second = attached ?? this.#next();
    if (second === undefined) refuse("-c requires packet and byte counter");
    const [packets, bytes] = [Number(first), Number(second)];
    if (!/^\d+$/.test(first)) refuse("-c packet counter not numeric");
    if (!/^\d+$/.test(second)) refuse("-c byte counter not numeric");
    this.#given.add("set-counters");
    this.#counters = { packets, bytes };
  }

  #loadMatch(name: string): void {
    if (this.#invert) refuse("unexpected ! flag before --match");
    const match = MATCHES.get(name) ?? (name === "icmpv6" ? MATCHES.get("icmp6") : undefined);
    if (!match || (match.family && match.family !== this.#family)) {
      if (name === "set") {
        this.#matches.push({ name, match: SET, uses: [] });
        return;
      }
      if (UNMODELLED_MATCHES.has(name)) refuse(`match \`${name}' is not modelled here; supported matches: ${listOf(MATCHES.keys())}`);
      refuse(`Couldn't load match \`${name}':No such file or directory\n`);
    }
    this.#matches.push({ name: name === "icmpv6" ? "icmp6" : name, match, uses: [] });
  }

  #setJump(name: string): void {
    if (name === "") refuse("Invalid target name (too short)");
    if (name.length > MAX_CHAIN_NAME) refuse(`Invalid target name \`${name}' (28 chars max)`);
    this.#jump = name;
    const target = TARGETS.get(name);
    if (target && (!target.family || target.family === this.#family)) this.#target = { name, target, uses: [] };
    else if (UNMODELLED_TARGETS.has(name))
      refuse(
        `target \`${name}' is not modelled here; supported targets: ${listOf([...VERDICTS, ...TARGETS.keys()].filter((known) => known !== "QUEUE"))}`,
      );
  }

  #finish(): ParsedCommand {
    const command = this.#command ?? refuse("no command specified");
    if (this.#invert) refuse("nothing appropriate following !");
    if (this.#given.has("wait-interval") && !this.#given.has("wait"))
      throw new UsageError("--wait-interval only makes sense with --wait\n", "Ignoring deprecated --wait-interval option.\n");
    if (this.#chain !== undefined && this.#chain.length > MAX_CHAIN_NAME)
      refuse(`chain name \`${this.#chain}' too long (must be under 29 chars)`);
    const isRule = RULE_COMMANDS.has(command);
    this.#checkLegal(command, isRule);
    if (this.#table === "nat" && ((isRule && this.#jump === "DROP") || (command === "P" && this.#argument === "DROP")))
      refuse('\nThe "nat" table is not intended for filtering, the use of DROP is therefore inhibited.\n\n');
    const byNumber = command === "D" && this.#ruleNumber !== undefined;
    return {
      table: this.#table,
      command,
      chain: this.#chain,
      argument: this.#argument,
      ruleNumber: this.#ruleNumber,
      rules: isRule && !byNumber ? this.#rules() : [],
      counters: this.#counters,
      numeric: this.#numeric,
      verbose: this.#verbose,
      exact: this.#exact,
      lineNumbers: this.#lineNumbers,
      stateful: this.#matches.some(({ match }) => match?.stateful),
      otherFamily: this.#otherFamily,
      zero: this.#given.has("zero"),
    };
  }

  /** generic_opt_check(): which options go with which command. */
  #checkLegal(command: CommandLetter, isRule: boolean): void {
    const listing = command === "L" || command === "S";
    const ruleOptions = ["source", "destination", "protocol", "in-interface", "out-interface", "jump", "goto", "fragments"];
    if (!isRule) for (const name of ruleOptions) if (this.#given.has(name)) refuse(`Illegal option \`--${name}' with this command`);
    for (const name of ["numeric", "exact", "line-numbers"])
      if (this.#given.has(name) && command !== "L") refuse(`Illegal option \`--${name}' with this command`);
    if (this.#given.has("set-counters") && !isRule && command !== "P") refuse("Illegal option `--set-counters' with this command");
    if (isRule && this.#chain) {
      if ((this.#chain === "PREROUTING" || this.#chain === "INPUT") && this.#output)
        refuse(`Can't use --out-interface with ${this.#chain}`);
      if ((this.#chain === "POSTROUTING" || this.#chain === "OUTPUT") && this.#input)
        refuse(`Can't use --in-interface with ${this.#chain}`);
    }
    if (!isRule && !listing && this.#matches.length) refuse("Illegal option `--match' with this command");
  }

  #rules(): readonly RuleParts[] {
    const context: RuleContext = { family: this.#family, protocol: this.#protocol ?? 0, protocolInverted: this.#protocolInverted };
    const matches: NamedMatch[] = this.#matches.map(({ name, match, uses }) => ({
      name,
      match: (match as MatchExtension).build(uses, context),
    }));
    const action = this.#action(context);
    const base = {
      family: this.#family,
      protocol: context.protocol,
      protocolInverted: context.protocolInverted,
      matches,
      action,
      conntrack: this.#matches.some(({ match }) => match?.conntrack) || this.#target?.target?.conntrack === true,
      ...(this.#input && (this.#input.name !== "+" || this.#input.invert) ? { input: this.#input } : {}),
      ...(this.#output && (this.#output.name !== "+" || this.#output.invert) ? { output: this.#output } : {}),
      ...(this.#fragment ? { fragment: this.#fragment } : {}),
    };
    const rules: RuleParts[] = [];
    const any = (match: AddressMatch | undefined): boolean => match === undefined || (!BigInt(match.mask) && !match.invert);
    for (const source of this.#sources ?? [undefined])
      for (const destination of this.#destinations ?? [undefined])
        rules.push({
          ...base,
          ...(any(source) ? {} : { source: source as AddressMatch }),
          ...(any(destination) ? {} : { destination: destination as AddressMatch }),
        });
    return rules;
  }

  #action(context: RuleContext): Action {
    const name = this.#jump;
    if (name === undefined) return { kind: "none" };
    if (this.#goto) return { kind: "chain", name, goto: true };
    if (VERDICTS.has(name)) return { kind: "verdict", verdict: name as Verdict };
    if (!this.#target) return { kind: "chain", name, goto: false };
    const extension = this.#target.target as TargetExtension;
    return { kind: "target", name, listedAs: extension.listedAs ?? name, target: extension.build(this.#target.uses, context) };
  }
}

/** `-m set`: there is no ipset here, so no set that it could name exists (libxt_set). */
const SET: MatchExtension = {
  options: { "match-set": 2 },
  build(uses) {
    const [use] = uses;
    if (!use) refuse("You must specify `--match-set' with proper arguments");
    refuse(`Set ${use.value} doesn't exist.\n`);
  },
};
