/** The containers of the engine: created, found, listed, renamed, removed (daemon/create.go, list.go, rename.go, delete.go). */
import { parseMac } from "../../kernel/address.ts";
import { FileSystem, resolvePath } from "../../kernel/vfs.ts";
import { type EngineContext, shortId } from "../context.ts";
import { updateHosts } from "../files/hosts.ts";
import { subtree } from "../files/subtree.ts";
import { type Filters, matches, matchesLabels } from "../filters.ts";
import { parseHostPort } from "../ports/mapping.ts";
import { type ContainerSpec, type EndpointSpec, EngineError, healthOf, type Image, type MountPoint } from "../types.ts";
import { type EndpointSettings, EngineContainer } from "./container.ts";
import { parseBind } from "./mounts.ts";
import { isContainerName, randomName } from "./names.ts";
import { validateEndpoint, validateNetworkMode, validateSettings } from "./validate.ts";

const ID_LENGTH = 64;
const NAME_ATTEMPTS = 6;

export class ContainerStore {
  readonly #context: EngineContext;
  readonly #byId = new Map<string, EngineContainer>();
  readonly #byName = new Map<string, EngineContainer>();

  constructor(context: EngineContext) {
    this.#context = context;
  }

  all(): Iterable<EngineContainer> {
    return this.#byId.values();
  }

  /** By id, name (a leading slash allowed), name as a link's ("web/db"), or unambiguous beginning of an id. */
  find(given: string): EngineContainer | EngineError {
    const reference = given.trim();
    const [name = "", alias] = reference.replace(/^\//, "").split("/");
    const named = this.#byName.get(name);
    const exact = this.#byId.get(reference) ?? (alias === undefined ? named : named?.links.get(alias));
    if (exact) return exact;
    if (/^[0-9a-f]+$/.test(reference)) {
      const partial: EngineContainer[] = [];
      for (const container of this.#byId.values()) if (container.id.startsWith(reference)) partial.push(container);
      if (partial.length === 1) return partial[0] as EngineContainer;
      if (partial.length > 1) return new EngineError(`multiple IDs found with provided prefix: ${reference}`);
    }
    return new EngineError(`No such container: ${reference}`, 404);
  }

  byName(name: string): EngineContainer | undefined {
    return this.#byName.get(name);
  }

  /** Newest first; only running ones unless `all` or a filter asks for others. */
  list(all: boolean, filters?: Filters): readonly EngineContainer[] {
    const listed: EngineContainer[] = [];
    const everything = all || filters?.has("status") === true;
    for (const container of this.#byId.values()) {
      if (!everything && !container.running) continue;
      if (!filters || this.#included(container, filters)) listed.push(container);
    }
    return listed.reverse();
  }

  create(spec: ContainerSpec): { readonly container: EngineContainer; readonly warnings: readonly string[] } | EngineError {
    const wanted = normalize(spec);
    const checked = this.#validate(wanted);
    if (checked instanceof EngineError) return checked;
    const name = this.#chooseName(wanted.name);
    if (name instanceof EngineError) return name;
    const { kernel } = this.#context;
    const id = kernel.random.hex(ID_LENGTH);
    const mode = this.#resolveMode(wanted.networkMode);
    const hostname = wanted.hostname || (mode === "host" || wanted.hostConfig?.UTSMode === "host" ? this.#context.hostname : shortId(id));
    const container = new EngineContainer(id, name, withImage(wanted, checked), checked, mode, hostname, kernel.clock.now);
    container.fs.now = () => kernel.clock.now;
    container.fs.recordChanges();
    const unlinked = this.#registerLinks(container);
    if (unlinked) return unlinked;
    this.#registerNetworks(container);
    const unmounted = this.#mount(container);
    if (unmounted) return unmounted;
    this.#byId.set(id, container);
    this.#byName.set(name, container);
    this.changed(container);
    this.#context.containerEvent(container, "create");
    const discarded = mode === "host" && wanted.ports.length > 0;
    return {
      container,
      warnings: [
        ...(wanted.hostConfig?.OomKillDisable && !wanted.hostConfig.Memory ? [NO_OOM_KILLER] : []),
        ...(spec.hostConfig?.BlkioWeight ? [NO_BLKIO_WEIGHT] : []),
        ...(discarded ? ["Published ports are discarded when using host network mode"] : []),
      ],
    };
  }

  /** What `create` and a start would refuse, as far as it can be told beforehand. */
  check(spec: ContainerSpec): EngineError | undefined {
    const wanted = normalize(spec);
    const { images } = this.#context;
    const denied = images.find(wanted.image) ? undefined : images.refusal(wanted.image);
    if (denied) return denied;
    const checked = this.#validate(wanted, true);
    if (checked instanceof EngineError) return checked;
    const named = wanted.name === undefined ? undefined : this.#refuseName(wanted.name, wanted.name);
    if (named) return named;
    const setUp = (reason: string): EngineError => new EngineError(`failed to set up container networking: ${reason}`);
    for (const [name, { ipv4, ipv6 }] of wanted.endpoints) {
      if (name.startsWith("container:")) continue;
      const network = this.#context.networks.find(name);
      if (network instanceof EngineError) return setUp(network.message);
      for (const text of [ipv4, ipv6]) if (text && network.poolOf(text)?.taken.has(text)) return setUp("Address already in use");
    }
    if (wanted.networkMode === "host") return undefined;
    for (const { hostIp, hostPort, protocol } of wanted.ports) {
      const [first, last] = parseHostPort(hostPort) ?? [0, 0];
      if (first === 0 || first !== last) continue;
      const taken = this.#context.ports.refusal(hostIp === "" ? ["0.0.0.0", "::"] : [hostIp], protocol, first);
      if (taken) return new EngineError(taken, 500);
    }
    return undefined;
  }

  rename(container: EngineContainer, to: string): EngineError | undefined {
    const name = to.replace(/^\//, "");
    if (name === "") return new EngineError("Neither old nor new names may be empty");
    if (name === container.name) return new EngineError("Renaming a container with the same name as its current name");
    const refused = this.#refuseName(name, `/${name}`);
    if (refused) return new EngineError(`Error when allocating new name: ${refused.message}`, refused.status);
    const old = container.name;
    this.#byName.delete(old);
    this.#byName.set(name, container);
    container.name = name;
    if (container.sandbox && !container.isHostMode) container.sandbox.netns.name = name;
    for (const endpoint of container.endpoints.values()) {
      this.#context.networks.renameEndpoint(endpoint);
      const settings = container.endpointSpecs.get(endpoint.network.name);
      if (settings && endpoint.network.userDefined) settings.dnsNames = endpoint.dnsNames;
    }
    this.changed(container);
    this.#context.containerEvent(container, "rename", { oldName: `/${old}` });
    return undefined;
  }

  /** Forgets a container that has stopped. */
  delete(container: EngineContainer): void {
    this.#byId.delete(container.id);
    this.#byName.delete(container.name);
    container.removed = true;
    container.setState("dead");
    const { kernel } = this.#context;
    kernel.trace.change(kernel.clock.now, "container", container.id, null);
    this.#context.containerEvent(container, "destroy");
  }

  /** Containers that this one links to on the default bridge. */
  linkedFrom(container: EngineContainer): Iterable<EngineContainer> {
    return container.links.values();
  }

  /**
   * addLegacyLinks: the names of linked containers go into this one's /etc/hosts, and this one's new address into the
   * files of those that link to it.
   */
  addLegacyLinks(container: EngineContainer, ipv4: string, ipv6: string): void {
    const { sandbox } = container;
    for (const [alias, child] of container.links) {
      const other = child.endpoints.get("bridge");
      const names = [alias, child.hostname, ...(alias === child.name ? [] : [child.name])].join(" ");
      for (const ip of [other?.ipv4, other?.ipv6]) if (ip) sandbox?.addHostsEntry({ ip, names });
    }
    for (const parent of this.#byId.values()) {
      for (const [alias, child] of parent.links) {
        if (child !== container || !parent.sandbox) continue;
        parent.sandbox.editHosts((text) => updateHosts(text, ipv4, alias));
        if (ipv6 !== "") parent.sandbox.editHosts((text) => updateHosts(text, ipv6, alias));
      }
    }
  }

  /** Lets the trace know what a container looks like now. */
  changed(container: EngineContainer): void {
    if (container.removed) return;
    const { kernel } = this.#context;
    kernel.trace.change(kernel.clock.now, "container", container.id, container.view());
  }

  #validate(spec: ContainerSpec, withoutImage = false): Image | EngineError {
    const refused = validateNetworkMode(spec) ?? validateSettings(spec);
    if (refused) return refused;
    const image = this.#context.images.find(spec.image);
    if (!image && !withoutImage) return this.#context.images.notFound(spec.image);
    for (const [name, endpoint] of spec.endpoints) {
      const found = this.#context.networks.find(name);
      const network = found instanceof EngineError ? undefined : found;
      const wrong = validateEndpoint(network, name, endpoint);
      if (wrong) return new EngineError(`invalid config for network ${name}: ${wrong.message}`);
    }
    const words = [...(spec.entrypoint ?? [...(image?.entrypoint ?? []), ...(image?.command ?? [])]), ...spec.command];
    if (image && words.every((word) => word === "")) return new EngineError("no command specified");
    return image ?? NO_IMAGE;
  }

  #chooseName(wanted: string | undefined): string | EngineError {
    if (wanted !== undefined && wanted !== "") {
      const name = wanted.replace(/^\//, "");
      return this.#refuseName(name, wanted) ?? name;
    }
    const { random } = this.#context.kernel;
    for (let attempt = 0; attempt < NAME_ATTEMPTS; attempt++) {
      const name = randomName(random, attempt);
      if (!this.#byName.has(name)) return name;
    }
    return random.hex(12);
  }

  #refuseName(name: string, written: string): EngineError | undefined {
    if (!isContainerName(name)) return new EngineError(`Invalid container name (${written}), only [a-zA-Z0-9][a-zA-Z0-9_.-] are allowed`);
    const other = this.#byName.get(name);
    if (!other) return undefined;
    return new EngineError(
      `Conflict. The container name "/${name}" is already in use by container "${other.id}". You have to remove (or rename) that container to be able to reuse that name.`,
      409,
    );
  }

  /** adaptSharedNamespaceContainer: a name after "container:" becomes the id that it has now. */
  #resolveMode(mode: string): string {
    if (!mode.startsWith("container:")) return mode;
    const other = this.find(mode.slice("container:".length));
    return other instanceof EngineError ? mode : `container:${other.id}`;
  }

  #registerLinks(container: EngineContainer): EngineError | undefined {
    if (isUserDefinedMode(container.networkMode)) return undefined;
    for (const link of container.spec.links) {
      const [name = "", given] = link.split(":");
      const alias = given || name.replace(/^\//, "");
      if (name === "") return new EngineError('could not get container for : invalid name or ID supplied: ""');
      let child = this.find(name);
      if (child instanceof EngineError) return new EngineError(`could not get container for ${name}: ${child.message}`);
      const passed = new Set<EngineContainer>();
      while (child.joinedContainer !== undefined) {
        const joined: string = child.joinedContainer;
        // One that joins itself, or two that join each other, lead nowhere: the daemon would look for ever.
        if (passed.has(child)) return new EngineError(`could not get container for ${joined}: cannot join own network`);
        passed.add(child);
        child = this.find(joined);
        if (child instanceof EngineError) return new EngineError(`could not get container for ${joined}: ${child.message}`);
      }
      if (child.isHostMode)
        return new EngineError(
          "conflicting options: host type networking can't be used with links. This would result in undefined behavior",
        );
      container.links.set(alias, child);
    }
    return undefined;
  }

  /** updateContainerNetworkSettings: networks by name, as far as they exist. */
  #registerNetworks(container: EngineContainer): void {
    if (container.joinedContainer !== undefined) return;
    const { spec } = container;
    for (const [given, endpoint] of spec.endpoints) {
      const network = this.#context.networks.find(given);
      const name = network instanceof EngineError ? given : network.name;
      container.endpointSpecs.set(name, endpointSettings(endpoint, false));
    }
    const mode = this.#context.networks.find(container.networkMode);
    if (!(mode instanceof EngineError) && mode.id !== container.networkMode && mode.name !== container.networkMode)
      container.networkMode = mode.id;
  }

  /** Bind mounts and volumes: the directories of the host are made where there are none, as are volumes. */
  #mount(container: EngineContainer): EngineError | undefined {
    const { fs: host, volumes } = this.#context;
    const mounts: MountPoint[] = [];
    for (const text of container.spec.volumes) {
      const mount = parseBind(text);
      if (mount instanceof EngineError) return mount;
      mounts.push(mount);
    }
    for (const destination of container.spec.anonymousVolumes ?? [])
      mounts.push({ type: "volume", name: "", source: "", destination, mode: "", readOnly: false, anonymous: true });
    const made: MountPoint[] = [];
    for (const text of (container.spec.hostConfig?.VolumesFrom ?? []) as readonly string[]) {
      const [name = "", mode = ""] = text.split(":");
      if (mode !== "" && mode !== "ro" && mode !== "rw") return new EngineError(`invalid mode: ${mode}`);
      const donor = this.find(name);
      if (donor instanceof EngineError) return donor;
      for (const mount of donor.mounts)
        if (mounts.every(({ destination }) => destination !== mount.destination))
          mounts.push({ ...mount, mode, readOnly: mount.readOnly || mode === "ro", inherited: true });
    }
    for (const mount of mounts) {
      const { destination, readOnly } = mount;
      if (made.some((other) => other.destination === destination)) return new EngineError(`Duplicate mount point: ${destination}`);
      if (mount.type === "bind") {
        if (!host.exists(mount.source)) host.makeDirectory(mount.source, true);
        container.fs.mount(destination, subtree(host, mount.source, destination, readOnly));
        made.push(mount);
        continue;
      }
      const volume = volumes.create(mount.name);
      if (volume instanceof EngineError) return volume;
      container.fs.mount(destination, subtree(volume.fs, "", destination, readOnly));
      made.push({ ...mount, name: volume.name, source: volume.mountpoint });
    }
    for (const path of Object.keys(container.spec.hostConfig?.Tmpfs ?? {})) {
      if (!path.startsWith("/")) return new EngineError(`invalid mount path: '${path}' mount path must be absolute`);
      const tmpfs = new FileSystem();
      tmpfs.now = container.fs.now;
      container.fs.mount(resolvePath("/", path), subtree(tmpfs, "", resolvePath("/", path), false));
    }
    container.mounts = made;
    return undefined;
  }

  #included(container: EngineContainer, filters: Filters): boolean {
    if (!matches(filters, "id", container.id)) return false;
    if (!matches(filters, "name", container.name) && !matches(filters, "name", `/${container.name}`)) return false;
    if (!matchesLabels(filters, container.spec.labels)) return false;
    const statuses = filters.get("status");
    if (statuses && !statuses.includes(container.state)) return false;
    const exited = filters.get("exited");
    if (exited && !(container.state === "exited" && exited.includes(String(container.exitCode)))) return false;
    const ancestors = filters.get("ancestor");
    if (ancestors && !ancestors.some((name) => this.#context.images.find(name)?.id === container.image.id)) return false;
    const networks = filters.get("network");
    if (networks && !networks.some((reference) => this.#isOn(container, reference))) return false;
    const healths = filters.get("health");
    if (healths && !healths.includes(healthOf(container))) return false;
    // Tasks are of a swarm.
    if (filters.get("is-task")?.some((value) => value === "true" || value === "1")) return false;
    const volumes = filters.get("volume");
    if (volumes && !container.mounts.some(({ name, destination }) => volumes.includes(name) || volumes.includes(destination))) return false;
    const published = filters.get("publish");
    if (
      published &&
      !published.some((port) =>
        hasPort(
          container.ports.map(({ hostPort, protocol }) => `${hostPort}/${protocol}`),
          port,
        ),
      )
    )
      return false;
    const exposed = filters.get("expose");
    const opened = exposed
      ? [...container.exposedPorts, ...container.ports.map(({ containerPort, protocol }) => `${containerPort}/${protocol}`)]
      : [];
    if (exposed && !exposed.some((port) => hasPort(opened, port))) return false;
    return this.#between(container, filters);
  }

  #isOn(container: EngineContainer, reference: string): boolean {
    for (const [name, { networkId }] of container.endpointSpecs)
      if (name === reference || (networkId !== "" && networkId.startsWith(reference))) return true;
    return false;
  }

  #between(container: EngineContainer, filters: Filters): boolean {
    const order = [...this.#byId.keys()];
    const at = (reference: string): number => {
      const found = this.find(reference);
      return found instanceof EngineError ? -1 : order.indexOf(found.id);
    };
    const own = filters.has("before") || filters.has("since") ? order.indexOf(container.id) : 0;
    if ((filters.get("before") ?? []).some((reference) => own >= at(reference))) return false;
    return !(filters.get("since") ?? []).some((reference) => own <= at(reference));
  }
}

const NO_IMAGE: Image = {
  reference: "",
  id: "",
  command: [],
  entrypoint: [],
  env: [],
  exposed: [],
  workingDir: "",
  flavour: "debian",
  size: 0,
  created: 0,
};

/** Whether one of the ports is meant by "80", "80/udp" or "80-90/tcp". */
function hasPort(ports: readonly string[], wanted: string): boolean {
  const [numbers = "", protocol = "tcp"] = wanted.split("/");
  const [from, to] = numbers.split("-").map(Number);
  return ports.some((port) => {
    const number = Number.parseInt(port, 10);
    return port.endsWith(`/${protocol}`) && number >= (from ?? 0) && number <= (to ?? from ?? 0);
  });
}

/** Whether a network mode names a network that somebody made. */
export const isUserDefinedMode = (mode: string): boolean =>
  mode !== "bridge" && mode !== "host" && mode !== "none" && !mode.startsWith("container:");

export const endpointSettings = (spec: EndpointSpec, connected: boolean): EndpointSettings => ({
  ...spec,
  connected,
  networkId: "",
  dnsNames: undefined,
});

/** This host's cgroups have no io.weight. */
const NO_OOM_KILLER =
  "OOM killer is disabled for the container, but no memory limit is set, this can result in the system running out of resources.";
export const NO_BLKIO_WEIGHT = "Your kernel does not support Block I/O weight or the cgroup is not mounted. Weight discarded.";
/** What an image that was made here says where nothing else is asked for (daemon/commit.go, merge). */
function withImage(spec: ContainerSpec, { made }: Image): ContainerSpec {
  if (!made) return spec;
  const { healthcheck = spec.healthcheck } = made;
  return {
    ...spec,
    ...(spec.user || made.user === "" ? {} : { user: made.user }),
    labels: { ...made.labels, ...spec.labels },
    ...(spec.stopSignal || made.stopSignal === "" ? {} : { stopSignal: made.stopSignal }),
    ...(healthcheck && !spec.healthcheck ? { healthcheck } : {}),
    anonymousVolumes: [...new Set([...(spec.anonymousVolumes ?? []), ...made.volumes])],
  };
}

/** "default" is the bridge; the network of the mode has an endpoint, with the container-wide MAC address unless it has its own. */
function normalize(spec: ContainerSpec): ContainerSpec {
  const named = (name: string): string => (name === "default" || name === "" ? "bridge" : name);
  const networkMode = named(spec.networkMode);
  const endpoints = new Map<string, EndpointSpec>();
  for (const [name, endpoint] of spec.endpoints) endpoints.set(named(name), endpoint);
  if (!endpoints.has(networkMode)) endpoints.set(networkMode, {});
  const own = endpoints.get(networkMode) as EndpointSpec;
  const takesMac = networkMode !== "host" && networkMode !== "none" && !networkMode.startsWith("container:");
  if (spec.macAddress && !own.macAddress && takesMac) endpoints.set(networkMode, { ...own, macAddress: spec.macAddress });
  const plainMac = (endpoint: EndpointSpec): EndpointSpec =>
    endpoint.macAddress ? { ...endpoint, macAddress: parseMac(endpoint.macAddress) ?? endpoint.macAddress } : endpoint;
  return {
    ...spec,
    networkMode,
    endpoints: new Map([...endpoints].map(([name, endpoint]) => [name, plainMac(endpoint)])),
    ...(spec.hostConfig?.BlkioWeight && { hostConfig: { ...spec.hostConfig, BlkioWeight: 0 } }),
  };
}
