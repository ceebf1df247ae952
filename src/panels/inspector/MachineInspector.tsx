/** A machine: the tables of its initial netns, the way through its netfilter, what it tracks; a switch is its bridge. */
import { Bridge } from "../../kernel/device/bridge.ts";
import type { Netns } from "../../kernel/netns.ts";
import type { Machine } from "../../shell/command.ts";
import { BridgeTables } from "./BridgeTables.tsx";
import { Chains } from "./Chains.tsx";
import { Connections, Interfaces, Neighbours, Routes, Sockets, Sysctls } from "./NetnsTables.tsx";
import { Document, Facts, Section } from "./parts.tsx";
import { addressesOf } from "./read/netns.ts";
import { onMachine } from "./read/place.ts";
import { useLive, useSay } from "./useLive.ts";

export function MachineInspector({ machine }: { readonly machine: Machine }) {
  const say = useSay();
  const now = useLive();
  const { netns } = machine;
  const place = onMachine(machine.name);
  const forwards = netns.sysctl.get("net.ipv4.ip_forward") === "1";
  const file = machine.fs.read("/etc/resolv.conf");
  const addresses = netns.devices
    .all()
    .filter((device) => device.kind !== "loopback" && device.kind !== "bridge")
    .flatMap((device) => addressesOf(device).filter((address) => !address.includes(":")));
  return (
    <>
      <header className="insp-title">
        <h2>{machine.name}</h2>
        <p className="quiet">
          {say(machine.engine ? "machine.host" : "machine.kind")} · {say(forwards ? "machine.forwards" : "machine.ends")}
        </p>
      </header>
      <Facts facts={[[say("col.address"), addresses.join(" ")]]} />
      <Interfaces netns={netns} place={place} />
      <Routes netns={netns} place={place} />
      <Neighbours netns={netns} place={place} now={now} />
      <Chains id="chains" netns={netns} place={place} />
      <Connections netns={netns} place={place} now={now} />
      <Sysctls netns={netns} place={place} />
      <Sockets netns={netns} place={place} />
      <Section id="resolv" title="/etc/resolv.conf" open={false}>
        {() => <Document label="/etc/resolv.conf" text={typeof file === "string" ? file.trimEnd() : file.message} />}
      </Section>
    </>
  );
}

/** The LAN switch: nobody logs in there, so it is for looking only. */
export function SwitchInspector({ netns }: { readonly netns: Netns }) {
  const say = useSay();
  const now = useLive();
  const bridges = netns.devices.all().filter((device) => device instanceof Bridge);
  return (
    <>
      <header className="insp-title">
        <h2>{netns.name}</h2>
        <p className="quiet">{say("machine.switch")}</p>
      </header>
      {bridges.map((bridge) => (
        <BridgeTables key={bridge.uid} bridge={bridge} place={undefined} now={now} />
      ))}
    </>
  );
}
