/** DNS messages in tcpdump's shorthand (print-domain.c). */
import type { DnsMessage, DnsRecord, DnsStatus } from "../../../../kernel/wire/packet.ts";

const STATUS: Readonly<Record<DnsStatus, string>> = {
  NOERROR: "",
  FORMERR: " FormErr",
  SERVFAIL: " ServFail",
  NXDOMAIN: " NXDomain",
  NOTIMP: " NotImp",
  REFUSED: " Refused",
};

/** "57228+ [1au] A? foo.example. (52)", "38593* 1/0/1 A 203.0.113.80 (56)". `length` in bytes. */
export function printDns(message: DnsMessage, length: number, verbosity: number): string {
  const additional = message.additional.length + (message.edns === undefined ? 0 : 1);
  const { question } = message;
  if (!message.response) {
    const extra = additional > 0 ? ` [${additional}au]` : "";
    return `${message.id}${message.recursionDesired ? "+" : ""}${extra} ${question.type}? ${question.name} (${length})`;
  }
  const flags = `${message.authoritative ? "*" : ""}${message.recursionAvailable ? "" : "-"}${message.truncated ? "|" : ""}`;
  const asked = verbosity > 1 ? ` q: ${question.type}? ${question.name}` : "";
  const counts = ` ${message.answers.length}/${message.authority.length}/${additional}`;
  const records = (list: readonly DnsRecord[]): string => list.map((record) => printRecord(record, verbosity)).join(",");
  let sections = records(message.answers);
  if (verbosity > 1 && message.authority.length > 0) sections += ` ns:${records(message.authority)}`;
  if (verbosity > 1 && additional > 0) {
    const options = message.edns === undefined ? [] : [` . OPT UDPsize=${message.edns}`];
    sections += ` ar:${[...message.additional.map((record) => printRecord(record, verbosity)), ...options].join(",")}`;
  }
  return `${message.id}${STATUS[message.status]}${flags}${asked}${counts}${sections} (${length})`;
}

function printRecord(record: DnsRecord, verbosity: number): string {
  const owner = verbosity > 0 ? ` ${record.name}` : "";
  const ttl = verbosity > 2 ? ` [${record.ttl}s]` : "";
  const words = record.data.split(" ");
  const data = record.type === "MX" ? `${words[1]} ${words[0]}` : record.type === "SOA" ? "" : record.data;
  return `${owner}${ttl} ${record.type}${data === "" ? "" : ` ${data}`}`;
}
