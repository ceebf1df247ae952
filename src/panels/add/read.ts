/** Lines back into forms: what somebody changes in a form's line by hand shows in its fields, as far as there are fields for it. */
import type { Machine } from "../../shell/command.ts";
import { type DockerLine, readDockerLine } from "../../shell/commands/docker/check.ts";
import type { Form, OpenForm } from "./store.ts";
import {
  type ConnectForm,
  type ContainerForm,
  choice,
  ICC_OPTION,
  MASQUERADE_OPTION,
  MTU_OPTION,
  type NetworkChoice,
  type NetworkForm,
  plainWords,
  quote,
} from "./words.ts";

/** The form that a line comes to; undefined where it is not a line that this form could have made. */
export function readLine(machine: Machine, open: OpenForm, line: string): Form["form"] | undefined {
  switch (open.kind) {
    case "container":
      return readRun(machine, open.form, line);
    case "network":
      return readCreate(machine, open.form, line);
    case "connect":
      return readConnect(machine, open.form, line);
  }
}

function read(machine: Machine, line: string, path: string): DockerLine | undefined {
  const argv = plainWords(line);
  if (argv?.[0] !== "docker") return undefined;
  const found = readDockerLine(machine, argv);
  return typeof found !== "string" && found.path === path ? found : undefined;
}

/** Flags that a form has no field for, as they would be typed. */
function furtherFlags({ known, flags }: DockerLine, fields: ReadonlySet<string>): string {
  const found: string[] = [];
  for (const { name, type } of known) {
    if (fields.has(name) || !flags.has(name)) continue;
    if (type === "bool") found.push(flags.on(name) ? `--${name}` : `--${name}=false`);
    else for (const value of flags.list(name)) found.push(`--${name}`, quote(value));
  }
  return found.join(" ");
}

const RUN_FIELDS = new Set(["name", "network", "ip", "network-alias", "mac-address", "publish", "detach", "interactive", "tty"]);

function readRun(machine: Machine, before: ContainerForm, line: string): ContainerForm | undefined {
  const removed = /^docker rm -f (\S+) && /.exec(line);
  const found = read(machine, line.slice(removed?.[0].length ?? 0), "docker run");
  if (!found) return undefined;
  const { flags } = found;
  const [image = "", ...command] = flags.args;
  const given = flags.list("network").map(readNetwork);
  if (given.includes(undefined)) return undefined;
  const [first = choice("bridge"), ...others] = given as NetworkChoice[];
  const letters = `${flags.on("interactive") ? "i" : ""}${flags.on("tty") ? "t" : ""}${flags.on("detach") ? "d" : ""}`;
  return {
    name: flags.text("name") ?? "",
    image,
    networks: [
      {
        network: first.network,
        ip: flags.text("ip") ?? first.ip,
        aliases: [...flags.list("network-alias"), first.aliases].filter(Boolean).join(" "),
        mac: flags.text("mac-address") ?? first.mac,
      },
      ...others,
    ],
    ports: flags.list("publish").join(" "),
    command: command.map(quote).join(" "),
    how: letters ? `-${letters}` : before.how,
    extra: furtherFlags(found, RUN_FIELDS),
    replaces: removed?.[1] ?? "",
  };
}

/** "mine", or "name=mine,ip=…,alias=…"; undefined for options that there is no field for. */
function readNetwork(word: string): NetworkChoice | undefined {
  if (!/(^|,)[a-z0-9-]+=/.test(word)) return choice(word);
  let found = choice("");
  for (const part of word.split(",")) {
    const [key, value = ""] = part.split("=") as [string, string?];
    if (key === "name") found = { ...found, network: value };
    else if (key === "ip") found = { ...found, ip: value };
    else if (key === "alias") found = { ...found, aliases: `${found.aliases} ${value}`.trim() };
    else if (key === "mac-address") found = { ...found, mac: value };
    else return undefined;
  }
  return found;
}

const CREATE_FIELDS = new Set(["driver", "subnet", "gateway", "ip-range", "aux-address", "ipv6", "internal", "opt"]);

function readCreate(machine: Machine, before: NetworkForm, line: string): NetworkForm | undefined {
  const found = read(machine, line, "docker network create");
  if (!found) return undefined;
  const { flags } = found;
  const isV6 = (text: string): boolean => text.includes(":");
  const subnets = flags.list("subnet");
  const first = subnets.filter((subnet) => !isV6(subnet));
  const gateways = flags.list("gateway");
  if (first.length > 1 || subnets.filter(isV6).length > 1 || gateways.length > 1 || flags.list("ip-range").length > 1) return undefined;
  const driver = flags.text("driver") ?? "bridge";
  const options = new Map(
    flags.list("opt").map((option) => {
      const at = option.indexOf("=");
      return at < 0 ? ([option, ""] as const) : ([option.slice(0, at), option.slice(at + 1)] as const);
    }),
  );
  const take = (key: string): string => {
    const value = options.get(key) ?? "";
    options.delete(key);
    return value;
  };
  const onNic = driver === "macvlan" || driver === "ipvlan";
  const form = {
    name: flags.args[0] ?? before.name,
    driver,
    subnet: first[0] ?? "",
    gateway: gateways[0] ?? "",
    range: flags.list("ip-range")[0] ?? "",
    aux: flags.list("aux-address").join(" "),
    ipv6: flags.on("ipv6"),
    subnet6: subnets.find(isV6) ?? "",
    internal: flags.on("internal"),
    parent: onNic ? take("parent") : "",
    mode: onNic ? take(`${driver}_mode`) : "",
    icc: onNic || !/^(0|f|false)$/i.test(take(ICC_OPTION)),
    masquerade: onNic || !/^(0|f|false)$/i.test(take(MASQUERADE_OPTION)),
    mtu: take(MTU_OPTION),
  };
  const rest = [...options].flatMap(([key, value]) => ["-o", quote(value ? `${key}=${value}` : key)]);
  return { ...form, extra: [furtherFlags(found, CREATE_FIELDS), ...rest].filter(Boolean).join(" ") };
}

function readConnect(machine: Machine, before: ConnectForm, line: string): ConnectForm | undefined {
  const off = /^docker network disconnect (\S+) (\S+) && /.exec(line);
  const found = read(machine, line.slice(off?.[0].length ?? 0), "docker network connect");
  if (!found || found.known.some(({ name }) => name !== "ip" && name !== "alias" && found.flags.has(name))) return undefined;
  const [network = before.network, container = before.container] = found.flags.args;
  if (off && (off[1] !== quote(network) || off[2] !== quote(container))) return undefined;
  return {
    container,
    network,
    ip: found.flags.text("ip") ?? "",
    aliases: found.flags.list("alias").join(" "),
    reconnect: off !== null,
  };
}
