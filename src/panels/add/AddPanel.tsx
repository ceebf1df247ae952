/** The palette: what can be added, by click or by drag onto the picture, and the form that asks for the rest. */
import { Box, Cable, CircleSlash2, Copy, House, Network } from "lucide-react";
import { lazy, Suspense, useEffect, useRef } from "react";
import { type MessageKey, useTranslate } from "../../i18n/index.ts";
import { useSlice, useWorkbench } from "../context.ts";
import { addContext } from "./context.ts";
import { ADD_KINDS, type AddKind, DRAG_TYPE, openForm, openFormFor } from "./store.ts";

// The forms ask the docker client what it would refuse, and come with it.
const ContainerFormView = lazy(() => import("./ContainerFormView.tsx"));
const NetworkFormView = lazy(() => import("./NetworkFormView.tsx"));
const ConnectFormView = lazy(() => import("./ConnectFormView.tsx"));

const ICONS: Readonly<Record<AddKind, typeof Box>> = {
  container: Box,
  network: Network,
  macvlan: Cable,
  host: House,
  none: CircleSlash2,
  shared: Copy,
};

/** `onRun` is told before a form's line is run. */
export function AddPanel({ onRun }: { readonly onRun: () => void }) {
  const t = useTranslate();
  const workbench = useWorkbench();
  const open = useSlice(openForm, (state) => state.open);
  const section = useRef<HTMLElement>(null);
  const last = useRef<string | undefined>(undefined);

  // Whoever opened a form from here goes on where the form was opened.
  useEffect(() => {
    if (open) {
      last.current = open.draft;
      return;
    }
    if (last.current === undefined) return;
    const kind = last.current.split(" ")[0];
    last.current = undefined;
    if (document.activeElement === document.body || document.activeElement === null)
      section.current?.querySelector<HTMLElement>(`[data-kind="${kind}"], [data-kind]`)?.focus();
  }, [open]);

  return (
    <section className="add" aria-label={t("add.title")} ref={section}>
      <h2>{t("add.title")}</h2>
      <Suspense fallback={<p className="quiet">{t("terminal.loading")}</p>}>
        {open?.kind === "container" && <ContainerFormView key={open.draft} open={open} onRun={onRun} />}
        {open?.kind === "network" && <NetworkFormView key={open.draft} open={open} onRun={onRun} />}
        {open?.kind === "connect" && <ConnectFormView key={open.draft} open={open} onRun={onRun} />}
      </Suspense>
      {!open && (
        <>
          <div className="add-grid">
            {ADD_KINDS.map((kind) => {
              const Icon = ICONS[kind];
              return (
                <button
                  key={kind}
                  type="button"
                  className="add-item"
                  data-kind={kind}
                  draggable
                  onDragStart={(event) => event.dataTransfer.setData(DRAG_TYPE, kind)}
                  onClick={() => openFormFor(kind, addContext(workbench))}
                >
                  <Icon size={14} aria-hidden />
                  {t(`add.${kind}` as MessageKey)}
                </button>
              );
            })}
          </div>
          <p className="quiet small" style={{ marginTop: 6 }}>
            {t("add.help")}
          </p>
        </>
      )}
    </section>
  );
}
