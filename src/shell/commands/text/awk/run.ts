/** Runs awk programs: records, fields, variables, statements. */
import type { Op } from "../../../../kernel/task.ts";
import { type Conversion, formatInteger, formatNumber, formatText, MAX_WIDTH } from "../../../format.ts";
import { Regex } from "../../../regex.ts";
import { formatTime, wallClockSeconds } from "../../../wall-clock.ts";
import type { Flow } from "../flow.ts";
import type { Expression, Program, Redirect, Rule, Statement, Target } from "./ast.ts";
import { orderOf } from "./order.ts";
import { AwkError } from "./parse.ts";
import { compare, fromOutside, NumericText, numberText, toNumber, toText, truth, type Value } from "./values.ts";

type AwkArray = Map<string, Value>;

/** What leaves statements: thrown through any depth of them. */
class Jump {
  readonly kind: "break" | "continue" | "next" | "nextfile" | "exit" | "return";
  readonly value: Value;

  constructor(kind: Jump["kind"], value?: Value) {
    this.kind = kind;
    this.value = value;
  }
}

/** Outputs other than standard output: files, and commands that get their input when the program ends. */
export interface Outputs {
  write(redirect: Redirect["operator"], target: string, text: string): void;
  close(target: string): number;
}

/** A text, an array or a record is at most so large. */
const MAX_TEXT = 2_000_000;
const MAX_ELEMENTS = 200_000;
const MAX_FIELDS = 50_000;
const MAX_CALLS = 200;
/** Steps that a function may take before it is stopped: it runs inside of an expression, which cannot wait. */
const MAX_CALL_STEPS = 300_000;

interface Frame {
  readonly values: Map<string, Value>;
  readonly arrays: Map<string, AwkArray>;
}

export class Awk {
  readonly #program: Program;
  readonly #flow: Flow;
  readonly #outputs: Outputs;
  readonly #busybox: boolean;
  readonly #variables = new Map<string, Value>();
  readonly #arrays = new Map<string, AwkArray>();
  readonly #frames: Frame[] = [];
  readonly #regexes = new Map<string, Regex>();
  readonly #ranges = new Set<Rule>();
  #record = "";
  /** Fields from 1, once they have been split; undefined while only the record is known. */
  #fields: Value[] | undefined;
  #recordStale = false;
  #callSteps = 0;
  status = 0;

  constructor(program: Program, flow: Flow, outputs: Outputs, busybox: boolean) {
    this.#program = program;
    this.#flow = flow;
    this.#outputs = outputs;
    this.#busybox = busybox;
    const defaults: readonly (readonly [string, Value])[] = [
      ["FS", " "],
      ["OFS", " "],
      ["ORS", "\n"],
      ["RS", "\n"],
      ["NR", 0],
      ["FNR", 0],
      ["SUBSEP", "\x1c"],
      ["CONVFMT", "%.6g"],
      ["OFMT", "%.6g"],
      ["RSTART", 0],
      ["RLENGTH", -1],
      ["FILENAME", ""],
    ];
    for (const [name, value] of defaults) this.#variables.set(name, value);
  }

  // Variables

  text(name: string): string {
    return toText(this.#variables.get(name), "%.6g");
  }

  set(name: string, value: Value): void {
    if (name === "NF") {
      const count = Math.max(0, Math.min(MAX_FIELDS, Math.trunc(toNumber(value))));
      const fields = this.#split();
      while (fields.length < count) fields.push("");
      fields.length = count;
      this.#recordStale = true;
      return;
    }
    this.#variables.set(name, value);
  }

  array(name: string): AwkArray {
    for (const map of [this.#frames.at(-1)?.arrays, this.#arrays]) {
      const found = map?.get(name);
      if (found) return found;
    }
    if (this.#frames.at(-1)?.values.has(name)) {
      const frame = this.#frames.at(-1) as Frame;
      const made: AwkArray = new Map();
      frame.arrays.set(name, made);
      return made;
    }
    const made: AwkArray = new Map();
    this.#arrays.set(name, made);
    return made;
  }

  #get(name: string): Value {
    if (name === "NF") return this.#split().length;
    const frame = this.#frames.at(-1);
    if (frame?.values.has(name)) return frame.values.get(name);
    return this.#variables.get(name);
  }

  #assign(target: Target, value: Value): Value {
    const plain = typeof value === "string" && value.length > MAX_TEXT ? value.slice(0, MAX_TEXT) : value;
    switch (target.kind) {
      case "variable": {
        const frame = this.#frames.at(-1);
        if (frame?.values.has(target.name)) frame.values.set(target.name, plain);
        else this.set(target.name, plain);
        break;
      }
      case "field":
        this.#setField(Math.trunc(toNumber(this.#value(target.index))), plain);
        break;
      case "element":
        this.#setElement(this.array(target.array), this.#key(target.subscripts), plain);
    }
    return plain;
  }

  #setElement(array: AwkArray, key: string, value: Value): void {
    if (array.size > MAX_ELEMENTS && !array.has(key)) throw new AwkError("run time error: out of memory", "out of memory");
    array.set(key, value);
  }

  #key(subscripts: readonly Expression[]): string {
    return subscripts.map((one) => toText(this.#value(one), this.#convfmt)).join(subscripts.length > 1 ? this.text("SUBSEP") : "");
  }

  get #convfmt(): string {
    return this.text("CONVFMT");
  }

  // Records and fields

  #setRecord(text: string): void {
    this.#record = text;
    this.#fields = undefined;
    this.#recordStale = false;
  }

  #recordText(): string {
    if (this.#recordStale) {
      this.#record = (this.#fields ?? []).map((field) => toText(field, this.#convfmt)).join(this.text("OFS"));
      this.#recordStale = false;
    }
    return this.#record;
  }

  #split(): Value[] {
    this.#fields ??= this.#pieces(this.#record, this.text("FS")).map(fromOutside);
    return this.#fields;
  }

  #field(index: number): Value {
    if (index === 0) return fromOutside(this.#recordText());
    if (index < 0) throw new AwkError(`run time error: negative field index $${index}`, "Access to negative field");
    return this.#split()[index - 1];
  }

  #setField(index: number, value: Value): void {
    if (index === 0) {
      this.#setRecord(toText(value, this.#convfmt));
      return;
    }
    if (index < 0) throw new AwkError(`run time error: negative field index $${index}`, "Access to negative field");
    if (index > MAX_FIELDS) throw new AwkError(`run time error: field index $${index} is too large`, "out of memory");
    const fields = this.#split();
    while (fields.length < index) fields.push("");
    fields[index - 1] = value;
    this.#recordStale = true;
  }

  /** Text split by a field separator. */
  #pieces(text: string, separator: string): string[] {
    if (text === "") return [];
    if (separator === " ") {
      const trimmed = text.replace(/^[ \t\n]+|[ \t\n]+$/g, "");
      return trimmed === "" ? [] : trimmed.split(/[ \t\n]+/).slice(0, MAX_FIELDS);
    }
    if (separator === "") return [...text].slice(0, MAX_FIELDS);
    if ([...separator].length === 1 && !/[\\^$.[\]|()*+?{}]/.test(separator))
      return this.#byParagraph(text)
        .flatMap((line) => line.split(separator))
        .slice(0, MAX_FIELDS);
    const regex = this.#regex([...separator].length === 1 ? `\\${separator}` : separator);
    const out: string[] = [];
    let from = 0;
    for (let at = 0; at <= text.length && out.length < MAX_FIELDS; ) {
      const match = regex.exec(text, at);
      if (!match) break;
      if (match.end === match.start) {
        at = match.end + 1;
        continue;
      }
      out.push(text.slice(from, match.start));
      from = match.end;
      at = match.end;
    }
    out.push(text.slice(from));
    return out;
  }

  /** In paragraph mode a newline separates fields as well. */
  #byParagraph(text: string): string[] {
    return this.text("RS") === "" ? text.split("\n") : [text];
  }

  #regex(source: string): Regex {
    const known = this.#regexes.get(source);
    if (known) return known;
    const regex = Regex.compile(source, { extended: true });
    if (!(regex instanceof Regex))
      throw new AwkError(
        `run time error: regular expression compile failed (${regex.message})\n${source}`,
        `bad regex '${source}': ${regex.message}`,
      );
    if (this.#regexes.size > 500) this.#regexes.clear();
    this.#regexes.set(source, regex);
    return regex;
  }

  /** The expression that a regular expression is given by: as such, or as text. */
  #pattern(expression: Expression): Regex {
    if (expression.kind === "regex") return this.#regex(expression.source);
    if (expression.kind === "group") return this.#pattern(expression.inner);
    return this.#regex(toText(this.#value(expression), this.#convfmt));
  }

  // The program

  /** Runs BEGIN. False when the program has ended with it. */
  *begin(): Op<boolean> {
    return yield* this.#guarded(() => this.#sections("BEGIN"));
  }

  get readsInput(): boolean {
    return this.#program.rules.some((rule) => rule.pattern !== "BEGIN");
  }

  /** One record. "next file" leaves the rest of the file out; false ends the reading. */
  *record(text: string): Op<boolean | "next file"> {
    this.#setRecord(text);
    this.#variables.set("NR", toNumber(this.#variables.get("NR")) + 1);
    this.#variables.set("FNR", toNumber(this.#variables.get("FNR")) + 1);
    try {
      return yield* this.#guarded(() => this.#rules());
    } catch (thrown) {
      if (thrown instanceof Jump && thrown.kind === "next") return true;
      if (thrown instanceof Jump && thrown.kind === "nextfile") return "next file";
      throw thrown;
    }
  }

  *end(): Op<void> {
    yield* this.#guarded(() => this.#sections("END"));
  }

  /** False when `exit` ended it. */
  *#guarded(run: () => Op<void>): Op<boolean> {
    try {
      yield* run();
      return true;
    } catch (thrown) {
      if (!(thrown instanceof Jump) || thrown.kind !== "exit") throw thrown;
      if (thrown.value !== undefined) this.status = Math.trunc(toNumber(thrown.value)) & 255;
      return false;
    }
  }

  *#sections(which: "BEGIN" | "END"): Op<void> {
    for (const rule of this.#program.rules) if (rule.pattern === which && rule.action) yield* this.#run(rule.action);
  }

  *#rules(): Op<void> {
    for (const rule of this.#program.rules) {
      if (rule.pattern === "BEGIN" || rule.pattern === "END" || !this.#matches(rule)) continue;
      if (rule.action) yield* this.#run(rule.action);
      else this.#flow.print(this.#recordText() + this.text("ORS"));
    }
  }

  #matches(rule: Rule): boolean {
    const { pattern } = rule;
    if (pattern === undefined) return true;
    if (typeof pattern === "string") return false;
    if (!("from" in pattern)) return truth(this.#value(pattern));
    if (!this.#ranges.has(rule)) {
      if (!truth(this.#value(pattern.from))) return false;
      this.#ranges.add(rule);
    }
    if (truth(this.#value(pattern.to))) this.#ranges.delete(rule);
    return true;
  }

  // Statements

  *#run(statement: Statement): Op<void> {
    if (this.#flow.effort.spend(0.2)) yield* this.#flow.effort.rest();
    if (this.#flow.full) yield* this.#flow.flush();
    switch (statement.kind) {
      case "block":
        for (const one of statement.body) yield* this.#run(one);
        return;
      case "if":
        if (truth(this.#value(statement.test))) yield* this.#run(statement.yes);
        else if (statement.no) yield* this.#run(statement.no);
        return;
      case "while":
        while (truth(this.#value(statement.test))) if (!(yield* this.#loop(statement.body))) return;
        return;
      case "do":
        do if (!(yield* this.#loop(statement.body))) return;
        while (truth(this.#value(statement.test)));
        return;
      case "for":
        if (statement.first) yield* this.#run(statement.first);
        while (!statement.test || truth(this.#value(statement.test))) {
          if (!(yield* this.#loop(statement.body))) return;
          if (statement.step) yield* this.#run(statement.step);
        }
        return;
      case "for-in":
        for (const key of this.#keys(statement.array)) {
          this.#assign({ kind: "variable", name: statement.name }, fromOutside(key));
          if (!(yield* this.#loop(statement.body))) return;
        }
        return;
      default:
        this.#plain(statement);
    }
  }

  /** One turn of a loop; false when it was left. */
  *#loop(body: Statement): Op<boolean> {
    try {
      yield* this.#run(body);
    } catch (thrown) {
      if (!(thrown instanceof Jump) || (thrown.kind !== "break" && thrown.kind !== "continue")) throw thrown;
      return thrown.kind === "continue";
    }
    if (this.#flow.effort.spend(0.2)) yield* this.#flow.effort.rest();
    return true;
  }

  #keys(name: string): readonly string[] {
    return orderOf([...this.array(name).keys()], this.#busybox);
  }

  /** Statements that hold no others. */
  #plain(statement: Statement): void {
    switch (statement.kind) {
      case "expression":
        this.#value(statement.expression);
        return;
      case "print":
      case "printf":
        this.#print(statement);
        return;
      case "delete":
        if (statement.subscripts) this.array(statement.array).delete(this.#key(statement.subscripts));
        else this.array(statement.array).clear();
        return;
      case "exit":
      case "return":
        throw new Jump(statement.kind, statement.value && this.#value(statement.value));
      case "next":
      case "nextfile":
      case "break":
      case "continue":
        throw new Jump(statement.kind);
    }
  }

  #print(statement: Extract<Statement, { readonly redirect: unknown }>): void {
    const values = statement.args.map((one) => this.#value(one));
    let text: string;
    if (statement.kind === "printf") text = this.#format(toText(values[0], this.#convfmt), values.slice(1));
    else {
      const ofmt = this.text("OFMT");
      text =
        (values.length === 0 ? this.#recordText() : values.map((value) => toText(value, ofmt)).join(this.text("OFS"))) + this.text("ORS");
    }
    if (!statement.redirect) this.#flow.print(text);
    else this.#outputs.write(statement.redirect.operator, toText(this.#value(statement.redirect.target), this.#convfmt), text);
  }

  // Expressions

  #value(expression: Expression): Value {
    switch (expression.kind) {
      case "number":
      case "string":
        return expression.value;
      case "regex":
        return this.#regex(expression.source).test(this.#recordText()) ? 1 : 0;
      case "variable":
        return this.#get(expression.name);
      case "field":
        return this.#field(Math.trunc(toNumber(this.#value(expression.index))));
      case "element": {
        const array = this.array(expression.array);
        const key = this.#key(expression.subscripts);
        // To look at an element makes it.
        if (!array.has(key)) this.#setElement(array, key, undefined);
        return array.get(key);
      }
      case "group":
        return this.#value(expression.inner);
      case "list":
        return expression.items.map((one) => toText(this.#value(one), this.#convfmt)).join(this.text("SUBSEP"));
      case "assign": {
        if (expression.operator === "=") return this.#assign(expression.target, this.#value(expression.value));
        const right = toNumber(this.#value(expression.value));
        return this.#assign(
          expression.target,
          this.#arithmetic(expression.operator.slice(0, -1), toNumber(this.#value(expression.target)), right),
        );
      }
      case "conditional":
        return this.#value(truth(this.#value(expression.test)) ? expression.yes : expression.no);
      case "unary": {
        const value = this.#value(expression.operand);
        if (expression.operator === "!") return truth(value) ? 0 : 1;
        return expression.operator === "-" ? -toNumber(value) || 0 : toNumber(value);
      }
      case "step": {
        const old = toNumber(this.#value(expression.target));
        const now = expression.operator === "++" ? old + 1 : old - 1;
        this.#assign(expression.target, now);
        return expression.prefix ? now : old;
      }
      case "in":
        return this.array(expression.array).has(this.#key(expression.subscripts)) ? 1 : 0;
      case "binary":
        return this.#binary(expression);
      case "builtin":
        return this.#builtin(expression);
      case "call":
        return this.#call(expression);
    }
  }

  #binary({ operator, left, right }: Extract<Expression, { readonly kind: "binary" }>): Value {
    switch (operator) {
      case "&&":
        return truth(this.#value(left)) && truth(this.#value(right)) ? 1 : 0;
      case "||":
        return truth(this.#value(left)) || truth(this.#value(right)) ? 1 : 0;
      case "~":
      case "!~": {
        const text = toText(this.#value(left), this.#convfmt);
        return this.#pattern(right).test(text) === (operator === "~") ? 1 : 0;
      }
    }
    const a = this.#value(left);
    const b = this.#value(right);
    if (operator === " ") {
      const text = toText(a, this.#convfmt) + toText(b, this.#convfmt);
      if (text.length > MAX_TEXT) throw new AwkError("run time error: out of memory", "out of memory");
      return text;
    }
    const difference = (): number => compare(a, b, this.#convfmt);
    switch (operator) {
      case "<":
        return difference() < 0 ? 1 : 0;
      case "<=":
        return difference() <= 0 ? 1 : 0;
      case "==":
        return difference() === 0 ? 1 : 0;
      case "!=":
        return difference() !== 0 ? 1 : 0;
      case ">":
        return difference() > 0 ? 1 : 0;
      case ">=":
        return difference() >= 0 ? 1 : 0;
    }
    return this.#arithmetic(operator, toNumber(a), toNumber(b));
  }

  #arithmetic(operator: string, a: number, b: number): number {
    switch (operator) {
      case "+":
        return a + b;
      case "-":
        return a - b;
      case "*":
        return a * b;
      case "/":
        if (b === 0 && this.#busybox) throw new AwkError("division by zero", "Division by zero");
        return a / b;
      case "%":
        if (b === 0 && this.#busybox) throw new AwkError("division by zero", "Division by zero");
        return a % b;
      default:
        this.#needMath();
        return a ** b;
    }
  }

  /** Debian builds BusyBox's awk without a library of mathematics. */
  #needMath(): void {
    if (this.#busybox) throw new AwkError("", "Math support is not compiled in");
  }

  #call({ name, args }: Extract<Expression, { readonly kind: "call" }>): Value {
    const called = this.#program.functions.get(name);
    if (!called) throw new AwkError(`function ${name} never defined`, "Call to undefined function");
    if (this.#frames.length >= MAX_CALLS)
      throw new AwkError("run time error: function calls are nested too deeply", "function calls are nested too deeply");
    const frame: Frame = { values: new Map(), arrays: new Map() };
    for (const [i, parameter] of called.parameters.entries()) {
      const arg = args[i];
      frame.values.set(parameter, undefined);
      if (!arg) continue;
      const isArray = arg.kind === "variable" && (this.#frames.at(-1)?.arrays.has(arg.name) || this.#arrays.has(arg.name));
      if (isArray) frame.arrays.set(parameter, this.array((arg as { name: string }).name));
      else {
        const value = this.#value(arg);
        frame.values.set(parameter, value);
        // A name that was never used may become an array inside.
        if (
          value === undefined &&
          arg.kind === "variable" &&
          !this.#frames.at(-1)?.values.has(arg.name) &&
          this.#variables.get(arg.name) === undefined
        )
          frame.arrays.set(parameter, this.array(arg.name));
      }
    }
    if (this.#frames.length === 0) this.#callSteps = 0;
    this.#frames.push(frame);
    try {
      // Inside of an expression nothing can wait: it runs at once, for a limited number of steps.
      for (const run = this.#run(called.body); !run.next().done; ) this.#countCall();
      return undefined;
    } catch (thrown) {
      if (thrown instanceof Jump && thrown.kind === "return") return thrown.value;
      throw thrown;
    } finally {
      this.#frames.pop();
    }
  }

  /** A wait that a function would have made: so many steps have gone by. */
  #countCall(): void {
    this.#callSteps += 100;
    if (this.#callSteps > MAX_CALL_STEPS)
      throw new AwkError("run time error: a function ran too long and was stopped", "a function ran too long and was stopped");
  }

  #builtin({ name, args, bare }: Extract<Expression, { readonly kind: "builtin" }>): Value {
    const text = (i: number): string => toText(args[i] && this.#value(args[i] as Expression), this.#convfmt);
    const number = (i: number): number => toNumber(args[i] && this.#value(args[i] as Expression));
    const need = (count: number): void => {
      if (args.length < count) throw new AwkError(`wrong number of arguments in call to ${name}`, "Not enough arguments");
    };
    switch (name) {
      case "length": {
        const [first] = args;
        if (bare || !first) return [...this.#recordText()].length;
        if (
          first.kind === "variable" &&
          (this.#arrays.has(first.name) || this.#frames.at(-1)?.arrays.has(first.name)) &&
          this.#get(first.name) === undefined
        )
          return this.array(first.name).size;
        return [...text(0)].length;
      }
      case "substr": {
        need(2);
        return substring(text(0), number(1), args.length > 2 ? number(2) : undefined, this.#busybox);
      }
      case "index":
        need(2);
        return text(0).indexOf(text(1)) + 1;
      case "split":
        need(2);
        return this.#splitInto(args, text(0));
      case "sub":
      case "gsub":
        need(2);
        return this.#substitute(args, name === "gsub");
      case "match": {
        need(2);
        const match = this.#pattern(args[1] as Expression).exec(text(0));
        this.#variables.set("RSTART", match ? match.start + 1 : 0);
        this.#variables.set("RLENGTH", match ? match.end - match.start : -1);
        return match ? match.start + 1 : 0;
      }
      case "tolower":
        return text(0).toLowerCase();
      case "toupper":
        return text(0).toUpperCase();
      case "sprintf":
        need(1);
        return this.#format(
          text(0),
          args.slice(1).map((one) => this.#value(one)),
        );
      case "int":
        return Math.trunc(number(0));
      case "rand":
        return this.#flow.process.machine.kernel.random.below(2 ** 31) / 2 ** 31;
      case "srand":
        return 0;
      case "systime":
        return Math.floor(wallClockSeconds(this.#flow.process.machine.kernel));
      case "strftime":
        return formatTime(this.#flow.process.machine.kernel, args.length > 0 ? text(0) : "%c", args.length > 1 ? number(1) : undefined);
      case "close":
        return this.#outputs.close(text(0));
      case "fflush":
        return 0;
    }
    this.#needMath();
    const functions: Readonly<Record<string, (x: number) => number>> = {
      sqrt: Math.sqrt,
      exp: Math.exp,
      log: Math.log,
      sin: Math.sin,
      cos: Math.cos,
    };
    return name === "atan2" ? Math.atan2(number(0), number(1)) : (functions[name]?.(number(0)) ?? 0);
  }

  #splitInto(args: readonly Expression[], text: string): number {
    const target = args[1];
    if (target?.kind !== "variable") throw new AwkError("type error in arg(2) in call to split", "Not an array");
    const separator = args[2];
    let pieces: string[];
    if (separator?.kind === "regex")
      pieces = this.#pieces(
        text,
        separator.source.length === 1 && separator.source !== " "
          ? `(${separator.source})`
          : separator.source === " "
            ? "[ ]"
            : separator.source,
      );
    else pieces = this.#pieces(text, separator ? toText(this.#value(separator), this.#convfmt) : this.text("FS"));
    const array = this.array(target.name);
    array.clear();
    for (const [i, piece] of pieces.entries()) this.#setElement(array, String(i + 1), fromOutside(piece));
    return pieces.length;
  }

  #substitute(args: readonly Expression[], all: boolean): number {
    const regex = this.#pattern(args[0] as Expression);
    const by = toText(this.#value(args[1] as Expression), this.#convfmt);
    const given = args[2] ?? ({ kind: "field", index: { kind: "number", value: 0 } } as const);
    const target = given.kind === "variable" || given.kind === "field" || given.kind === "element" ? given : undefined;
    const text = toText(this.#value(given), this.#convfmt);
    let out = "";
    let at = 0;
    let count = 0;
    while (at <= text.length) {
      const match = regex.exec(text, at);
      if (!match) break;
      count++;
      out +=
        text.slice(at, match.start) + by.replace(/\\\\|\\&|&/g, (one) => (one === "&" ? text.slice(match.start, match.end) : one.slice(1)));
      at = match.end;
      if (match.end === match.start) {
        out += text[at] ?? "";
        at++;
      }
      if (!all || out.length > MAX_TEXT) break;
    }
    if (count > 0 && target) this.#assign(target, out + text.slice(at));
    return count;
  }

  #format(format: string, values: readonly Value[]): string {
    let at = 0;
    let missing = false;
    const take = (): Value => {
      if (at >= values.length) missing = true;
      return values[at++];
    };
    const text = format.replace(
      /%([-+ #0]*)(\*|\d+)?(?:\.(\*|\d*))?(?:hh|h|ll|l|L|j|z|t)?([a-zA-Z%])/g,
      (all, flags: string, width: string | undefined, precision: string | undefined, verb: string) => {
        if (verb === "%") return "%";
        const size = (word: string | undefined): number | undefined =>
          word === undefined ? undefined : word === "*" ? Math.trunc(toNumber(take())) : Number(word || 0);
        const wide = size(width) ?? 0;
        const digits = size(precision);
        const conversion: Conversion = {
          flags: wide < 0 ? `${flags}-` : flags,
          width: Math.min(MAX_WIDTH, Math.abs(wide)),
          precision: digits === undefined || digits < 0 ? undefined : Math.min(MAX_WIDTH, digits),
          verb,
        };
        switch (verb) {
          case "s":
            return formatText(conversion, toText(take(), this.#convfmt));
          case "c": {
            const value = take();
            const char =
              typeof value === "number" || value instanceof NumericText
                ? String.fromCodePoint(Math.max(0, Math.min(0x10ffff, Math.trunc(toNumber(value)))) || 0)
                : toText(value, this.#convfmt).slice(0, 1);
            return formatText({ ...conversion, precision: undefined }, char);
          }
          case "d":
          case "i":
          case "o":
          case "u":
          case "x":
          case "X": {
            const value = toNumber(take());
            if (!Number.isFinite(value)) return formatText({ ...conversion, precision: undefined }, numberText(value, "%.6g"));
            return formatInteger(conversion, BigInt(Math.trunc(value)));
          }
          case "e":
          case "E":
          case "f":
          case "F":
          case "g":
          case "G":
            return formatNumber(conversion, toNumber(take()));
          default:
            return all;
        }
      },
    );
    if (missing && !this.#busybox)
      throw new AwkError(
        `run time error: not enough arguments passed to printf("${format}")\n\tFILENAME="${this.text("FILENAME")}" FNR=${this.text("FNR")} NR=${this.text("NR")}`,
      );
    return text.length > MAX_TEXT ? text.slice(0, MAX_TEXT) : text;
  }
}

/** substr(): positions from 1. mawk keeps what lies between the rounded ends; BusyBox moves a start before 1 to 1. */
function substring(text: string, start: number, length: number | undefined, busybox: boolean): string {
  const chars = [...text];
  if (busybox) {
    const from = Math.max(1, Math.round(start));
    return chars.slice(from - 1, length === undefined ? undefined : from - 1 + Math.max(0, Math.round(length))).join("");
  }
  const from = Math.round(start);
  const to = length === undefined ? Number.POSITIVE_INFINITY : from + Math.round(length);
  return chars.slice(Math.max(0, from - 1), Math.max(0, to - 1)).join("");
}
