/** A project's networks, volumes and images: made where they are not there, checked where they are (pkg/compose/create.go, pull.go). */
import { parseReference } from "../../../../engine/images/reference.ts";
import { type Container, type EndpointSpec, EngineError, type Network } from "../../../../engine/types.ts";
import type { Op } from "../../../../kernel/task.ts";
import { pullProgress } from "../image/pull.ts";
import { buildServices } from "./build.ts";
import { type ComposeContext, warn } from "./context.ts";
import type { Project, ProjectNetwork, ProjectVolume, Service } from "./file/project.ts";
import { COMPOSE_LABEL_VERSION, CONFIG_HASH, containersOf, NETWORK, PROJECT, VERSION, VOLUME } from "./labels.ts";
import { daemonText, networkHash, networkSpecOf } from "./spec.ts";
import type { Outcome } from "./tasks.ts";

/** Makes a network, tells of it, and gives the refusal. */
function* create(context: ComposeContext, project: Project, network: ProjectNetwork): Op<Outcome> {
  const { engine, progress } = context;
  progress.tell("Network", network.name, "Creating");
  const made = yield* engine.createNetwork(networkSpecOf(project, network));
  if (made instanceof EngineError) {
    progress.tell("Network", network.name, "Error");
    return `failed to create network ${network.name}: ${daemonText(made)}`;
  }
  progress.tell("Network", network.name, "Created");
  return undefined;
}

/** A network that is there under the name: of this project and as it should be, of somebody else, or outdated. */
function* keep(context: ComposeContext, project: Project, network: ProjectNetwork, found: Network): Op<Outcome> {
  const { labels } = found.spec;
  const owner = labels[PROJECT];
  if (owner === undefined || labels[NETWORK] === undefined) {
    warn(
      context,
      `a network with name ${network.name} exists but was not created by compose.\nSet \`external: true\` to use an existing network`,
    );
    return `network ${network.name} was found but has incorrect label com.docker.compose.network set to ${JSON.stringify(labels[NETWORK] ?? "")} (expected: ${JSON.stringify(network.key)})`;
  }
  if (labels[NETWORK] !== network.key)
    return `network ${network.name} was found but has incorrect label com.docker.compose.network set to ${JSON.stringify(labels[NETWORK])} (expected: ${JSON.stringify(network.key)})`;
  if (owner !== project.name) {
    warn(
      context,
      `a network with name ${network.name} exists but was not created for project ${JSON.stringify(project.name)}.\nSet \`external: true\` to use an existing network`,
    );
    return undefined;
  }
  if (labels[CONFIG_HASH] === networkHash(network)) return undefined;
  return yield* remake(context, project, network, found);
}

/** Another configuration: containers are taken off, the network is made anew, and they are put back (removeDivergedNetwork). */
function* remake(context: ComposeContext, project: Project, network: ProjectNetwork, found: Network): Op<Outcome> {
  const { engine, progress } = context;
  const taken = new Map<Container, EndpointSpec>();
  for (const container of containersOf(engine, project.name)) {
    const spec = container.endpointSpecs.get(found.name);
    if (!spec) continue;
    taken.set(container, spec);
    progress.tell("Container", container.name, "Stopping");
    const refused = (yield* engine.stopContainer(container.id)) ?? (yield* engine.disconnect(found.id, container.id, true));
    if (refused) return daemonText(refused);
    progress.tell("Container", container.name, "Stopped");
  }
  const refused = yield* engine.removeNetwork(found.id);
  if (refused) {
    progress.tell("Network", network.name, "Error");
    return `failed to remove network ${network.name}: ${daemonText(refused)}`;
  }
  progress.tell("Network", network.name, "Removed");
  const failed = yield* create(context, project, network);
  if (failed !== undefined) return failed;
  for (const [container, spec] of taken) {
    const unjoined = yield* engine.connect(network.name, container.id, spec);
    if (unjoined) return daemonText(unjoined);
  }
  return undefined;
}

export function* ensureNetworks(context: ComposeContext, project: Project): Op<Outcome> {
  for (const network of project.networks.values()) {
    const found = context.engine.findNetwork(network.name);
    const missing = found instanceof EngineError;
    if (network.external) {
      if (missing) return `network ${network.name} declared as external, but could not be found`;
      continue;
    }
    const refused = missing ? yield* create(context, project, network) : yield* keep(context, project, network, found);
    if (refused !== undefined) return refused;
  }
  return undefined;
}

export function ensureVolumes(context: ComposeContext, project: Project): Outcome {
  const { engine, progress } = context;
  for (const volume of project.volumes.values()) {
    const found = engine.findVolume(volume.name);
    if (!(found instanceof EngineError)) {
      if (!volume.external && found.labels[PROJECT] !== project.name)
        warn(
          context,
          `volume ${JSON.stringify(volume.name)} already exists but was not created by Docker Compose. Use \`external: true\` to use an existing volume`,
        );
      continue;
    }
    if (volume.external) return `external volume ${JSON.stringify(volume.name)} not found`;
    progress.tell("Volume", volume.name, "Creating");
    const made = engine.createVolume(volume.name, volumeLabels(project, volume));
    if (made instanceof EngineError) return daemonText(made);
    progress.tell("Volume", volume.name, "Created");
  }
  return undefined;
}

const volumeLabels = (project: Project, volume: ProjectVolume): Readonly<Record<string, string>> => ({
  ...volume.labels,
  [PROJECT]: project.name,
  [VERSION]: COMPOSE_LABEL_VERSION,
  [VOLUME]: volume.key,
});

export interface PullOptions {
  /** "always", "missing", "never" or the service's own. */
  readonly policy: string | undefined;
  readonly quiet: boolean;
  /** Whether what can be built is: --build, --no-build. */
  readonly builds?: "always" | "missing" | "never";
}

const mustPull = (context: ComposeContext, service: Service, policy: string): boolean =>
  policy === "always" || (policy !== "never" && context.engine.findImage(service.image) === undefined);

/** Pulls what services need and the host does not have. */
export function* ensureImages(
  context: ComposeContext,
  services: readonly Service[],
  { policy, quiet, builds = "missing" }: PullOptions,
): Op<Outcome> {
  const own = services.filter(({ build, image }) => build && (builds === "always" || !context.engine.findImage(image)));
  if (own.length > 0 && builds !== "never") {
    const refused = yield* buildServices(context, own, { args: [], usesCache: true, pulls: false, quiet: false });
    if (refused !== undefined) return refused;
  }
  const pulled = new Set<string>();
  for (const service of services) {
    if (service.build && builds !== "never") continue;
    const wanted = policy && policy !== "policy" ? policy : (service.pullPolicy ?? "missing");
    if (!mustPull(context, service, wanted) || pulled.has(service.image)) continue;
    pulled.add(service.image);
    if (!parseReference(service.image))
      return `unable to get image '${service.image}': Error response from daemon: invalid reference format`;
    const refused = yield* pullImage(context, service, quiet);
    if (refused !== undefined) return refused;
  }
  return undefined;
}

export function* pullImage(context: ComposeContext, service: Service, quiet: boolean): Op<Outcome> {
  const { engine, process } = context;
  const { stderr } = process;
  const tell = (text: string): void => {
    if (!quiet) stderr.write(` ${service.name} ${text}\n`);
  };
  tell("Pulling ");
  const layers = quiet
    ? () => {}
    : pullProgress({ write: (text) => layerLine(text, (line) => stderr.write(line)) } as typeof stderr, process);
  const got = yield* engine.pull(service.image, layers);
  if (got instanceof EngineError) {
    tell(`Error ${got.message}`);
    return daemonText(got);
  }
  tell("Pulled ");
  return undefined;
}

/** Of a pull only the steps of layers are told: " 0123456789ab Pull complete ". */
function layerLine(text: string, write: (line: string) => void): void {
  const match = /^([0-9a-f]{12}): (.*)\n$/.exec(text);
  if (match) write(` ${match[1]} ${match[2]} \n`);
}
