/** Tab completion of iptables: commands, tables, chains, devices, matches and targets. */
import type { Family } from "../../../kernel/address.ts";
import { MATCHES } from "../../../kernel/netfilter/match/index.ts";
import { TABLE_ORDER } from "../../../kernel/netfilter/table.ts";
import { TARGETS, VERDICTS } from "../../../kernel/netfilter/target/index.ts";
import type { TableName } from "../../../kernel/netfilter/types.ts";
import type { CompletionContext } from "../../command.ts";

const COMMANDS = ["-A", "-C", "-D", "-E", "-F", "-I", "-L", "-N", "-P", "-R", "-S", "-X", "-Z"];
const OPTIONS = ["-d", "-g", "-i", "-j", "-m", "-n", "-o", "-p", "-s", "-t", "-v", "-x", "--line-numbers"];
const CHAIN_AFTER = new Set([
  ...COMMANDS.filter((word) => word !== "-N"),
  "-g",
  "--append",
  "--insert",
  "--list",
  "--flush",
  "--list-rules",
]);

export function completeRule({ process, words, current }: CompletionContext, family: Family): readonly string[] {
  const { netfilter, devices } = process.netns;
  const at = Math.max(words.indexOf("-t"), words.indexOf("--table"));
  const named = at < 0 ? "filter" : words[at + 1];
  const table = TABLE_ORDER.find((name) => name === named) ?? ("filter" as TableName);
  const chains = (): string[] =>
    netfilter
      .table(family, table)
      .ordered()
      .map(({ name }) => name);
  const last = words.at(-1) ?? "";
  if (last === "-t" || last === "--table") return TABLE_ORDER;
  if (last === "-m" || last === "--match")
    return [...MATCHES].filter(([, { family: only }]) => !only || only === family).map(([name]) => name);
  if (last === "-p" || last === "--protocol") return ["tcp", "udp", family === 4 ? "icmp" : "icmpv6", "all"];
  if (last === "-i" || last === "-o") return devices.all().map(({ name }) => name);
  if (last === "-j" || last === "--jump") {
    const own = netfilter
      .table(family, table)
      .ordered()
      .filter(({ hook }) => !hook);
    return [...VERDICTS, ...TARGETS.keys(), ...own.map(({ name }) => name)].filter((name) => name !== "QUEUE");
  }
  if (last === "--ctstate" || last === "--state") return ["NEW", "ESTABLISHED", "RELATED", "INVALID", "UNTRACKED"];
  if (CHAIN_AFTER.has(last)) return chains();
  if (!current.startsWith("-") && words.at(-2) === "-P") return ["ACCEPT", "DROP"];
  return [...COMMANDS, ...OPTIONS];
}
