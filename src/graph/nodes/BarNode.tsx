/** A bridge, or a network of macvlan or ipvlan children: a bar that cables plug into. */
import type { Node, NodeProps } from "@xyflow/react";
import { memo } from "react";
import { useGraph } from "../context.ts";
import { barName, grouped, ipv4sOf } from "../describe.ts";
import type { Bar } from "../scene.ts";
import { HueSign, hueStyle } from "./parts.tsx";

interface BarData extends Record<string, unknown> {
  readonly bar: Bar;
  readonly fresh: boolean;
  /** There is room for all that there is to say. */
  readonly wide: boolean;
}

export type BarNodeType = Node<BarData, "bar">;

/** Share of the meter that even one address of a large pool fills, so that it can be seen. */
const LEAST_FILL = 0.04;

export const BarNode = memo(function BarNode({ data, selected }: NodeProps<BarNodeType>) {
  const { bar, fresh, wide } = data;
  const { network, device } = bar;
  const broken = bar.kind === "bridge" && device !== undefined && !device.up;
  const name = barName(bar);
  return (
    <div
      className={`g-bar ${bar.kind}${fresh ? " fresh" : ""}${selected ? " chosen" : ""}${broken ? " broken" : ""}`}
      style={hueStyle(bar.hue)}
    >
      <div className="g-bar-line">
        <HueSign hue={bar.hue} size={10} />
        <strong title={name}>{name === "bridge" && device ? device.name : name}</strong>
        <span className="g-bar-right">
          <State bar={bar} />
          {wide ? <Role bar={bar} /> : isAtWork(bar) && <Taken bar={bar} pool={network?.pools[0]} />}
        </span>
      </div>
      {(network?.pools.length ? network.pools : [undefined]).map((pool, index) => (
        <Addresses key={pool?.subnet ?? "none"} bar={bar} pool={pool} wide={wide} first={index === 0} />
      ))}
    </div>
  );
});

type Pool = NonNullable<Bar["network"]>["pools"][number];

interface AddressesProps {
  readonly bar: Bar;
  readonly pool: Pool | undefined;
  readonly wide: boolean;
  readonly first: boolean;
}

function Addresses({ bar, pool, wide, first }: AddressesProps) {
  const { say } = useGraph();
  const { device } = bar;
  const name = barName(bar);
  const address = pool ? addressOf(pool) : device ? (ipv4sOf(device)[0] ?? "") : "";
  const own = first && bar.kind === "bridge" && device && name !== device.name && name !== "bridge" ? `${device.name} · ` : "";
  const line = (
    <span className="g-mono" title={pool?.subnet}>
      {own}
      {address || say("graph.bar.noSubnet")}
    </span>
  );
  const part = pool && pool.size > 0 ? Math.min(1, Math.max(pool.taken > 0 ? LEAST_FILL : 0, pool.taken / pool.size)) : 0;
  return (
    <div className="g-bar-line">
      {line}
      <span className="g-bar-right">
        {wide ? <Taken bar={bar} pool={pool} /> : bar.kind === "through" && first && bar.network?.driver}
        {pool && (wide || bar.kind !== "through") && (
          <span className="g-meter">
            <i style={{ width: `${part * 100}%` }} />
          </span>
        )}
      </span>
    </div>
  );
}

/** How much of the pool is taken; how many ports there are, where no network has a pool. */
function Taken({ bar, pool }: { readonly bar: Bar; readonly pool: Pool | undefined }) {
  const { say } = useGraph();
  if (pool) return <span>{say("graph.bar.pool", { taken: grouped(pool.taken), size: grouped(pool.size) })}</span>;
  return bar.network ? null : <span>{say("graph.bar.ports", { count: bar.ports })}</span>;
}

/** The gateway with the subnet's length, as the bridge has it. */
function addressOf(pool: { readonly subnet: string; readonly gateway: string }): string {
  const length = pool.subnet.split("/")[1];
  return pool.gateway && length !== undefined ? `${pool.gateway.split("/")[0]}/${length}` : pool.subnet;
}

/** Whether there is nothing to say of its state: then there is room for more in a narrow bar. */
const isAtWork = ({ kind, device }: Bar): boolean => kind !== "bridge" || device === undefined || (device.up && device.carrier);

function State({ bar: { kind, device } }: { readonly bar: Bar }) {
  const { say } = useGraph();
  if (kind !== "bridge" || !device) return null;
  if (!device.up) return <em className="g-trouble">{say("graph.link.down")}</em>;
  return device.carrier ? null : <span className="g-carrier">{say("graph.link.noCarrier")}</span>;
}

function Role({ bar }: { readonly bar: Bar }) {
  const { say } = useGraph();
  if (bar.kind === "through")
    return <span>{say("graph.bar.through", { driver: bar.network?.driver ?? "", parent: bar.device?.name ?? "—" })}</span>;
  const parts = [
    bar.network?.internal ? say("graph.bar.internal") : "",
    bar.network && !bar.network.predefined ? say("graph.bar.dns") : bar.network ? "" : say("graph.bar.bridge"),
    say("graph.bar.ports", { count: bar.ports }),
  ];
  return <span>{parts.filter(Boolean).join(" · ")}</span>;
}
