/** The terminals as tabs. On a touch screen a plain input line stands in for the keyboard that xterm wants. */

import { Menu } from "@base-ui/react/menu";
import { Plus, X } from "lucide-react";
import { useRef } from "react";
import { useTranslate } from "../../i18n/index.ts";
import { MAX_ENTRIES } from "../../session/script.ts";
import { HOST_TERMINAL } from "../../session/workbench.ts";
import { useWorkbench, useWorkbenchState } from "../context.ts";
import { IconButton } from "../IconButton.tsx";
import TerminalView from "./TerminalView.tsx";
import { TouchLine } from "./TouchLine.tsx";

export interface TerminalPanelProps {
  readonly theme: "dark" | "light";
  readonly fontSize: number;
  readonly ghost: string | undefined;
  readonly onTyping: () => void;
}

export default function TerminalPanel({ theme, fontSize, ghost, onTyping }: TerminalPanelProps) {
  const t = useTranslate();
  const workbench = useWorkbench();
  const terminals = useWorkbenchState((state) => state.terminals);
  const active = useWorkbenchState((state) => state.activeTerminal);
  const within = useWorkbenchState((state) => state.within);
  const prefill = useWorkbenchState((state) => state.prefill);
  const generation = useWorkbenchState((state) => state.generation);
  const running = useWorkbenchState((state) => state.running);
  const entries = useWorkbenchState((state) => state.entries);
  const tabs = useRef<HTMLDivElement>(null);
  const machines = [...workbench.world.machines.keys()];

  const focusTab = (): void => tabs.current?.querySelector<HTMLElement>('[aria-selected="true"]')?.focus();

  const moveTab = (offset: number): void => {
    const next = terminals[(terminals.indexOf(active) + offset + terminals.length) % terminals.length] as string;
    workbench.activate(next);
    requestAnimationFrame(focusTab);
  };

  const send = (line: string): void => {
    onTyping();
    // To a program that takes keys a line of a touch screen is the keys of its letters.
    const input = line !== "" && workbench.terminal(active).takesKeys ? { typed: line } : { line };
    if (!workbench.type(input, active)) workbench.terminal(active).write(`${t("terminal.full", { limit: MAX_ENTRIES })}\n`);
  };

  return (
    <section className="panel terminal-panel" aria-label={t("panel.terminal")} id="terminal">
      <div className="tab-bar">
        <div className="tabs" role="tablist" aria-label={t("panel.terminal")} ref={tabs}>
          {terminals.map((id) => (
            <div key={id} className={id === active ? "tab active" : "tab"}>
              <button
                type="button"
                role="tab"
                aria-selected={id === active}
                aria-controls="terminal-body"
                tabIndex={id === active ? 0 : -1}
                onClick={() => workbench.activate(id)}
                onKeyDown={(event) => {
                  if (event.key === "ArrowRight") moveTab(1);
                  if (event.key === "ArrowLeft") moveTab(-1);
                }}
              >
                {within[id] ? (
                  <>
                    {within[id]} <span className="quiet">{id}</span>
                  </>
                ) : (
                  id
                )}
              </button>
              {id !== HOST_TERMINAL && (
                <IconButton small label={t("terminal.close", { name: id })} onClick={() => workbench.closeTerminal(id)}>
                  <X size={12} />
                </IconButton>
              )}
            </div>
          ))}
        </div>
        <Menu.Root>
          <Menu.Trigger className="icon-button" aria-label={t("terminal.new")}>
            <Plus size={14} />
          </Menu.Trigger>
          <Menu.Portal>
            <Menu.Positioner sideOffset={6}>
              <Menu.Popup className="menu">
                {machines.map((machine) => (
                  <Menu.Item key={machine} className="menu-item" onClick={() => workbench.openTerminal(machine)}>
                    {t("terminal.newOn", { machine })}
                  </Menu.Item>
                ))}
              </Menu.Popup>
            </Menu.Positioner>
          </Menu.Portal>
        </Menu.Root>
      </div>
      <div className="terminal-body" id="terminal-body" role="tabpanel" aria-label={active} aria-busy={running} data-entries={entries}>
        <TerminalView
          key={active}
          tty={workbench.terminal(active)}
          generation={generation}
          label={t("terminal.label", { name: active })}
          theme={theme}
          fontSize={fontSize}
          prefill={prefill?.terminal === active ? prefill : undefined}
          onPrefilled={() => workbench.prefilled()}
          ghost={active === HOST_TERMINAL ? ghost : undefined}
          onLine={send}
          onKey={(key) => {
            onTyping();
            workbench.press(key, active);
          }}
          onTyped={(typed) => {
            onTyping();
            workbench.type({ typed }, active);
          }}
          onTyping={onTyping}
          onLeave={focusTab}
        />
      </div>
      <TouchLine onLine={send} onKey={(key) => workbench.press(key, active)} />
    </section>
  );
}
