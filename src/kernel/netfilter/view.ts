/** What a rule sees of a packet at a hook (struct xt_action_param): one view serves all rules of the hook. */
import type { NetDevice } from "../device/device.ts";
import type { Netns } from "../netns.ts";
import type { Skb } from "../skb.ts";
import { ipLength } from "../wire/length.ts";
import type { IpPacket, Transport } from "../wire/packet.ts";
import type { ConntrackTable } from "./conntrack.ts";
import { wholeBody } from "./tuple.ts";
import type { Hook } from "./types.ts";

export class PacketView {
  readonly netns: Netns;
  readonly conntrack: ConntrackTable;
  skb!: Skb;
  packet!: IpPacket;
  hook: Hook = "PREROUTING";
  indev: NetDevice | undefined;
  outdev: NetDevice | undefined;
  /** Interface names, "" where there is no device. */
  inName = "";
  outName = "";
  /** The transport header; undefined in a later fragment that nobody has put together (no conntrack). */
  body: Transport | undefined;
  #defragments = false;
  #length = -1;

  constructor(netns: Netns, conntrack: ConntrackTable) {
    this.netns = netns;
    this.conntrack = conntrack;
  }

  set(skb: Skb, packet: IpPacket, hook: Hook, indev: NetDevice | undefined, outdev: NetDevice | undefined, defragments: boolean): void {
    this.skb = skb;
    this.hook = hook;
    this.indev = indev;
    this.outdev = outdev;
    this.inName = indev === undefined ? "" : indev.name;
    this.outName = outdev === undefined ? "" : outdev.name;
    this.#defragments = defragments;
    this.#length = -1;
    this.packet = packet;
    const { body } = packet;
    this.body = body.kind !== "fragment" ? body : defragments || body.offset === 0 ? body.whole : undefined;
  }

  /** Puts a rewritten packet in the place of the old one. */
  replace(packet: IpPacket): void {
    this.skb.packet = packet;
    this.packet = packet;
    this.#length = -1;
    const { body } = packet;
    this.body = body.kind !== "fragment" ? body : this.#defragments || body.offset === 0 ? wholeBody(body) : undefined;
  }

  /** Bytes of the IP packet. */
  get length(): number {
    if (this.#length < 0) this.#length = ipLength(this.packet);
    return this.#length;
  }
}
