/** `docker compose`: projects of several containers out of a compose.yaml (docker/compose, cmd/compose). */
import type { DockerEngine } from "../../../../engine/engine.ts";
import type { Op } from "../../../../kernel/task.ts";
import type { Process } from "../../../command.ts";
import { parseWords, SHORT_HELP } from "../flags.ts";
import { parseOptions, type Subcommand } from "../subcommand.ts";
import { argumentsError, describeCommands, describeFlags, helpOf, type Listed } from "../usage.ts";
import { MANY } from "../verb.ts";
import { configVerb, pullVerb, versionVerb } from "./config.ts";
import { composeContext } from "./context.ts";
import { downVerb, rmVerb } from "./down.ts";
import { eventsVerb } from "./events.ts";
import { attachVerb, cpVerb, execVerb, logsVerb, runVerb, statsVerb, topVerb } from "./exec.ts";
import { buildVerb, commitVerb, exportVerb, pushVerb, watchVerb } from "./images.ts";
import { lifeVerbs } from "./life.ts";
import { imagesVerb, lsVerb, portVerb, psVerb, volumesVerb } from "./ps.ts";
import { createVerb, scaleVerb, upVerb } from "./up.ts";
import type { ComposeVerb } from "./verb.ts";

const composeVerbs: readonly ComposeVerb[] = [
  attachVerb,
  buildVerb,
  commitVerb,
  configVerb,
  cpVerb,
  createVerb,
  downVerb,
  eventsVerb,
  execVerb,
  exportVerb,
  imagesVerb,
  logsVerb,
  lsVerb,
  portVerb,
  psVerb,
  pullVerb,
  pushVerb,
  rmVerb,
  runVerb,
  scaleVerb,
  statsVerb,
  topVerb,
  upVerb,
  versionVerb,
  volumesVerb,
  watchVerb,
  ...lifeVerbs,
];

const INSTEAD = "services run images that are pulled: up, down, ps, exec, run, logs, config and their kin are supported";

/** What the real one has beside these. */
const UNSUPPORTED: readonly Listed[] = [{ name: "publish", summary: "Publish compose application" }];

const OPTIONS = `--all-resources  Include all resources, even those not used by services
--ansi string  Control when to print ANSI control characters ("never"|"always"|"auto") (default "auto")
--compatibility  Run compose in backward compatibility mode
--dry-run  Execute command in dry run mode
--env-file stringArray  Specify an alternate environment file
-f, --file stringArray  Compose configuration files
--parallel int  Control max parallelism, -1 for unlimited (default -1)
--profile stringArray  Specify a profile to enable
--progress string  Set type of progress output (auto, tty, plain, json, quiet)
--project-directory string  Specify an alternate working directory
| (default: the path of the, first specified, Compose file)
-p, --project-name string  Project name`;

const COMMAND: Subcommand = { usage: "[OPTIONS] COMMAND", summary: "", options: OPTIONS, least: 0, most: MANY, leading: true };

/** Flags that change what Compose does elsewhere, and have nothing to change here. */
const REFUSED: Readonly<Record<string, string>> = {
  "all-resources": "resources that no service uses are left alone",
  compatibility: "names are those of Compose 2: project-service-1",
};

function composeHelp(): string {
  const listed = [
    ...composeVerbs.map(({ name, command }) => ({ name, summary: command.summary.split("\n")[0] as string })),
    ...UNSUPPORTED,
  ];
  return `Usage:  docker compose [OPTIONS] COMMAND

Define and run multi-container applications with Docker

Options:
${describeFlags(parseOptions(OPTIONS))}
Management Commands:
  bridge      Convert compose files into another model

Commands:
${describeCommands(listed.sort((a, b) => (a.name < b.name ? -1 : 1)))}
Run 'docker compose COMMAND --help' for more information on a command.
`;
}

export function* compose(process: Process, engine: DockerEngine, words: readonly string[]): Op<number> {
  const say = (text: string, status: number): number => {
    process.stderr.write(`${text}\n`);
    return status;
  };
  const global = parseWords(COMMAND, words);
  if ("help" in global) {
    process.stdout.write(`${global.help === "h" ? SHORT_HELP : ""}${composeHelp()}`);
    return 0;
  }
  if ("wrong" in global) return say(global.wrong, 1);
  for (const [name, why] of Object.entries(REFUSED))
    if (global.on(name)) return say(`docker compose --${name} is not supported here; ${why}`, 1);
  const [name, ...rest] = global.args;
  if (name === undefined || name === "help") {
    process.stdout.write(composeHelp());
    return 0;
  }
  const verb = composeVerbs.find((one) => one.name === name);
  if (!verb) {
    if (name === "bridge" || UNSUPPORTED.some((one) => one.name === name))
      return say(`docker compose ${name} is not supported here; ${INSTEAD}`, 1);
    process.stdout.write(composeHelp());
    return say(`unknown docker command: ${JSON.stringify(`compose ${name}`)}`, 1);
  }
  const flags = parseWords(verb.command, rest);
  if ("help" in flags) {
    process.stdout.write(`${flags.help === "h" ? SHORT_HELP : ""}${helpOf(`docker compose ${name}`, verb.command)}`);
    return 0;
  }
  if ("wrong" in flags) return say(flags.wrong, 1);
  const wrong = argumentsWrong(verb, flags.args.length);
  if (wrong !== undefined) return say(wrong, 1);
  return yield* verb.run(composeContext(process, engine, global, global.on("dry-run") || flags.on("dry-run")), flags);
}

/** Those that count their arguments as `docker` does. */
const COUNTED: readonly string[] = ["cp", "publish", "wait"];

/** What is wrong with the number of arguments, in cobra's own words. */
function argumentsWrong({ name, command }: ComposeVerb, given: number): string | undefined {
  const { least, most } = command;
  if (COUNTED.includes(name)) return argumentsError(`docker compose ${name}`, command, given)?.trimEnd();
  if (given >= least && given <= most) return undefined;
  if (least === most) return `accepts ${least} arg(s), received ${given}`;
  return given < least ? `requires at least ${least} arg(s), only received ${given}` : `accepts at most ${most} arg(s), received ${given}`;
}

/** What may be typed after `docker compose`. */
export const composeCompletions = (words: readonly string[]): readonly string[] =>
  words.length <= 2 ? composeVerbs.map(({ name }) => name) : [];
