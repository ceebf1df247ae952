/** `docker context …`: this world's client knows the one daemon beside it. */
import { fail } from "./errors.ts";
import { ClientError, printDocuments } from "./inspect.ts";
import { DOCUMENT_FORMAT, LIST_FORMAT } from "./subcommand.ts";
import { printListing } from "./table.ts";
import { type Group, MANY, type Verb } from "./verb.ts";

const ENDPOINT = "unix:///var/run/docker.sock";
const NAME = "default";

const notFound = (name: string): string => `context ${JSON.stringify(name)} does not exist here: ${NAME} is the only one`;

const verbs: readonly Verb[] = [
  {
    names: ["inspect"],
    completes: "nothing",
    command: {
      usage: "[OPTIONS] [CONTEXT] [CONTEXT...]",
      summary: "Display detailed information on one or more contexts",
      options: `-f, --format string  ${DOCUMENT_FORMAT}`,
      least: 0,
      most: MANY,
    },
    *run(process, flags) {
      const wanted = flags.args.length > 0 ? flags.args : [NAME];
      return printDocuments(
        process,
        wanted,
        (name) =>
          name === NAME
            ? {
                type: "cli.ContextInspect",
                document: {
                  Name: NAME,
                  Metadata: {},
                  Endpoints: { docker: { Host: ENDPOINT, SkipTLSVerify: false } },
                  TLSMaterial: {},
                  Storage: { MetadataPath: "\\u003cIN MEMORY\\u003e", TLSPath: "\\u003cIN MEMORY\\u003e" },
                },
              }
            : new ClientError(notFound(name)),
        flags.text("format"),
      );
    },
  },
  {
    names: ["ls", "list"],
    completes: "nothing",
    command: {
      usage: "[OPTIONS]",
      summary: "List contexts",
      aliases: "docker context ls, docker context list",
      options: `--format string  ${LIST_FORMAT}\n-q, --quiet  Only show context names`,
      least: 0,
      most: 0,
    },
    *run(process, flags) {
      return printListing(
        process,
        {
          type: "*formatter.clientContextContext",
          headers: {
            Shown: "NAME",
            Name: "NAME",
            Description: "DESCRIPTION",
            DockerEndpoint: "DOCKER ENDPOINT",
            Current: "CURRENT",
            Error: "ERROR",
          },
          columns: ["Shown", "Description", "DockerEndpoint", "Error"],
          quiet: "Name",
          rows: [
            {
              Name: NAME,
              Description: "Current DOCKER_HOST based configuration",
              DockerEndpoint: ENDPOINT,
              Current: true,
              Error: "",
              Shown: () => `${NAME} *`,
            },
          ],
        },
        flags.text("format"),
        flags.on("quiet"),
      );
    },
  },
  {
    names: ["show"],
    completes: "nothing",
    command: { usage: "", summary: "Print the name of the current context", least: 0, most: 0 },
    // biome-ignore lint/correctness/useYield: answers at once
    *run(process) {
      process.stdout.write(`${NAME}\n`);
      return 0;
    },
  },
  {
    names: ["use"],
    completes: "nothing",
    command: { usage: "CONTEXT", summary: "Set the current docker context", least: 1, most: 1 },
    // biome-ignore lint/correctness/useYield: answers at once
    *run(process, flags) {
      const name = flags.args[0] as string;
      if (name !== NAME) return fail(process, notFound(name));
      process.stdout.write(`${NAME}\n`);
      process.stderr.write(`Current context is now ${JSON.stringify(NAME)}\n`);
      return 0;
    },
  },
];

export const contextGroup: Group = { name: "context", summary: "Manage contexts", verbs };
