/** Where the panels stand: side by side and resized on a wide screen, one under the other on a phone. Hidden ones leave a handle at their edge. */
import { PanelBottomOpen, PanelLeftOpen, PanelRightOpen } from "lucide-react";
import type { ReactNode } from "react";
import { Group, Panel, Separator } from "react-resizable-panels";
import { useTranslate } from "../i18n/index.ts";
import { useSlice } from "../panels/context.ts";
import { IconButton } from "../panels/IconButton.tsx";
import type { PanelName } from "./address.ts";
import { preferences, showPanel } from "./preferences.ts";

export interface Parts {
  /** What a first visitor may begin with; in `left` where there is room for that beside the picture. */
  readonly start: ReactNode;
  readonly left: ReactNode;
  readonly canvas: ReactNode;
  readonly terminal: ReactNode;
  readonly packets: ReactNode;
  readonly side: ReactNode;
}

const remember =
  (group: string) =>
  (layout: Readonly<Record<string, number>>): void => {
    const { layout: before } = preferences.getState();
    preferences.setState({ layout: { ...before, [group]: layout } });
  };

const HANDLES: Readonly<
  Record<
    PanelName,
    { readonly icon: typeof PanelLeftOpen; readonly label: "panel.left" | "panel.terminal" | "panel.packets" | "panel.side" }
  >
> = {
  left: { icon: PanelLeftOpen, label: "panel.left" },
  terminal: { icon: PanelBottomOpen, label: "panel.terminal" },
  packets: { icon: PanelBottomOpen, label: "panel.packets" },
  inspector: { icon: PanelRightOpen, label: "panel.side" },
};

function Handle({ panel }: { readonly panel: PanelName }) {
  const t = useTranslate();
  const { icon: Icon, label } = HANDLES[panel];
  return (
    <IconButton className={`panel-handle ${panel}`} label={t("panel.show", { panel: t(label) })} onClick={() => showPanel(panel, true)}>
      <Icon size={15} />
    </IconButton>
  );
}

export function Workspace({ parts, presenter }: { readonly parts: Parts; readonly presenter: boolean }) {
  const t = useTranslate();
  const layout = useSlice(preferences, (state) => state.layout);
  const wanted = useSlice(preferences, (state) => state.panels);
  const shown = presenter ? { left: false, terminal: wanted.terminal, packets: false, inspector: false } : wanted;
  const group = (
    id: string,
  ): {
    readonly id: string;
    readonly defaultLayout: Readonly<Record<string, number>> | undefined;
    readonly onLayoutChanged: ReturnType<typeof remember>;
  } => {
    // Each set of panels that are open together has a layout of its own.
    const key = `${id}:${presenter ? "presenter:" : ""}${Object.entries(shown)
      .filter(([, open]) => open)
      .map(([name]) => name[0])
      .join("")}`;
    return { id: key, defaultLayout: layout[key], onLayoutChanged: remember(key) };
  };
  const lower = shown.terminal || shown.packets;
  const handles = presenter ? [] : (Object.keys(wanted) as PanelName[]).filter((panel) => !wanted[panel]);
  const columns = group("columns");
  const rows = group("rows");
  const upper = group("upper");
  const foot = group("lower");
  return (
    <main className="workspace">
      <Group key={columns.id} orientation="horizontal" {...columns}>
        <Panel id="work" minSize="40%">
          <Group key={rows.id} orientation="vertical" {...rows}>
            <Panel id="upper" defaultSize={!lower ? "100%" : presenter ? "74%" : "68%"} minSize="25%">
              <Group key={upper.id} orientation="horizontal" {...upper}>
                {shown.left && (
                  <>
                    <Panel id="left" defaultSize="24%" minSize="180px">
                      {parts.left}
                    </Panel>
                    <Separator className="separator" aria-label={t("panel.resize", { panel: t("panel.left") })} />
                  </>
                )}
                <Panel id="canvas" minSize="30%">
                  {parts.canvas}
                </Panel>
              </Group>
            </Panel>
            {lower && (
              <>
                <Separator
                  className="separator"
                  aria-label={t("panel.resize", { panel: t(shown.terminal ? "panel.terminal" : "panel.packets") })}
                />
                <Panel id="lower" defaultSize={presenter ? "26%" : "32%"} minSize="110px">
                  <Group key={foot.id} orientation="horizontal" {...foot}>
                    {shown.terminal && (
                      <Panel id="terminal-panel" defaultSize={shown.packets ? "58%" : "100%"} minSize="30%">
                        {parts.terminal}
                      </Panel>
                    )}
                    {shown.terminal && shown.packets && (
                      <Separator className="separator" aria-label={t("panel.resize", { panel: t("panel.packets") })} />
                    )}
                    {shown.packets && (
                      <Panel id="packets" defaultSize={shown.terminal ? "42%" : "100%"} minSize="20%">
                        {parts.packets}
                      </Panel>
                    )}
                  </Group>
                </Panel>
              </>
            )}
          </Group>
        </Panel>
        {shown.inspector && (
          <>
            <Separator className="separator" aria-label={t("panel.resize", { panel: t("panel.side") })} />
            <Panel id="inspector" defaultSize="22%" minSize="200px">
              {parts.side}
            </Panel>
          </>
        )}
      </Group>
      {handles.length > 0 && (
        <div className="panel-handles">
          {handles.map((panel) => (
            <Handle key={panel} panel={panel} />
          ))}
        </div>
      )}
    </main>
  );
}

export function Stack({ parts }: { readonly parts: Parts }) {
  return (
    <main className="stack">
      <div className="stack-canvas">{parts.canvas}</div>
      {parts.start}
      <div className="stack-terminal">{parts.terminal}</div>
      {parts.left}
      <div className="stack-packets">{parts.packets}</div>
      {parts.side}
    </main>
  );
}
