/** `-p` and `--expose` as docker/go-connections reads them, and ports as `docker ps` shows them. */
import type { PortBinding, PortSpec } from "../../../engine/types.ts";

const range = (text: string): readonly [number, number] | undefined => {
  const match = /^(\d+)(?:-(\d+))?$/.exec(text);
  if (!match) return undefined;
  const from = Number(match[1]);
  const to = Number(match[2] ?? match[1]);
  return from <= to && to <= 65535 ? [from, to] : undefined;
};

/** One `-p`; the string is the client's refusal. */
export function parsePublish(word: string): readonly PortSpec[] | string {
  const long = /(^|,)(target|published)=/.test(word) ? longForm(word) : undefined;
  if (long) return long;
  const slash = word.lastIndexOf("/");
  const protocol = slash < 0 ? "tcp" : word.slice(slash + 1).toLowerCase();
  const rest = slash < 0 ? word : word.slice(0, slash);
  if (!["tcp", "udp", "sctp"].includes(protocol)) return `Invalid proto: ${protocol}`;
  const match = /^(?:(?:(\[[^\]]*\]|[^:]*):)?([^:]*):)?([^:]*)$/.exec(rest);
  if (!match) return `Invalid ip address: ${rest.slice(0, rest.lastIndexOf(":", rest.lastIndexOf(":") - 1))}`;
  const hostIp = (match[1] ?? "").replace(/^\[|\]$/g, "");
  const hostPort = match[2] ?? "";
  const containerPort = match[3] ?? "";
  if (containerPort === "") return `No port specified: ${word}<empty>`;
  const inside = range(containerPort);
  if (!inside) return `Invalid containerPort: ${containerPort}`;
  const outside = hostPort === "" ? undefined : range(hostPort);
  if (hostPort !== "" && !outside) return `Invalid hostPort: ${hostPort}`;
  if (hostIp !== "" && !/^[\d.]+$|:/.test(hostIp)) return `Invalid ip address: ${hostIp}`;
  if (outside && inside[1] - inside[0] !== outside[1] - outside[0] && inside[0] !== inside[1])
    return `Invalid ranges specified for container and host Ports: ${containerPort} and ${hostPort}`;
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

function longForm(word: string): readonly PortSpec[] | string {
  const fields = new Map(word.split(",").map((part) => [part.split("=")[0] as string, part.slice(part.indexOf("=") + 1)] as const));
  const target = Number(fields.get("target"));
  if (!Number.isInteger(target) || target < 1 || target > 65535)
    return `invalid target port (${fields.get("target")}): value must be an integer`;
  const protocol = fields.get("protocol") ?? "tcp";
  return [{ containerPort: target, protocol: protocol as PortSpec["protocol"], hostIp: "", hostPort: fields.get("published") ?? "" }];
}

const shownIp = (ip: string): string => (ip.includes(":") ? `[${ip}]` : ip);

/** The PORTS column: bindings sorted and joined to ranges, then what is only exposed. */
export function displayPorts(bindings: readonly PortBinding[], exposed: readonly string[]): string {
  const groups: { ip: string; protocol: string; host: [number, number]; inside: [number, number] }[] = [];
  const sorted = [...bindings].sort(
    (a, b) =>
      a.containerPort - b.containerPort ||
      (a.protocol < b.protocol ? -1 : a.protocol > b.protocol ? 1 : 0) ||
      Number(a.hostIp.includes(":")) - Number(b.hostIp.includes(":")) ||
      a.hostPort - b.hostPort,
  );
  for (const binding of sorted) {
    const last = groups.find(
      (group) =>
        group.ip === binding.hostIp &&
        group.protocol === binding.protocol &&
        group.host[1] + 1 === binding.hostPort &&
        group.inside[1] + 1 === binding.containerPort,
    );
    if (last) {
      last.host[1]++;
      last.inside[1]++;
    } else
      groups.push({
        ip: binding.hostIp,
        protocol: binding.protocol,
        host: [binding.hostPort, binding.hostPort],
        inside: [binding.containerPort, binding.containerPort],
      });
  }
  const span = ([from, to]: readonly [number, number]): string => (from === to ? String(from) : `${from}-${to}`);
  const published = groups.map((group) => `${shownIp(group.ip)}:${span(group.host)}->${span(group.inside)}/${group.protocol}`);
  const rest = exposed.filter((port) => !bindings.some((binding) => `${binding.containerPort}/${binding.protocol}` === port));
  return [...rest, ...published].join(", ");
}

/** A line of `docker port`: "80/tcp -> 0.0.0.0:8080". */
export const portLine = (binding: PortBinding): string =>
  `${binding.containerPort}/${binding.protocol} -> ${shownIp(binding.hostIp)}:${binding.hostPort}`;
export const hostLine = (binding: PortBinding): string => `${shownIp(binding.hostIp)}:${binding.hostPort}`;
