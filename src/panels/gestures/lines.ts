/** The command line behind each gesture on the picture: whoever drags learns what to type. */
import type { ContainerView } from "../../engine/types.ts";
import type { GraphAction, SingleAction } from "../../graph/actions.ts";
import type { Picture } from "../../session/picture.ts";
import { quote } from "../add/words.ts";

/** What a gesture comes to: lines to run on the host, a terminal to open, or a form to fill in. */
export type Effect =
  | { readonly kind: "run"; readonly line: string }
  | { readonly kind: "open-terminal"; readonly machine: string; readonly line?: string }
  | { readonly kind: "none" };

const NOTHING: Effect = { kind: "none" };
const run = (line: string): Effect => ({ kind: "run", line });

/** Images whose userland has bash; the others get sh. */
const hasBash = (image: string): boolean =>
  /^(ubuntu|debian|fedora|rockylinux|almalinux|centos|python|node|golang|nginx|httpd)\b/.test(image) && !image.includes("alpine");

/** An address that somebody elsewhere can ping: of the network that both are on, if there is one. */
function addressFor(to: ContainerView, from: ContainerView | undefined, picture: Picture): string | undefined {
  const owner = to.sharesWith ? (picture.containers.get(to.sharesWith) ?? to) : to;
  if (owner.networkMode === "host") return "192.168.0.10";
  const fromOwner = from?.sharesWith ? picture.containers.get(from.sharesWith) : from;
  const shared = owner.endpoints.find((endpoint) => fromOwner?.endpoints.some((other) => other.network === endpoint.network));
  if (shared && shared.networkName !== "bridge" && owner === to) return to.name;
  const endpoint = shared ?? owner.endpoints[0];
  return endpoint?.ipv4 || endpoint?.ipv6 || undefined;
}

const MACHINE_ADDRESSES: Readonly<Record<string, string>> = {
  router: "192.168.0.1",
  server: "192.168.0.20",
  internet: "203.0.113.80",
  "docker-host": "192.168.0.10",
};

function ping(fromNode: string, toNode: string, picture: Picture): Effect {
  const nodeOf = (node: string): { readonly container: ContainerView | undefined; readonly machine: string | undefined } => {
    const at = node.indexOf(":");
    const id = node.slice(at + 1);
    return node.startsWith("container:")
      ? { container: picture.containers.get(id), machine: undefined }
      : { container: undefined, machine: id };
  };
  const from = nodeOf(fromNode);
  const to = nodeOf(toNode);
  const target = to.container ? addressFor(to.container, from.container, picture) : MACHINE_ADDRESSES[to.machine ?? ""];
  if (!target) return NOTHING;
  const line = `ping -c 1 ${quote(target)}`;
  if (from.container) return run(`docker exec ${quote(from.container.name)} ${line}`);
  if (from.machine && from.machine !== "docker-host" && MACHINE_ADDRESSES[from.machine])
    return { kind: "open-terminal", machine: from.machine, line };
  return run(line);
}

/** The way to type at a device from the host: in its own netns, or in the container that has it. */
function linkLine(uid: number, state: "up" | "down", picture: Picture): Effect {
  const device = picture.devices.get(uid);
  if (!device) return NOTHING;
  const netns = picture.netns.get(device.netns);
  const line = `ip link set ${quote(device.name)} ${state}`;
  if (!netns?.initial) return NOTHING;
  return netns.machine === "docker-host" ? run(line) : { kind: "open-terminal", machine: netns.machine, line };
}

/** Verbs of docker that take several containers at once. */
const MANY: ReadonlySet<string> = new Set(["start", "stop", "restart", "pause", "unpause", "remove"]);

/** Several actions as one line: neighbours that one command can do become one command. */
function batch(actions: readonly SingleAction[], picture: Picture): Effect {
  const lines: string[] = [];
  for (let i = 0; i < actions.length; ) {
    const first = actions[i] as SingleAction;
    const same: SingleAction[] = [first];
    while (MANY.has(first.kind) && actions[i + same.length]?.kind === first.kind) same.push(actions[i + same.length] as SingleAction);
    i += same.length;
    const line = same.length > 1 ? containersLine(first.kind, same, picture) : lineOf(first, picture);
    if (line) lines.push(line);
  }
  return lines.length > 0 ? run(lines.join(" && ")) : NOTHING;
}

function lineOf(action: SingleAction, picture: Picture): string {
  const effect = effectOf(action, picture);
  return effect.kind === "run" ? effect.line : "";
}

function containersLine(kind: string, actions: readonly SingleAction[], picture: Picture): string {
  const containers = actions.flatMap((action) => ("container" in action && picture.containers.get(action.container ?? "")) || []);
  if (containers.length === 0) return "";
  const names = containers.map((container) => quote(container.name)).join(" ");
  const isAlive = containers.some((container) => container.state === "running" || container.state === "paused");
  if (kind === "remove") return `docker rm ${isAlive ? "-f " : ""}${names}`;
  return kind === "stop" ? `docker stop -t 0 ${names}` : `docker ${kind} ${names}`;
}

/** Makes containers again under free names: same image, networks and aliases. Published ports are taken, so they are left out. */
function paste(ids: readonly string[], picture: Picture): Effect {
  const taken = new Set([...picture.containers.values()].map((container) => container.name));
  const lines = ids.flatMap((id) => {
    const container = picture.containers.get(id);
    if (!container) return [];
    const base = container.name.replace(/-\d+$/, "");
    let name = "";
    for (let n = 2; name === "" || taken.has(name); n++) name = `${base}-${n}`;
    taken.add(name);
    const shares = container.sharesWith && picture.containers.get(container.sharesWith);
    const [first, ...others] = container.endpoints;
    const network = shares ? `container:${shares.name}` : (first?.networkName ?? container.networkMode);
    const own = new Set([container.name, container.hostname, id.slice(0, 12)]);
    const aliases = (first?.aliases ?? []).filter((alias) => !own.has(alias)).map((alias) => ` --network-alias ${quote(alias)}`);
    const where = network === "bridge" || network === "default" ? "" : ` --network ${quote(network)}${aliases.join("")}`;
    const connects = others.map((endpoint) => `docker network connect ${quote(endpoint.networkName)} ${quote(name)}`);
    return [`docker run -itd --name ${quote(name)}${where} ${quote(container.image)}`, ...connects];
  });
  return lines.length > 0 ? run(lines.join(" && ")) : NOTHING;
}

/** The lines of an action, as they will be typed; "" for what opens a form or only moves things. */
export function commandOf(action: GraphAction, picture: Picture): string {
  const effect = effectOf(action, picture);
  return effect.kind === "none" ? "" : (effect.line ?? "");
}

export function effectOf(action: GraphAction, picture: Picture): Effect {
  if (action.kind === "batch") return batch(action.actions, picture);
  if (action.kind === "paste") return paste(action.containers, picture);
  const container = "container" in action && action.container ? picture.containers.get(action.container) : undefined;
  const name = container ? quote(container.name) : "";
  const network = (id: string): string => quote(picture.networks.get(id)?.name ?? id);
  switch (action.kind) {
    case "connect":
      return container ? run(`docker network connect ${network(action.network)} ${name}`) : NOTHING;
    case "disconnect":
      return container ? run(`docker network disconnect ${network(action.network)} ${name}`) : NOTHING;
    case "rewire":
      return container
        ? run(`docker network disconnect ${network(action.from)} ${name} && docker network connect ${network(action.to)} ${name}`)
        : NOTHING;
    case "ping":
      return ping(action.from, action.to, picture);
    case "cut":
      return linkLine(action.device, "down", picture);
    case "uncut":
      return linkLine(action.device, "up", picture);
    case "start":
    case "restart":
    case "pause":
    case "unpause":
      return container ? run(`docker ${action.kind} ${name}`) : NOTHING;
    case "stop":
      return container ? run(`docker stop -t 0 ${name}`) : NOTHING;
    case "remove":
      return container ? run(`docker rm ${container.state === "running" || container.state === "paused" ? "-f " : ""}${name}`) : NOTHING;
    case "remove-network":
      return run(`docker network rm ${network(action.network)}`);
    case "open-terminal": {
      const id = action.node.slice(action.node.indexOf(":") + 1);
      const inside = action.node.startsWith("container:") ? picture.containers.get(id) : undefined;
      if (inside)
        return {
          kind: "open-terminal",
          machine: "docker-host",
          line: `docker exec -it ${quote(inside.name)} ${hasBash(inside.image) ? "bash" : "sh"}`,
        };
      return { kind: "open-terminal", machine: id };
    }
    default:
      return NOTHING;
  }
}
