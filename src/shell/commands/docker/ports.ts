/** `-p` and `--expose` as docker/go-connections reads them, and ports as `docker ps` shows them. */
import type { PortBinding, PortSpec } from "../../../engine/types.ts";
import { parseIp } from "../../../kernel/address.ts";

const MAX_PORT = 65535;

/** "80" or "80-82"; undefined for anything else (nat.ParsePortRange). */
const range = (text: string): readonly [number, number] | undefined => {
  const match = /^(\d{1,5})(?:-(\d{1,5}))?$/.exec(text);
  if (!match) return undefined;
  const from = Number(match[1]);
  const to = Number(match[2] ?? match[1]);
  return from <= to && to <= MAX_PORT ? [from, to] : undefined;
};

/** "IP:HOST:CONTAINER" from the right, as nat.splitParts does. */
function splitParts(text: string): readonly [ip: string, host: string, container: string] {
  const parts = text.split(":");
  const container = parts.pop() as string;
  const host = parts.pop() ?? "";
  return [parts.join(":"), host, container];
}

/** One `-p`; the string is the client's refusal. */
export function parsePublish(written: string): readonly PortSpec[] | string {
  const long = written.includes("=") ? longForm(written) : written;
  if (typeof long !== "string") return long.error;
  const slash = long.lastIndexOf("/");
  const rest = slash < 0 ? long : long.slice(0, slash);
  const protocol = slash < 0 ? "tcp" : long.slice(slash + 1).toLowerCase();
  const [rawIp, hostPort, containerPort] = splitParts(rest);
  let hostIp = rawIp;
  if (/^\[.*\]$/.test(rawIp)) hostIp = rawIp.slice(1, -1);
  else if (rawIp.includes(":")) return `Invalid ip address ${rawIp}: address ${rawIp}:: too many colons in address`;
  if (hostIp !== "" && parseIp(hostIp) === undefined) return `Invalid ip address: ${hostIp}`;
  if (containerPort === "") return `No port specified: ${long}<empty>`;
  const inside = range(containerPort);
  if (!inside) return `Invalid containerPort: ${containerPort}`;
  const outside = hostPort === "" ? undefined : range(hostPort);
  if (hostPort !== "" && !outside) return `Invalid hostPort: ${hostPort}`;
  if (outside && inside[1] - inside[0] !== outside[1] - outside[0] && inside[0] !== inside[1])
    return `Invalid ranges specified for container and host Ports: ${containerPort} and ${hostPort}`;
  if (!["tcp", "udp", "sctp"].includes(protocol)) return `Invalid proto: ${protocol}`;
  const specs: PortSpec[] = [];
  for (let port = inside[0]; port <= inside[1]; port++) {
    const shown = !outside
      ? ""
      : inside[0] === inside[1] && outside[0] !== outside[1]
        ? `${outside[0]}-${outside[1]}`
        : String(outside[0] + port - inside[0]);
    specs.push({ containerPort: port, protocol: protocol as PortSpec["protocol"], hostIp, hostPort: shown });
  }
  return specs;
}

/** `published=8080,target=80,protocol=udp` as the short form (opts.PortOpt and convertToStandardNotation). */
function longForm(written: string): string | { readonly error: string } {
  const fields = new Map<string, string>([["protocol", "tcp"]]);
  for (const part of written.split(",")) {
    const at = part.indexOf("=");
    if (at < 0) return { error: `invalid field: ${part}` };
    fields.set(part.slice(0, at).trim(), part.slice(at + 1).trim());
  }
  return `${fields.get("published") ?? ""}:${fields.get("target") ?? ""}/${fields.get("protocol")}`;
}

/** One `--expose` as "80/tcp" keys; `{ error }` is the client's refusal. */
export function parseExpose(written: string): readonly string[] | { readonly error: string } {
  const [ports = "", protocol = "tcp"] = written.split("/");
  const refuse = (reason: string) => ({ error: `invalid range format for --expose: ${written}, error: ${reason}` });
  const [from = "", to] = ports.split("-", 2);
  for (const text of to === undefined ? [from] : [from, to]) {
    if (!/^\d+$/.test(text)) return refuse(`strconv.ParseUint: parsing ${JSON.stringify(text)}: invalid syntax`);
    if (Number(text) > MAX_PORT) return refuse(`strconv.ParseUint: parsing ${JSON.stringify(text)}: value out of range`);
  }
  const both = range(ports);
  if (!both) return refuse(`Invalid range specified for the Port: ${ports}`);
  return Array.from({ length: both[1] - both[0] + 1 }, (_, i) => `${both[0] + i}/${protocol.toLowerCase()}`);
}

const shownIp = (ip: string): string => (ip.includes(":") ? `[${ip}]` : ip);

interface Shown {
  readonly ip: string;
  readonly inside: number;
  readonly outside: number;
  readonly protocol: string;
}

const comparePorts = (a: Shown, b: Shown): number =>
  a.inside - b.inside ||
  (a.ip < b.ip ? -1 : a.ip > b.ip ? 1 : a.outside - b.outside || (a.protocol < b.protocol ? -1 : a.protocol > b.protocol ? 1 : 0));

/**
 * The PORTS column (formatter.DisplayablePorts): neighbours of one address and protocol whose host port is their own are
 * joined to ranges, as are ports that are only exposed; the other bindings follow one by one.
 */
export function displayPorts(bindings: readonly PortBinding[], exposed: readonly string[]): string {
  const named = exposed
    .filter((port) => !bindings.some((binding) => `${binding.containerPort}/${binding.protocol}` === port))
    .map((port): Shown => ({ ip: "", inside: Number.parseInt(port, 10), outside: 0, protocol: port.split("/")[1] as string }));
  const bound = bindings.map(
    (binding): Shown => ({ ip: binding.hostIp, inside: binding.containerPort, outside: binding.hostPort, protocol: binding.protocol }),
  );
  const finished: string[] = [];
  const mapped: string[] = [];
  const groups = new Map<string, { readonly port: Shown; last: number }>();
  const text = ({ port, last }: { readonly port: Shown; readonly last: number }): string => {
    const span = last === port.inside ? String(last) : `${port.inside}-${last}`;
    return `${port.ip === "" ? span : `${shownIp(port.ip)}:${span}->${span}`}/${port.protocol}`;
  };
  for (const port of [...named, ...bound].sort(comparePorts)) {
    if (port.ip !== "" && port.outside !== port.inside) {
      mapped.push(`${shownIp(port.ip)}:${port.outside}->${port.inside}/${port.protocol}`);
      continue;
    }
    const key = `${port.ip}/${port.protocol}`;
    const group = groups.get(key);
    if (group && port.inside === group.last + 1) {
      group.last = port.inside;
      continue;
    }
    if (group) finished.push(text(group));
    groups.set(key, { port, last: port.inside });
  }
  return [...finished, ...[...groups.values()].map(text), ...mapped].join(", ");
}

/** "0.0.0.0:8080", "[::]:8080". */
export const hostLine = (binding: PortBinding): string => `${shownIp(binding.hostIp)}:${binding.hostPort === 0 ? "" : binding.hostPort}`;

/** A line of `docker port`: "80/tcp -> 0.0.0.0:8080". */
export const portLine = (binding: PortBinding): string => `${binding.containerPort}/${binding.protocol} -> ${hostLine(binding)}`;
