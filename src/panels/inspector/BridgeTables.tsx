/** Ports and forwarding table of a bridge, entries with their age. */
import type { Bridge } from "../../kernel/device/bridge.ts";
import { LiveTable } from "./LiveTable.tsx";
import { Traffic } from "./NetnsTables.tsx";
import { Ref, Section, State } from "./parts.tsx";
import { farEnd } from "./read/netns.ts";
import { fdbActs, portActs } from "./read/network.ts";
import type { Place } from "./read/place.ts";
import { age } from "./read/units.ts";
import { useSay } from "./useLive.ts";

export function BridgeTables({ bridge, place, now }: { readonly bridge: Bridge; readonly place: Place | undefined; readonly now: number }) {
  const say = useSay();
  const ports = [...bridge.ports].sort((a, b) => a.number - b.number);
  const entries = bridge.fdb.list();
  return (
    <>
      <Section id="ports" title={say("ports.title")} count={ports.length} add={{ line: `brctl addif ${bridge.name} `, place }}>
        {() => (
          <LiveTable
            label={say("ports.title")}
            columns={["#", say("col.port"), say("col.state")]}
            items={ports}
            keyOf={(port) => port.device.uid}
            textOf={(port) => `${port.device.name} ${port.device.link?.netns.name ?? ""}`}
            acts={(port) => portActs(bridge, port, place)}
            empty={say("ports.none")}
            cells={(port) => [
              <span key="number" className="mono">
                {port.number}
              </span>,
              <Ref key="name" node={`device:${port.device.uid}`}>
                {port.device.name}
              </Ref>,
              <State key="state" word={port.forwarding ? "forwarding" : "disabled"} />,
            ]}
            more={(port) => {
              const far = farEnd(port.device);
              return (
                <>
                  {far && (
                    <div className="mono">
                      ↔ {far.device.netns.name} {far.device.name}
                    </div>
                  )}
                  <Traffic device={port.device} />
                </>
              );
            }}
          />
        )}
      </Section>
      <Section id="fdb" title={say("fdb.title")} count={entries.length} add={{ line: "bridge fdb add ", place }}>
        {() => (
          <LiveTable
            label={say("fdb.title")}
            columns={["MAC", say("col.port"), say("col.age")]}
            items={entries}
            keyOf={(entry) => entry.mac}
            textOf={(entry) => `${entry.mac} ${entry.port?.device.name ?? ""} ${entry.port?.device.link?.netns.name ?? ""}`}
            acts={(entry) => fdbActs(entry, place)}
            cells={(entry) => [
              <span key="mac" className="mono">
                {entry.mac}
              </span>,
              <span key="port" className="mono">
                {entry.port?.device.name ?? bridge.name}
              </span>,
              <span key="age" className={entry.local || entry.static ? "quiet" : "mono"}>
                {entry.local ? say("fdb.local") : entry.static ? say("fdb.static") : age(now - entry.updated)}
              </span>,
            ]}
          />
        )}
      </Section>
    </>
  );
}
