/** The command line behind each gesture on the picture: whoever drags learns what to type. */
import type { ContainerView } from "../../engine/types.ts";
import type { GraphAction, SingleAction } from "../../graph/actions.ts";
import { contains, parsePrefix } from "../../kernel/address.ts";
import type { DeviceView } from "../../kernel/trace.ts";
import type { Picture } from "../../session/picture.ts";
import { type ContainerForm, quote } from "../add/words.ts";
import { pasteLine } from "./clipboard.ts";

/** Where gestures are made: the picture, and how lines get into a container. */
export interface Surroundings {
  readonly picture: Picture;
  /** The machine that containers run on. */
  readonly host: string;
  /** A line so that it acts in the netns, and the machine to type it on; undefined where nobody can type. */
  readonly lineIn: (netns: number, command: string) => { readonly machine: string; readonly line: string } | undefined;
  /** The shell of a container's image; undefined when it has none. */
  readonly shellOf: (container: string) => string | undefined;
  /** The form that would make a container like one; undefined when it is gone. */
  readonly formOf: (container: string) => ContainerForm | undefined;
}

/** Why a gesture comes to nothing: a sentence's key, who it is about, and the line that would help. */
export interface Refusal {
  readonly why: "stopped" | "paused" | "noNetwork" | "noAddress" | "noShell" | "noTyping" | "sharedNetns" | "hostNetns";
  readonly name: string;
  readonly cure: string;
}

/** What a gesture comes to: a line to run, a terminal to open, or the reason why not. */
export type Effect =
  | { readonly kind: "run"; readonly machine: string; readonly line: string }
  | { readonly kind: "open-terminal"; readonly machine: string; readonly line?: string }
  | { readonly kind: "refused"; readonly refusal: Refusal }
  | { readonly kind: "none" };

const NOTHING: Effect = { kind: "none" };
const refuse = (why: Refusal["why"], name: string, cure = ""): Effect => ({ kind: "refused", refusal: { why, name, cure } });

type ContainerVerb = "start" | "stop" | "restart" | "pause" | "unpause" | "remove";
const VERBS: readonly string[] = ["start", "stop", "restart", "pause", "unpause", "remove"] satisfies readonly ContainerVerb[];
/** Verbs of docker that take several containers at once. */
const isVerb = (kind: string): kind is ContainerVerb => VERBS.includes(kind);

const isAlive = (container: ContainerView): boolean => container.state === "running" || container.state === "paused";

/** Why nothing can be done inside a container now. */
function notRunning(container: ContainerView): Effect | undefined {
  const name = quote(container.name);
  if (container.state === "paused") return refuse("paused", container.name, `docker unpause ${name}`);
  return container.state === "running" ? undefined : refuse("stopped", container.name, `docker start ${name}`);
}

/** The container whose netns this one is in. */
const ownerOf = (container: ContainerView, picture: Picture): ContainerView =>
  (container.sharesWith ? picture.containers.get(container.sharesWith) : undefined) ?? container;

const ipv4Of = (device: DeviceView): readonly string[] => device.addresses.filter((address) => !address.includes(":"));
const bare = (address: string): string => address.split("/")[0] as string;

/** Interfaces of a machine by which others reach it: no loopback, no bridges, no ends of containers' cables. */
function nicsOf(machine: string, picture: Picture): readonly DeviceView[] {
  const home = [...picture.netns.values()].find((netns) => netns.initial && netns.machine === machine);
  return [...picture.devices.values()].filter(
    (device) =>
      device.netns === home?.uid && device.kind !== "loopback" && device.kind !== "bridge" && !device.master && ipv4Of(device).length > 0,
  );
}

/** The address of a machine on the nearest network to another: one that they share, else the first that it has. */
function addressOfMachine(machine: string, from: string, picture: Picture): string | undefined {
  const own = nicsOf(machine, picture).flatMap(ipv4Of);
  const near = nicsOf(from, picture)
    .flatMap(ipv4Of)
    .map(parsePrefix)
    .filter((prefix) => prefix !== undefined);
  const shared = own.find((address) => {
    const ip = parsePrefix(address)?.address;
    return ip !== undefined && near.some((prefix) => contains(prefix, ip));
  });
  const chosen = shared ?? own[0];
  return chosen && bare(chosen);
}

/** What stands at one end of a ping. */
type End = { readonly container: ContainerView } | { readonly machine: string };

function endOf(node: string, picture: Picture): End | undefined {
  const id = node.slice(node.indexOf(":") + 1);
  if (!node.startsWith("container:")) return { machine: id };
  const container = picture.containers.get(id);
  return container && { container };
}

/** What to call a container from somewhere else: its name where DNS answers it, else an address that leads there. */
function nameFor(to: ContainerView, from: End, { picture, host }: Surroundings): string | undefined {
  const owner = ownerOf(to, picture);
  const asker = "container" in from ? ownerOf(from.container, picture) : undefined;
  if (owner.networkMode === "host")
    return addressOfMachine(host, "machine" in from ? from.machine : host, picture) ?? nicsOf(host, picture).flatMap(ipv4Of).map(bare)[0];
  const shared = asker && owner.endpoints.find((endpoint) => asker.endpoints.some((other) => other.network === endpoint.network));
  // The embedded DNS server knows whoever has an endpoint on a network of one's own; the default bridge has no names.
  if (shared && !picture.networks.get(shared.network)?.predefined) return owner.name;
  const onLan = owner.endpoints.find((endpoint) => ["macvlan", "ipvlan"].includes(picture.networks.get(endpoint.network)?.driver ?? ""));
  const elsewhere = "machine" in from && from.machine !== host;
  const endpoint = shared ?? (elsewhere ? onLan : undefined) ?? owner.endpoints[0];
  return endpoint?.ipv4 || endpoint?.ipv6 || undefined;
}

function ping(fromNode: string, toNode: string, surroundings: Surroundings): Effect {
  const { picture, host } = surroundings;
  const from = endOf(fromNode, picture);
  const to = endOf(toNode, picture);
  if (!from || !to) return NOTHING;
  if ("container" in from) {
    const still = notRunning(from.container);
    if (still) return still;
  }
  let target: string | undefined;
  if ("container" in to) {
    const owner = ownerOf(to.container, picture);
    if (!isAlive(owner)) return refuse("stopped", owner.name, `docker start ${quote(owner.name)}`);
    if (owner.networkMode === "none") return refuse("noNetwork", owner.name);
    target = nameFor(to.container, from, surroundings);
    if (target === undefined) return refuse("noAddress", owner.name);
  } else {
    const where = "container" in from ? host : from.machine;
    target = addressOfMachine(to.machine, where, picture);
    if (target === undefined) return refuse("noAddress", to.machine);
  }
  const line = `ping -c 1 ${quote(target)}`;
  if ("container" in from) return { kind: "run", machine: host, line: `docker exec ${quote(from.container.name)} ${line}` };
  return { kind: "run", machine: from.machine, line };
}

/** Cutting and mending the cable at a device: typed where the device is, in a container too. */
function linkLine(uid: number, state: "up" | "down", { picture, lineIn }: Surroundings): Effect {
  const device = picture.devices.get(uid);
  if (!device) return NOTHING;
  const typed = lineIn(device.netns, `ip link set ${quote(device.name)} ${state}`);
  return typed ? { kind: "run", ...typed } : refuse("noTyping", picture.netns.get(device.netns)?.name ?? device.name);
}

/** Why a container has no cables of its own to plug. */
function notPluggable(container: ContainerView, picture: Picture): Effect | undefined {
  const { networkMode } = container;
  if (networkMode === "host") return refuse("hostNetns", container.name);
  if (container.sharesWith) return refuse("sharedNetns", picture.containers.get(container.sharesWith)?.name ?? container.name);
  return undefined;
}

function connection(action: SingleAction, surroundings: Surroundings): Effect {
  const { picture, host } = surroundings;
  const container = "container" in action && action.container ? picture.containers.get(action.container) : undefined;
  if (!container) return NOTHING;
  const refused = notPluggable(container, picture);
  if (refused) return refused;
  const network = (id: string): string => quote(picture.networks.get(id)?.name ?? id);
  const name = quote(container.name);
  const plug = (id: string): string => `docker network connect ${network(id)} ${name}`;
  const unplug = (id: string): string => `docker network disconnect ${network(id)} ${name}`;
  switch (action.kind) {
    case "connect":
      // What has no network at all is on "none", which goes before anything can be plugged in.
      return {
        kind: "run",
        machine: host,
        line:
          container.networkMode === "none" && isOnNone(container) ? `${unplug("none")} && ${plug(action.network)}` : plug(action.network),
      };
    case "disconnect":
      return { kind: "run", machine: host, line: unplug(action.network) };
    case "rewire":
      return { kind: "run", machine: host, line: `${unplug(action.from)} && ${plug(action.to)}` };
    default:
      return NOTHING;
  }
}

const isOnNone = (container: ContainerView): boolean =>
  container.endpoints.length === 0 || container.endpoints.some((endpoint) => endpoint.networkName === "none");

function openTerminal(node: string, { picture, host, shellOf }: Surroundings): Effect {
  const id = node.slice(node.indexOf(":") + 1);
  if (!node.startsWith("container:")) return { kind: "open-terminal", machine: id };
  const container = picture.containers.get(id);
  if (!container) return NOTHING;
  const still = notRunning(container);
  if (still) return still;
  const shell = shellOf(id);
  if (!shell) return refuse("noShell", container.name);
  return { kind: "open-terminal", machine: host, line: `docker exec -it ${quote(container.name)} ${shell}` };
}

/** The line of one verb for one or more containers. */
function verbLine(verb: ContainerVerb, containers: readonly ContainerView[], host: string): Effect {
  if (containers.length === 0) return NOTHING;
  const names = containers.map(({ name }) => quote(name)).join(" ");
  const words =
    verb === "stop" || verb === "restart" ? `${verb} -t 0` : verb === "remove" ? (containers.some(isAlive) ? "rm -f" : "rm") : verb;
  return { kind: "run", machine: host, line: `docker ${words} ${names}` };
}

/** What one gesture comes to. */
function effectOf(action: SingleAction, surroundings: Surroundings): Effect {
  const { picture, host } = surroundings;
  switch (action.kind) {
    case "connect":
    case "disconnect":
    case "rewire":
      return connection(action, surroundings);
    case "ping":
      return ping(action.from, action.to, surroundings);
    case "cut":
      return linkLine(action.device, "down", surroundings);
    case "uncut":
      return linkLine(action.device, "up", surroundings);
    case "start":
    case "stop":
    case "restart":
    case "pause":
    case "unpause":
    case "remove": {
      const container = picture.containers.get(action.container);
      return container ? verbLine(action.kind, [container], host) : NOTHING;
    }
    case "remove-network":
      return {
        kind: "run",
        machine: host,
        line: `docker network rm ${quote(picture.networks.get(action.network)?.name ?? action.network)}`,
      };
    case "open-terminal":
      return openTerminal(action.node, surroundings);
    default:
      return NOTHING;
  }
}

/** What a gesture comes to, one thing after the other; nothing for what opens a form or only moves things. */
export function effectsOf(action: GraphAction, surroundings: Surroundings): readonly Effect[] {
  switch (action.kind) {
    case "batch":
      return joined(batch(action.actions, surroundings));
    case "paste":
      return paste(action.containers, surroundings);
    default:
      return joined([effectOf(action, surroundings)]);
  }
}

/** The line of an action, as it will be typed; "" for what opens a form, only moves things, or is refused. */
export const commandOf = (action: GraphAction, surroundings: Surroundings): string =>
  effectsOf(action, surroundings)
    .map((effect) => ("line" in effect ? effect.line : ""))
    .filter(Boolean)
    .join(" && ");

/** Neighbours that one command can do for several containers become one command. */
function batch(actions: readonly SingleAction[], surroundings: Surroundings): readonly Effect[] {
  const { picture, host } = surroundings;
  const effects: Effect[] = [];
  for (let i = 0; i < actions.length; ) {
    const { kind } = actions[i] as SingleAction;
    let end = i + 1;
    if (isVerb(kind)) while (actions[end]?.kind === kind) end++;
    const same = actions.slice(i, end);
    i = end;
    if (!isVerb(kind)) effects.push(effectOf(same[0] as SingleAction, surroundings));
    else {
      const ids = same.flatMap((one) => ("container" in one && one.container ? [one.container] : []));
      const containers = ids.flatMap((id) => picture.containers.get(id) ?? []);
      effects.push(verbLine(kind, containers, host));
    }
  }
  return effects;
}

function paste(ids: readonly string[], { picture, host, formOf }: Surroundings): readonly Effect[] {
  const forms = ids.flatMap((id) => formOf(id) ?? []);
  if (forms.length === 0) return [];
  const containers = [...picture.containers.values()];
  const taken = {
    names: new Set(containers.map(({ name }) => name)),
    ports: new Set(containers.flatMap(({ ports }) => ports.map((port) => port.hostPort))),
  };
  return [{ kind: "run", machine: host, line: pasteLine(forms, taken) }];
}

/** Lines for one machine as one line, so that they run one after the other on one terminal. */
function joined(effects: readonly Effect[]): readonly Effect[] {
  const found: Effect[] = [];
  for (const effect of effects) {
    const last = found.at(-1);
    if (effect.kind === "run" && last?.kind === "run" && last.machine === effect.machine)
      found[found.length - 1] = { ...last, line: `${last.line} && ${effect.line}` };
    else if (effect.kind !== "none") found.push(effect);
  }
  return found;
}
