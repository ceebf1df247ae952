/** --link on the default bridge: what a container must know of those it links to (daemon/links, daemon/container_operations.go). */
import { EngineError } from "../types.ts";
import type { EngineContainer } from "./container.ts";

/** Variables about the linked containers, for every process; refused while one of them does not run. */
export function linkedEnvironment(container: EngineContainer): readonly string[] | EngineError {
  const env: string[] = [];
  for (const [alias, child] of container.links) {
    if (!child.running)
      return new EngineError(`Cannot link to a non running container: /${child.name} AS /${container.name}/${alias}`, 500);
    const endpoint = child.endpoints.get("bridge");
    if (!endpoint) return new EngineError(`container ${child.id} not attached to default bridge network`, 500);
    env.push(...linkVariables(container, alias, child, endpoint.ipv4));
  }
  return env;
}

/** Link.ToEnv: its ports by number, TCP before the rest; its name; its own variables. */
function linkVariables(container: EngineContainer, alias: string, child: EngineContainer, ip: string): readonly string[] {
  const prefix = alias.toUpperCase().replaceAll("-", "_");
  const ports = child.namedPorts
    .map((port) => port.split("/") as [string, string])
    .sort(([a, p], [b, q]) => Number(q === "tcp") - Number(p === "tcp") || Number(a) - Number(b));
  const env: string[] = [];
  const [first] = ports;
  if (first) env.push(`${prefix}_PORT=${first[1]}://${ip}:${first[0]}`);
  for (const [port, protocol] of ports) {
    const name = `${prefix}_PORT_${port}_${protocol.toUpperCase()}`;
    env.push(`${name}=${protocol}://${ip}:${port}`, `${name}_ADDR=${ip}`, `${name}_PORT=${port}`, `${name}_PROTO=${protocol}`);
  }
  env.push(`${prefix}_NAME=/${container.name}/${alias}`);
  for (const entry of child.env) if (!/^(HOME|PATH)=/.test(entry) && entry.includes("=")) env.push(`${prefix}_ENV_${entry}`);
  return env;
}
