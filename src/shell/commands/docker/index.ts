/** `docker`: finds the subcommand, reads its flags, runs it. */
import { EngineError } from "../../../engine/types.ts";
import type { Op } from "../../../kernel/task.ts";
import type { Command, CompletionContext, Process } from "../../command.ts";
import { containerVerbs } from "./container.ts";
import { daemonError } from "./errors.ts";
import { parseFlags, type Subcommand } from "./flags.ts";
import { networkVerbs, type Verb } from "./network.ts";
import { tabulate } from "./table.ts";

const plainVerb = (path: string, usage: string, summary: string, least: number, most: number): Subcommand => ({
  path,
  usage,
  summary,
  least,
  most,
  flags: [
    { name: "quiet", short: "q", kind: "bool" },
    { name: "all", short: "a", kind: "bool" },
    { name: "force", short: "f", kind: "bool" },
  ],
});

const imageVerbs: readonly Verb[] = [
  {
    names: ["pull"],
    command: plainVerb("docker pull", "[OPTIONS] NAME[:TAG|@DIGEST]", "Download an image from a registry", 1, 1),
    *run(process, flags, engine) {
      const pulled = yield* engine.pull(flags.args[0] as string, (line) => process.stdout.write(`${line}\n`));
      return pulled instanceof EngineError ? daemonError(process, pulled) : 0;
    },
  },
  {
    names: ["images"],
    command: plainVerb("docker images", "[OPTIONS] [REPOSITORY[:TAG]]", "List images", 0, 1),
    *run(process, _flags, engine) {
      const rows = engine.images().map((image) => {
        const at = image.reference.lastIndexOf(":");
        return [
          image.reference.slice(0, at),
          image.reference.slice(at + 1),
          image.id.replace("sha256:", "").slice(0, 12),
          "2 weeks ago",
          `${(image.size / 1e6).toPrecision(3)}MB`,
        ].join("\t");
      });
      process.stdout.write(tabulate(["REPOSITORY\tTAG\tIMAGE ID\tCREATED\tSIZE", ...rows]));
      return 0;
    },
  },
  {
    names: ["rmi"],
    command: plainVerb("docker rmi", "[OPTIONS] IMAGE [IMAGE...]", "Remove one or more images", 1, Number.POSITIVE_INFINITY),
    // biome-ignore lint/correctness/useYield: answers at once
    *run(process, flags, engine) {
      let status = 0;
      for (const reference of flags.args) {
        const removed = engine.removeImage(reference);
        if (removed instanceof EngineError) status = daemonError(process, removed);
        else for (const line of removed) process.stdout.write(`${line}\n`);
      }
      return status;
    },
  },
];

const GROUPS: Readonly<Record<string, { readonly summary: string; readonly verbs: readonly Verb[] }>> = {
  network: { summary: "Manage networks", verbs: networkVerbs },
  container: { summary: "Manage containers", verbs: containerVerbs },
};

const TOP: readonly Verb[] = [...containerVerbs.map((verb) => ({ ...verb, names: verb.names.slice(0, 1) })), ...imageVerbs];

const listed = (verbs: readonly Verb[]): string => {
  const width = Math.max(...verbs.map((verb) => (verb.names[0] as string).length));
  return [...verbs]
    .sort((a, b) => ((a.names[0] as string) < (b.names[0] as string) ? -1 : 1))
    .map((verb) => `  ${(verb.names[0] as string).padEnd(width)}  ${verb.command.summary}\n`)
    .join("");
};

function usage(): string {
  return `Usage:  docker [OPTIONS] COMMAND\n\nA self-sufficient runtime for containers\n\nCommands:\n${listed(TOP)}\nManagement Commands:\n  container  Manage containers\n  network    Manage networks\n\nRun 'docker COMMAND --help' for more information on a command.\n`;
}

const verbOf = (verbs: readonly Verb[], name: string): Verb | undefined => verbs.find((verb) => verb.names.includes(name));

/** The subcommand that words name, and the words after it; the number is the status once something has been told. */
export function resolve(process: Process): { readonly verb: Verb; readonly rest: readonly string[] } | number {
  const [first, second] = process.argv.slice(1);
  if (first === undefined || first === "--help" || first === "help") {
    process.stdout.write(usage());
    return 0;
  }
  if (first === "--version" || first === "-v") {
    process.stdout.write("Docker version 28.5.2+dfsg4, build 89c5e8f\n");
    return 0;
  }
  const group = GROUPS[first];
  if (group) {
    if (second === undefined || second === "--help") {
      process.stdout.write(
        `Usage:  docker ${first} COMMAND\n\n${group.summary}\n\nCommands:\n${listed(group.verbs)}\nRun 'docker ${first} COMMAND --help' for more information on a command.\n`,
      );
      return 0;
    }
    const verb = verbOf(group.verbs, second);
    if (verb) return { verb, rest: process.argv.slice(3) };
    process.stderr.write(
      `docker: unknown command: docker ${first} ${second}\n\nUsage:  docker ${first}\n\nRun 'docker ${first} --help' for more information\n`,
    );
    return 1;
  }
  const verb = verbOf(TOP, first);
  if (verb) return { verb, rest: process.argv.slice(2) };
  process.stderr.write(
    first.startsWith("-")
      ? `unknown ${first.startsWith("--") ? "flag" : "shorthand flag"}: ${first}\n\nUsage:  docker [OPTIONS] COMMAND [ARG...]\n\nRun 'docker --help' for more information\n`
      : `docker: unknown command: docker ${first}\n\nRun 'docker --help' for more information\n`,
  );
  return first.startsWith("-") ? 125 : 1;
}

function* docker(process: Process): Op<number> {
  const { engine } = process.machine;
  if (!engine || process.container) {
    process.stderr.write("Cannot connect to the Docker daemon at unix:///var/run/docker.sock. Is the docker daemon running?\n");
    return 1;
  }
  if (process.argv[1] === "version" || process.argv[1] === "info") {
    process.stdout.write(`${JSON.stringify(process.argv[1] === "version" ? engine.version() : engine.info(), null, 1)}\n`);
    return 0;
  }
  const found = resolve(process);
  if (typeof found === "number") return found;
  const flags = parseFlags(process, found.verb.command, found.rest);
  if ("status" in flags) return flags.status;
  return yield* found.verb.run(process, flags, engine);
}

function complete({ process, words, current }: CompletionContext): readonly string[] {
  const { engine } = process.machine;
  if (!engine) return [];
  const group = GROUPS[words[1] ?? ""];
  if (words.length === 1) return [...TOP.map((verb) => verb.names[0] as string), ...Object.keys(GROUPS)];
  if (group && words.length === 2) return group.verbs.map((verb) => verb.names[0] as string);
  const verb = group ? verbOf(group.verbs, words[2] ?? "") : verbOf(TOP, words[1] ?? "");
  if (!verb) return [];
  if (current.startsWith("-"))
    return verb.command.flags.filter((flag) => flag.help !== undefined).map((flag) => `--${flag.name}${flag.kind === "bool" ? "" : "="}`);
  const networks = engine.networks();
  const containers = engine.containers(true);
  const networkNames = Array.isArray(networks) ? networks.map((network) => network.name) : [];
  const containerNames = Array.isArray(containers) ? containers.map((container) => container.name) : [];
  const before = words.at(-1) ?? "";
  if (before === "--net" || before === "--network") return [...networkNames, ...containerNames.map((name) => `container:${name}`)];
  if (words[1] === "network") {
    const given = words.slice(3).filter((word) => !word.startsWith("-")).length;
    return (words[2] === "connect" || words[2] === "disconnect") && given > 0 ? containerNames : networkNames;
  }
  if (verb.names.includes("run") || verb.names.includes("create") || words[1] === "pull" || words[1] === "rmi")
    return engine.images().map((image) => image.reference.replace(/:latest$/, ""));
  return containerNames;
}

export const dockerCommands: readonly Command[] = [{ name: "docker", summary: "the Docker client", run: docker, complete }];
