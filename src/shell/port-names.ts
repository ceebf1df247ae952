/** Ports by name and names by port, as getservbyname() and getservbyport() give them to tools. */
import * as services from "../kernel/netfilter/names.ts";
import { PROTO_TCP, PROTO_UDP } from "../kernel/wire/packet.ts";

export type PortProtocol = "tcp" | "udp";

const number = (protocol: PortProtocol): number => (protocol === "tcp" ? PROTO_TCP : PROTO_UDP);

/** Second names in /etc/services that people know a service by. */
const ALIASES: Readonly<Record<string, readonly string[]>> = {
  http: ["www"],
  "http-alt": ["webcache"],
  imap: ["imap2"],
  kerberos: ["kerberos5", "krb5", "kerberos-sec"],
  pop3: ["pop-3"],
  postgresql: ["postgres"],
  smtp: ["mail"],
  sunrpc: ["portmapper"],
  svn: ["subversion"],
};

/** The name of a port, undefined when it has none. */
export function portName(port: number, protocol: PortProtocol): string | undefined {
  const name = services.portName(port, number(protocol));
  return name === String(port) ? undefined : name;
}

/** A port from its number or name; undefined when it is neither, or beyond 65535. */
export function parsePort(text: string, protocol: PortProtocol = "tcp"): number | undefined {
  if (/^\d+$/.test(text)) return Number(text) <= 65535 ? Number(text) : undefined;
  const official = Object.keys(ALIASES).find((name) => ALIASES[name]?.includes(text)) ?? text;
  return services.parsePort(official, number(protocol));
}

export interface Service {
  readonly name: string;
  readonly port: number;
  readonly protocol: PortProtocol;
  readonly aliases: readonly string[];
}

/** An entry of /etc/services by name, alias or number. */
export function findService(key: string, protocol?: PortProtocol): Service | undefined {
  for (const candidate of protocol ? [protocol] : (["tcp", "udp"] as const)) {
    const port = parsePort(key, candidate);
    const name = port === undefined ? undefined : portName(port, candidate);
    if (port !== undefined && name !== undefined) return { name, port, protocol: candidate, aliases: ALIASES[name] ?? [] };
  }
  return undefined;
}
