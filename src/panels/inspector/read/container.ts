/** What a container's head shows: how it stands, what it runs, what it is called where, and what may be done to it. */
import type { DockerEngine } from "../../../engine/engine.ts";
import type { Container, ContainerView, PortBinding } from "../../../engine/types.ts";
import { quote } from "../../add/words.ts";
import { type Act, act, onMachine, type Place } from "./place.ts";

/** The lines that change a container's state, as its state allows. */
export function containerActs(view: Pick<ContainerView, "name" | "state">, host: string): readonly Act[] {
  const place = onMachine(host);
  const name = quote(view.name);
  switch (view.state) {
    case "running":
      return [
        ...act(place, "stop", `docker stop -t 0 ${name}`),
        ...act(place, "restart", `docker restart -t 0 ${name}`),
        ...act(place, "pause", `docker pause ${name}`),
        ...act(place, "remove", `docker rm -f ${name}`, true),
      ];
    case "paused":
      return [...act(place, "unpause", `docker unpause ${name}`), ...act(place, "remove", `docker rm -f ${name}`, true)];
    case "created":
    case "exited":
      return [...act(place, "start", `docker start ${name}`), ...act(place, "remove", `docker rm ${name}`, true)];
    default:
      return act(place, "remove", `docker rm -f ${name}`, true);
  }
}

/** "running", "exited (137)", with the daemon's reason where a start has failed. */
export function stateOf(container: Pick<Container, "state" | "exitCode" | "error">): string {
  const state = container.state === "exited" ? `exited (${container.exitCode})` : container.state;
  return container.error ? `${state}: ${container.error}` : state;
}

/** PID 1's words: the image's entry point and command, as far as the container has none of its own. */
export function commandOf({ spec, image }: Container): string {
  const own = spec.entrypoint;
  const command = spec.command.length > 0 ? spec.command : own === undefined ? image.command : [];
  return [...(own ?? image.entrypoint), ...command].map((word) => (word === "" ? "''" : quote(word))).join(" ");
}

/** Environment of the container's own, then its image's. */
export function environmentOf({ spec, image }: Container): readonly string[] {
  const own = new Set(spec.env.map((entry) => entry.split("=")[0]));
  return [...spec.env, ...image.env.filter((entry) => !own.has(entry.split("=")[0] as string))];
}

const EVERY = new Set(["", "0.0.0.0", "::"]);

/** Bound ports as `docker port` has them, both families of one binding as one: "8080 → 80/tcp". */
export function portsOf(ports: readonly PortBinding[]): readonly string[] {
  const lines = ports.map((port) => {
    const ip = EVERY.has(port.hostIp) ? "" : `${port.hostIp.includes(":") ? `[${port.hostIp}]` : port.hostIp}:`;
    return `${ip}${port.hostPort} → ${port.containerPort}/${port.protocol}`;
  });
  return [...new Set(lines)];
}

/** The last lines that PID 1 has written. */
export function logTail({ log }: Container, lines: number): string {
  const text = log
    .slice(-lines * 4)
    .map((entry) => entry.text)
    .join("");
  return text
    .replaceAll("\r", "")
    .split("\n")
    .slice(-lines - 1)
    .join("\n")
    .trimEnd();
}

/** One name that a network's DNS servers answer for. */
export interface NameRow {
  readonly name: string;
  readonly network: string;
  readonly networkId: string;
  /** In the order of the next answer. */
  readonly addresses: readonly string[];
  /** Containers that have the addresses, in the same order. */
  readonly owners: readonly string[];
}

/** Who answers for which name on the networks named, those with several addresses first. */
export function namesOn(engine: DockerEngine, networks: readonly string[]): readonly NameRow[] {
  const rows: NameRow[] = [];
  for (const reference of networks) {
    const network = engine.findNetwork(reference);
    if (!("endpoints" in network)) continue;
    const owner = new Map<string, string>();
    for (const endpoint of network.endpoints.values())
      for (const address of [endpoint.ipv4, endpoint.ipv6]) if (address) owner.set(address, endpoint.container.name);
    for (const { name, addresses } of engine.dnsRecords(network))
      rows.push({
        name,
        network: network.name,
        networkId: network.id,
        addresses,
        owners: addresses.map((address) => owner.get(address) ?? ""),
      });
  }
  return rows.sort((a, b) => Number(b.addresses.length > 1) - Number(a.addresses.length > 1));
}

/** The line that changes in which order several addresses of a name are answered; only where that makes a difference. */
export function orderActs(engine: DockerEngine, host: string): readonly Act[] {
  const place: Place = onMachine(host);
  return engine.dnsOrder === "shuffle"
    ? act(place, "inTurn", "vethlab dns-order round-robin")
    : act(place, "shuffle", "vethlab dns-order shuffle");
}
