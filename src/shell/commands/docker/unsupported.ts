/** Commands that the real client has and this world's does not: each says so in a line, and names what there is. */
import type { Listed } from "./usage.ts";

interface Unsupported extends Listed {
  readonly instead: string;
}

const IMAGES = "images come ready made: docker pull, docker run, docker images, docker tag and docker rmi are supported";
const REGISTRY = "Docker Hub's images are there for the asking: docker pull and docker run are supported";
const SWARM = "this is one host: docker network, docker container and docker compose are supported";

const one = (name: string, summary: string, instead: string): Unsupported => ({ name, summary, instead });

const PUSH = one("push", "Upload an image to a registry", REGISTRY);

const TOP: readonly Unsupported[] = [
  one("login", "Authenticate to a registry", REGISTRY),
  one("logout", "Log out from a registry", REGISTRY),
  PUSH,
  one("search", "Search Docker Hub for images", REGISTRY),
];

const GROUPS: readonly Unsupported[] = [
  one("manifest", "Manage Docker image manifests and manifest lists", IMAGES),
  one("plugin", "Manage plugins", "the drivers bridge, host, none, macvlan and ipvlan are built in"),
  one("swarm", "Manage Swarm", SWARM),
  one("trust", "Manage trust on Docker images", IMAGES),
];

/** Known to the client, listed only by the manager of a swarm. */
const HIDDEN: readonly Unsupported[] = ["config", "node", "secret", "service", "stack"].map((name) => one(name, "", SWARM));

const CONTEXTS = "there is one context, default: docker context ls, show, use and inspect are supported";

/** By the group that they stand in; "" is right after `docker`. */
const UNSUPPORTED: ReadonlyMap<string, readonly Unsupported[]> = new Map([
  ["", TOP],
  ["image", [PUSH]],
  [
    "context",
    [
      one("create", "Create a context", CONTEXTS),
      one("export", "Export a context to a tar archive FILE or a tar stream on STDOUT.", CONTEXTS),
      one("import", "Import a context from a tar or zip file", CONTEXTS),
      one("rm", "Remove one or more contexts", CONTEXTS),
      one("update", "Update a context", CONTEXTS),
    ],
  ],
]);

/** What help lists of them. */
export const unsupportedVerbs = (group: string): readonly Listed[] => UNSUPPORTED.get(group) ?? [];

export const unsupportedGroups: readonly Listed[] = GROUPS;

/** The line that such a command is answered with; undefined for any other. */
export function unsupportedLine(group: string, name: string): string | undefined {
  const known = group === "" ? [...TOP, ...GROUPS, ...HIDDEN] : (UNSUPPORTED.get(group) ?? []);
  const found = known.find((verb) => verb.name === name);
  return found && `docker ${group === "" ? "" : `${group} `}${name} is not supported here; ${found.instead}`;
}
