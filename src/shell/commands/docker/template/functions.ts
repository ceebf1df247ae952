/** The functions of Go's templates and those that docker's client adds (text/template/funcs.go; docker/cli, templates). */
import { TemplateError } from "./lexer.ts";
import { format, GoMap, GoStruct, goType, JsonNumber, mapOf, Nil, resolve, toJson, truth, type Value } from "./values.ts";

/** What a function is given, and where an error about it is told to be. */
export interface Argument {
  readonly value: Value;
  readonly place: string;
}

type Parameter = "string" | "[]string" | "int";

/** The functions whose parameters have types. */
const SIGNATURES: Readonly<Record<string, readonly Parameter[]>> = {
  join: ["[]string", "string"],
  split: ["string", "string"],
  lower: ["string"],
  upper: ["string"],
  title: ["string"],
  pad: ["string", "int", "int"],
  truncate: ["string", "int"],
};

/** How many arguments the others take: "1" exactly one, "1+" one at least. */
const COUNTS: Readonly<Record<string, string>> = {
  not: "1",
  len: "1",
  json: "1",
  ne: "2",
  lt: "2",
  le: "2",
  gt: "2",
  ge: "2",
  eq: "1+",
  index: "1+",
  slice: "1+",
  printf: "1+",
};

function checkCount(name: string, given: number, place: string): void {
  const wanted = SIGNATURES[name]?.length.toString() ?? COUNTS[name];
  if (wanted === undefined) return;
  const least = Number.parseInt(wanted, 10);
  if (wanted.endsWith("+") ? given >= least : given === least) return;
  const want = wanted.endsWith("+") ? `at least ${least}` : wanted;
  throw new TemplateError(`template: :${place}: wrong number of args for ${name}: want ${want} got ${given}`);
}

function checkType(parameter: Parameter, { value, place }: Argument): void {
  const type = value instanceof Nil && value.text === "[]" ? "[]string" : goType(value);
  if (type === parameter) return;
  if (value === null || value === undefined) throw new TemplateError(`template: :${place}: invalid value; expected ${parameter}`);
  throw new TemplateError(`template: :${place}: wrong type for value; expected ${parameter}; got ${type}`);
}

/** As fmt prints an argument: what a pointer points to stands behind "&". */
const printed = (value: Value): string => (value instanceof GoStruct && value.pointer ? "&" : "") + format(value);

function printf(pattern: string, values: readonly Value[]): string {
  let next = 0;
  const typed = (value: Value): string => (goType(value) === "<nil>" ? "<nil>" : `${goType(value)}=${format(value)}`);
  const text = pattern.replace(
    /%([-+# 0]*)(\d+)?(?:\.(\d+))?([a-zA-Z%])/g,
    (_all, flags: string, width: string | undefined, precision: string | undefined, verb: string) => {
      if (verb === "%") return "%";
      if (next >= values.length) return `%!${verb}(MISSING)`;
      const value = resolve(values[next++]);
      const isText = typeof value === "string" || value instanceof JsonNumber;
      let shown: string;
      if (verb === "q" && isText) shown = JSON.stringify(format(value));
      else if (verb === "q" && Array.isArray(value)) shown = `[${value.map((one) => JSON.stringify(format(one))).join(" ")}]`;
      else if (verb === "d" && typeof value === "number") shown = String(Math.trunc(value));
      else if (verb === "x" && typeof value === "number") shown = value.toString(16);
      else if (verb === "x" && isText)
        shown = [...new TextEncoder().encode(format(value))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
      else if (verb === "f" && typeof value === "number")
        shown = value.toFixed(precision === undefined ? 6 : Math.min(20, Number(precision)));
      else if (verb === "t" && typeof value === "boolean") shown = String(value);
      else if (verb === "v" || (verb === "s" && typeof value !== "number" && typeof value !== "boolean" && value !== null))
        shown = printed(value);
      else if (verb === "T") shown = goType(value);
      else shown = `%!${verb}(${typed(value)})`;
      if (precision !== undefined && verb === "s") shown = shown.slice(0, Number(precision));
      if (flags.includes("+") && verb === "d" && !shown.startsWith("-")) shown = `+${shown}`;
      const size = Math.min(1000, Number(width ?? 0));
      return flags.includes("-") ? shown.padEnd(size) : shown.padStart(size, flags.includes("0") && verb !== "s" ? "0" : " ");
    },
  );
  return next < values.length ? `${text}%!(EXTRA ${values.slice(next).map(typed).join(", ")})` : text;
}

/** The kinds that can be compared (basicKind). */
function kindOf(value: Value): "bool" | "int" | "float" | "string" | undefined {
  if (typeof value === "boolean") return "bool";
  if (typeof value === "number") return Number.isInteger(value) ? "int" : "float";
  return typeof value === "string" || value instanceof JsonNumber ? "string" : undefined;
}

const isNothing = (value: Value): boolean => value === null || value === undefined || value instanceof Nil;

const plain = (value: Value): Value => (value instanceof JsonNumber ? value.text : value);

/** Refuses what Go cannot compare. */
function checkComparable(name: string, a: Value, b: Value, where: string): void {
  const fail = (why: string): never => {
    throw new TemplateError(`template: :${where}: error calling ${name}: ${why}`);
  };
  const [first, second] = [kindOf(a), kindOf(b)];
  if (name === "eq" || name === "ne") {
    if (isNothing(a) || isNothing(b)) return;
    if (first === undefined) fail(`non-comparable type ${format(a)}: ${goType(a)}`);
    if (second === undefined) fail(`non-comparable type ${format(b)}: ${goType(b)}`);
  } else if (first === undefined || second === undefined || first === "bool") fail("invalid type for comparison");
  if (first !== second) fail(`incompatible types for comparison: ${goType(a)} and ${goType(b)}`);
}

function order(name: string, left: Value, right: Value, where: string): number {
  checkComparable(name, left, right, where);
  const [a, b] = [plain(left), plain(right)] as [number | string, number | string];
  return a < b ? -1 : a > b ? 1 : 0;
}

function equal(name: string, a: Value, b: Value, where: string): boolean {
  checkComparable(name, a, b, where);
  return isNothing(a) || isNothing(b) ? isNothing(a) && isNothing(b) : plain(a) === plain(b);
}

function index(values: readonly Value[], where: string): Value {
  const fail = (why: string): never => {
    throw new TemplateError(`template: :${where}: error calling index: ${why}`);
  };
  let value = resolve(values[0]);
  for (const key of values.slice(1)) {
    const map = mapOf(value);
    if (value instanceof Nil && value.text === "map[]") value = undefined;
    else if (map !== undefined) {
      const wanted = value instanceof GoMap ? (value.keyType ?? "string") : "string";
      if (typeof key !== "string" || wanted !== "string") fail(`value has type ${goType(key)}; should be ${wanted}`);
      const name = String(key);
      value = Object.hasOwn(map, name) ? resolve(map[name]) : value instanceof GoMap ? resolve(value.zero) : undefined;
    } else if (Array.isArray(value) || typeof value === "string" || (value instanceof Nil && value.text === "[]")) {
      const list: string | readonly Value[] = value instanceof Nil ? [] : value;
      if (typeof key !== "number") fail(`cannot index slice/array with type ${goType(key)}`);
      const at = Number(key);
      if (!Number.isInteger(at) || at < 0 || at > list.length) fail(`index out of range: ${format(key)}`);
      if (at === list.length) fail("reflect: slice index out of range");
      value = typeof list === "string" ? list.charCodeAt(at) : resolve(list[at]);
    } else if (isNothing(value)) fail("index of untyped nil");
    else fail(`can't index item of type ${goType(value)}`);
  }
  return value;
}

function slice(values: readonly Value[], where: string): Value {
  const [value, ...bounds] = values;
  const list = value instanceof Nil && value.text === "[]" ? [] : value;
  if (typeof list !== "string" && !Array.isArray(list))
    throw new TemplateError(
      `template: :${where}: error calling slice: ${isNothing(list) ? "slice of untyped nil" : `can't slice item of type ${goType(list)}`}`,
    );
  const [from = 0, to = list.length] = bounds.map(Number);
  for (const bound of [from, to])
    if (!Number.isInteger(bound) || bound < 0 || bound > list.length)
      throw new TemplateError(`template: :${where}: error calling slice: index out of range: ${bound}`);
  if (from > to) throw new TemplateError(`template: :${where}: error calling slice: invalid slice index: ${from} > ${to}`);
  return list.slice(from, to) as Value;
}

function length(value: Value, where: string): number {
  if (typeof value === "string" || value instanceof JsonNumber) return new TextEncoder().encode(format(value)).length;
  if (Array.isArray(value)) return value.length;
  const map = mapOf(value);
  if (map !== undefined) return Object.keys(map).length;
  if (value instanceof Nil && value.text !== "<nil>") return 0;
  throw new TemplateError(`template: :${where}: error calling len: len of ${isNothing(value) ? "nil pointer" : `type ${goType(value)}`}`);
}

/** Calls a function. `where` shows the call in errors, `name` alone where it was given too few or too many arguments. */
export function invoke(name: string, given: readonly Argument[], where: string, bare: string): Value {
  checkCount(name, given.length, bare);
  for (const [i, parameter] of (SIGNATURES[name] ?? []).entries()) checkType(parameter, given[i] as Argument);
  const values = given.map(({ value }) => value);
  const [a, b] = values;
  const text = (value: Value): string => (value === undefined ? "" : format(value));
  const blanks = (count: Value): string => " ".repeat(Math.max(0, Math.min(1000, Number(count ?? 0))));
  switch (name) {
    case "not":
      return !truth(a);
    case "eq":
      if (values.length < 2) throw new TemplateError(`template: :${where}: error calling eq: missing argument for comparison`);
      return values.slice(1).some((one) => equal(name, a, one, where));
    case "ne":
      return !equal(name, a, b, where);
    case "lt":
      return order(name, a, b, where) < 0;
    case "le":
      return order(name, a, b, where) <= 0;
    case "gt":
      return order(name, a, b, where) > 0;
    case "ge":
      return order(name, a, b, where) >= 0;
    case "call": {
      const called = where
        .replace(/.*<call /, "")
        .split(" ")[0]
        ?.replace(/>$/, "");
      throw new TemplateError(`template: :${where}: error calling call: non-function ${called} of type ${goType(a)}`);
    }
    case "index":
      return index(values, where);
    case "slice":
      return slice(values, where);
    case "len":
      return length(a, where);
    case "print":
      return values
        .map(printed)
        .reduce((all, one, i) => all + (i > 0 && typeof values[i] !== "string" && typeof values[i - 1] !== "string" ? " " : "") + one, "");
    case "println":
      return `${values.map(printed).join(" ")}\n`;
    case "printf":
      return printf(text(a), values.slice(1));
    case "json":
      return toJson(a);
    case "join":
      return (a instanceof Nil ? [] : (a as readonly Value[])).map(text).join(text(b));
    case "split":
      return text(a).split(text(b));
    case "lower":
      return text(a).toLowerCase();
    case "upper":
      return text(a).toUpperCase();
    case "title":
      return text(a).replace(/(^|\s)\S/g, (one) => one.toUpperCase());
    case "pad":
      return text(a) === "" ? "" : blanks(b) + text(a) + blanks(values[2]);
    case "truncate":
      return text(a).slice(0, Math.max(0, Number(b)));
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
