/** Entries of a list that speak of the same thing: the last one holds, at the place of the first (compose-go/override/uncity.go). */
import { type Place, ruleFor } from "./place.ts";
import { ComposeError } from "./project.ts";
import { isMap, type RawMap, textOf } from "./values.ts";
import type { Raw } from "./yaml.ts";

/** What an entry speaks of. */
type Index = (entry: Raw, place: string) => string | ComposeError;

const goType = (value: Raw): string =>
  value === null
    ? "<nil>"
    : typeof value === "number"
      ? Number.isInteger(value)
        ? "int"
        : "float64"
      : typeof value === "boolean"
        ? "bool"
        : "map[string]interface {}";

const byName: Index = (entry, place) =>
  typeof entry === "string" ? (entry.split("=")[0] as string) : new ComposeError(`${place}: unexpected type ${goType(entry)}`);
/** The path inside of a volume entry. */
const byTarget: Index = (entry, place) => {
  if (!isMap(entry)) {
    const text = textOf(entry) ?? "";
    return text.split(":")[1] ?? text;
  }
  return textOf(entry.target) ?? new ComposeError(`service volume ${place} is missing a mount target`);
};
const byPort: Index = (entry, place) => {
  if (!isMap(entry)) return textOf(entry) ?? "";
  if (entry.target === undefined) return new ComposeError(`service ports ${place} is missing a target port`);
  return `${textOf(entry.host_ip) ?? "0.0.0.0"}:${textOf(entry.published) ?? ""}:${textOf(entry.target)}/${textOf(entry.protocol) ?? "tcp"}`;
};
const byPath: Index = (entry, place) =>
  isMap(entry) ? (textOf(entry.path) ?? new ComposeError(`environment path attribute ${place} is missing`)) : (textOf(entry) ?? "");
const byText: Index = (entry) => textOf(entry) ?? JSON.stringify(entry);

const INDEXES: Readonly<Record<string, Index>> = {
  "networks.*.labels": byName,
  "networks.*.ipam.options": byName,
  "services.*.annotations": byName,
  "services.*.build.args": byName,
  "services.*.build.labels": byName,
  "services.*.build.tags": byName,
  "services.*.cap_add": byName,
  "services.*.cap_drop": byName,
  "services.*.deploy.labels": byName,
  "services.*.dns": byName,
  "services.*.dns_opt": byName,
  "services.*.dns_search": byName,
  "services.*.environment": byName,
  "services.*.env_file": byPath,
  "services.*.expose": byText,
  "services.*.labels": byName,
  "services.*.links": byName,
  "services.*.networks.*.aliases": byName,
  "services.*.networks.*.link_local_ips": byName,
  "services.*.ports": byPort,
  "services.*.profiles": byName,
  "services.*.sysctls": byName,
  "services.*.tmpfs": byName,
  "services.*.volumes": byTarget,
};

function uniqueAt(value: Raw, place: Place): Raw | ComposeError {
  if (Array.isArray(value)) {
    const index = ruleFor(INDEXES, place);
    if (!index) return value;
    const entries = new Map<string, Raw>();
    for (const [i, entry] of (value as readonly Raw[]).entries()) {
      const key = index(entry, `${place.join(".")}.[${i}]`);
      if (key instanceof ComposeError) return key;
      entries.set(key, entry);
    }
    return [...entries.values()];
  }
  if (!isMap(value)) return value;
  const map: Record<string, Raw> = {};
  for (const [key, one] of Object.entries(value)) {
    const found = uniqueAt(one, [...place, key]);
    if (found instanceof ComposeError) return found;
    map[key] = found;
  }
  return map;
}

export const withoutRepeats = (model: RawMap): RawMap | ComposeError => uniqueAt(model, []) as RawMap | ComposeError;
