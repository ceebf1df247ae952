/** Every packet as a row under the command that sent it, newest at the end; a row shows the packet's journey. */
import { memo, useMemo } from "react";
import { useTranslate } from "../../i18n/index.ts";
import type { PacketRow } from "../../session/packetLog.ts";
import type { Workbench } from "../../session/workbench.ts";
import { useWorkbench, useWorkbenchState } from "../context.ts";
import { groupByLine, type Sender } from "./grouping.ts";
import { ownerOf, whereOf, whyDropped } from "./sentences.ts";
import { useTail } from "./useTail.ts";

/** Rows that the list shows at the most: the newest. */
const MOST = 400;

/** Whose netns a packet was first seen in, by the names of then. */
const senderOf = (row: PacketRow, workbench: Workbench): string => ownerOf(row.netns, workbench.pictureAt(row.t));

/** Who set off the packets of which this is one: those that it was an answer to lead back to them. */
function causerOf(row: PacketRow, workbench: Workbench): Sender {
  let first = row;
  for (let cause = workbench.packets.row(row.cause); cause; cause = workbench.packets.row(cause.cause)) first = cause;
  return { process: first.process, owner: senderOf(first, workbench) };
}

/** 127.0.0.1 says nothing of who it is: the netns' owner stands for it. */
const fromOf = (row: PacketRow, workbench: Workbench): string =>
  row.from === "127.0.0.1" || row.from === "::1" ? senderOf(row, workbench) : row.from;

export default function PacketList({ filter, housekeeping }: { readonly filter: string; readonly housekeeping: boolean }) {
  const t = useTranslate();
  const workbench = useWorkbench();
  const chosen = useWorkbenchState((state) => state.packet);
  const cursor = useWorkbenchState((state) => state.entries);
  useWorkbenchState((state) => state.revision);
  const all = workbench.packets.rows();
  const wanted = filter.trim().toLowerCase();
  const rows = useMemo(
    () =>
      all
        .filter((row) => housekeeping || !row.housekeeping)
        .filter(
          (row) =>
            wanted === "" || `${row.protocol} ${row.from} ${row.to} ${row.what} ${senderOf(row, workbench)}`.toLowerCase().includes(wanted),
        )
        .slice(-MOST),
    [all, housekeeping, wanted, workbench],
  );
  const groups = useMemo(
    () => groupByLine(rows, workbench.session.entries.slice(0, cursor), (row) => causerOf(row, workbench)),
    [rows, workbench, cursor],
  );
  const scroller = useTail(rows);
  const { trace } = workbench.world.kernel;
  const current = chosen ?? workbench.newestPacket;

  if (rows.length === 0)
    return (
      <p className="quiet pad">
        {wanted !== "" ? t("packets.noMatch", { filter: filter.trim() }) : t(all.length > 0 ? "packets.emptyHidden" : "packets.empty")}
      </p>
    );
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling region must be reachable by keyboard
    <section className="scroller" ref={scroller} tabIndex={0} aria-label={t("packets.caption")}>
      {trace.dropped > 0 && <p className="quiet pad">{t("packets.dropped", { count: trace.dropped, kept: trace.end - trace.dropped })}</p>}
      <table className="rows packet-rows">
        <caption className="visually-hidden">{t("packets.caption")}</caption>
        <thead>
          <tr>
            <th scope="col" title={t("packets.timeHelp")}>
              {t("packets.time")}
            </th>
            <th scope="col">{t("packets.protocol")}</th>
            <th scope="col">{t("packets.from")}</th>
            <th scope="col">{t("packets.to")}</th>
            <th scope="col">{t("packets.what")}</th>
          </tr>
        </thead>
        {groups.map((group) => (
          <tbody key={group.rows[0]?.id}>
            <tr className="group">
              <th colSpan={5} scope="rowgroup">
                {group.entry < 0 ? t("packets.boot") : `$ ${group.line}`}
              </th>
            </tr>
            {group.rows.map((row) => (
              <Row key={row.id} row={row} from={fromOf(row, workbench)} t0={group.at} current={row.id === current} />
            ))}
          </tbody>
        ))}
      </table>
    </section>
  );
}

/** Letters of an IPv6 address that are shown: where it begins, and where those of one subnet differ. */
const LONGEST = 16;
const HEAD = 4;
const TAIL = 7;

function Place({ name }: { readonly name: string }) {
  const isLong = name.length > LONGEST && name.includes(":");
  return (
    <td className="mono" title={name}>
      {isLong ? `${name.slice(0, HEAD)}…${name.slice(-TAIL)}` : name}
    </td>
  );
}

interface RowProps {
  readonly row: PacketRow;
  readonly from: string;
  readonly t0: number;
  readonly current: boolean;
}

const Row = memo(
  function Row({ row, from, t0, current }: RowProps) {
    const t = useTranslate();
    const workbench = useWorkbench();
    const failed =
      typeof row.end === "string"
        ? ""
        : t("packets.failed", { where: whereOf(row.end, workbench.pictureAt(row.end.t)), why: whyDropped(row.end, t) });
    return (
      <tr className={`${failed ? "dropped" : ""}${current ? " current" : ""}`} onClick={() => workbench.follow(row.id)}>
        <td className="mono">{Math.max(0, Math.round(row.t - t0))}</td>
        <td className={`protocol ${row.protocol.toLowerCase()}`}>{row.protocol}</td>
        <Place name={from} />
        <Place name={row.to} />
        <td>
          <button
            type="button"
            className="link"
            aria-label={t("packets.show", { protocol: row.protocol, from, to: row.to, what: failed ? `${row.what}, ${failed}` : row.what })}
            aria-current={current ? "true" : undefined}
            title={failed || row.what}
          >
            {row.what}
            {failed && <span className="bad"> ✕ {failed}</span>}
          </button>
        </td>
      </tr>
    );
  },
  (a, b) => a.row === b.row && a.from === b.from && a.t0 === b.t0 && a.current === b.current,
);
