/** A name server as the router's dnsmasq with a handful of --address lines and --local=/#/: it knows those names and nothing else. */
import type { Ip } from "../../kernel/address.ts";
import { formatIp } from "../../kernel/address.ts";
import type { SocketErrno } from "../../kernel/socket/table.ts";
import type { TcpSocket } from "../../kernel/socket/tcp.ts";
import { type Op, Signal, Task } from "../../kernel/task.ts";
import { DnsStream, encodeDns } from "../../kernel/wire/dns-stream.ts";
import type { DnsMessage, DnsRecord } from "../../kernel/wire/packet.ts";
import { answer, withoutDot } from "../dns/message.ts";
import { type ServiceOwner, serveTcp } from "./service.ts";

export interface DnsServerOptions {
  /** The address that it listens on; all of them when absent. */
  readonly address?: Ip;
  /** Addresses by name without trailing dot; names under these have the same. */
  readonly hosts: ReadonlyMap<string, readonly Ip[]>;
}

const PORT = 53;
const BACKLOG = 32;
/** EDNS_PKTSZ of dnsmasq. */
const EDNS_SIZE = 1232;

/** Answers until it is interrupted; returns the reason if it cannot have its port. */
export function* serveDns(owner: ServiceOwner, options: DnsServerOptions): Op<SocketErrno> {
  const { sockets, kernel } = owner.netns;
  const local = { ip: options.address, port: PORT };
  const socket = sockets.udp({ process: owner.name, pid: owner.pid }, local);
  if (typeof socket === "string") return socket;
  const overTcp = new Task(
    kernel.clock,
    serveTcp(owner, [local], BACKLOG, (connection) => answerStream(connection, options)),
  );
  try {
    for (;;) {
      for (let datagram = socket.receive(); datagram; datagram = socket.receive()) {
        if (datagram.payload.kind !== "dns" || datagram.payload.message.response) continue;
        const message = lookUp(datagram.payload.message, options.hosts);
        socket.send({ kind: "dns", message }, { ip: datagram.from, port: datagram.fromPort }, datagram.packet);
      }
      socket.takeError();
      yield socket.readable;
    }
  } finally {
    overTcp.signal(new Signal("TERM"));
    socket.close();
  }
}

function* answerStream(socket: TcpSocket, options: DnsServerOptions): Op<void> {
  const stream = new DnsStream();
  while (!socket.ended && !socket.error) {
    for (const query of stream.take(socket.receive())) socket.send(encodeDns(lookUp(query, options.hosts)));
    yield socket.changed;
  }
}

/** Configured names have their addresses with TTL 0 and the AA flag; all the rest does not exist. */
function lookUp(query: DnsMessage, hosts: DnsServerOptions["hosts"]): DnsMessage {
  const parts = { recursionAvailable: true, edns: query.edns === undefined ? undefined : EDNS_SIZE };
  const { name, type } = query.question;
  const asked = withoutDot(name).toLowerCase();
  for (const [host, addresses] of hosts) {
    if (asked !== host && !asked.endsWith(`.${host}`)) continue;
    const records: DnsRecord[] = [];
    for (const ip of addresses) {
      const recordType = typeof ip === "number" ? "A" : "AAAA";
      if (type === recordType || type === "ANY") records.push({ name, type: recordType, ttl: 0, data: formatIp(ip) });
    }
    if (records.length > 0) return answer(query, "NOERROR", { ...parts, authoritative: true, answers: records });
  }
  return answer(query, "NXDOMAIN", parts);
}
