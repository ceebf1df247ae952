/** One packet, hop by hop: where, what decided, and the headers before and after. */
import { ArrowLeft } from "lucide-react";
import { useTranslate } from "../../i18n/index.ts";
import { formatIp } from "../../kernel/address.ts";
import type { NetworkPacket } from "../../kernel/wire/packet.ts";
import { labelOf, protocolOf } from "../../session/flights.ts";
import { journeyOf } from "../../session/packetLog.ts";
import { useWorkbench, useWorkbenchState } from "../context.ts";
import { whatDecided, whereOf, whyDropped } from "./sentences.ts";

function header(packet: NetworkPacket): string {
  if (packet.kind === "arp") return `${packet.op} ${formatIp(packet.senderIp)} → ${formatIp(packet.targetIp)}`;
  const { body } = packet;
  const ports = body.kind === "tcp" || body.kind === "udp" ? [`:${body.srcPort}`, `:${body.dstPort}`] : ["", ""];
  return `${formatIp(packet.src)}${ports[0]} → ${formatIp(packet.dst)}${ports[1]} ttl ${packet.ttl}`;
}

export function Journey({ packet, onClose }: { readonly packet: number; readonly onClose: () => void }) {
  const t = useTranslate();
  const workbench = useWorkbench();
  const picture = useWorkbenchState((state) => state.picture);
  useWorkbenchState((state) => state.revision);
  const hops = journeyOf(workbench.world.kernel.trace, packet);
  const first = hops[0]?.before;
  return (
    <div className="journey scroller">
      <div className="row">
        <button type="button" className="icon-button" onClick={onClose} aria-label={t("journey.close")}>
          <ArrowLeft size={14} />
        </button>
        <h3>{t("journey.title")}</h3>
        {first && <span className={`pill protocol ${protocolOf(first).toLowerCase()}`}>{labelOf(first)}</span>}
      </div>
      <ol className="hops">
        {hops.map((hop, i) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: a journey only grows at its end
          <li key={i} className={`hop ${hop.verdict}`}>
            <b>
              {whereOf(hop, picture)} · {t(`point.${hop.point}`)}
            </b>
            {hop.decision && <p>{whatDecided(hop.decision, t)}</p>}
            {hop.verdict === "drop" && <p className="bad">✕ {whyDropped(hop, t)}</p>}
            {hop.after ? (
              <p className="mono small">
                {t("journey.before")} {header(hop.before)}
                <br />
                {t("journey.after")} {header(hop.after)}
              </p>
            ) : (
              i === 0 && <p className="mono small">{header(hop.before)}</p>
            )}
          </li>
        ))}
      </ol>
    </div>
  );
}
