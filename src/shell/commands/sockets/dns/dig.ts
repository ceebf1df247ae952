/** `dig`: asks name servers and prints the messages whole. */
import { formatIp } from "../../../../kernel/address.ts";
import type { Op } from "../../../../kernel/task.ts";
import { dnsLength } from "../../../../kernel/wire/length.ts";
import type { Command, Process } from "../../../command.ts";
import { isAskable, question } from "../../../dns/message.ts";
import { ResolveError } from "../../../resolver.ts";
import { unixDate } from "../../../wall-clock.ts";
import { type Asked, askOrSay, searchNames, serversFor } from "./ask.ts";
import { DIG_USAGE, type Lookup, parseDig } from "./dig-options.ts";
import { DNS_TYPES, formatHeader, formatSections, MULTILINE, PLAIN } from "./format.ts";

export const BIND_VERSION = "9.20.30-1-Debian";

const NO_SERVERS = 9;

export const dig: Command = {
  name: "dig",
  summary: "ask a name server: dig [@server] name [type] [+short]",
  complete: ({ current }) =>
    current.startsWith("+")
      ? ["+short", "+noall", "+answer", "+tcp", "+time=", "+tries=", "+search", "+stats", "+comments"]
      : [...DNS_TYPES, "-x"],
  run,
};

function* run(process: Process): Op<number> {
  const words = process.argv.slice(1);
  const parsed = parseDig(words);
  if ("text" in parsed) {
    process.stderr.write(`${parsed.text}\n${parsed.usage ? DIG_USAGE : ""}`);
    return 1;
  }
  if (parsed.version) {
    process.stderr.write(`DiG ${BIND_VERSION}\n`);
    return 0;
  }
  if (parsed.help) {
    process.stdout.write(DIG_USAGE);
    return 0;
  }
  for (const warning of parsed.warnings) process.stderr.write(`${warning}\n`);
  const banner = `\n; <<>> DiG ${BIND_VERSION} <<>>${words.map((word) => ` ${word}`).join("")}\n`;
  let status = 0;
  let first = true;
  for (const lookup of parsed.lookups) {
    const code = yield* lookUp(process, lookup, first ? banner : "");
    if (code === 1) return 1;
    status ||= code;
    first = false;
  }
  return status;
}

function* lookUp(process: Process, lookup: Lookup, banner: string): Op<number> {
  const { stdout } = process;
  const servers = yield* serversFor(process, lookup.server, lookup.family);
  if (servers instanceof ResolveError) {
    const why = servers.code === "EAI_AGAIN" ? "failure" : "not found";
    process.stderr.write(`dig: couldn't get address for '${lookup.server}': ${why}\n`);
    return 1;
  }
  if (!isAskable(lookup.name)) {
    process.stderr.write(`dig: '${lookup.name}' is not a legal name (${legalityOf(lookup.name)})\n`);
    return 10;
  }
  const options = {
    servers,
    port: lookup.port,
    tcp: lookup.tcp ?? lookup.type === "ANY",
    timeout: lookup.timeout,
    tries: lookup.tries,
  };
  let asked: Asked | "unsent" | undefined;
  for (const name of lookup.search ? searchNames(process, lookup.name) : [lookup.name]) {
    const query = question(process.netns.kernel, name, lookup.type, {
      recursion: lookup.recurse,
      edns: lookup.edns ? lookup.bufferSize : undefined,
    });
    asked = yield* askOrSay(process, query, options, (line) => stdout.write(`${line}\n`));
    if (asked === undefined || asked === "unsent" || asked.message.status !== "NXDOMAIN") break;
  }
  // Of a connection that failed, or a question that could not be sent, dig says no more than that.
  if (banner !== "" && lookup.cmd && asked !== "unsent" && (asked || !options.tcp))
    stdout.write(`${banner}${lookup.server === undefined ? "" : found(servers.length)};; global options: +cmd\n`);
  if (!asked || asked === "unsent") {
    stdout.write(";; no servers could be reached\n");
    return NO_SERVERS;
  }
  stdout.write(lookup.short ? shortAnswer(asked, lookup) : fullAnswer(process, asked, lookup, options.tcp));
  return 0;
}

const found = (count: number): string => `; (${count} server${count === 1 ? "" : "s"} found)\n`;

const legalityOf = (name: string): string =>
  name.split(".").some((label) => label.length > 63)
    ? "label too long"
    : name.includes("..") || name.startsWith(".")
      ? "empty label"
      : "bad name";

function shortAnswer(asked: Asked, lookup: Lookup): string {
  const source = lookup.identify ? ` from server ${formatIp(asked.server)} in ${Math.floor(asked.elapsed / 1000)} ms.` : "";
  return asked.message.answers.map((record) => `${record.data}${source}\n`).join("");
}

function fullAnswer(process: Process, asked: Asked, lookup: Lookup, tcp: boolean): string {
  const { message } = asked;
  let text = "";
  if (lookup.comments) {
    text += `;; Got answer:\n${formatHeader(message)}`;
    if (message.recursionDesired && !message.recursionAvailable) text += ";; WARNING: recursion requested but not available\n";
    text += "\n";
    if (message.edns !== undefined) text += `;; OPT PSEUDOSECTION:\n; EDNS: version: 0, flags:; udp: ${message.edns}\n`;
  }
  text += formatSections(message, lookup, lookup.multiline ? MULTILINE : PLAIN);
  if (!lookup.stats) return text;
  const server = formatIp(asked.server);
  return (
    `${text};; Query time: ${Math.floor(asked.elapsed / 1000)} msec\n` +
    `;; SERVER: ${server}#${lookup.port}(${server}) (${tcp ? "TCP" : "UDP"})\n` +
    `;; WHEN: ${unixDate(process.netns.kernel.date())}\n` +
    `;; MSG SIZE  rcvd: ${dnsLength(message)}\n\n`
  );
}
