/** VXLAN (drivers/net/vxlan, RFC 7348): Ethernet frames in UDP datagrams between hosts, one network for each number (VNI). */
import { type Ip, isGroupMac, type Mac, ZERO_MAC } from "../address.ts";
import type { Netns } from "../netns.ts";
import { Skb } from "../skb.ts";
import type { UdpSocket } from "../socket/udp.ts";
import type { EncapsulatedFrame, EthernetHeader, NetworkPacket } from "../wire/packet.ts";
import { NetDevice } from "./device.ts";
import { traceDevice } from "./hops.ts";
import { LinkError } from "./link-error.ts";

/** Outer Ethernet, IPv4, UDP and VXLAN headers: so much smaller is the MTU than the device's below (VXLAN_HEADROOM). Bytes. */
const HEADROOM_4 = 50;
const HEADROOM_6 = 70;
/** Seconds after which a learned entry is forgotten. */
export const VXLAN_AGEING = 300;
/** So deep may one tunnel run in another: a tunnel that is routed into itself ends here. */
const MAX_NESTING = 4;

export interface VxlanOptions {
  /** 0 to 16,777,215. */
  readonly vni: number;
  readonly port: number;
  /** Where frames go whose MAC is unknown: the default destination. */
  readonly remote?: Ip;
  readonly local?: Ip;
  readonly lower?: NetDevice;
  readonly learning: boolean;
}

/** An entry of a tunnel's forwarding database; the MAC of zeros holds where to flood. */
export interface VxlanEntry {
  readonly mac: Mac;
  readonly dst: Ip;
  /** The device that the default destination goes by, shown as `via`. */
  readonly via?: NetDevice;
  readonly static: boolean;
  readonly updated: number;
}

/** The UDP socket that all tunnels of a netns with one port share (vxlan_sock). */
class VxlanSocket {
  readonly tunnels = new Map<number, Vxlan>();
  readonly #socket: UdpSocket;

  constructor(socket: UdpSocket, netns: Netns) {
    this.#socket = socket;
    // Woken with each datagram for as long as the socket is open.
    socket.readable.arm(netns.kernel.clock, () => this.#drain());
  }

  send(frame: EncapsulatedFrame, ip: Ip, port: number): boolean {
    return this.#socket.send(frame, { ip, port }, frame.journey) === undefined;
  }

  close(): void {
    this.#socket.close();
  }

  #drain(): void {
    for (let datagram = this.#socket.receive(); datagram; datagram = this.#socket.receive()) {
      const { payload, from } = datagram;
      if (payload.kind === "frame") this.tunnels.get(payload.vni)?.decapsulate(payload, from);
    }
  }
}

const sockets = new WeakMap<Netns, Map<number, VxlanSocket>>();

export class Vxlan extends NetDevice {
  readonly kind = "vxlan";
  readonly settings: VxlanOptions;
  /** The netns whose addresses and routes the datagrams use: the one that the tunnel was made in. */
  readonly underlay: Netns;
  #entries: VxlanEntry[] = [];
  #socket: VxlanSocket | undefined;
  #sending = false;

  constructor(netns: Netns, name: string, settings: VxlanOptions, mac?: Mac) {
    super(netns, name, mac ?? netns.kernel.random.mac());
    this.settings = settings;
    this.underlay = netns;
    const { remote, lower } = settings;
    if (lower) this.mtu = this.#largest(lower);
    if (remote !== undefined) this.#entries.push({ mac: ZERO_MAC, dst: remote, via: lower, static: true, updated: 0 });
  }

  get lowerUp(): boolean {
    return true;
  }

  override get maxMtu(): number {
    const { lower } = this.settings;
    return lower ? this.#largest(lower) : 65535;
  }

  #largest(lower: NetDevice): number {
    return lower.mtu - (typeof (this.settings.remote ?? this.settings.local) === "bigint" ? HEADROOM_6 : HEADROOM_4);
  }

  /** vxlan_open binds the port, vxlan_stop lets it go when no other tunnel uses it. */
  override upChanged(): void {
    const { vni, port, local, remote } = this.settings;
    let known = sockets.get(this.underlay);
    if (!known) {
      known = new Map();
      sockets.set(this.underlay, known);
    }
    if (!this.up) {
      const socket = this.#socket;
      this.#socket = undefined;
      if (!socket) return;
      socket.tunnels.delete(vni);
      if (socket.tunnels.size > 0) return;
      socket.close();
      known.delete(port);
      return;
    }
    let socket = known.get(port);
    if (!socket) {
      const family = typeof (remote ?? local) === "bigint" ? 6 : 4;
      const opened = this.underlay.sockets.udp({ process: "", pid: 0 }, { family, port });
      if (typeof opened === "string") return;
      socket = new VxlanSocket(opened, this.underlay);
      known.set(port, socket);
    }
    socket.tunnels.set(vni, this);
    this.#socket = socket;
  }

  /** Entries that have not aged out, newest first but for those that flood. */
  entries(): readonly VxlanEntry[] {
    const { now } = this.netns.kernel.clock;
    this.#entries = this.#entries.filter((entry) => entry.static || now - entry.updated <= VXLAN_AGEING * 1e6);
    const flooding = this.#entries.filter(({ mac }) => mac === ZERO_MAC);
    return [...this.#entries.filter(({ mac }) => mac !== ZERO_MAC).reverse(), ...flooding];
  }

  /** `bridge fdb add|append|replace`: EEXIST for what is there, unless it is replaced. */
  addEntry(mac: Mac, dst: Ip, verb: "add" | "append" | "replace"): LinkError | undefined {
    const same = this.#entries.filter((entry) => entry.mac === mac);
    if (verb === "replace") this.#entries = this.#entries.filter((entry) => entry.mac !== mac);
    else if (same.some((entry) => entry.dst === dst) || (verb === "add" && same.length > 0)) return new LinkError("EEXIST", "File exists");
    this.#entries.push({ mac, dst, static: true, updated: this.netns.kernel.clock.now });
    return undefined;
  }

  /** ENOENT when there is no such entry; without `dst` all of the MAC go. */
  removeEntry(mac: Mac, dst?: Ip): LinkError | undefined {
    const kept = this.#entries.filter((entry) => entry.mac !== mac || (dst !== undefined && entry.dst !== dst));
    if (kept.length === this.#entries.length) return new LinkError("ENOENT", "No such file or directory");
    this.#entries = kept;
    return undefined;
  }

  protected startXmit(skb: Skb): void {
    const eth = skb.eth as EthernetHeader;
    const known = isGroupMac(eth.dst) ? [] : this.#find(eth.dst);
    const to = known.length > 0 ? known : this.#find(ZERO_MAC);
    const { trace } = this.netns.kernel;
    if (to.length === 0 || !this.#socket || this.#sending || nesting(skb.packet) >= MAX_NESTING) {
      this.counters.txDropped++;
      if (trace.hops) traceDevice(this, skb, "transmit", "drop", to.length === 0 ? "no-route" : "no-carrier");
      return;
    }
    if (trace.hops) {
      const note = to.map(({ dst }) => String(dst)).join(" ");
      traceDevice(this, skb, "transmit", "send", undefined, { by: "device", note: `vxlan ${this.settings.vni} ${note}` });
    }
    const frame: EncapsulatedFrame = {
      kind: "frame",
      vni: this.settings.vni,
      eth,
      packet: skb.packet,
      journey: skb.id,
      cause: skb.cause,
    };
    this.#sending = true;
    for (const { dst } of to) if (!this.#socket.send(frame, dst, this.settings.port)) this.counters.txErrors++;
    this.#sending = false;
  }

  /** A datagram for this network came in from `from`: learned, and the frame received (vxlan_rcv). */
  decapsulate(frame: EncapsulatedFrame, from: Ip): void {
    const { eth, packet, journey, cause } = frame;
    // A frame of one's own that has come back.
    if (eth.src === this.mac) return;
    if (this.settings.learning && !isGroupMac(eth.src)) this.#learn(eth.src, from);
    this.receive(new Skb(journey, cause, packet, eth, this));
  }

  #find(mac: Mac): readonly VxlanEntry[] {
    const { now } = this.netns.kernel.clock;
    return this.#entries.filter((entry) => entry.mac === mac && (entry.static || now - entry.updated <= VXLAN_AGEING * 1e6));
  }

  #learn(mac: Mac, dst: Ip): void {
    const at = this.#entries.findIndex((entry) => entry.mac === mac);
    const known = this.#entries[at];
    if (known?.static) return;
    const entry = { mac, dst, static: false, updated: this.netns.kernel.clock.now };
    if (known) this.#entries[at] = entry;
    else this.#entries.push(entry);
  }
}

/** How many frames are packed into one another in a packet. */
function nesting(packet: NetworkPacket): number {
  let depth = 0;
  let inner: NetworkPacket = packet;
  while (inner.kind === "ip") {
    const body = inner.body.kind === "fragment" ? inner.body.whole : inner.body;
    if (body.kind !== "udp" || body.payload.kind !== "frame") break;
    inner = body.payload.packet;
    depth++;
  }
  return depth;
}

/** `ip link add NAME type vxlan id VNI …`. EEXIST when the netns has a tunnel with this VNI and port already. */
export function createVxlan(
  netns: Netns,
  name: string,
  settings: VxlanOptions,
  options: { readonly mac?: Mac; readonly ifindex?: number } = {},
): Vxlan | LinkError {
  const refused = netns.devices.refuseName(name);
  if (refused) return refused;
  const taken = netns.devices
    .all()
    .some((other) => other instanceof Vxlan && other.settings.vni === settings.vni && other.settings.port === settings.port);
  if (taken) return new LinkError("EEXIST", "A VXLAN device with the specified VNI already exists", true);
  const device = new Vxlan(netns, name, settings, options.mac);
  return netns.devices.add(device, options.ifindex) ?? device;
}
