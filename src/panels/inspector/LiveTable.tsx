/**
 * A live table: rows of two lines (what it is; what more is known of it), with the commands that change the row. Long
 * tables show their beginning and can be searched, so that a thousand rows cost no more than forty.
 */
import { type KeyboardEvent, type ReactNode, useId, useState } from "react";
import { ActButton } from "./parts.tsx";
import type { Act } from "./read/place.ts";
import { useSay } from "./useLive.ts";

const SHOWN = 40;
const SEARCHABLE = 12;

export interface LiveTableProps<T> {
  readonly label: string;
  readonly columns: readonly string[];
  readonly items: readonly T[];
  /** A key of its own for each row. */
  readonly keyOf: (item: T) => string | number;
  /** As many as there are columns. */
  readonly cells: (item: T) => readonly ReactNode[];
  readonly more?: (item: T) => ReactNode;
  readonly acts?: (item: T) => readonly Act[];
  /** What a search looks in. */
  readonly textOf: (item: T) => string;
  readonly empty?: string;
}

export function LiveTable<T>({ label, columns, items, keyOf, cells, more, acts, textOf, empty }: LiveTableProps<T>) {
  const say = useSay();
  const search = useId();
  const [wanted, setWanted] = useState("");
  const [shown, setShown] = useState(SHOWN);
  if (items.length === 0) return <p className="quiet insp-quiet">{empty ?? say("inspector.none")}</p>;
  const words = wanted.trim().toLowerCase();
  const found = words === "" ? items : items.filter((item) => textOf(item).toLowerCase().includes(words));
  const rows = found.slice(0, shown);
  let first = true;
  return (
    <>
      {items.length > SEARCHABLE && (
        <input
          id={search}
          type="search"
          className="insp-search"
          aria-label={say("inspector.search", { table: label })}
          placeholder={say("inspector.searchHint")}
          value={wanted}
          onChange={(event) => setWanted(event.target.value)}
        />
      )}
      <table className="insp-table" onKeyDown={moveAmongActs}>
        <caption className="visually-hidden">{label}</caption>
        <thead className={columns.every((column) => column === "") ? "visually-hidden" : undefined}>
          <tr>
            {columns.map((column, i) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: columns never change places
              <th key={i} scope="col">
                {column}
              </th>
            ))}
          </tr>
        </thead>
        {rows.map((item) => {
          const second = more?.(item);
          const buttons = acts?.(item) ?? [];
          return (
            <tbody key={keyOf(item)}>
              <tr>
                {cells(item).map((cell, i) => (
                  // biome-ignore lint/suspicious/noArrayIndexKey: cells stand in their columns
                  <td key={i}>{cell}</td>
                ))}
              </tr>
              {(second || buttons.length > 0) && (
                <tr className="insp-more">
                  <td colSpan={columns.length}>
                    <div className="insp-more-line">
                      <span>{second}</span>
                      {buttons.length > 0 && (
                        <span className="insp-acts">
                          {buttons.map((act) => {
                            const tabIndex = first ? 0 : -1;
                            first = false;
                            return <ActButton key={act.says} act={act} tabIndex={tabIndex} />;
                          })}
                        </span>
                      )}
                    </div>
                  </td>
                </tr>
              )}
            </tbody>
          );
        })}
      </table>
      {found.length === 0 && <p className="quiet insp-quiet">{say("inspector.noneFound")}</p>}
      {found.length > rows.length && (
        <button type="button" className="insp-ref insp-quiet" onClick={() => setShown(shown + 200)}>
          {say("inspector.moreRows", { count: found.length - rows.length })}
        </button>
      )}
    </>
  );
}

/** One tab stop for all buttons of a table; arrow keys go from one to the next. */
function moveAmongActs(event: KeyboardEvent<HTMLTableElement>): void {
  const step = { ArrowDown: 1, ArrowRight: 1, ArrowUp: -1, ArrowLeft: -1 }[event.key];
  if (step === undefined || !(event.target instanceof HTMLElement) || !event.target.matches(".insp-act")) return;
  const all = [...event.currentTarget.querySelectorAll<HTMLElement>(".insp-act")];
  const next = all[all.indexOf(event.target) + step];
  if (!next) return;
  event.preventDefault();
  next.focus();
}
