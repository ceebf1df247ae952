/** Several compose files as one, and a service on top of another (compose-go/override): what comes later adds to and replaces what was there. */
import { type Place, ruleFor } from "./place.ts";
import { ComposeError } from "./project.ts";
import { isMap, type RawMap, textOf } from "./values.ts";
import type { Raw } from "./yaml.ts";

type Merger = (before: Raw, after: Raw, place: Place) => Raw | ComposeError;

const isList = (value: Raw): value is readonly Raw[] => Array.isArray(value);

/** "name=value" entries out of a map, by name; a list as it is; a word alone as a list of it. */
function asList(value: Raw): readonly Raw[] {
  if (isList(value)) return value;
  if (!isMap(value)) return typeof value === "string" ? [value] : [];
  const entries: string[] = [];
  for (const [key, one] of Object.entries(value)) {
    if (one === null) entries.push(key);
    else for (const item of isList(one) ? one : [one]) entries.push(`${key}=${textOf(item) ?? ""}`);
  }
  return entries.sort();
}

/** A map by name out of a list of names. */
const asMap =
  (entry: RawMap | null) =>
  (value: Raw): RawMap =>
    isMap(value) ? value : isList(value) ? Object.fromEntries(value.map((name) => [textOf(name) ?? "", entry])) : {};

const joinLists: Merger = (before, after) => [...asList(before), ...asList(after)];
const replace: Merger = (_before, after) => after;
const joinHosts: Merger = (before, after) => {
  const first = asList(before);
  return [...first, ...asList(after).filter((host) => !first.includes(host))];
};
const joinAs =
  (convert: (value: Raw) => RawMap): Merger =>
  (before, after, place) =>
    mergeMaps(convert(before), convert(after), place);
const namedDependencies = joinAs(asMap({ condition: "service_started", required: true }));
const names = joinAs(asMap(null));
const build = joinAs((value) => (isMap(value) ? value : typeof value === "string" ? { context: value } : {}));
/** Options of one logging driver are merged; another driver comes in the place of the first. */
const logging: Merger = (before, after, place) => {
  if (!isMap(before) || !isMap(after)) return after;
  const sameDriver = before.driver === undefined || after.driver === undefined || before.driver === after.driver;
  return sameDriver ? mergeMaps(before, after, place) : after;
};
/** Address pools by their subnet. */
const pools: Merger = (before, after, place) => {
  if (!isList(before) || !isList(after)) return after;
  const bySubnet = new Map<string, Raw>();
  for (const pool of before)
    for (const other of after) {
      if (!isMap(pool) || !isMap(other)) continue;
      const subnet = textOf(other.subnet) ?? "";
      if (subnet !== (textOf(pool.subnet) ?? "") && !bySubnet.has(subnet)) {
        bySubnet.set(subnet, other);
        continue;
      }
      const merged = mergeMaps(pool, other, place);
      if (merged instanceof ComposeError) return merged;
      bySubnet.set(textOf((merged as RawMap).subnet) ?? "", merged);
    }
  return [...bySubnet.values()];
};

const MERGERS: Readonly<Record<string, Merger>> = {
  "networks.*.ipam.config": pools,
  "networks.*.labels": joinLists,
  "volumes.*.labels": joinLists,
  "services.*.annotations": joinLists,
  "services.*.build": build,
  "services.*.build.args": joinLists,
  "services.*.build.extra_hosts": joinHosts,
  "services.*.build.labels": joinLists,
  "services.*.command": replace,
  "services.*.depends_on": namedDependencies,
  "services.*.deploy.labels": joinLists,
  "services.*.dns": joinLists,
  "services.*.dns_opt": joinLists,
  "services.*.dns_search": joinLists,
  "services.*.entrypoint": replace,
  "services.*.env_file": joinLists,
  "services.*.environment": joinLists,
  "services.*.extra_hosts": joinHosts,
  "services.*.healthcheck.test": replace,
  "services.*.labels": joinLists,
  "services.*.logging": logging,
  "services.*.networks": names,
  "services.*.sysctls": joinLists,
  "services.*.tmpfs": joinLists,
};

function mergeMaps(before: RawMap, after: RawMap, place: Place): RawMap | ComposeError {
  const merged: Record<string, Raw> = { ...before };
  for (const [key, value] of Object.entries(after)) {
    const both = Object.hasOwn(merged, key) ? mergeValues(merged[key] as Raw, value, [...place, key]) : value;
    if (both instanceof ComposeError) return both;
    merged[key] = both;
  }
  return merged;
}

function mergeValues(before: Raw, after: Raw, place: Place): Raw | ComposeError {
  const rule = ruleFor(MERGERS, place);
  if (rule) return rule(before, after, place);
  if (after === null) return before;
  const misfit = new ComposeError(`cannot override ${place.join(".")}`);
  if (isMap(before)) return isMap(after) ? mergeMaps(before, after, place) : misfit;
  if (isList(before)) return isList(after) ? [...before, ...after] : misfit;
  return after;
}

/** A later file over what the earlier ones say. */
export const mergeModels = (before: RawMap, after: RawMap): RawMap | ComposeError => mergeMaps(before, after, []);

/** A service over the one that it extends. */
export const mergeService = (before: RawMap, after: RawMap): RawMap | ComposeError => mergeMaps(before, after, ["services", "x"]);
