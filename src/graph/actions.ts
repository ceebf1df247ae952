/** What a person may ask for on the picture. The page turns each into the command line that does it. */

/** Where something is, or was dropped: in the picture's own coordinates (pixels at zoom 1). */
export interface Place {
  readonly x: number;
  readonly y: number;
}

/**
 * Containers and networks by id, machines by name, devices by uid. Node ids are "container:ID", "network:ID",
 * "device:UID", "machine:NAME" and "stack:NAME"; a veth cable goes by its end on the host.
 */
export type SingleAction =
  | { readonly kind: "connect"; readonly container: string; readonly network: string }
  | { readonly kind: "disconnect"; readonly container: string; readonly network: string }
  /** A cable was pulled out of one network and put into another. */
  | { readonly kind: "rewire"; readonly container: string; readonly from: string; readonly to: string }
  /** Node ids of containers or machines. */
  | { readonly kind: "ping"; readonly from: string; readonly to: string }
  /** `ip link set … down` and `up`. */
  | { readonly kind: "cut"; readonly device: number }
  | { readonly kind: "uncut"; readonly device: number }
  | { readonly kind: ContainerVerb; readonly container: string }
  | { readonly kind: "remove-network"; readonly network: string }
  /** Opens what asks for the rest: a port to publish, an alias to add. */
  | { readonly kind: "publish"; readonly container: string }
  | { readonly kind: "alias"; readonly container: string; readonly network: string }
  /** A shell in a container, or on a machine; by node id. */
  | { readonly kind: "open-terminal"; readonly node: string }
  | { readonly kind: "inspect"; readonly node: string }
  /** A palette entry was dropped, or asked for by menu; `what` is the entry's own word. */
  | { readonly kind: "add"; readonly what: string; readonly at: Place; readonly network?: string; readonly container?: string }
  /** Nodes were moved: where they are now. */
  | { readonly kind: "move"; readonly places: Readonly<Record<string, Place>> }
  /** Forget where nodes were moved to: all of them, or those named. */
  | { readonly kind: "tidy"; readonly nodes?: readonly string[] };

export type GraphAction =
  | SingleAction
  /** Several at once, in this order: as few command lines as the tools need for them. */
  | { readonly kind: "batch"; readonly actions: readonly SingleAction[] }
  /** Containers like these are made again, under other names. */
  | { readonly kind: "paste"; readonly containers: readonly string[] };

type ContainerVerb = "start" | "stop" | "restart" | "pause" | "unpause" | "remove";

export type OnAction = (action: GraphAction) => void;
