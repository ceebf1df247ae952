/** A service's ports: short forms as -p takes them, long forms as they stand (compose-go/types, ParsePortConfig). */
import { parsePublish } from "../../ports.ts";
import { type Canonical, ComposeError, type Port } from "./project.ts";
import { isMap, numberOf, textOf } from "./values.ts";
import type { Raw } from "./yaml.ts";

const MAX_PORT = 65535;

function longForm(service: string, raw: { readonly [key: string]: Raw }): Port | ComposeError {
  const target = numberOf(raw.target);
  if (target === undefined || target < 1 || target > MAX_PORT)
    return new ComposeError(`service ${JSON.stringify(service)}: invalid target port ${textOf(raw.target) ?? ""}`);
  const word = (key: string): string | undefined => textOf(raw[key]);
  return {
    ...(word("name") === undefined ? {} : { name: word("name") as string }),
    mode: word("mode") ?? "ingress",
    ...(word("host_ip") === undefined ? {} : { hostIp: word("host_ip") as string }),
    target,
    ...(word("published") === undefined || word("published") === "" ? {} : { published: word("published") as string }),
    protocol: word("protocol") ?? "tcp",
    ...(word("app_protocol") === undefined ? {} : { appProtocol: word("app_protocol") as string }),
  };
}

/** What a short form stands for: a port, or several. */
export function portOf(text: string): readonly Port[] | ComposeError {
  const parsed = parsePublish(text);
  if (typeof parsed === "string") return new ComposeError(parsed);
  return parsed.map(({ containerPort, protocol, hostIp, hostPort }) => ({
    mode: "ingress",
    ...(hostIp === "" ? {} : { hostIp }),
    target: containerPort,
    ...(hostPort === "" ? {} : { published: hostPort }),
    protocol,
  }));
}

export function portsOf(service: string, raw: Raw | undefined): readonly Port[] | ComposeError {
  const ports: Port[] = [];
  for (const entry of Array.isArray(raw) ? raw : []) {
    const read = isMap(entry as Raw) ? longForm(service, entry as { readonly [key: string]: Raw }) : portOf(textOf(entry as Raw) ?? "");
    if (read instanceof ComposeError) return read;
    if (Array.isArray(read)) ports.push(...(read as readonly Port[]));
    else ports.push(read as Port);
  }
  return ports;
}

export const canonicalPort = (port: Port): Canonical => ({
  ...(port.name ? { name: port.name } : {}),
  mode: port.mode,
  ...(port.hostIp ? { host_ip: port.hostIp } : {}),
  target: port.target,
  ...(port.published ? { published: port.published } : {}),
  protocol: port.protocol,
  ...(port.appProtocol ? { app_protocol: port.appProtocol } : {}),
});
