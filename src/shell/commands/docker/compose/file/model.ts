/** From files to one model: read, filled in, extended, included, merged, checked, in long forms (compose-go/loader/loader.go). */
import { type FileSystem, resolvePath } from "../../../../../kernel/vfs.ts";
import { inLongForm, withAbsolutePaths, withDefaults } from "./canonical.ts";
import { castAt } from "./cast.ts";
import { parseDotenv } from "./dotenv.ts";
import { type ReadOther, writeOutExtends } from "./extends.ts";
import { type IncludeOptions, writeOutIncludes } from "./include.ts";
import { interpolate, type Variables } from "./interpolate.ts";
import { mergeModels } from "./merge.ts";
import { ComposeError } from "./project.ts";
import { withoutReset } from "./reset.ts";
import { validate } from "./schema.ts";
import { withoutRepeats } from "./unique.ts";
import { isMap, type RawMap } from "./values.ts";
import { parseYaml, type Raw, type YamlDocument } from "./yaml.ts";

export interface LoadOptions {
  readonly fs: FileSystem;
  readonly cwd: string;
  readonly env: ReadonlyMap<string, string>;
  /** -f, in order; "-" is what `input` gives. */
  readonly files: readonly string[];
  readonly input: string;
  readonly projectName: string | undefined;
  readonly projectDirectory: string | undefined;
  readonly envFiles: readonly string[];
  readonly profiles: readonly string[];
  /** Services that are named: their profiles are active too. */
  readonly named?: readonly string[];
  readonly interpolates: boolean;
  /** What `config` may leave out: --no-normalize, --no-path-resolution, --no-consistency, --no-env-resolution. */
  readonly without?: ReadonlySet<"normalization" | "paths" | "consistency" | "env-files">;
  /** A warning, as the client logs it. */
  warn(message: string): void;
}

const parent = (path: string): string => path.slice(0, path.lastIndexOf("/")) || "/";

/** Entries of files of variables, the later over the earlier; a value may use those of `env` and of what came before. */
export function readEnvFiles(
  { fs }: LoadOptions,
  files: readonly string[],
  env: ReadonlyMap<string, string>,
  named: boolean,
): ReadonlyMap<string, string> | ComposeError {
  const merged = new Map<string, string>();
  for (const file of files) {
    if (!fs.exists(file)) {
      if (named) return new ComposeError(`couldn't find env file: ${file}`);
      continue;
    }
    const text = fs.read(file);
    if (typeof text !== "string") return new ComposeError(`couldn't find env file: ${file}`);
    const entries = parseDotenv(text, new Map([...merged, ...env]));
    if (entries instanceof ComposeError) return new ComposeError(`failed to read ${file}: ${entries.message}`);
    for (const [key, value] of entries) merged.set(key, value);
  }
  return merged;
}

/** Fills variables in, in every text of a value, and reads what is then meant as a number or a truth. */
function fillIn(value: Raw, place: readonly string[], variables: Variables, warn: (message: string) => void): Raw | ComposeError {
  if (typeof value === "string") {
    const text = interpolate(value, place.join("."), variables);
    return text instanceof ComposeError ? text : castAt(text, place, warn);
  }
  if (Array.isArray(value)) {
    const list: Raw[] = [];
    for (const one of value) {
      const filled = fillIn(one as Raw, [...place, "[]"], variables, warn);
      if (filled instanceof ComposeError) return filled;
      list.push(filled);
    }
    return list;
  }
  if (!isMap(value)) return value;
  const map: Record<string, Raw> = {};
  for (const [key, one] of Object.entries(value)) {
    const filled = fillIn(one, [...place, key], variables, warn);
    if (filled instanceof ComposeError) return filled;
    map[key] = filled;
  }
  return map;
}

/** What loading the files of one project, or of one `include`, goes by. */
export interface Loading {
  readonly options: LoadOptions;
  readonly workingDir: string;
  readonly env: ReadonlyMap<string, string>;
  /** Files that lead here by `include`. */
  readonly included: readonly string[];
}

export function documentsOf({ options }: Loading, file: string): readonly YamlDocument[] | ComposeError {
  const text = file === "-" ? options.input : options.fs.read(file);
  if (typeof text !== "string") return new ComposeError(`open ${file}: ${text.message.toLowerCase()}`);
  return parseYaml(file, text);
}

/** A document's map, with its variables filled in. */
function filledDocument({ options, env }: Loading, content: Raw): RawMap | ComposeError {
  if (content === null) return {};
  if (!isMap(content)) return new ComposeError("top-level object must be a mapping");
  const missing = (name: string): void => options.warn(`The ${JSON.stringify(name)} variable is not set. Defaulting to a blank string.`);
  if (!options.interpolates) return content;
  return fillIn(content, [], { env, missing }, options.warn) as RawMap | ComposeError;
}

/** Reads the file that a service of `workingDir` extends; its own paths go from its own folder. */
const otherFile =
  (loading: Loading): ReadOther =>
  (name) => {
    const path = resolvePath(loading.workingDir, name);
    const documents = documentsOf(loading, path);
    if (documents instanceof ComposeError) return documents;
    const filled = filledDocument(loading, documents[0]?.content ?? null);
    const content = filled instanceof ComposeError ? filled : inLongForm(filled, !loading.options.interpolates);
    if (content instanceof ComposeError) return content;
    return { path, content: withAbsolutePaths(content, parent(path)), resets: documents[0]?.resets ?? [] };
  };

/** What one document adds to what the documents before it have made. */
function withDocument(loading: Loading, model: RawMap, file: string, { content, resets }: YamlDocument): RawMap | ComposeError {
  const { options } = loading;
  const filled = filledDocument(loading, content);
  if (filled instanceof ComposeError) return filled;
  if (Object.hasOwn(filled, "services") && !isMap(filled.services)) return new ComposeError("services must be a mapping");
  const whole = writeOutExtends(filled, file, resets, otherFile(loading));
  if (whole instanceof ComposeError) return whole;
  const including = writeOutIncludes(whole, includeOptions(loading, file));
  if (including instanceof ComposeError) return including;
  const merged = mergeModels(withoutReset(model, resets), including);
  const single = merged instanceof ComposeError ? merged : withoutRepeats(merged);
  if (single instanceof ComposeError) return single;
  const wrong = validate(file, single);
  if (wrong) return wrong;
  const { version, ...current } = single;
  if (version !== undefined)
    options.warn(`${file}: the attribute \`version\` is obsolete, it will be ignored, please remove it to avoid potential confusion`);
  const long = inLongForm(current, !options.interpolates);
  return long instanceof ComposeError ? long : withoutRepeats(long);
}

/** The model of several files, in their long forms. */
export function loadModel(loading: Loading, files: readonly string[]): RawMap | ComposeError {
  let model: RawMap = {};
  for (const file of files) {
    const documents = documentsOf(loading, file);
    if (documents instanceof ComposeError) return documents;
    for (const document of documents) {
      const next = withDocument(loading, model, file, document);
      if (next instanceof ComposeError) return next;
      model = next;
    }
  }
  const full = withDefaults(model);
  return loading.options.without?.has("paths") ? full : withAbsolutePaths(full, loading.workingDir);
}

function includeOptions(loading: Loading, file: string): IncludeOptions {
  const { options, workingDir, env } = loading;
  const included = [...loading.included, file];
  return {
    workingDir,
    included,
    load(files, folder, envFiles) {
      const own = envFiles.length > 0 ? envFiles : [resolvePath(folder, ".env")].filter((path) => options.fs.exists(path));
      const merged = readEnvFiles(options, own, env, true);
      if (merged instanceof ComposeError) return merged;
      return loadModel({ ...loading, workingDir: folder, env: new Map([...merged, ...env]), included }, files);
    },
  };
}
