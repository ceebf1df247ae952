/** The LAN under the hosts: a switch, the machines plugged into it, and what lies beyond the router at the right. */
import { CLEARANCE, clearDown, clearRight, type Draft } from "./place.ts";
import type { Machine, NodeId } from "./scene.ts";
import { around, type Box, machineSize, STACK_MIN, SWITCH_HEIGHT } from "./sizes.ts";

const GAP = 36;
const OVERHANG = 28;
/** Height of the row; what is taller or lower stands in its middle. */
const ROW = 48;

export function layLan(draft: Draft): void {
  const { scene, boxes, placed } = draft;
  const drop = draft.gaps.lan;
  const hosts = around(scene.hosts.flatMap((host) => boxes.get(host.id) ?? [])) ?? { x: 0, y: 0, w: STACK_MIN, h: 0 };
  const nics = around([...scene.nics.values()].flatMap((nic) => (nic.wired ? (boxes.get(nic.id) ?? []) : [])));
  const middle = nics ? nics.x + nics.w / 2 : hosts.x + hosts.w / 2;
  const { row, plugged } = rowOf(draft);
  const width = row.reduce((sum, machine) => sum + machineSize(machine).w + GAP, -GAP);
  const start = middle - width / 2;
  const pluggedWidth = row.reduce((sum, machine) => sum + (plugged.has(machine.id) ? machineSize(machine).w + GAP : 0), 0);
  const left = Math.min(start - OVERHANG, nics?.x ?? start);
  const right = Math.max(start + pluggedWidth + OVERHANG - GAP, nics ? nics.x + nics.w : 0);
  let y = hosts.y + hosts.h + drop;
  for (const machine of scene.machines) {
    if (machine.role !== "switch") continue;
    const at = placed.get(machine.id);
    const box = { x: left, y, w: right - left, h: SWITCH_HEIGHT };
    const laid = at ? { ...box, ...at } : clearDown(draft, box);
    boxes.set(machine.id, laid);
    if (!at) y = laid.y + laid.h + CLEARANCE;
  }
  let x = start;
  for (const machine of row) {
    const size = machineSize(machine);
    const at = placed.get(machine.id);
    const box: Box = at ? { ...at, ...size } : clearRight(draft, { x, y: y + drop - CLEARANCE + (ROW - size.h) / 2, ...size });
    boxes.set(machine.id, box);
    if (!at) x = box.x + size.w + GAP;
  }
}

/** Machines from left to right: servers, routers, then those that no switch reaches; and which are on a switch. */
function rowOf(draft: Draft): { readonly row: readonly Machine[]; readonly plugged: ReadonlySet<NodeId> } {
  const { scene } = draft;
  const switches = new Set(scene.machines.filter((machine) => machine.role === "switch").map((machine) => machine.id));
  const plugged = new Set<NodeId>();
  for (const cable of scene.cables) {
    if (switches.has(cable.to.node)) plugged.add(cable.from.node);
    if (switches.has(cable.from.node)) plugged.add(cable.to.node);
  }
  const rank = (machine: Machine): number => (plugged.has(machine.id) ? (machine.role === "router" ? 1 : 0) : 2);
  const row = scene.machines.filter((machine) => machine.role !== "switch").sort((a, b) => rank(a) - rank(b));
  return { row, plugged };
}
