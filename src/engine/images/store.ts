/** The images that the host has, and the registries that it pulls from (daemon/images, Docker Hub). */
import type { Kernel } from "../../kernel/kernel.ts";
import { type Op, sleep } from "../../kernel/task.ts";
import { digestOf } from "../digest.ts";
import { type Filters, matchesLabels, refuseUnknown } from "../filters.ts";
import { EngineError, type Image } from "../types.ts";
import { type ImageContent, NAMESPACED, OFFICIAL, UNKNOWN_CONTENT, withTag } from "./catalogue.ts";
import { canonical, familiar, familiarName, type ImageReference, isOfficial, parseReference } from "./reference.ts";

const MS = 1000;
const SECOND = 1_000_000;
const DAY = 86_400 * SECOND;
/** Digits of a layer's id as the client shows it. */
const LAYER_ID_LENGTH = 12;
const BYTES_A_LAYER = 40_000_000;
const MAX_LAYERS = 7;
/** Nothing typed may fill memory with names of images. */
const MAX_IMAGES = 2000;
/** Characters of all layers that were made here. */
const MAX_LAYERS_LENGTH = 48_000_000;

/** An image under one of its names, with what `docker images` adds. */
export interface StoredImage extends Image {
  /** µs of virtual time at which it came here. */
  readonly pulled: number;
  /** The registry's digest; "" for what came from none. */
  readonly digest: string;
}

/** Who holds on to images. */
export interface ImageUsers {
  /** The id of a container that has the image, one that runs before others. */
  user(image: Image): { readonly id: string; readonly running: boolean } | undefined;
}

export class ImageStore {
  readonly #kernel: Kernel;
  /** By name and tag; what has lost its last name is under its id. */
  readonly #images = new Map<string, StoredImage>();

  constructor(kernel: Kernel, local: readonly string[]) {
    this.#kernel = kernel;
    for (const name of local) {
      const reference = parseReference(name);
      if (reference) this.#add(reference);
    }
  }

  /** The newest first, by the second, then by repository and tag. */
  all(): readonly StoredImage[] {
    const second = ({ created }: StoredImage): number => Math.floor(created / SECOND);
    return [...this.#images.values()].sort(
      (a, b) => second(b) - second(a) || (a.reference < b.reference ? -1 : a.reference > b.reference ? 1 : 0),
    );
  }

  /** Without `everything`, what is only a step of other images is left out. */
  list(filters: Filters, everything: boolean): readonly StoredImage[] | EngineError {
    const shown = everything ? this.all() : this.all().filter((image) => image.reference !== "" || !this.#isParent(image.id));
    return refuseUnknown(filters, ["before", "dangling", "label", "reference", "since", "until"]) ?? this.#select(shown, filters);
  }

  /** Keeps an image that was made here, under a name when it has one. */
  add(image: StoredImage): EngineError | undefined {
    const size = (made: StoredImage["made"]): number => made?.history[0]?.size ?? 0;
    const used = [...this.#images.values()].reduce((sum, { made }) => sum + size(made), size(image.made));
    if (this.#images.size >= MAX_IMAGES || used > MAX_LAYERS_LENGTH) return new EngineError("no space left on device", 500);
    if (image.reference === "") this.#images.set(image.id, image);
    else this.#name(image, image.reference);
    return undefined;
  }

  /** By reference, or by id or a prefix of it. */
  find(text: string): StoredImage | undefined {
    const reference = parseReference(text);
    const named = reference && this.#images.get(familiar(reference));
    if (named) return named;
    const digits = text.replace(/^sha256:/, "");
    if (!/^[0-9a-f]{4,64}$/.test(digits)) return undefined;
    return [...this.#images.values()].find((image) => image.id.startsWith(`sha256:${digits}`));
  }

  /** What is said when a container asks for an image that is not here: the client pulls it and asks again. */
  notFound(text: string): EngineError {
    const reference = parseReference(text);
    return new EngineError(reference ? `No such image: ${familiar(reference)}` : "invalid reference format", reference ? 404 : 400);
  }

  /** "docker.io/library/nginx:latest". */
  canonicalName(text: string): string {
    const reference = parseReference(text);
    return reference ? canonical(reference) : text;
  }

  /** What a pull would be refused with. */
  refusal(text: string): EngineError | undefined {
    const reference = parseReference(text);
    if (!reference) return new EngineError("invalid reference format");
    const name = familiarName(reference);
    if (!isOfficial(reference) || OFFICIAL.has(name)) return undefined;
    return new EngineError(
      `pull access denied for ${name}, repository does not exist or may require 'docker login': denied: requested access to the resource is denied`,
      404,
    );
  }

  /** "sha256:…" of what the registry has under a name; its refusal. */
  registryDigest(text: string): string | EngineError {
    const reference = parseReference(text);
    return this.refusal(text) ?? digestIn(reference as ImageReference);
  }

  /** About two seconds. A bare word that names no official image is refused as Docker Hub refuses it. */
  *pull(text: string, progress: (line: string) => void): Op<StoredImage | EngineError> {
    const reference = parseReference(text);
    if (!reference) return new EngineError("invalid reference format");
    yield sleep(400 * MS);
    const denied = this.refusal(text);
    if (denied) return denied;
    const known = this.#images.get(familiar(reference));
    progress(`${reference.tag}: Pulling from ${reference.path}`);
    if (!known) yield* this.#download(reference, progress);
    yield sleep(400 * MS);
    if (!known && this.#images.size >= MAX_IMAGES) return new EngineError("no space left on device", 500);
    const image = known ?? this.#add(reference);
    progress(`Digest: ${image.digest}`);
    progress(`Status: ${known ? "Image is up to date" : "Downloaded newer image"} for ${familiar(reference)}`);
    return image;
  }

  /** Gives an image another name. */
  tag(source: string, target: string): EngineError | undefined {
    const image = this.find(source);
    if (!image) return this.notFound(source);
    const reference = parseReference(target);
    if (!reference) return new EngineError("invalid reference format");
    if (this.#images.size >= MAX_IMAGES) return new EngineError("no space left on device", 500);
    this.#name(image, familiar(reference));
    return undefined;
  }

  /** Gives a name to an image; who had it before may be left without one. */
  #name(image: StoredImage, reference: string): void {
    const before = this.#images.get(reference);
    this.#images.delete(image.id);
    this.#images.set(reference, { ...image, reference, digest: "" });
    if (before && before.id !== image.id && this.#namesOf(before.id).length === 0) this.#unname(before);
  }

  #unname(image: StoredImage): void {
    this.#images.set(image.id, { ...image, reference: "", digest: "" });
  }

  #isParent(id: string): boolean {
    return [...this.#images.values()].some(({ made }) => made?.parent === id);
  }

  /** Forgets an image, and those that it was made of and nothing else holds; the lines that the client prints. */
  #forget(image: StoredImage, users: ImageUsers): readonly string[] {
    const lines: string[] = [];
    for (let at: StoredImage | undefined = image; at; ) {
      this.#images.delete(at.id);
      lines.push(`Deleted: ${at.id}`);
      const parent: StoredImage | undefined = this.#images.get(at.made?.parent ?? "");
      at = parent && !this.#isParent(parent.id) && !users.user(parent) ? parent : undefined;
    }
    return lines;
  }

  /** Removes a name, and the image with its last one; the lines that the client prints. */
  remove(text: string, force: boolean, users: ImageUsers): readonly string[] | EngineError {
    if (!parseReference(text) && !/^(sha256:)?[0-9a-f]+$/.test(text)) return new EngineError("invalid reference format");
    const image = this.find(text);
    if (!image) return this.notFound(text);
    const reference = parseReference(text);
    const byName = reference !== undefined && this.#images.get(familiar(reference)) === image;
    const names = this.#namesOf(image.id);
    const user = users.user(image);
    const short = image.id.slice("sha256:".length, "sha256:".length + 12);
    if (byName && names.length > 1) {
      this.#images.delete(image.reference);
      return [`Untagged: ${image.reference}`];
    }
    if (user && (user.running || !force)) {
      const holder = user.id.slice(0, 12);
      if (byName && !force)
        return new EngineError(
          `conflict: unable to remove repository reference ${JSON.stringify(text)} (must force) - container ${holder} is using its referenced image ${short}`,
          409,
        );
      if (!byName)
        return new EngineError(
          `conflict: unable to delete ${short} (${user.running ? "cannot be forced" : "must be forced"}) - image is being used by ${user.running ? "running" : "stopped"} container ${holder}`,
          409,
        );
    }
    if (!byName && names.length > 1 && !force && new Set(names.map((name) => name.replace(/:[^:/]*$/, ""))).size > 1)
      return new EngineError(`conflict: unable to delete ${short} (must be forced) - image is referenced in multiple repositories`, 409);
    const isParent = this.#isParent(image.id);
    if (names.length === 0 && isParent)
      return new EngineError(`conflict: unable to delete ${short} (cannot be forced) - image has dependent child images`, 409);
    for (const name of names) this.#images.delete(name);
    const lines = names.map((name) => `Untagged: ${name}`);
    // A running container keeps its image, and so does what was made of it; it then has no name.
    if (!user?.running && !isParent) return [...lines, ...this.#forget(image, users)];
    this.#unname(image);
    return lines;
  }

  /** Images that nobody uses: without a name, or any when `all` are meant; the lines, and the bytes. */
  prune(
    all: boolean,
    filters: Filters,
    users: ImageUsers,
  ): { readonly lines: readonly string[]; readonly reclaimed: number } | EngineError {
    const refused = refuseUnknown(filters, ["dangling", "label", "label!", "until"]);
    if (refused) return refused;
    const lines: string[] = [];
    let reclaimed = 0;
    if (filters.has("label")) return { lines, reclaimed };
    for (const image of this.all()) {
      const names = this.#namesOf(image.id);
      const gone = !this.#images.has(image.reference || image.id);
      if (gone || users.user(image) || this.#isParent(image.id) || (names.length > 0 && !all)) continue;
      for (const name of names) {
        this.#images.delete(name);
        lines.push(`untagged: ${name}`);
      }
      lines.push(...this.#forget(image, users).map((line) => line.replace("Deleted", "deleted")));
      reclaimed += image.size;
    }
    return { lines, reclaimed };
  }

  *#download(reference: ImageReference, progress: (line: string) => void): Op<void> {
    const count = Math.min(MAX_LAYERS, 1 + Math.floor(contentOf(reference).size / BYTES_A_LAYER));
    const layers = Array.from({ length: count }, (_, i) => digestOf(`${familiar(reference)}#${i}`).slice(0, LAYER_ID_LENGTH));
    for (const layer of layers) progress(`${layer}: Pulling fs layer`);
    yield sleep(300 * MS);
    for (const layer of layers) {
      progress(`${layer}: Verifying Checksum`);
      progress(`${layer}: Download complete`);
      yield sleep((300 * MS) / count);
    }
    for (const layer of layers) {
      yield sleep((600 * MS) / count);
      progress(`${layer}: Pull complete`);
    }
  }

  #select(all: readonly StoredImage[], filters: Filters): readonly StoredImage[] | EngineError {
    const bounds = new Map<string, number>();
    for (const key of ["before", "since"]) {
      const text = filters.get(key)?.[0];
      if (text === undefined) continue;
      const image = this.find(text);
      if (!image) return this.notFound(text);
      bounds.set(key, image.created);
    }
    const dangling = filters.get("dangling")?.[0];
    const wanted = filters.get("reference");
    return all.filter(
      (image) =>
        (!wanted || wanted.some((pattern) => matchesReference(image.reference, pattern))) &&
        matchesLabels(filters, image.made?.labels ?? {}) &&
        (dangling === undefined || (dangling === "true" || dangling === "1") === (image.reference === "")) &&
        image.created < (bounds.get("before") ?? Number.POSITIVE_INFINITY) &&
        image.created > (bounds.get("since") ?? Number.NEGATIVE_INFINITY),
    );
  }

  #namesOf(id: string): readonly string[] {
    return [...this.#images.values()].filter((image) => image.id === id && image.reference !== "").map((image) => image.reference);
  }

  #add(reference: ImageReference): StoredImage {
    const name = familiarName(reference);
    const digest = digestOf(`${name}:${reference.tag === "latest" ? "" : reference.tag}`);
    const image: StoredImage = {
      reference: familiar(reference),
      id: `sha256:${digest}`,
      pulled: this.#kernel.clock.now,
      digest: digestIn(reference),
      created: -(8 + (Number.parseInt(digest.slice(0, 4), 16) % 50)) * DAY,
      ...contentOf(reference),
    };
    this.#images.set(image.reference, image);
    return image;
  }
}

/** A registry's digest of a name. */
const digestIn = (reference: ImageReference): string => `sha256:${digestOf(familiar(reference))}`;

function contentOf(reference: ImageReference): ImageContent {
  const name = familiarName(reference);
  const base: ImageContent = (isOfficial(reference) ? OFFICIAL.get(name) : NAMESPACED.get(name)) ?? UNKNOWN_CONTENT;
  return withTag(base, reference.tag);
}

/** Whether a shell pattern means a reference (path.Match over the familiar name, with and without its tag). */
function matchesReference(reference: string, pattern: string): boolean {
  const at = reference.lastIndexOf(":");
  const name = reference.slice(0, at);
  const parsed = /[*?[]/.test(pattern) ? undefined : parseReference(pattern);
  const plain = parsed ? (/:[^:/]*$/.test(pattern) ? familiar(parsed) : familiarName(parsed)) : pattern;
  const glob = new RegExp(
    `^${plain
      .slice(0, 256)
      .replace(/[.+^${}()|\\[\]]/g, "\\$&")
      .replace(/\*+/g, "[^/]*")
      .replaceAll("?", "[^/]")}$`,
  );
  return glob.test(reference) || glob.test(name);
}
