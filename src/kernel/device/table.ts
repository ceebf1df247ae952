/** The devices of a netns, and what `ip link` does to them: create, delete, rename, move, enslave, up, down, address. */
import type { Mac } from "../address.ts";
import type { Netns } from "../netns.ts";
import type { InterfaceAddress, NetDevice } from "./device.ts";

/** A refusal as rtnetlink gives it; the text is what `ip` prints after "RTNETLINK answers: " or "Error: ". */
export class LinkError {
  readonly errno: "EEXIST" | "ENODEV" | "EINVAL" | "EBUSY" | "EPERM" | "EADDRINUSE" | "EOPNOTSUPP" | "EXFULL" | "ENETDOWN" | "EADDRNOTAVAIL" | "ESRCH" | "ENETUNREACH" | "ELOOP";
  /** "File exists", … or the extended ack's sentence. */
  readonly message: string;
  /** True when the kernel gave a sentence (extack): `ip` prints "Error: …" then. */
  readonly extended: boolean;

  constructor(errno: LinkError["errno"], message: string, extended = false) {
    this.errno = errno;
    this.message = message;
    this.extended = extended;
  }
}

export class DeviceTable {
  constructor(readonly netns: Netns) {}
  byName(_name: string): NetDevice | undefined { throw new Error("todo"); }
  byIndex(_ifindex: number): NetDevice | undefined { throw new Error("todo"); }
  /** In ifindex order. */
  all(): readonly NetDevice[] { throw new Error("todo"); }
  addLoopback(): NetDevice { throw new Error("todo"); }
  /** Registers a device built by one of device/*.ts: name must be free; takes the next ifindex (or `ifindex` when free). */
  add(_device: NetDevice, _ifindex?: number): LinkError | undefined { throw new Error("todo"); }
  /** Deletes a device as `ip link del`: a veth takes its peer along, a bridge frees its ports, a parent its macvlans. */
  remove(_device: NetDevice): LinkError | undefined { throw new Error("todo"); }
  removeAll(): void { throw new Error("todo"); }
  rename(_device: NetDevice, _name: string): LinkError | undefined { throw new Error("todo"); }
  /** Moves a device to another netns (dev_change_net_namespace): it goes down, loses addresses and master; a new ifindex if its own is taken there. */
  move(_device: NetDevice, _to: Netns, _name?: string): LinkError | undefined { throw new Error("todo"); }
  setUp(_device: NetDevice, _up: boolean): LinkError | undefined { throw new Error("todo"); }
  setMac(_device: NetDevice, _mac: Mac): LinkError | undefined { throw new Error("todo"); }
  setMtu(_device: NetDevice, _mtu: number): LinkError | undefined { throw new Error("todo"); }
  /** Plugs a device into a bridge, or out with undefined. EXFULL beyond 1,023 ports (BR_MAX_PORTS). */
  setMaster(_device: NetDevice, _bridge: NetDevice | undefined): LinkError | undefined { throw new Error("todo"); }
  addAddress(_device: NetDevice, _address: InterfaceAddress): LinkError | undefined { throw new Error("todo"); }
  removeAddress(_device: NetDevice, _ip: InterfaceAddress["ip"], _length: number): LinkError | undefined { throw new Error("todo"); }
}
