/** A network: its pool with every address and its owner, names answered, its bridge's ports and forwarding table, its document. */

import { EngineError, type NetworkView } from "../../engine/types.ts";
import { useTranslate } from "../../i18n/index.ts";
import { useWorkbench } from "../context.ts";
import { BridgeTables } from "./DeviceInspector.tsx";
import { Document, Facts, Rows, Section } from "./parts.tsx";

export function NetworkInspector({ view }: { readonly view: NetworkView }) {
  const t = useTranslate();
  const { engine } = useWorkbench();
  const network = engine.findNetwork(view.id);
  if (network instanceof EngineError) return <p className="quiet">{t("inspector.gone")}</p>;
  const names = new Map<string, string[]>();
  for (const endpoint of network.endpoints.values())
    for (const name of endpoint.dnsNames) names.set(name, [...(names.get(name) ?? []), endpoint.ipv4, endpoint.ipv6].filter(Boolean));
  return (
    <>
      <h2>{view.name}</h2>
      <Facts
        facts={[
          ["id", view.id.slice(0, 12)],
          ["driver", view.driver],
          ...(network.device ? [["device", network.device.name] as const] : []),
          ...(view.internal ? [["internal", "true"] as const] : []),
        ]}
      />
      {network.pools.map((pool) => (
        <Section key={pool.subnet} title={`${t("inspector.pool")} ${pool.subnet}`}>
          <Facts
            facts={[
              ["gateway", pool.gateway || t("inspector.none")],
              ...(pool.ipRange ? [["ip-range", pool.ipRange] as const] : []),
              [t("inspector.free"), `${(pool.size - pool.taken.size).toLocaleString()} / ${pool.size.toLocaleString()}`],
            ]}
          />
          <Rows label={t("inspector.pool")} head={[t("inspector.address"), t("inspector.owner")]} rows={[...pool.taken]} />
        </Section>
      ))}
      <Section title={t("inspector.dns")}>
        <Rows label={t("inspector.dns")} head={["", ""]} rows={[...names].map(([name, addresses]) => [name, addresses.join(" ")])} />
      </Section>
      {network.device?.kind === "bridge" && <BridgeTables bridge={network.device} />}
      <Section title="docker network inspect" open={false}>
        <Document label="docker network inspect" text={JSON.stringify([engine.inspectNetwork(network)], null, 4)} />
      </Section>
    </>
  );
}
