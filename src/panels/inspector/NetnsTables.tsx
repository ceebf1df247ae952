/** The tables of one netns: interfaces, routes, neighbours, sockets, settings. Containers and machines show the same ones. */
import { formatIp } from "../../kernel/address.ts";
import type { NetDevice } from "../../kernel/device/device.ts";
import type { NeighbourEntry } from "../../kernel/inet/neighbour.ts";
import type { Netns } from "../../kernel/netns.ts";
import type { SocketView } from "../../kernel/socket/table.ts";
import { LiveTable } from "./LiveTable.tsx";
import { Acts, Ref, Section, State } from "./parts.tsx";
import { connectionState, flow, protocolOf } from "./read/connection.ts";
import {
  addressesOf,
  connectionActs,
  destinationOf,
  farEnd,
  linkActs,
  linkState,
  localEnd,
  natOf,
  neighbourActs,
  neighbourAge,
  qdiscOf,
  remoteEnd,
  routeActs,
  routesOf,
  socketsOf,
  sysctlsOf,
  wayOf,
} from "./read/netns.ts";
import { type Act, act, type Place } from "./read/place.ts";
import { age, bytes, count } from "./read/units.ts";
import { useSay } from "./useLive.ts";

export interface NetnsProps {
  readonly netns: Netns;
  /** Undefined where nobody can type. */
  readonly place: Place | undefined;
}

/** Rx and tx in one line: "↓ 12 · 1.1 kB  ↑ 14 · 1.2 kB", with what was lost. */
export function Traffic({ device }: { readonly device: NetDevice }) {
  const say = useSay();
  const { counters } = device;
  const lost = counters.rxErrors + counters.rxDropped + counters.txErrors + counters.txDropped;
  return (
    <span className="mono" title={say("device.traffic")}>
      ↓ {count(counters.rxPackets)} · {bytes(counters.rxBytes)} ↑ {count(counters.txPackets)} · {bytes(counters.txBytes)}
      {lost > 0 && <b className="bad"> ✕ {count(lost)}</b>}
    </span>
  );
}

/** "peer vethac7e4ef (if7) on docker-host". */
function FarEndLine({ device }: { readonly device: NetDevice }) {
  const say = useSay();
  const far = farEnd(device);
  if (!far) return null;
  const name = (
    <Ref node={`device:${far.device.uid}`}>
      {far.device.name} <span className="quiet">if{far.device.ifindex}</span>
    </Ref>
  );
  return (
    <>
      {say(far.kind === "peer" ? "device.peer" : "device.parent")} {name}
      {far.elsewhere && ` ${say("device.at", { netns: far.device.netns.name })}`}
    </>
  );
}

const isLinkLocal = (address: string): boolean => address.startsWith("fe80:");

export function Interfaces({ netns, place, moreActs }: NetnsProps & { readonly moreActs?: (device: NetDevice) => readonly Act[] }) {
  const say = useSay();
  const devices = netns.devices.all();
  const main = devices.find((device) => device.kind !== "loopback");
  return (
    <Section
      id="interfaces"
      title={say("interfaces.title")}
      count={devices.length}
      add={main && { line: `ip addr add dev ${main.name} `, place }}
    >
      {() => (
        <LiveTable
          label={say("interfaces.title")}
          columns={[say("col.name"), say("col.address"), say("col.state")]}
          items={devices}
          keyOf={(device) => device.uid}
          textOf={(device) => `${device.name} ${device.mac} ${addressesOf(device).join(" ")} ${device.master?.name ?? ""}`}
          acts={(device) => [...(device.kind === "loopback" ? [] : (moreActs?.(device) ?? [])), ...linkActs(device, place)]}
          cells={(device) => [
            <Ref key="name" node={`device:${device.uid}`}>
              {device.name}
            </Ref>,
            <Lines key="addresses" lines={addressesOf(device).filter((address) => !isLinkLocal(address))} />,
            <State key="state" word={linkState(device)} />,
          ]}
          more={(device) => (
            <>
              <div className="mono">
                if{device.ifindex} · {device.mode ? `${device.kind} ${device.mode}` : device.kind}
                {device.kind !== "loopback" && ` · ${device.mac}`} · mtu {device.mtu}
              </div>
              {farEnd(device) && (
                <div className="mono">
                  <FarEndLine device={device} />
                </div>
              )}
              {/* As `ip addr` says it: of the link alone, and too long for a column. */}
              {addressesOf(device)
                .filter(isLinkLocal)
                .map((address) => (
                  <div key={address} className="mono">
                    inet6 {address} scope link
                  </div>
                ))}
              {device.master && (
                <div className="mono">
                  master <Ref node={`device:${device.master.uid}`}>{device.master.name}</Ref>
                </div>
              )}
              {qdiscOf(device) && <div className="mono">qdisc {qdiscOf(device)}</div>}
              <Traffic device={device} />
            </>
          )}
        />
      )}
    </Section>
  );
}

/** Several values of one cell, each on a line of its own. */
export const Lines = ({ lines }: { readonly lines: readonly string[] }) => (
  <span className="mono insp-lines">
    {lines.map((line) => (
      <span key={line}>{line}</span>
    ))}
  </span>
);

export function Routes({ netns, place }: NetnsProps) {
  const say = useSay();
  const routes = routesOf(netns);
  return (
    <Section id="routes" title={say("routes.title")} count={routes.length} add={{ line: "ip route add ", place }}>
      {() => (
        <LiveTable
          label={say("routes.title")}
          columns={[say("col.destination"), say("col.way")]}
          items={routes}
          keyOf={(route) => `${destinationOf(route)} ${route.dev?.uid} ${wayOf(route)} ${route.metric}`}
          textOf={(route) => `${destinationOf(route)} ${wayOf(route)}`}
          acts={(route) => routeActs(route, place)}
          cells={(route) => [
            <span key="dst" className="mono">
              {destinationOf(route)}
            </span>,
            <span key="way" className="mono">
              {route.via === undefined && route.dev ? `${say("routes.onLink")} ` : ""}
              {wayOf(route)}
            </span>,
          ]}
          more={(route) => (
            <span className="mono">
              {[
                `proto ${route.protocol}`,
                route.scope === "global" ? "" : `scope ${route.scope}`,
                route.src === undefined ? "" : `src ${formatIp(route.src)}`,
                route.metric ? `metric ${route.metric}` : "",
              ]
                .filter(Boolean)
                .join(" · ")}
            </span>
          )}
        />
      )}
    </Section>
  );
}

export function Neighbours({ netns, place, now }: NetnsProps & { readonly now: number }) {
  const say = useSay();
  const entries = netns.inet.neighbours.list();
  const since = (entry: NeighbourEntry): string => {
    const micros = neighbourAge(entry, now);
    return micros === undefined ? "" : say("neighbours.age", { age: age(micros) });
  };
  return (
    <Section id="neighbours" title={say("neighbours.title")} count={entries.length} add={{ line: "ip neigh add ", place }}>
      {() => (
        <LiveTable
          label={say("neighbours.title")}
          columns={[say("col.address"), "MAC", say("col.state")]}
          items={entries}
          keyOf={(entry) => `${entry.dev.uid} ${entry.ip}`}
          textOf={(entry) => `${formatIp(entry.ip)} ${entry.mac ?? ""} ${entry.dev.name} ${entry.state}`}
          acts={(entry) => neighbourActs(entry, place)}
          empty={say("neighbours.none")}
          cells={(entry) => [
            <span key="ip" className="mono">
              {formatIp(entry.ip)}
            </span>,
            <span key="mac" className="mono">
              {entry.mac ?? "—"}
            </span>,
            <State key="state" word={entry.state} />,
          ]}
          more={(entry) => (
            <span className="mono">
              {entry.dev.name}
              {since(entry) && ` · ${since(entry)}`}
            </span>
          )}
        />
      )}
    </Section>
  );
}

export function Sockets({ netns, place }: NetnsProps) {
  const say = useSay();
  const { listening, connected } = socketsOf(netns);
  const key = (socket: SocketView, i: number): string => `${socket.protocol} ${localEnd(socket)} ${remoteEnd(socket)} ${socket.pid} ${i}`;
  const keyed = (sockets: readonly SocketView[]) => sockets.map((socket, i) => ({ socket, key: key(socket, i) }));
  return (
    <>
      <Section id="listening" title={say("sockets.listening")} count={listening.length} add={{ line: "nc -l -p ", place }}>
        {() => (
          <LiveTable
            label={say("sockets.listening")}
            columns={[say("col.protocol"), say("col.local"), say("col.process")]}
            items={keyed(listening)}
            keyOf={(row) => row.key}
            textOf={({ socket }) => `${socket.protocol} ${localEnd(socket)} ${socket.process}`}
            empty={say("sockets.noneListening")}
            cells={({ socket }) => [
              <span key="protocol" className="mono">
                {socket.protocol}
                {socket.family === 6 && !socket.dual && "6"}
              </span>,
              <span key="local" className="mono">
                {localEnd(socket)}
              </span>,
              <span key="process" className="mono">
                {socket.process}
              </span>,
            ]}
          />
        )}
      </Section>
      <Section id="connected" title={say("sockets.connected")} count={connected.length} open={connected.length > 0}>
        {() => (
          <LiveTable
            label={say("sockets.connected")}
            columns={[say("col.protocol"), say("col.localRemote"), say("col.state")]}
            items={keyed(connected)}
            keyOf={(row) => row.key}
            textOf={({ socket }) => `${socket.protocol} ${localEnd(socket)} ${remoteEnd(socket)} ${socket.process} ${socket.state}`}
            cells={({ socket }) => [
              <span key="protocol" className="mono">
                {socket.protocol}
              </span>,
              <Lines key="ends" lines={[localEnd(socket), `→ ${remoteEnd(socket)}`]} />,
              <State key="state" word={socket.state} />,
            ]}
            more={({ socket }) => <span className="mono">{socket.process}</span>}
          />
        )}
      </Section>
    </>
  );
}

export function Connections({ netns, place, now }: NetnsProps & { readonly now: number }) {
  const say = useSay();
  const { conntrack } = netns.netfilter;
  const flushAll = conntrack.size > 0 ? act(place, "flush", "conntrack -F", true) : [];
  return (
    <Section id="conntrack" title={say("conntrack.title")} count={conntrack.size}>
      {() => (
        <>
          <LiveTable
            label={say("conntrack.title")}
            columns={[say("col.protocol"), say("col.flow"), say("col.state")]}
            items={[...conntrack.list()].reverse()}
            keyOf={(entry) => entry.id}
            textOf={(entry) => `${protocolOf(entry)} ${flow(entry.original)} ${flow(entry.reply)} ${connectionState(entry)}`}
            acts={(entry) => connectionActs(entry, place)}
            empty={say("conntrack.none")}
            cells={(entry) => [
              <span key="protocol" className="mono">
                {protocolOf(entry)}
              </span>,
              <Lines key="flow" lines={flow(entry.original).split(/ (?=→)/)} />,
              <State key="state" word={connectionState(entry)} />,
            ]}
            more={(entry) => (
              <span className="mono">
                {[
                  natOf(entry),
                  entry.mark ? `mark ${entry.mark}` : "",
                  say("conntrack.left", { seconds: Math.max(0, Math.floor((entry.expires - now) / 1e6)) }),
                ]
                  .filter(Boolean)
                  .join(" · ")}
              </span>
            )}
          />
          <Acts acts={flushAll} />
        </>
      )}
    </Section>
  );
}

export function Sysctls({ netns, place }: NetnsProps) {
  const say = useSay();
  return (
    <Section id="sysctls" title={say("sysctls.title")} add={{ line: "sysctl -w net.", place }}>
      {() => (
        <LiveTable
          label={say("sysctls.title")}
          columns={[say("col.key"), say("col.value")]}
          items={sysctlsOf(netns, place)}
          keyOf={(row) => row.key}
          textOf={(row) => row.key}
          acts={(row) => row.acts}
          cells={(row) => [
            <span key="key" className="mono">
              {row.key}
            </span>,
            <b key="value" className="mono">
              {row.value}
            </b>,
          ]}
        />
      )}
    </Section>
  );
}
