/** What is selected, as live tables: read from the world's own tables, at most a few times a second. */
import { useTranslate } from "../../i18n/index.ts";
import { useWorkbench, useWorkbenchState } from "../context.ts";
import { ContainerInspector } from "./ContainerInspector.tsx";
import { DeviceInspector } from "./DeviceInspector.tsx";
import { MachineInspector } from "./MachineInspector.tsx";
import { NetworkInspector } from "./NetworkInspector.tsx";

export default function Inspector() {
  const t = useTranslate();
  const workbench = useWorkbench();
  const selection = useWorkbenchState((state) => state.selection);
  const picture = useWorkbenchState((state) => state.picture);
  useWorkbenchState((state) => state.revision);
  const selected = selection[0];

  const body = (): React.ReactNode => {
    if (selected === undefined) return <p className="quiet">{t("inspector.empty")}</p>;
    const separator = selected.indexOf(":");
    const kind = selected.slice(0, separator);
    const id = selected.slice(separator + 1);
    const container = kind === "container" && picture.containers.get(id);
    if (container) return <ContainerInspector view={container} />;
    const network = kind === "network" && picture.networks.get(id);
    if (network) return <NetworkInspector view={network} />;
    const device = kind === "device" && picture.devices.get(Number(id));
    if (device) return <DeviceInspector view={device} />;
    const machine = (kind === "machine" || kind === "stack") && workbench.world.machines.get(id);
    if (machine) return <MachineInspector machine={machine} />;
    return <p className="quiet">{t("inspector.gone")}</p>;
  };

  return (
    <aside className="panel inspector" aria-label={t("panel.inspector")}>
      {body()}
    </aside>
  );
}
