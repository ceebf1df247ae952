/**
 * Devices and queueing disciplines that nothing but a command asks for: as the kernel loads their modules then, so does the page.
 */
export { type Chance, DEFAULT_NETEM, type Distribution, Netem, type NetemOptions } from "./netem.ts";
export { Tbf, type TbfOptions } from "./tbf.ts";
export { createVxlan, VXLAN_AGEING, Vxlan, type VxlanEntry, type VxlanOptions } from "./vxlan.ts";
