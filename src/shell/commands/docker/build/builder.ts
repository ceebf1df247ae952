/** The classic builder (builder/dockerfile): an image a step, each step kept and used again while nothing before it has changed. */
import { plainSpec } from "../../../../engine/container/plain-spec.ts";
import type { DockerEngine } from "../../../../engine/engine.ts";
import type { StoredImage } from "../../../../engine/images/store.ts";
import { type ContainerSpec, EngineError, type Layer } from "../../../../engine/types.ts";
import { NO_INPUT } from "../../../../kernel/stdio.ts";
import { type Op, Signal, sleep } from "../../../../kernel/task.ts";
import type { Process } from "../../../command.ts";
import { imageFiles } from "../../../image-files.ts";
import { layerOf } from "../../../image-layers.ts";
import { pullProgress } from "../image/pull.ts";
import type { BuildContext } from "./context.ts";
import { copyFiles, treeOf } from "./copy.ts";
import { DockerfileError, expand, type Instruction } from "./dockerfile.ts";
import { configOf, configure, type ImageConfig, makeImage, SCRATCH, shellOf } from "./made.ts";

export interface BuildRequest {
  readonly instructions: readonly Instruction[];
  readonly context: BuildContext;
  readonly args: ReadonlyMap<string, string>;
  readonly labels: Readonly<Record<string, string>>;
  readonly target: string | undefined;
  readonly usesCache: boolean;
  readonly pulls: boolean;
  /** Takes containers of steps away once they have been of use. */
  readonly removes: boolean;
  /** And those of steps that have failed. */
  readonly forceRemoves: boolean;
  readonly networkMode: string;
  readonly extraHosts: readonly string[];
}

/** What a builder is told to fail by, where more than words is to be said of it. */
export type BuildFault =
  | { readonly kind: "run"; readonly command: string; readonly code: number }
  | { readonly kind: "copy"; readonly path: string }
  | { readonly kind: "from"; readonly reference: string; readonly reason: string };

/** Why a build has ended, and the status of the client. */
export class BuildError {
  readonly message: string;
  readonly status: number;
  readonly fault: BuildFault | undefined;

  constructor(message: string, status = 1, fault?: BuildFault) {
    this.message = message;
    this.status = status;
    this.fault = fault;
  }
}

/** Who hears of a build's steps: each client tells of them in its own way. */
export interface BuildTelling {
  /** An instruction begins. */
  step(at: number, all: number, instruction: Instruction): void;
  /** Its image is one that was kept. */
  cached(): void;
  running(container: string): void;
  removed(container: string): void;
  /** Its image is there; "" for none. */
  made(id: string): void;
  output(text: string, stream: "stdout" | "stderr"): void;
  pulling(line: string): void;
  unused(args: readonly string[]): void;
  built(id: string): void;
}

/** Arguments that need no ARG. */
const PREDEFINED = /^(http|https|ftp|no|all)_proxy$/i;
const STEP = 20_000;
const NOTHING: Layer = new Map();

interface Stage {
  readonly name: string;
  image: StoredImage | undefined;
  config: ImageConfig;
  /** Arguments of this stage that have a value. */
  readonly args: Map<string, string>;
}

export class Builder {
  readonly #process: Process;
  readonly #engine: DockerEngine;
  readonly #request: BuildRequest;
  readonly #telling: BuildTelling;
  readonly #stages: Stage[] = [];
  readonly #consumed = new Set<string>();
  /** Whether the steps so far are all ones that were kept. */
  #cached: boolean;

  constructor(process: Process, engine: DockerEngine, request: BuildRequest, telling: BuildTelling) {
    this.#process = process;
    this.#engine = engine;
    this.#request = request;
    this.#cached = request.usesCache;
    this.#telling = telling;
  }

  /** Follows the instructions; the image of the last stage, or of the target. */
  *build(): Op<StoredImage | BuildError> {
    const labels = Object.entries(this.#request.labels);
    const label = labels.map(([key, value]) => `${key}=${value}`).join(" ");
    const extra: Instruction[] =
      labels.length > 0
        ? [
            {
              name: "LABEL",
              original: `LABEL ${label}`,
              flags: new Map(),
              rest: label,
              json: undefined,
              words: labels.map(([k, v]) => `${k}=${JSON.stringify(v)}`),
            },
          ]
        : [];
    const wanted = this.#untilTarget(this.#request.instructions);
    if (wanted instanceof BuildError) return wanted;
    const all = [...wanted, ...extra];
    if (!all.some(({ name }) => name === "FROM")) return new BuildError("Error response from daemon: no build stage in current context");
    const globals = new Map<string, string>();
    for (const [i, instruction] of all.entries()) {
      this.#telling.step(i + 1, all.length, instruction);
      yield sleep(STEP);
      const failed = yield* this.#step(instruction, globals);
      if (failed) return failed;
    }
    const image = this.#stages.at(-1)?.image;
    if (!image) return new BuildError("No image was generated. Is your Dockerfile empty?");
    const unused = [...this.#request.args.keys()].filter((name) => !this.#consumed.has(name) && !PREDEFINED.test(name));
    if (unused.length > 0) this.#telling.unused(unused);
    this.#telling.built(image.id);
    return image;
  }

  #untilTarget(instructions: readonly Instruction[]): readonly Instruction[] | BuildError {
    const { target } = this.#request;
    if (target === undefined || target === "") return instructions;
    let stage = -1;
    let found = false;
    for (const [i, { name, words }] of instructions.entries()) {
      if (name !== "FROM") continue;
      if (found) return instructions.slice(0, i);
      stage++;
      found = words[2]?.toLowerCase() === target.toLowerCase() || String(stage) === target;
    }
    if (found) return instructions;
    return new BuildError(`Error response from daemon: target stage ${JSON.stringify(target)} could not be found`);
  }

  *#step(instruction: Instruction, globals: Map<string, string>): Op<BuildError | undefined> {
    if (instruction.name === "FROM") return yield* this.#from(instruction, globals);
    const stage = this.#stages.at(-1);
    if (!stage) {
      if (instruction.name !== "ARG") return new BuildError("Error response from daemon: no build stage in current context");
      this.#readArgs(instruction, globals, () => undefined);
      return undefined;
    }
    const env = new Map(stage.config.env.map((entry) => entry.split(/=(.*)/s) as [string, string]));
    const lookUp = (name: string): string | undefined => env.get(name) ?? stage.args.get(name);
    switch (instruction.name) {
      case "ARG":
        this.#readArgs(instruction, stage.args, (name) => globals.get(name));
        return yield* this.#keep(stage, stage.config, NOTHING, `${this.#nop(stage)} ARG ${instruction.rest}`, true);
      case "RUN":
        return yield* this.#run(stage, instruction);
      case "COPY":
      case "ADD":
        return yield* this.#copy(stage, instruction, lookUp);
      default: {
        const configured = configure(stage.config, instruction, lookUp);
        if (configured instanceof DockerfileError) return new BuildError(configured.message);
        return yield* this.#configured(stage, instruction, configured.config, configured.told);
      }
    }
  }

  *#configured(stage: Stage, { name }: Instruction, config: ImageConfig, told: string): Op<BuildError | undefined> {
    let layer = NOTHING;
    if (name === "WORKDIR") {
      const fs = this.#files(stage);
      fs.makeDirectory(config.workingDir, true);
      layer = layerOf(fs);
    }
    return yield* this.#keep(stage, config, layer, `${this.#nop(stage)}${told}`, true);
  }

  #nop = (stage: Stage): string => `${shellOf(stage.config).join(" ")} #(nop) `;

  #files(stage: Stage) {
    const image =
      stage.image ?? makeImage(this.#process.machine.kernel, { parent: undefined, config: SCRATCH, layer: NOTHING, createdBy: "" });
    return imageFiles(this.#process.machine, image);
  }

  #readArgs({ words }: Instruction, into: Map<string, string>, inherited: (name: string) => string | undefined): void {
    for (const word of words) {
      const [name = "", given] = word.split(/=(.*)/s);
      const value = this.#request.args.get(name) ?? (given === undefined ? inherited(name) : expand(given, (one) => into.get(one)));
      this.#consumed.add(name);
      if (value !== undefined) into.set(name, value);
    }
  }

  *#from({ words, flags }: Instruction, globals: ReadonlyMap<string, string>): Op<BuildError | undefined> {
    if (flags.has("platform")) return new BuildError("FROM --platform is not supported here; images are of linux/amd64");
    const wanted = expand(words[0] as string, (name) => globals.get(name));
    const name = (words[2] ?? String(this.#stages.length)).toLowerCase();
    this.#cached = this.#request.usesCache;
    if (wanted === "scratch") {
      this.#telling.made("");
      this.#stages.push({ name, image: undefined, config: SCRATCH, args: new Map() });
      return undefined;
    }
    const earlier = this.#stages.find((stage) => stage.name === wanted.toLowerCase());
    const image = earlier?.image ?? (yield* this.#imageNamed(wanted));
    if (image instanceof BuildError) return image;
    this.#telling.made(image.id);
    this.#stages.push({ name, image, config: configOf(image), args: new Map() });
    return undefined;
  }

  *#imageNamed(reference: string): Op<StoredImage | BuildError> {
    const there = this.#engine.findImage(reference);
    if (there && !this.#request.pulls) return there;
    const pulled = yield* this.#engine.pull(
      reference,
      pullProgress({ write: (text) => this.#telling.pulling(text), close: () => {} }, this.#process),
    );
    if (pulled instanceof EngineError) return new BuildError(pulled.message, 1, { kind: "from", reference, reason: pulled.message });
    return this.#engine.findImage(reference) as StoredImage;
  }

  /** An image that an earlier build has kept for the same step on the same image. */
  #kept(stage: Stage, createdBy: string): StoredImage | undefined {
    if (!this.#cached) return undefined;
    const parent = stage.image?.id ?? "";
    return this.#engine.images().find(({ made }) => made?.parent === parent && made.history[0]?.createdBy === createdBy);
  }

  /** Takes the step's image from what is kept; whether there was one. */
  #usesKept(stage: Stage, createdBy: string): boolean {
    const kept = this.#kept(stage, createdBy);
    this.#cached = kept !== undefined;
    if (!kept) return false;
    this.#telling.cached();
    this.#telling.made(kept.id);
    stage.image = kept;
    stage.config = configOf(kept);
    return true;
  }

  // biome-ignore lint/correctness/useYield: every step is an operation
  *#keep(stage: Stage, config: ImageConfig, layer: Layer, createdBy: string, inContainer: boolean): Op<BuildError | undefined> {
    if (this.#usesKept(stage, createdBy)) return undefined;
    const { kernel } = this.#process.machine;
    if (inContainer) {
      const container = kernel.random.hex(12);
      this.#telling.running(container);
      if (this.#request.removes) this.#telling.removed(container);
    }
    return this.#add(stage, config, layer, createdBy);
  }

  #add(stage: Stage, config: ImageConfig, layer: Layer, createdBy: string): BuildError | undefined {
    const image = makeImage(this.#process.machine.kernel, { parent: stage.image, config, layer, createdBy });
    const refused = this.#engine.addImage(image);
    if (refused) return new BuildError(refused.message);
    stage.image = image;
    stage.config = config;
    this.#telling.made(image.id);
    return undefined;
  }

  *#copy(
    stage: Stage,
    { name, flags, json, words }: Instruction,
    lookUp: (name: string) => string | undefined,
  ): Op<BuildError | undefined> {
    for (const flag of flags.keys()) if (flag !== "from") return new BuildError(`${name} --${flag} is not supported here; --from is`);
    const all = json ?? words.map((word) => expand(word, lookUp));
    const target = all.at(-1) as string;
    const from = flags.get("from");
    let { context } = this.#request;
    if (from !== undefined) {
      const other = this.#stages.find((one, i) => one.name === from.toLowerCase() || String(i) === from);
      const image = other?.image ?? (yield* this.#imageNamed(from));
      if (image instanceof BuildError) return new BuildError(`invalid from flag value ${from}: ${image.message}`);
      context = treeOf(imageFiles(this.#process.machine, image), "/");
    }
    const fs = this.#files(stage);
    const request = { name, sources: all.slice(0, -1), target, workingDir: stage.config.workingDir };
    const told = copyFiles(fs, context, request, from === undefined);
    if (told instanceof DockerfileError) {
      const missing = /stat \/?(.*): file does not exist$/.exec(told.message)?.[1];
      return new BuildError(told.message, 1, missing === undefined ? undefined : { kind: "copy", path: `/${missing}` });
    }
    return yield* this.#keep(stage, stage.config, layerOf(fs), `${this.#nop(stage)}${name} ${told} in ${target} `, false);
  }

  *#run(stage: Stage, instruction: Instruction): Op<BuildError | undefined> {
    const { image } = stage;
    for (const flag of instruction.flags.keys()) return new BuildError(`RUN --${flag} needs BuildKit, which is not supported here`);
    if (!image) return new BuildError("RUN on scratch is not supported here; on an image with a shell it is");
    const command = instruction.json ?? [...shellOf(stage.config), instruction.rest];
    const args = [...stage.args].map(([key, value]) => `${key}=${value}`).sort();
    const createdBy = `${args.length > 0 ? `|${args.length} ${args.join(" ")} ` : ""}${command.join(" ")}`;
    if (this.#usesKept(stage, createdBy)) return undefined;
    const made = yield* this.#engine.createContainer(this.#specOf(image, command, args));
    if (made instanceof EngineError) return new BuildError(made.message);
    this.#telling.running(made.id);
    const ended = yield* this.#runContainer(made.id);
    if (ended instanceof BuildError) return ended;
    if (ended !== 0) {
      if (this.#request.forceRemoves) yield* this.#remove(made.id);
      const fault = { kind: "run", command: command.join(" "), code: ended } as const;
      return new BuildError(`The command '${fault.command}' returned a non-zero code: ${ended}`, ended, fault);
    }
    const container = this.#engine.findContainer(made.id);
    if (container instanceof EngineError) return new BuildError(container.message);
    const layer = layerOf(container.fs);
    if (this.#request.removes) yield* this.#remove(made.id);
    return this.#add(stage, stage.config, layer, createdBy);
  }

  *#remove(id: string): Op<void> {
    yield* this.#engine.removeContainer(id, true, true);
    this.#telling.removed(id);
  }

  *#runContainer(id: string): Op<number | BuildError> {
    const container = this.#engine.findContainer(id);
    if (container instanceof EngineError) return new BuildError(container.message);
    const leave = this.#engine.attach(container, {
      stdin: NO_INPUT,
      stdout: { write: (text) => this.#telling.output(text, "stdout"), close: () => {} },
      stderr: { write: (text) => this.#telling.output(text, "stderr"), close: () => {} },
    });
    try {
      const refused = yield* this.#engine.startContainer(id);
      if (refused) return new BuildError(refused.message);
      const status = yield* this.#engine.waitContainer(id);
      return typeof status === "number" ? status : new BuildError(status.message);
    } catch (thrown) {
      if (thrown instanceof Signal) yield* this.#engine.removeContainer(id, true, true);
      throw thrown;
    } finally {
      leave();
    }
  }

  #specOf(image: StoredImage, command: readonly string[], args: readonly string[]): ContainerSpec {
    return {
      ...plainSpec(image.id, this.#request.networkMode),
      command,
      entrypoint: [],
      env: args,
      attachStdout: true,
      attachStderr: true,
      extraHosts: this.#request.extraHosts,
      // A step's container has no use for the image's health check.
      healthcheck: { test: ["NONE"], interval: 0, timeout: 0, startPeriod: 0, startInterval: 0, retries: 0 },
    };
  }
}
