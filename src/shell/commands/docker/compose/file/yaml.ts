/** YAML as a compose file is written in it: bounded, with aliases and merge keys, errors as Go's yaml package words them. */
import {
  type Document,
  isAlias,
  isCollection,
  isMap,
  isNode,
  isScalar,
  isSeq,
  LineCounter,
  parseAllDocuments,
  visit,
  type YAMLError,
} from "yaml";
import type { Place } from "./place.ts";
import { ComposeError } from "./project.ts";

/** Plain data out of a file. */
export type Raw = null | boolean | number | string | readonly Raw[] | { readonly [key: string]: Raw };

const MAX_FILE = 256_000;
/** What aliases may be written out to: no small file may stand for a huge one. */
const MAX_ALIASES = 100;
const MAX_NODES = 50_000;

const WORDS: Readonly<Record<string, string>> = {
  BLOCK_AS_IMPLICIT_KEY: "mapping values are not allowed in this context",
  MULTILINE_IMPLICIT_KEY: "mapping values are not allowed in this context",
  TAB_AS_INDENT: "found character that cannot start any token",
  UNEXPECTED_TOKEN: "did not find expected node content",
};

/** What encloses a place in the text: the innermost map or list of lines whose column is less, flow collection, or text in quotes. */
function enclosing(document: Document, lines: LineCounter, at: number, kind: "block" | "flow" | "text"): number | undefined {
  const { col } = lines.linePos(at);
  let line: number | undefined;
  visit(document, {
    Node: (_key, node) => {
      if (!node.range || node.range[0] > at) return undefined;
      const start = lines.linePos(node.range[0]);
      const fits = isCollection(node) ? (node.flow ? kind === "flow" : kind === "block" && start.col < col) : kind === "text";
      if (fits) line = start.line;
      return undefined;
    },
  });
  return line;
}

/** An error as Go's parser tells it: of a structure by the line before its start, of a text by its own line, of a key by its colon's. */
function worded(document: Document, lines: LineCounter, text: string): string {
  const error = document.errors[0] as YAMLError;
  const at = error.pos[0];
  const told = (line: number | undefined, words: string): string => `yaml: line ${line}: ${words}`;
  const own = error.linePos?.[0].line ?? 1;
  const structure = (kind: "block" | "flow", place: number): number => {
    const start = enclosing(document, lines, place, kind);
    return start !== undefined && start > 1 ? start - 1 : own - 1 || 1;
  };
  if (error.code === "MISSING_CHAR" && /^Missing closing/.test(error.message))
    return told(enclosing(document, lines, at, "text") ?? own, "found unexpected end of stream");
  const flow = /^Flow (sequence|map)/.exec(error.message);
  if (flow) return told(structure("flow", at), `did not find expected ',' or '${flow[1] === "map" ? "}" : "]"}'`);
  if (error.code === "BAD_INDENT") {
    const indent = /^ */.exec(text.slice(at))?.[0].length ?? 0;
    return told(structure("block", at + indent), "did not find expected key");
  }
  const colon = document.errors.find(({ code }) => code === "MULTILINE_IMPLICIT_KEY")?.linePos?.[1]?.line;
  return told(colon ?? own, WORDS[error.code] ?? (error.message.split("\n")[0] as string).replace(/ at line .*$/, ""));
}

/** A key that a map has twice, by the second one's place in the text. */
function duplicateKey(document: Document, lines: LineCounter, at: number): string {
  let told = "mapping key already defined";
  visit(document, {
    Map: (_key, map) => {
      const keys = map.items.map(({ key }) => key).filter((key) => isScalar(key));
      const second = keys.find((key) => key.range?.[0] === at);
      const first = second && keys.find((key) => key.value === second.value);
      if (!first?.range) return undefined;
      told = `line ${lines.linePos(at).line}: mapping key ${JSON.stringify(first.value)} already defined at line ${lines.linePos(first.range[0]).line}`;
      return visit.BREAK;
    },
  });
  return told;
}

/** A document of a file, without its `!reset` and `!override`, and the places where these stood. */
export interface YamlDocument {
  readonly content: Raw;
  /** Where it begins. */
  readonly line: number;
  readonly resets: readonly Place[];
}

/** Takes what carries `!reset` out of a tree, and notes the places of that and of `!override`. */
function takeResets(document: Document): readonly Place[] {
  const places: Place[] = [];
  const isReset = (value: unknown, place: Place): boolean => {
    const tag = isNode(value) ? (value as { tag?: string }).tag : undefined;
    if (tag === "!reset" || tag === "!override") places.push(place);
    if (tag !== "!override" && tag !== "!reset") walk(value, place);
    return tag === "!reset";
  };
  const walk = (node: unknown, place: Place): void => {
    if (isMap(node))
      node.items = node.items.filter(({ key, value }) => {
        const name = isScalar(key) ? String(key.value) : "";
        // Of a merge key only the place that it is merged into counts.
        return !isReset(isAlias(value) ? value.resolve(document) : value, name === "<<" ? place : [...place, name]);
      });
    else if (isSeq(node)) node.items = node.items.filter((value, i) => !isReset(value, [...place, String(i)]));
  };
  walk(document.contents, []);
  return places;
}

/** Where a merge fails for an alias that stands for nothing: its name as the second of two. */
function unresolvedMerge(document: Document, told: string): readonly [string, string] | undefined {
  if (!told.startsWith("Merge sources")) return undefined;
  let name: string | undefined;
  visit(document, {
    Alias: (_key, alias) => {
      if (!alias.resolve(document)) name ??= alias.source;
    },
  });
  return name === undefined ? undefined : ["", name];
}

/** A file's documents, or why it cannot be read. */
export function parseYaml(file: string, text: string): readonly YamlDocument[] | ComposeError {
  if (text.length > MAX_FILE) return new ComposeError(`yaml: files of more than ${MAX_FILE / 1000} kB are not supported here`);
  const lineCounter = new LineCounter();
  const documents = parseAllDocuments(text, {
    lineCounter,
    merge: true,
    prettyErrors: true,
    uniqueKeys: true,
    version: "1.2",
    strict: true,
    logLevel: "error",
  });
  const read: YamlDocument[] = [];
  const room = { left: MAX_NODES };
  for (const document of "empty" in documents ? [] : documents) {
    const error = document.errors[0];
    if (error) {
      if (error.code === "DUPLICATE_KEY")
        return new ComposeError(`failed to parse ${file}: ${duplicateKey(document, lineCounter, error.pos[0])}`);
      return new ComposeError(worded(document, lineCounter, text));
    }
    const resets = takeResets(document);
    try {
      const content = plain(document.toJS({ maxAliasCount: MAX_ALIASES }), room);
      if (content === undefined) return new ComposeError("yaml: the file stands for more values than are supported here");
      read.push({ content, line: lineCounter.linePos(document.contents?.range?.[0] ?? 0).line, resets });
    } catch (thrown) {
      const told = thrown instanceof Error ? thrown.message : "cannot be read";
      const alias = /^Unresolved alias .*: (.*)$/.exec(told) ?? unresolvedMerge(document, told);
      return new ComposeError(`yaml: ${alias ? `unknown anchor '${alias[1]}' referenced` : told}`);
    }
  }
  return read;
}

/** Plain values only, keys as text, as many as there is room for. */
function plain(value: unknown, room: { left: number }): Raw | undefined {
  if (--room.left < 0) return undefined;
  if (value === null || value === undefined) return null;
  if (Array.isArray(value)) {
    const list: Raw[] = [];
    for (const one of value) {
      const item = plain(one, room);
      if (item === undefined) return undefined;
      list.push(item);
    }
    return list;
  }
  if (typeof value === "object") {
    const map: Record<string, Raw> = {};
    for (const [key, one] of Object.entries(value)) {
      const item = plain(one, room);
      if (item === undefined) return undefined;
      Object.defineProperty(map, key, { value: item, enumerable: true, configurable: true, writable: true });
    }
    return map;
  }
  return typeof value === "boolean" || typeof value === "number" || typeof value === "string" ? value : String(value);
}
