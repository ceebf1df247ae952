/** `docker inspect` and its kin: documents, or a template over each (cli/command/inspect). */
import type { DockerEngine, Json } from "../../../engine/engine.ts";
import { inspectContainer, inspectImage, inspectNetwork } from "../../../engine/inspect/index.ts";
import { EngineError } from "../../../engine/types.ts";
import type { Process } from "../../command.ts";
import { decode, decodeUntyped } from "./documents.ts";
import { DOCUMENT_FORMAT, type Subcommand } from "./subcommand.ts";
import { readTemplate, renderText, toJson, type Value } from "./template/execute.ts";
import { TemplateError } from "./template/lexer.ts";
import type { Template } from "./template/parse.ts";
import { MANY, type Verb } from "./verb.ts";

/** The status of a template that cannot be read (cli.StatusError). */
const BAD_TEMPLATE = 64;

/** What is refused by the client itself. */
export class ClientError {
  readonly message: string;

  constructor(message: string) {
    this.message = message;
  }
}

/** A document and the Go type that the client decodes it into. */
interface Found {
  readonly document: Json;
  readonly type: string;
}

type Finding = Found | EngineError | ClientError;

/** A template over a document: as the client's types have it, and where that fails over the document as it came (TemplateInspector). */
function renderDocument(template: Template, { document, type }: Found): string | TemplateError {
  const text = renderText(template, decode(document, type), type);
  // A volume's text is not kept beside it.
  return text instanceof TemplateError && type !== "volume.Volume" ? renderText(template, decodeUntyped(document)) : text;
}

/** Prints what was found for each reference, in the order asked for; what was not found, or could not be rendered, is told at the end, with status 1. */
export function printDocuments(
  process: Process,
  references: readonly string[],
  find: (reference: string) => Finding,
  format: string | undefined,
): number {
  const plain = format === undefined || format === "";
  const template = plain || format === "json" ? undefined : readTemplate(format);
  if (template instanceof TemplateError) {
    process.stderr.write(`template parsing error: ${template.message}\n`);
    return BAD_TEMPLATE;
  }
  const found: Found[] = [];
  const errors: string[] = [];
  let rendered = "";
  for (const reference of references) {
    const one = find(reference);
    if (one instanceof EngineError)
      errors.push(/^No such object/.test(one.message) ? `Error: ${one.message}` : `Error response from daemon: ${one.message}`);
    else if (one instanceof ClientError) errors.push(one.message);
    else if (template) {
      const text = renderDocument(template, one);
      if (text instanceof TemplateError) errors.push(`template parsing error: ${text.message}`);
      else rendered += `${text}\n`;
    } else found.push(one);
  }
  const documents = found.map(({ document }) => document);
  if (template) process.stdout.write(rendered || "\n");
  else if (plain) process.stdout.write(found.length === 0 ? "[]\n" : `${JSON.stringify(documents, null, 4)}\n`);
  else process.stdout.write(`${toJson(documents as Value)}\n`);
  for (const error of errors) process.stderr.write(`${error}\n`);
  return errors.length > 0 ? 1 : 0;
}

const FORMAT = `-f, --format string  ${DOCUMENT_FORMAT}`;

const EMPTY: Readonly<Record<string, string>> = {
  container: "invalid container name or ID: value is empty",
  network: "invalid network name or ID: value is empty",
  image: "invalid image name or ID: value is empty",
  volume: "invalid volume name or ID: value is empty",
};

/** Looks one thing up among those of a kind. */
function finder(engine: DockerEngine, kind: "container" | "network" | "image" | "volume", size = false): (reference: string) => Finding {
  return (reference) => {
    if (reference.trim() === "") return new ClientError(EMPTY[kind] as string);
    switch (kind) {
      case "container": {
        const container = engine.findContainer(reference);
        if (container instanceof EngineError) return container;
        const document = inspectContainer(engine, container);
        return {
          type: "container.InspectResponse",
          document: size ? { ...(document as object), SizeRw: 0, SizeRootFs: container.image.size } : document,
        };
      }
      case "network": {
        const network = engine.findNetwork(reference);
        return network instanceof EngineError ? network : { type: "network.Inspect", document: inspectNetwork(engine, network) };
      }
      case "image": {
        const image = engine.findImage(reference);
        return image ? { type: "image.InspectResponse", document: inspectImage(engine, image) } : engine.imageNotFound(reference);
      }
      case "volume": {
        const volume = engine.findVolume(reference);
        return volume instanceof EngineError ? volume : { type: "volume.Volume", document: engine.inspectVolume(volume) };
      }
    }
  };
}

const COMMANDS: Readonly<Record<"container" | "network" | "image" | "volume", Pick<Subcommand, "usage" | "summary" | "options">>> = {
  container: {
    usage: "[OPTIONS] CONTAINER [CONTAINER...]",
    summary: "Display detailed information on one or more containers",
    options: `${FORMAT}\n-s, --size  Display total file sizes`,
  },
  network: {
    usage: "[OPTIONS] NETWORK [NETWORK...]",
    summary: "Display detailed information on one or more networks",
    options: `${FORMAT}\n-v, --verbose  Verbose output for diagnostics`,
  },
  image: {
    usage: "[OPTIONS] IMAGE [IMAGE...]",
    summary: "Display detailed information on one or more images",
    options: `${FORMAT}
--platform string  Inspect a specific platform of the multi-platform image.
| If the image or the server is not multi-platform capable, the command will error out if the platform does not match.
| 'os[/arch[/variant]]': Explicit platform (eg. linux/amd64)`,
  },
  volume: { usage: "[OPTIONS] VOLUME [VOLUME...]", summary: "Display detailed information on one or more volumes", options: FORMAT },
};

/** `docker network inspect` and its like. */
export const documentVerb = (kind: "container" | "network" | "image" | "volume"): Verb => ({
  names: ["inspect"],
  completes: kind,
  command: { ...COMMANDS[kind], least: 1, most: MANY },
  // biome-ignore lint/correctness/useYield: answers at once
  *run(process, flags, engine) {
    return printDocuments(process, flags.args, finder(engine, kind, kind === "container" && flags.on("size")), flags.text("format"));
  },
});

const TYPES = ["config", "container", "image", "network", "node", "plugin", "secret", "service", "task", "volume"];
const KINDS = ["container", "image", "network", "volume"] as const;

/** `docker inspect`: whatever has that name, containers first. */
export const inspectVerb: Verb = {
  names: ["inspect"],
  top: "inspect",
  completes: "container",
  command: {
    usage: "[OPTIONS] NAME|ID [NAME|ID...]",
    summary: "Return low-level information on Docker objects",
    options: `${FORMAT}
-s, --size  Display total file sizes if the type is container
--type string  Only inspect objects of the given type`,
    least: 1,
    most: MANY,
  },
  *run(process, flags, engine) {
    const type = flags.text("type");
    if (type !== undefined && !TYPES.includes(type)) {
      const quoted = TYPES.map((one) => `"${one}"`).join(", ");
      process.stderr.write(
        type === "" ? `type is empty: must be one of ${quoted}\n` : `unknown type: ${JSON.stringify(type)}: must be one of ${quoted}\n`,
      );
      return 1;
    }
    if (flags.on("size") && type !== undefined && type !== "" && type !== "container")
      process.stderr.write(`WARNING: --size ignored for ${type}\n`);
    const kind = KINDS.find((one) => one === type);
    const find = (reference: string): Finding => {
      if (kind) return finder(engine, kind, flags.on("size"))(reference);
      if (type !== undefined) return new EngineError(`No such ${type}: ${reference}`, 404);
      if (reference.trim() === "") return new ClientError(EMPTY.container as string);
      for (const one of KINDS) {
        const found = finder(engine, one, one === "container" && flags.on("size"))(reference);
        if (found instanceof EngineError || found instanceof ClientError) continue;
        if (flags.on("size") && one !== "container") process.stderr.write(`WARNING: --size ignored for ${one}\n`);
        return found;
      }
      return new EngineError(`No such object: ${reference}`, 404);
    };
    return printDocuments(process, flags.args, find, flags.text("format"));
  },
};
