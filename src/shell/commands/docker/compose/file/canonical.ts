/** Short forms made long (compose-go/transform), paths made absolute (compose-go/paths), what is implied written out (loader/normalize.go). */
import { resolvePath } from "../../../../../kernel/vfs.ts";
import { canonicalPort, portOf } from "./ports.ts";
import { ComposeError, type Port, type VolumeMount } from "./project.ts";
import { flagOf, isMap, listOf, mapOf, type RawMap, textOf } from "./values.ts";
import type { Raw } from "./yaml.ts";

const isList = (value: Raw | undefined): value is readonly Raw[] => Array.isArray(value);

/** A map with some of its values changed; the first error when there is one. */
function changed(map: RawMap, changes: Readonly<Record<string, (value: Raw) => Raw | ComposeError>>): RawMap | ComposeError {
  const result: Record<string, Raw> = { ...map };
  for (const [key, change] of Object.entries(changes)) {
    if (!Object.hasOwn(map, key)) continue;
    const value = change(map[key] as Raw);
    if (value instanceof ComposeError) return value;
    result[key] = value;
  }
  return result;
}

function eachValue(value: Raw, change: (value: Raw) => Raw | ComposeError): Raw | ComposeError {
  if (isList(value)) {
    const list: Raw[] = [];
    for (const one of value) {
      const entry = change(one);
      if (entry instanceof ComposeError) return entry;
      list.push(entry);
    }
    return list;
  }
  if (!isMap(value)) return value;
  return changed(value, Object.fromEntries(Object.keys(value).map((key) => [key, change])));
}

/** Parts at colons, but for one after a single letter: that is a drive of Windows (isWindowsDrive). */
function volumeParts(text: string): readonly string[] {
  const parts: string[] = [];
  let part = "";
  for (const char of text) {
    if (char === ":" && !/^[a-zA-Z]$/.test(part)) {
      parts.push(part);
      part = "";
    } else part += char;
  }
  return [...parts, part];
}

/** A volume's short form (compose-go/format): "[SOURCE:]TARGET[:MODE]". */
function volume(entry: Raw): Raw | ComposeError {
  if (typeof entry !== "string") return entry;
  if (entry === "") return new ComposeError("invalid empty volume spec");
  const [source = "", target, mode = ""] = volumeParts(entry);
  if (target === undefined) return { type: "volume", target: source, volume: {} };
  const bind = /^[./~]/.test(source);
  const options = mode.split(",");
  return {
    type: bind ? "bind" : "volume",
    source,
    target,
    ...(options.includes("ro") ? { read_only: true } : {}),
    ...(bind ? { bind: { create_host_path: true } } : { volume: options.includes("nocopy") ? { nocopy: true } : {} }),
  };
}

/** What `-v` of `run` means, from a folder. */
export function mountOf(text: string, folder: string): VolumeMount | ComposeError {
  const read = volume(text);
  if (read instanceof ComposeError) return read;
  const { type, source, target, read_only: readOnly } = mapOf(read);
  const from = textOf(source);
  return {
    type: type === "bind" ? "bind" : "volume",
    ...(from === undefined ? {} : { source: type === "bind" ? resolvePath(folder, from) : from }),
    target: textOf(target) ?? "",
    readOnly: readOnly === true,
  };
}

function dependency(value: Raw): Raw {
  const { condition = "service_started", required = true, ...rest } = mapOf(value);
  return { condition, ...rest, required };
}

const dependencies = (value: Raw): Raw | ComposeError =>
  isList(value) ? Object.fromEntries(value.map((name) => [textOf(name) ?? "", dependency(null)])) : eachValue(value, dependency);

const envFile = (value: Raw): Raw => (isMap(value) ? { required: true, ...value } : { path: value, required: true });

/** With `loosely`, what cannot be read is left as it stands: variables may still be in it. */
const ports =
  (loosely: boolean) =>
  (value: Raw): Raw | ComposeError => {
    if (!isList(value)) return value;
    const all: Raw[] = [];
    for (const entry of value) {
      if (isMap(entry)) {
        all.push(entry);
        continue;
      }
      const read = portOf(textOf(entry) ?? "");
      if (read instanceof ComposeError) return loosely ? value : read;
      all.push(...read.map((port: Port) => canonicalPort(port) as Raw));
    }
    return all;
  };

const service =
  (loosely: boolean) =>
  (value: Raw): Raw | ComposeError =>
    isMap(value)
      ? changed(value, {
          build: (build) => (typeof build === "string" ? { context: build } : build),
          depends_on: dependencies,
          dns: (dns) => (typeof dns === "string" ? [dns] : dns),
          env_file: (files) => (isList(files) ? files.map(envFile) : [envFile(files)]),
          networks: (networks) => (isList(networks) ? Object.fromEntries(networks.map((name) => [textOf(name) ?? "", null])) : networks),
          ports: ports(loosely),
          volumes: (volumes) => eachValue(volumes, volume),
        })
      : value;

/** `external: {name: N}` of old files. */
function maybeExternal(value: Raw): Raw {
  const map = mapOf(value);
  if (!isMap(map.external)) return value;
  const name = map.name ?? map.external.name;
  return { ...map, external: true, ...(name === undefined ? {} : { name }) };
}

/** A file's content in its long forms. */
export const inLongForm = (model: RawMap, loosely: boolean): RawMap | ComposeError =>
  changed(model, {
    services: (services) => eachValue(services, service(loosely)),
    networks: (networks) => eachValue(networks, maybeExternal),
    volumes: (volumes) => eachValue(volumes, maybeExternal),
  });

/** Ports as they are where nothing is said: published through the host, TCP. */
const portDefaults = (port: Raw): Raw => (isMap(port) ? { ...port, mode: port.mode ?? "ingress", protocol: port.protocol ?? "tcp" } : port);

export const withDefaults = (model: RawMap): RawMap =>
  changed(model, {
    services: (services) =>
      eachValue(services, (one) =>
        isMap(one)
          ? changed(one, {
              ports: (all) => eachValue(all, portDefaults),
              build: (build) => (isMap(build) ? { context: ".", ...build } : build),
            })
          : one,
      ),
  }) as RawMap;

/** Paths from where the project's folder is. */
export function withAbsolutePaths(model: RawMap, folder: string): RawMap {
  const path = (value: Raw): Raw => (typeof value === "string" ? resolvePath(folder, value.replace(/^~(?=\/|$)/, "/root")) : value);
  const context = (value: Raw): Raw => (typeof value === "string" && /^[\w+.-]+(:\/\/|@)/.test(value) ? value : path(value));
  return changed(model, {
    services: (services) =>
      eachValue(services, (one) =>
        isMap(one)
          ? changed(one, {
              build: (build) => (isMap(build) ? changed(build, { context }) : build),
              env_file: (files) => eachValue(files, (file) => (isMap(file) ? changed(file, { path }) : file)),
              volumes: (volumes) =>
                eachValue(volumes, (mount) => (isMap(mount) && mount.type === "bind" ? changed(mount, { source: path }) : mount)),
            })
          : one,
      ),
  }) as RawMap;
}

/** What a service depends on without saying so: what it links to, and whose namespaces it shares. */
function impliedDependencies(raw: RawMap): readonly string[] {
  const implied = listOf(raw.links).map((link) => link.split(":")[0] as string);
  for (const key of ["network_mode", "ipc", "pid", "uts", "cgroup"]) {
    const mode = textOf(raw[key]) ?? "";
    if (mode.startsWith("service:")) implied.push(mode.slice("service:".length));
  }
  return implied;
}

function normalService(raw: RawMap): RawMap {
  const dependsOn: Record<string, Raw> = { ...mapOf(raw.depends_on) };
  for (const name of impliedDependencies(raw)) dependsOn[name] ??= { condition: "service_started", restart: true, required: true };
  const named = Object.keys(mapOf(raw.networks)).length > 0;
  const build = mapOf(raw.build);
  return {
    ...raw,
    ...(Object.keys(dependsOn).length > 0 ? { depends_on: dependsOn } : {}),
    ...(raw.network_mode === undefined && raw.provider === undefined && !named ? { networks: { default: null } } : {}),
    ...(raw.build !== undefined && build.dockerfile === undefined && build.dockerfile_inline === undefined
      ? { build: { ...build, dockerfile: "Dockerfile" } }
      : {}),
  };
}

/** Names of networks and volumes outside the project: as given, the key itself of what is external, else with the project's before it. */
const named = (project: string, resources: RawMap): RawMap =>
  Object.fromEntries(
    Object.entries(resources).map(([key, value]) => {
      const resource = mapOf(value);
      return [key, { name: flagOf(resource.external) ? key : `${project}_${key}`, ...resource }];
    }),
  );

/** What is implied, written out: the default network where it is used, what services depend on, names. */
export function normalized(model: RawMap, project: string): RawMap {
  const services = Object.fromEntries(
    Object.entries(mapOf(model.services)).map(([name, one]) => [name, isMap(one) ? normalService(one) : one]),
  );
  const usesDefault = Object.values(services).some((one) => isMap(one) && Object.hasOwn(mapOf(one.networks), "default"));
  const networks = { ...mapOf(model.networks), ...(usesDefault && !mapOf(model.networks).default ? { default: null } : {}) };
  return {
    ...model,
    name: project,
    ...(model.services === undefined ? {} : { services }),
    ...(Object.keys(networks).length > 0 ? { networks: named(project, networks) } : {}),
    ...(model.volumes === undefined ? {} : { volumes: named(project, mapOf(model.volumes)) }),
  };
}
