/** What is selected, as live tables; of several things, the one that is looked at and the way to the others. */
import { useCallback } from "react";
import { EngineError } from "../../engine/types.ts";
import { useTranslate } from "../../i18n/index.ts";
import { HOST_TERMINAL } from "../../session/workbench.ts";
import { useWorkbench, useWorkbenchState } from "../context.ts";
import { ActContext } from "./act.ts";
import { ContainerInspector } from "./ContainerInspector.tsx";
import { DeviceInspector } from "./DeviceInspector.tsx";
import { Gone } from "./Gone.tsx";
import { MachineInspector, SwitchInspector } from "./MachineInspector.tsx";
import { NetworkInspector } from "./NetworkInspector.tsx";
import { Acts, Quiet } from "./parts.tsx";
import { manyActs } from "./read/many.ts";
import type { Act } from "./read/place.ts";
import { useSay } from "./useLive.ts";
import "./inspector.css";

/** `onRun` is told before a command is run for somebody. */
export default function Inspector({ onRun }: { readonly onRun?: () => void }) {
  const say = useSay();
  const t = useTranslate();
  const workbench = useWorkbench();
  const selection = useWorkbenchState((state) => state.selection);
  const picture = useWorkbenchState((state) => state.picture);
  const selected = selection[0];
  const run = useCallback(
    (act: Act) => {
      onRun?.();
      workbench.run(act.line, act.machine);
    },
    [workbench, onRun],
  );

  const nameOf = (node: string): string => {
    const [kind, id] = split(node);
    if (kind === "container") return picture.containers.get(id)?.name ?? id.slice(0, 12);
    if (kind === "network") return picture.networks.get(id)?.name ?? id.slice(0, 12);
    if (kind === "device") return picture.devices.get(Number(id))?.name ?? id;
    return id;
  };

  const body = (): React.ReactNode => {
    if (selected === undefined) return <Quiet>{t("inspector.empty")}</Quiet>;
    const [kind, id] = split(selected);
    switch (kind) {
      case "container": {
        const view = picture.containers.get(id);
        return view ? <ContainerInspector key={id} view={view} /> : <Gone key={id} subject="container" id={id} />;
      }
      // A cable that a stopped container will use: CONTAINER/NETWORK.
      case "ghost": {
        const container = id.split("/")[0] as string;
        const view = picture.containers.get(container);
        return view ? <ContainerInspector key={id} view={view} /> : <Gone key={id} subject="container" id={container} />;
      }
      case "network": {
        const found = picture.networks.get(id) ?? byName(id);
        return found ? <NetworkInspector key={found.id} view={found} /> : <Gone key={id} subject="network" id={id} />;
      }
      case "device":
      case "plug": {
        const view = picture.devices.get(Number(id));
        return view ? <DeviceInspector key={id} view={view} /> : <Gone key={id} subject="device" id={id} />;
      }
      case "machine":
      case "stack": {
        const machine = workbench.world.machines.get(id);
        if (machine) return <MachineInspector key={id} machine={machine} />;
        for (const netns of workbench.world.kernel.netns.values())
          if (netns.initial && netns.machine === id) return <SwitchInspector key={id} netns={netns} />;
      }
    }
    return <Quiet>{say("inspector.gone")}</Quiet>;
  };

  const byName = (name: string) => {
    const network = workbench.engine.findNetwork(name);
    return network instanceof EngineError ? undefined : picture.networks.get(network.id);
  };

  return (
    <ActContext value={run}>
      <div className="inspector">
        {selection.length > 1 && (
          <nav className="insp-many" aria-label={say("many.title", { count: selection.length })}>
            <p className="quiet">{say("many.title", { count: selection.length })}</p>
            <div className="insp-chips">
              {selection.slice(0, 24).map((node, i) => (
                <button
                  key={node}
                  type="button"
                  className="insp-chip"
                  aria-pressed={i === 0}
                  onClick={() => workbench.select([node, ...selection.filter((other) => other !== node)])}
                >
                  {nameOf(node)}
                </button>
              ))}
              {selection.length > 24 && <span className="quiet">+{selection.length - 24}</span>}
            </div>
            <Acts acts={manyActs(selection, picture, HOST_TERMINAL)} />
          </nav>
        )}
        {body()}
      </div>
    </ActContext>
  );
}

const split = (node: string): readonly [kind: string, id: string] => {
  const at = node.indexOf(":");
  return [node.slice(0, at), node.slice(at + 1)];
};
