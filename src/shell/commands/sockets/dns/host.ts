/** `host`: one line a record (bin/dig/host.c). */
import { formatIp, parseIp } from "../../../../kernel/address.ts";
import type { Op } from "../../../../kernel/task.ts";
import { dnsLength } from "../../../../kernel/wire/length.ts";
import type { DnsMessage, DnsRecord, DnsStatus, DnsType } from "../../../../kernel/wire/packet.ts";
import type { Command, Process } from "../../../command.ts";
import { isAskable, question, reverseName, withoutDot } from "../../../dns/message.ts";
import { getopt, OptionError } from "../../../getopt.ts";
import { ResolveError } from "../../../resolver.ts";
import { type Asked, ask, searchNames, serversFor } from "./ask.ts";
import { BIND_VERSION } from "./dig.ts";
import { formatHeader, formatSections, parseType } from "./format.ts";

const USAGE = `Usage: host [-aCdilrTvVw] [-c class] [-N ndots] [-t type] [-W time]
            [-R number] [-m flag] [-p port] hostname [server]
       -a is equivalent to -v -t ANY
       -A is like -a but omits RRSIG, NSEC, NSEC3
       -c specifies query class for non-IN data
       -C compares SOA records on authoritative nameservers
       -d is equivalent to -v
       -l lists all hosts in a domain, using AXFR
       -m set memory debugging flag (trace|record|usage)
       -N changes the number of dots allowed before root lookup is done
       -p specifies the port on the server to query
       -r disables recursive processing
       -R specifies number of retries for UDP packets
       -s a SERVFAIL response should stop query
       -t specifies the query type
       -T enables TCP/IP mode
       -U enables UDP mode
       -v enables verbose output
       -V print version number and exit
       -w specifies to wait forever for a reply
       -W specifies how long to wait for a reply
       -4 use IPv4 query transport only
       -6 use IPv6 query transport only
`;

const CODES: Readonly<Record<DnsStatus, number>> = { NOERROR: 0, FORMERR: 1, SERVFAIL: 2, NXDOMAIN: 3, NOTIMP: 4, REFUSED: 5 };

export const host: Command = {
  name: "host",
  summary: "look a name or an address up, a line a record: host name [server]",
  run,
};

function* run(process: Process): Op<number> {
  const { stdout, stderr } = process;
  const parsed = getopt(process.argv.slice(1), { short: "aAc:CdilN:p:rR:st:TUvVwW:46m:" });
  if (parsed instanceof OptionError) {
    stderr.write(`host: ${parsed.message}\n${USAGE}`);
    return 1;
  }
  let type: DnsType | undefined;
  let verbose = false;
  let recursion = true;
  let family: 4 | 6 | undefined;
  const options = { port: 53, tcp: false, timeout: 5, tries: 2 };
  for (const { name, value } of parsed.options) {
    const number = /^\d{1,5}$/.test(value) ? Number(value) : undefined;
    if (name === "t") {
      type = parseType(value);
      if (!type) {
        stderr.write(`host: invalid type: ${value}\n\n`);
        return 2;
      }
    } else if (name === "a" || name === "A") {
      type = "ANY";
      verbose = true;
    } else if (name === "v" || name === "d") verbose = true;
    else if (name === "r") recursion = false;
    else if (name === "T") options.tcp = true;
    else if (name === "W" && number !== undefined) options.timeout = Math.max(1, number);
    else if (name === "w") options.timeout = 86_400;
    else if (name === "R" && number !== undefined) options.tries = number + 1;
    else if (name === "p" && number) options.port = number;
    else if (name === "4" || name === "6") family = name === "4" ? 4 : 6;
    else if (name === "V") {
      stderr.write(`host ${BIND_VERSION}\n`);
      return 0;
    } else if (name !== "U" && name !== "s" && name !== "c" && name !== "m" && name !== "i") {
      stderr.write(`host: -${name} is not supported here; supported are -a -v -t -W -R -p -r -T -4 -6\n`);
      return 1;
    }
  }
  const [target, serverName] = parsed.operands;
  if (target === undefined || parsed.operands.length > 2) {
    stderr.write(USAGE);
    return 1;
  }
  const servers = yield* serversFor(process, serverName, family);
  if (servers instanceof ResolveError) {
    stderr.write(`host: couldn't get address for '${serverName}': ${servers.code === "EAI_AGAIN" ? "failure" : "not found"}\n`);
    return 1;
  }
  if (!isAskable(target)) {
    stderr.write(`host: '${target}' is not a legal name (unexpected end of input)\n`);
    return 1;
  }
  const ip = parseIp(target);
  const names = ip === undefined ? searchNames(process, target) : [reverseName(ip)];
  const types: readonly DnsType[] = type ? [type] : ip === undefined ? ["A", "AAAA", "MX", "HTTPS"] : ["PTR"];
  let found = names[0] as string;
  let status = 0;
  for (const [index, asking] of types.entries()) {
    let asked: Asked | undefined;
    for (const name of index === 0 ? names : [found]) {
      found = name;
      if (verbose) stdout.write(`Trying "${withoutDot(name)}"\n`);
      const query = question(process.netns.kernel, name, asking, { recursion });
      asked = yield* ask(process, query, { ...options, tcp: options.tcp || asking === "ANY", servers }, (line) =>
        stdout.write(`${line}\n`),
      );
      if (asked?.message.status !== "NXDOMAIN") break;
    }
    if (!asked) {
      stdout.write(";; no servers could be reached\n");
      return 1;
    }
    const { message } = asked;
    if (index === 0 && serverName !== undefined) {
      const shown = formatIp(asked.server);
      stdout.write(`Using domain server:\nName: ${serverName}\nAddress: ${shown}#${options.port}\nAliases: \n\n`);
    }
    if (message.status !== "NOERROR") {
      stdout.write(`Host ${ip === undefined ? target : found} not found: ${CODES[message.status]}(${message.status})\n`);
      status = 1;
    } else if (verbose) stdout.write(verboseAnswer(message));
    else {
      for (const record of message.answers) stdout.write(`${recordLine(record)}\n`);
      if (message.answers.length === 0 && type) stdout.write(`${withoutDot(found)} has no ${type} record\n`);
    }
    if (verbose) {
      const received = `Received ${dnsLength(message)} bytes from ${formatIp(asked.server)}#${options.port} in ${Math.floor(asked.elapsed / 1000)} ms\n`;
      // Of a name that is not there it is told for the lookup and again for the answer.
      stdout.write(message.status === "NOERROR" ? received : received.repeat(2));
    }
    if (message.status !== "NOERROR" && index === 0) return 1;
  }
  return status;
}

const verboseAnswer = (message: DnsMessage): string =>
  `${formatHeader(message)}\n${formatSections(message, { question: true, answer: true, authority: true, additional: true, comments: true })}`;

function recordLine(record: DnsRecord): string {
  const owner = withoutDot(record.name);
  switch (record.type) {
    case "A":
      return `${owner} has address ${record.data}`;
    case "AAAA":
      return `${owner} has IPv6 address ${record.data}`;
    case "PTR":
      return `${owner} domain name pointer ${record.data}`;
    case "CNAME":
      return `${owner} is an alias for ${record.data}`;
    case "MX":
      return `${owner} mail is handled by ${record.data}`;
    case "NS":
      return `${owner} name server ${record.data}`;
    case "TXT":
      return `${owner} descriptive text ${record.data}`;
    default:
      return `${owner} has ${record.type} record ${record.data}`;
  }
}
