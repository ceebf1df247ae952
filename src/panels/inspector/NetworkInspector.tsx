/** A network: how it is set up, its pool with every address and its owner, names answered, its bridge's tables, its document. */
import { inspectNetwork } from "../../engine/inspect/index.ts";
import { EngineError, type Network, type NetworkPool, type NetworkView } from "../../engine/types.ts";
import { Bridge } from "../../kernel/device/bridge.ts";
import { HOST_TERMINAL } from "../../session/workbench.ts";
import { quote } from "../add/words.ts";
import { useWorkbench } from "../context.ts";
import { BridgeTables } from "./BridgeTables.tsx";
import { Gone } from "./Gone.tsx";
import { LiveTable } from "./LiveTable.tsx";
import { Names } from "./Names.tsx";
import { Acts, Document, Facts, Meter, Quiet, Ref, Section, State } from "./parts.tsx";
import { linkState } from "./read/netns.ts";
import { networkActs, optionsOf, otherOptions, poolActs, poolRows } from "./read/network.ts";
import { onMachine } from "./read/place.ts";
import { count } from "./read/units.ts";
import { useLive, useSay } from "./useLive.ts";

export function NetworkInspector({ view }: { readonly view: NetworkView }) {
  const say = useSay();
  const now = useLive();
  const { engine } = useWorkbench();
  const network = engine.findNetwork(view.id);
  if (network instanceof EngineError) return <Gone subject="network" id={view.id} />;
  const { device } = network;
  const options = optionsOf(network);
  const yes = (on: boolean): string => say(on ? "yes" : "no");
  const isBridge = network.driver === "bridge";
  return (
    <>
      <header className="insp-title">
        <h2>{view.name}</h2>
        {network.internal && <State word="internal" shown={say("network.internal")} />}
        <p className="quiet">
          {say("network.kind")} · {network.driver}
        </p>
      </header>
      <Acts acts={networkActs(network, HOST_TERMINAL)} />
      <Facts
        facts={[
          ["id", view.id.slice(0, 12)],
          [
            say(isBridge ? "network.device" : "network.parent"),
            device ? (
              <>
                <Ref node={`device:${device.uid}`}>{device.name}</Ref> <State word={linkState(device)} />
              </>
            ) : (
              ""
            ),
          ],
          [say("network.mode"), options.mode],
          [
            say("network.out"),
            isBridge ? say(network.internal ? "network.closed" : options.masquerade ? "network.masquerade" : "network.plain") : "",
          ],
          [say("network.icc"), isBridge ? yes(options.icc) : ""],
          ["MTU", options.mtu],
          [say("network.gatewayMode"), options.gatewayMode],
          ["IPv6", network.enableIpv6 ? yes(true) : ""],
          [say("network.options"), otherOptions(network).join("\n")],
        ]}
      />
      {!isBridge && network.pools.length > 0 && <Quiet>{say(network.driver === "macvlan" ? "network.macvlan" : "network.ipvlan")}</Quiet>}
      {network.pools.map((pool) => (
        <Pool key={pool.subnet} network={network} pool={pool} />
      ))}
      {network.pools.length === 0 && <Quiet>{say("network.noPool")}</Quiet>}
      {!network.predefined && <Names networks={[network.id]} />}
      {device instanceof Bridge && <BridgeTables bridge={device} place={onMachine(HOST_TERMINAL)} now={now} />}
      <Section id="network-document" title="docker network inspect" open={false}>
        {() => <Document label="docker network inspect" text={JSON.stringify([inspectNetwork(engine, network)], null, 4)} />}
      </Section>
    </>
  );
}

function Pool({ network, pool }: { readonly network: Network; readonly pool: NetworkPool }) {
  const say = useSay();
  const rows = poolRows(network, pool);
  return (
    <Section
      id="pool"
      title={`${say("pool.title")} ${pool.subnet}`}
      add={{ line: `docker run -itd --net ${quote(network.name)} `, place: onMachine(HOST_TERMINAL) }}
    >
      {() => (
        <>
          <Meter
            taken={pool.taken.size}
            size={pool.size}
            label={say("pool.taken", { taken: count(pool.taken.size), size: count(pool.size) })}
          />
          <Facts
            facts={[
              [say("pool.gateway"), pool.gateway || say("inspector.none")],
              [say("pool.range"), pool.ipRange ?? ""],
              [say("pool.next"), pool.next || say("pool.full")],
            ]}
          />
          <LiveTable
            label={`${say("pool.title")} ${pool.subnet}`}
            columns={[say("col.address"), say("col.owner")]}
            items={rows}
            keyOf={(row) => row.address}
            textOf={(row) => `${row.address} ${row.owner}`}
            acts={(row) => poolActs(network, row, HOST_TERMINAL)}
            cells={(row) => [
              <span key="address" className="mono">
                {row.address}
              </span>,
              row.container ? (
                <Ref key="owner" node={`container:${row.container}`}>
                  {row.owner}
                </Ref>
              ) : (
                <span key="owner" className="quiet">
                  {row.owner === "gateway" ? say("pool.gatewayOwner") : say("pool.reserved", { name: row.owner })}
                </span>
              ),
            ]}
          />
        </>
      )}
    </Section>
  );
}
