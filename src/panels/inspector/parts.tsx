/** The pieces that every inspector is made of. */
import { ChevronDown, ChevronRight, Plus } from "lucide-react";
import { type ReactNode, useId } from "react";
import { createStore } from "zustand/vanilla";
import { useSlice, useWorkbench } from "../context.ts";
import { useRunAct } from "./act.ts";
import type { Act, Place } from "./read/place.ts";
import { useSay } from "./useLive.ts";

/** Which sections somebody has opened or closed: the same for whatever is selected next. */
const folds = createStore<Readonly<Record<string, boolean>>>(() => ({}));

export interface Adding {
  /** The beginning of the line that adds a row, for somebody to complete. */
  readonly line: string;
  readonly place: Place | undefined;
}

/** A part with a heading that opens and closes it. What is closed is not even read. */
export function Section({
  id,
  title,
  count,
  add,
  open = true,
  children,
}: {
  readonly id: string;
  readonly title: string;
  readonly count?: string | number | undefined;
  readonly add?: Adding | undefined;
  readonly open?: boolean;
  readonly children: () => ReactNode;
}) {
  const say = useSay();
  const workbench = useWorkbench();
  const isOpen = useSlice(folds, (state) => state[id] ?? open);
  const body = useId();
  const Chevron = isOpen ? ChevronDown : ChevronRight;
  const adding = add?.place && { line: add.place.line(add.line), machine: add.place.machine };
  return (
    <section className="insp-section" aria-label={title}>
      <div className="insp-head">
        <h3>
          <button
            type="button"
            className="insp-fold"
            aria-expanded={isOpen}
            aria-controls={isOpen ? body : undefined}
            onClick={() => folds.setState({ [id]: !isOpen })}
          >
            <Chevron size={13} aria-hidden />
            {title}
            {count !== undefined && <span className="insp-count">{count}</span>}
          </button>
        </h3>
        {adding && (
          <button
            type="button"
            className="insp-add"
            title={`${adding.line}…`}
            aria-label={say("inspector.add", { line: adding.line })}
            onClick={() => workbench.prefill(adding.line, workbench.freeTerminal(adding.machine))}
          >
            <Plus size={13} aria-hidden />
          </button>
        )}
      </div>
      {isOpen && (
        <div id={body} className="insp-body">
          {children()}
        </div>
      )}
    </section>
  );
}

/** A button that runs a command; its title is the very line. */
export function ActButton({ act, tabIndex }: { readonly act: Act; readonly tabIndex?: number }) {
  const say = useSay();
  const run = useRunAct();
  const word = say(`act.${act.says}`);
  return (
    <button
      type="button"
      className={act.grave ? "insp-act grave" : "insp-act"}
      title={act.line}
      aria-label={`${word}: ${act.line}`}
      tabIndex={tabIndex}
      onClick={() => run(act)}
    >
      {word}
    </button>
  );
}

export const Acts = ({ acts }: { readonly acts: readonly Act[] }) =>
  acts.length > 0 && (
    <div className="insp-acts-bar">
      {acts.map((act) => (
        <ActButton key={act.says + act.line} act={act} />
      ))}
    </div>
  );

/** The name of another thing on the picture: pressing it selects that. */
export function Ref({ node, children }: { readonly node: string; readonly children: ReactNode }) {
  const workbench = useWorkbench();
  return (
    <button
      type="button"
      className="insp-ref"
      title={typeof children === "string" ? children : undefined}
      onClick={() => workbench.select([node])}
    >
      {children}
    </button>
  );
}

export type Fact = readonly [name: string, value: ReactNode];

/** Names and values. Names are unique; empty values are left out. */
export function Facts({ facts }: { readonly facts: readonly Fact[] }) {
  return (
    <dl className="insp-facts">
      {facts
        .filter(([, value]) => value !== "" && value !== undefined && value !== false)
        .map(([name, value]) => (
          <div key={name} className="fact">
            <dt>{name}</dt>
            <dd className="mono">{value}</dd>
          </div>
        ))}
    </dl>
  );
}

const TONES: Readonly<Record<string, "ok" | "bad" | "warn">> = {
  UP: "ok",
  running: "ok",
  REACHABLE: "ok",
  forwarding: "ok",
  DOWN: "bad",
  FAILED: "bad",
  exited: "bad",
  dead: "bad",
  disabled: "bad",
  "NO-CARRIER": "warn",
  paused: "warn",
  INCOMPLETE: "warn",
};

/** A state in its own word, coloured and with a sign, so that colour alone tells nothing. */
export function State({ word, shown = word }: { readonly word: string; readonly shown?: string }) {
  const tone = TONES[word] ?? "plain";
  return <span className={`insp-state ${tone}`}>{shown}</span>;
}

/** How much of something is taken. */
export function Meter({ taken, size, label }: { readonly taken: number; readonly size: number; readonly label: string }) {
  return (
    <div className="insp-meter">
      <meter min={0} max={Math.max(1, size)} value={taken} high={size * 0.9} aria-label={label} />
      <span className="mono">{label}</span>
    </div>
  );
}

/** Text as a file or a tool has it. */
export function Document({ text, label }: { readonly text: string; readonly label: string }) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling region must be reachable by keyboard
    <section className="document" tabIndex={0} aria-label={label}>
      <pre>{text}</pre>
    </section>
  );
}

export const Quiet = ({ children }: { readonly children: ReactNode }) => <p className="quiet insp-quiet">{children}</p>;
