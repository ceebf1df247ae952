/** The devices of a netns, and what `ip link` does to them: create, delete, rename, move, enslave, up, down, address. */
import { isGroupMac, type Mac } from "../address.ts";
import type { Netns } from "../netns.ts";
import { findAddress, insertAddress, LOOPBACK_ADDRESSES, linkLocalAddress, sameBlock } from "./addresses.ts";
import { Bridge } from "./bridge.ts";
import { changesOf } from "./changes.ts";
import type { InterfaceAddress, NetDevice } from "./device.ts";
import { Ipvlan } from "./ipvlan.ts";
import { expireInTime } from "./lifetime.ts";
import { LinkError } from "./link-error.ts";
import { linkWatchOf } from "./link-watch.ts";
import { Loopback } from "./loopback.ts";
import { Macvlan } from "./macvlan.ts";
import { Veth } from "./veth.ts";

export { LinkError } from "./link-error.ts";

/** Longest name in characters: IFNAMSIZ less the final zero. */
export const MAX_NAME_LENGTH = 15;
const MIN_MTU = 68;
/** ETH_MAX_MTU: what lies above is beyond the driver, what lies below it beyond the device underneath. */
const MAX_MTU = 65535;

/** dev_valid_name: not empty, not too long, not "." or "..", without slash, colon or white space. */
export const isValidDeviceName = (name: string): boolean =>
  name.length > 0 && name.length <= MAX_NAME_LENGTH && name !== "." && name !== ".." && !/[/:\s]/.test(name);

export class DeviceTable {
  readonly netns: Netns;
  #byName = new Map<string, NetDevice>();
  #byIndex = new Map<number, NetDevice>();
  #sorted: readonly NetDevice[] | undefined;
  #lastIndex = 0;
  readonly #netnsIds = new Map<Netns, number>();
  #freeIds: number[] = [];
  /** How many netns of the world had gone when numbers were last freed. */
  #netnsGone = 0;

  constructor(netns: Netns) {
    this.netns = netns;
  }

  byName(name: string): NetDevice | undefined {
    return this.#byName.get(name);
  }

  byIndex(ifindex: number): NetDevice | undefined {
    return this.#byIndex.get(ifindex);
  }

  /** In ifindex order. */
  all(): readonly NetDevice[] {
    this.#sorted ??= [...this.#byIndex.values()].sort((a, b) => a.ifindex - b.ifindex);
    return this.#sorted;
  }

  /** A device was registered that is gone at once: its number is not given again. */
  wasteIndex(): void {
    this.#nextIndex();
  }

  addLoopback(): NetDevice {
    const device = new Loopback(this.netns);
    this.add(device);
    return device;
  }

  /** Why a new device cannot have the name: EINVAL for no name at all, EEXIST when it is taken. */
  refuseName(name: string): LinkError | undefined {
    if (!isValidDeviceName(name)) return new LinkError("EINVAL", "Invalid argument");
    return this.#byName.has(name) ? new LinkError("EEXIST", "File exists") : undefined;
  }

  /** Registers a device built by one of device/*.ts: name must be free; takes the next ifindex (or `ifindex` when free). */
  add(device: NetDevice, ifindex?: number): LinkError | undefined {
    const refused = this.refuseName(device.name);
    if (refused) return refused;
    if (ifindex !== undefined && this.#byIndex.has(ifindex)) return new LinkError("EBUSY", "Device or resource busy");
    device.netns = this.netns;
    this.#register(device, ifindex);
    // Made without carrier: the driver says so.
    linkWatchOf(this.netns.kernel).event();
    device.attached();
    this.changed(device);
    return undefined;
  }

  /** Deletes a device as `ip link del`: a veth takes its peer along, a bridge frees its ports, a parent its macvlans. */
  remove(device: NetDevice): LinkError | undefined {
    if (device.kind === "loopback") return new LinkError("EOPNOTSUPP", "Operation not supported");
    changesOf(this.netns.kernel).together(() => {
      const peer = device instanceof Veth ? device.peer : undefined;
      this.#destroy(device);
      if (peer) {
        const there = peer.netns.devices;
        there.#destroy(peer);
      }
    });
    return undefined;
  }

  /** The end of the netns: every device goes, with veth peers elsewhere. */
  removeAll(): void {
    changesOf(this.netns.kernel).together(() => {
      for (const device of [...this.all()].reverse()) {
        if (this.#byIndex.get(device.ifindex) !== device) continue;
        if (device.kind === "loopback") this.#destroy(device);
        else this.remove(device);
      }
    });
    changesOf(this.netns.kernel).netnsGone++;
  }

  /** A running device may be renamed as well (dev_change_name since Linux 6.2); addresses labelled with the old name follow. */
  rename(device: NetDevice, name: string): LinkError | undefined {
    if (name === device.name) return undefined;
    const refused = this.refuseName(name);
    if (refused) return refused;
    const old = device.name;
    this.#byName.delete(old);
    this.#byName.set(name, device);
    device.name = name;
    device.addresses.forEach((address, i) => {
      if (address.label?.startsWith(old)) device.addresses[i] = { ...address, label: name + address.label.slice(old.length) };
    });
    this.changed(device);
    return undefined;
  }

  /** Moves a device to another netns (dev_change_net_namespace): it goes down, loses addresses and master; a new ifindex if its own is taken there. */
  move(device: NetDevice, to: Netns, name?: string): LinkError | undefined {
    if (to === this.netns) return name === undefined ? undefined : this.rename(device, name);
    if (device.kind === "loopback" || device.kind === "bridge") return new LinkError("EINVAL", "The interface netns is immutable", true);
    const target = to.devices;
    const refused = target.refuseName(name ?? device.name);
    if (refused) return refused;
    this.netnsId(to);
    changesOf(this.netns.kernel).together(() => {
      this.#quiesce(device);
      this.#unregister(device);
      if (this.netns.rtnetlink.heard) this.netns.rtnetlink.tell({ of: "link", device, gone: true });
      device.netns = to;
      device.activated = false;
      device.qdisc = undefined;
      if (name !== undefined) device.name = name;
      target.#register(device, target.#byIndex.has(device.ifindex) ? undefined : device.ifindex);
      this.changed(device);
    });
    return undefined;
  }

  /** `ip link set DEVICE up|down`. EADDRINUSE when a sibling macvlan with the same MAC is up. */
  setUp(device: NetDevice, up: boolean): LinkError | undefined {
    if (device.up === up) return undefined;
    if (up && device instanceof Macvlan && device.mode !== "passthru" && macBusy(device))
      return new LinkError("EADDRINUSE", "Address already in use");
    changesOf(this.netns.kernel).together(() => {
      if (up) this.#open(device);
      else this.#close(device);
      this.changed(device);
    });
    return undefined;
  }

  /** EADDRNOTAVAIL for a group address or zeros (eth_prepare_mac_addr_change). */
  setMac(device: NetDevice, mac: Mac): LinkError | undefined {
    if (device.kind !== "loopback" && (isGroupMac(mac) || mac === "00:00:00:00:00:00"))
      return new LinkError("EADDRNOTAVAIL", "Cannot assign requested address");
    if (device.kind === "ipvlan" && mac !== device.mac) return new LinkError("EOPNOTSUPP", "Operation not supported");
    if (device instanceof Macvlan && device.up && macBusy(device, mac)) return new LinkError("EADDRINUSE", "Address already in use");
    changesOf(this.netns.kernel).together(() => {
      const old = device.mac;
      device.mac = mac;
      device.macChanged();
      // What neighbours were known by the old one are asked for anew (neigh_changeaddr), and so hear of the new one.
      this.netns.inet.neighbours.flush(device);
      const bridge = device.master;
      if (bridge instanceof Bridge) bridge.portMacChanged(device, old);
      for (const child of device.children) {
        if (child.kind === "ipvlan" || (child instanceof Macvlan && child.mode === "passthru")) {
          child.mac = mac;
          this.changed(child);
        }
      }
      this.changed(device);
    });
    return undefined;
  }

  /** Bytes. EINVAL with the kernel's sentence out of the driver's bounds. */
  setMtu(device: NetDevice, mtu: number): LinkError | undefined {
    if (mtu < (device.kind === "loopback" || device.kind === "dummy" ? 0 : MIN_MTU))
      return new LinkError("EINVAL", "mtu less than device minimum", true);
    const bounded = device.kind === "vxlan" || (device.link && device.kind !== "veth");
    if (bounded && mtu > device.maxMtu && device.maxMtu < MAX_MTU) {
      // VLAN answers ERANGE, macvlan EINVAL; both without a sentence.
      return device.kind === "vlan"
        ? new LinkError("ERANGE", "Numerical result out of range")
        : new LinkError("EINVAL", "Invalid argument");
    }
    if (mtu > device.maxMtu) return new LinkError("EINVAL", "mtu greater than device maximum", true);
    if (mtu === device.mtu) return undefined;
    changesOf(this.netns.kernel).together(() => {
      device.mtu = mtu;
      if (device instanceof Bridge) device.mtuChanged();
      for (const child of device.children) {
        if (child.kind === "ipvlan" ? child.mtu === mtu : child.mtu <= mtu) continue;
        child.mtu = mtu;
        this.changed(child);
      }
      const bridge = device.master;
      if (bridge instanceof Bridge) {
        bridge.portMtuChanged();
        this.changed(bridge);
      }
      this.changed(device);
    });
    return undefined;
  }

  /** Plugs a device into a bridge, or out with undefined. EXFULL beyond 1,023 ports (BR_MAX_PORTS). */
  setMaster(device: NetDevice, bridge: NetDevice | undefined): LinkError | undefined {
    if (bridge === device.master) return undefined;
    if (bridge && !(bridge instanceof Bridge)) return new LinkError("EOPNOTSUPP", "Operation not supported");
    let refused: LinkError | undefined;
    changesOf(this.netns.kernel).together(() => {
      this.#release(device);
      refused = bridge?.addPort(device);
      if (bridge) this.changed(bridge);
      this.changed(device);
    });
    return refused;
  }

  /** RTM_NEWADDR: EEXIST for the same address and length, EACCES for IPv6 where it is disabled, EADDRINUSE between ipvlans. */
  addAddress(device: NetDevice, address: InterfaceAddress): LinkError | undefined {
    const six = typeof address.ip === "bigint";
    if (findAddress(device, address.ip, address.length))
      return new LinkError("EEXIST", six ? "ipv6: address already assigned" : "ipv4: Address already assigned", true);
    if (six && this.netns.sysctl.device(device).v6.disable_ipv6)
      return new LinkError("EACCES", "ipv6: IPv6 is disabled on this device", true);
    if (device instanceof Ipvlan && device.holderOf(address.ip))
      return new LinkError("EADDRINUSE", "Address already assigned to an ipvlan device", true);
    const placed = insertAddress(device, address);
    device.addressesChanged();
    if (this.netns.rtnetlink.heard) this.netns.rtnetlink.tell({ of: "address", device, address: placed, gone: false });
    this.netns.inet.addressAdded(device, placed);
    expireInTime(device, placed);
    this.changed(device);
    return undefined;
  }

  /** Puts an address in the place of the one with the same `ip` and `length`: DAD has ended, or it lives longer or shorter. */
  replaceAddress(device: NetDevice, address: InterfaceAddress): void {
    const at = device.addresses.findIndex((known) => known.ip === address.ip && known.length === address.length);
    if (at < 0) return;
    const before = device.addresses[at] as InterfaceAddress;
    device.addresses[at] = address;
    if (this.netns.rtnetlink.heard) this.netns.rtnetlink.tell({ of: "address", device, address, gone: false });
    if (before.validUntil !== address.validUntil) expireInTime(device, address);
    this.changed(device);
  }

  /**
   * RTM_DELADDR: EADDRNOTAVAIL when there is no such address. With a primary go its secondaries, unless the sysctl
   * promote_secondaries makes the first of them primary (__inet_del_ifa).
   */
  removeAddress(device: NetDevice, ip: InterfaceAddress["ip"], length: number): LinkError | undefined {
    const address = findAddress(device, ip, length);
    if (!address) {
      const message = typeof ip === "bigint" ? "ipv6: address not found" : "ipv4: Address not found";
      return new LinkError("EADDRNOTAVAIL", message, true);
    }
    changesOf(this.netns.kernel).together(() => {
      const secondaries = address.secondary ? [] : secondariesOf(device, address);
      const promote = secondaries.length > 0 && this.netns.sysctl.device(device).v4.promote_secondaries;
      if (!promote) for (const secondary of secondaries) this.#dropAddress(device, secondary);
      this.#dropAddress(device, address);
      if (promote) {
        // Taken out and put in again, the first becomes primary and the others its secondaries.
        for (const secondary of secondaries) this.#dropAddress(device, secondary);
        for (const secondary of secondaries) {
          const placed = insertAddress(device, { ...secondary, secondary: undefined });
          device.addressesChanged();
          this.netns.inet.addressAdded(device, placed);
        }
      }
      this.changed(device);
    });
    return undefined;
  }

  /**
   * Gives a device that can carry packets its IPv6 link-local address (::1 on loopback), when it has none and IPv6 is not
   * disabled on it (addrconf_dev_config, init_loopback).
   */
  addLinkLocal(device: NetDevice): void {
    if (!device.carrier) return;
    const address = device.kind === "loopback" ? LOOPBACK_ADDRESSES[1] : linkLocalAddress(device);
    if (address && !findAddress(device, address.ip, address.length)) this.addAddress(device, address);
  }

  /** A device's `carrier` has changed: its bridge, the IP layer and IPv6 autoconfiguration follow. Called by the device. */
  carrierChanged(device: NetDevice): void {
    changesOf(this.netns.kernel).together(() => {
      if (device.up) {
        this.netns.inet.carrierChanged(device);
        this.addLinkLocal(device);
      }
      this.changed(device);
      // Whether the bridge has carrier of it is an event of its own, looked after next.
      const bridge = device.master;
      if (bridge instanceof Bridge) bridge.portCarrierChanged(device);
    });
  }

  /** `ip link property add dev DEVICE altname NAME`. */
  addAltName(device: NetDevice, name: string): LinkError | undefined {
    const refused = this.refuseName(name);
    if (refused) return refused;
    device.altNames = [...device.altNames, name];
    this.#byName.set(name, device);
    return undefined;
  }

  /** EINVAL for a name that is not one of its further ones. */
  removeAltName(device: NetDevice, name: string): LinkError | undefined {
    if (!device.altNames.includes(name)) return new LinkError("EINVAL", "Invalid argument");
    device.altNames = device.altNames.filter((other) => other !== name);
    this.#byName.delete(name);
    return undefined;
  }

  /** `ip link set DEVICE promisc on|off`. */
  setPromisc(device: NetDevice, on: boolean): void {
    if (device.promisc === on) return;
    device.promisc = on;
    device.promiscuity += on ? 1 : -1;
  }

  /**
   * The number by which this netns knows another (peernet2id_alloc): what `link-netnsid` shows. The lowest free one, given
   * when a device with its other end there is first told of; free again once that netns is gone.
   */
  netnsId(other: Netns): number {
    const known = this.#netnsIds.get(other);
    if (known !== undefined) return known;
    const { netnsGone } = changesOf(this.netns.kernel);
    if (netnsGone !== this.#netnsGone) {
      this.#netnsGone = netnsGone;
      for (const [gone, id] of this.#netnsIds) {
        if (gone.alive) continue;
        this.#netnsIds.delete(gone);
        this.#freeIds.push(id);
      }
    }
    const lowest = this.#freeIds.length > 0 ? Math.min(...this.#freeIds) : this.#netnsIds.size;
    this.#freeIds = this.#freeIds.filter((id) => id !== lowest);
    this.#netnsIds.set(other, lowest);
    return lowest;
  }

  /** The number that another netns has here already, if any. */
  knownNetnsId(other: Netns): number | undefined {
    return this.#netnsIds.get(other);
  }

  /** All netns that have a number here, by number. */
  knownNetnsIds(): readonly (readonly [Netns, number])[] {
    return [...this.#netnsIds].filter(([netns]) => netns.alive).sort(([, a], [, b]) => a - b);
  }

  /** Lets the trace know what a device looks like now, once for all changes of one operation. */
  changed(device: NetDevice): void {
    changesOf(this.netns.kernel).device(device);
  }

  /** Whether the device is one of this netns now. */
  has(device: NetDevice): boolean {
    return this.#byIndex.get(device.ifindex) === device;
  }

  #register(device: NetDevice, ifindex: number | undefined): void {
    const index = ifindex ?? this.#nextIndex();
    device.ifindex = index;
    for (const name of [device.name, ...device.altNames]) this.#byName.set(name, device);
    this.#byIndex.set(index, device);
    this.#sorted = undefined;
    this.netns.sysctl.device(device);
    this.netns.sockets.deviceAdded(device);
  }

  /** dev_index_reserve: ever increasing, past numbers that were asked for. */
  #nextIndex(): number {
    do this.#lastIndex++;
    while (this.#byIndex.has(this.#lastIndex));
    return this.#lastIndex;
  }

  #unregister(device: NetDevice): void {
    for (const name of [device.name, ...device.altNames]) this.#byName.delete(name);
    this.#byIndex.delete(device.ifindex);
    this.#sorted = undefined;
    this.netns.inet.deviceRemoved(device);
    this.netns.sockets.deviceRemoved(device);
    this.netns.sysctl.forget(device);
  }

  /** Down, out of its bridge, without addresses. */
  #quiesce(device: NetDevice): void {
    this.#release(device);
    if (device.up) this.#close(device);
    while (device.addresses.length > 0) this.#dropAddress(device, device.addresses[device.addresses.length - 1] as InterfaceAddress);
  }

  #destroy(device: NetDevice): void {
    if (!this.has(device)) return;
    for (const child of [...device.children]) child.netns.devices.remove(child);
    if (device instanceof Bridge) for (const port of [...device.ports]) this.#release(port.device);
    this.#quiesce(device);
    device.qdisc = undefined;
    device.detached();
    this.#unregister(device);
    changesOf(this.netns.kernel).gone(device);
  }

  #release(device: NetDevice): void {
    const bridge = device.master;
    if (!(bridge instanceof Bridge)) return;
    bridge.removePort(device);
    this.changed(bridge);
    this.changed(device);
  }

  #open(device: NetDevice): void {
    device.up = true;
    device.activated = true;
    this.netns.inet.deviceUp(device);
    device.upChanged();
    if (device.kind === "loopback" && device.addresses.length === 0) this.addAddress(device, LOOPBACK_ADDRESSES[0]);
    device.refreshCarrier();
    if (device instanceof Veth) device.peer?.refreshCarrier();
  }

  /** IPv6 addresses go with the device (addrconf_ifdown), IPv4 ones stay without their routes. */
  #close(device: NetDevice): void {
    device.up = false;
    device.upChanged();
    device.qdisc?.reset();
    device.refreshCarrier();
    if (device instanceof Veth) device.peer?.refreshCarrier();
    this.netns.inet.deviceDown(device);
    for (const address of [...device.addresses]) if (typeof address.ip === "bigint") this.#dropAddress(device, address);
  }

  #dropAddress(device: NetDevice, address: InterfaceAddress): void {
    const at = device.addresses.findIndex((known) => known.ip === address.ip && known.length === address.length);
    if (at < 0) return;
    const [dropped] = device.addresses.splice(at, 1);
    device.addressesChanged();
    if (this.netns.rtnetlink.heard) this.netns.rtnetlink.tell({ of: "address", device, address: dropped as InterfaceAddress, gone: true });
    this.netns.inet.addressRemoved(device, dropped as InterfaceAddress);
  }
}

/** Whether another macvlan of the parent that is up has the MAC (macvlan_addr_busy). */
function macBusy(device: Macvlan, mac = device.mac): boolean {
  if (device.parent.mac === mac) return true;
  return device.parent.children.some((child) => child !== device && child.up && child.mac === mac);
}

/** Secondary addresses of the same block and length. */
function secondariesOf(device: NetDevice, primary: InterfaceAddress): InterfaceAddress[] {
  return device.addresses.filter((address) => address.secondary && sameBlock(address, primary));
}
