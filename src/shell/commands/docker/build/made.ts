/** Images that are made here: what they say of their containers, and how one is made on top of another (daemon/commit.go). */
import { digestOf } from "../../../../engine/digest.ts";
import type { StoredImage } from "../../../../engine/images/store.ts";
import type { Healthcheck, Image, Layer } from "../../../../engine/types.ts";
import type { Kernel } from "../../../../kernel/kernel.ts";
import { resolvePath } from "../../../../kernel/vfs.ts";
import { layerSize } from "../../../image-layers.ts";
import { parseExpose } from "../ports.ts";
import { parseGoDuration } from "../times.ts";
import { DockerfileError, expand, type Instruction, pairsIn } from "./dockerfile.ts";

/** What an image says of its containers. */
export type ImageConfig = Pick<Image, "command" | "entrypoint" | "env" | "exposed" | "workingDir"> &
  Pick<NonNullable<Image["made"]>, "user" | "labels" | "volumes" | "stopSignal" | "healthcheck" | "onBuild" | "shell">;

/** That of an image made of nothing. */
export const SCRATCH: ImageConfig = {
  command: [],
  entrypoint: [],
  env: [],
  exposed: [],
  workingDir: "",
  user: "",
  labels: {},
  volumes: [],
  stopSignal: "",
  onBuild: [],
  shell: [],
};

export const configOf = ({ command, entrypoint, env, exposed, workingDir, made }: Image): ImageConfig => ({
  command,
  entrypoint,
  env,
  exposed,
  workingDir,
  user: made?.user ?? "",
  labels: made?.labels ?? {},
  volumes: made?.volumes ?? [],
  stopSignal: made?.stopSignal ?? "",
  ...(made?.healthcheck ? { healthcheck: made.healthcheck } : {}),
  onBuild: made?.onBuild ?? [],
  shell: made?.shell ?? [],
});

export interface Making {
  /** What it is made of; undefined for nothing. */
  readonly parent: StoredImage | undefined;
  /** The userland where there is no parent. */
  readonly flavour?: Image["flavour"];
  readonly config: ImageConfig;
  readonly layer: Layer;
  readonly createdBy: string;
  readonly comment?: string;
  readonly author?: string;
}

/** The base of a made image as `docker history` ends with it. */
const stepOfBase = ({ id, created, size }: StoredImage) => ({ id, created, createdBy: "", comment: "Imported from -", size });

/** A new image, without a name. */
export function makeImage(kernel: Kernel, making: Making): StoredImage {
  const { parent, config, layer, createdBy, comment = "", author = "" } = making;
  const { now } = kernel.clock;
  const { command, entrypoint, env, exposed, workingDir, ...rest } = config;
  const size = layerSize(layer);
  const digest = digestOf(JSON.stringify([parent?.id, config, [...layer], createdBy, comment, author, now]));
  const id = `sha256:${digest}`;
  const before = parent?.made?.history ?? (parent ? [stepOfBase(parent)] : []);
  return {
    reference: "",
    id,
    pulled: now,
    digest: "",
    created: now,
    flavour: parent?.flavour ?? making.flavour ?? "scratch",
    size: (parent?.size ?? 0) + size,
    command,
    entrypoint,
    env,
    exposed,
    workingDir,
    made: {
      ...rest,
      base: parent ? (parent.made?.base ?? parent.reference) : "",
      parent: parent?.id ?? "",
      author,
      comment,
      layers: [...(parent?.made?.layers ?? []), ...(layer.size > 0 ? [layer] : [])],
      history: [{ id, created: now, createdBy, comment, size }, ...before],
    },
  };
}

const DEFAULT_SHELL = ["/bin/sh", "-c"];

export const shellOf = ({ shell }: ImageConfig): readonly string[] => (shell.length > 0 ? shell : DEFAULT_SHELL);

/** `["cat" "/hi"]`, as Go prints a list of strings with %q. */
const quoted = (words: readonly string[]): string => `[${words.map((word) => JSON.stringify(word)).join(" ")}]`;

/** A command of an instruction: its words in JSON, or the shell with the line. */
const commandOf = ({ json, rest }: Instruction, config: ImageConfig): readonly string[] => json ?? [...shellOf(config), rest];

function withEnv(env: readonly string[], pairs: readonly (readonly [string, string])[]): readonly string[] {
  const all = new Map(env.map((entry) => [entry.split("=")[0] as string, entry]));
  for (const [name, value] of pairs) all.set(name, `${name}=${value}`);
  return [...all.values()];
}

/** HEALTHCHECK's own options and its test; the error is the daemon's. */
function healthcheckOf({ flags, rest }: Instruction): Healthcheck | DockerfileError {
  const [type = "", ...words] = rest.split(/\s+/);
  const time = (name: string): number => parseGoDuration(flags.get(name) ?? "0s") ?? 0;
  const times = {
    interval: time("interval"),
    timeout: time("timeout"),
    startPeriod: time("start-period"),
    startInterval: time("start-interval"),
    retries: Number(flags.get("retries") ?? 0),
  };
  if (type.toUpperCase() === "NONE") return { test: ["NONE"], ...times };
  if (type.toUpperCase() !== "CMD") return new DockerfileError(`unknown type ${JSON.stringify(type)} in HEALTHCHECK (try CMD)`);
  const line = rest.slice(type.length).trim();
  if (words.length === 0) return new DockerfileError("missing command after HEALTHCHECK CMD");
  if (!line.startsWith("[")) return { test: ["CMD-SHELL", line], ...times };
  try {
    return { test: ["CMD", ...(JSON.parse(line) as string[])], ...times };
  } catch {
    return { test: ["CMD-SHELL", line], ...times };
  }
}

/** A configuration after an instruction, and what the history says of it. */
export interface Configured {
  readonly config: ImageConfig;
  readonly told: string;
}

/** What an instruction that changes no files makes of a configuration (builder/dockerfile/dispatchers.go). */
export function configure(
  config: ImageConfig,
  instruction: Instruction,
  lookUp: (name: string) => string | undefined,
): Configured | DockerfileError {
  const { name, rest, words, json } = instruction;
  const filled = (word: string): string => expand(word, lookUp);
  switch (name) {
    case "CMD": {
      const command = commandOf(instruction, config);
      return { config: { ...config, command }, told: ` CMD ${quoted(command)}` };
    }
    case "ENTRYPOINT": {
      const entrypoint = commandOf(instruction, config);
      return { config: { ...config, entrypoint }, told: ` ENTRYPOINT ${quoted(entrypoint)}` };
    }
    case "ENV": {
      const pairs = pairsIn(instruction, lookUp);
      return {
        config: { ...config, env: withEnv(config.env, pairs) },
        told: ` ENV ${pairs.map(([key, value]) => `${key}=${value}`).join(" ")}`,
      };
    }
    case "LABEL": {
      const pairs = pairsIn(instruction, lookUp);
      const labels = { ...config.labels, ...Object.fromEntries(pairs) };
      return { config: { ...config, labels }, told: ` LABEL ${pairs.map(([key, value]) => `${key}=${value}`).join(" ")}` };
    }
    case "EXPOSE": {
      const ports: string[] = [];
      for (const word of words.map(filled)) {
        const parsed = parseExpose(word);
        if ("error" in parsed) return new DockerfileError(`Invalid containerPort: ${word}`);
        ports.push(...parsed);
      }
      return {
        config: { ...config, exposed: [...new Set([...config.exposed, ...ports])] },
        told: ` EXPOSE ${[...ports].sort().join(" ")}`,
      };
    }
    case "USER":
      return { config: { ...config, user: filled(rest) }, told: ` USER ${filled(rest)}` };
    case "WORKDIR": {
      const workingDir = resolvePath(config.workingDir || "/", filled(rest));
      return { config: { ...config, workingDir }, told: `WORKDIR ${workingDir}` };
    }
    case "VOLUME": {
      const paths = (json ?? words).map(filled);
      return { config: { ...config, volumes: [...new Set([...config.volumes, ...paths])] }, told: ` VOLUME [${paths.join(" ")}]` };
    }
    case "STOPSIGNAL":
      return { config: { ...config, stopSignal: filled(rest) }, told: ` STOPSIGNAL ${filled(rest)}` };
    case "SHELL":
      return { config: { ...config, shell: json ?? [] }, told: ` SHELL [${(json ?? []).join(" ")}]` };
    case "HEALTHCHECK": {
      const healthcheck = healthcheckOf(instruction);
      if (healthcheck instanceof DockerfileError) return healthcheck;
      return { config: { ...config, healthcheck }, told: ` HEALTHCHECK &{${quoted(healthcheck.test)}}` };
    }
    case "ONBUILD":
      return { config: { ...config, onBuild: [...config.onBuild, rest] }, told: ` ONBUILD ${rest}` };
    case "MAINTAINER":
      return { config, told: ` MAINTAINER ${rest}` };
    default:
      return new DockerfileError(`${name} is not a valid change command`);
  }
}

/** What `-c` of commit and import may name. */
const CHANGES: ReadonlySet<string> = new Set(
  "CMD ENTRYPOINT ENV EXPOSE HEALTHCHECK LABEL ONBUILD STOPSIGNAL USER VOLUME WORKDIR".split(" "),
);

/** A configuration after the changes of `-c`; the error is the daemon's. */
export function withChanges(config: ImageConfig, instructions: readonly Instruction[]): ImageConfig | DockerfileError {
  let changed = config;
  for (const instruction of instructions) {
    if (!CHANGES.has(instruction.name)) return new DockerfileError(`${instruction.name} is not a valid change command`);
    const env = new Map(changed.env.map((entry) => entry.split(/=(.*)/s) as [string, string]));
    const next = configure(changed, instruction, (name) => env.get(name));
    if (next instanceof DockerfileError) return next;
    changed = next.config;
  }
  return changed;
}
