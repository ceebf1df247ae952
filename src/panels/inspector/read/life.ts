/** From when to when something was there, by the changes that the trace keeps: for what is selected and not in the picture. */
import type { Trace } from "../../../kernel/trace.ts";
import type { Picture } from "../../../session/picture.ts";

export type Subject = "container" | "network" | "device";

export interface Life {
  readonly name: string;
  /** A container's image, a network's driver, a device's kind. */
  readonly kind: string;
  /** µs of virtual time at which it came; undefined: before what is kept. */
  readonly from: number | undefined;
  /** µs of virtual time at which it went; undefined while it is there. */
  readonly until: number | undefined;
  /** µs up to which a container was on its networks, where it left them before it went; `until` for all else. */
  readonly whole: number | undefined;
}

/** What the picture's views have in common, as far as it is told here. */
interface View {
  readonly name: string;
  readonly image?: string;
  readonly driver?: string;
  readonly kind?: string;
  readonly endpoints?: readonly unknown[];
}

const isOnNetworks = (view: View | undefined): boolean => (view?.endpoints?.length ?? 0) > 0;

/** `oldest`: what there was before the oldest entry that is kept. Undefined for what neither knows, as what was undone. */
export function lifeOf(trace: Trace, oldest: Picture, subject: Subject, id: string): Life | undefined {
  let view: View | undefined =
    subject === "container" ? oldest.containers.get(id) : subject === "network" ? oldest.networks.get(id) : oldest.devices.get(Number(id));
  let from: number | undefined;
  let until: number | undefined;
  let whole: number | undefined;
  trace.changes(trace.dropped, trace.end, (change) => {
    if (change.subject !== subject || change.id !== id) return;
    if (!change.view) {
      until = change.t;
      return;
    }
    if (!view) from = change.t;
    const before = view;
    view = change.view as View;
    until = undefined;
    if (isOnNetworks(view)) whole = undefined;
    else if (isOnNetworks(before)) whole = change.t;
  });
  return view && { name: view.name, kind: view.image ?? view.driver ?? view.kind ?? "", from, until, whole: whole ?? until };
}

/** The position in the trace after all that had happened before a time (µs). */
export function positionBefore(trace: Trace, time: number): number {
  let [low, high] = [trace.dropped, trace.end];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((trace.timeAt(middle) as number) < time) low = middle + 1;
    else high = middle;
  }
  return low;
}

export interface PastFacts {
  readonly state: string;
  /** Names that have a dot in them are keys of messages. */
  readonly facts: readonly (readonly [name: string, value: string])[];
}

/** What a picture knows of something that was there then; undefined where it was not. */
export function factsOf(picture: Picture, subject: Subject, id: string): PastFacts | undefined {
  if (subject === "container") {
    const view = picture.containers.get(id);
    return (
      view && {
        state: view.state,
        facts: [
          ["id", view.id.slice(0, 12)],
          ...view.endpoints.map((one): [string, string] => [one.networkName, [one.ipv4, one.ipv6, one.mac].filter(Boolean).join("\n")]),
          ["container.ports", view.published.join(", ")],
        ],
      }
    );
  }
  if (subject === "network") {
    const view = picture.networks.get(id);
    return (
      view && {
        state: "",
        facts: [
          ["id", view.id.slice(0, 12)],
          ...view.pools.map((pool): [string, string] => [pool.subnet, pool.gateway]),
          ["network.device", picture.devices.get(view.device)?.name ?? ""],
        ],
      }
    );
  }
  const view = picture.devices.get(Number(id));
  return (
    view && {
      state: view.up ? "UP" : "DOWN",
      facts: [
        ["MAC", view.mac],
        ["MTU", String(view.mtu)],
        ["col.address", view.addresses.join("\n")],
      ],
    }
  );
}
