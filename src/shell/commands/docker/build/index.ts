/** `docker build` with the classic builder, as the client has it where BuildKit's plugin is not there (cli/command/image/build.go). */
import type { DockerEngine } from "../../../../engine/engine.ts";
import type { Op } from "../../../../kernel/task.ts";
import { resolvePath } from "../../../../kernel/vfs.ts";
import type { Process } from "../../../command.ts";
import { referenceError } from "../container/spec.ts";
import { confirmed, fail } from "../errors.ts";
import { type Flags, record } from "../flags.ts";
import { humanSize } from "../times.ts";
import type { Group, Verb } from "../verb.ts";
import { BuildError, Builder, type BuildTelling } from "./builder.ts";
import { archiveSize, type BuildContext, readContext } from "./context.ts";
import { DockerfileError, parseDockerfile } from "./dockerfile.ts";

const DEPRECATED = `DEPRECATED: The legacy builder is deprecated and will be removed in a future release.
            Install the buildx component to build images with BuildKit:
            https://docs.docker.com/go/buildx/

`;

const UNSUPPORTED = [
  "cache-from",
  "cgroup-parent",
  "compress",
  "cpu-period",
  "cpu-quota",
  "cpu-shares",
  "cpuset-cpus",
  "cpuset-mems",
  "isolation",
  "memory",
  "memory-swap",
  "platform",
  "security-opt",
  "shm-size",
  "ulimit",
];

const short = (id: string): string => id.replace("sha256:", "").slice(0, 12);

/** The classic builder's own lines; what a step says of errors is red. */
function classicTelling({ stdout }: Process): BuildTelling {
  const say = (text: string): void => stdout.write(text);
  return {
    step: (at, all, { original }) => say(`Step ${at}/${all} : ${original}\n`),
    cached: () => say(" ---> Using cache\n"),
    running: (container) => say(` ---> Running in ${short(container)}\n`),
    removed: (container) => say(` ---> Removed intermediate container ${short(container)}\n`),
    made: (id) => say(` ---> ${short(id)}\n`),
    output: (text, stream) => say(stream === "stdout" ? text : `\u001b[91m${text}\u001b[0m`),
    pulling: say,
    unused: (args) => say(`[Warning] One or more build-args [${args.join(" ")}] were not consumed\n`),
    built: (id) => say(`Successfully built ${short(id)}\n`),
  };
}

const nothing = (): void => {};

/** For whoever only wants the image. */
export const SILENT: BuildTelling = {
  step: nothing,
  cached: nothing,
  running: nothing,
  removed: nothing,
  made: nothing,
  output: nothing,
  pulling: nothing,
  unused: nothing,
  built: nothing,
};

/** The Dockerfile's text, its name, and what goes along with it. */
interface Given {
  readonly text: string;
  readonly name: string;
  readonly context: BuildContext;
}

function* readInput(process: Process): Op<string> {
  let text = "";
  for (let line = yield* process.stdin.readLine(); line !== undefined; line = yield* process.stdin.readLine()) text += `${line}\n`;
  return text;
}

const unprepared = (what: string): string => `unable to prepare context: ${what}`;

/** What is to be built; the text is the client's refusal. */
function* given(process: Process, flags: Flags): Op<Given | string> {
  const [where = ""] = flags.args;
  const { fs, cwd } = process;
  const file = flags.text("file");
  if (where === "-" || file === "-") {
    if (where === "-" && file !== undefined && file !== "Dockerfile" && file !== "-")
      return "docker build: an archive on standard input is not supported here; a Dockerfile on it is";
    if (where === "-" && file === "-") return "invalid argument: can't use stdin for both build context and dockerfile";
    const text = yield* readInput(process);
    const folder = where === "-" ? undefined : resolvePath(cwd, where);
    if (folder !== undefined && !fs.isDirectory(folder)) return unprepared(`path ${JSON.stringify(where)} not found`);
    const context = folder === undefined ? new Map() : readContext(fs, folder, "");
    if (typeof context === "string") return unprepared(context);
    return { text, name: "Dockerfile", context: new Map([...context, ["Dockerfile", { kind: "file", text, mode: 0o600 }]]) };
  }
  if (/^(https?|git):\/\/|^git@|^github\.com\//.test(where))
    return `docker build: a context on another host is not supported here; a folder of this one is`;
  const folder = resolvePath(cwd, where);
  if (!fs.exists(folder)) return unprepared(`path ${JSON.stringify(where)} not found`);
  if (!fs.isDirectory(folder)) return unprepared(`context must be a directory: ${folder}`);
  // -f goes from where one stands, and falls back on the context's folder.
  const fromHere = file === undefined ? resolvePath(folder, "Dockerfile") : resolvePath(cwd, file);
  const path = file !== undefined && !fs.exists(fromHere) ? resolvePath(folder, file) : fromHere;
  const text = fs.read(path);
  if (!fs.exists(path)) return unprepared(`unable to evaluate symlinks in Dockerfile path: lstat ${path}: no such file or directory`);
  if (typeof text !== "string") return unprepared(`read ${path}: ${text.message.toLowerCase()}`);
  const name = path.startsWith(`${folder === "/" ? "" : folder}/`) ? path.slice(folder === "/" ? 1 : folder.length + 1) : undefined;
  if (name === undefined) return unprepared("the Dockerfile must be within the build context");
  const context = readContext(fs, folder, name);
  return typeof context === "string" ? unprepared(context) : { text, name, context };
}

/** NAME=value, or NAME alone for what the environment has. */
function argsOf(process: Process, flags: Flags): ReadonlyMap<string, string> {
  const args = new Map<string, string>();
  for (const word of flags.list("build-arg")) {
    const [name = "", value] = word.split(/=(.*)/s);
    const found = value ?? process.env.get(name);
    if (found !== undefined) args.set(name, found);
  }
  return args;
}

function* build(process: Process, flags: Flags, engine: DockerEngine): Op<number> {
  const unsupported = UNSUPPORTED.find((name) => flags.has(name));
  if (unsupported)
    return fail(process, `docker build: --${unsupported} is not supported here; -t, -f, --build-arg, --label, --target and --no-cache are`);
  const prepared = yield* given(process, flags);
  if (typeof prepared === "string") return fail(process, prepared);
  const quiet = flags.on("quiet");
  if (!quiet)
    process.stdout.write(`Sending build context to Docker daemon ${humanSize(archiveSize(prepared.context), 4).padStart(8)}\r\r\n`);
  const instructions = parseDockerfile(prepared.text, prepared.name);
  if (instructions instanceof DockerfileError) return fail(process, `Error response from daemon: ${instructions.message}`);
  const builder = new Builder(
    process,
    engine,
    {
      instructions,
      context: prepared.context,
      args: argsOf(process, flags),
      labels: record(flags.list("label")),
      target: flags.text("target"),
      usesCache: !flags.on("no-cache"),
      pulls: flags.on("pull"),
      removes: flags.text("rm") !== "false",
      forceRemoves: flags.on("force-rm"),
      networkMode: flags.text("network") ?? "default",
      extraHosts: flags.list("add-host"),
    },
    quiet ? SILENT : classicTelling(process),
  );
  const image = yield* builder.build();
  if (image instanceof BuildError) {
    process.stderr.write(`${image.message}\n`);
    return image.status;
  }
  const iidFile = flags.text("iidfile");
  const failed = iidFile === undefined ? undefined : process.fs.write(resolvePath(process.cwd, iidFile), image.id);
  if (failed) return fail(process, `open ${iidFile}: ${failed.message.toLowerCase()}`);
  for (const tag of flags.list("tag")) {
    engine.tagImage(image.id, tag);
    if (!quiet) process.stdout.write(`Successfully tagged ${engine.findImage(tag)?.reference ?? tag}\n`);
  }
  if (quiet) process.stdout.write(`${image.id}\n`);
  return 0;
}

export const buildVerb: Verb = {
  names: ["build"],
  top: "build",
  completes: "nothing",
  command: {
    usage: "[OPTIONS] PATH | URL | -",
    summary: "Build an image from a Dockerfile",
    aliases: "docker image build, docker build, docker builder build",
    notice: DEPRECATED,
    checks: { tag: referenceError },
    options: `--add-host list  Add a custom host-to-IP mapping ("host:ip")
--build-arg list  Set build-time variables
--cache-from strings  Images to consider as cache sources
--cgroup-parent string  Set the parent cgroup for the "RUN" instructions during build
--compress  Compress the build context using gzip
--cpu-period int  Limit the CPU CFS (Completely Fair Scheduler) period
--cpu-quota int  Limit the CPU CFS (Completely Fair Scheduler) quota
-c, --cpu-shares int  CPU shares (relative weight)
--cpuset-cpus string  CPUs in which to allow execution (0-3, 0,1)
--cpuset-mems string  MEMs in which to allow execution (0-3, 0,1)
--disable-content-trust  Skip image verification (default true)
-f, --file string  Name of the Dockerfile (Default is "PATH/Dockerfile")
--force-rm  Always remove intermediate containers
--iidfile string  Write the image ID to the file
--isolation string  Container isolation technology
--label list  Set metadata for an image
-m, --memory bytes  Memory limit
--memory-swap bytes  Swap limit equal to memory plus swap: -1 to enable unlimited swap
--network string  Set the networking mode for the RUN instructions during build (default "default")
--no-cache  Do not use cache when building the image
--platform string  Set platform if server is multi-platform capable
--pull  Always attempt to pull a newer version of the image
-q, --quiet  Suppress the build output and print image ID on success
--rm  Remove intermediate containers after a successful build (default true)
--security-opt strings  Security options
--shm-size bytes  Size of "/dev/shm"
-t, --tag list  Name and optionally a tag in the "name:tag" format
--target string  Set the target build stage to build.
--ulimit ulimit  Ulimit options (default [])`,
    least: 1,
    most: 1,
  },
  run: build,
};

/** `docker builder prune`: the classic builder keeps nothing that is no image. */
const pruneVerb: Verb = {
  names: ["prune"],
  completes: "nothing",
  command: {
    usage: "",
    summary: "Remove build cache",
    notice: DEPRECATED,
    options: `-a, --all  Remove all unused build cache, not just dangling ones
--filter filter  Provide filter values (e.g. "until=24h")
-f, --force  Do not prompt for confirmation
--keep-storage bytes  Amount of disk space to keep for cache`,
    least: 0,
    most: 0,
  },
  *run(process, flags, engine) {
    const warning = flags.on("all") ? "WARNING! This will remove all build cache." : "WARNING! This will remove all dangling build cache.";
    if (!(yield* confirmed(process, flags.on("force"), warning))) return 0;
    engine.notePruned("builder", 0);
    process.stdout.write("Total reclaimed space: 0B\n");
    return 0;
  },
};

export const builderGroup: Group = {
  name: "builder",
  summary: "Manage builds",
  notice: DEPRECATED,
  verbs: [{ ...buildVerb, top: "" }, pruneVerb],
};
