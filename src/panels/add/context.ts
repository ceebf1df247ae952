/** What there is around a new thing: names that are taken, and the LAN that macvlan containers would join. */
import { contains, formatIp, networkAddress, parsePrefix } from "../../kernel/address.ts";
import type { Picture } from "../../session/picture.ts";
import { HOST_TERMINAL, type Workbench } from "../../session/workbench.ts";
import type { AddContext } from "./store.ts";

/** A host's NIC on the LAN, its subnet, the machine there that leads on, and a small range that nobody is in. */
export function lanOf(picture: Picture, host: string): AddContext["lan"] {
  const home = [...picture.netns.values()].find((netns) => netns.initial && netns.machine === host);
  for (const device of picture.devices.values()) {
    const peer = picture.netns.get(picture.devices.get(device.peer)?.netns ?? 0);
    if (device.netns !== home?.uid || !peer || peer.machine === host) continue;
    const own = parsePrefix(device.addresses[0] ?? "");
    if (!own || typeof own.address !== "number") continue;
    const subnet = { address: networkAddress(own.address, own.length) as number, length: own.length };
    const range = own.length <= 26 ? `${formatIp(subnet.address + 64)}/28` : "";
    return { nic: device.name, subnet: `${formatIp(subnet.address)}/${subnet.length}`, gateway: routerOn(picture, subnet, host), range };
  }
  return undefined;
}

/** The address in a subnet of a machine that also stands elsewhere. */
function routerOn(picture: Picture, subnet: { readonly address: number; readonly length: number }, host: string): string {
  for (const netns of picture.netns.values()) {
    if (!netns.initial || netns.machine === host) continue;
    const addressed = [...picture.devices.values()].filter(
      (device) => device.netns === netns.uid && device.kind !== "loopback" && device.kind !== "bridge" && device.addresses.length > 0,
    );
    if (addressed.length < 2) continue;
    for (const text of addressed.flatMap((device) => device.addresses)) {
      const address = parsePrefix(text)?.address;
      if (typeof address === "number" && contains(subnet, address)) return formatIp(address);
    }
  }
  return "";
}

export function addContext(workbench: Workbench, where: { readonly network?: string; readonly container?: string } = {}): AddContext {
  const { picture } = workbench.store.getState();
  return {
    ...where,
    networks: new Set([...picture.networks.values()].map((network) => network.name)),
    lan: lanOf(picture, HOST_TERMINAL),
  };
}
