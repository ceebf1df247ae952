/** Capture files (pcap(5), draft-ietf-opsawg-pcap): a head, then each frame behind its time and its lengths. */
import type { Output } from "../../../../kernel/stdio.ts";
import { bytesOf, octetText } from "../../text/bytes/bytes.ts";
import { decodeFrame, decodePacket } from "./decode.ts";
import { ethernetBytes, type Frame, networkBytes, PACKET_TYPES } from "./frame.ts";
import { Reader } from "./reader.ts";

/** Link types of the files that are written and read here. */
export const LINK_ETHERNET = 1;
export const LINK_COOKED = 276;
export type LinkType = typeof LINK_ETHERNET | typeof LINK_COOKED;

/** As tcpdump names them. */
export const LINK_NAMES: Readonly<Record<LinkType, string>> = {
  [LINK_ETHERNET]: "EN10MB (Ethernet)",
  [LINK_COOKED]: "LINUX_SLL2 (Linux cooked v2)",
};

const MAGIC_MICROSECONDS = 0xa1b2c3d4;
const MAGIC_NANOSECONDS = 0xa1b23c4d;
const MAGIC_LENGTH = 4;
const FILE_HEADER = 24;
const RECORD_HEADER = 16;
const COOKED_HEADER = 20;
const ARPHRD_ETHER = 1;
const ARPHRD_LOOPBACK = 772;

/** Numbers in the order of the machine that writes: the least octet first. */
const little = (...values: readonly number[]): number[] =>
  values.flatMap((value) => [value & 255, (value >>> 8) & 255, (value >>> 16) & 255, (value >>> 24) & 255]);

interface WriterOptions {
  readonly link: LinkType;
  /** Bytes of a frame that are kept. */
  readonly snaplen: number;
  /** Each frame is written at once. */
  readonly unbuffered: boolean;
  /** µs since 1970 at virtual time 0. */
  readonly epochMicros: number;
}

/** What stdio holds back before it writes. */
const BLOCK = 4096;

/** Writes frames to a file, a block at a time as stdio does: a reader sees the rest when it is flushed. */
export class CaptureWriter {
  readonly #output: Output;
  readonly #options: WriterOptions;
  #pending: string;
  /** Bytes that it has been given. */
  length = FILE_HEADER;

  constructor(output: Output, options: WriterOptions) {
    this.#output = output;
    this.#options = options;
    this.#pending = octetText(Uint8Array.from(little(MAGIC_MICROSECONDS, 0x00040002, 0, 0, options.snaplen, options.link)));
    if (options.unbuffered) this.flush();
  }

  write(frame: Frame): true {
    const { link, snaplen, unbuffered, epochMicros } = this.#options;
    const bytes = link === LINK_ETHERNET ? ethernetBytes(frame) : cookedBytes(frame);
    const kept = bytes.subarray(0, snaplen);
    const micros = epochMicros + frame.at;
    const head = little(Math.floor(micros / 1_000_000), micros % 1_000_000, kept.length, bytes.length);
    this.#pending += octetText(Uint8Array.from([...head, ...kept]));
    this.length += RECORD_HEADER + kept.length;
    if (unbuffered) this.flush();
    const whole = this.#pending.length - (this.#pending.length % BLOCK);
    if (whole > 0) {
      this.#output.write(this.#pending.slice(0, whole));
      this.#pending = this.#pending.slice(whole);
    }
    return true;
  }

  flush(): void {
    if (this.#pending !== "") this.#output.write(this.#pending);
    this.#pending = "";
  }
}

/** LINKTYPE_LINUX_SLL2: protocol, interface, hardware type, packet type, the sender's address. */
function cookedBytes(frame: Frame): Uint8Array {
  const { eth, device, packet } = frame;
  const protocol = packet.kind === "arp" ? 0x0806 : typeof packet.src === "number" ? 0x0800 : 0x86dd;
  const hardware = eth ? ARPHRD_ETHER : ARPHRD_LOOPBACK;
  const sender = (eth?.src ?? "00:00:00:00:00:00").split(":").map((octet) => Number.parseInt(octet, 16));
  const { ifindex } = device;
  const head = [
    ...[protocol >>> 8, protocol & 255, 0, 0],
    ...[ifindex >>> 24, (ifindex >>> 16) & 255, (ifindex >>> 8) & 255, ifindex & 255],
    ...[hardware >>> 8, hardware & 255, PACKET_TYPES.indexOf(frame.type), 6],
    ...sender,
    ...[0, 0],
  ];
  const inner = networkBytes(frame);
  const bytes = new Uint8Array(COOKED_HEADER + inner.length);
  bytes.set(head);
  bytes.set(inner, COOKED_HEADER);
  return bytes;
}

export interface CaptureFile {
  readonly link: LinkType;
  readonly snaplen: number;
  readonly frames: readonly Frame[];
  /** Why the file could not be read to its end. */
  readonly failure: string | undefined;
}

/**
 * Reads a file; a string says why it is none, in libpcap's words (sf-pcap.c). `deviceName` names an interface by its number.
 * Frames of protocols that are not known here are passed over.
 */
export function readCapture(text: string, epochMicros: number, deviceName: (ifindex: number) => string): CaptureFile | string {
  const bytes = bytesOf(text);
  if (bytes.length < MAGIC_LENGTH) return `truncated dump file; tried to read ${MAGIC_LENGTH} file header bytes, only got ${bytes.length}`;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const magics = [MAGIC_MICROSECONDS, MAGIC_NANOSECONDS];
  const littleEndian = magics.includes(view.getUint32(0, true));
  if (!littleEndian && !magics.includes(view.getUint32(0))) return "unknown file format";
  if (bytes.length < FILE_HEADER)
    return `truncated dump file; tried to read ${FILE_HEADER} file header bytes, only got ${bytes.length - MAGIC_LENGTH}`;
  const word = (at: number): number => view.getUint32(at, littleEndian);
  const perMicro = word(0) === MAGIC_NANOSECONDS ? 1000 : 1;
  const link = word(20) & 0xffff;
  if (link !== LINK_ETHERNET && link !== LINK_COOKED)
    return `link type ${link} is not supported here; supported are ${Object.values(LINK_NAMES).join(" and ")}`;
  const frames: Frame[] = [];
  let failure: string | undefined;
  for (let at = FILE_HEADER; at < bytes.length && failure === undefined; ) {
    const left = bytes.length - at;
    if (left < RECORD_HEADER) {
      failure = `truncated dump file; tried to read ${RECORD_HEADER} header bytes, only got ${left}`;
      break;
    }
    const length = word(at + 8);
    const here = left - RECORD_HEADER;
    if (here < length) failure = `truncated dump file; tried to read ${length} captured bytes, only got ${here}`;
    else {
      const time = word(at) * 1_000_000 + Math.floor(word(at + 4) / perMicro) - epochMicros;
      const frame = decodeRecord(bytes.subarray(at + RECORD_HEADER, at + RECORD_HEADER + length), link, time, deviceName);
      if (frame) frames.push(frame);
    }
    at += RECORD_HEADER + length;
  }
  return { link, snaplen: word(16), frames, failure };
}

function decodeRecord(bytes: Uint8Array, link: LinkType, at: number, deviceName: (ifindex: number) => string): Frame | undefined {
  if (link === LINK_ETHERNET) {
    const decoded = decodeFrame(bytes);
    return decoded && { at, device: { name: "", ifindex: 0 }, type: "In", ...decoded };
  }
  const reader = new Reader(bytes);
  const protocol = reader.u16();
  reader.u16();
  const ifindex = reader.u32();
  const hardware = reader.u16();
  const type = PACKET_TYPES[reader.u8()] ?? "In";
  reader.u8();
  const src = reader.mac();
  const inner = bytes.subarray(COOKED_HEADER);
  const packet = decodePacket(protocol, inner);
  if (!packet) return undefined;
  const dst = type === "B" ? "ff:ff:ff:ff:ff:ff" : type === "M" ? "01:00:5e:00:00:00" : "00:00:00:00:00:00";
  const eth = hardware === ARPHRD_ETHER ? { src, dst, type: protocol } : undefined;
  return { at, device: { name: deviceName(ifindex), ifindex }, type, eth, packet, bytes: inner };
}
