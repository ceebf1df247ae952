/** Carries out what is asked for on the picture: commands on a terminal, forms, selection, places. */
import { useCallback } from "react";
import { EngineError } from "../../engine/types.ts";
import type { GraphAction } from "../../graph/actions.ts";
import { HOST_TERMINAL, type Workbench } from "../../session/workbench.ts";
import { programsIn } from "../../shell/userland.ts";
import { addContext } from "../add/context.ts";
import { ADD_KINDS, type AddKind, openConnectForm, openContainerForm, openFormFor } from "../add/store.ts";
import { formOf, freePublish } from "../add/words.ts";
import { useWorkbench } from "../context.ts";
import { placeIn } from "../inspector/read/place.ts";
import { aliasesOf } from "./aliases.ts";
import { commandOf, type Effect, effectsOf, type Surroundings } from "./lines.ts";
import { tell } from "./notice.ts";

/** Where the page keeps the places of nodes. */
export interface Places {
  move(places: Readonly<Record<string, { readonly x: number; readonly y: number }>>): void;
  tidy(nodes: readonly string[] | undefined): void;
}

export interface Gestures {
  readonly onAction: (action: GraphAction) => void;
  /** The line that an action will type; "" for what types none. */
  readonly commandOf: (action: GraphAction) => string;
}

export function useGestures(places: Places, takeOver: () => void): Gestures {
  const workbench = useWorkbench();
  const onAction = useCallback(
    (action: GraphAction) => {
      if (atOnce(action, workbench, places)) return;
      const effects = effectsOf(action, surroundingsOf(workbench));
      tell(undefined);
      if (effects.some((effect) => effect.kind !== "refused")) takeOver();
      for (const effect of effects) carryOut(effect, workbench);
      // Who pings wants to see what becomes of it, whatever was selected on the way.
      if (action.kind === "ping") workbench.follow(undefined);
    },
    [workbench, places, takeOver],
  );
  const tellCommand = useCallback((action: GraphAction) => commandOf(action, surroundingsOf(workbench)), [workbench]);
  return { onAction, commandOf: tellCommand };
}

function carryOut(effect: Effect, workbench: Workbench): void {
  switch (effect.kind) {
    case "run":
      workbench.run(effect.line, effect.machine);
      return;
    case "open-terminal": {
      const id = workbench.openTerminal(effect.machine);
      if (effect.line) workbench.type({ line: effect.line }, id);
      return;
    }
    case "refused":
      tell(effect.refusal);
  }
}

function surroundingsOf(workbench: Workbench): Surroundings {
  return {
    picture: workbench.store.getState().picture,
    host: HOST_TERMINAL,
    lineIn: (netns, command) => {
      const place = placeIn(workbench, netns);
      return place && { machine: place.machine, line: place.line(command) };
    },
    formOf: (id) => {
      const container = workbench.engine.findContainer(id);
      if (container instanceof EngineError) return undefined;
      const donor = container.sharesWith ? workbench.engine.findContainer(container.sharesWith) : undefined;
      const form = formOf(container);
      if (!donor || donor instanceof EngineError) return form;
      return { ...form, networks: form.networks.map((one) => ({ ...one, network: `container:${donor.name}` })) };
    },
    shellOf: (id) => {
      const container = workbench.engine.findContainer(id);
      if (container instanceof EngineError) return undefined;
      const { flavour } = container.image;
      // Alpine's and BusyBox's own images come without bash, whatever may have been put into these.
      return (flavour === "debian" ? ["bash", "sh"] : ["sh"]).find((shell) => programsIn(workbench.machine, flavour).has(shell));
    },
  };
}

/** What needs no line: places, selection, forms. True when it was that. */
function atOnce(action: GraphAction, workbench: Workbench, places: Places): boolean {
  const { picture } = workbench.store.getState();
  switch (action.kind) {
    case "move":
      places.move(action.places);
      return true;
    case "tidy":
      places.tidy(action.nodes);
      return true;
    case "inspect":
      workbench.select([action.node]);
      return true;
    case "add": {
      if (!ADD_KINDS.includes(action.what as AddKind)) return true;
      const network = action.network ? picture.networks.get(action.network)?.name : undefined;
      const container = action.container ? picture.containers.get(action.container)?.name : undefined;
      openFormFor(action.what as AddKind, addContext(workbench, { ...(network && { network }), ...(container && { container }) }));
      return true;
    }
    case "publish": {
      const container = workbench.engine.findContainer(action.container);
      if (container instanceof EngineError) return true;
      const form = formOf(container);
      const inside = container.image.exposed[0]?.split("/")[0] ?? "80";
      const taken = new Set([...picture.containers.values()].flatMap(({ ports }) => ports.map((port) => port.hostPort)));
      const added = freePublish(`${Number(inside) < 1000 ? 8000 + Number(inside) : inside}:${inside}`, taken);
      openContainerForm({ ...form, ports: `${form.ports} ${added}`.trim(), replaces: container.name }, `publish ${container.id}`);
      return true;
    }
    case "alias": {
      const view = picture.containers.get(action.container);
      const network = picture.networks.get(action.network);
      const endpoint = view?.endpoints.find((one) => one.network === action.network);
      if (view && network)
        openConnectForm({
          container: view.name,
          network: network.name,
          ip: "",
          aliases: aliasesOf(view, endpoint?.aliases ?? []).join(" "),
          reconnect: endpoint !== undefined,
        });
      return true;
    }
    default:
      return false;
  }
}
