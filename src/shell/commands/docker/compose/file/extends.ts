/** `extends`: a service on top of another one of the same file or of a second file (compose-go/loader/extends.go). */
import { mergeService } from "./merge.ts";
import { ComposeError } from "./project.ts";
import { type Resets, withoutReset } from "./reset.ts";
import { isMap, mapOf, type RawMap, textOf } from "./values.ts";
import type { Raw } from "./yaml.ts";

interface Place {
  readonly file: string;
  readonly service: string;
}

/** Reads a second file that a service names, as it is before its own `extends`. */
export type ReadOther = (file: string) => { readonly path: string; readonly content: RawMap; readonly resets: Resets } | ComposeError;

function circular(places: readonly Place[]): ComposeError {
  const lines = places.map(({ file, service }, i) => `  ${i === 0 ? "" : "extends "}${service} in ${file}`);
  return new ComposeError(["Circular reference:", ...lines].join("\n"));
}

function extended(
  name: string,
  file: string,
  content: RawMap,
  resets: Resets,
  other: ReadOther,
  before: readonly Place[],
): RawMap | ComposeError {
  const places = [...before, { file, service: name }];
  if (before.some((place) => place.file === file && place.service === name)) return circular(places);
  const service = mapOf(mapOf(content.services)[name]);
  const { extends: wish, ...own } = service;
  if (wish === undefined || wish === null) return service;
  const base = isMap(wish) ? textOf(wish.service) : textOf(wish);
  if (base === undefined) return new ComposeError(`extends.${name}.service is required`);
  const named = isMap(wish) ? textOf(wish.file) : undefined;
  const source = named === undefined ? { path: file, content, resets } : other(named);
  if (source instanceof ComposeError) return source;
  if (!Object.hasOwn(mapOf(source.content.services), base))
    return new ComposeError(
      `cannot extend service ${JSON.stringify(name)} in ${file}: service ${JSON.stringify(base)} not found${named === undefined ? "" : ` in ${source.path}`}`,
    );
  const found = extended(base, source.path, source.content, source.resets, other, places);
  if (found instanceof ComposeError) return found;
  const kept = withoutReset({ services: { [name]: found } }, [...resets, ...source.resets]);
  return mergeService(mapOf(mapOf(kept.services)[name]), own);
}

/** The file's content with each service written out in full. */
export function writeOutExtends(content: RawMap, file: string, resets: Resets, other: ReadOther): RawMap | ComposeError {
  const services: Record<string, Raw> = {};
  for (const [name, service] of Object.entries(mapOf(content.services))) {
    if (!isMap(service) || service.extends === undefined) {
      services[name] = service;
      continue;
    }
    const full = extended(name, file, content, resets, other, []);
    if (full instanceof ComposeError) return full;
    services[name] = full;
  }
  return content.services === undefined ? content : { ...content, services };
}
