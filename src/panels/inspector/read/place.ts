/** Where a line must be typed so that it acts in a netns: on which machine, and what has to stand in front of it. */
import { type Container, type ContainerView, EngineError } from "../../../engine/types.ts";
import type { Picture } from "../../../session/picture.ts";
import type { Workbench } from "../../../session/workbench.ts";
import type { Machine } from "../../../shell/command.ts";
import { programsIn } from "../../../shell/userland.ts";
import { quote } from "../../add/words.ts";

/** A netns that somebody can type in. */
export interface Place {
  /** The machine whose terminal the line is typed on. */
  readonly machine: string;
  /** A line as it has to be typed there to act in the netns. */
  readonly line: (command: string) => string;
}

/** A command that can be run, as a row or a head of the inspector offers it. */
export interface Act {
  /** Key of the word on its button. */
  readonly says: ActWord;
  readonly machine: string;
  readonly line: string;
  /** Takes something away. */
  readonly grave?: boolean;
}

export type ActWord =
  | "up"
  | "down"
  | "delete"
  | "flush"
  | "disconnect"
  | "unplug"
  | "on"
  | "off"
  | "accept"
  | "drop"
  | "zero"
  | "delay"
  | "lose"
  | "mend"
  | "start"
  | "stop"
  | "restart"
  | "pause"
  | "unpause"
  | "remove"
  | "follow"
  | "shuffle"
  | "inTurn";

/** A machine's initial netns: lines are typed as they are. */
export const onMachine = (machine: string): Place => ({ machine, line: (command) => command });

/**
 * A container's netns, from its host: by `docker exec` where its image has the program, else by the host's own program
 * moved into the netns (nsenter), which also reaches paused containers and images without a shell.
 */
export function inContainer(machine: Machine, container: Container): Place {
  if (container.networkMode === "host") return onMachine(machine.name);
  const name = quote(container.name);
  const programs = container.state === "running" ? programsIn(machine, container.image.flavour) : undefined;
  return {
    machine: machine.name,
    line: (command) =>
      programs?.has(command.split(" ")[0] as string)
        ? `docker exec --privileged ${name} ${command}`
        : `nsenter -t $(docker inspect -f '{{.State.Pid}}' ${name}) -n ${command}`,
  };
}

/** The place of a netns by its uid; undefined where nobody can type: the LAN switch, a netns without a container. */
export function placeIn(workbench: Workbench, uid: number): Place | undefined {
  const { picture } = workbench.store.getState();
  const netns = picture.netns.get(uid);
  if (netns?.initial) return workbench.world.machines.has(netns.machine) ? onMachine(netns.machine) : undefined;
  const view = containerIn(picture, uid);
  const container = view && workbench.engine.findContainer(view.id);
  return container && !(container instanceof EngineError) ? inContainer(workbench.machine, container) : undefined;
}

/** The container that a netns was made for. */
export function containerIn(picture: Picture, uid: number): ContainerView | undefined {
  for (const view of picture.containers.values()) if (view.netns === uid && !view.sharesWith && view.networkMode !== "host") return view;
  return undefined;
}

/** An act at a place; none where nobody can type. */
export function act(place: Place | undefined, says: ActWord, command: string, grave = false): Act[] {
  return place ? [{ says, machine: place.machine, line: place.line(command), ...(grave && { grave }) }] : [];
}
