/** Building the images of services (pkg/compose/build.go): BuildKit's plain lines over the builder of this world. */
import { digestOf } from "../../../../engine/digest.ts";
import type { DockerEngine } from "../../../../engine/engine.ts";
import type { Op } from "../../../../kernel/task.ts";
import { resolvePath } from "../../../../kernel/vfs.ts";
import type { Process } from "../../../command.ts";
import { BuildError, Builder, type BuildTelling } from "../build/builder.ts";
import { type BuildContext, readContext } from "../build/context.ts";
import { DockerfileError, type Instruction, parseDockerfile } from "../build/dockerfile.ts";
import { SILENT } from "../build/index.ts";
import { type ComposeContext, warn } from "./context.ts";
import type { Build, Service } from "./file/project.ts";
import type { Outcome } from "./tasks.ts";

export interface BuildOptions {
  /** NAME=value, or NAME for what the environment has. */
  readonly args: readonly string[];
  readonly usesCache: boolean;
  readonly pulls: boolean;
  readonly quiet: boolean;
}

/** What BuildKit sends beside a file's name and text. */
const ENVELOPE = 27;
const EMPTY = 2;
/** Digits of the id of an image that is not built. */
const DRY_ID = 40;

/** Instructions that are steps of their own; the others only change what the image says. */
const STEPS: ReadonlySet<string> = new Set(["FROM", "RUN", "COPY", "ADD", "WORKDIR"]);

/** Writes the steps of one image with the numbers that BuildKit gives them. */
class PlainProgress {
  readonly #write: (text: string) => void;
  readonly #now: () => number;
  #number = 0;

  constructor({ stderr, machine }: Process) {
    this.#write = (text) => stderr.write(text);
    this.#now = () => machine.kernel.clock.now;
    this.#write('#0 building with "default" instance using docker driver\n');
  }

  /** A step that is over at once. */
  whole(title: string, ...lines: readonly string[]): void {
    this.begin(title);
    for (const line of lines) this.line(line);
    this.line("DONE 0.0s");
  }

  begin(title: string): void {
    this.#number++;
    this.#write(`\n#${this.#number} ${title}\n`);
  }

  line(text: string): void {
    this.#write(`#${this.#number} ${text}\n`);
  }

  /** What went wrong with the step that is told of last. */
  failed(title: string, reason: string, output: readonly string[]): void {
    this.line(`ERROR: ${reason}`);
    this.#write(`------\n > ${title}:\n${output.map((line) => `${line}\n`).join("")}------\n`);
  }

  seconds(since: number, digits: number): string {
    return ((this.#now() - since) / 1e6).toFixed(digits);
  }

  get now(): number {
    return this.#now();
  }
}

/** "[web 2/4] RUN …" of each step, by its place among the instructions. */
function titlesOf(service: string, instructions: readonly Instruction[]): ReadonlyMap<Instruction, string> {
  const stages: Instruction[][] = [];
  for (const instruction of instructions) {
    if (instruction.name === "FROM") stages.push([]);
    if (STEPS.has(instruction.name)) stages.at(-1)?.push(instruction);
  }
  const titles = new Map<Instruction, string>();
  for (const [i, stage] of stages.entries()) {
    const name = stages.length === 1 ? "" : ` ${stage[0]?.words[2] ?? `stage-${i}`}`;
    for (const [at, instruction] of stage.entries())
      titles.set(instruction, `[${service}${name} ${at + 1}/${stage.length}] ${instruction.original}`);
  }
  return titles;
}

/** Bytes of the files that COPY and ADD speak of, as they are sent. */
function bytesSent(files: BuildContext, instructions: readonly Instruction[]): number {
  const copies = instructions.filter(({ name, flags }) => (name === "COPY" || name === "ADD") && !flags.has("from"));
  const sources = copies.flatMap(({ json, words }) =>
    (json ?? words).slice(0, -1).map((word) => word.replace(/^(\.?\/)+|[*?[].*$|\/+$/g, "")),
  );
  const meant = (path: string): boolean => sources.some((source) => source === "" || source === "." || path.startsWith(source));
  const sizes = [...files].map(([path, entry]) => (entry.kind === "file" && meant(path) ? entry.text.length + path.length + ENVELOPE : 0));
  return copies.length === 0 ? 0 : sizes.reduce((sum, size) => sum + size, 0) || EMPTY;
}

/** Tells of a build's steps as they come; `afterBase` is told of once the first FROM is over. */
function buildkitTelling(
  progress: PlainProgress,
  titles: ReadonlyMap<Instruction, string>,
  canonical: (name: string) => string,
  afterBase: () => void,
) {
  const state = { title: "", open: false, began: 0, output: [] as string[] };
  let steps = 0;
  const end = (text: string): void => {
    if (state.open) progress.line(text);
    state.open = false;
  };
  const telling: BuildTelling = {
    ...SILENT,
    step(_at, _all, instruction) {
      const title = titles.get(instruction);
      if (title === undefined) return;
      if (++steps === 2) afterBase();
      const named = instruction.name === "FROM" ? title.replace(/FROM \S+/, `FROM ${canonical(instruction.words[0] ?? "")}`) : title;
      Object.assign(state, { title: named, open: true, began: progress.now, output: [] });
      progress.begin(named);
    },
    cached: () => end("CACHED"),
    made: () => end(`DONE ${progress.seconds(state.began, 1)}s`),
    output(text) {
      for (const line of text.replace(/\n$/, "").split("\n")) {
        state.output.push(`${progress.seconds(state.began, 3)} ${line}`);
        progress.line(state.output.at(-1) as string);
      }
    },
  };
  return { telling, state };
}

function argsOf(context: ComposeContext, build: Build, words: readonly string[]): ReadonlyMap<string, string> {
  const args = new Map<string, string>();
  const put = (name: string, value: string | null | undefined): void => {
    const found = value ?? context.process.env.get(name);
    if (found !== undefined) args.set(name, found);
  };
  for (const [name, value] of build.args) put(name, value);
  for (const word of words) {
    const [name = "", value] = word.split(/=(.*)/s);
    put(name, value);
  }
  return args;
}

/** The refusal in BuildKit's words. */
function solveError(
  { message, fault }: BuildError,
  progress: PlainProgress,
  title: string,
  output: readonly string[],
  canonical: (name: string) => string,
): string {
  const failed = (reason: string, before = ""): string => {
    progress.failed(title, reason, output);
    return `failed to solve: ${before}${reason}`;
  };
  switch (fault?.kind) {
    case "run":
      return failed(`process ${JSON.stringify(fault.command)} did not complete successfully: exit code: ${fault.code}`);
    case "copy":
      return failed(`failed to calculate checksum of ref: ${JSON.stringify(fault.path)}: not found`, "failed to compute cache key: ");
    case "from":
      return failed(fault.reason, `${fault.reference}: failed to resolve source metadata for ${canonical(fault.reference)}: `);
    default:
      return `failed to solve: ${message.replace(/^Error response from daemon: /, "")}`;
  }
}

function* buildOne(
  context: ComposeContext,
  engine: DockerEngine,
  service: Service,
  build: Build,
  options: BuildOptions,
  progress: PlainProgress,
): Op<Outcome> {
  const { process } = context;
  const { name } = service;
  const { fs } = process;
  const file = build.inline === undefined ? build.dockerfile : "Dockerfile";
  const text = build.inline ?? fs.read(resolvePath(build.context, build.dockerfile));
  if (!fs.isDirectory(build.context)) return `unable to prepare context: path ${JSON.stringify(build.context)} not found`;
  const known = typeof text === "string";
  progress.whole(
    `[${name} internal] load build definition from ${file}`,
    `transferring dockerfile: ${known ? text.length + file.length + ENVELOPE : EMPTY}B done`,
  );
  if (!known) return `failed to solve: failed to read dockerfile: open ${file}: no such file or directory`;
  const instructions = parseDockerfile(text, file);
  if (instructions instanceof DockerfileError) return `failed to solve: ${instructions.message}`;
  const files = readContext(fs, build.context, file);
  if (typeof files === "string") return files;
  const bases = new Set(instructions.flatMap((one) => (one.name === "FROM" && one.words[0] !== "scratch" ? [one.words[0] as string] : [])));
  const canonical = (reference: string): string => engine.canonicalImageName(reference);
  for (const base of bases) progress.whole(`[${name} internal] load metadata for ${canonical(base)}`);
  progress.whole(`[${name} internal] load .dockerignore`, `transferring context: ${EMPTY}B done`);
  const titles = titlesOf(name, instructions);
  const { telling, state } = buildkitTelling(progress, titles, canonical, () => {
    const sent = bytesSent(files, instructions);
    if (sent > 0) progress.whole(`[${name} internal] load build context`, `transferring context: ${sent}B done`);
  });
  const request = {
    instructions,
    context: files,
    args: argsOf(context, build, options.args),
    labels: build.labels,
    target: build.target,
    usesCache: options.usesCache && !build.noCache,
    pulls: options.pulls,
    removes: true,
    forceRemoves: true,
    networkMode: "default",
    extraHosts: [],
  };
  const image = yield* new Builder(process, engine, request, telling).build();
  if (image instanceof BuildError) return solveError(image, progress, state.title, state.output, canonical);
  const names = [service.image, ...build.tags];
  for (const tag of names) engine.tagImage(image.id, tag);
  progress.whole(
    `[${name}] exporting to image`,
    "exporting layers done",
    `writing image ${image.id} done`,
    ...names.map((tag) => `naming to ${canonical(tag).replace(/:latest$/, "")} done`),
  );
  progress.whole(`[${name}] resolving provenance for metadata file`);
  return undefined;
}

/** Builds the images of those services that have something to build from. */
export function* buildServices(context: ComposeContext, services: readonly Service[], options: BuildOptions): Op<Outcome> {
  const { process, engine } = context;
  const own = services.filter(({ build }) => build !== undefined);
  if (own.length === 0) return undefined;
  for (const { name, build } of own)
    if (build && build.further.length > 0)
      return `service ${JSON.stringify(name)}: build.${build.further[0]} is not supported here; context, dockerfile, args, labels, tags, target and no_cache are`;
  warn(context, "Docker Compose is configured to build using Bake, but buildx isn't installed");
  if (context.dry) {
    for (const { name, image } of own) {
      context.progress.step(name, "==> ==> writing image", `dryRun-${digestOf(image).slice(0, DRY_ID)} `);
      context.progress.step(name, "==> ==> naming to", `${image} `);
      context.progress.line(name, "Built");
    }
    return undefined;
  }
  const progress = new PlainProgress(options.quiet ? { ...process, stderr: { write: () => {}, close: () => {} } } : process);
  for (const service of own) {
    if (!service.build) continue;
    const refused = yield* buildOne(context, engine, service, service.build, options, progress);
    if (refused !== undefined) return refused;
  }
  if (!options.quiet) for (const { name } of own) process.stderr.write(` ${name}  Built\n`);
  return undefined;
}
