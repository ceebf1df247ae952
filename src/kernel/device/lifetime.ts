/** Addresses that go by themselves: net/ipv4/devinet.c check_lifetime, net/ipv6/addrconf.c addrconf_verify_rtnl. */
import { findAddress } from "./addresses.ts";
import type { InterfaceAddress, NetDevice } from "./device.ts";

/** Takes the address off its device when its time has come, unless it was given another until then. */
export function expireInTime(device: NetDevice, address: InterfaceAddress): void {
  const { validUntil } = address;
  if (validUntil === undefined) return;
  const { clock } = device.netns.kernel;
  const expire = (): void => {
    if (findAddress(device, address.ip, address.length)?.validUntil !== validUntil) return;
    device.netns.devices.removeAddress(device, address.ip, address.length);
  };
  clock.after(validUntil - clock.now, expire, true);
}
