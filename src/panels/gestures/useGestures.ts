/** Carries out what is asked for on the picture: commands on a terminal, forms, selection, places. */
import { useCallback } from "react";
import type { GraphAction } from "../../graph/actions.ts";
import { freeName } from "../add/AddPanel.tsx";
import { ADD_KINDS, type AddKind, openAliasForm, openContainerForm, openFormFor } from "../add/store.ts";
import { useWorkbench } from "../context.ts";
import { effectOf } from "./lines.ts";

/** Where the page keeps the places of nodes. */
export interface Places {
  move(places: Readonly<Record<string, { readonly x: number; readonly y: number }>>): void;
  tidy(nodes: readonly string[] | undefined): void;
}

export function useGestures(places: Places, takeOver: () => void): (action: GraphAction) => void {
  const workbench = useWorkbench();
  return useCallback(
    (action) => {
      const { picture } = workbench.store.getState();
      switch (action.kind) {
        case "move":
          return places.move(action.places);
        case "tidy":
          return places.tidy(action.nodes);
        case "inspect":
          return workbench.select([action.node]);
        case "add": {
          if (!ADD_KINDS.includes(action.what as AddKind)) return;
          const network = action.network ? picture.networks.get(action.network)?.name : undefined;
          const container = action.container ? picture.containers.get(action.container)?.name : undefined;
          const freeNetworkName = freeName("mybridge", new Set([...picture.networks.values()].map((one) => one.name)));
          return openFormFor(action.what as AddKind, {
            freeNetworkName,
            ...(network ? { network } : {}),
            ...(container ? { container } : {}),
          });
        }
        case "publish": {
          const container = picture.containers.get(action.container);
          if (!container) return;
          const aliases = container.endpoints.flatMap((endpoint) => endpoint.aliases).join(" ");
          return openContainerForm({
            name: container.name,
            image: container.image,
            network: container.endpoints[0]?.networkName ?? container.networkMode,
            aliases,
            ports: [...container.published, "8080:80"].join(" "),
            replaces: container.name,
          });
        }
        case "alias": {
          const container = picture.containers.get(action.container);
          const network = picture.networks.get(action.network);
          if (container && network) openAliasForm({ container: container.name, network: network.name, aliases: "" });
          return;
        }
      }
      const effect = effectOf(action, picture);
      if (effect.kind === "none") return;
      takeOver();
      if (effect.kind === "run") workbench.run(effect.line);
      else {
        const id = workbench.openTerminal(effect.machine);
        if (effect.line) workbench.type({ line: effect.line }, id);
      }
    },
    [workbench, places, takeOver],
  );
}
