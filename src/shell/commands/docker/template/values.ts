/** What Go templates are carried out over, and how such values print (fmt's %v, encoding/json). */

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

/** A number as encoding/json decodes it with UseNumber: a string to Go, so never empty, and comparable with strings only. */
export class JsonNumber {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

/** A struct by its fields in Go's order; unknown names are errors. */
export class GoStruct {
  /** "container.State". */
  readonly type: string;
  readonly fields: ReadonlyMap<string, Value>;
  /** Whether it is reached through a pointer, which prints as an address wherever it is nested. */
  readonly pointer: boolean;
  /** How many leading fields each embedded struct holds, which print in braces of their own; negative: an embedded pointer's. */
  readonly embedded: readonly number[];
  /** The document that it was decoded from, which is what it is encoded as. */
  readonly document: Value;

  constructor(type: string, fields: ReadonlyMap<string, Value>, pointer: boolean, embedded: readonly number[], document: Value) {
    this.type = type;
    this.fields = fields;
    this.pointer = pointer;
    this.embedded = embedded;
    this.document = document;
  }
}

/** A map whose missing keys have a value: what `index` gives for them. */
export class GoMap {
  readonly entries: { readonly [key: string]: Value };
  readonly zero: Value;
  /** Where the keys are no plain strings: "nat.Port". */
  readonly keyType: string | undefined;

  constructor(entries: { readonly [key: string]: Value }, zero: Value, keyType?: string) {
    this.entries = entries;
    this.zero = zero;
    this.keyType = keyType;
  }
}

/** A time.Time, by its RFC 3339 text. */
export class GoTime {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }

  /** As Time.String has it, in UTC. */
  toString(): string {
    return this.text.replace("T", " ").replace("Z", " +0000 UTC");
  }

  /** Methods without arguments; undefined for what is none of them. */
  method(name: string): Value {
    const [year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0] = (this.text.match(/\d+/g) ?? []).map(Number);
    switch (name) {
      case "Year":
        return year;
      case "Day":
        return day;
      case "Hour":
        return hour;
      case "Minute":
        return minute;
      case "Second":
        return second;
      case "Unix":
        return Date.UTC(year, month - 1, day, hour, minute, second) / 1000;
      case "String":
        return this.toString();
      default:
        return undefined;
    }
  }
}

/** Functions are methods of a row: called when named. */
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
  | Nil
  | JsonNumber
  | GoStruct
  | GoMap
  | GoTime;

export const resolve = (value: Value): Exclude<Value, () => Value> =>
  typeof value === "function" ? (value() as Exclude<Value, () => Value>) : value;

const CLASSES = [Method, Nil, JsonNumber, GoStruct, GoMap, GoTime] as const;

/** A map's entries, of whichever kind it is; undefined for what is no map. */
export function mapOf(value: Value): { readonly [key: string]: Value } | undefined {
  if (value instanceof GoMap) return value.entries;
  if (typeof value !== "object" || value === null || Array.isArray(value) || CLASSES.some((one) => value instanceof one)) return undefined;
  return value as { readonly [key: string]: Value };
}

/** Go's notion of an empty value (text/template.IsTrue). */
export function truth(raw: Value): boolean {
  const value = resolve(raw);
  if (value === null || value === undefined || value === false || value === 0 || value === "" || value instanceof Nil) return false;
  if (Array.isArray(value)) return value.length > 0;
  const map = mapOf(value);
  return map === undefined || Object.keys(map).length > 0;
}

/** Where a pointer might point: the same for the same contents. */
function addressOf(value: Value): string {
  let hash = 0x811c9dc5;
  for (const char of toJson(value)) hash = Math.imul(hash ^ (char.codePointAt(0) as number), 0x01000193) >>> 0;
  return `0xc000${(hash & 0xffffc0).toString(16).padStart(6, "0")}`;
}

function structText({ fields, embedded }: GoStruct): string {
  const values = [...fields.values()];
  const parts: string[] = [];
  for (const count of embedded) {
    const inner = values.splice(0, Math.abs(count));
    parts.push(count < 0 ? addressOf(inner) : `{${inner.map(nested).join(" ")}}`);
  }
  return `{${[...parts, ...values.map(nested)].join(" ")}}`;
}

/** What stands inside another value: nil interfaces and pointers print otherwise there. */
function nested(raw: Value): string {
  const value = resolve(raw);
  if (value === undefined || value === null) return "<nil>";
  return value instanceof GoStruct && value.pointer ? addressOf(value) : format(value);
}

/** fmt's %v. */
export function format(raw: Value): string {
  const value = resolve(raw);
  if (value === undefined || value === null) return "<no value>";
  if (value instanceof Nil || value instanceof JsonNumber) return value.text;
  if (value instanceof GoTime) return value.toString();
  if (value instanceof GoStruct) return structText(value);
  if (Array.isArray(value)) return `[${value.map(nested).join(" ")}]`;
  const map = mapOf(value);
  if (map === undefined) return String(value);
  const keys = Object.keys(map).sort();
  return `map[${keys.map((key) => `${key}:${nested(map[key])}`).join(" ")}]`;
}

/** encoding/json, HTML characters left as they are, as docker/cli's json function does. */
export function toJson(raw: Value): string {
  const value = resolve(raw);
  if (value === undefined || value === null || value instanceof Nil) return "null";
  if (value instanceof JsonNumber) return value.text;
  if (value instanceof GoTime) return JSON.stringify(value.text);
  if (value instanceof GoStruct) return toJson(value.document);
  if (Array.isArray(value)) return `[${value.map(toJson).join(",")}]`;
  if (typeof value === "object")
    return `{${Object.entries(mapOf(value) ?? {})
      .filter(([, one]) => !(one instanceof Method))
      .map(([key, one]) => `${JSON.stringify(key)}:${toJson(one)}`)
      .join(",")}}`;
  return JSON.stringify(value);
}

/** As encoding/json marshals by default. */
export const escapeHtml = (json: string): string => json.replaceAll("<", "\\u003c").replaceAll(">", "\\u003e").replaceAll("&", "\\u0026");

/** Lists of documents that were decoded without types. */
const UNTYPED = new WeakSet<readonly Value[]>();

/** A list of anything. */
export function untypedList(list: readonly Value[]): readonly Value[] {
  UNTYPED.add(list);
  return list;
}

/** %T. Slices and maps of a document decoded without types hold anything. */
export function goType(raw: Value): string {
  const value = resolve(raw);
  if (value instanceof JsonNumber) return "json.Number";
  if (value instanceof GoTime) return "time.Time";
  if (value instanceof GoStruct) return `${value.pointer ? "*" : ""}${value.type}`;
  if (value instanceof GoMap) return "map[string]string";
  if (Array.isArray(value)) return !UNTYPED.has(value) && value.every((one) => typeof one === "string") ? "[]string" : "[]interface {}";
  if (mapOf(value) !== undefined) return "map[string]interface {}";
  if (typeof value === "number") return Number.isInteger(value) ? "int" : "float64";
  return typeof value === "boolean" ? "bool" : typeof value === "string" ? "string" : "<nil>";
}
