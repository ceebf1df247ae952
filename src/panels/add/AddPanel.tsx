/** The palette: what can be added, by click or by drag onto the picture, and the form that asks for the rest. */
import { Box, Cable, CircleSlash2, Copy, House, Network } from "lucide-react";
import { lazy, Suspense } from "react";
import { type MessageKey, useTranslate } from "../../i18n/index.ts";
import { useSlice, useWorkbenchState } from "../context.ts";
import { ADD_KINDS, type AddKind, DRAG_TYPE, openForm, openFormFor } from "./store.ts";

// The forms ask the docker client what it would refuse, and come with it.
const ContainerFormView = lazy(() => import("./ContainerFormView.tsx"));
const NetworkFormView = lazy(() => import("./NetworkFormView.tsx"));
const AliasFormView = lazy(() => import("./AliasFormView.tsx"));

const ICONS: Readonly<Record<AddKind, typeof Box>> = {
  container: Box,
  network: Network,
  macvlan: Cable,
  host: House,
  none: CircleSlash2,
  shared: Copy,
};

/** "mybridge", or with the next free number. */
export function freeName(base: string, taken: ReadonlySet<string>): string {
  let name = base;
  for (let n = 2; taken.has(name); n++) name = `${base}${n}`;
  return name;
}

export function AddPanel() {
  const t = useTranslate();
  const picture = useWorkbenchState((state) => state.picture);
  const open = useSlice(openForm, (state) => state.open);
  const freeNetworkName = freeName("mybridge", new Set([...picture.networks.values()].map((network) => network.name)));

  return (
    <section className="add" aria-label={t("add.title")}>
      <h2>{t("add.title")}</h2>
      <Suspense fallback={<p className="quiet">{t("terminal.loading")}</p>}>
        {open?.kind === "container" && <ContainerFormView key={JSON.stringify(open.form)} initial={open.form} />}
        {open?.kind === "network" && <NetworkFormView key={JSON.stringify(open.form)} initial={open.form} />}
        {open?.kind === "alias" && <AliasFormView key={JSON.stringify(open.form)} initial={open.form} />}
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
                  draggable
                  onDragStart={(event) => event.dataTransfer.setData(DRAG_TYPE, kind)}
                  onClick={() => openFormFor(kind, { freeNetworkName })}
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
