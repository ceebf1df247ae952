/** Tab after `docker`: subcommands, flags and their values, and what the engine has by name (docker/cli's completion). */
import type { DockerEngine } from "../../../engine/engine.ts";
import { EngineError } from "../../../engine/types.ts";
import type { CompletionContext } from "../../command.ts";
import { programsIn } from "../../userland.ts";
import { composeCompletions } from "./compose/index.ts";
import { type Flag, parseOptions, shownFlags } from "./subcommand.ts";
import type { Completes, Group, Verb } from "./verb.ts";

/** What stands where after `docker`. */
export interface DockerWords {
  readonly groups: readonly Group[];
  readonly top: ReadonlyMap<string, Verb>;
  /** Flags of `docker` itself. */
  readonly globalFlags: readonly Flag[];
}

function namesOf(engine: DockerEngine, kind: Completes | undefined): readonly string[] {
  switch (kind) {
    case "network":
      return engine.networks().map((network) => network.name);
    case "image":
      return engine.images().map((image) => image.reference.replace(/:latest$/, ""));
    case "volume": {
      const volumes = engine.volumes();
      return volumes instanceof EngineError ? [] : volumes.map((volume) => volume.name);
    }
    case "container":
    case "running":
      return engine.containers(kind === "container").map((container) => container.name);
    default:
      return [];
  }
}

/** Values of a flag that can be told beforehand; undefined for any other text. */
function valuesOf(engine: DockerEngine, flag: string, verb: Verb): readonly string[] | undefined {
  switch (flag) {
    case "net":
    case "network":
      return [...namesOf(engine, "network"), ...namesOf(engine, "running").map((name) => `container:${name}`)];
    case "driver":
      return verb.names[0] === "create" && verb.completes === "nothing"
        ? ["bridge", "host", "ipvlan", "macvlan", "none", "overlay"]
        : undefined;
    case "link":
    case "volumes-from":
      return namesOf(engine, "container");
    case "restart":
      return ["always", "no", "on-failure", "unless-stopped"];
    case "pull":
      return ["always", "missing", "never"];
    case "signal":
    case "stop-signal":
      return ["SIGHUP", "SIGINT", "SIGKILL", "SIGQUIT", "SIGTERM", "SIGUSR1", "SIGUSR2"];
    default:
      return undefined;
  }
}

/** Arguments, and the flag that still wants its value, of the words after a verb. */
function given(flags: readonly Flag[], words: readonly string[]): { readonly args: readonly string[]; readonly open: string | undefined } {
  const args: string[] = [];
  let open: string | undefined;
  for (const word of words) {
    if (open !== undefined) open = undefined;
    else if (word.startsWith("--") && word.length > 2) {
      const name = word.slice(2) === "net" ? "network" : word.slice(2);
      if (!word.includes("=") && flags.find((flag) => flag.name === name)?.type !== "bool") open = name;
    } else if (word.startsWith("-") && word.length > 1) {
      const letters = [...word.slice(1)];
      const valued = letters.findIndex((letter) => flags.some(({ short, type }) => short === letter && type !== "bool"));
      if (valued >= 0 && valued === letters.length - 1) open = flags.find(({ short }) => short === letters[valued])?.name;
    } else args.push(word);
  }
  return { args, open };
}

/** Programs in the image of a container, or in an image. */
function programsFor(context: CompletionContext, engine: DockerEngine, reference: string, isContainer: boolean): readonly string[] {
  const container = isContainer ? engine.findContainer(reference) : undefined;
  const image = isContainer
    ? container && !(container instanceof EngineError)
      ? container.image
      : undefined
    : engine.images().find((one) => one.reference === reference || one.reference === `${reference}:latest`);
  return image ? [...programsIn(context.process.machine, image.flavour).keys()] : [];
}

/** What may stand at the cursor. */
export function completeDocker({ groups, top, globalFlags }: DockerWords, context: CompletionContext): readonly string[] {
  const { engine } = context.process.machine;
  if (!engine || context.process.container) return [];
  const global = given(globalFlags, context.words.slice(1));
  if (global.open !== undefined && global.args.length === 0) return global.open === "context" ? ["default"] : [];
  const [first] = global.args;
  const words = first === undefined ? [] : context.words.slice(context.words.indexOf(first));
  const flagNames = (flags: readonly Flag[]): readonly string[] => [...flags.map(({ name }) => `--${name}`), "--help"];
  if (first === undefined) {
    if (context.current.startsWith("-")) return flagNames(globalFlags);
    return [...top.keys(), ...groups.map(({ name }) => name), "compose", "help"];
  }
  if (first === "compose") return composeCompletions(["docker", ...words]);
  const group = groups.find(({ name }) => name === first);
  if (group && words.length === 1) return group.verbs.map((verb) => verb.names[0] as string);
  const verb = group ? group.verbs.find(({ names }) => names.includes(words[1] ?? "")) : top.get(first);
  if (!verb) return [];
  const flags = shownFlags(verb.command);
  const { args, open } = given([...flags, ...parseOptions(verb.command.hidden ?? "")], words.slice(group ? 2 : 1));
  if (open !== undefined) return valuesOf(engine, open, verb) ?? [];
  const [reference] = args;
  if (verb.command.leading && reference !== undefined)
    return args.length === 1 ? programsFor(context, engine, reference, verb.completes === "running") : [];
  if (context.current.startsWith("-")) return flagNames(flags);
  // The first argument is a network, what follows a container on it.
  const containers = group?.name === "network" && args.length > 0 && verb.command.most === 2;
  const names = namesOf(engine, containers ? "container" : verb.completes);
  return args.length >= verb.command.most ? [] : names.filter((name) => !args.includes(name));
}
