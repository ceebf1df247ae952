/** A machine: the tables of its initial netns, its chains, what it tracks. */
import { useTranslate } from "../../i18n/index.ts";
import type { Machine } from "../../shell/command.ts";
import { chainsOf, connectionsOf } from "./lines.ts";
import { NetnsTables } from "./NetnsTables.tsx";
import { Document, Rows, Section } from "./parts.tsx";

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
        <Rows label={t("inspector.conntrack")} head={["", "→", "←", ""]} rows={connectionsOf(netns)} />
      </Section>
    </>
  );
}
