/** The ways of a route that has several, as they are given and printed (iproute2 ip/iproute.c: parse_nexthops, print_rta_multipath). */
import { type Family, formatIp, type Ip } from "../../../kernel/address.ts";
import type { Route } from "../../../kernel/inet/fib.ts";
import { isDead, type Nexthop } from "../../../kernel/inet/multipath.ts";
import type { Process } from "../../command.ts";
import { Failure } from "./answer.ts";
import type { Json } from "./json.ts";
import { linkNamed } from "./link-named.ts";
import { colored } from "./link-record.ts";
import type { Options } from "./options.ts";
import { parseAddress } from "./prefix.ts";
import { incomplete, invalid, noSuchDevice, parseUnsigned, unsupported, type Words } from "./words.ts";

const MOST_WEIGHT = 256;
const NEXTHOP_KEYS: ReadonlySet<string> = new Set(["via", "dev", "weight", "realms", "encap", "as"]);

/** What follows the first "nexthop" of a route, up to the end of the line. */
export function readNexthops(process: Process, family: Family | undefined, words: Words): readonly Nexthop[] | Failure {
  const found: Nexthop[] = [];
  do {
    if (words.done) return new Failure('Error: unexpected end of line after "nexthop"', 255);
    const hop = readNexthop(process, family, words);
    if (hop instanceof Failure) return hop;
    found.push(hop);
  } while (words.take("nexthop"));
  if (words.done) return found;
  return new Failure(`Error: "nexthop" or end of line is expected instead of "${words.peek()}"`, 255);
}

function readNexthop(process: Process, family: Family | undefined, words: Words): Nexthop | Failure {
  let hop: Nexthop = { weight: 1 };
  for (let word = words.peek(); word === "onlink" || NEXTHOP_KEYS.has(word ?? ""); word = words.peek()) {
    words.next();
    if (word === "onlink") {
      hop = { ...hop, onlink: true };
      continue;
    }
    const value = words.next();
    if (value === undefined) return incomplete();
    if (word === "via") {
      const via = readGateway(value, family, words);
      if (via instanceof Failure) return via;
      hop = { ...hop, via };
    } else if (word === "dev") {
      const dev = linkNamed(process.netns, value);
      if (!dev) return noSuchDevice(value);
      hop = { ...hop, dev };
    } else if (word === "weight") {
      const weight = parseUnsigned(value, MOST_WEIGHT);
      if (!weight) return invalid(value, '"weight" is invalid\n');
      hop = { ...hop, weight };
    } else return unsupported(`ip route nexthop ${word}`, "via dev weight onlink");
  }
  return hop;
}

function readGateway(value: string, family: Family | undefined, words: Words): Ip | Failure {
  const text = value === "inet" || value === "inet6" ? words.next() : value;
  return text === undefined ? incomplete() : parseAddress(text, family);
}

const flagsOf = (hop: Nexthop): readonly string[] => [
  ...(isDead(hop) ? ["dead"] : []),
  ...(hop.onlink ? ["onlink"] : []),
  ...(isDead(hop) || hop.dev?.running === false ? ["linkdown"] : []),
];

/** The lines below a route's first, each with the break before it. */
export function nexthopsText({ nexthops = [] }: Route, options: Options): string {
  return nexthops
    .map((hop) => {
      const words = ["nexthop"];
      if (hop.via !== undefined) words.push("via", colored(options, typeof hop.via === "number" ? "inet" : "inet6", formatIp(hop.via)));
      if (hop.dev) words.push("dev", colored(options, "ifname", hop.dev.name));
      words.push("weight", String(hop.weight), ...flagsOf(hop));
      return `${options.oneLine ? "\\" : "\n"}\t${words.join(" ")} `;
    })
    .join("");
}

export const nexthopsJson = ({ nexthops }: Route): Json | undefined =>
  nexthops?.map((hop) => ({
    gateway: hop.via === undefined ? undefined : formatIp(hop.via),
    dev: hop.dev?.name,
    weight: hop.weight,
    flags: flagsOf(hop),
  }));
