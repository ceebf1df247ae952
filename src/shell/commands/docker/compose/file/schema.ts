/** What may stand in a compose file, and where (compose-go/schema/compose-spec.json): the refusals are the validator's. */
import { ComposeError } from "./project.ts";
import type { Raw } from "./yaml.ts";

type Kind = "string" | "number" | "boolean" | "null" | "array" | "object";

/** One of several kinds; an array of `items`, an object of `keys` or of `values`. */
interface Shape {
  readonly kinds: readonly Kind[];
  readonly items?: Shape;
  readonly keys?: { readonly [key: string]: Shape };
  readonly values?: Shape;
  /** The words that it may be. */
  readonly among?: readonly string[];
  readonly pattern?: RegExp;
  /** Of several shapes, the kinds of the first: it is what is told to be wanted. */
  readonly first?: readonly Kind[];
}

const of = (...kinds: Kind[]): Shape => ({ kinds });
const string = of("string");
const text = of("string", "number");
const scalar = of("string", "number", "boolean", "null");
const flag = of("boolean", "string");
const number = of("number", "string");
const anything = of("string", "number", "boolean", "null", "array", "object");
const list = (items: Shape): Shape => ({ kinds: ["array"], items });
const map = (values: Shape): Shape => ({ kinds: ["object"], values });
const object = (keys: { readonly [key: string]: Shape }): Shape => ({ kinds: ["object", "null"], keys });
/** Several shapes, told apart by kind. */
const either = (...shapes: Shape[]): Shape => ({
  kinds: shapes.flatMap((shape) => shape.kinds),
  first: shapes[0]?.kinds ?? [],
  ...Object.assign({}, ...shapes.map(({ kinds: _, ...rest }) => rest)),
});
const stringOrList = either(string, list(text));
const listOrMap = either(map(scalar), list(string));
const command = either(of("null"), string, list(text));

const HEALTHCHECK = object({
  disable: flag,
  interval: string,
  retries: number,
  test: either(string, list(string)),
  timeout: string,
  start_period: string,
  start_interval: string,
});

const SERVICE_NETWORK = object({
  aliases: list(string),
  driver_opts: map(text),
  gw_priority: of("number"),
  interface_name: string,
  ipv4_address: string,
  ipv6_address: string,
  link_local_ips: list(string),
  mac_address: string,
  priority: of("number"),
});

const CONDITIONS = ["service_started", "service_healthy", "service_completed_successfully"];

const DEPENDENCY = object({ restart: flag, required: of("boolean"), condition: { kinds: ["string"], among: CONDITIONS } });

const PORT = {
  name: string,
  mode: string,
  host_ip: string,
  target: number,
  published: text,
  protocol: string,
  app_protocol: string,
};

const MOUNT = {
  type: { kinds: ["string"], among: ["bind", "volume", "tmpfs", "cluster", "npipe", "image"] } as Shape,
  source: string,
  target: string,
  read_only: flag,
  consistency: string,
  bind: anything,
  volume: anything,
  tmpfs: anything,
  image: anything,
};

const ENV_FILE = { path: string, required: flag, format: string };

const DEPLOY = object({
  mode: string,
  endpoint_mode: string,
  replicas: number,
  labels: listOrMap,
  rollback_config: anything,
  update_config: anything,
  resources: anything,
  restart_policy: anything,
  placement: anything,
});

/** Keys of a service that this world knows what to do with. */
const SERVICE: { readonly [key: string]: Shape } = {
  annotations: listOrMap,
  attach: flag,
  build: either(string, of("object")),
  cap_add: list(string),
  cap_drop: list(string),
  command,
  configs: list(anything),
  container_name: { kinds: ["string"], pattern: /[a-zA-Z0-9][a-zA-Z0-9_.-]+/ },
  cpu_shares: number,
  cpus: number,
  depends_on: either(list(string), map(DEPENDENCY)),
  deploy: DEPLOY,
  develop: anything,
  devices: list(anything),
  dns: stringOrList,
  dns_opt: list(string),
  dns_search: stringOrList,
  domainname: string,
  entrypoint: command,
  env_file: either(string, list(either(string, { kinds: ["object"], keys: ENV_FILE }))),
  environment: listOrMap,
  expose: list(text),
  extends: anything,
  external_links: list(string),
  extra_hosts: either(map(either(string, list(string))), list(string)),
  group_add: list(text),
  healthcheck: HEALTHCHECK,
  hostname: string,
  image: string,
  init: flag,
  ipc: string,
  isolation: string,
  labels: listOrMap,
  links: list(string),
  logging: anything,
  mac_address: string,
  mem_limit: number,
  mem_reservation: number,
  memswap_limit: number,
  network_mode: string,
  networks: either(list(string), map(either(SERVICE_NETWORK, of("null")))),
  oom_kill_disable: flag,
  oom_score_adj: number,
  pid: of("string", "null"),
  pids_limit: number,
  platform: string,
  ports: list(either(of("number", "string"), { kinds: ["object"], keys: PORT })),
  privileged: flag,
  profiles: list(string),
  pull_policy: string,
  read_only: flag,
  restart: string,
  runtime: string,
  scale: number,
  secrets: list(anything),
  security_opt: list(string),
  shm_size: number,
  stdin_open: flag,
  stop_grace_period: string,
  stop_signal: string,
  sysctls: listOrMap,
  tmpfs: stringOrList,
  tty: flag,
  ulimits: anything,
  user: string,
  userns_mode: string,
  uts: string,
  volumes: list(either(string, { kinds: ["object"], keys: MOUNT })),
  volumes_from: list(string),
  working_dir: string,
};

/** Further keys of a service, which are left out or refused by name. */
const FURTHER_SERVICE_KEYS =
  "blkio_config cgroup cgroup_parent cpu_count cpu_percent cpu_period cpu_quota cpu_rt_period cpu_rt_runtime cpuset credential_spec device_cgroup_rules gpus label_file mem_swappiness models post_start pre_stop provider storage_opt use_api_socket".split(
    " ",
  );

const NETWORK = object({
  name: string,
  driver: string,
  driver_opts: map(text),
  ipam: object({
    driver: string,
    config: list(object({ subnet: string, ip_range: string, gateway: string, aux_addresses: map(string) })),
    options: map(string),
  }),
  external: either(flag, object({ name: string })),
  internal: flag,
  enable_ipv4: flag,
  enable_ipv6: flag,
  attachable: flag,
  labels: listOrMap,
});

const VOLUME = object({
  name: string,
  driver: string,
  driver_opts: map(text),
  external: either(flag, object({ name: string })),
  labels: listOrMap,
});

const FILE: { readonly [key: string]: Shape } = {
  version: text,
  name: string,
  include: list(anything),
  services: map({ kinds: ["object"], keys: { ...SERVICE, ...Object.fromEntries(FURTHER_SERVICE_KEYS.map((key) => [key, anything])) } }),
  models: map(anything),
  networks: map(NETWORK),
  volumes: map(VOLUME),
  secrets: map(anything),
  configs: map(anything),
};

const NAME = /^[a-zA-Z0-9._-]+$/;
const PATTERNED: ReadonlySet<string> = new Set(["services", "networks", "volumes"]);

const WORDS: Readonly<Record<Kind, string>> = {
  string: "string",
  number: "number",
  boolean: "boolean",
  null: "null",
  array: "array",
  object: "mapping",
};

const kindOf = (value: Raw): Kind =>
  value === null ? "null" : Array.isArray(value) ? "array" : typeof value === "object" ? "object" : (typeof value as Kind);

function kindError(path: string, shape: Shape): string {
  const wanted = shape.first ?? (shape === scalar ? shape.kinds : shape.kinds.filter((kind) => kind !== "null"));
  const kinds = [...new Set(wanted)].map((kind) => WORDS[kind]).sort();
  const last = kinds.pop();
  return `${path} must be a ${kinds.length > 0 ? `${kinds.join(", ")} or ` : ""}${last}`;
}

function check(value: Raw, shape: Shape, path: string): string | undefined {
  const kind = kindOf(value);
  if (!shape.kinds.includes(kind)) return kindError(path, shape);
  if (typeof value === "string") {
    if (shape.among && !shape.among.includes(value))
      return `${path} value must be one of ${shape.among.map((word) => `'${word}'`).join(", ")}`;
    if (shape.pattern && !shape.pattern.test(value)) return `${path} '${value}' does not match pattern '${shape.pattern.source}'`;
  }
  if (Array.isArray(value) && shape.items) {
    for (const [i, item] of value.entries()) {
      const wrong = check(item, shape.items, `${path}.${i}`);
      if (wrong !== undefined) return wrong;
    }
  }
  if (kind !== "object") return undefined;
  for (const [key, item] of Object.entries(value as { readonly [key: string]: Raw })) {
    if (shape.keys) {
      if (key.startsWith("x-")) continue;
      const known = Object.hasOwn(shape.keys, key) ? shape.keys[key] : undefined;
      if (!known) return `${path} additional properties '${key}' not allowed`;
      const wrong = check(item, known, path === "" ? key : `${path}.${key}`);
      if (wrong !== undefined) return wrong;
    } else if (shape.values) {
      if (PATTERNED.has(path) && !NAME.test(key)) return `${path} additional properties '${key}' not allowed`;
      const wrong = check(item, shape.values, `${path}.${key}`);
      if (wrong !== undefined) return wrong;
    }
  }
  return undefined;
}

/** What is wrong with a file's shape; undefined when nothing is. */
export function validate(file: string, content: { readonly [key: string]: Raw }): ComposeError | undefined {
  for (const section of ["services", "networks", "volumes"])
    if (Object.hasOwn(content, section) && kindOf(content[section] as Raw) !== "object")
      return new ComposeError(`${section} must be a mapping`);
  for (const section of ["services", "networks", "volumes"])
    for (const [name, value] of Object.entries((content[section] ?? {}) as { readonly [key: string]: Raw }))
      if (value !== null && kindOf(value) !== "object") return new ComposeError(`${section}.${name} must be a mapping`);
  const wrong = check(content, { kinds: ["object"], keys: FILE }, "");
  return wrong === undefined ? undefined : new ComposeError(`validating ${file}: ${wrong}`);
}

export { FURTHER_SERVICE_KEYS };
