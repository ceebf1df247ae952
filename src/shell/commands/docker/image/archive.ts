/** `docker export`, `import`, `save`, `load` (cli/command/container/export.go, image/import.go, save.go, load.go). */
import { digestOf } from "../../../../engine/digest.ts";
import type { DockerEngine } from "../../../../engine/engine.ts";
import type { StoredImage } from "../../../../engine/images/store.ts";
import { type Container, EngineError, type Image, type Layer, type LayerEntry } from "../../../../engine/types.ts";
import type { Op } from "../../../../kernel/task.ts";
import { FileError, type FileSystem, resolvePath } from "../../../../kernel/vfs.ts";
import type { Process } from "../../../command.ts";
import { imageFiles } from "../../../image-files.ts";
import { entryAt } from "../../../image-layers.ts";
import { DockerfileError, parseDockerfile } from "../build/dockerfile.ts";
import { type ImageConfig, makeImage, SCRATCH, withChanges } from "../build/made.ts";
import { referenceError } from "../container/spec.ts";
import { daemonError, fail } from "../errors.ts";
import type { Flags } from "../flags.ts";
import { MANY, type Verb } from "../verb.ts";
import { readTar, writeTar } from "./tar.ts";

/** Trees that are no part of a container's own files. */
const VIRTUAL = ["/proc", "/sys", "/dev"];
const PROGRAM_FOLDERS = ["bin", "sbin", "usr/bin", "usr/sbin"];

/** All files below a folder, by path without a slash before it. */
function* filesBelow(fs: FileSystem, folder: string): Iterable<readonly [string, LayerEntry]> {
  const names = fs.list(folder);
  if (names instanceof FileError) return;
  for (const name of names) {
    const path = resolvePath(folder, name);
    const entry = entryAt(fs, path);
    if (!entry) continue;
    yield [path.slice(1), entry];
    if (entry.kind === "directory" && !VIRTUAL.includes(path)) yield* filesBelow(fs, path);
  }
}

/** Where an archive goes: a file, or the standard output where that is no terminal. */
function deliver(process: Process, flags: Flags, archive: () => string): number {
  const output = flags.text("output");
  if (output === undefined || output === "") {
    if (process.tty) return fail(process, "cowardly refusing to save to a terminal. Use the -o flag or redirect");
    process.stdout.write(archive());
    return 0;
  }
  const failed = process.fs.write(resolvePath(process.cwd, output), archive());
  return failed ? fail(process, `failed to write to output path: open ${output}: ${failed.message.toLowerCase()}`) : 0;
}

/** A container's files; one that has never started has those of its image. */
export function exportContainer(process: Process, container: Container, flags: Flags): number {
  const started = container.startedAt !== undefined;
  return deliver(process, flags, () => writeTar(filesBelow(started ? container.fs : imageFiles(process.machine, container.image), "/")));
}

export const exportVerb: Verb = {
  names: ["export"],
  top: "export",
  completes: "container",
  command: {
    usage: "[OPTIONS] CONTAINER",
    summary: "Export a container's filesystem as a tar archive",
    aliases: "docker container export, docker export",
    options: "-o, --output string  Write to a file, instead of STDOUT",
    least: 1,
    most: 1,
  },
  // biome-ignore lint/correctness/useYield: answers at once
  *run(process, flags, engine) {
    const container = engine.findContainer(flags.args[0] as string);
    if (container instanceof EngineError) return daemonError(process, container);
    engine.noteEvent(container, "export");
    return exportContainer(process, container, flags);
  },
};

/** What stands on standard input, or in a file; the text of an error is the client's. */
function* archiveFrom(process: Process, file: string): Op<string | { readonly refused: string }> {
  if (file !== "-") {
    const text = process.fs.read(resolvePath(process.cwd, file));
    return typeof text === "string" ? text : { refused: `open ${file}: ${text.message.toLowerCase()}` };
  }
  let text = "";
  for (let line = yield* process.stdin.readLine(); line !== undefined; line = yield* process.stdin.readLine()) text += `${line}\n`;
  return text;
}

/** What userland a tree of files is of, by what lies in it. */
function flavourOf(entries: ReadonlyMap<string, LayerEntry>): Image["flavour"] {
  const release = entries.get("etc/os-release");
  if (release?.kind === "file" && /^ID=alpine$/m.test(release.text)) return "alpine";
  if (entries.has("bin/bash") || entries.has("usr/bin/bash")) return "debian";
  return entries.has("bin/sh") || entries.has("bin/busybox") ? "busybox" : "scratch";
}

/** Without programs, which a userland brings along, and what is no file of its own. */
const ownFiles = (entries: ReadonlyMap<string, LayerEntry>): Layer =>
  new Map(
    [...entries].flatMap(([path, entry]) => {
      const program = PROGRAM_FOLDERS.some((folder) => path === folder || path.startsWith(`${folder}/`));
      return program || VIRTUAL.some((root) => `/${path}`.startsWith(root)) ? [] : [[`/${path}`, entry] as const];
    }),
  );

/** What may follow `-c` (validCommitCommands of builder/dockerfile/builder.go). */
const CHANGES = new Set("CMD ENTRYPOINT ENV EXPOSE HEALTHCHECK LABEL ONBUILD STOPSIGNAL USER VOLUME WORKDIR".split(" "));

/** A configuration after the instructions of `-c`. */
export function changedConfig(config: ImageConfig, changes: readonly string[]): ImageConfig | string {
  if (changes.length === 0) return config;
  const words = changes.map((change) => change.trim().split(/\s/)[0] as string);
  const wrong = words.find((word) => word !== "" && !CHANGES.has(word.toUpperCase()));
  if (wrong !== undefined) return `Error response from daemon: ${wrong} is not a valid change command`;
  const instructions = parseDockerfile(`${changes.join("\n")}\n`, "Dockerfile");
  const changed = instructions instanceof DockerfileError ? instructions : withChanges(config, instructions);
  return changed instanceof DockerfileError ? `Error response from daemon: ${changed.message}` : changed;
}

/** Keeps an image, under a name when one is given, and says its id; the status. */
export function keepImage(process: Process, engine: DockerEngine, image: StoredImage, name: string | undefined): number {
  const refused = engine.addImage(image) ?? (name === undefined ? undefined : engine.tagImage(image.id, name));
  return refused ? daemonError(process, refused) : 0;
}

export const importVerb: Verb = {
  names: ["import"],
  top: "import",
  completes: "nothing",
  command: {
    usage: "[OPTIONS] file|URL|- [REPOSITORY[:TAG]]",
    summary: "Import the contents from a tarball to create a filesystem image",
    aliases: "docker image import, docker import",
    options: `-c, --change list  Apply Dockerfile instruction to the created image
-m, --message string  Set commit message for imported image
--platform string  Set platform if server is multi-platform capable`,
    least: 1,
    most: MANY,
  },
  *run(process, flags, engine) {
    const [file = "", name] = flags.args;
    if (flags.has("platform")) return fail(process, "docker import: --platform is not supported here; images are of linux/amd64");
    if (/^https?:\/\//.test(file))
      return fail(process, "docker import: an archive on another host is not supported here; a file of this one is");
    const wrong = name === undefined ? undefined : referenceError(name);
    if (wrong) return fail(process, wrong);
    const text = yield* archiveFrom(process, file);
    if (typeof text !== "string") return fail(process, text.refused);
    const entries = readTar(text);
    if (!entries) return fail(process, "Error response from daemon: archive/tar: invalid tar header");
    const config = changedConfig(SCRATCH, flags.list("change"));
    if (typeof config === "string") return fail(process, config);
    const comment = flags.text("message") ?? "Imported from -";
    const flavour = flavourOf(entries);
    const { kernel } = process.machine;
    const image = makeImage(kernel, { parent: undefined, flavour, config, layer: ownFiles(entries), createdBy: "", comment });
    const status = keepImage(process, engine, image, name);
    if (status === 0) process.stdout.write(`${image.id}\n`);
    return status;
  },
};

const text = (value: string): LayerEntry => ({ kind: "file", text: value, mode: 0o644 });
const blob = (digest: string): string => `blobs/sha256/${digest}`;

/** A layer as an archive: what is gone is a file named after it (".wh.NAME"). */
function layerTar(layer: Layer): string {
  const entries = [...layer].map(([path, entry]): readonly [string, LayerEntry] => {
    if (entry) return [path.slice(1), entry];
    const at = path.lastIndexOf("/") + 1;
    return [`${path.slice(1, at)}.wh.${path.slice(at)}`, text("")];
  });
  return writeTar(entries);
}

function layerFrom(archive: string): Layer | undefined {
  const entries = readTar(archive);
  if (!entries) return undefined;
  return new Map(
    [...entries].map(([path, entry]) => {
      const gone = /^(.*\/)?\.wh\.([^/]+)$/.exec(path);
      return gone ? ([`/${gone[1] ?? ""}${gone[2]}`, undefined] as const) : ([`/${path}`, entry] as const);
    }),
  );
}

/** Images with all that they are made of, as one archive (the layout of OCI, with the engine's manifest). */
function savedImages(images: ReadonlyMap<string, readonly StoredImage[]>): string {
  const files = new Map<string, LayerEntry>();
  const manifest = [];
  for (const [id, named] of images) {
    const image = named[0] as StoredImage;
    const layers = (image.made?.layers ?? []).map(layerTar);
    for (const layer of layers) files.set(blob(digestOf(layer)), text(layer));
    const { made, reference: _, ...rest } = image;
    const { layers: __, ...about } = made ?? { layers: [] };
    const digest = id.replace("sha256:", "");
    files.set(blob(digest), text(JSON.stringify({ ...rest, base: made?.base ?? image.reference, ...(made ? { made: about } : {}) })));
    manifest.push({
      Config: blob(digest),
      RepoTags: named.map(({ reference }) => reference).filter((reference) => reference !== ""),
      Layers: layers.map((layer) => blob(digestOf(layer))),
    });
  }
  const repositories = Object.fromEntries(manifest.flatMap(({ RepoTags, Config }) => RepoTags.map((tag) => [tag, Config] as const)));
  return writeTar([
    ["blobs", { kind: "directory", mode: 0o755 }],
    ["blobs/sha256", { kind: "directory", mode: 0o755 }],
    ...files,
    ["index.json", text(JSON.stringify({ schemaVersion: 2, manifests: manifest.map(({ Config }) => ({ digest: Config })) }))],
    ["manifest.json", text(JSON.stringify(manifest))],
    ["oci-layout", text('{"imageLayoutVersion":"1.0.0"}')],
    ["repositories", text(JSON.stringify(repositories))],
  ]);
}

export const saveVerb: Verb = {
  names: ["save"],
  top: "save",
  completes: "image",
  command: {
    usage: "[OPTIONS] IMAGE [IMAGE...]",
    summary: "Save one or more images to a tar archive (streamed to STDOUT by default)",
    aliases: "docker image save, docker save",
    options: `-o, --output string  Write to a file, instead of STDOUT
--platform string  Save only the given platform variant. Formatted as "os[/arch[/variant]]" (e.g., "linux/amd64")`,
    least: 1,
    most: MANY,
  },
  *run(process, flags, engine) {
    const images = new Map<string, StoredImage[]>();
    for (const name of flags.args) {
      const image = engine.findImage(name);
      if (!image) return fail(process, `Error response from daemon: No such image: ${name}`);
      images.set(image.id, [...(images.get(image.id) ?? []), image]);
    }
    return deliver(process, flags, () => savedImages(images));
  },
};

const isRecord = (value: unknown): value is { readonly [key: string]: unknown } =>
  typeof value === "object" && value !== null && !Array.isArray(value);
const words = (value: unknown): readonly string[] => (Array.isArray(value) ? value.filter((one) => typeof one === "string") : []);
const word = (value: unknown): string => (typeof value === "string" ? value : "");
const count = (value: unknown): number => (typeof value === "number" && Number.isFinite(value) ? value : 0);

function parsed(entry: LayerEntry | undefined): unknown {
  try {
    return entry?.kind === "file" ? JSON.parse(entry.text) : undefined;
  } catch {
    return undefined;
  }
}

/** An image out of an archive that anybody may have written: nothing is taken for what it says it is. */
function imageFrom(document: unknown, layers: readonly Layer[]): StoredImage | undefined {
  if (!isRecord(document)) return undefined;
  const id = word(document.id);
  const flavour = (["debian", "alpine", "busybox", "scratch"] as const).find((one) => one === document.flavour);
  if (!/^sha256:[0-9a-f]{64}$/.test(id) || !flavour) return undefined;
  const image: StoredImage = {
    reference: "",
    id,
    pulled: count(document.pulled),
    digest: "",
    created: count(document.created),
    flavour,
    size: Math.max(0, count(document.size)),
    command: words(document.command),
    entrypoint: words(document.entrypoint),
    env: words(document.env),
    exposed: words(document.exposed),
    workingDir: word(document.workingDir),
  };
  const made = isRecord(document.made) ? document.made : {};
  const labels = isRecord(made.labels) ? made.labels : {};
  const history = (Array.isArray(made.history) ? made.history : []).filter(isRecord).slice(0, 500);
  return {
    ...image,
    made: {
      base: word(document.base),
      parent: "",
      author: word(made.author),
      comment: word(made.comment),
      layers,
      history: history.map((step) => ({
        id: word(step.id),
        created: count(step.created),
        createdBy: word(step.createdBy),
        comment: word(step.comment),
        size: Math.max(0, count(step.size)),
      })),
      user: word(made.user),
      labels: Object.fromEntries(Object.entries(labels).map(([key, value]) => [key, word(value)])),
      volumes: words(made.volumes),
      stopSignal: word(made.stopSignal),
      onBuild: words(made.onBuild),
      shell: words(made.shell),
    },
  };
}

/** Loads the images of an archive; lines to tell, or the daemon's refusal. */
function load(engine: DockerEngine, archive: string): readonly string[] | string {
  const files = readTar(archive);
  if (!files) return "unexpected EOF";
  const manifest = parsed(files.get("manifest.json"));
  if (!Array.isArray(manifest))
    return "Error response from daemon: open /var/lib/docker/tmp/docker-import/repositories: no such file or directory";
  const lines: string[] = [];
  for (const entry of manifest.filter(isRecord)) {
    const layers = words(entry.Layers).map((path) => {
      const file = files.get(path);
      return file?.kind === "file" ? layerFrom(file.text) : undefined;
    });
    const image = imageFrom(
      parsed(files.get(word(entry.Config))),
      layers.filter((layer) => layer !== undefined),
    );
    if (!image || layers.includes(undefined)) return "Error response from daemon: invalid manifest, layers length mismatch";
    const there = engine.findImage(image.id);
    const refused = there ? undefined : engine.addImage(image);
    if (refused) return `Error response from daemon: ${refused.message}`;
    const tags = words(entry.RepoTags).filter((tag) => referenceError(tag) === undefined);
    for (const tag of tags) {
      engine.tagImage(image.id, tag);
      lines.push(`Loaded image: ${tag}`);
    }
    if (tags.length === 0) lines.push(`Loaded image ID: ${image.id}`);
  }
  return lines;
}

export const loadVerb: Verb = {
  names: ["load"],
  top: "load",
  completes: "nothing",
  command: {
    usage: "[OPTIONS]",
    summary: "Load an image from a tar archive or STDIN",
    aliases: "docker image load, docker load",
    options: `-i, --input string  Read from tar archive file, instead of STDIN
--platform string  Load only the given platform variant. Formatted as "os[/arch[/variant]]" (e.g., "linux/amd64")
-q, --quiet  Suppress the load output`,
    least: 0,
    most: 0,
  },
  *run(process, flags, engine) {
    const input = flags.text("input");
    if (input === undefined && process.tty) return fail(process, "requested load from stdin, but stdin is empty");
    const archive = yield* archiveFrom(process, input ?? "-");
    if (typeof archive !== "string") return fail(process, archive.refused);
    const told = load(engine, archive);
    if (typeof told === "string") return fail(process, told);
    for (const line of told) process.stdout.write(`${line}\n`);
    return 0;
  },
};
