/** A device: its peer, state and counters; a bridge also its ports and forwarding table. */
import { useTranslate } from "../../i18n/index.ts";
import { Bridge } from "../../kernel/device/bridge.ts";
import type { NetDevice } from "../../kernel/device/device.ts";
import type { DeviceView } from "../../kernel/trace.ts";
import { useWorkbench, useWorkbenchState } from "../context.ts";
import { Facts, Rows, Section } from "./parts.tsx";

/** Ports and forwarding table of a bridge, entries with their age. */
export function BridgeTables({ bridge }: { readonly bridge: NetDevice }) {
  const t = useTranslate();
  const now = useWorkbenchState((state) => state.now);
  if (!(bridge instanceof Bridge)) return null;
  return (
    <>
      <Section title={t("inspector.ports")}>
        <Rows
          label={t("inspector.ports")}
          head={["#", "port", t("inspector.state")]}
          rows={[...bridge.ports].reverse().map((port) => [port.number, port.device.name, port.forwarding ? "forwarding" : "disabled"])}
        />
      </Section>
      <Section title={t("inspector.fdb")}>
        <Rows
          label={t("inspector.fdb")}
          head={["mac", "port", t("inspector.age")]}
          rows={bridge.fdb
            .list()
            .map((entry) => [
              entry.mac,
              entry.port?.device.name ?? bridge.name,
              entry.local ? "local" : `${Math.max(0, (now - entry.updated) / 1e6).toFixed(1)} s`,
            ])}
        />
      </Section>
    </>
  );
}

export function DeviceInspector({ view }: { readonly view: DeviceView }) {
  const t = useTranslate();
  const { world } = useWorkbench();
  const picture = useWorkbenchState((state) => state.picture);
  const device = world.kernel.netns.get(view.netns)?.devices.byIndex(view.ifindex);
  if (!device) return <p className="quiet">{t("inspector.gone")}</p>;
  const name = (uid: number): string => {
    const other = picture.devices.get(uid);
    return other ? `${other.name} (${picture.netns.get(other.netns)?.name ?? "?"})` : t("inspector.none");
  };
  const { counters } = device;
  return (
    <>
      <h2>{view.name}</h2>
      <Facts
        facts={[
          ["", view.mode ? `${view.kind} ${view.mode}` : view.kind],
          ["ifindex", view.ifindex],
          ["mac", view.mac],
          ["mtu", view.mtu],
          [t("inspector.state"), view.up ? (view.carrier ? "UP" : "UP, NO-CARRIER") : "DOWN"],
          ["inet", view.addresses.join(" ") || t("inspector.none")],
          ...(view.peer ? [[t("inspector.peer"), name(view.peer)] as const] : []),
          ...(view.master ? [["master", name(view.master)] as const] : []),
          ...(view.parent ? [["parent", name(view.parent)] as const] : []),
        ]}
      />
      <Section title={t("inspector.counters")}>
        <Rows
          label={t("inspector.counters")}
          head={["", "packets", "bytes", "errors", "dropped"]}
          rows={[
            ["RX", counters.rxPackets, counters.rxBytes, counters.rxErrors, counters.rxDropped],
            ["TX", counters.txPackets, counters.txBytes, counters.txErrors, counters.txDropped],
          ]}
        />
      </Section>
      <BridgeTables bridge={device} />
    </>
  );
}
