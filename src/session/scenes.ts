/** How a container came by its address, as the steps of a scene: read from the trace's own events, told in order. */
import type { Happening, Trace } from "../kernel/trace.ts";

type SceneStep = "pool" | "next" | "pair" | "moved" | "plugged" | "route";

export interface AddressScene {
  /** Position in the trace: tells one scene from another. */
  readonly position: number;
  readonly container: string;
  readonly network: string;
  readonly subnet: string;
  readonly address: string;
  readonly gateway: string;
  readonly veth: string;
  readonly steps: readonly SceneStep[];
}

const text = (event: Happening, key: string): string => String(event.data[key] ?? "");

/** Follows the trace and keeps the newest scene. */
export class SceneWatch {
  #trace: Trace;
  #read: number;
  #latest: AddressScene | undefined;

  constructor(trace: Trace) {
    this.#trace = trace;
    this.#read = trace.end;
  }

  latest(): AddressScene | undefined {
    for (; this.#read < this.#trace.end; this.#read++) {
      const entry = this.#trace.at(this.#read);
      if (entry?.kind === "event") this.#take(entry, this.#read);
    }
    return this.#latest;
  }

  #take(event: Happening, position: number): void {
    if (event.what === "address-assigned") {
      this.#latest = {
        position,
        container: text(event, "container"),
        network: text(event, "network"),
        subnet: text(event, "subnet"),
        address: text(event, "address"),
        gateway: text(event, "gateway"),
        veth: "",
        steps: ["pool", "next"],
      };
    } else if (event.what === "veth-plugged" && this.#latest && this.#latest.veth === "") {
      this.#latest = { ...this.#latest, veth: text(event, "device"), steps: ["pool", "next", "pair", "moved", "plugged", "route"] };
    }
  }
}
