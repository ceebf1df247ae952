/** Reads numbers and names out of octets, one after the other. What lies beyond the end reads as zeros: frames are cut off by -s. */
import type { Ip, Ipv4, Mac } from "../../../../kernel/address.ts";

const hex = (octet: number): string => octet.toString(16).padStart(2, "0");

export class Reader {
  readonly bytes: Uint8Array;
  at: number;

  constructor(bytes: Uint8Array, at = 0) {
    this.bytes = bytes;
    this.at = at;
  }

  get left(): number {
    return Math.max(0, this.bytes.length - this.at);
  }

  u8(): number {
    return this.bytes[this.at++] ?? 0;
  }

  u16(): number {
    return this.u8() * 256 + this.u8();
  }

  u32(): number {
    return this.u16() * 65536 + this.u16();
  }

  ipv4(): Ipv4 {
    return this.u32();
  }

  ip(four: boolean): Ip {
    if (four) return this.u32();
    let ip = 0n;
    for (let i = 0; i < 4; i++) ip = (ip << 32n) | BigInt(this.u32());
    return ip;
  }

  mac(): Mac {
    return Array.from({ length: 6 }, () => hex(this.u8())).join(":");
  }

  /** The next so many octets, or as many as there are. */
  take(length: number): Uint8Array {
    const taken = this.bytes.subarray(this.at, this.at + length);
    this.at += length;
    return taken;
  }
}
