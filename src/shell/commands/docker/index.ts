/** `docker`: finds the subcommand, reads its flags, runs it. */
import type { Op } from "../../../kernel/task.ts";
import type { Command, CompletionContext, Process } from "../../command.ts";
import { builderGroup } from "./build/index.ts";
import { completeDocker } from "./complete.ts";
import { compose } from "./compose/index.ts";
import { containerGroup } from "./container/index.ts";
import { contextGroup } from "./context.ts";
import { parseFlags } from "./flags.ts";
import { imageGroup } from "./image/index.ts";
import { inspectVerb } from "./inspect.ts";
import { networkGroup } from "./network/index.ts";
import { parseOptions } from "./subcommand.ts";
import { systemGroup } from "./system/index.ts";
import { VERSION_LINE, versionVerb } from "./system/version.ts";
import { unsupportedGroups, unsupportedLine, unsupportedVerbs } from "./unsupported.ts";
import { describeCommands, describeFlags, type Listed, usageError } from "./usage.ts";
import type { Group, Verb } from "./verb.ts";
import { volumeGroup } from "./volume/index.ts";

const GROUPS: readonly Group[] = [builderGroup, containerGroup, contextGroup, imageGroup, networkGroup, systemGroup, volumeGroup];

/** Verbs that go right after `docker`, under the names that they have there. */
const TOP: ReadonlyMap<string, Verb> = new Map(
  [...GROUPS.flatMap(({ verbs }) => verbs), inspectVerb, versionVerb].flatMap((verb) => (verb.top ? [[verb.top, verb] as const] : [])),
);

/** In the order in which help has them. */
const COMMON = ["run", "exec", "ps", "build", "pull", "push", "images", "login", "logout", "search", "version", "info"];

const GLOBAL_OPTIONS = `--config string  Location of client config files (default "/root/.docker")
-c, --context string  Name of the context to use to connect to the daemon (overrides DOCKER_HOST env var and default context set with "docker context use")
-D, --debug  Enable debug mode
-H, --host string  Daemon socket to connect to
-l, --log-level string  Set the logging level ("debug", "info", "warn", "error", "fatal") (default "info")
--tls  Use TLS; implied by --tlsverify
--tlscacert string  Trust certs signed only by this CA (default "/root/.docker/ca.pem")
--tlscert string  Path to TLS certificate file (default "/root/.docker/cert.pem")
--tlskey string  Path to TLS key file (default "/root/.docker/key.pem")
--tlsverify  Use TLS and verify the remote
-v, --version  Print version information and quit`;

const byName = (a: Listed, b: Listed): number => (a.name < b.name ? -1 : 1);

function topHelp(): string {
  const all: Listed[] = [...[...TOP].map(([name, verb]) => ({ name, summary: verb.command.summary })), ...unsupportedVerbs("")];
  const common = COMMON.map((name) => all.find((one) => one.name === name) as Listed);
  const rest = all.filter(({ name }) => !COMMON.includes(name)).sort(byName);
  const compose = { name: "compose*", summary: "Docker Compose" };
  const management = [...GROUPS, ...unsupportedGroups.filter(({ name }) => name !== "swarm"), compose].sort(byName);
  const swarm = unsupportedGroups.filter(({ name }) => name === "swarm");
  return `Usage:  docker [OPTIONS] COMMAND

A self-sufficient runtime for containers

Common Commands:
${describeCommands(common)}
Management Commands:
${describeCommands(management)}
Swarm Commands:
${describeCommands(swarm)}
Commands:
${describeCommands(rest)}
Global Options:
${describeFlags(parseOptions(GLOBAL_OPTIONS))}
Run 'docker COMMAND --help' for more information on a command.

For more help on how to use Docker, head to https://docs.docker.com/go/guides/
`;
}

function groupHelp({ name, summary, verbs }: Group): string {
  const listed: Listed[] = [
    ...verbs.map((verb) => ({ name: verb.names[0] as string, summary: verb.command.summary })),
    ...unsupportedVerbs(name),
  ];
  return `Usage:  docker ${name} COMMAND

${summary}

Commands:
${describeCommands(listed.sort(byName))}
Run 'docker ${name} COMMAND --help' for more information on a command.
`;
}

export interface Resolved {
  readonly verb: Verb;
  /** "docker network create", as errors and help name it. */
  readonly path: string;
  readonly rest: readonly string[];
}

const TOP_USAGE = { usage: "[OPTIONS] COMMAND [ARG...]" };

/** Flags before the command, and the words from the command on; the number is the status once something has been told. */
function globalFlags(process: Process, words: readonly string[]): readonly string[] | number {
  const flags = parseOptions(GLOBAL_OPTIONS);
  const refuse = (message: string): number => {
    process.stderr.write(usageError("docker", TOP_USAGE, message));
    return 125;
  };
  for (let i = 0; i < words.length; i++) {
    const word = words[i] as string;
    if (!word.startsWith("-") || word === "-") return words.slice(i);
    const [name = "", given] = word.startsWith("--") ? word.slice(2).split(/=(.*)/s) : [word.slice(1, 2), word.slice(2) || undefined];
    if (name === "help" || word === "-h") {
      process.stdout.write(topHelp());
      return 0;
    }
    const flag = flags.find((one) => (word.startsWith("--") ? one.name === name : one.short === name));
    if (!flag) return refuse(word.startsWith("--") ? `unknown flag: --${name}` : `unknown shorthand flag: '${name}' in ${word}`);
    if (flag.name === "version") {
      process.stdout.write(VERSION_LINE);
      return 0;
    }
    if (flag.type === "bool") {
      if (flag.name === "debug") continue;
      process.stderr.write(`docker: --${flag.name} is not supported here; the client speaks to the daemon on this host\n`);
      return 1;
    }
    const value = given ?? words[++i];
    if (value === undefined)
      return refuse(word.startsWith("--") ? `flag needs an argument: --${name}` : `flag needs an argument: '${name}' in ${word}`);
    const refused = globalRefusal(flag.name, value);
    if (refused === undefined) continue;
    process.stderr.write(`${refused}\n`);
    return 1;
  }
  return [];
}

function globalRefusal(name: string, value: string): string | undefined {
  if (name === "log-level")
    return /^(debug|info|warn|warning|error|fatal|panic|trace)$/.test(value) ? undefined : `Unable to parse logging level: ${value}`;
  if (name === "context" && value === "default") return undefined;
  if (name === "host" && /^unix:\/\/(\/var)?\/run\/docker\.sock$/.test(value)) return undefined;
  if (name === "config") return undefined;
  return `docker: --${name} ${value} is not supported here; the client speaks to the daemon on this host`;
}

/** The subcommand that words name, and the words after it; the number is the status once something has been told. */
function resolveWords(process: Process, words: readonly string[]): Resolved | number {
  const [first, second] = words;
  if (first === undefined) {
    process.stdout.write(topHelp());
    return 0;
  }
  if (first === "help") return help(process, words.slice(1));
  const group = GROUPS.find(({ name }) => name === first);
  if (group) {
    const path = `docker ${first}`;
    if (second === undefined || second === "--help" || second === "-h") {
      if (group.notice) process.stderr.write(group.notice);
      process.stdout.write(groupHelp(group));
      return 0;
    }
    const verb = group.verbs.find(({ names }) => names.includes(second));
    if (verb) return { verb, path: `${path} ${verb.names[0]}`, rest: words.slice(2) };
    if (second.startsWith("-")) {
      const message = second.startsWith("--")
        ? `unknown flag: ${second.split("=")[0]}`
        : `unknown shorthand flag: '${second[1]}' in ${second}`;
      process.stderr.write(usageError(path, { usage: "" }, message));
      return 125;
    }
    const line = unsupportedLine(first, second);
    process.stderr.write(
      line === undefined ? usageError(path, { usage: "" }, `docker: unknown command: docker ${first} ${second}`) : `${line}\n`,
    );
    return 1;
  }
  const verb = TOP.get(first);
  if (verb) return { verb, path: `docker ${first}`, rest: words.slice(1) };
  const line = unsupportedLine("", first);
  process.stderr.write(
    line === undefined ? `docker: unknown command: docker ${first}\n\nRun 'docker --help' for more information\n` : `${line}\n`,
  );
  return 1;
}

/** `docker help network create`. */
function help(process: Process, topic: readonly string[]): Resolved | number {
  if (topic.length === 0) {
    process.stdout.write(topHelp());
    return 0;
  }
  const known = GROUPS.some(({ name }) => name === topic[0]) || TOP.has(topic[0] as string);
  if (known) return resolveWords(process, [...topic, "--help"]);
  process.stderr.write(`unknown help topic: ${topic.join(" ")}\n`);
  return 1;
}

/** The same from a whole command line. */
export function resolve(process: Process): Resolved | number {
  const words = globalFlags(process, process.argv.slice(1));
  return typeof words === "number" ? words : resolveWords(process, words);
}

function* docker(process: Process): Op<number> {
  const { engine } = process.machine;
  if (!engine || process.container) {
    process.stderr.write("Cannot connect to the Docker daemon at unix:///var/run/docker.sock. Is the docker daemon running?\n");
    return 1;
  }
  const words = globalFlags(process, process.argv.slice(1));
  if (typeof words === "number") return words;
  if (words[0] === "compose") return yield* compose(process, engine, words.slice(1));
  const found = resolveWords(process, words);
  if (typeof found === "number") return found;
  const flags = parseFlags(process, found.path, found.verb.command, found.rest);
  if ("status" in flags) return flags.status;
  return yield* found.verb.run(process, flags, engine);
}

const complete = (context: CompletionContext): readonly string[] =>
  completeDocker({ groups: GROUPS, top: TOP, globalFlags: parseOptions(GLOBAL_OPTIONS) }, context);

/** The plugin by itself, as it lies in the host's /usr/bin. */
function* dockerCompose(process: Process): Op<number> {
  const { engine } = process.machine;
  if (engine && !process.container) return yield* compose(process, engine, process.argv.slice(1));
  process.stderr.write("Cannot connect to the Docker daemon at unix:///var/run/docker.sock. Is the docker daemon running?\n");
  return 1;
}

export const dockerCommands: readonly Command[] = [
  { name: "docker", summary: "the Docker client", userlands: ["host"], run: docker, complete },
  { name: "docker-compose", summary: "the Docker client's Compose", userlands: ["host"], run: dockerCompose },
];
