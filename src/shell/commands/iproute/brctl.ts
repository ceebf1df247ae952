/** `brctl` of bridge-utils 1.7. */
import { Bridge, type BridgePort, type LinkError, type NetDevice } from "../../../kernel/device/index.ts";
import type { CompletionContext, Process } from "../../command.ts";
import { type Answer, Failure, instantCommand, mayAdminister } from "./answer.ts";
import { parseUnsigned } from "./words.ts";

interface Subcommand {
  readonly name: string;
  /** As the usage prints it after the name. */
  readonly arguments: string;
  readonly does: string;
  /** How many arguments it takes at least. */
  readonly least: number;
  readonly run: (process: Process, args: readonly string[]) => Answer;
}

const bridges = (process: Process): readonly Bridge[] => {
  const all = process.netns.devices.all().filter((device) => device instanceof Bridge);
  // The tool reads a directory in order of names.
  return [...all].sort((a, b) => (a.name < b.name ? -1 : 1));
};

const findBridge = (process: Process, name: string): Bridge | undefined => {
  const device = process.netns.device(name);
  return device instanceof Bridge ? device : undefined;
};

const doesNotExist = (name: string): Failure => new Failure(`bridge ${name} does not exist!`, 1);

/** Why a change is refused, as strerror says it. */
const NOT_PERMITTED = "Operation not permitted";

const HEADING = "bridge name\tbridge id\t\tSTP enabled\tinterfaces\n";

function showBridge(bridge: Bridge): string {
  const ports = bridge.ports.map((port) => port.device.name).sort();
  const start = `${bridge.name}\t\t${bridge.id}\t${bridge.stp ? "yes" : "no"}\t\t`;
  return `${start}${ports.join("\n\t\t\t\t\t\t\t")}\n`;
}

function show(process: Process, names: readonly string[]): Answer {
  let printed = HEADING;
  if (names.length === 0) return printed + bridges(process).map(showBridge).join("");
  for (const name of names) {
    const bridge = findBridge(process, name);
    if (!bridge) {
      const why = process.netns.device(name) ? `device ${name} is not a bridge!` : `bridge ${name} does not exist!`;
      // The heading goes out with the first bridge only.
      return new Failure(why, 1, printed === HEADING ? "" : printed);
    }
    printed += showBridge(bridge);
  }
  return printed;
}

function addBridge(process: Process, [name = ""]: readonly string[]): Answer {
  if (!mayAdminister(process)) return new Failure(`add bridge failed: ${NOT_PERMITTED}`, 1);
  const { netns } = process;
  const refused = netns.devices.refuseName(name);
  if (refused?.errno === "EEXIST") return new Failure(`device ${name} already exists; can't create bridge with the same name`, 1);
  const bridge = new Bridge(netns, name);
  bridge.txQueueLength = 1000;
  const failed = netns.devices.add(bridge);
  return failed ? new Failure(`add bridge failed: ${failed.message}`, 1) : "";
}

function deleteBridge(process: Process, [name = ""]: readonly string[]): Answer {
  if (!mayAdminister(process)) return new Failure(`can't delete bridge ${name}: ${NOT_PERMITTED}`, 1);
  const device = process.netns.device(name);
  if (!device) return new Failure(`bridge ${name} doesn't exist; can't delete it`, 1);
  if (!(device instanceof Bridge)) return new Failure(`can't delete bridge ${name}: ${NOT_PERMITTED}`, 1);
  if (device.up) return new Failure(`bridge ${name} is still up; can't delete it`, 1);
  process.netns.devices.remove(device);
  return "";
}

function addInterfaces(process: Process, [name = "", ...ports]: readonly string[]): Answer {
  const { netns } = process;
  for (const port of ports) {
    const device = netns.device(port);
    const bridge = findBridge(process, name);
    if (!bridge) return doesNotExist(name);
    if (!device) return new Failure(`interface ${port} does not exist!`, 1);
    if (!mayAdminister(process)) return new Failure(`can't add ${port} to bridge ${name}: ${NOT_PERMITTED}`, 1);
    if (device.master) return new Failure(`device ${port} is already a member of a bridge; can't add it to bridge ${name}.`, 1);
    if (device instanceof Bridge)
      return new Failure(`device ${port} is a bridge device itself; can't add a bridge device to a bridge device.`, 1);
    const refused = netns.devices.setMaster(device, bridge);
    if (refused) return new Failure(`can't add ${port} to bridge ${name}: ${errnoText(refused)}`, 1);
  }
  return "";
}

/** brctl knows the errno, not the kernel's sentence. */
const errnoText = ({ errno, message, extended }: LinkError): string =>
  !extended ? message : errno === "ELOOP" ? "Too many levels of symbolic links" : "Operation not supported";

function deleteInterfaces(process: Process, [name = "", ...ports]: readonly string[]): Answer {
  const { netns } = process;
  for (const port of ports) {
    const bridge = findBridge(process, name);
    if (!bridge) return doesNotExist(name);
    const device = netns.device(port);
    if (!device) return new Failure(`interface ${port} does not exist!`, 1);
    if (!mayAdminister(process)) return new Failure(`can't delete ${port} from ${name}: ${NOT_PERMITTED}`, 1);
    if (device.master !== bridge) return new Failure(`device ${port} is not a port of ${name}`, 1);
    netns.devices.setMaster(device, undefined);
  }
  return "";
}

const timer = (us: number): string => (us / 1e6).toFixed(2).padStart(7);

function showMacs(process: Process, [name = ""]: readonly string[]): Answer {
  const bridge = findBridge(process, name);
  if (!bridge)
    return new Failure(`read of forward table failed: ${process.netns.device(name) ? "Operation not supported" : "No such device"}`, 1);
  const { now } = process.netns.kernel.clock;
  const rows = bridge.fdb
    .list()
    .filter((entry) => entry.port)
    .map((entry) => ({ entry, port: (entry.port as BridgePort).number }))
    .sort((a, b) => (a.entry.mac < b.entry.mac ? -1 : 1));
  const lines = rows.map(
    ({ entry, port }) =>
      `${String(port).padStart(3)}\t${entry.mac}\t${entry.local ? "yes" : "no"}\t\t${timer(entry.static ? 0 : now - entry.updated)}`,
  );
  return `${["port no\tmac addr\t\tis local?\tageing timer", ...lines].join("\n")}\n`;
}

function setStp(process: Process, [name = "", word = ""]: readonly string[]): Answer {
  const on = ["on", "yes", "1"].includes(word);
  if (!on && !["off", "no", "0"].includes(word)) return new Failure(`expect on/off for argument`, 1);
  const bridge = findBridge(process, name);
  if (!bridge) return new Failure("set stp status failed: No such device", 1);
  if (!mayAdminister(process)) return new Failure(`set stp status failed: ${NOT_PERMITTED}`, 1);
  bridge.setStp(on);
  return "";
}

function setAgeing(process: Process, [name = "", word = ""]: readonly string[]): Answer {
  if (!/^\d+(\.\d+)?$/.test(word)) return new Failure("bad ageing time value", 1);
  const bridge = findBridge(process, name);
  if (!bridge) return new Failure("set ageing time failed: No such device", 1);
  if (!mayAdminister(process)) return new Failure(`set ageing time failed: ${NOT_PERMITTED}`, 1);
  bridge.fdb.ageing = Math.round(Number(word) * 1e6);
  return "";
}

/** Seconds as strtod reads them; undefined for what is no number. */
const parseSeconds = (word: string): number | undefined => (/^\d+(\.\d*)?$|^\.\d+$/.test(word) ? Number(word) : undefined);

/** A setter of a time of the spanning tree: `what` as the tool names it, and the bounds of the kernel in seconds. */
const setTime =
  (what: string, key: keyof Bridge["times"], [least, most]: readonly [number, number]) =>
  (process: Process, [name = "", word = ""]: readonly string[]): Answer => {
    const seconds = parseSeconds(word);
    if (seconds === undefined) return new Failure(`bad ${what} value`, 1);
    const bridge = findBridge(process, name);
    if (!bridge) return failed(`set ${what}`, process, name);
    if (!mayAdminister(process)) return new Failure(`set ${what} failed: ${NOT_PERMITTED}`, 1);
    // The bounds are those of 802.1D, and hold for the forward delay only while the spanning tree is on.
    if ((key !== "forwardDelay" || bridge.stp) && (seconds < least || seconds > most)) {
      return new Failure(`set ${what} failed: Numerical result out of range`, 1);
    }
    bridge.times[key] = Math.round(seconds * 1e6);
    return "";
  };

const failed = (what: string, process: Process, name: string): Failure =>
  new Failure(`${what} failed: ${process.netns.device(name) ? "Operation not supported" : "No such device"}`, 1);

function setBridgePriority(process: Process, [name = "", word = ""]: readonly string[]): Answer {
  const priority = parseUnsigned(word);
  if (priority === undefined) return new Failure("bad priority", 1);
  const bridge = findBridge(process, name);
  if (!bridge) return failed("set bridge priority", process, name);
  if (!mayAdminister(process)) return new Failure(`set bridge priority failed: ${NOT_PERMITTED}`, 1);
  bridge.priority = priority & 0xffff;
  return "";
}

/** Sets a number of a port: its cost, or its priority. */
const setPortNumber =
  (what: "path cost" | "port priority", key: "cost" | "priority", [least, most]: readonly [number, number]) =>
  (process: Process, [, port = "", word = ""]: readonly string[]): Answer => {
    const value = parseUnsigned(word);
    if (value === undefined) return new Failure(`bad ${what.split(" ").at(-1)}`, 1);
    // The tool writes to a file of the port, whichever bridge that is of.
    const device = process.netns.device(port);
    if (!device) return new Failure(`set ${what} failed: No such device`, 1);
    const found = device.port as BridgePort | undefined;
    if (!found) return new Failure(`set ${what} failed: No such file or directory`, 1);
    if (!mayAdminister(process)) return new Failure(`set ${what} failed: ${NOT_PERMITTED}`, 1);
    if (value < least || value > most) return new Failure(`set ${what} failed: Numerical result out of range`, 1);
    found[key] = value;
    return "";
  };

function setHairpin(process: Process, [name = "", port = "", word = ""]: readonly string[]): Answer {
  const on = ["on", "yes", "1"].includes(word);
  if (!on && !["off", "no", "0"].includes(word)) return new Failure(`expect on/off for argument`, 1);
  const device: NetDevice | undefined = process.netns.device(port);
  if (!findBridge(process, name)) return doesNotExist(name);
  if (!device?.port) return new Failure(`can't set ${port} to hairpin on bridge ${name}: No such file or directory`, 1);
  if (!mayAdminister(process)) return new Failure(`can't set ${port} to hairpin on bridge ${name}: ${NOT_PERMITTED}`, 1);
  Object.assign(device.port, { hairpin: on });
  return "";
}

function showStp(process: Process, [name = ""]: readonly string[]): Answer {
  const bridge = findBridge(process, name);
  if (!bridge) return new Failure(`${name}: can't get info No such device`, 1);
  const { maxAge, hello, forwardDelay } = bridge.times;
  const head = [
    `${bridge.name}`,
    ` bridge id\t\t${bridge.id}`,
    ` designated root\t${bridge.id}`,
    " root port\t\t   0\t\t\tpath cost\t\t   0",
    ` max age\t\t${timer(maxAge)}\t\t\tbridge max age\t\t${timer(maxAge)}`,
    ` hello time\t\t${timer(hello)}\t\t\tbridge hello time\t${timer(hello)}`,
    ` forward delay\t\t${timer(forwardDelay)}\t\t\tbridge forward delay\t${timer(forwardDelay)}`,
    ` ageing time\t\t${timer(bridge.fdb.ageing)}`,
    " hello timer\t\t   0.00\t\t\ttcn timer\t\t   0.00",
    " topology change timer\t   0.00\t\t\tgc timer\t\t   0.00",
    " flags\t\t\t",
    "",
    "",
  ];
  const ports = [...bridge.ports]
    .sort((a, b) => a.number - b.number)
    .flatMap((port) => {
      const id = port.id.toString(16);
      return [
        `${port.device.name} (${port.number})`,
        ` port id\t\t${id}\t\t\tstate\t\t     ${port.state.padStart(10)}`,
        ` designated root\t${bridge.id}\tpath cost\t\t${String(port.cost).padStart(4)}`,
        ` designated bridge\t${bridge.id}\tmessage age timer\t   0.00`,
        ` designated port\t${id}\t\t\tforward delay timer\t   0.00`,
        " designated cost\t   0\t\t\thold timer\t\t   0.00",
        " flags\t\t\t",
        "",
      ];
    });
  return `${[...head, ...ports].join("\n")}\n`;
}

const SUBCOMMANDS: readonly Subcommand[] = [
  { name: "addbr", arguments: "<bridge>", does: "add bridge", least: 1, run: addBridge },
  { name: "delbr", arguments: "<bridge>", does: "delete bridge", least: 1, run: deleteBridge },
  { name: "addif", arguments: "<bridge> <device>", does: "add interface to bridge", least: 2, run: addInterfaces },
  { name: "delif", arguments: "<bridge> <device>", does: "delete interface from bridge", least: 2, run: deleteInterfaces },
  { name: "hairpin", arguments: "<bridge> <port> {on|off}", does: "turn hairpin on/off", least: 3, run: setHairpin },
  { name: "setageing", arguments: "<bridge> <time>", does: "set ageing time", least: 2, run: setAgeing },
  { name: "setbridgeprio", arguments: "<bridge> <prio>", does: "set bridge priority", least: 2, run: setBridgePriority },
  {
    name: "setfd",
    arguments: "<bridge> <time>",
    does: "set bridge forward delay",
    least: 2,
    run: setTime("forward delay", "forwardDelay", [2, 30]),
  },
  { name: "sethello", arguments: "<bridge> <time>", does: "set hello time", least: 2, run: setTime("hello timer", "hello", [1, 10]) },
  { name: "setmaxage", arguments: "<bridge> <time>", does: "set max message age", least: 2, run: setTime("max age", "maxAge", [6, 40]) },
  {
    name: "setpathcost",
    arguments: "<bridge> <port> <cost>",
    does: "set path cost",
    least: 3,
    run: setPortNumber("path cost", "cost", [1, 65535]),
  },
  {
    name: "setportprio",
    arguments: "<bridge> <port> <prio>",
    does: "set port priority",
    least: 3,
    run: setPortNumber("port priority", "priority", [0, 63]),
  },
  { name: "show", arguments: "[ <bridge> ]", does: "show a list of bridges", least: 0, run: show },
  { name: "showmacs", arguments: "<bridge>", does: "show a list of mac addrs", least: 1, run: showMacs },
  { name: "showstp", arguments: "<bridge>", does: "show bridge stp info", least: 1, run: showStp },
  { name: "stp", arguments: "<bridge> {on|off}", does: "turn stp on/off", least: 2, run: setStp },
];

/** Short arguments are followed by two tabs, so that the sentences line up. */
const described = (known: Subcommand): string => `${known.arguments}${known.arguments.length < 16 ? "\t\t" : "\t"}${known.does}`;

const USAGE = [
  "Usage: brctl [commands]",
  "commands:",
  ...SUBCOMMANDS.map((known) => `\t${known.name.padEnd(10)}\t${described(known)}`),
].join("\n");

function brctl(process: Process, args: readonly string[]): Answer {
  const [name, ...rest] = args;
  if (name === undefined) return new Failure("", 1, `${USAGE}\n`);
  if (name === "--version" || name === "-V") return "bridge-utils, 1.7\n";
  if (name === "--help" || name === "-h") return `${USAGE}\n`;
  const known = SUBCOMMANDS.find((candidate) => candidate.name === name);
  if (!known) return new Failure(`never heard of command [${name}]\n${USAGE}`, 1);
  if (rest.length < known.least) {
    return new Failure(`Incorrect number of arguments for command\nUsage: brctl ${known.name} ${described(known)}`, 1);
  }
  return known.run(process, rest);
}

function complete({ process, words }: CompletionContext): readonly string[] {
  if (words.length === 1) return SUBCOMMANDS.map(({ name }) => name);
  if (words.length === 2) return bridges(process).map(({ name }) => name);
  return words[1] === "stp" || words[1] === "hairpin" ? ["on", "off"] : process.netns.devices.all().map(({ name }) => name);
}

export const brctlCommand = instantCommand("brctl", "bridges: brctl show", brctl, complete);
