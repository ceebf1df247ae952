/** iptables and ip6tables: the words go to the kernel's netfilter, names in -s and -d are looked up before. */
import { type Family, formatIp, parsePrefix } from "../../../kernel/address.ts";
import { prepare } from "../../../kernel/netfilter/command.ts";
import { IptablesError } from "../../../kernel/netfilter/netfilter.ts";
import type { Op } from "../../../kernel/task.ts";
import type { Command, Process } from "../../command.ts";
import { ResolveError, resolveHost } from "../../resolver.ts";
import { completeRule } from "./complete.ts";
import { helpText } from "./iptables-usage.ts";
import { permissionDenied } from "./permission.ts";

/** The program that a name stands for: iptables-nft calls itself iptables. */
export const programOf = (family: Family, suffix = ""): string => `${family === 4 ? "iptables" : "ip6tables"}${suffix}`;

const ADDRESS_OPTIONS = new Set(["-s", "-d", "--source", "--destination", "--src", "--dst"]);

/** A host name in the place of an address becomes its addresses, asked of the resolver (xtables_parse_hostnetwork). */
function* resolveNames(process: Process, words: readonly string[], family: Family): Op<string[]> {
  const resolved = [...words];
  for (let i = 0; i + 1 < words.length; i++) {
    if (!ADDRESS_OPTIONS.has(words[i] as string)) continue;
    const parts: string[] = [];
    for (const part of (words[i + 1] as string).split(",")) {
      const [name, mask] = part.split("/") as [string, string?];
      if (!/[a-z]/i.test(name) || name.includes(":") || name.startsWith("-") || name === "localhost" || parsePrefix(name)) parts.push(part);
      else {
        const found = yield* resolveHost(process, name, family);
        if (found instanceof ResolveError) parts.push(part);
        else parts.push(...found.addresses.map((address) => (mask === undefined ? formatIp(address) : `${formatIp(address)}/${mask}`)));
      }
    }
    resolved[i + 1] = parts.join(",");
  }
  return resolved;
}

function* run(process: Process, family: Family): Op<number> {
  const words = yield* resolveNames(process, process.argv.slice(1), family);
  const program = programOf(family);
  // What the words alone tell comes before the kernel is asked.
  const prepared = prepare(family, words, program);
  if (!(prepared instanceof IptablesError)) {
    if ("information" in prepared && prepared.information === "help") {
      process.stdout.write(helpText(program, family));
      return 0;
    }
    if (!("information" in prepared) && !process.capabilities.has("NET_ADMIN")) return permissionDenied(process, program);
  }
  const result = process.netns.netfilter.command(family, words);
  if (result instanceof IptablesError) {
    process.stderr.write(`${result.message}\n`);
    return result.status;
  }
  process.stdout.write(result);
  return 0;
}

const rules = (name: string, family: Family): Command => ({
  name,
  summary: family === 4 ? "Show and change the rules for IPv4 packets" : "Show and change the rules for IPv6 packets",
  userlands: ["host"],
  run: (process) => run(process, family),
  complete: (context) => completeRule(context, family),
});

/** The old backend has tables of its own, which nothing here fills. */
const legacy = (name: string, modern: string): Command => ({
  name,
  summary: `The old ${modern}, not modelled`,
  userlands: ["host"],
  // biome-ignore lint/correctness/useYield: it ends at once, without waiting
  *run(process) {
    process.stderr.write(`${name}: the legacy tables are not modelled here; use ${modern}, whose rules are the ones that packets pass\n`);
    return 1;
  },
});

export const iptablesCommands: readonly Command[] = [
  rules("iptables", 4),
  rules("ip6tables", 6),
  rules("iptables-nft", 4),
  rules("ip6tables-nft", 6),
  legacy("iptables-legacy", "iptables"),
  legacy("ip6tables-legacy", "ip6tables"),
];
