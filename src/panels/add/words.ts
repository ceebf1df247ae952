/** Command lines for what is clicked and dragged: the words that somebody who types would type. */

export interface ContainerForm {
  readonly name: string;
  readonly image: string;
  /** "bridge", "host", "none", a network's name, or "container:NAME". */
  readonly network: string;
  readonly ip: string;
  readonly aliases: string;
  readonly ports: string;
  readonly command: string;
  /** The container that is removed first, since ports are published when a container is made. "" when none. */
  readonly replaces: string;
}

export interface AliasForm {
  readonly container: string;
  readonly network: string;
  readonly aliases: string;
}

export interface NetworkForm {
  readonly name: string;
  readonly driver: string;
  readonly subnet: string;
  readonly gateway: string;
  readonly range: string;
  readonly parent: string;
  readonly internal: boolean;
}

/** Quotes a word for the shell when it needs to be. */
export function quote(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}

const words = (text: string): string[] => text.split(/[\s,]+/).filter(Boolean);
const SERVERS = /^(nginx|httpd|redis|postgres|mysql|mariadb|mongo|memcached|caddy|traefik|rabbitmq)\b/;

/** `docker run` for a form. Servers run detached; anything else gets a terminal too, so that its shell stays. */
export function runLine(form: ContainerForm): string {
  const line = ["docker", "run", SERVERS.test(form.image) || form.command ? "-d" : "-itd"];
  if (form.name) line.push("--name", quote(form.name));
  if (form.network && form.network !== "bridge") line.push("--net", quote(form.network));
  if (form.ip) line.push("--ip", quote(form.ip));
  for (const alias of words(form.aliases)) line.push("--net-alias", quote(alias));
  for (const port of words(form.ports)) line.push("-p", quote(port));
  line.push(quote(form.image || "ubuntu:18.04"));
  if (form.command) line.push(form.command);
  const run = line.join(" ");
  return form.replaces ? `docker rm -f ${quote(form.replaces)} && ${run}` : run;
}

/** Aliases are given when a container is connected: it is unplugged and plugged in again. */
export function aliasLine(form: AliasForm): string {
  const flags = words(form.aliases).map((alias) => `--alias ${quote(alias)} `);
  const ends = `${quote(form.network)} ${quote(form.container)}`;
  return `docker network disconnect ${ends} && docker network connect ${flags.join("")}${ends}`;
}

/** `docker network create` for a form. */
export function createLine(form: NetworkForm): string {
  const line = ["docker", "network", "create"];
  if (form.driver !== "bridge") line.push("-d", quote(form.driver));
  if (form.subnet) line.push(`--subnet=${quote(form.subnet)}`);
  if (form.range) line.push(`--ip-range=${quote(form.range)}`);
  if (form.gateway) line.push(`--gateway=${quote(form.gateway)}`);
  if (form.internal) line.push("--internal");
  if (form.parent && (form.driver === "macvlan" || form.driver === "ipvlan")) line.push("-o", `parent=${quote(form.parent)}`);
  line.push(quote(form.name));
  return line.join(" ");
}
