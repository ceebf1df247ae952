/** YAML as a compose file is written in it: bounded, with aliases and merge keys, errors as Go's yaml package words them. */
import { type Document, isScalar, LineCounter, parseDocument, visit, type YAMLError } from "yaml";
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
  BAD_INDENT: "did not find expected key",
  MISSING_CHAR: "did not find expected ',' or ']'",
  BAD_ALIAS: "unknown anchor referenced",
  MULTIPLE_DOCS: "multiple documents in one compose file are not supported here; one is",
  UNEXPECTED_TOKEN: "did not find expected node content",
};

/** The line on which the error stands for Go's parser: a key over several lines is told at its colon. */
function lineOf(errors: readonly YAMLError[]): number {
  const multiline = errors.find(({ code }) => code === "MULTILINE_IMPLICIT_KEY");
  return (multiline?.linePos?.[1] ?? errors[0]?.linePos?.[0])?.line ?? 1;
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

/** A file's content, or why it cannot be read. */
export function parseYaml(file: string, text: string): Raw | ComposeError {
  if (text.length > MAX_FILE) return new ComposeError(`yaml: files of more than ${MAX_FILE / 1000} kB are not supported here`);
  const lineCounter = new LineCounter();
  const document = parseDocument(text, { lineCounter, merge: true, prettyErrors: true, uniqueKeys: true, version: "1.2", strict: true });
  const error = document.errors[0];
  if (error) {
    const line = lineOf(document.errors);
    if (error.code === "DUPLICATE_KEY")
      return new ComposeError(`failed to parse ${file}: ${duplicateKey(document, lineCounter, error.pos[0])}`);
    return new ComposeError(
      `yaml: line ${line}: ${WORDS[error.code] ?? (error.message.split("\n")[0] as string).replace(/ at line .*$/, "")}`,
    );
  }
  try {
    const value = plain(document.toJS({ maxAliasCount: MAX_ALIASES }), { left: MAX_NODES });
    return value === undefined ? new ComposeError("yaml: the file stands for more values than are supported here") : value;
  } catch (thrown) {
    return new ComposeError(`yaml: ${thrown instanceof Error ? thrown.message : "cannot be read"}`);
  }
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
