/** A network namespace: devices, addresses, routes, neighbours, netfilter and sockets of its own (`struct net`). */
import type { Ip } from "./address.ts";
import type { NetDevice } from "./device/device.ts";
import { DeviceTable } from "./device/table.ts";
import { Inet } from "./inet/inet.ts";
import type { Kernel } from "./kernel.ts";
import { Netfilter } from "./netfilter/netfilter.ts";
import { Rtnetlink } from "./rtnetlink.ts";
import { SocketTable } from "./socket/table.ts";
import { Statistics } from "./statistics.ts";
import { SysctlTable } from "./sysctl.ts";
import type { NetnsView } from "./trace.ts";

export class Netns {
  readonly uid: number;
  readonly kernel: Kernel;
  /** For people: "docker-host", or the sandbox's container. */
  name: string;
  /** The machine whose kernel this is part of. */
  readonly machine: string;
  /** Whether it is the machine's initial netns. */
  readonly initial: boolean;
  readonly devices: DeviceTable;
  readonly sysctl: SysctlTable;
  readonly inet: Inet;
  readonly netfilter: Netfilter;
  readonly sockets: SocketTable;
  readonly rtnetlink = new Rtnetlink();
  readonly statistics = new Statistics();
  alive = true;

  constructor(kernel: Kernel, name: string, machine: string, initial: boolean) {
    this.uid = kernel.newUid();
    this.kernel = kernel;
    this.name = name;
    this.machine = machine;
    this.initial = initial;
    this.sysctl = new SysctlTable(this);
    this.devices = new DeviceTable(this);
    this.inet = new Inet(this);
    this.netfilter = new Netfilter(this);
    this.sockets = new SocketTable(this);
    // Every netns is born with a loopback device that is down (drivers/net/loopback.c); who makes the netns brings it up.
    this.devices.addLoopback();
    kernel.trace.change(kernel.clock.now, "netns", this.uid, this.view());
  }

  device(name: string): NetDevice | undefined {
    return this.devices.byName(name);
  }

  /** Whether an address is this netns's own (RTN_LOCAL), 127.0.0.0/8 included once lo is up. */
  isLocal(ip: Ip): boolean {
    return this.inet.isLocal(ip);
  }

  /** Takes down and removes everything in it; veth peers elsewhere go with their ends. */
  destroy(): void {
    if (!this.alive) return;
    this.sockets.closeAll();
    this.devices.removeAll();
    this.inet.stop();
    this.alive = false;
    this.kernel.trace.change(this.kernel.clock.now, "netns", this.uid, null);
  }

  view(): NetnsView {
    return { uid: this.uid, name: this.name, machine: this.machine, initial: this.initial };
  }
}
