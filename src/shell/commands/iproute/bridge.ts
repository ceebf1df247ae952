/** `bridge` of iproute2: ports with their flags, the forwarding database. */

import type { Op } from "../../../kernel/task.ts";
import type { Command, CompletionContext, Process } from "../../command.ts";
import { type Answer, Failure, finish } from "./answer.ts";
import { changeFdb, flushFdb, getFdb, showFdb } from "./bridge-fdb.ts";
import { setPort, showPorts } from "./bridge-link.ts";
import { monitorBridges } from "./bridge-monitor.ts";
import { inNetns, type Options, readOptions } from "./options.ts";
import { BRIDGE_USAGE } from "./usage.ts";
import { match, unsupported, Words } from "./words.ts";

const OBJECTS = ["link", "fdb", "mdb", "mst", "vlan", "vni", "monitor", "help"] as const;

const unknownCommand = (object: string, verb: string): Failure =>
  new Failure(`Command "${verb}" is unknown, try "bridge ${object} help".`, 255);

function* bridge(caller: Process): Op<number> {
  const words = new Words(caller.argv.slice(1));
  const outcome = readOptions(words, "bridge");
  if (outcome instanceof Failure) return finish(caller, outcome);
  if (outcome === "version") return finish(caller, "bridge utility, 7.3.0\n");
  if (outcome === "help") return finish(caller, new Failure(BRIDGE_USAGE, 255));
  const process = inNetns(caller, outcome.options);
  if (process instanceof Failure) return finish(caller, process);
  const given = words.next();
  if (given === undefined) return finish(caller, new Failure(BRIDGE_USAGE, 255));
  const object = match(given, OBJECTS);
  if (!object) return finish(caller, new Failure(`Object "${given}" is unknown, try "bridge help".`, 255));
  if (object === "help") return finish(caller, new Failure(BRIDGE_USAGE, 255));
  if (object === "monitor") return yield* monitorBridges(process, outcome.options, words);
  return finish(caller, answer(process, outcome.options, object, words));
}

function answer(process: Process, options: Options, object: (typeof OBJECTS)[number], words: Words): Answer {
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
      return unsupported(`bridge ${object}`, "link, fdb, vlan show, mdb show, monitor");
  }
}

function complete({ process, words }: CompletionContext): readonly string[] {
  const plain = words.slice(1).filter((word) => !word.startsWith("-"));
  if (plain.length === 0) return ["link", "fdb", "vlan", "mdb", "monitor", "help"];
  if (plain.length === 1) return plain[0] === "link" ? ["show", "set"] : ["show", "get", "add", "append", "replace", "del", "flush"];
  const last = plain[plain.length - 1] as string;
  const devices = process.netns.devices.all();
  if (last === "br") return devices.filter(({ kind }) => kind === "bridge").map(({ name }) => name);
  if (last === "dev" || last === "brport") return devices.map(({ name }) => name);
  return ["dev", "br", "brport", "master", "self"];
}

export const bridgeCommand: Command = { name: "bridge", summary: "ports and forwarding database of bridges", complete, run: bridge };
