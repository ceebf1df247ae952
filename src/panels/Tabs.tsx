/** Tabs over a panel: one stop of the Tab key, arrows go from one to the next. */
import { useRef } from "react";

interface TabsProps<Id extends string> {
  readonly name: string;
  readonly tabs: readonly (readonly [Id, string])[];
  readonly current: Id;
  readonly onChoose: (id: Id) => void;
  /** Id of the element that shows what the tab stands for. */
  readonly panel: string;
}

export function Tabs<Id extends string>({ name, tabs, current, onChoose, panel }: TabsProps<Id>) {
  const list = useRef<HTMLDivElement>(null);
  const step = (by: number): void => {
    const index = tabs.findIndex(([id]) => id === current);
    const next = tabs[(index + by + tabs.length) % tabs.length];
    if (!next) return;
    onChoose(next[0]);
    requestAnimationFrame(() => list.current?.querySelector<HTMLElement>('[aria-selected="true"]')?.focus());
  };
  return (
    <div className="tabs" role="tablist" aria-label={name} ref={list}>
      {tabs.map(([id, text]) => (
        <div key={id} className={id === current ? "tab active" : "tab"}>
          <button
            type="button"
            role="tab"
            id={`tab-${id}`}
            aria-selected={id === current}
            aria-controls={panel}
            tabIndex={id === current ? 0 : -1}
            onClick={() => onChoose(id)}
            onKeyDown={(event) => {
              if (event.key === "ArrowRight") step(1);
              if (event.key === "ArrowLeft") step(-1);
            }}
          >
            {text}
          </button>
        </div>
      ))}
    </div>
  );
}
