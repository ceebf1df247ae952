/** `--dry-run` (pkg/dryrun): a daemon that is asked everything and does nothing; what would be made is known by its name. */
import type { DockerEngine, Filters } from "../../../../engine/engine.ts";
import type { Container, EngineError, Network } from "../../../../engine/types.ts";
import type { Volume } from "../../../../engine/volumes.ts";
import type { Kernel } from "../../../../kernel/kernel.ts";
import type { Op } from "../../../../kernel/task.ts";

const DONE: EngineError | undefined = undefined;

/** What is asked about a label of what would be made. */
const carries = (filters: Filters | undefined, labels: Readonly<Record<string, string>>): boolean =>
  (filters?.get("label") ?? []).every((label) => {
    const [key = "", value] = label.split(/=(.*)/s);
    return Object.hasOwn(labels, key) && (value === undefined || labels[key] === value);
  });

/** The same daemon for whoever only asks. */
export function dryEngine(engine: DockerEngine, kernel: Kernel): DockerEngine {
  const containers: Container[] = [];
  const networks = new Map<string, Network>();
  const volumes = new Map<string, Volume>();
  // biome-ignore lint/correctness/useYield: nothing is waited for
  const nothing = function* (): Op<undefined> {
    return undefined;
  };
  const overrides: Partial<DockerEngine> = {
    findNetwork: (reference) => networks.get(reference) ?? engine.findNetwork(reference),
    // biome-ignore lint/correctness/useYield: nothing is waited for
    *createNetwork(spec) {
      const id = kernel.random.hex(64);
      networks.set(spec.name, { id, name: spec.name, spec } as Network);
      return { id, warning: "" };
    },
    removeNetwork: nothing,
    disconnect: nothing,
    findVolume: (name) => volumes.get(name) ?? engine.findVolume(name),
    createVolume(name, labels) {
      const volume = { name, labels } as Volume;
      volumes.set(name, volume);
      return volume;
    },
    removeVolume: () => DONE,
    containers(all, filters) {
      const there = engine.containers(all, filters);
      return [...containers.filter(({ spec }) => carries(filters, spec.labels)).reverse(), ...there];
    },
    findContainer: (reference) =>
      containers.find(({ id, name }) => id === reference || name === reference) ?? engine.findContainer(reference),
    // biome-ignore lint/correctness/useYield: nothing is waited for
    *createContainer(spec) {
      const id = kernel.random.hex(64);
      const name = spec.name ?? "";
      containers.push({
        id,
        name,
        spec,
        state: "created",
        created: kernel.clock.now,
        process: undefined,
        mounts: [],
        endpointSpecs: new Map(spec.endpoints),
      } as unknown as Container);
      return { id, warnings: [] };
    },
    startContainer: nothing,
    stopContainer: nothing,
    restartContainer: nothing,
    killContainer: nothing,
    pauseContainer: nothing,
    unpauseContainer: nothing,
    removeContainer: nothing,
    renameContainer: () => DONE,
    removeImage: () => [],
    tagImage: () => DONE,
  };
  return new Proxy(engine, {
    get(target, key) {
      const own: unknown = Reflect.get(overrides, key);
      if (own !== undefined) return own;
      const value: unknown = Reflect.get(target, key, target);
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
}
