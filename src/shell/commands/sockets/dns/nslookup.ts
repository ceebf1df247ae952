/** `nslookup`: names and addresses in a few lines (bin/dig/nslookup.c). */
import { formatIp, type Ip, parseIp } from "../../../../kernel/address.ts";
import type { Op } from "../../../../kernel/task.ts";
import type { DnsRecord, DnsType } from "../../../../kernel/wire/packet.ts";
import type { Command, Process } from "../../../command.ts";
import { isAskable, question, reverseName, withoutDot } from "../../../dns/message.ts";
import { ResolveError } from "../../../resolver.ts";
import { type Asked, ask, searchNames, serversFor } from "./ask.ts";
import { parseType } from "./format.ts";

interface Settings {
  /** Undefined: addresses of both families, or the name of an address. */
  type: DnsType | undefined;
  port: number;
  timeout: number;
  tries: number;
  tcp: boolean;
  search: boolean;
  server: string | undefined;
}

const SUPPORTED = "-type=TYPE -port=N -timeout=N -retry=N -vc -nosearch";

export const nslookup: Command = {
  name: "nslookup",
  summary: "look a name or an address up: nslookup name [server]",
  run,
};

function* run(process: Process): Op<number> {
  const settings: Settings = { type: undefined, port: 53, timeout: 5, tries: 3, tcp: false, search: true, server: undefined };
  const operands: string[] = [];
  for (const word of process.argv.slice(1)) {
    if (!word.startsWith("-") || word === "-") operands.push(word);
    else if (!applySetting(settings, word.slice(1))) {
      process.stdout.write(`*** Invalid option: ${word.slice(1)}\n`);
      process.stderr.write(`nslookup: supported options are ${SUPPORTED}\n`);
      return 1;
    }
  }
  if (operands.length > 2) {
    process.stderr.write("Usage:\n   nslookup [-opt ...]             # interactive mode using default server\n");
    process.stderr.write("   nslookup [-opt ...] - server    # interactive mode using 'server'\n");
    process.stderr.write("   nslookup [-opt ...] host        # just look up 'host' using default server\n");
    process.stderr.write("   nslookup [-opt ...] host server # just look up 'host' using 'server'\n");
    return 1;
  }
  settings.server = operands[1];
  const name = operands[0];
  return name === undefined || name === "-" ? yield* converse(process, settings) : yield* lookUp(process, name, settings);
}

/** "type=mx", "timeout=2", "novc" … False for what is unknown. */
function applySetting(settings: Settings, word: string): boolean {
  const [name = "", value = ""] = word.toLowerCase().split("=");
  const number = /^\d{1,5}$/.test(value) ? Number(value) : undefined;
  if (/^(q|qu|que|quer|query|querytype|t|ty|typ|type)$/.test(name) && value !== "") {
    settings.type = parseType(value);
    return settings.type !== undefined;
  }
  if ((name === "port" || name === "po") && number) settings.port = number;
  else if (/^ti(m(e(o(u(t)?)?)?)?)?$/.test(name) && number !== undefined) settings.timeout = Math.max(1, number);
  else if (/^ret(r(y)?)?$/.test(name) && number !== undefined) settings.tries = Math.max(1, number);
  else if (name === "vc" || name === "novc") settings.tcp = name === "vc";
  else if (/^(no)?(search|sea|defname|def)$/.test(name)) settings.search = !name.startsWith("no");
  else return ["recurse", "rec", "debug", "nodebug", "nod2", "fail"].includes(name);
  return true;
}

/** Interactive mode: a name a line, "server X", "set type=X", "exit". */
function* converse(process: Process, settings: Settings): Op<number> {
  let status = 0;
  for (;;) {
    process.stdout.write("> ");
    const line = yield* process.stdin.readLine();
    const [verb, ...words] = (line ?? "exit").trim().split(/\s+/);
    if (verb === "exit") {
      if (line === undefined) process.stdout.write("\n");
      return status;
    }
    if (verb === "" || verb === undefined) continue;
    if (verb === "set") {
      if (!applySetting(settings, words.join(""))) process.stdout.write(`*** Invalid option: ${words.join("")}\n`);
    } else if (verb === "server" || verb === "lserver") {
      settings.server = words[0];
      const servers = yield* serversFor(process, settings.server, undefined);
      if (!(servers instanceof ResolveError))
        for (const ip of servers) process.stdout.write(`Default server: ${words[0]}\nAddress: ${formatIp(ip)}#${settings.port}\n`);
    } else status = yield* lookUp(process, verb, words[0] === undefined ? settings : { ...settings, server: words[0] });
  }
}

function* lookUp(process: Process, name: string, settings: Settings): Op<number> {
  const { stdout } = process;
  const tell = (line: string): void => stdout.write(`${line}\n`);
  const servers = yield* serversFor(process, settings.server, undefined);
  if (servers instanceof ResolveError) {
    process.stderr.write(
      `nslookup: couldn't get address for '${settings.server}': ${servers.code === "EAI_AGAIN" ? "failure" : "not found"}\n`,
    );
    return 1;
  }
  if (!isAskable(name)) {
    process.stderr.write(`nslookup: '${name}' is not a legal name (unexpected end of input)\n`);
    return 1;
  }
  const options = { ...settings, servers, servfailStops: false };
  const ip = settings.type === undefined ? parseIp(name) : undefined;
  const pointer = ip !== undefined;
  const both = settings.type === undefined && !pointer;
  let status = 0;
  let anything = false;
  let lastName = name;
  for (const type of both ? (["A", "AAAA"] as const) : [settings.type ?? "PTR"]) {
    const names = pointer
      ? [reverseName(ip)]
      : type === "AAAA" && both
        ? [lastName]
        : settings.search
          ? searchNames(process, name)
          : [name];
    let asked: Asked | undefined;
    for (const candidate of names) {
      lastName = candidate;
      asked = yield* askOnce(process, candidate, type, options, tell);
      if (asked?.message.status !== "NXDOMAIN") break;
    }
    if (!asked) {
      tell(";; no servers could be reached");
      status = 1;
      break;
    }
    const { message } = asked;
    if (!pointer && !(both && type === "AAAA")) printServer(asked.server, settings, tell);
    if (message.status !== "NOERROR") {
      tell(
        `** server can't find ${withoutDot(pointer ? reverseName(ip) : message.status === "NXDOMAIN" && !anything ? name : lastName)}: ${message.status}`,
      );
      status = 1;
      break;
    }
    if (message.answers.length === 0) {
      if (!both && !message.authoritative && !pointer) tell("Non-authoritative answer:");
      if (!both || (type === "AAAA" && !anything)) tell(`*** Can't find ${name}: No answer`);
      if (!message.authoritative && type !== "A" && type !== "AAAA") tell("\nAuthoritative answers can be found from:");
      continue;
    }
    if (!message.authoritative && !pointer && !(both && anything)) tell("Non-authoritative answer:");
    anything = true;
    for (const record of message.answers) for (const line of recordLines(record)) tell(line);
    if (!message.authoritative && type !== "A" && type !== "AAAA") {
      tell("\nAuthoritative answers can be found from:");
      for (const record of message.authority) for (const line of recordLines(record)) tell(line);
    }
  }
  stdout.write("\n");
  return status;
}

const askOnce = (
  process: Process,
  name: string,
  type: DnsType,
  options: Parameters<typeof ask>[2],
  tell: (line: string) => void,
): Op<Asked | undefined> => ask(process, question(process.netns.kernel, name, type), options, tell);

function printServer(server: Ip, settings: Settings, tell: (line: string) => void): void {
  const ip = formatIp(server);
  tell(`Server:\t\t${settings.server ?? ip}\nAddress:\t${ip}#${settings.port}\n`);
}

function recordLines(record: DnsRecord): readonly string[] {
  const owner = withoutDot(record.name);
  switch (record.type) {
    case "A":
    case "AAAA":
      return [`Name:\t${owner}`, `Address: ${record.data}`];
    case "PTR":
      return [`${owner}\tname = ${record.data}`];
    case "CNAME":
      return [`${owner}\tcanonical name = ${record.data}`];
    case "NS":
      return [`${owner}\tnameserver = ${record.data}`];
    case "MX":
      return [`${owner}\tmail exchanger = ${record.data}`];
    case "TXT":
      return [`${owner}\ttext = ${record.data}`];
    case "SRV":
      return [`${owner}\tservice = ${record.data}`];
    default:
      return [`${owner}\trdata_${record.type} = ${record.data}`];
  }
}
