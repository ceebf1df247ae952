/** What does not go together in a project (compose-go/loader/validate.go). */
import { ComposeError, type Service } from "./project.ts";

/** Services in an order in which each comes after those that it depends on; the names of a circle when there is one. */
function dependencyCycle(services: ReadonlyMap<string, Service>): readonly string[] | undefined {
  const done = new Set<string>();
  const visit = (name: string, path: readonly string[]): readonly string[] | undefined => {
    if (done.has(name)) return undefined;
    if (path.includes(name)) return [...path.slice(path.indexOf(name)), name];
    for (const next of services.get(name)?.dependsOn.keys() ?? []) {
      const cycle = services.has(next) ? visit(next, [...path, name]) : undefined;
      if (cycle) return cycle;
    }
    done.add(name);
    return undefined;
  };
  for (const name of services.keys()) {
    const cycle = visit(name, []);
    if (cycle) return cycle;
  }
  return undefined;
}

/** What is wrong with a service by itself. */
function wrongAlone({
  name,
  image,
  build,
  networkMode,
  networks,
  healthcheck,
  scale,
  scaleKey,
  containerName,
  volumes,
  tmpfs,
}: Service): string | undefined {
  if (image === "" && !build)
    return `service ${JSON.stringify(name)} has neither an image nor a build context specified: invalid compose project`;
  if (networkMode !== undefined && networks.size > 0)
    return `service ${name} declares mutually exclusive \`network_mode\` and \`networks\`: invalid compose project`;
  const [first] = healthcheck?.test ?? [];
  if (first !== undefined && !["CMD", "CMD-SHELL", "NONE"].includes(first))
    return 'healthcheck.test must start either by "CMD", "CMD-SHELL" or "NONE"';
  if (scale < 0) return `services.${name}.${scaleKey}: must be greater than or equal to 0`;
  if (scale > 1 && containerName !== undefined)
    return `services.${scaleKey}: can't set container_name and ${name} as container name must be unique: invalid compose project`;
  const mounted = new Map<string, string>();
  const places = [
    ...tmpfs.map((path, i) => [path.split(":")[0] as string, `services.${name}.tmpfs[${i}]`] as const),
    ...volumes.map(({ target }, i) => [target, `services.${name}.volumes[${i}]`] as const),
  ];
  for (const [target, place] of places) {
    const other = mounted.get(target);
    if (other !== undefined) return `${place}: target ${target} already mounted as ${other}`;
    mounted.set(target, place);
  }
  return undefined;
}

/** The first thing that is wrong, in the client's words. */
export function inconsistency(
  services: ReadonlyMap<string, Service>,
  disabled: ReadonlyMap<string, Service>,
  networks: ReadonlySet<string>,
  volumes: ReadonlySet<string>,
): ComposeError | undefined {
  const invalid = (service: string, what: string): ComposeError =>
    new ComposeError(`service ${JSON.stringify(service)} ${what}: invalid compose project`);
  for (const service of services.values()) {
    const alone = wrongAlone(service);
    if (alone !== undefined) return new ComposeError(alone);
    for (const key of service.networks.keys()) if (!networks.has(key)) return invalid(service.name, `refers to undefined network ${key}`);
    for (const [name, { required }] of service.dependsOn)
      if (!services.has(name) && (required || !disabled.has(name)))
        return invalid(service.name, `depends on undefined service ${JSON.stringify(name)}`);
    for (const { type, source } of service.volumes)
      if (type === "volume" && source !== undefined && !volumes.has(source))
        return invalid(service.name, `refers to undefined volume ${source}`);
  }
  const cycle = dependencyCycle(services);
  return cycle && new ComposeError(`dependency cycle detected: ${cycle.join(" -> ")}`);
}
