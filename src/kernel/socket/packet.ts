/** Packet sockets: every frame that a device sends or receives (net/packet/af_packet.c). */
import type { NetDevice, Tap } from "../device/device.ts";
import type { Skb } from "../skb.ts";
import { WaitQueue } from "../task.ts";
import type { EthernetHeader, NetworkPacket } from "../wire/packet.ts";
import { ReceiveQueue } from "./queue.ts";
import type { SocketOwner, SocketTable, SocketView } from "./table.ts";

export interface CapturedFrame {
  readonly at: number;
  readonly dev: NetDevice;
  readonly direction: "in" | "out";
  readonly eth: EthernetHeader | undefined;
  readonly packet: NetworkPacket;
}

export interface PacketSocket {
  readonly readable: WaitQueue;
  receive(): CapturedFrame | undefined;
  /** How many frames were lost because nobody read (PACKET_STATISTICS, tp_drops). */
  readonly dropped: number;
  /** The device that it was bound to is gone from the netns. */
  readonly deviceGone: boolean;
  close(): void;
}

/** About what a 2 MB ring holds of short frames. */
const QUEUE_LIMIT = 16384;

export class TapSocket implements PacketSocket, Tap {
  readonly readable = new WaitQueue();
  readonly owner: SocketOwner;
  /** Undefined: all devices of the netns, those to come included. */
  readonly device: NetDevice | undefined;
  deviceGone = false;
  #table: SocketTable;
  #queue = new ReceiveQueue<CapturedFrame>(QUEUE_LIMIT);

  constructor(table: SocketTable, owner: SocketOwner, device: NetDevice | undefined) {
    this.#table = table;
    this.owner = owner;
    this.device = device;
  }

  get dropped(): number {
    return this.#queue.overflow;
  }

  attach(device: NetDevice): void {
    if (!device.taps.includes(this)) device.taps.push(this);
  }

  detach(device: NetDevice): void {
    const at = device.taps.indexOf(this);
    if (at >= 0) device.taps.splice(at, 1);
    if (device === this.device) {
      this.deviceGone = true;
      this.readable.wake();
    }
  }

  frame(skb: Skb, device: NetDevice, direction: "in" | "out"): void {
    this.#queue.push({ at: this.#table.netns.kernel.clock.now, dev: device, direction, eth: skb.eth, packet: skb.packet });
    this.readable.wake();
  }

  receive(): CapturedFrame | undefined {
    return this.#queue.shift();
  }

  close(): void {
    this.#table.forgetTap(this);
    this.#queue.clear();
  }

  get view(): SocketView {
    return {
      protocol: "packet",
      family: 4,
      dual: false,
      state: "UNCONN",
      local: 0,
      localPort: this.device?.ifindex ?? 0,
      remote: 0,
      remotePort: 0,
      receiveQueue: this.#queue.length,
      sendQueue: 0,
      process: this.owner.process,
      pid: this.owner.pid,
    };
  }
}
