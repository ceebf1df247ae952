/** Neighbour entries of both families with their states and timers (net/core/neighbour.c), fed by ARP and neighbour discovery. */
import { BROADCAST_MAC, formatIp, type Ip, isMulticast, LIMITED_BROADCAST, type Mac, multicastMac } from "../address.ts";
import type { Timer } from "../clock.ts";
import type { NetDevice } from "../device/device.ts";
import type { Netns } from "../netns.ts";
import type { Skb } from "../skb.ts";
import type { NeighbourConf } from "../sysctl.ts";
import type { Decision } from "../trace.ts";
import { ETH_IPV4, ETH_IPV6, type EthernetHeader } from "../wire/packet.ts";
import { solicitByArp } from "./arp.ts";
import type { RouteResult } from "./fib.ts";
import { addHop } from "./hops.ts";
import { solicitByDiscovery } from "./ndisc.ts";
import { ProxyTable } from "./proxies.ts";

export type NeighbourState = "INCOMPLETE" | "REACHABLE" | "STALE" | "DELAY" | "PROBE" | "FAILED" | "PERMANENT" | "NOARP";

/** `struct neighbour`. */
export class NeighbourEntry {
  readonly ip: Ip;
  readonly dev: NetDevice;
  mac: Mac | undefined;
  state: NeighbourState;
  /** µs of virtual time of the last confirmation, of the last use, and of the last change of state or MAC. */
  confirmed = 0;
  used = 0;
  updated = 0;
  isRouter = false;
  /** Entered by an administrator. */
  byHand = false;
  /** Solicitations sent since it was last known to be there. */
  probes = 0;
  /** Packets that wait for the MAC. */
  readonly queue: Skb[] = [];
  timer: Timer | undefined;
  /** The Ethernet header of what is sent to it (struct hh_cache). */
  header: EthernetHeader | undefined;
  /** What hops last said of it. */
  told: Extract<Decision, { readonly by: "neighbour" }> | undefined;
  /** No longer in the table: who has kept it looks it up again. */
  removed = false;

  constructor(ip: Ip, dev: NetDevice, state: NeighbourState, mac?: Mac) {
    this.ip = ip;
    this.dev = dev;
    this.state = state;
    this.mac = mac;
  }
}

/** How a neighbour's word about itself is taken: NEIGH_UPDATE_F_*. */
export interface NeighbourUpdate {
  /** It answered us: REACHABLE. Otherwise it is only heard of: STALE. */
  readonly reachable: boolean;
  /** May replace a MAC that is known already. */
  readonly override: boolean;
  readonly isRouter?: boolean;
}

const SECOND = 1_000_000;

export class NeighbourTable {
  readonly netns: Netns;
  readonly proxies = new ProxyTable();
  #byDevice = new Map<NetDevice, Map<Ip, NeighbourEntry>>();
  /** neigh_parms.reachable_time: drawn once a device, 0.5 to 1.5 times the base. */
  #reachableTimes = new Map<NetDevice, { readonly base: number; readonly time: number }>();

  constructor(netns: Netns) {
    this.netns = netns;
  }

  /** In the kernel's dump order as far as it is one: by device, then by age. Mappings of broadcast and multicast addresses are left out. */
  list(): readonly NeighbourEntry[] {
    const devices = [...this.#byDevice.keys()].sort((a, b) => a.ifindex - b.ifindex);
    return devices.flatMap((dev) =>
      [...(this.#byDevice.get(dev) as Map<Ip, NeighbourEntry>).values()].filter((entry) => entry.state !== "NOARP" || entry.byHand),
    );
  }

  get(ip: Ip, dev: NetDevice): NeighbourEntry | undefined {
    return this.#byDevice.get(dev)?.get(ip);
  }

  /**
   * Sends `skb` to the neighbour once its MAC is known, asking for it when it is not; at most so many wait (unres_qlen).
   * `result` is the route that led here: it remembers the entry.
   */
  output(skb: Skb, dev: NetDevice, nextHop: Ip, result?: RouteResult): void {
    skb.dev = dev;
    if (dev.noArp) {
      // Devices without ARP address every frame to themselves; loopback has no link layer at all (arp_constructor).
      if (dev.isEthernet) skb.eth = { src: dev.mac, dst: dev.mac, type: typeof nextHop === "number" ? ETH_IPV4 : ETH_IPV6 };
      dev.transmit(skb);
      return;
    }
    let entry = result?.neighbour;
    if (!entry || entry.removed || entry.dev !== dev) {
      entry = this.#obtain(nextHop, dev);
      if (result) result.neighbour = entry;
    }
    entry.used = this.netns.kernel.clock.now;
    switch (entry.state) {
      case "STALE":
        this.#delay(entry);
        break;
      case "INCOMPLETE":
        this.#enqueue(entry, skb);
        return;
      case "FAILED":
        this.#start(entry, skb);
        return;
    }
    this.#transmit(entry, skb);
  }

  /** `ip neigh add|replace|change`. */
  set(ip: Ip, dev: NetDevice, mac: Mac, state: NeighbourState): void {
    const entry = this.#obtain(ip, dev);
    const { now } = this.netns.kernel.clock;
    this.#disarm(entry);
    this.#setMac(entry, mac);
    entry.byHand = true;
    entry.state = state;
    entry.updated = now;
    entry.confirmed = now;
    entry.used = now;
    if (state === "REACHABLE") this.#arm(entry, this.#reachableTime(entry), true);
    else if (state === "DELAY") this.#arm(entry, this.#conf(entry).delay_first_probe_time * SECOND, true);
    else if (state === "PROBE") this.#probe(entry);
    this.#tell(entry);
    if (state !== "FAILED" && state !== "INCOMPLETE") this.#flushQueue(entry);
  }

  /** __neigh_notify. */
  #tell(entry: NeighbourEntry, gone = false): void {
    const { rtnetlink } = this.netns;
    if (rtnetlink.heard && entry.state !== "NOARP") rtnetlink.tell({ of: "neigh", entry, gone });
  }

  remove(ip: Ip, dev: NetDevice): boolean {
    const entry = this.get(ip, dev);
    if (!entry) return false;
    this.#forget(entry);
    return true;
  }

  /** Upper layers have heard from it: keeps it REACHABLE (dst_confirm). */
  confirm(ip: Ip, dev: NetDevice): void {
    const entry = this.get(ip, dev);
    if (entry) this.#confirmed(entry);
  }

  /** An answer or a request told us a neighbour's MAC (neigh_update). `create` makes an entry where there is none. */
  heard(ip: Ip, dev: NetDevice, mac: Mac, update: NeighbourUpdate, create: boolean): void {
    const entry = create ? this.#obtain(ip, dev) : this.get(ip, dev);
    if (!entry || entry.state === "PERMANENT" || entry.state === "NOARP") return;
    const { now } = this.netns.kernel.clock;
    const valid = entry.mac !== undefined && entry.state !== "INCOMPLETE" && entry.state !== "FAILED";
    if (update.isRouter !== undefined) entry.isRouter = update.isRouter;
    if (valid && entry.mac !== mac && !update.override) return;
    const same = entry.mac === mac;
    if (!update.reachable && valid && same) {
      // What is known is better than hearsay: the state stays.
      entry.updated = now;
      return;
    }
    this.#disarm(entry);
    this.#setMac(entry, mac);
    entry.updated = now;
    entry.probes = 0;
    if (update.reachable) {
      entry.state = "REACHABLE";
      entry.confirmed = now;
      this.#arm(entry, this.#reachableTime(entry), true);
    } else entry.state = "STALE";
    this.#tell(entry);
    this.#flushQueue(entry);
  }

  /** The device went down, left, or lost its carrier (`keepPermanent`): its neighbours are forgotten (neigh_ifdown, neigh_carrier_down). */
  flush(dev: NetDevice, keepPermanent = false): void {
    for (const entry of [...(this.#byDevice.get(dev)?.values() ?? [])]) {
      if (!keepPermanent || entry.state !== "PERMANENT") this.#forget(entry);
    }
    if (!keepPermanent) this.#reachableTimes.delete(dev);
  }

  /** Stops all timers and drops what waits. */
  stop(): void {
    for (const dev of [...this.#byDevice.keys()]) this.flush(dev);
  }

  #obtain(ip: Ip, dev: NetDevice): NeighbourEntry {
    let entries = this.#byDevice.get(dev);
    if (!entries) {
      entries = new Map();
      this.#byDevice.set(dev, entries);
    }
    let entry = entries.get(ip);
    if (entry) return entry;
    // arp_constructor, ndisc_constructor: groups and broadcasts need not be asked for.
    const group = this.#groupMac(ip, dev);
    entry = group ? new NeighbourEntry(ip, dev, "NOARP", group) : new NeighbourEntry(ip, dev, "FAILED");
    entry.updated = this.netns.kernel.clock.now;
    entries.set(ip, entry);
    return entry;
  }

  #groupMac(ip: Ip, dev: NetDevice): Mac | undefined {
    if (isMulticast(ip)) return multicastMac(ip);
    if (typeof ip !== "number") return undefined;
    if (ip === LIMITED_BROADCAST) return BROADCAST_MAC;
    return this.netns.inet.fib.lookup(ip, undefined, dev)?.route.type === "broadcast" ? BROADCAST_MAC : undefined;
  }

  #conf(entry: NeighbourEntry): NeighbourConf {
    const settings = this.netns.sysctl.device(entry.dev);
    return typeof entry.ip === "number" ? settings.neigh4 : settings.neigh6;
  }

  #reachableTime(entry: NeighbourEntry): number {
    const base = this.#conf(entry).base_reachable_time_ms;
    const known = this.#reachableTimes.get(entry.dev);
    if (known?.base === base) return known.time;
    const time = Math.floor(base * (0.5 + this.netns.kernel.random.unit()) * 1000);
    this.#reachableTimes.set(entry.dev, { base, time });
    return time;
  }

  #setMac(entry: NeighbourEntry, mac: Mac): void {
    if (entry.mac === mac) return;
    entry.mac = mac;
    entry.header = undefined;
  }

  #transmit(entry: NeighbourEntry, skb: Skb): void {
    const { dev } = entry;
    let { header } = entry;
    if (!header || header.src !== dev.mac) {
      header = { src: dev.mac, dst: entry.mac as Mac, type: typeof entry.ip === "number" ? ETH_IPV4 : ETH_IPV6 };
      entry.header = header;
    }
    skb.eth = header;
    if (this.netns.kernel.trace.hops) this.#hop(entry, skb, "pass");
    dev.transmit(skb);
  }

  /** Nothing is known of it: the packet waits, the first question goes out (__neigh_event_send). */
  #start(entry: NeighbourEntry, skb: Skb): void {
    entry.state = "INCOMPLETE";
    entry.updated = this.netns.kernel.clock.now;
    entry.probes = 0;
    this.#enqueue(entry, skb);
    this.#solicit(entry);
  }

  #enqueue(entry: NeighbourEntry, skb: Skb): void {
    const { queue } = entry;
    if (this.netns.kernel.trace.hops) this.#hop(entry, skb, "hold");
    if (queue.length >= Math.max(1, this.#conf(entry).unres_qlen)) {
      const oldest = queue.shift();
      if (oldest && this.netns.kernel.trace.hops) this.#hop(entry, oldest, "drop", "neighbour-queue-full");
    }
    queue.push(skb);
  }

  #solicit(entry: NeighbourEntry): void {
    entry.probes++;
    // Armed before asking: the answer may be on its way back at once.
    this.#arm(entry, this.#conf(entry).retrans_time_ms * 1000, entry.state === "PROBE");
    const behind = entry.queue[entry.queue.length - 1];
    const unicastTo = entry.state === "PROBE" ? entry.mac : undefined;
    if (typeof entry.ip === "number") solicitByArp(this.netns, entry.dev, entry.ip, unicastTo, behind);
    else solicitByDiscovery(this.netns, entry.dev, entry.ip, unicastTo, behind);
  }

  #delay(entry: NeighbourEntry): void {
    entry.state = "DELAY";
    entry.updated = this.netns.kernel.clock.now;
    this.#arm(entry, this.#conf(entry).delay_first_probe_time * SECOND, true);
  }

  #probe(entry: NeighbourEntry): void {
    entry.state = "PROBE";
    entry.updated = this.netns.kernel.clock.now;
    entry.probes = 0;
    this.#tell(entry);
    this.#solicit(entry);
  }

  #confirmed(entry: NeighbourEntry): void {
    const { now } = this.netns.kernel.clock;
    entry.confirmed = now;
    if (entry.state === "DELAY" || entry.state === "PROBE") {
      // neigh_timer_handler would see it when the timer is due; nothing is sent until then, so it may as well be now.
      this.#disarm(entry);
      entry.state = "REACHABLE";
      entry.updated = now;
      this.#tell(entry);
      this.#arm(entry, this.#reachableTime(entry), true);
    }
  }

  /** neigh_timer_handler. */
  #timeout(entry: NeighbourEntry): void {
    const { now } = this.netns.kernel.clock;
    const conf = this.#conf(entry);
    entry.timer = undefined;
    switch (entry.state) {
      case "REACHABLE": {
        const due = entry.confirmed + this.#reachableTime(entry);
        if (now < due) {
          this.#arm(entry, due - now, true);
          return;
        }
        if (now <= entry.used + conf.delay_first_probe_time * SECOND) {
          this.#delay(entry);
          return;
        }
        entry.state = "STALE";
        entry.updated = now;
        this.#tell(entry);
        return;
      }
      case "DELAY":
        this.#probe(entry);
        return;
      case "PROBE":
      case "INCOMPLETE": {
        const most = entry.state === "PROBE" ? conf.ucast_solicit + conf.mcast_resolicit : conf.mcast_solicit;
        if (entry.probes < most) this.#solicit(entry);
        else this.#fail(entry);
      }
    }
  }

  /** neigh_invalidate: whoever waits is told that the host cannot be reached. */
  #fail(entry: NeighbourEntry): void {
    entry.state = "FAILED";
    entry.updated = this.netns.kernel.clock.now;
    entry.mac = undefined;
    entry.header = undefined;
    this.#tell(entry);
    for (const skb of entry.queue.splice(0)) {
      if (this.netns.kernel.trace.hops) this.#hop(entry, skb, "drop", "neighbour-failed");
      this.netns.inet.linkFailure(skb);
    }
  }

  #flushQueue(entry: NeighbourEntry): void {
    if (entry.queue.length === 0) return;
    if (entry.state === "STALE") this.#delay(entry);
    for (const skb of entry.queue.splice(0)) this.#transmit(entry, skb);
  }

  #forget(entry: NeighbourEntry): void {
    this.#tell(entry, true);
    this.#disarm(entry);
    entry.removed = true;
    entry.queue.length = 0;
    this.#byDevice.get(entry.dev)?.delete(entry.ip);
    if (this.#byDevice.get(entry.dev)?.size === 0) this.#byDevice.delete(entry.dev);
  }

  #arm(entry: NeighbourEntry, delay: number, background: boolean): void {
    this.#disarm(entry);
    entry.timer = this.netns.kernel.clock.after(delay, () => this.#timeout(entry), background);
  }

  #disarm(entry: NeighbourEntry): void {
    if (entry.timer) this.netns.kernel.clock.cancel(entry.timer);
    entry.timer = undefined;
  }

  #hop(entry: NeighbourEntry, skb: Skb, verdict: "pass" | "hold" | "drop", reason?: "neighbour-failed" | "neighbour-queue-full"): void {
    const { told, mac, state } = entry;
    const decision = told?.mac === mac && told?.state === state ? told : ({ by: "neighbour", ip: formatIp(entry.ip), mac, state } as const);
    entry.told = decision;
    addHop(this.netns, skb, entry.dev, "neighbour", verdict, { reason, decision });
  }
}
