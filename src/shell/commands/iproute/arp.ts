/** `arp` of net-tools 2.10: the IPv4 neighbour table as /proc/net/arp has it. */
import { formatIp, type Ipv4, parseIpv4, parseMac } from "../../../kernel/address.ts";
import type { NetDevice } from "../../../kernel/device/index.ts";
import type { NeighbourEntry } from "../../../kernel/inet/neighbour.ts";
import type { ProxyEntry } from "../../../kernel/inet/proxies.ts";
import type { Op } from "../../../kernel/task.ts";
import type { Command, Process } from "../../command.ts";
import { ResolveError, resolveHost, reverseLookup } from "../../resolver.ts";
import { type Answer, Failure, mayAdminister } from "./answer.ts";
import { ARP_USAGE } from "./net-tools-usage.ts";

interface Options {
  numeric: boolean;
  bsd: boolean;
  verbose: boolean;
  device: NetDevice | undefined;
  action: "show" | "set" | "delete";
}

const HEADING = "Address                  HWtype  HWaddress           Flags Mask            Iface";

/** ATF_COM: the MAC is known, or was until lately. */
const isComplete = ({ mac, state }: NeighbourEntry): boolean => mac !== undefined && state !== "INCOMPLETE" && state !== "FAILED";

function* nameOf(process: Process, ip: Ipv4, options: Options): Op<string | undefined> {
  return options.numeric ? undefined : yield* reverseLookup(process, ip);
}

function* row(process: Process, entry: NeighbourEntry, options: Options): Op<string> {
  const address = formatIp(entry.ip);
  const name = yield* nameOf(process, entry.ip as Ipv4, options);
  const complete = isComplete(entry);
  const permanent = entry.state === "PERMANENT";
  const { name: face } = entry.dev;
  if (options.bsd) {
    const mac = complete ? `${entry.mac} [ether]` : "<incomplete>";
    return `${name ?? "?"} (${address}) at ${mac}${permanent ? " PERM" : ""} on ${face}\n`;
  }
  const start = (name ?? address).slice(0, 23).padEnd(23);
  if (!complete) return `${start}  ${"".padEnd(8)}${"(incomplete)".padEnd(20)}${"".padEnd(22)}${face}\n`;
  return `${start}  ${"ether".padEnd(8)}${(entry.mac as string).padEnd(20)}${(permanent ? "CM" : "C").padEnd(22)}${face}\n`;
}

/** ATF_PUBL: an address that is answered for. */
function proxyRow({ ip, dev }: ProxyEntry, { bsd }: Options): string {
  const face = dev?.name ?? "*";
  if (bsd) return `? (${formatIp(ip)}) at <from_interface> PERM PUB on ${face}\n`;
  return `${formatIp(ip).slice(0, 23).padEnd(23)}  ${"*".padEnd(8)}${"<from_interface>".padEnd(20)}${"MP".padEnd(22)}${face}\n`;
}

function* show(process: Process, options: Options, host: string | undefined): Op<Answer> {
  const all = process.netns.inet.neighbours.list().filter(({ ip, state }) => typeof ip === "number" && state !== "NOARP");
  const wanted = host === undefined ? undefined : yield* addressOf(process, host);
  if (wanted instanceof Failure) return wanted;
  const shown = all.filter(({ ip, dev }) => (wanted === undefined || ip === wanted) && (!options.device || dev === options.device));
  const rows: string[] = [];
  for (const entry of shown) rows.push(yield* row(process, entry, options));
  for (const entry of process.netns.inet.neighbours.proxies.list()) {
    if (typeof entry.ip !== "number" || (wanted !== undefined && entry.ip !== wanted)) continue;
    if (!options.device || entry.dev === options.device) rows.push(proxyRow(entry, options));
  }
  let text = rows.length > 0 && !options.bsd ? `${HEADING}\n${rows.join("")}` : rows.join("");
  if (options.verbose) text += `Entries: ${all.length}\tSkipped: ${all.length - shown.length}\tFound: ${shown.length}\n`;
  if (rows.length > 0) return text;
  if (host !== undefined) return `${text}${host} (${formatIp(wanted as Ipv4)}) -- no entry\n`;
  return options.device ? `${text}arp: in ${all.length} entries no match found.\n` : text;
}

function* addressOf(process: Process, host: string): Op<Ipv4 | Failure> {
  const literal = parseIpv4(host);
  if (literal !== undefined) return literal;
  const found = yield* resolveHost(process, host, 4);
  if (found instanceof ResolveError) {
    const text = found.code === "EAI_AGAIN" ? "Host name lookup failure" : "Unknown host";
    return new Failure(`${host}: ${text}`, 255);
  }
  return found.addresses[0] as Ipv4;
}

/** The device whose link an address is on (arp_req_dev). */
function neighbourDevice(process: Process, ip: Ipv4): NetDevice | undefined {
  const result = process.netns.inet.fib.lookup(ip);
  return result?.route.via === undefined ? result?.dev : undefined;
}

function* set(process: Process, options: Options, words: readonly string[]): Op<Answer> {
  const [host, hardware, ...rest] = words;
  if (host === undefined) return new Failure("arp: need host name", 255);
  if (hardware === undefined) return new Failure("arp: need hardware address", 255);
  const ip = yield* addressOf(process, host);
  if (ip instanceof Failure) return ip;
  const mac = parseMac(hardware);
  if (!mac) return new Failure("arp: invalid hardware address", 255);
  if (rest.includes("pub")) return new Failure("vethlab: arp -s … pub is not supported here; supported: arp -s HOST HWADDR [temp]", 1);
  if (!mayAdminister(process)) return new Failure("SIOCSARP: Operation not permitted", 255);
  const dev = options.device ?? neighbourDevice(process, ip);
  if (!dev?.isEthernet) return new Failure(`SIOCSARP: ${dev ? "Invalid argument" : "Network is unreachable"}`, 255);
  process.netns.inet.neighbours.set(ip, dev, mac, rest.includes("temp") ? "STALE" : "PERMANENT");
  return "";
}

function* remove(process: Process, options: Options, words: readonly string[]): Op<Answer> {
  const [host] = words;
  if (host === undefined) return new Failure("arp: need host name", 255);
  const ip = yield* addressOf(process, host);
  if (ip instanceof Failure) return ip;
  if (!mayAdminister(process)) return new Failure("SIOCDARP(dontpub): Operation not permitted", 255);
  const { neighbours } = process.netns.inet;
  const found = neighbours.list().find((entry) => entry.ip === ip && (!options.device || entry.dev === options.device));
  if (!found) {
    const onLink = options.device ?? neighbourDevice(process, ip);
    return new Failure(onLink ? `No ARP entry for ${host}` : "SIOCDARP(dontpub): Network is unreachable", 255);
  }
  neighbours.remove(ip, found.dev);
  return "";
}

function* arp(process: Process): Op<Answer> {
  const options: Options = { numeric: false, bsd: false, verbose: false, device: undefined, action: "show" };
  const operands: string[] = [];
  const args = process.argv.slice(1);
  while (args.length > 0) {
    const word = args.shift() as string;
    if (!word.startsWith("-") || word === "-") {
      operands.push(word);
      continue;
    }
    const letters = LONG[word] ?? (word.startsWith("--") ? undefined : word.slice(1));
    if (letters === undefined) return new Failure(`arp: unrecognized option '${word}'\n${ARP_USAGE}`, 3);
    for (const letter of letters) {
      if (letter === "n") options.numeric = true;
      else if (letter === "a") options.bsd = true;
      else if (letter === "e") options.bsd = false;
      else if (letter === "v") options.verbose = true;
      else if (letter === "s") options.action = "set";
      else if (letter === "d") options.action = "delete";
      else if (letter === "V") return "net-tools 2.10\n";
      else if (letter === "h") return new Failure(ARP_USAGE, 0);
      else if (letter === "i" || letter === "H" || letter === "t" || letter === "A" || letter === "p") {
        const value = args.shift();
        if (value === undefined) return new Failure(`arp: option requires an argument -- '${letter}'\n${ARP_USAGE}`, 3);
        if (letter !== "i") continue;
        options.device = process.netns.device(value);
        if (!options.device) return new Failure(`arp: device ${value} not found`, 255);
      } else if (letter === "f" || letter === "D") {
        return new Failure(`vethlab: arp -${letter} is not supported here; supported: -a -e -n -v -i -s -d`, 1);
      } else return new Failure(`arp: invalid option -- '${letter}'\n${ARP_USAGE}`, 3);
    }
  }
  if (options.action === "set") return yield* set(process, options, operands);
  if (options.action === "delete") return yield* remove(process, options, operands);
  return yield* show(process, options, operands[0]);
}

const LONG: Readonly<Record<string, string>> = {
  "--numeric": "n",
  "--all": "a",
  "--verbose": "v",
  "--set": "s",
  "--delete": "d",
  "--device": "i",
  "--version": "V",
  "--help": "h",
};

export const arpCommand: Command = {
  name: "arp",
  summary: "the ARP table: arp -n",
  complete: ({ process, words }) =>
    words[words.length - 1] === "-i" ? process.netns.devices.all().map(({ name }) => name) : ["-n", "-a", "-e", "-i", "-s", "-d"],
  *run(process) {
    const answer = yield* arp(process);
    if (typeof answer === "string") {
      if (answer !== "") process.stdout.write(answer);
      return 0;
    }
    process.stderr.write(`${answer.message}\n`);
    return answer.status;
  },
};
