/** `docker run` and `docker create` (cli/command/container/run.go, create.go). */
import type { DockerEngine } from "../../../../engine/engine.ts";
import { EngineError } from "../../../../engine/types.ts";
import type { Op } from "../../../../kernel/task.ts";
import { resolvePath } from "../../../../kernel/vfs.ts";
import type { Process } from "../../../command.ts";
import { attachTo, detachKeysError } from "../attach.ts";
import { daemonError, fail } from "../errors.ts";
import type { Flags } from "../flags.ts";
import { pullProgress } from "../image/pull.ts";
import type { Verb } from "../verb.ts";
import { CREATE, containerSpecOf, RUN } from "./spec.ts";

const EXIT_REFUSED = 125;
const EXIT_NOT_EXECUTABLE = 126;
const EXIT_NOT_FOUND = 127;

type Verbs = "run" | "create";

/** `run` tells with its name, a hint, and status 125; `create` as any command does. */
function refuse(process: Process, verb: Verbs, message: string, byClient: boolean, status = EXIT_REFUSED): number {
  if (verb === "create" && !byClient) {
    process.stderr.write(`${message}\n`);
    return 1;
  }
  process.stderr.write(`docker: ${message}\n\nRun 'docker ${verb} --help' for more information\n`);
  return status;
}

const canonical = (image: string): string => (/[:@]/.test(image.slice(image.lastIndexOf("/") + 1)) ? image : `${image}:latest`);

function* make(process: Process, flags: Flags, engine: DockerEngine, verb: Verbs): Op<string | number> {
  const spec = containerSpecOf(process, flags);
  if (typeof spec === "string") return refuse(process, verb, spec, !spec.startsWith("Error response from daemon: "));
  const policy = flags.text("pull") ?? "missing";
  if (!["always", "missing", "never"].includes(policy))
    return refuse(process, verb, `invalid pull option: '${policy}': must be one of "always", "missing" or "never"`, true);
  const idFile = flags.text("cidfile");
  const idPath = idFile === undefined ? undefined : resolvePath(process.cwd, idFile);
  if (idPath !== undefined && process.fs.exists(idPath))
    return refuse(process, verb, `container ID file found, make sure the other container isn't running or delete ${idFile}`, true);
  const tell = (error: EngineError): number => refuse(process, verb, `Error response from daemon: ${error.message}`, false);
  const pull = function* (): Op<EngineError | undefined> {
    const pulled = yield* engine.pull(spec.image, flags.on("quiet") ? () => {} : pullProgress(process.stderr, process));
    return pulled instanceof EngineError ? pulled : undefined;
  };
  if (policy === "always") {
    const refused = yield* pull();
    if (refused) return tell(refused);
  }
  let made = yield* engine.createContainer(spec);
  if (made instanceof EngineError && made.status === 404 && /^No such image/.test(made.message) && policy === "missing") {
    if (!flags.on("quiet")) process.stderr.write(`Unable to find image '${canonical(spec.image)}' locally\n`);
    const refused = yield* pull();
    if (refused) return tell(refused);
    made = yield* engine.createContainer(spec);
  }
  if (made instanceof EngineError) return tell(made);
  const local = spec.dns.find((address) => /^(127(\.\d{1,3}){3}|::1)$/.test(address));
  const warnings = [...made.warnings, ...(local === undefined ? [] : [`Localhost DNS (${local}) may fail in containers.`])];
  for (const warning of warnings) process.stderr.write(`WARNING: ${warning}\n`);
  const unwritten = idPath === undefined ? undefined : process.fs.write(idPath, made.id);
  if (unwritten)
    return refuse(process, verb, `failed to create the container ID file: open ${idFile}: ${unwritten.message.toLowerCase()}`, true);
  return made.id;
}

/** The status of a container that could not be started: 127 without its program, 126 when that cannot be run. */
function statusOfStart(message: string): number {
  if (/executable file not found|no such file or directory|system cannot find the file/.test(message)) return EXIT_NOT_FOUND;
  return /permission denied|not a directory/.test(message) ? EXIT_NOT_EXECUTABLE : EXIT_REFUSED;
}

function* run(process: Process, flags: Flags, engine: DockerEngine): Op<number> {
  const detach = flags.on("detach");
  const wrongKeys = detachKeysError(flags.text("detach-keys"));
  if (wrongKeys) return refuse(process, "run", wrongKeys, true);
  if (detach && flags.list("attach").length > 0) return fail(process, "conflicting options: cannot specify both --attach and --detach");
  if (!detach && flags.on("tty") && flags.on("interactive") && !(process.tty && process.stdin === process.tty)) {
    process.stderr.write("the input device is not a TTY\n");
    return 1;
  }
  const id = yield* make(process, flags, engine, "run");
  if (typeof id === "number") return id;
  const start = function* (): Op<number | undefined> {
    const refused = yield* engine.startContainer(id);
    if (!refused) return undefined;
    return refuse(process, "run", `Error response from daemon: ${refused.message}`, false, statusOfStart(refused.message));
  };
  if (detach) {
    // The id comes before the start, whether or not that succeeds.
    process.stdout.write(`${id}\n`);
    return (yield* start()) ?? 0;
  }
  const container = engine.findContainer(id);
  if (container instanceof EngineError) return daemonError(process, container);
  return yield* attachTo(process, engine, container, {
    start,
    signals: flags.text("sig-proxy") !== "false",
  });
}

export const runVerb: Verb = { names: ["run"], top: "run", completes: "image", command: RUN, run };

export const createVerb: Verb = {
  names: ["create"],
  top: "create",
  completes: "image",
  command: CREATE,
  *run(process, flags, engine) {
    const id = yield* make(process, flags, engine, "create");
    if (typeof id === "number") return id;
    process.stdout.write(`${id}\n`);
    return 0;
  },
};
