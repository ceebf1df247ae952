/** One captured frame as tcpdump's line or lines. */
import type { Ip } from "../../../../kernel/address.ts";
import type { Kernel } from "../../../../kernel/kernel.ts";
import { ARP_LENGTH, frameLength, ipLength, payloadLength, transportLength } from "../../../../kernel/wire/length.ts";
import { type ArpPacket, type IpPacket, PROTO_ICMP, type Transport, type UdpDatagram } from "../../../../kernel/wire/packet.ts";
import { isoDate, preciseTime } from "../../../wall-clock.ts";
import { ethernetBytes, type Frame, networkBytes } from "./frame.ts";
import type { Names } from "./names.ts";
import { printDns } from "./print-dns.ts";
import { namedBy, printIcmp, printIcmp6 } from "./print-icmp.ts";
import { TcpPrinter } from "./print-tcp.ts";

export interface PrintOptions {
  /** How many -v. */
  readonly verbosity: number;
  readonly quiet: boolean;
  readonly linkLevel: boolean;
  /** How many -t: 1 none, 2 seconds since 1970, 3 since the line before, 4 with the date, 5 since the first. */
  readonly timestamps: number;
  readonly absoluteSequence: boolean;
  /** "x", "xx", "X", "XX", "A". */
  readonly dump: string;
  /** Number the lines (-#). */
  readonly numbered: boolean;
  /** Captured on all devices: name and direction are shown. */
  readonly anyDevice: boolean;
}

const MDNS = 5353;
const DNS = 53;

export class FramePrinter {
  #kernel: Kernel;
  #names: Names;
  #options: PrintOptions;
  #tcp: TcpPrinter;
  #count = 0;
  #first: number | undefined;
  #last: number | undefined;

  constructor(kernel: Kernel, names: Names, options: PrintOptions) {
    this.#kernel = kernel;
    this.#names = names;
    this.#options = options;
    this.#tcp = new TcpPrinter(options.absoluteSequence);
  }

  /** The addresses that will be named. */
  named(frame: Frame): readonly Ip[] {
    const { packet } = frame;
    if (packet.kind === "arp") return [packet.senderIp, packet.targetIp];
    return [packet.src, packet.dst, ...(packet.body.kind === "icmp" ? namedBy(packet.body) : [])];
  }

  print(frame: Frame): string {
    const { packet } = frame;
    const number = this.#options.numbered ? `${String(++this.#count).padStart(5)}  ` : "";
    const body = packet.kind === "arp" ? this.#arp(packet) : this.#ip(packet);
    return `${number}${this.#time(frame.at)}${this.#link(frame)}${body}\n${this.#dump(frame)}`;
  }

  #time(at: number): string {
    const elapsed = (since: number | undefined): string => {
      const micros = since === undefined ? 0 : at - since;
      const seconds = Math.floor(micros / 1_000_000);
      const two = (value: number): string => String(value).padStart(2, "0");
      const clock = `${two(Math.floor(seconds / 3600))}:${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}`;
      return ` ${clock}.${String(micros % 1_000_000).padStart(6, "0")} `;
    };
    const before = this.#last;
    this.#last = at;
    this.#first ??= at;
    switch (this.#options.timestamps) {
      case 1:
        return "";
      case 2: {
        const micros = this.#kernel.epoch * 1000 + at;
        return `${Math.floor(micros / 1_000_000)}.${String(micros % 1_000_000).padStart(6, "0")} `;
      }
      case 3:
        return elapsed(before);
      case 4:
        return `${isoDate(this.#kernel.date(at)).split(" ")[0]} ${preciseTime(this.#kernel, at)} `;
      case 5:
        return elapsed(this.#first);
      default:
        return `${preciseTime(this.#kernel, at)} `;
    }
  }

  /** Device and direction with -i any; the Ethernet header with -e; the family's name. */
  #link(frame: Frame): string {
    const { packet, eth } = frame;
    const type = packet.kind === "arp" ? "ARP (0x0806)" : typeof packet.src === "number" ? "IPv4 (0x0800)" : "IPv6 (0x86dd)";
    const family = packet.kind === "arp" ? (this.#options.linkLevel ? "" : "ARP, ") : typeof packet.src === "number" ? "IP " : "IP6 ";
    if (this.#options.anyDevice) {
      const where = `${frame.device.name.padEnd(5)} ${frame.type.padEnd(3)} `;
      if (!this.#options.linkLevel) return where + family;
      return `${where}ifindex ${frame.device.ifindex} ${eth?.src ?? "00:00:00:00:00:00"} ethertype ${type}, length ${frameLength(packet) + 6}: `;
    }
    if (!this.#options.linkLevel) return family;
    const src = eth?.src ?? "00:00:00:00:00:00";
    const dst = eth?.dst ?? "00:00:00:00:00:00";
    const shown = this.#names.numeric || dst !== "ff:ff:ff:ff:ff:ff" ? dst : "Broadcast";
    const vlan =
      eth?.vlan === undefined
        ? ""
        : `802.1Q (0x8100), length ${frameLength(packet) + 4}: vlan ${eth.vlan & 4095}, p ${eth.vlan >>> 13}, ethertype ${type}, `;
    return vlan === "" ? `${src} > ${shown}, ethertype ${type}, length ${frameLength(packet)}: ` : `${src} > ${shown}, ethertype ${vlan}`;
  }

  #arp(arp: ArpPacket): string {
    const detail = this.#options.verbosity > 0 ? "Ethernet (len 6), IPv4 (len 4), " : "";
    const target = this.#names.host(arp.targetIp);
    const sender = this.#names.host(arp.senderIp);
    if (arp.op === "reply") return `${detail}Reply ${sender} is-at ${arp.senderMac}, length ${ARP_LENGTH}`;
    // A request that already names a MAC shows it: a probe to a neighbour that is being confirmed.
    const known = arp.targetMac === "00:00:00:00:00:00" ? "" : ` (${arp.targetMac})`;
    return `${detail}Request who-has ${target}${known} tell ${sender}, length ${ARP_LENGTH}`;
  }

  #ip(packet: IpPacket): string {
    return typeof packet.src === "number" ? this.#ip4(packet) : this.#ip6(packet);
  }

  #ip4(packet: IpPacket): string {
    const header = this.#options.verbosity > 0 ? `${header4(packet)}\n    ` : "";
    return header + this.#ends(packet) + this.#nested(packet);
  }

  #ip6(packet: IpPacket): string {
    const { tos, ttl } = packet;
    const fragment = packet.body.kind === "fragment";
    const traffic = tos === 0 ? "" : `class 0x${tos.toString(16).padStart(2, "0")}, `;
    const next = fragment ? "Fragment (44)" : protocolName(packet.protocol);
    const header =
      this.#options.verbosity > 0 ? `(${traffic}hlim ${ttl}, next-header ${next}, payload length ${ipLength(packet) - 40}) ` : "";
    return header + this.#ends(packet);
  }

  /** "A.port > B.port: " and what the packet carries. */
  #ends(packet: IpPacket): string {
    const { body } = packet;
    const names = this.#names;
    const plain = `${names.host(packet.src)} > ${names.host(packet.dst)}: `;
    if (body.kind === "fragment") {
      const v6 = typeof packet.src === "bigint";
      const frag = v6 ? `frag (${body.offset}|${body.length}) ` : "";
      if (body.offset > 0) return `${plain}${v6 ? frag.trimEnd() : protocolWord(packet.protocol, names.numeric)}`;
      return this.#transport(packet, body.whole, plain + frag, body.length);
    }
    return this.#transport(packet, body, plain, transportLength(body));
  }

  #transport(packet: IpPacket, body: Transport, plain: string, length: number): string {
    const { verbosity, quiet } = this.#options;
    const names = this.#names;
    switch (body.kind) {
      case "icmp":
        return (
          plain + (packet.protocol === PROTO_ICMP ? printIcmp(body, names, length) : printIcmp6(packet, body, names, verbosity > 0, length))
        );
      case "tcp": {
        const ends = `${names.end(packet.src, body.srcPort, "tcp")} > ${names.end(packet.dst, body.dstPort, "tcp")}: `;
        return ends + this.#tcp.print(packet, body, verbosity, quiet);
      }
      case "udp": {
        const ends = `${names.end(packet.src, body.srcPort, "udp")} > ${names.end(packet.dst, body.dstPort, "udp")}: `;
        return ends + this.#udp(packet, body);
      }
      default:
        return plain + (body.kind === "raw" ? `${protocolWord(packet.protocol, names.numeric)} ${body.length}` : "");
    }
  }

  #udp(packet: IpPacket, udp: UdpDatagram): string {
    const length = payloadLength(udp.payload);
    if (this.#options.quiet) return `UDP, length ${length}`;
    const sum = this.#options.verbosity > 0 && packet.body.kind === "udp" ? "[udp sum ok] " : "";
    const dns = [DNS, MDNS].some((port) => udp.srcPort === port || udp.dstPort === port);
    if (dns && udp.payload.kind === "dns") return sum + printDns(udp.payload.message, length, this.#options.verbosity);
    return `${sum}UDP, length ${length}`;
  }

  /** With -v an ICMP error shows the packet that it is about. */
  #nested(packet: IpPacket): string {
    const { body } = packet;
    if (this.#options.verbosity === 0 || body.kind !== "icmp" || !body.original) return "";
    return `\n\tIP ${header4(body.original)}\n    ${this.#ends(body.original)}`;
  }

  #dump(frame: Frame): string {
    const { dump } = this.#options;
    if (dump === "") return "";
    const bytes = dump === "xx" || dump === "XX" ? ethernetBytes(frame) : networkBytes(frame);
    if (dump === "A") return `${asAscii(bytes)}\n`;
    return hexDump(bytes, dump.startsWith("X"));
  }
}

const hex = (value: number, digits: number): string => value.toString(16).padStart(digits, "0");

const PROTOCOLS: Readonly<Record<number, string>> = {
  1: "ICMP",
  2: "IGMP",
  6: "TCP",
  17: "UDP",
  47: "GRE",
  50: "ESP",
  51: "AH",
  58: "ICMPv6",
  132: "SCTP",
};

const protocolName = (protocol: number): string => `${PROTOCOLS[protocol] ?? "unknown"} (${protocol})`;
/** A later fragment shows no more than its protocol. */
const protocolWord = (protocol: number, numeric: boolean): string =>
  (numeric ? undefined : PROTOCOLS[protocol]?.toLowerCase()) ?? `ip-proto-${protocol}`;

/** "(tos 0x0, ttl 64, id 1, offset 0, flags [DF], proto ICMP (1), length 84)". */
function header4(packet: IpPacket): string {
  const { body } = packet;
  const offset = body.kind === "fragment" ? body.offset : 0;
  const flags = [body.kind === "fragment" && body.more && "+", packet.df && "DF"].filter(Boolean).join(", ") || "none";
  return `(tos 0x${packet.tos.toString(16)}, ttl ${packet.ttl}, id ${packet.id}, offset ${offset}, flags [${flags}], proto ${protocolName(packet.protocol)}, length ${ipLength(packet)})`;
}

function hexDump(bytes: Uint8Array, ascii: boolean): string {
  let text = "";
  for (let at = 0; at < bytes.length; at += 16) {
    const row = bytes.subarray(at, at + 16);
    const words: string[] = [];
    for (let i = 0; i < row.length; i += 2) words.push([...row.subarray(i, i + 2)].map((byte) => hex(byte, 2)).join(""));
    const shown = words.join(" ");
    text += `\t0x${hex(at, 4)}:  ${ascii ? `${shown.padEnd(39)}  ${[...row].map(printable).join("")}` : shown}\n`;
  }
  return text;
}

const printable = (byte: number): string => (byte > 0x20 && byte < 0x7f ? String.fromCharCode(byte) : ".");

/** -A: as it is, with line breaks kept and everything unprintable as a dot. */
const asAscii = (bytes: Uint8Array): string =>
  [...bytes]
    .map((byte) => (byte === 0x0a || byte === 0x09 || (byte >= 0x20 && byte < 0x7f) ? String.fromCharCode(byte) : byte === 0x0d ? "" : "."))
    .join("");
