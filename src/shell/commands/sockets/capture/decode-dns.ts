/** DNS messages out of octets (RFC 1035 section 4); the other way round is kernel/wire/bytes.ts. */
import { formatIp } from "../../../../kernel/address.ts";
import type { DnsMessage, DnsRecord, DnsStatus, DnsType } from "../../../../kernel/wire/packet.ts";
import { Reader } from "./reader.ts";

const TYPES: Readonly<Record<number, DnsType>> = {
  1: "A",
  2: "NS",
  5: "CNAME",
  6: "SOA",
  12: "PTR",
  15: "MX",
  16: "TXT",
  28: "AAAA",
  33: "SRV",
  65: "HTTPS",
  255: "ANY",
};
const OPT = 41;
const STATUSES: readonly DnsStatus[] = ["NOERROR", "FORMERR", "SERVFAIL", "NXDOMAIN", "NOTIMP", "REFUSED"];
/** A message of so few octets has room for no more records: numbers in its head that say otherwise are nonsense. */
const LEAST_RECORD = 11;
const MOST_POINTERS = 32;

const textOf = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);

/** Undefined when the octets are no message, or ask for a type that is not known here. */
export function decodeDns(bytes: Uint8Array): DnsMessage | undefined {
  const reader = new Reader(bytes);
  const id = reader.u16();
  const flags = reader.u16();
  const counts = [reader.u16(), reader.u16(), reader.u16(), reader.u16()] as const;
  const [questions, ...records] = counts;
  if (questions !== 1 || records.reduce((sum, count) => sum + count, 0) * LEAST_RECORD > bytes.length) return undefined;
  const name = nameAt(reader);
  const type = TYPES[reader.u16()];
  reader.u16();
  const status = STATUSES[flags & 15];
  if (name === undefined || type === undefined || status === undefined) return undefined;
  const extras: { edns?: number; uncompressed?: boolean } = {};
  const section = (count: number): DnsRecord[] | undefined => {
    const list: DnsRecord[] = [];
    for (let i = 0; i < count; i++) {
      const compressed = ((bytes[reader.at] ?? 0) & 0xc0) === 0xc0;
      const owner = nameAt(reader);
      const number = reader.u16();
      const size = reader.u16();
      const ttl = reader.u32();
      const length = reader.u16();
      if (owner === undefined || reader.left < length) return undefined;
      const end = reader.at + length;
      if (number === OPT) extras.edns = size;
      else {
        const own = TYPES[number];
        const data = own && dataAt(reader, own, length);
        if (own === undefined || data === undefined) return undefined;
        if (!compressed && owner.toLowerCase() === name.toLowerCase()) extras.uncompressed = true;
        list.push({ name: owner, type: own, ttl, data });
      }
      reader.at = end;
    }
    return list;
  };
  const answers = section(records[0]);
  const authority = answers && section(records[1]);
  const additional = authority && section(records[2]);
  if (!answers || !authority || !additional) return undefined;
  return {
    id,
    response: (flags & 0x8000) !== 0,
    status,
    authoritative: (flags & 0x0400) !== 0,
    truncated: (flags & 0x0200) !== 0,
    recursionDesired: (flags & 0x0100) !== 0,
    recursionAvailable: (flags & 0x0080) !== 0,
    question: { name, type },
    answers,
    authority,
    additional,
    ...extras,
  };
}

/** A name with its last dot; undefined when it has no end. */
function nameAt(reader: Reader): string | undefined {
  let name = "";
  let from = reader;
  for (let pointers = 0; pointers < MOST_POINTERS; ) {
    if (from.left === 0) return undefined;
    const length = from.u8();
    if (length === 0) return name === "" ? "." : name;
    if ((length & 0xc0) === 0xc0) {
      pointers++;
      from = new Reader(reader.bytes, ((length & 0x3f) << 8) | from.u8());
    } else name += `${textOf(from.take(length))}.`;
  }
  return undefined;
}

/** The data of a record as dig prints it. */
function dataAt(reader: Reader, type: DnsType, length: number): string | undefined {
  switch (type) {
    case "A":
      return formatIp(reader.ip(true));
    case "AAAA":
      return formatIp(reader.ip(false));
    case "TXT":
      return `"${textOf(reader.take(reader.u8()))}"`;
    case "MX":
      return `${reader.u16()} ${nameAt(reader)}`;
    case "SRV":
      return `${reader.u16()} ${reader.u16()} ${reader.u16()} ${nameAt(reader)}`;
    case "SOA": {
      const names = `${nameAt(reader)} ${nameAt(reader)}`;
      return `${names} ${Array.from({ length: 5 }, () => reader.u32()).join(" ")}`;
    }
    case "HTTPS":
    case "ANY":
      return length === 0 ? "" : undefined;
    default:
      return nameAt(reader);
  }
}
