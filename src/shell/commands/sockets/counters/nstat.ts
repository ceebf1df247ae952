/** `nstat` of iproute2 (misc/nstat.c): protocol counters, by how much they moved since it was last asked. */
import type { Op } from "../../../../kernel/task.ts";
import type { Command, Process } from "../../../command.ts";
import { getopt, OptionError } from "../../../getopt.ts";
import { Pattern } from "../../../language/pattern.ts";
import { netstatSections, snmp6Sections, snmpSections } from "./sections.ts";

const USAGE = `Usage: nstat [OPTION] [ PATTERN [ PATTERN ] ]
   -h, --help          this message
   -a, --ignore        ignore history
   -d, --scan=SECS     sample every statistics every SECS
   -j, --json          format output in JSON
   -n, --nooutput      do history only
   -p, --pretty        pretty print
   -r, --reset         reset history
   -s, --noupdate      don't update history
   -t, --interval=SECS report average over the last SECS
   -V, --version       output version information
   -z, --zeros         show entries with zero activity
`;

const LONG: Readonly<Record<string, string>> = {
  help: "h",
  ignore: "a",
  scan: "d",
  json: "j",
  nooutput: "n",
  pretty: "p",
  reset: "r",
  noupdate: "s",
  interval: "t",
  version: "V",
  zeros: "z",
};

/** What it never shows: settings, and what is no count. */
const NO_COUNTS: ReadonlySet<string> = new Set([
  "IpForwarding",
  "IpDefaultTTL",
  "TcpRtoAlgorithm",
  "TcpRtoMin",
  "TcpRtoMax",
  "TcpMaxConn",
  "TcpCurrEstab",
]);

export const nstat: Command = {
  name: "nstat",
  summary: "counters of IP, ICMP, TCP and UDP since the last look: nstat -az Icmp*",
  userlands: ["host"],
  run,
};

const line = (name: string, value: number): string => `${name.padEnd(32)}${String(value).padEnd(16)}   0.0\n`;

/** Values that were written down before, by name. */
function history(text: string): ReadonlyMap<string, number> {
  const words = text.split("\n").map((row) => row.split(/ +/));
  return new Map(words.flatMap(([name, value]) => (name && value && !name.startsWith("#") ? [[name, Number(value)] as const] : [])));
}

function* run(process: Process): Op<number> {
  const { stdout, stderr, fs, netns } = process;
  const parsed = getopt(process.argv.slice(1), {
    short: "hasd:t:jnprzV",
    long: Object.fromEntries(Object.keys(LONG).map((name) => [name, name === "scan" || name === "interval"])),
  });
  if (parsed instanceof OptionError) {
    stderr.write(`nstat: ${parsed.message}\n${USAGE}`);
    return 255;
  }
  const given = new Set(parsed.options.map(({ name }) => LONG[name] ?? name));
  if (given.has("h")) {
    stderr.write(USAGE);
    return 255;
  }
  if (given.has("V")) {
    stdout.write("nstat utility, iproute2-7.3.0\n");
    return 0;
  }
  if (given.has("d") || given.has("t")) {
    stderr.write("nstat: -d and -t are not supported here: no daemon samples the counters\n");
    return 1;
  }
  const counters = [...snmpSections(netns), ...snmp6Sections(netns), ...netstatSections(netns)].flatMap((section) =>
    section.counters.map(([name, value]) => [`${section.name}${name}`, value] as const),
  );
  const counts = counters.filter(([name]) => !NO_COUNTS.has(name));
  const path = `/tmp/.nstat.u${process.credentials?.uid ?? 0}`;
  const text = given.has("a") || given.has("r") ? "" : fs.read(path);
  const before = history(typeof text === "string" ? text : "");
  const patterns = parsed.operands.map((operand) => new Pattern(operand));
  if (!given.has("n")) {
    const shown = counts.flatMap(([name, value]) => {
      const moved = value - (before.get(name) ?? 0);
      const matches = patterns.length === 0 || patterns.some((pattern) => pattern.matches(name));
      return matches && (moved !== 0 || given.has("z")) ? [[name, moved] as const] : [];
    });
    if (given.has("j")) stdout.write(`${JSON.stringify({ kernel: Object.fromEntries(shown) }, null, given.has("p") ? 4 : undefined)}\n`);
    else stdout.write(`#kernel\n${shown.map(([name, moved]) => line(name, moved)).join("")}`);
  }
  if (!given.has("s")) fs.write(path, `#kernel\n${counts.map(([name, value]) => line(name, value)).join("")}`);
  return 0;
}
