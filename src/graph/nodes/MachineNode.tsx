/** Machines on the LAN, the switch between them, and the internet. */
import type { Node, NodeProps } from "@xyflow/react";
import { memo } from "react";
import { formatPrefix, networkAddress, parsePrefix } from "../../kernel/address.ts";
import { useGraph } from "../context.ts";
import { ipv4sOf } from "../describe.ts";
import type { Machine } from "../scene.ts";

interface MachineData extends Record<string, unknown> {
  readonly machine: Machine;
  /** Subnet of the LAN, for a switch. */
  readonly subnet: string;
}
export type MachineNodeType = Node<MachineData, "machine">;

export const MachineNode = memo(function MachineNode({ data, selected }: NodeProps<MachineNodeType>) {
  const { machine } = data;
  const { say } = useGraph();
  const chosen = selected ? " chosen" : "";
  if (machine.role === "switch") return <div className={`g-switch${chosen}`}>{say("graph.machine.lan", { subnet: data.subnet })}</div>;
  const addresses = machine.devices
    .flatMap((device) => (device.kind === "bridge" ? [] : ipv4sOf(device)))
    .map((address) => address.split("/")[0]);
  const down = machine.devices.some((device) => device.kind === "veth" && !device.up);
  if (machine.role === "internet")
    return (
      <div className={`g-internet${chosen}`}>
        <strong>{say("graph.machine.internet")}</strong>
        <span className="g-mono">{addresses[0] ?? ""}</span>
      </div>
    );
  return (
    <div className={`g-machine${chosen}${down ? " broken" : ""}`}>
      <div>
        {machine.role === "router" ? say("graph.machine.router") : machine.name}
        {down && <em className="g-trouble"> {say("graph.link.down")}</em>}
      </div>
      <span className="g-mono g-quiet">{addresses[0] ?? say("graph.noAddress")}</span>
    </div>
  );
});

/** The subnet in which most interfaces of a LAN have their address, "" when there is none. */
export function subnetOf(addresses: readonly string[]): string {
  const counts = new Map<string, number>();
  for (const address of addresses) {
    const prefix = parsePrefix(address);
    if (!prefix) continue;
    const subnet = formatPrefix({ address: networkAddress(prefix.address, prefix.length), length: prefix.length });
    counts.set(subnet, (counts.get(subnet) ?? 0) + 1);
  }
  let most = "";
  for (const [subnet, count] of counts) if (count > (counts.get(most) ?? 0)) most = subnet;
  return most;
}
