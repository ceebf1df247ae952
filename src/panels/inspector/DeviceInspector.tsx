/** A device: both ends of a cable with live counters; a bridge with its ports; a parent with what sits on it. */

import { Bridge } from "../../kernel/device/bridge.ts";
import type { NetDevice } from "../../kernel/device/device.ts";
import type { DeviceView } from "../../kernel/trace.ts";
import type { Workbench } from "../../session/workbench.ts";
import { useWorkbench, useWorkbenchState } from "../context.ts";
import { BridgeTables } from "./BridgeTables.tsx";
import { Gone } from "./Gone.tsx";
import { LiveTable } from "./LiveTable.tsx";
import { Lines } from "./NetnsTables.tsx";
import { Acts, Facts, Quiet, Ref, Section, State } from "./parts.tsx";
import { addressesOf, farEnd, linkActs, linkState, qdiscActs, qdiscOf } from "./read/netns.ts";
import { containerIn, type Place, placeIn } from "./read/place.ts";
import { bytes, count } from "./read/units.ts";
import { useLive, useSay } from "./useLive.ts";

/** Where somebody types to reach a device's netns, and what on the picture that netns is. */
function homeOf(workbench: Workbench, device: NetDevice): { readonly place: Place | undefined; readonly node: string | undefined } {
  const { netns } = device;
  const place = placeIn(workbench, netns.uid);
  if (netns.initial) return { place, node: `machine:${netns.machine}` };
  const view = containerIn(workbench.store.getState().picture, netns.uid);
  return { place, node: view && `container:${view.id}` };
}

export function DeviceInspector({ view }: { readonly view: DeviceView }) {
  const say = useSay();
  const now = useLive();
  const workbench = useWorkbench();
  const device = workbench.world.kernel.netns.get(view.netns)?.devices.byIndex(view.ifindex);
  if (!device) return <Gone subject="device" id={String(view.uid)} />;
  const far = farEnd(device);
  return (
    <>
      <header className="insp-title">
        <h2>{device.name}</h2>
        <State word={linkState(device)} />
        <p className="quiet">
          {device.mode ? `${device.kind} ${device.mode}` : device.kind}
          {far?.kind === "peer" && ` · ${say("device.cable")}`}
        </p>
      </header>
      <Network view={view} far={far?.device} />
      {far?.kind === "peer" ? (
        <>
          <End device={device} title={say("device.thisEnd")} id="end-a" />
          <Quiet>{say("device.wire", { a: device.name, b: far.device.name })}</Quiet>
          <End device={far.device} title={say("device.otherEnd")} id="end-b" />
        </>
      ) : (
        <End device={device} title={say("device.title")} id="end-a" />
      )}
      {far?.kind === "parent" && (
        <Quiet>{say(`device.child.${device.kind === "vlan" ? "vlan" : device.kind === "ipvlan" ? "ipvlan" : "macvlan"}`)}</Quiet>
      )}
      {device.children.length > 0 && <Children device={device} />}
      {device instanceof Bridge && <BridgeTables bridge={device} place={homeOf(workbench, device).place} now={now} />}
    </>
  );
}

/** The network that a device belongs to, by its endpoint or its bridge. */
function Network({ view, far }: { readonly view: DeviceView; readonly far: NetDevice | undefined }) {
  const say = useSay();
  const picture = useWorkbenchState((state) => state.picture);
  const uids = new Set([view.uid, far?.uid, view.master || undefined]);
  for (const network of picture.networks.values()) {
    const onIt =
      uids.has(network.device) &&
      network.device !== 0 &&
      (view.master === network.device || view.uid === network.device || network.driver === "bridge");
    if (!onIt) continue;
    return (
      <Facts
        facts={[
          [
            say("device.network"),
            <Ref key="network" node={`network:${network.id}`}>
              {network.name}
            </Ref>,
          ],
        ]}
      />
    );
  }
  return null;
}

function End({ device, title, id }: { readonly device: NetDevice; readonly title: string; readonly id: string }) {
  const say = useSay();
  const workbench = useWorkbench();
  const { place, node } = homeOf(workbench, device);
  const { counters } = device;
  const addresses = addressesOf(device);
  const far = farEnd(device);
  return (
    <Section
      id={id}
      title={`${title}: ${device.name}`}
      add={device.kind === "loopback" ? undefined : { line: `ip addr add dev ${device.name} `, place }}
    >
      {() => (
        <>
          <Facts
            facts={[
              [
                say("device.netns"),
                node ? (
                  <Ref key="netns" node={node}>
                    {device.netns.name}
                  </Ref>
                ) : (
                  device.netns.name
                ),
              ],
              [say("col.state"), <State key="state" word={linkState(device)} />],
              ["ifindex", String(device.ifindex)],
              ["MAC", device.kind === "loopback" ? "" : device.mac],
              ["inet", addresses.length > 0 ? <Lines key="inet" lines={addresses} /> : say("inspector.none")],
              ["MTU", String(device.mtu)],
              [
                "master",
                device.master ? (
                  <Ref key="master" node={`device:${device.master.uid}`}>
                    {device.master.name}
                  </Ref>
                ) : (
                  ""
                ),
              ],
              [
                say("device.parent"),
                far?.kind === "parent" ? (
                  <Ref key="parent" node={`device:${far.device.uid}`}>
                    {far.device.name}
                  </Ref>
                ) : (
                  ""
                ),
              ],
              ["qdisc", qdiscOf(device) ?? "noqueue"],
              [say("device.promiscuous"), device.promiscuity > 0 ? say("yes") : ""],
            ]}
          />
          <table className="insp-table numbers">
            <caption className="visually-hidden">{say("device.counters")}</caption>
            <thead>
              <tr>
                <td />
                <th scope="col">{say("device.packets")}</th>
                <th scope="col">{say("device.bytes")}</th>
                <th scope="col">{say("device.errors")}</th>
                <th scope="col">{say("device.dropped")}</th>
              </tr>
            </thead>
            <tbody>
              {(["rx", "tx"] as const).map((way) => (
                <tr key={way} className="mono">
                  <th scope="row">{way === "rx" ? "↓ RX" : "↑ TX"}</th>
                  <td>{count(counters[`${way}Packets`])}</td>
                  <td>{bytes(counters[`${way}Bytes`])}</td>
                  <td>{count(counters[`${way}Errors`])}</td>
                  <td>{count(counters[`${way}Dropped`])}</td>
                </tr>
              ))}
            </tbody>
          </table>
          <Acts acts={[...linkActs(device, place), ...(device.kind === "loopback" ? [] : qdiscActs(device, place))]} />
        </>
      )}
    </Section>
  );
}

/** macvlan, ipvlan and VLAN devices that sit on this one. */
function Children({ device }: { readonly device: NetDevice }) {
  const say = useSay();
  return (
    <Section id="children" title={say("device.children")} count={device.children.length}>
      {() => (
        <LiveTable
          label={say("device.children")}
          columns={[say("col.name"), say("col.address"), say("col.state")]}
          items={device.children}
          keyOf={(child) => child.uid}
          textOf={(child) => `${child.name} ${child.netns.name} ${addressesOf(child).join(" ")}`}
          cells={(child) => [
            <Ref key="name" node={`device:${child.uid}`}>
              {child.name}
            </Ref>,
            <Lines key="addresses" lines={addressesOf(child)} />,
            <State key="state" word={linkState(child)} />,
          ]}
          more={(child) => (
            <span className="mono">
              {child.kind} {child.mode} · {say("device.at", { netns: child.netns.name })} · {child.mac}
            </span>
          )}
        />
      )}
    </Section>
  );
}
