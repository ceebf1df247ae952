/** `bridge` of iproute2: ports with their flags, the forwarding database. */
import type { CompletionContext, Process } from "../../command.ts";
import { type Answer, Failure, instantCommand } from "./answer.ts";
import { changeFdb, flushFdb, getFdb, showFdb } from "./bridge-fdb.ts";
import { setPort, showPorts } from "./bridge-link.ts";
import { inNetns, readOptions } from "./options.ts";
import { BRIDGE_USAGE } from "./usage.ts";
import { match, unsupported, Words } from "./words.ts";

const OBJECTS = ["link", "fdb", "mdb", "mst", "vlan", "vni", "monitor", "help"] as const;

const unknownCommand = (object: string, verb: string): Failure =>
  new Failure(`Command "${verb}" is unknown, try "bridge ${object} help".`, 255);

function bridge(caller: Process, args: readonly string[]): Answer {
  const words = new Words(args);
  const outcome = readOptions(words, "bridge");
  if (outcome instanceof Failure) return outcome;
  if (outcome === "version") return "bridge utility, 7.3.0\n";
  if (outcome === "help") return new Failure(BRIDGE_USAGE, 255);
  const { options } = outcome;
  const process = inNetns(caller, options);
  if (process instanceof Failure) return process;
  const given = words.next();
  if (given === undefined) return new Failure(BRIDGE_USAGE, 255);
  const object = match(given, OBJECTS);
  if (!object) return new Failure(`Object "${given}" is unknown, try "bridge help".`, 255);
  if (object === "help") return new Failure(BRIDGE_USAGE, 255);
  const verb = words.next() ?? "show";
  const is = (name: string): boolean => name.startsWith(verb);
  switch (object) {
    case "link":
      if (is("set") || is("change")) return setPort(process, words);
      if (is("show") || is("lst") || is("list") || verb === "ls") return showPorts(process.netns, options, words);
      return unknownCommand("link", verb);
    case "fdb":
      if (is("add") || is("append") || is("replace") || is("delete")) {
        return changeFdb(process, is("add") ? "add" : is("append") ? "append" : is("replace") ? "replace" : "delete", words);
      }
      if (is("get")) return getFdb(process.netns, options, words);
      if (is("show") || is("lst") || is("list") || verb === "ls") return showFdb(process.netns, options, words);
      return is("flush") ? flushFdb(process, words) : unknownCommand("fdb", verb);
    case "vlan":
      // Without VLAN filtering no port has a VLAN.
      if (is("show") || is("lst") || is("list") || verb === "ls") return options.json ? "[]\n" : "port              vlan-id  \n";
      return unsupported(`bridge vlan ${verb}`, "bridge vlan show (bridges here do not filter VLANs)");
    case "mdb":
      return is("show") || is("list") ? "" : unsupported(`bridge mdb ${verb}`, "bridge mdb show");
    default:
      return unsupported(`bridge ${object}`, "link, fdb, vlan show, mdb show");
  }
}

function complete({ process, words }: CompletionContext): readonly string[] {
  const plain = words.slice(1).filter((word) => !word.startsWith("-"));
  if (plain.length === 0) return ["link", "fdb", "vlan", "mdb", "help"];
  if (plain.length === 1) return plain[0] === "link" ? ["show", "set"] : ["show", "get", "add", "append", "replace", "del", "flush"];
  const last = plain[plain.length - 1] as string;
  const devices = process.netns.devices.all();
  if (last === "br") return devices.filter(({ kind }) => kind === "bridge").map(({ name }) => name);
  if (last === "dev" || last === "brport") return devices.map(({ name }) => name);
  return ["dev", "br", "brport", "master", "self"];
}

export const bridgeCommand = instantCommand("bridge", "ports and forwarding database of bridges", bridge, complete);
