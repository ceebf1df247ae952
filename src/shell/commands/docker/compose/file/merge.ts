/** Several compose files as one (compose-go/override): later files add to and replace what earlier ones say. */
import { isMap, listOf, mapOf, pairsOf, type RawMap, textOf } from "./values.ts";
import type { Raw } from "./yaml.ts";

/** Lists that are joined rather than replaced. */
const JOINED: ReadonlySet<string> = new Set(
  "cap_add cap_drop dns dns_opt dns_search expose external_links extra_hosts group_add ports profiles security_opt tmpfs env_file devices secrets configs volumes".split(
    " ",
  ),
);
/** Fields that are either a list of names or a map by name. */
const NAMED: ReadonlySet<string> = new Set(["depends_on", "networks"]);
const PAIRS: ReadonlySet<string> = new Set(["environment", "labels", "sysctls", "annotations"]);

const asMap = (value: Raw | undefined): RawMap => (isMap(value) ? value : Object.fromEntries(listOf(value).map((name) => [name, null])));

/** The path inside of a volume entry: a later one for the same path takes the place of an earlier one. */
const targetOf = (entry: Raw): string =>
  isMap(entry) ? (textOf(entry.target) ?? "") : (((textOf(entry) ?? "").split(":")[1] ?? textOf(entry)) as string);

function joined(key: string, a: Raw, b: Raw): Raw {
  const list = (value: Raw): readonly Raw[] => (Array.isArray(value) ? value : [value]);
  const both = [...list(a), ...list(b)];
  if (key === "volumes") return [...new Map(both.map((entry) => [targetOf(entry), entry])).values()];
  const seen = new Set<string>();
  return both.filter((entry) => {
    const text = JSON.stringify(entry);
    return !seen.has(text) && seen.add(text);
  });
}

export function mergeService(a: RawMap, b: RawMap): RawMap {
  const merged: Record<string, Raw> = { ...a };
  for (const [key, value] of Object.entries(b)) {
    const before = merged[key];
    if (before === undefined || before === null) merged[key] = value;
    else if (PAIRS.has(key)) merged[key] = Object.fromEntries([...pairsOf(before), ...pairsOf(value)]);
    else if (NAMED.has(key)) merged[key] = mergeMaps(asMap(before), asMap(value));
    else if (JOINED.has(key)) merged[key] = joined(key, before, value);
    else if (isMap(before) && isMap(value)) merged[key] = mergeMaps(before, value);
    else merged[key] = value;
  }
  return merged;
}

function mergeMaps(a: RawMap, b: RawMap): RawMap {
  const merged: Record<string, Raw> = { ...a };
  for (const [key, value] of Object.entries(b)) {
    const before = merged[key];
    merged[key] = isMap(before) && isMap(value) ? mergeMaps(before, value) : value;
  }
  return merged;
}

export function mergeFiles(files: readonly RawMap[]): RawMap {
  let all: RawMap = {};
  for (const file of files) {
    const services: Record<string, Raw> = { ...mapOf(all.services) };
    for (const [name, service] of Object.entries(mapOf(file.services))) {
      const before = services[name];
      services[name] = isMap(before) && isMap(service) ? mergeService(before, service) : service;
    }
    all = { ...mergeMaps(all, file), ...(Object.keys(services).length > 0 || file.services !== undefined ? { services } : {}) };
  }
  return all;
}
