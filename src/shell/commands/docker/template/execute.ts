/** Carries a Go template out over plain values: JSON documents, and rows whose fields are computed (text/template, exec.go). */

import { type Argument, invoke } from "./functions.ts";
import { TemplateError } from "./lexer.ts";
import { type Call, callText, type Node, type Operand, operandText, type Pipe, parseTemplate, type Template } from "./parse.ts";
import { escapeHtml, format, GoStruct, GoTime, goType, Method, mapOf, Nil, resolve, toJson, truth, type Value } from "./values.ts";

export { Method, toJson, type Value } from "./values.ts";

class Loop {
  readonly kind: "break" | "continue";

  constructor(kind: Loop["kind"]) {
    this.kind = kind;
  }
}

interface Frame {
  readonly root: Value;
  readonly variables: Map<string, Value>[];
  readonly template: Template;
  /** The Go type of a row, for what it says of unknown fields; undefined for a decoded JSON document, as `inspect` falls back to. */
  readonly rowType: string | undefined;
  out: string;
  steps: number;
}

const MAX_STEPS = 500_000;
/** The text of a template over a value. Throws TemplateError. */
function render(template: Template, value: Value, rowType: string | undefined): string {
  const frame: Frame = { root: value, variables: [new Map([["$", value]])], template, rowType, out: "", steps: 0 };
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
        if (!body) throw new TemplateError(`template: :${node.place}: template "${node.name}" not defined`);
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

/** What a range goes through; undefined for what it cannot. */
function entriesOf(value: Value, frame: Frame): readonly (readonly [Value, Value])[] | undefined {
  if (value === null || value === undefined || value instanceof Nil) return [];
  if (Array.isArray(value)) return value.map((one, i) => [i, one] as const);
  const map = mapOf(value);
  if (map !== undefined && !(value === frame.root && frame.rowType !== undefined))
    return Object.keys(map)
      .sort()
      .map((key) => [key, map[key]] as const);
  if (typeof value !== "number") return undefined;
  return Array.from({ length: Math.min(10_000, Math.max(0, value)) }, (_, i) => [i, i] as const);
}

function range(node: Extract<Node, { kind: "range" | "if" | "with" }>, dot: Value, frame: Frame): void {
  const plain: Pipe = { ...node.pipe, declare: [] };
  frame.variables.push(new Map());
  const value = resolve(pipeline(plain, dot, frame));
  const entries = entriesOf(value, frame);
  if (entries === undefined) {
    const call = node.pipe.calls.at(-1) as Call;
    throw new TemplateError(`template: :${placeOf(call[0] as Operand, callText(call))}: range can't iterate over ${format(value)}`);
  }
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
  if (first.kind === "nil" && rest.length === 0) throw new TemplateError(`template: :${placeOf(first, "nil")}: nil is not a command`);
  if (first.kind !== "function") {
    const value = operand(first, dot, frame);
    if (value instanceof Method) {
      const given = [...rest.map((one) => resolve(operand(one, dot, frame))), ...(final ? [final.value] : [])];
      const name = first.token.text;
      const [argument] = rest;
      if (given.length === 1 && argument?.kind === "literal" && typeof given[0] !== "string") {
        const { text } = argument.token;
        throw new TemplateError(`template: :${placeOf(argument, text)}: expected string; found ${text}`);
      }
      if (given.length !== 1)
        throw new TemplateError(
          `template: :1:2: executing "" at <${name}>: wrong number of args for ${name.slice(1)}: want 1 got ${given.length}`,
        );
      return value.call(String(given[0]));
    }
    if (rest.length > 0 || final) {
      const name = first.token.text;
      if (first.kind === "field")
        throw new TemplateError(`template: :${placeOf(first, name)}: ${first.names.at(-1)} is not a method but has arguments`);
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
  const given = rest.map((one): Argument => ({ value: resolve(operand(one, dot, frame)), place: placeOf(one, operandText(one)) }));
  if (final) given.push({ value: final.value, place: placeOf(first, name) });
  // A row is encoded by its own MarshalJSON, whose text is not as json's function would have it.
  if (name === "json" && frame.rowType?.startsWith("*") && given[0]?.value === frame.root) return escapeHtml(toJson(frame.root));
  return invoke(name, given, placeOf(first, callText(call)), placeOf(first, name));
}

/** Where an error is told to be. */
const placeOf = (one: Pick<Operand, "token">, text: string): string => `${one.token.line}:${one.token.column}: executing "" at <${text}>`;

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
      return invoke(one.name, [], placeOf(one, one.name), placeOf(one, one.name));
  }
}

function fields(start: Value, names: readonly string[], at: Pick<Operand, "token">, frame: Frame): Value {
  let value = resolve(start);
  for (const [i, name] of names.entries()) {
    const where = (): string => `template: :${placeOf(at, at.token.text)}`;
    if (value instanceof Nil && value.text === "<nil>" && frame.rowType !== undefined)
      throw new TemplateError(`${where()}: nil pointer evaluating ${name}`);
    if (value === null || value === undefined || value instanceof Nil) {
      if (frame.rowType === undefined && i > 0) throw new TemplateError(`${where()}: nil pointer evaluating interface {}.${name}`);
      return undefined;
    }
    if (value instanceof GoTime) {
      value = resolve(value.method(name));
      continue;
    }
    if (value instanceof GoStruct) {
      if (!value.fields.has(name)) throw new TemplateError(`${where()}: can't evaluate field ${name} in type ${goType(value)}`);
      value = resolve(value.fields.get(name));
      continue;
    }
    const map = mapOf(value);
    if (map === undefined)
      throw new TemplateError(
        `${where()}: can't evaluate field ${name} in type ${frame.rowType === undefined ? "interface {}" : goType(value)}`,
      );
    if (!Object.hasOwn(map, name)) {
      if (frame.rowType === undefined) throw new TemplateError(`${where()}: map has no entry for key "${name}"`);
      // A row is a Go struct, what lies in it a map.
      if (value !== frame.root) return undefined;
      throw new TemplateError(`${where()}: can't evaluate field ${name} in type ${frame.rowType}`);
    }
    value = resolve(map[name]);
  }
  return value;
}
