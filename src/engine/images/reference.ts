/** Image references as people write them and as Docker Hub means them (distribution/reference). */

export interface ImageReference {
  /** "docker.io" unless the first part looks like a host. */
  readonly registry: string;
  /** "library/ubuntu", "acme/app". */
  readonly path: string;
  readonly tag: string;
  /** "sha256:…" when given. */
  readonly digest: string | undefined;
}

const PATH = /^[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*(?:\/[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*)*$/;
const HOST = /^(?:[a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9])(?:\.(?:[a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9]))*(?::[0-9]+)?$/;
const TAG = /^[\w][\w.-]{0,127}$/;
const DIGEST = /^sha256:[0-9a-f]{64}$/;

/** Takes a reference apart; undefined when it is none ("invalid reference format"). */
export function parseReference(text: string): ImageReference | undefined {
  const at = text.indexOf("@");
  const digest = at < 0 ? undefined : text.slice(at + 1);
  if (digest !== undefined && !DIGEST.test(digest)) return undefined;
  let name = at < 0 ? text : text.slice(0, at);
  const colon = name.lastIndexOf(":");
  let tag: string | undefined;
  if (colon > name.lastIndexOf("/")) {
    tag = name.slice(colon + 1);
    name = name.slice(0, colon);
    if (!TAG.test(tag)) return undefined;
  }
  const slash = name.indexOf("/");
  const first = slash < 0 ? "" : name.slice(0, slash);
  const isHost = slash > 0 && (/[.:]/.test(first) || first === "localhost" || first !== first.toLowerCase());
  const registry = isHost ? first : "docker.io";
  let path = isHost ? name.slice(slash + 1) : name;
  if (!HOST.test(registry) || !PATH.test(path)) return undefined;
  if (registry === "docker.io" && !path.includes("/")) path = `library/${path}`;
  return { registry: registry === "index.docker.io" ? "docker.io" : registry, path, tag: tag ?? "latest", digest };
}

/** The name without what goes without saying: "ubuntu", "acme/app", "ghcr.io/acme/app". */
export const familiarName = ({ registry, path }: ImageReference): string =>
  registry === "docker.io" ? path.replace(/^library\//, "") : `${registry}/${path}`;

/** "ubuntu:18.04". */
export const familiar = (reference: ImageReference): string => `${familiarName(reference)}:${reference.tag}`;

/** "docker.io/library/ubuntu:18.04". */
export const canonical = ({ registry, path, tag, digest }: ImageReference): string =>
  `${registry}/${path}${digest === undefined ? `:${tag}` : `@${digest}`}`;

export const isOfficial = ({ registry, path }: ImageReference): boolean => registry === "docker.io" && path.startsWith("library/");
