/** `bridge monitor` (iproute2 bridge/monitor.c): ports and entries of forwarding databases as they change. */
import { Bridge, type BridgePort, type NetDevice } from "../../../kernel/device/index.ts";
import type { RtMessage } from "../../../kernel/rtnetlink.ts";
import type { Op } from "../../../kernel/task.ts";
import type { Process } from "../../command.ts";
import { Failure } from "./answer.ts";
import { entryText } from "./bridge-fdb.ts";
import { portText } from "./bridge-link.ts";
import { flagNames, linkedHere, linkText } from "./link-record.ts";
import { follow, stamp } from "./monitor.ts";
import type { Options } from "./options.ts";
import { match, unsupported, type Words } from "./words.ts";

/** In the order of the tool's comparisons; of groups, VLANs and VNIs nothing ever changes here. */
const OBJECTS = ["link", "fdb", "mdb", "vlan", "vni", "all"] as const;
const USAGE = "Usage: bridge monitor [file | link | fdb | mdb | vlan | vni | all]";

interface Request {
  readonly links: boolean;
  readonly entries: boolean;
  /** Only the word "all" has each line say what it is about. */
  readonly labelled: boolean;
}

function readRequest(words: Words): Request | Failure {
  const watched = new Set<(typeof OBJECTS)[number]>();
  for (let word = words.next(); word !== undefined; word = words.next()) {
    if (word === "help") return new Failure(USAGE, 255);
    if (word === "file") return unsupported("bridge monitor file", OBJECTS.join(" "));
    const object = match(word, OBJECTS);
    if (!object) return new Failure(`Argument "${word}" is unknown, try "bridge monitor help".`, 255);
    watched.add(object);
  }
  const whole = watched.size === 0 || watched.has("all");
  return { links: whole || watched.has("link"), entries: whole || watched.has("fdb"), labelled: watched.has("all") };
}

/** A device as rtnetlink tells of any; a port is told of in the family of bridges, too, with its state. */
function linkLines(process: Process, device: NetDevice, gone: boolean, options: Options): readonly string[] {
  // The name up to its colon is the one of `ip link`, which knows the other end's netns.
  const name = gone ? device.name : (/^\d+: ([^:]+):/.exec(linkText(process, device, options, false))?.[1] ?? linkedHere(device));
  const master = device.master && !gone ? `master ${device.master.name} ` : "";
  const plain = `${device.ifindex}: ${name}: <${flagNames(device).join(",")}> mtu ${device.mtu} ${master}\n`;
  return device.port && !gone ? [plain, portText(device, device.port as BridgePort, options)] : [plain];
}

export function* monitorBridges(process: Process, options: Options, words: Words): Op<number> {
  const request = readRequest(words);
  if (request instanceof Failure) {
    process.stderr.write(`${request.message}\n`);
    return request.status;
  }
  const shown = new Map<NetDevice, readonly string[]>(
    process.netns.devices.all().map((device) => [device, linkLines(process, device, false, options)]),
  );
  const line = (label: string, gone: boolean, text: string): string =>
    `${stamp(process, options)}${request.labelled ? label : ""}${gone ? "Deleted " : ""}${text}`;
  return yield* follow(process, (message: RtMessage) => {
    if (message.of === "fdb" && request.entries && message.bridge instanceof Bridge)
      return line("[NEIGH]", message.gone, entryText(message.bridge, message.entry, options));
    if (message.of !== "link") return "";
    const { device, gone } = message;
    const lines = linkLines(process, device, gone, options);
    const before = gone ? [] : (shown.get(device) ?? []);
    shown.set(device, lines);
    if (!request.links) return "";
    return lines
      .filter((text) => !before.includes(text))
      .map((text) => line("[LINK]", gone, text))
      .join("");
  });
}
