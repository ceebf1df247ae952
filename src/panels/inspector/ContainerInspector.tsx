/** A container: how it stands, the tables of the netns it runs in, its name service, its log and document. */
import { inspectContainer } from "../../engine/inspect/index.ts";
import { type Container, type ContainerView, EngineError } from "../../engine/types.ts";
import type { NetDevice } from "../../kernel/device/device.ts";
import { HOST_TERMINAL } from "../../session/workbench.ts";
import { quote } from "../add/words.ts";
import { useWorkbench, useWorkbenchState } from "../context.ts";
import { aliasesOf } from "../gestures/aliases.ts";
import { Chains } from "./Chains.tsx";
import { Gone } from "./Gone.tsx";
import { Names } from "./Names.tsx";
import { Connections, Interfaces, Neighbours, Routes, Sockets, Sysctls } from "./NetnsTables.tsx";
import { Acts, Document, type Fact, Facts, Quiet, Ref, Section, State } from "./parts.tsx";
import { commandOf, containerActs, environmentOf, logTail, portsOf, stateOf } from "./read/container.ts";
import { type Act, act, inContainer, onMachine } from "./read/place.ts";
import { hasRules } from "./read/rules.ts";
import { useLive, useSay } from "./useLive.ts";

/** Lines of the log that are shown. */
const LOG_LINES = 20;
const HOST = onMachine(HOST_TERMINAL);

export function ContainerInspector({ view }: { readonly view: ContainerView }) {
  const say = useSay();
  const now = useLive();
  const workbench = useWorkbench();
  const found = workbench.engine.findContainer(view.id);
  if (found instanceof EngineError) return <Gone subject="container" id={view.id} />;
  return (
    <>
      <header className="insp-title">
        <h2>{view.name}</h2>
        <State word={view.state} shown={say(`state.${view.state}`)} />
        <p className="quiet">
          {say("container.kind")} · {view.image}
        </p>
      </header>
      <Acts acts={containerActs(view, HOST_TERMINAL)} />
      <Head container={found} view={view} />
      <Inside container={found} view={view} now={now} />
      <Section id="logs" title={say("logs.title")} open={false} add={{ line: `docker logs --tail 50 ${quote(view.name)} `, place: HOST }}>
        {() => (
          <>
            <Document label={say("logs.title")} text={logTail(found, LOG_LINES) || say("inspector.none")} />
            <Acts acts={act(HOST, "follow", `docker logs -f ${quote(view.name)}`)} />
          </>
        )}
      </Section>
      <Section id="environment" title={say("environment.title")} open={false}>
        {() => <Document label={say("environment.title")} text={environmentOf(found).join("\n") || say("inspector.none")} />}
      </Section>
      <Section id="document" title="docker inspect" open={false}>
        {() => <Document label="docker inspect" text={JSON.stringify([inspectContainer(workbench.engine, found)], null, 4)} />}
      </Section>
    </>
  );
}

function Head({ container, view }: { readonly container: Container; readonly view: ContainerView }) {
  const say = useSay();
  const containers = useWorkbenchState((state) => state.picture.containers);
  const donor = view.sharesWith ? containers.get(view.sharesWith) : undefined;
  const guests = [...containers.values()].filter((other) => other.sharesWith === view.id);
  const ports = portsOf(container.ports);
  const mode = (): React.ReactNode => {
    if (view.networkMode === "host") return <span>{say("container.hostMode")}</span>;
    if (view.networkMode === "none") return <span>{say("container.none")}</span>;
    if (view.networkMode.startsWith("container:"))
      return donor ? (
        <>
          {say("container.shares")} <Ref node={`container:${donor.id}`}>{donor.name}</Ref>
        </>
      ) : (
        say("container.sharesGone")
      );
    return undefined;
  };
  const facts: Fact[] = [
    ["id", view.id.slice(0, 12)],
    ...(view.state === "running" ? [] : [[say("col.state"), stateOf(container)] as const]),
    [say("container.command"), commandOf(container)],
    [say("container.hostname"), container.hostname],
    ["PID", container.process ? String(container.process.pid) : ""],
    [say("container.netns"), mode()],
    [
      say("container.guests"),
      guests.length > 0 &&
        guests.map((guest) => (
          <Ref key={guest.id} node={`container:${guest.id}`}>
            {guest.name}
          </Ref>
        )),
    ],
    [say("container.ports"), (ports.length > 0 ? ports : view.published).join(", ") || say("inspector.none")],
    [say("container.restart"), container.spec.restartPolicy === "no" ? "" : container.spec.restartPolicy],
  ];
  return (
    <>
      <Facts facts={facts} />
      <Networks view={view} container={container} />
    </>
  );
}

/** The networks that it is on, with what it is called there. */
function Networks({ container, view }: { readonly container: Container; readonly view: ContainerView }) {
  const say = useSay();
  const { engine } = useWorkbench();
  if (view.networkMode === "host" || view.networkMode.startsWith("container:")) return null;
  const name = quote(view.name);
  const connected = new Set(view.endpoints.map((endpoint) => endpoint.networkName));
  // What a stopped container will be on when it starts.
  const waiting = [...container.endpointSpecs.keys()].filter((network) => !connected.has(network) && network !== "default");
  const idOf = new Map(engine.networks().map((network) => [network.name, network.id]));
  const rows = [
    ...view.endpoints.map((endpoint) => ({
      name: endpoint.networkName,
      addresses: [endpoint.ipv4, endpoint.ipv6].filter(Boolean),
      aliases: aliasesOf(view, endpoint.aliases),
    })),
    ...waiting.map((network) => ({
      name: network,
      addresses: [container.endpointSpecs.get(network)?.ipv4 ?? ""].filter(Boolean),
      aliases: container.endpointSpecs.get(network)?.aliases ?? [],
    })),
  ];
  return (
    <Section id="networks" title={say("container.networks")} count={rows.length} add={{ line: "docker network connect ", place: HOST }}>
      {() =>
        rows.length === 0 ? (
          <Quiet>{say("container.noNetworks")}</Quiet>
        ) : (
          <ul className="insp-cards">
            {rows.map((row) => (
              <li key={row.name} className="insp-card">
                <Ref node={`network:${idOf.get(row.name) ?? row.name}`}>{row.name}</Ref>
                {/* The network none gives no address to anybody. */}
                <span className="mono">{row.addresses.join(" ") || (row.name === "none" ? "" : say("container.nextFree"))}</span>
                {row.aliases.length > 0 && (
                  <span className="quiet mono">
                    {say("container.alias")} {row.aliases.join(", ")}
                  </span>
                )}
                <Acts acts={act(HOST, "disconnect", `docker network disconnect ${quote(row.name)} ${name}`, true)} />
              </li>
            ))}
          </ul>
        )
      }
    </Section>
  );
}

/** The tables of the netns that it runs in; why there are none while it does not run. */
function Inside({ container, view, now }: { readonly container: Container; readonly view: ContainerView; readonly now: number }) {
  const say = useSay();
  const workbench = useWorkbench();
  const { netns } = container;
  if (!netns) return <Quiet>{say("container.noNetns")}</Quiet>;
  if (view.networkMode === "host")
    return (
      <>
        <Quiet>{say("container.hostTables")}</Quiet>
        <Acts acts={[]} />
        <Ref node={`machine:${netns.machine}`}>{netns.machine}</Ref>
        <NameService container={container} networks={[]} />
      </>
    );
  const place = inContainer(workbench.machine, container);
  const moreActs = (device: NetDevice): readonly Act[] => {
    const endpoint = view.endpoints.find((one) => one.device === device.uid);
    return endpoint ? act(HOST, "disconnect", `docker network disconnect ${quote(endpoint.networkName)} ${quote(view.name)}`, true) : [];
  };
  const networks = [...container.endpoints.values()].filter(({ network }) => !network.predefined).map(({ network }) => network.id);
  return (
    <>
      <Interfaces netns={netns} place={place} moreActs={moreActs} />
      <Routes netns={netns} place={place} />
      <Neighbours netns={netns} place={place} now={now} />
      <Sockets netns={netns} place={place} />
      <NameService container={container} networks={networks} />
      {hasRules(netns, 4) || hasRules(netns, 6) ? <Chains id="rules" netns={netns} place={place} open={false} /> : null}
      {netns.netfilter.conntrack.size > 0 && <Connections netns={netns} place={place} now={now} />}
      <Sysctls netns={netns} place={place} />
    </>
  );
}

/** Whom it asks for names, who answers, and the two files that say so. */
function NameService({ container, networks }: { readonly container: Container; readonly networks: readonly string[] }) {
  const say = useSay();
  const file = (path: string): string => {
    const text = container.fs.read(path);
    return typeof text === "string" ? text.trimEnd() : text.message;
  };
  return (
    <>
      {networks.length > 0 && <Names networks={networks} />}
      <Section id="resolv" title="/etc/resolv.conf" open={false}>
        {() => <Document label="/etc/resolv.conf" text={file("/etc/resolv.conf")} />}
      </Section>
      <Section id="hosts" title="/etc/hosts" open={false}>
        {() => (
          <>
            <Document label="/etc/hosts" text={file("/etc/hosts")} />
            <Quiet>{say("container.hostsFirst")}</Quiet>
          </>
        )}
      </Section>
    </>
  );
}
