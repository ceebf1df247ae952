/** Command lines for what is clicked and dragged: the words that somebody who types would type. */
import type { Container, EndpointSpec } from "../../engine/types.ts";

/** One network that a container is to be on. Texts as typed, "" where the engine is to choose. */
export interface NetworkChoice {
  /** A network's name, or "bridge", "host", "none", "container:NAME" for the first. */
  readonly network: string;
  readonly ip: string;
  readonly aliases: string;
  readonly mac: string;
}

export interface ContainerForm {
  readonly name: string;
  readonly image: string;
  /** At least one; the first is the one that says whose netns it is. */
  readonly networks: readonly NetworkChoice[];
  readonly ports: string;
  readonly command: string;
  /** How it runs: "-d", "-itd" …; "" chooses by the image. */
  readonly how: string;
  /** Further flags, as they stand in the line. */
  readonly extra: string;
  /** The container that is removed first, since ports are published when a container is made. "" when none. */
  readonly replaces: string;
}

/** An end on a network for a container that is there: a new one, or with `reconnect` one that is plugged in anew. */
export interface ConnectForm {
  readonly container: string;
  readonly network: string;
  readonly ip: string;
  readonly aliases: string;
  readonly reconnect: boolean;
}

export interface NetworkForm {
  readonly name: string;
  readonly driver: string;
  readonly subnet: string;
  readonly gateway: string;
  readonly range: string;
  /** "name=address", several with spaces. */
  readonly aux: string;
  readonly ipv6: boolean;
  readonly subnet6: string;
  readonly internal: boolean;
  readonly parent: string;
  /** Of macvlan and ipvlan; "" is the driver's default. */
  readonly mode: string;
  readonly icc: boolean;
  readonly masquerade: boolean;
  readonly mtu: string;
  readonly extra: string;
}

export const choice = (network: string): NetworkChoice => ({ network, ip: "", aliases: "", mac: "" });

/** What a form begins with. */
export const EMPTY_CONTAINER: ContainerForm = {
  name: "",
  image: "ubuntu:18.04",
  networks: [choice("bridge")],
  ports: "",
  command: "",
  how: "",
  extra: "",
  replaces: "",
};

export const EMPTY_NETWORK: NetworkForm = {
  name: "mybridge",
  driver: "bridge",
  subnet: "",
  gateway: "",
  range: "",
  aux: "",
  ipv6: false,
  subnet6: "",
  internal: false,
  parent: "",
  mode: "",
  icc: true,
  masquerade: true,
  mtu: "",
  extra: "",
};

/** Quotes a word for the shell when it needs to be. */
export function quote(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}

export const words = (text: string): string[] => text.split(/[\s,]+/).filter(Boolean);
const SERVERS = /^(nginx|httpd|redis|postgres|mysql|mariadb|mongo|memcached|caddy|traefik|rabbitmq)\b/;

/** Whether a network mode leaves the container with interfaces of its own. */
export const hasOwnNetwork = (mode: string): boolean => mode !== "host" && mode !== "none" && !mode.startsWith("container:");

/** `docker run` for a form. Servers run detached; anything else gets a terminal too, so that its shell stays. */
export function runLine(form: ContainerForm): string {
  const line = ["docker", "run", form.how || (SERVERS.test(form.image) || form.command ? "-d" : "-itd")];
  if (form.name) line.push("--name", quote(form.name));
  const [first = choice("bridge"), ...others] = form.networks;
  if (first.network && (first.network !== "bridge" || others.length > 0)) line.push("--net", quote(first.network));
  if (hasOwnNetwork(first.network)) {
    if (first.ip) line.push("--ip", quote(first.ip));
    for (const alias of words(first.aliases)) line.push("--net-alias", quote(alias));
    if (first.mac) line.push("--mac-address", quote(first.mac));
    for (const other of others) line.push("--net", quote(furtherNetwork(other)));
    for (const port of words(form.ports)) line.push("-p", quote(port));
  }
  if (form.extra) line.push(form.extra);
  line.push(quote(form.image || "ubuntu:18.04"));
  if (form.command) line.push(form.command);
  const run = line.join(" ");
  return form.replaces ? `docker rm -f ${quote(form.replaces)} && ${run}` : run;
}

/** `--network name=N,ip=…`: what only the first network has flags for. */
function furtherNetwork({ network, ip, aliases, mac }: NetworkChoice): string {
  const fields = [...(ip ? [`ip=${ip}`] : []), ...words(aliases).map((alias) => `alias=${alias}`), ...(mac ? [`mac-address=${mac}`] : [])];
  return fields.length > 0 ? [`name=${network}`, ...fields].join(",") : network;
}

/** Aliases and addresses are given when a container is connected: to change them it is unplugged and plugged in again. */
export function connectLine(form: ConnectForm): string {
  const ends = `${quote(form.network)} ${quote(form.container)}`;
  const flags = [...(form.ip ? [`--ip ${quote(form.ip)} `] : []), ...words(form.aliases).map((alias) => `--alias ${quote(alias)} `)];
  const connect = `docker network connect ${flags.join("")}${ends}`;
  return form.reconnect ? `docker network disconnect ${ends} && ${connect}` : connect;
}

export const isOnNic = (driver: string): boolean => driver === "macvlan" || driver === "ipvlan";

const BRIDGE = "com.docker.network.bridge.";
export const ICC_OPTION = `${BRIDGE}enable_icc`;
export const MASQUERADE_OPTION = `${BRIDGE}enable_ip_masquerade`;
export const MTU_OPTION = "com.docker.network.driver.mtu";

/** `docker network create` for a form. */
export function createLine(form: NetworkForm): string {
  const line = ["docker", "network", "create"];
  const option = (name: string, value: string): void => void line.push("-o", `${name}=${quote(value)}`);
  if (form.driver !== "bridge") line.push("-d", quote(form.driver));
  if (form.subnet) line.push(`--subnet=${quote(form.subnet)}`);
  if (form.range) line.push(`--ip-range=${quote(form.range)}`);
  if (form.gateway) line.push(`--gateway=${quote(form.gateway)}`);
  for (const aux of words(form.aux)) line.push(`--aux-address=${quote(aux)}`);
  if (form.ipv6) line.push("--ipv6");
  if (form.ipv6 && form.subnet6) line.push(`--subnet=${quote(form.subnet6)}`);
  if (form.internal) line.push("--internal");
  if (isOnNic(form.driver)) {
    if (form.parent) option("parent", form.parent);
    if (form.mode) option(`${form.driver}_mode`, form.mode);
  } else {
    if (!form.icc) option(ICC_OPTION, "false");
    if (!form.masquerade) option(MASQUERADE_OPTION, "false");
  }
  if (form.mtu) option(MTU_OPTION, form.mtu);
  if (form.extra) line.push(form.extra);
  line.push(quote(form.name));
  return line.join(" ");
}

/**
 * The words of a line as the shell would make them, for lines that are one plain command; undefined where quotes are open or
 * the shell would do more than split words (pipes, expansions, several commands).
 */
export function plainWords(line: string): readonly string[] | undefined {
  const found: string[] = [];
  let word: string | undefined;
  let quoted = "";
  for (let i = 0; i < line.length; i++) {
    const c = line[i] as string;
    if (quoted === "'") {
      if (c === "'") quoted = "";
      else word = (word ?? "") + c;
    } else if (c === "\\") {
      const next = line[++i];
      if (next === undefined) return undefined;
      word = (word ?? "") + (quoted && !/["\\$`]/.test(next) ? `\\${next}` : next);
    } else if (quoted === '"') {
      if (c === '"') quoted = "";
      else if (c === "$" || c === "`") return undefined;
      else word = (word ?? "") + c;
    } else if (c === "'" || c === '"') {
      quoted = c;
      word ??= "";
    } else if (/\s/.test(c)) {
      if (word !== undefined) found.push(word);
      word = undefined;
    } else if (/[|&;<>()$`*?[\]{}#~!]/.test(c)) return undefined;
    else word = (word ?? "") + c;
  }
  if (quoted) return undefined;
  if (word !== undefined) found.push(word);
  return found;
}

const spread = (flag: string, values: readonly string[]): string[] => values.flatMap((value) => [flag, quote(value)]);

/** A container as the form that would make another like it: its options, and the networks that it is on now. */
export function formOf(container: Container): ContainerForm {
  const { spec } = container;
  const aliasesGiven = (aliases: readonly string[] | undefined): string => {
    const own = new Set([container.name, container.hostname, container.id.slice(0, 12)]);
    return (aliases ?? []).filter((alias) => !own.has(alias)).join(" ");
  };
  const networkOf = (network: string, endpoint: EndpointSpec): NetworkChoice => ({
    network,
    ip: endpoint.ipv4 ?? "",
    aliases: aliasesGiven(endpoint.aliases),
    mac: endpoint.macAddress ?? "",
  });
  const mode = spec.networkMode === "default" ? "bridge" : spec.networkMode;
  const connected = [...container.endpointSpecs].map(([name, endpoint]) => networkOf(name === "default" ? "bridge" : name, endpoint));
  const networks = hasOwnNetwork(mode) && connected.length > 0 ? connected : [choice(mode)];
  const extra = [
    ...(spec.hostname ? ["--hostname", quote(spec.hostname)] : []),
    ...(spec.domainname ? ["--domainname", quote(spec.domainname)] : []),
    ...spread("-e", spec.env),
    ...spread(
      "--label",
      Object.entries(spec.labels).map(([key, value]) => `${key}=${value}`),
    ),
    ...spread("--dns", spec.dns),
    ...spread("--dns-search", spec.dnsSearch),
    ...spread("--dns-option", spec.dnsOptions),
    ...spread("--add-host", spec.extraHosts),
    ...spread("--link", spec.links),
    ...spread("--expose", spec.exposed),
    ...spread("--cap-add", spec.capAdd),
    ...spread("--cap-drop", spec.capDrop),
    ...spread(
      "--sysctl",
      Object.entries(spec.sysctls).map(([key, value]) => `${key}=${value}`),
    ),
    ...spread("-v", spec.volumes),
    ...(spec.publishAll ? ["-P"] : []),
    ...(spec.privileged ? ["--privileged"] : []),
    ...(spec.init ? ["--init"] : []),
    ...(spec.readOnly ? ["--read-only"] : []),
    ...(spec.autoRemove ? ["--rm"] : []),
    ...(spec.restartPolicy && spec.restartPolicy !== "no" ? ["--restart", quote(spec.restartPolicy)] : []),
    ...(spec.entrypoint ? ["--entrypoint", quote(spec.entrypoint.join(" "))] : []),
    ...(spec.workingDir ? ["-w", quote(spec.workingDir)] : []),
    ...(spec.user ? ["-u", quote(spec.user)] : []),
    ...(spec.stopSignal ? ["--stop-signal", quote(spec.stopSignal)] : []),
  ];
  return {
    name: container.name,
    image: spec.image,
    networks,
    ports: spec.ports.map(publishWord).join(" "),
    command: spec.command.map(quote).join(" "),
    how: spec.tty || spec.openStdin ? `-${spec.openStdin ? "i" : ""}${spec.tty ? "t" : ""}d` : "-d",
    extra: extra.join(" "),
    replaces: "",
  };
}

/** "127.0.0.1:8080:80/udp", as it might have been typed. */
function publishWord({ hostIp, hostPort, containerPort, protocol }: Container["spec"]["ports"][number]): string {
  const ip = hostIp === "" ? "" : `${hostIp.includes(":") ? `[${hostIp}]` : hostIp}:`;
  const inside = `${containerPort}${protocol === "tcp" ? "" : `/${protocol}`}`;
  return hostPort === "" && ip === "" ? inside : `${ip}${hostPort}:${inside}`;
}

/** A name of its own for a copy: "web-2" after "web", "c2" after "c1", or the next that is free. */
export function copyName(name: string, taken: ReadonlySet<string>): string {
  const [, stem = `${name}-`, number = "1"] = /^(.+?)(\d+)$/.exec(name) ?? [];
  let n = Number(number) + 1;
  while (taken.has(`${stem}${n}`)) n++;
  return `${stem}${n}`;
}

/** A publishing with the next host port that nobody has. */
export function freePublish(word: string, taken: ReadonlySet<number>): string {
  const match = /^(.*?)(\d+)(:\d+(?:\/\w+)?)$/.exec(word);
  if (!match) return word;
  const [, before = "", host, rest = ""] = match;
  let port = Number(host);
  while (taken.has(port) && port < 65535) port++;
  return `${before}${port}${rest}`;
}
