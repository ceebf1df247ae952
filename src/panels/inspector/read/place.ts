/** Where a line must be typed so that it acts in a netns: on which machine, and what has to stand in front of it. */
import type { Container } from "../../../engine/types.ts";
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

/** An act at a place; none where nobody can type. */
export function act(place: Place | undefined, says: ActWord, command: string, grave = false): Act[] {
  return place ? [{ says, machine: place.machine, line: place.line(command), ...(grave && { grave }) }] : [];
}
