/** `docker version` and `docker --version` (cli/command/system/version.go). */
import type { Json } from "../../../../engine/engine.ts";
import { versionDocument } from "../../../../engine/inspect/index.ts";
import { fail } from "../errors.ts";
import { DOCUMENT_FORMAT } from "../subcommand.ts";
import { readTemplate, renderText, toJson, type Value } from "../template/execute.ts";
import { TemplateError } from "../template/lexer.ts";
import type { Verb } from "../verb.ts";

/** The status of a template that cannot be read (cli.StatusError). */
const BAD_TEMPLATE = 64;

export const CLIENT = {
  Version: "28.5.2+dfsg4",
  ApiVersion: "1.51",
  DefaultAPIVersion: "1.51",
  GitCommit: "9cc6dea35e9a963f281434761c656fba4ac43aed",
  GoVersion: "go1.27.1",
  Os: "linux",
  Arch: "amd64",
  BuildTime: "Tue Sep 15 11:02:57 2026",
  Context: "default",
} as const;

export const VERSION_LINE = `Docker version ${CLIENT.Version}, build ${CLIENT.GitCommit}\n`;

interface Component {
  readonly Name: string;
  readonly Version: string;
  readonly Details: Readonly<Record<string, string>>;
}

interface Server {
  readonly Components: readonly Component[];
}

const line = (indent: number, name: string, value: string): string => `${" ".repeat(indent)}${`${name}:`.padEnd(20 - indent)}${value}\n`;

function versionText(server: Server): string {
  const client = [
    ["Version", CLIENT.Version],
    ["API version", CLIENT.ApiVersion],
    ["Go version", CLIENT.GoVersion],
    ["Git commit", CLIENT.GitCommit],
    ["Built", CLIENT.BuildTime],
    ["OS/Arch", `${CLIENT.Os}/${CLIENT.Arch}`],
    ["Context", CLIENT.Context],
  ] as const;
  let text = `Client:\n${client.map(([name, value]) => line(1, name, value)).join("")}\nServer:\n`;
  for (const { Name, Version, Details } of server.Components) {
    text += ` ${Name}:\n${line(2, "Version", Version)}`;
    if (Name !== "Engine") {
      text += line(2, "GitCommit", Details.GitCommit ?? "");
      continue;
    }
    text += line(2, "API version", `${Details.ApiVersion} (minimum version ${Details.MinAPIVersion})`);
    text += line(2, "Go version", Details.GoVersion ?? "");
    text += line(2, "Git commit", Details.GitCommit ?? "");
    text += line(2, "Built", Details.BuildTime ?? "");
    text += line(2, "OS/Arch", `${Details.Os}/${Details.Arch}`);
    text += line(2, "Experimental", Details.Experimental ?? "");
  }
  return text;
}

export const versionVerb: Verb = {
  names: ["version"],
  top: "version",
  completes: "nothing",
  command: {
    usage: "[OPTIONS]",
    summary: "Show the Docker version information",
    options: `-f, --format string  ${DOCUMENT_FORMAT}`,
    least: 0,
    most: 0,
  },
  // biome-ignore lint/correctness/useYield: answers at once
  *run(process, flags) {
    const server = versionDocument();
    const format = flags.text("format");
    const whole: Json = { Client: CLIENT, Server: server };
    if (!format) process.stdout.write(versionText(server as unknown as Server));
    else if (format === "json") process.stdout.write(`${toJson(whole as Value)}\n`);
    else {
      const template = readTemplate(format);
      if (template instanceof TemplateError) {
        process.stderr.write(`template parsing error: ${template.message.replace("template: :", "template: version:")}\n`);
        return BAD_TEMPLATE;
      }
      const client = { ...CLIENT, APIVersion: CLIENT.ApiVersion };
      const fields = server as { readonly ApiVersion: string };
      const text = renderText(
        template,
        { Client: client, Server: { ...fields, APIVersion: fields.ApiVersion } } as Value,
        "system.versionInfo",
      );
      process.stdout.write(text instanceof TemplateError ? "\n" : `${text}\n`);
      if (text instanceof TemplateError)
        return fail(process, text.message.replace("template: :", "template: version:").replace('executing ""', 'executing "version"'));
    }
    return 0;
  },
};
