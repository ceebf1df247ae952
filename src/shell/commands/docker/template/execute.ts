/** Carries a Go template out over plain values: JSON documents, and rows whose fields are computed (text/template, exec.go). */
import { TemplateError } from "./lexer.ts";
import { type Call, type Node, type Operand, type Pipe, parseTemplate, type Template } from "./parse.ts";

/** A method of a row that takes an argument: `{{.Label "com.example"}}`. */
export class Method {
  readonly call: (argument: string) => Value;

  constructor(call: (argument: string) => Value) {
    this.call = call;
  }
}

/** A nil of a Go type, which prints in its own way: a slice's "[]", a map's "map[]", a pointer's "<nil>". */
export class Nil {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

/** What templates are carried out over. Functions are methods of a row: called when named. */
export type Value =
  | null
  | undefined
  | boolean
  | number
  | string
  | readonly Value[]
  | { readonly [key: string]: Value }
  | (() => Value)
  | Method
  | Nil;

class Loop {
  readonly kind: "break" | "continue";

  constructor(kind: Loop["kind"]) {
    this.kind = kind;
  }
}

interface Frame {
  readonly variables: Map<string, Value>[];
  readonly template: Template;
  /** The Go type of a row, for what it says of unknown fields; undefined for a decoded JSON document, as `inspect` falls back to. */
  readonly rowType: string | undefined;
  out: string;
  steps: number;
}

const MAX_STEPS = 500_000;
const isMap = (value: Value): value is { readonly [key: string]: Value } =>
  typeof value === "object" && value !== null && !Array.isArray(value) && !(value instanceof Method) && !(value instanceof Nil);

/** The text of a template over a value. Throws TemplateError. */
function render(template: Template, value: Value, rowType: string | undefined): string {
  const frame: Frame = { variables: [new Map([["$", value]])], template, rowType, out: "", steps: 0 };
  run(template.nodes, value, frame);
  return frame.out;
}

/** Reads a template; the error as a value. */
export function readTemplate(source: string): Template | TemplateError {
  try {
    return parseTemplate(source);
  } catch (thrown) {
    if (thrown instanceof TemplateError) return thrown;
    throw thrown;
  }
}

/** Carries a template out; the error as a value. `rowType`: the Go type that unknown fields are told of. */
export function renderText(template: Template, value: Value, rowType?: string): string | TemplateError {
  try {
    return render(template, value, rowType);
  } catch (thrown) {
    if (thrown instanceof TemplateError) return thrown;
    throw thrown;
  }
}

function run(nodes: readonly Node[], dot: Value, frame: Frame): void {
  for (const node of nodes) {
    if (++frame.steps > MAX_STEPS) throw new TemplateError("template: :1: exceeded maximum template depth");
    switch (node.kind) {
      case "text":
        frame.out += node.text;
        break;
      case "action": {
        const value = pipeline(node.pipe, dot, frame);
        if (node.pipe.declare.length === 0) frame.out += format(value);
        break;
      }
      case "if":
      case "with": {
        frame.variables.push(new Map());
        const value = pipeline(node.pipe, dot, frame);
        if (truth(value)) run(node.body, node.kind === "with" ? value : dot, frame);
        else run(node.otherwise, dot, frame);
        frame.variables.pop();
        break;
      }
      case "range":
        range(node, dot, frame);
        break;
      case "break":
      case "continue":
        throw new Loop(node.kind);
      case "template": {
        const body = frame.template.named.get(node.name);
        if (!body) throw new TemplateError(`template: :1: template "${node.name}" not defined`);
        const value = node.pipe ? pipeline(node.pipe, dot, frame) : null;
        const outer = frame.variables.splice(0);
        if (frame.steps > MAX_STEPS / 100) throw new TemplateError("template: :1: exceeded maximum template depth (100000)");
        frame.steps += 1000;
        frame.variables.push(new Map([["$", value]]));
        run(body, value, frame);
        frame.variables.splice(0, Number.POSITIVE_INFINITY, ...outer);
        break;
      }
    }
  }
}

function range(node: Extract<Node, { kind: "range" | "if" | "with" }>, dot: Value, frame: Frame): void {
  const plain: Pipe = { ...node.pipe, declare: [] };
  frame.variables.push(new Map());
  const value = resolve(pipeline(plain, dot, frame));
  const entries: readonly (readonly [Value, Value])[] = Array.isArray(value)
    ? value.map((one, i) => [i, one] as const)
    : isMap(value)
      ? Object.keys(value)
          .sort()
          .map((key) => [key, value[key]] as const)
      : typeof value === "number"
        ? Array.from({ length: Math.min(10_000, Math.max(0, value)) }, (_, i) => [i, i] as const)
        : [];
  if (
    value !== null &&
    value !== undefined &&
    !(value instanceof Nil) &&
    typeof value !== "number" &&
    !Array.isArray(value) &&
    !isMap(value)
  )
    throw new TemplateError(`template: :1: executing "" at <>: range can't iterate over ${format(value)}`);
  if (entries.length === 0) run(node.otherwise, dot, frame);
  const [first, second] = node.pipe.declare;
  for (const [key, one] of entries) {
    const scope = new Map<string, Value>();
    if (first !== undefined) scope.set(first, second === undefined ? one : key);
    if (second !== undefined) scope.set(second, one);
    frame.variables.push(scope);
    const depth = frame.variables.length;
    try {
      run(node.body, one, frame);
    } catch (thrown) {
      if (!(thrown instanceof Loop)) throw thrown;
      frame.variables.length = depth;
      if (thrown.kind === "break") {
        frame.variables.pop();
        break;
      }
    }
    frame.variables.pop();
  }
  frame.variables.pop();
}

function pipeline(pipe: Pipe, dot: Value, frame: Frame): Value {
  let value: Value;
  for (const [i, call] of pipe.calls.entries()) value = resolve(command(call, i === 0 ? undefined : { value }, dot, frame));
  for (const name of pipe.declare) {
    if (pipe.assign) {
      const scope = [...frame.variables].reverse().find((one) => one.has(name));
      scope?.set(name, value);
    } else frame.variables.at(-1)?.set(name, value);
  }
  return value;
}

function command(call: Call, final: { readonly value: Value } | undefined, dot: Value, frame: Frame): Value {
  const [first, ...rest] = call as [Operand, ...Operand[]];
  if (first.kind !== "function") {
    const value = operand(first, dot, frame);
    if (value instanceof Method) {
      const given = [...rest.map((one) => resolve(operand(one, dot, frame))), ...(final ? [final.value] : [])];
      const name = "token" in first ? first.token.text : "";
      if (given.length !== 1)
        throw new TemplateError(
          `template: :1:2: executing "" at <${name}>: wrong number of args for ${name.slice(1)}: want 1 got ${given.length}`,
        );
      return value.call(String(given[0]));
    }
    if (rest.length > 0 || final) {
      const name = "token" in first ? first.token.text : "";
      throw new TemplateError(`template: :1: executing "" at <${name}>: can't give argument to non-function ${name}`);
    }
    return value;
  }
  const { name } = first;
  if (name === "and" || name === "or") {
    let value: Value;
    for (const one of rest) {
      value = operand(one, dot, frame);
      if (truth(value) === (name === "or")) return value;
    }
    return final && truth(value) !== (name === "or") ? final.value : value;
  }
  const values = rest.map((one) => resolve(operand(one, dot, frame)));
  if (final) values.push(final.value);
  return invoke(name, values, callPlace(call));
}

/** Where an error in a call is told to be. */
const callPlace = (call: Call): string => {
  const [first] = call;
  const token = first && "token" in first ? first.token : undefined;
  return `${token?.line ?? 1}:${token?.column ?? 2}: executing "" at <${callText(call)}>`;
};

const callText = (call: Call): string =>
  call
    .map((one) =>
      one.kind === "function" || one.kind === "field" || one.kind === "variable"
        ? one.token.text
        : one.kind === "literal"
          ? JSON.stringify(one.value)
          : one.kind === "dot"
            ? "."
            : "…",
    )
    .join(" ");

function operand(one: Operand, dot: Value, frame: Frame): Value {
  switch (one.kind) {
    case "dot":
      return dot;
    case "nil":
      return null;
    case "literal":
      return one.value;
    case "field":
      return fields(dot, one.names, one, frame);
    case "variable": {
      const scope = [...frame.variables].reverse().find((variables) => variables.has(one.name));
      return fields(scope?.get(one.name), one.names, one, frame);
    }
    case "pipe":
      return fields(pipeline(one.pipe, dot, frame), one.names, one, frame);
    case "function":
      return invoke(one.name, [], callPlace([one]));
  }
}

const resolve = (value: Value): Exclude<Value, () => Value> =>
  typeof value === "function" ? (value() as Exclude<Value, () => Value>) : value;

function fields(
  start: Value,
  names: readonly string[],
  at: { readonly token: { readonly line: number; readonly column: number; readonly text: string } },
  frame: Frame,
): Value {
  let value = resolve(start);
  for (const [i, name] of names.entries()) {
    const where = (): string => {
      return `template: :${at.token.line}:${at.token.column}: executing "" at <${at.token.text}>`;
    };
    if (value === null || value === undefined || value instanceof Nil) {
      if (frame.rowType === undefined && i > 0) throw new TemplateError(`${where()}: nil pointer evaluating interface {}.${name}`);
      return undefined;
    }
    if (!isMap(value)) throw new TemplateError(`${where()}: can't evaluate field ${name} in type ${typeName(value)}`);
    if (!Object.hasOwn(value, name)) {
      if (frame.rowType === undefined) throw new TemplateError(`${where()}: map has no entry for key "${name}"`);
      // A row is a Go struct, what lies in it a map.
      if (i > 0) return undefined;
      throw new TemplateError(`${where()}: can't evaluate field ${name} in type ${frame.rowType}`);
    }
    value = resolve(value[name]);
  }
  return value;
}

const typeName = (value: Value): string =>
  typeof value === "string"
    ? "interface {}"
    : typeof value === "number"
      ? "interface {}"
      : typeof value === "boolean"
        ? "interface {}"
        : Array.isArray(value)
          ? "interface {}"
          : "interface {}";

/** Go's notion of an empty value (text/template.IsTrue). */
function truth(raw: Value): boolean {
  const value = resolve(raw);
  if (value === null || value === undefined || value === false || value === 0 || value === "" || value instanceof Nil) return false;
  if (Array.isArray(value)) return value.length > 0;
  return !isMap(value) || Object.keys(value).length > 0;
}

/** fmt's %v. */
function format(raw: Value): string {
  const value = resolve(raw);
  if (value === undefined || value === null) return "<no value>";
  if (value instanceof Nil) return value.text;
  if (Array.isArray(value)) return `[${value.map(format).join(" ")}]`;
  if (isMap(value))
    return `map[${Object.keys(value)
      .sort()
      .map((key) => `${key}:${format(value[key])}`)
      .join(" ")}]`;
  return String(value);
}

/** encoding/json, HTML characters left as they are, as docker/cli's json function does. */
export function toJson(raw: Value): string {
  const value = resolve(raw);
  if (value === undefined || value === null || value instanceof Nil) return "null";
  if (Array.isArray(value)) return `[${value.map(toJson).join(",")}]`;
  if (isMap(value))
    return `{${Object.entries(value)
      .filter(([, one]) => !(one instanceof Method))
      .map(([key, one]) => `${JSON.stringify(key)}:${toJson(one)}`)
      .join(",")}}`;
  return JSON.stringify(value);
}

function goType(value: Value): string {
  if (Array.isArray(value)) return "[]interface {}";
  if (isMap(value)) return "map[string]interface {}";
  if (typeof value === "number") return Number.isInteger(value) ? "int" : "float64";
  return typeof value === "boolean" ? "bool" : typeof value === "string" ? "string" : "<nil>";
}

function printf(pattern: string, values: readonly Value[]): string {
  let next = 0;
  const text = pattern.replace(
    /%([-+# 0]*)(\d+)?(?:\.(\d+))?([a-zA-Z%])/g,
    (_all, flags: string, width: string | undefined, precision: string | undefined, verb: string) => {
      if (verb === "%") return "%";
      if (next >= values.length) return `%!${verb}(MISSING)`;
      const value = resolve(values[next++]);
      let shown: string;
      if (verb === "q") shown = JSON.stringify(String(value));
      else if (verb === "d") shown = typeof value === "number" ? String(Math.trunc(value)) : `%!d(${typeof value}=${format(value)})`;
      else if (verb === "x")
        shown =
          typeof value === "number"
            ? value.toString(16)
            : [...String(value)].map((char) => (char.codePointAt(0) ?? 0).toString(16)).join("");
      else if (verb === "f") shown = Number(value).toFixed(precision === undefined ? 6 : Number(precision));
      else if (verb === "t" || verb === "v" || verb === "s") shown = format(value);
      else if (verb === "T") shown = goType(value);
      else shown = `%!${verb}(${typeof value}=${format(value)})`;
      if (precision !== undefined && verb === "s") shown = shown.slice(0, Number(precision));
      const size = Math.min(1000, Number(width ?? 0));
      return flags.includes("-") ? shown.padEnd(size) : shown.padStart(size, flags.includes("0") && verb !== "s" ? "0" : " ");
    },
  );
  return next < values.length
    ? `${text}%!(EXTRA ${values
        .slice(next)
        .map((value) => `${typeof value}=${format(value)}`)
        .join(", ")})`
    : text;
}

const compare = (a: Value, b: Value): number =>
  typeof a === "number" && typeof b === "number" ? a - b : String(a) < String(b) ? -1 : String(a) > String(b) ? 1 : 0;

function index(values: readonly Value[], where: string): Value {
  let value = resolve(values[0]);
  for (const key of values.slice(1)) {
    if (Array.isArray(value)) {
      const at = Number(key);
      if (!Number.isInteger(at) || at < 0 || at > value.length)
        throw new TemplateError(`template: :${where}: error calling index: index out of range: ${format(key)}`);
      if (at === value.length) throw new TemplateError(`template: :${where}: error calling index: reflect: slice index out of range`);
      value = resolve(value[at]);
    } else if (isMap(value)) value = resolve(value[String(key)]);
    else throw new TemplateError(`template: :${where}: error calling index: index of untyped nil`);
  }
  return value;
}

function invoke(name: string, values: readonly Value[], where: string): Value {
  const [a, b] = values;
  const text = (value: Value): string => (value === undefined ? "" : format(value));
  const wants = (least: number): void => {
    if (values.length < least)
      throw new TemplateError(`template: :${where}: wrong number of args for ${name}: want at least ${least} got ${values.length}`);
  };
  switch (name) {
    case "not":
      wants(1);
      return !truth(a);
    case "eq":
      wants(2);
      return values.slice(1).some((one) => one === a);
    case "ne":
      wants(2);
      return a !== b;
    case "lt":
      wants(2);
      return compare(a, b) < 0;
    case "le":
      wants(2);
      return compare(a, b) <= 0;
    case "gt":
      wants(2);
      return compare(a, b) > 0;
    case "ge":
      wants(2);
      return compare(a, b) >= 0;
    case "index":
      wants(1);
      return index(values, where);
    case "slice": {
      wants(1);
      const [from, to] = [Number(b ?? 0), values[2] === undefined ? undefined : Number(values[2])];
      if (typeof a === "string" || Array.isArray(a)) return a.slice(from, to) as Value;
      throw new TemplateError(`template: :${where}: error calling slice: can't slice item of type ${typeof a}`);
    }
    case "len":
      wants(1);
      if (typeof a === "string") return new TextEncoder().encode(a).length;
      if (Array.isArray(a)) return a.length;
      if (isMap(a)) return Object.keys(a).length;
      if (a instanceof Nil && a.text !== "<nil>") return 0;
      throw new TemplateError(
        `template: :${where}: error calling len: len of ${a === null || a === undefined ? "nil pointer" : `type ${typeof a}`}`,
      );
    case "print":
      return values
        .map((value) => format(value))
        .reduce((all, one, i) => all + (i > 0 && typeof values[i] !== "string" && typeof values[i - 1] !== "string" ? " " : "") + one, "");
    case "println":
      return `${values.map((value) => format(value)).join(" ")}\n`;
    case "printf":
      wants(1);
      return printf(text(a), values.slice(1));
    case "json":
      return toJson(a);
    case "join":
      if (!Array.isArray(a))
        throw new TemplateError(`template: :${where}: error calling join: wrong type for value; expected []string; got ${typeof a}`);
      return a.map(text).join(text(b));
    case "split":
      return text(a).split(text(b));
    case "lower":
      return text(a).toLowerCase();
    case "upper":
      return text(a).toUpperCase();
    case "title":
      return text(a).replace(/(^|\s)\S/g, (one) => one.toUpperCase());
    case "pad":
      return text(a) === ""
        ? ""
        : " ".repeat(Math.min(1000, Number(b ?? 0))) + text(a) + " ".repeat(Math.min(1000, Number(values[2] ?? 0)));
    case "truncate":
      return text(a).slice(0, Number(b ?? 0));
    case "html":
      return values
        .map(text)
        .join(" ")
        .replaceAll("&", "&amp;")
        .replaceAll("<", "&lt;")
        .replaceAll(">", "&gt;")
        .replaceAll('"', "&#34;")
        .replaceAll("'", "&#39;");
    case "js":
      return values
        .map(text)
        .join(" ")
        .replace(/[\\'"<>&=]/g, (char) => (/[\\'"]/.test(char) ? `\\${char}` : `\\u00${char.charCodeAt(0).toString(16).toUpperCase()}`));
    case "urlquery":
      return encodeURIComponent(values.map(text).join(" ")).replaceAll("%20", "+");
    default:
      throw new TemplateError(`template: :${where}: ${name} is not supported here`);
  }
}
