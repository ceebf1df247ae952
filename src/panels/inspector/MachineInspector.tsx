/** A machine: the tables of its initial netns, its chains, what it tracks. */
import { useTranslate } from "../../i18n/index.ts";
import { formatIp } from "../../kernel/address.ts";
import type { Tuple } from "../../kernel/netfilter/types.ts";
import type { Machine } from "../../shell/command.ts";
import { chainsOf, NetnsTables } from "./NetnsTables.tsx";
import { Document, Rows, Section } from "./parts.tsx";

const PROTOCOLS: Readonly<Record<number, string>> = { 1: "icmp", 6: "tcp", 17: "udp", 58: "icmpv6" };
const tuple = (one: Tuple): string => `${formatIp(one.src)}:${one.srcPort} → ${formatIp(one.dst)}:${one.dstPort}`;

export function MachineInspector({ machine }: { readonly machine: Machine }) {
  const t = useTranslate();
  const { netns } = machine;
  const chains = chainsOf(netns);
  return (
    <>
      <h2>{machine.name}</h2>
      <NetnsTables netns={netns} />
      <Section title={t("inspector.chains")} open={false}>
        {chains ? <Document label={t("inspector.chains")} text={chains} /> : <p className="quiet">{t("inspector.none")}</p>}
      </Section>
      <Section title={t("inspector.conntrack")}>
        <Rows
          label={t("inspector.conntrack")}
          head={["", "→", "←", ""]}
          rows={netns.netfilter.conntrack
            .list()
            .map((entry) => [PROTOCOLS[entry.original.protocol] ?? entry.original.protocol, tuple(entry.original), tuple(entry.reply), entry.protocolState])}
        />
      </Section>
    </>
  );
}
