/** A shell's variables: text, indexed and associative arrays, their attributes, and the scopes that `local` makes. */

export interface Variable {
  readonly name: string;
  /** Text; of an array the element 0. */
  text: string | undefined;
  list: Map<number, string> | undefined;
  table: Map<string, string> | undefined;
  exported: boolean;
  readonly: boolean;
  integer: boolean;
  letters: "upper" | "lower" | undefined;
}

/** An assignment that is refused; the text follows "bash: ". */
export class AssignmentError {
  readonly message: string;

  constructor(message: string) {
    this.message = message;
  }
}

/** A value is at most so long, and an array so large: nothing typed may fill the memory of whoever opens a page. */
const MAX_TEXT = 4_000_000;
const MAX_ELEMENTS = 50_000;
const MAX_VARIABLES = 20_000;
const MAX_TOTAL = 48_000_000;

const fresh = (name: string): Variable => ({
  name,
  text: undefined,
  list: undefined,
  table: undefined,
  exported: false,
  readonly: false,
  integer: false,
  letters: undefined,
});

export class Variables {
  #all: Map<string, Variable>;
  /** What `local` hid, innermost last. */
  #hidden: Map<string, Variable | undefined>[] = [];
  #total = 0;
  /** Told of every change of an exported value: what programs will find in their environment. */
  onExport: ((name: string, value: string | undefined) => void) | undefined;

  constructor(from?: Variables) {
    this.#all = new Map();
    if (!from) return;
    for (const [name, one] of from.#all)
      this.#all.set(name, { ...one, list: one.list && new Map(one.list), table: one.table && new Map(one.table) });
    this.#hidden = from.#hidden.map((scope) => new Map(scope));
    this.#total = from.#total;
  }

  get(name: string): Variable | undefined {
    return this.#all.get(name);
  }

  names(): readonly string[] {
    return [...this.#all.keys()].sort();
  }

  /** The variable, made when there is none. */
  declare(name: string): Variable {
    let variable = this.#all.get(name);
    if (!variable) {
      variable = fresh(name);
      if (this.#all.size < MAX_VARIABLES) this.#all.set(name, variable);
    }
    return variable;
  }

  textOf(name: string): string | undefined {
    const variable = this.#all.get(name);
    if (!variable) return undefined;
    if (variable.list) return variable.list.get(0);
    return variable.table ? variable.table.get("0") : variable.text;
  }

  element(name: string, index: string | number): string | undefined {
    const variable = this.#all.get(name);
    if (!variable) return undefined;
    if (variable.table) return variable.table.get(String(index));
    if (variable.list) return variable.list.get(indexIn(variable.list, Number(index)));
    return Number(index) === 0 || Number(index) === -1 ? variable.text : undefined;
  }

  /** Every element in order. */
  elements(name: string): readonly string[] {
    const variable = this.#all.get(name);
    if (!variable) return [];
    if (variable.table) return hashed(variable.table).map(([, value]) => value);
    if (variable.list) return sortedEntries(variable.list).map(([, value]) => value);
    return variable.text === undefined ? [] : [variable.text];
  }

  keys(name: string): readonly string[] {
    const variable = this.#all.get(name);
    if (!variable) return [];
    if (variable.table) return hashed(variable.table).map(([key]) => key);
    if (variable.list) return sortedEntries(variable.list).map(([index]) => String(index));
    return variable.text === undefined ? [] : ["0"];
  }

  /** Gives a value as text; to an array's first element when it is one. */
  set(name: string, value: string): AssignmentError | undefined {
    return this.setElement(name, undefined, value);
  }

  setElement(name: string, index: string | undefined, value: string): AssignmentError | undefined {
    const variable = this.declare(name);
    if (variable.readonly) return new AssignmentError(`${name}: readonly variable`);
    const text = variable.letters === "upper" ? value.toUpperCase() : variable.letters === "lower" ? value.toLowerCase() : value;
    if (text.length > MAX_TEXT || this.#total + text.length > MAX_TOTAL) return new AssignmentError(`${name}: cannot allocate memory`);
    if (variable.table) {
      if (variable.table.size > MAX_ELEMENTS) return new AssignmentError(`${name}: cannot allocate memory`);
      this.#count(variable.table.get(index ?? "0"), text);
      variable.table.set(index ?? "0", text);
      return undefined;
    }
    if (index === undefined && !variable.list) {
      this.#count(variable.text, text);
      variable.text = text;
      if (variable.exported) this.onExport?.(name, text);
      return undefined;
    }
    variable.list ??= new Map(variable.text === undefined ? [] : [[0, variable.text]]);
    variable.text = undefined;
    const at = indexIn(variable.list, Number(index ?? 0));
    if (at < 0 || !Number.isSafeInteger(at)) return new AssignmentError(`${name}[${index}]: bad array subscript`);
    if (variable.list.size > MAX_ELEMENTS) return new AssignmentError(`${name}: cannot allocate memory`);
    this.#count(variable.list.get(at), text);
    variable.list.set(at, text);
    return undefined;
  }

  #count(old: string | undefined, now: string): void {
    this.#total += now.length - (old?.length ?? 0);
  }

  /** Makes an empty array of it, for a=( … ). */
  makeArray(name: string, kind: "list" | "table"): AssignmentError | undefined {
    const variable = this.declare(name);
    if (variable.readonly) return new AssignmentError(`${name}: readonly variable`);
    variable.text = undefined;
    if (kind === "table" || variable.table) variable.table = new Map();
    else variable.list = new Map();
    return undefined;
  }

  export(name: string, on: boolean): void {
    const variable = this.declare(name);
    if (variable.exported === on) return;
    variable.exported = on;
    this.onExport?.(name, on ? this.textOf(name) : undefined);
  }

  unset(name: string): AssignmentError | undefined {
    const variable = this.#all.get(name);
    if (!variable) return undefined;
    if (variable.readonly) return new AssignmentError(`${name}: cannot unset: readonly variable`);
    this.#all.delete(name);
    if (variable.exported) this.onExport?.(name, undefined);
    return undefined;
  }

  unsetElement(name: string, index: string): AssignmentError | undefined {
    const variable = this.#all.get(name);
    if (!variable) return undefined;
    if (variable.readonly) return new AssignmentError(`${name}: cannot unset: readonly variable`);
    if (variable.table) variable.table.delete(index);
    else if (variable.list) variable.list.delete(indexIn(variable.list, Number(index)));
    else if (index === "0") variable.text = undefined;
    return undefined;
  }

  // Scopes

  get inFunction(): boolean {
    return this.#hidden.length > 0;
  }

  enter(): void {
    this.#hidden.push(new Map());
  }

  leave(): void {
    const scope = this.#hidden.pop();
    if (!scope) return;
    for (const [name, old] of scope) {
      const now = this.#all.get(name);
      if (old) this.#all.set(name, old);
      else this.#all.delete(name);
      if (now?.exported || old?.exported) this.onExport?.(name, old?.exported ? this.textOf(name) : undefined);
    }
  }

  /** A variable of the running function's own; it hides the one outside until the function returns. */
  local(name: string): Variable {
    const scope = this.#hidden.at(-1);
    if (!scope || scope.has(name)) return this.declare(name);
    const outer = this.#all.get(name);
    scope.set(name, outer);
    const variable = { ...fresh(name), exported: outer?.exported ?? false };
    this.#all.set(name, variable);
    return variable;
  }

  /** Puts back what `change` changes of the named ones once it is over: `x=1 command`. */
  saved(names: readonly string[]): () => void {
    const old = names.map((name) => {
      const variable = this.#all.get(name);
      return [name, variable && { ...variable }] as const;
    });
    return () => {
      for (const [name, variable] of old) {
        const now = this.#all.get(name);
        if (variable) this.#all.set(name, variable);
        else this.#all.delete(name);
        if (now?.exported || variable?.exported) this.onExport?.(name, variable?.exported ? this.textOf(name) : undefined);
      }
    };
  }
}

/** An associative array in the order of bash's 1024 buckets (hashlib.c: FNV-1), the newest of a bucket first. */
export function hashed(table: ReadonlyMap<string, string>): [string, string][] {
  const bucket = (key: string): number => {
    let hash = 2166136261;
    for (let i = 0; i < key.length; i++) hash = (Math.imul(hash, 16777619) ^ key.charCodeAt(i)) >>> 0;
    return hash & 1023;
  };
  const entries = [...table].map(([key, value], i) => ({ key, value, i, bucket: bucket(key) }));
  entries.sort((a, b) => a.bucket - b.bucket || b.i - a.i);
  return entries.map(({ key, value }) => [key, value]);
}

const sortedEntries = (list: ReadonlyMap<number, string>): [number, string][] => [...list].sort(([a], [b]) => a - b);

/** A negative index counts from the end. */
function indexIn(list: ReadonlyMap<number, string>, index: number): number {
  if (index >= 0) return index;
  let highest = -1;
  for (const at of list.keys()) highest = Math.max(highest, at);
  return highest + 1 + index;
}
