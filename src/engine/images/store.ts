/** The images that the host has, and the registries that it pulls from (daemon/images, Docker Hub). */
import type { Kernel } from "../../kernel/kernel.ts";
import { type Op, sleep } from "../../kernel/task.ts";
import { EngineError, type Image } from "../types.ts";
import { type ImageContent, NAMESPACED, OFFICIAL, UNKNOWN_CONTENT, withTag } from "./catalogue.ts";
import { familiar, familiarName, type ImageReference, isOfficial, parseReference } from "./reference.ts";

const MS = 1000;
/** Digits of a layer's id as the client shows it. */
const LAYER_ID_LENGTH = 12;

/** An image with what `docker images` adds. */
export interface StoredImage extends Image {
  /** µs of virtual time at which it came here. */
  readonly pulled: number;
}

export class ImageStore {
  readonly #kernel: Kernel;
  readonly #images = new Map<string, StoredImage>();

  constructor(kernel: Kernel, local: readonly string[]) {
    this.#kernel = kernel;
    for (const name of local) {
      const reference = parseReference(name);
      if (reference) this.#add(reference);
    }
  }

  /** By repository and tag. */
  list(): readonly StoredImage[] {
    return [...this.#images.values()].sort((a, b) => (a.reference < b.reference ? -1 : 1));
  }

  /** By reference, or by id or a prefix of it. */
  find(text: string): Image | undefined {
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

  /** About two seconds. A bare word that names no official image is refused as Docker Hub refuses it. */
  *pull(text: string, progress: (line: string) => void): Op<Image | EngineError> {
    const reference = parseReference(text);
    if (!reference) return new EngineError("invalid reference format");
    const name = familiarName(reference);
    yield sleep(400 * MS);
    if (isOfficial(reference) && !OFFICIAL.has(name)) {
      return new EngineError(
        `pull access denied for ${name}, repository does not exist or may require 'docker login': denied: requested access to the resource is denied`,
        404,
      );
    }
    const known = this.#images.get(familiar(reference));
    progress(`${reference.tag}: Pulling from ${reference.path}`);
    if (!known) {
      const layer = this.#kernel.random.hex(LAYER_ID_LENGTH);
      progress(`${layer}: Pulling fs layer`);
      yield sleep(300 * MS);
      progress(`${layer}: Verifying Checksum`);
      progress(`${layer}: Download complete`);
      yield sleep(900 * MS);
      progress(`${layer}: Pull complete`);
    }
    yield sleep(400 * MS);
    const image = known ?? this.#add(reference);
    progress(`Digest: sha256:${digestOf(familiar(reference))}`);
    progress(`Status: ${known ? "Image is up to date" : "Downloaded newer image"} for ${familiar(reference)}`);
    return image;
  }

  /** Removes a name; the lines that the client prints. `inUse` tells who holds it. */
  remove(text: string, inUse: (image: Image) => string | undefined): readonly string[] | EngineError {
    const image = this.find(text);
    if (!image) return this.notFound(text);
    const holder = inUse(image);
    if (holder) {
      return new EngineError(
        `conflict: unable to remove repository reference "${text}" (must force) - container ${holder} is using its referenced image ${image.id.slice(7, 19)}`,
        409,
      );
    }
    this.#images.delete(image.reference);
    const lines = [`Untagged: ${image.reference}`];
    if (![...this.#images.values()].some((other) => other.id === image.id)) lines.push(`Deleted: ${image.id}`);
    return lines;
  }

  #add(reference: ImageReference): StoredImage {
    const name = familiarName(reference);
    const base: ImageContent = (isOfficial(reference) ? OFFICIAL.get(name) : NAMESPACED.get(name)) ?? UNKNOWN_CONTENT;
    const image: StoredImage = {
      reference: familiar(reference),
      id: `sha256:${digestOf(`${name}:${reference.tag === "latest" ? "" : reference.tag}`)}`,
      pulled: this.#kernel.clock.now,
      ...withTag(base, reference.tag),
    };
    this.#images.set(image.reference, image);
    return image;
  }
}

/** 64 hex digits that depend on the text alone, so that an image has one id in every world. */
function digestOf(text: string): string {
  let digest = "";
  for (let round = 0; round < 8; round++) {
    let hash = 0x811c9dc5 ^ (round * 0x9e3779b9);
    for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
    hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d);
    digest += ((hash ^ (hash >>> 13)) >>> 0).toString(16).padStart(8, "0");
  }
  return digest;
}
