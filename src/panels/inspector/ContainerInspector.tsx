/** A container: what it is, the tables of the netns it runs in, its name service files, its document. */

import { type ContainerView, EngineError } from "../../engine/types.ts";
import { useTranslate } from "../../i18n/index.ts";
import { useWorkbench } from "../context.ts";
import { chainsOf } from "./lines.ts";
import { NetnsTables } from "./NetnsTables.tsx";
import { Document, Facts, Section } from "./parts.tsx";

export function ContainerInspector({ view }: { readonly view: ContainerView }) {
  const t = useTranslate();
  const { engine } = useWorkbench();
  const found = engine.findContainer(view.id);
  if (found instanceof EngineError) return <p className="quiet">{t("inspector.gone")}</p>;
  const file = (path: string): string => {
    const text = found.fs.read(path);
    return typeof text === "string" ? text.trimEnd() : text.message;
  };
  const { netns } = found;
  const rules = netns && view.networkMode !== "host" ? chainsOf(netns) : "";
  return (
    <>
      <h2>{view.name}</h2>
      <Facts
        facts={[
          ["id", view.id.slice(0, 12)],
          ["image", view.image],
          [t("inspector.state"), view.state === "exited" ? `exited (${view.exitCode})` : view.state],
          ["network", view.networkMode],
          ...view.endpoints.map(
            (endpoint) => [endpoint.networkName, [endpoint.ipv4, endpoint.ipv6, ...endpoint.aliases].filter(Boolean).join(" ")] as const,
          ),
          ["ports", view.published.join(" ") || t("inspector.none")],
        ]}
      />
      {netns && <NetnsTables netns={netns} />}
      {netns && (
        <>
          <Section title={t("inspector.resolv")} open={false}>
            <Document label={t("inspector.resolv")} text={file("/etc/resolv.conf")} />
          </Section>
          <Section title={t("inspector.hosts")} open={false}>
            <Document label={t("inspector.hosts")} text={file("/etc/hosts")} />
          </Section>
        </>
      )}
      {rules && (
        <Section title={t("inspector.rules")} open={false}>
          <Document label={t("inspector.rules")} text={rules} />
        </Section>
      )}
      <Section title={t("inspector.document")} open={false}>
        <Document label={t("inspector.document")} text={JSON.stringify(engine.inspectContainer(found), null, 4)} />
      </Section>
    </>
  );
}
