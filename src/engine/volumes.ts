/** Named directories that outlive containers (volume/service, volume/local). */
import { FileSystem } from "../kernel/vfs.ts";
import { type EngineContext, timestamp } from "./context.ts";
import { subtree } from "./files/subtree.ts";
import { type Filters, matches, matchesExactly, matchesLabels, refuseUnknown } from "./filters.ts";
import { type Json, stringMap } from "./inspect/json.ts";
import { EngineError } from "./types.ts";

export interface Volume {
  readonly name: string;
  readonly created: number;
  readonly labels: Readonly<Record<string, string>>;
  readonly options: Readonly<Record<string, string>>;
  readonly anonymous: boolean;
  readonly fs: FileSystem;
  readonly mountpoint: string;
}

/** names.RestrictedNamePattern, as for containers. */
export const isVolumeName = (name: string): boolean => /^[a-zA-Z0-9][a-zA-Z0-9_.-]+$/.test(name);

const ROOT = "/var/lib/docker/volumes";
const ANONYMOUS = "com.docker.volume.anonymous";
/** Nothing typed may fill memory with volumes. */
const MAX_VOLUMES = 5000;

export class VolumeStore {
  readonly #context: EngineContext;
  readonly #volumes = new Map<string, Volume>();

  constructor(context: EngineContext) {
    this.#context = context;
  }

  /** The volume of that name, made if there is none; without a name one with a random name. */
  create(
    name: string,
    labels: Readonly<Record<string, string>> = {},
    options: Readonly<Record<string, string>> = {},
  ): Volume | EngineError {
    const known = this.#volumes.get(name);
    if (known) return known;
    const { kernel, fs: host } = this.#context;
    if (name.length === 1)
      return new EngineError(`create ${name}: volume name is too short, names should be at least two alphanumeric characters`);
    if (name !== "" && !isVolumeName(name))
      return new EngineError(
        `create ${name}: ${JSON.stringify(name)} includes invalid characters for a local volume name, only "[a-zA-Z0-9][a-zA-Z0-9_.-]" are allowed. If you intended to pass a host directory, use absolute path`,
      );
    if (this.#volumes.size >= MAX_VOLUMES) return new EngineError("no space left on device", 500);
    const chosen = name || kernel.random.hex(64);
    const anonymous = name === "";
    const fs = new FileSystem();
    fs.now = () => kernel.clock.now;
    const mountpoint = `${ROOT}/${chosen}/_data`;
    const volume = {
      name: chosen,
      created: kernel.clock.now,
      labels: anonymous ? { ...labels, [ANONYMOUS]: "" } : labels,
      options,
      anonymous,
      fs,
      mountpoint,
    };
    this.#volumes.set(chosen, volume);
    host.mount(mountpoint, subtree(fs, "", mountpoint, false));
    this.#context.event("volume", "create", chosen, { driver: "local" });
    return volume;
  }

  find(name: string): Volume | EngineError {
    return this.#volumes.get(name) ?? new EngineError(`get ${name}: no such volume`, 404);
  }

  /** By name. */
  list(filters?: Filters): readonly Volume[] | EngineError {
    const refused = filters && refuseUnknown(filters, ["dangling", "driver", "label", "name"]);
    if (refused) return refused;
    const all = [...this.#volumes.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
    if (!filters) return all;
    const dangling = filters.get("dangling")?.[0];
    return all.filter(
      (volume) =>
        matches(filters, "name", volume.name) &&
        matchesExactly(filters, "driver", "local") &&
        matchesLabels(filters, volume.labels) &&
        (dangling === undefined || (this.users(volume.name).length === 0) === (dangling === "1" || dangling === "true")),
    );
  }

  /** The ids of the containers that have it. */
  users(name: string): readonly string[] {
    const ids: string[] = [];
    for (const { id, mounts } of this.#context.containers.all()) if (mounts.some((mount) => mount.name === name)) ids.push(id);
    return ids;
  }

  remove(name: string): EngineError | undefined {
    const volume = this.find(name);
    if (volume instanceof EngineError) return volume;
    const users = this.users(name);
    if (users.length > 0) return new EngineError(`remove ${name}: volume is in use - [${users.join(", ")}]`, 409);
    this.#volumes.delete(name);
    this.#context.fs.unmount(volume.mountpoint);
    this.#context.event("volume", "destroy", name, { driver: "local" });
    return undefined;
  }

  /** The names of the volumes that went: those that nobody has, named ones only when `all` are meant. */
  prune(filters: Filters): readonly string[] | EngineError {
    const refused = refuseUnknown(filters, ["all", "label", "label!"]);
    if (refused) return refused;
    const all = filters.get("all")?.some((value) => value === "1" || value === "true") ?? false;
    const gone: string[] = [];
    for (const { name, anonymous, labels } of [...this.#volumes.values()])
      if ((all || anonymous) && matchesLabels(filters, labels) && !this.remove(name)) gone.push(name);
    return gone;
  }

  inspect(volume: Volume): Json {
    return {
      CreatedAt: timestamp(this.#context, volume.created).replace(/\.\d+Z$/, "Z"),
      Driver: "local",
      Labels: Object.keys(volume.labels).length > 0 ? stringMap(volume.labels) : null,
      Mountpoint: volume.mountpoint,
      Name: volume.name,
      Options: Object.keys(volume.options).length > 0 ? stringMap(volume.options) : null,
      Scope: "local",
    };
  }
}
