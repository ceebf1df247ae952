/**
 * Network devices, one file per kind as under drivers/net and net/bridge of Linux: a device is made by its constructor or
 * its `create…` function and lives in the DeviceTable of its netns, which does to it what `ip link` can do.
 */
export { Bridge, MAX_BRIDGE_PORTS } from "./bridge.ts";
export { type BridgePort, PORT_STATES, type PortState } from "./bridge-port.ts";
export type { InterfaceAddress, NetDevice, Qdisc } from "./device.ts";
export { Dummy } from "./dummy.ts";
export type { FdbEntry } from "./fdb.ts";
export { createIpvlan, Ipvlan, type IpvlanFlag, type IpvlanMode } from "./ipvlan.ts";
export { linkWatchOf } from "./link-watch.ts";
export { createMacvlan, Macvlan, type MacvlanMode, setMacvlanMode } from "./macvlan.ts";
export { nextQdiscHandle } from "./qdisc-handle.ts";
export { isValidDeviceName, LinkError, MAX_NAME_LENGTH } from "./table.ts";
export { createVeth, Veth } from "./veth.ts";
export { createVlan, Vlan } from "./vlan.ts";
