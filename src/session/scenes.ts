/** How a container came by its address, as the steps of a scene: read from the trace's own events, told in order. */
import type { Happening, Trace } from "../kernel/trace.ts";

export type SceneStep = "pool" | "next" | "pair" | "moved" | "plugged" | "child" | "route";

/** Ids and uids as the trace has them; who tells the scene looks their names up. */
export interface AddressScene {
  /** Position in the trace: tells one scene from another. */
  readonly position: number;
  /** Ids of the container and the network. */
  readonly container: string;
  readonly network: string;
  readonly subnet: string;
  readonly address: string;
  /** Uids of the pair's end on the host and of its bridge; 0 where there is none. */
  readonly hostDevice: number;
  readonly bridge: number;
  readonly gateway: string;
  readonly steps: readonly SceneStep[];
}

const text = (event: Happening, key: string): string => String(event.data[key] ?? "");
const uid = (event: Happening, key: string): number => Number(event.data[key] ?? 0);

const withStep = (scene: AddressScene, ...steps: readonly SceneStep[]): readonly SceneStep[] => [
  ...scene.steps,
  ...steps.filter((step) => !scene.steps.includes(step)),
];

/** Follows the trace from now on and keeps the newest scene. */
export class SceneWatch {
  #trace: Trace;
  #read: number;
  #latest: AddressScene | undefined;

  constructor(trace: Trace) {
    this.#trace = trace;
    this.#read = trace.end;
  }

  latest(): AddressScene | undefined {
    for (this.#read = Math.max(this.#read, this.#trace.dropped); this.#read < this.#trace.end; this.#read++) {
      const entry = this.#trace.at(this.#read);
      if (entry?.kind === "event") this.#take(entry, this.#read);
    }
    return this.#latest;
  }

  #take(event: Happening, position: number): void {
    const scene = this.#latest;
    switch (event.what) {
      case "address-assigned":
        // A second address of the same endpoint (IPv6) is no scene of its own.
        if (scene && scene.container === text(event, "container") && scene.network === text(event, "network") && scene.steps.length <= 2)
          return;
        this.#latest = {
          position,
          container: text(event, "container"),
          network: text(event, "network"),
          subnet: text(event, "subnet"),
          address: text(event, "address"),
          hostDevice: 0,
          bridge: 0,
          gateway: "",
          steps: ["pool", "next"],
        };
        return;
      case "veth-created":
        if (scene)
          this.#latest = {
            ...scene,
            hostDevice: uid(event, "host"),
            bridge: uid(event, "bridge"),
            steps: withStep(scene, "pair", "moved"),
          };
        return;
      case "veth-plugged":
        if (scene) this.#latest = { ...scene, steps: withStep(scene, "plugged") };
        return;
      case "route-added":
        if (scene?.container === text(event, "container"))
          this.#latest = {
            ...scene,
            gateway: text(event, "via"),
            steps: withStep(scene, ...(scene.hostDevice === 0 ? (["child", "route"] as const) : (["route"] as const))),
          };
        return;
    }
  }
}
