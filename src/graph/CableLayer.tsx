/** Cables and the host's inner links as SVG, under the cards. Each cable can be pointed at, focused, cut and asked for its menu. */
import { memo, useRef, useSyncExternalStore } from "react";
import type { GraphAction } from "./actions.ts";
import { isComing, type Phases } from "./comings.ts";
import { useGraph } from "./context.ts";
import { describeCable } from "./describe.ts";
import { bracketY } from "./family.ts";
import type { CableShape, Geometry, Link } from "./geometry.ts";
import type { CableSide } from "./gestures.ts";
import { hueVariable } from "./hues.ts";
import type { Label } from "./labels.ts";
import type { LooseStore } from "./loose.ts";
import { curve, lengthOf, pointAlong, reversed } from "./paths.ts";
import type { Cable, NodeId, Scene } from "./scene.ts";
import { cuttingOf } from "./selection.ts";
import type { Point } from "./sizes.ts";

interface CableLayerProps {
  readonly geometry: Geometry;
  readonly cables: readonly Cable[];
  readonly selection: ReadonlySet<NodeId>;
  readonly phases: Phases;
}

export const CableLayer = memo(function CableLayer({ geometry, cables, selection, phases }: CableLayerProps) {
  const first = cables.find((cable) => cable.kind !== "ghost")?.id;
  const chosen = cables.find((cable) => selection.has(cable.id))?.id ?? first;
  const group = useRef<SVGGElement>(null);
  const onKeyDown = (event: React.KeyboardEvent): void => {
    if (event.key !== "ArrowRight" && event.key !== "ArrowLeft") return;
    const all = [...(group.current?.querySelectorAll<SVGGElement>("[data-cable]") ?? [])];
    const index = all.indexOf(document.activeElement as unknown as SVGGElement);
    const next = all[(index + (event.key === "ArrowRight" ? 1 : -1) + all.length) % all.length];
    event.preventDefault();
    event.stopPropagation();
    next?.focus();
  };
  return (
    // biome-ignore lint/a11y/noSvgWithoutTitle: each cable inside has its own name
    <svg className="g-cables" width="1" height="1">
      <g className="g-links">
        {geometry.links.map((link) => (
          <LinkLine key={link.id} link={link} d={geometry.link(link).d} />
        ))}
      </g>
      <Brackets geometry={geometry} />
      {/* biome-ignore lint/a11y/noStaticElementInteractions: the cables inside are the interactive ones */}
      <g ref={group} onKeyDown={onKeyDown}>
        {cables.map((cable) => {
          const shape = geometry.cable(cable.id);
          if (!shape || isComing(phases, cable)) return null;
          return (
            <CableLine
              key={cable.id}
              cable={cable}
              scene={geometry.scene}
              d={shape.d}
              shape={shape}
              label={geometry.label(cable.id)}
              chosen={selection.has(cable.id)}
              reachable={cable.id === chosen}
            />
          );
        })}
      </g>
    </svg>
  );
});

const LinkLine = memo(function LinkLine({ link, d }: { readonly link: Link; readonly d: string }) {
  return <path d={d} className={`g-link ${link.kind}`} style={link.kind === "trunk" ? { stroke: hueVariable(link.hue) } : undefined} />;
});

function Brackets({ geometry }: { readonly geometry: Geometry }) {
  const { say } = useGraph();
  return geometry.layout.brackets.map((bracket) => {
    const boxes = bracket.cards.filter((card) => geometry.has(card)).map((card) => geometry.box(card));
    const first = boxes[0];
    const last = boxes.at(-1);
    if (!first || !last || boxes.some((box) => box.y !== first.y)) return null;
    const y = bracketY(first);
    const hue = hueVariable(bracket.hue);
    return (
      <g key={bracket.cards[0]} className="g-bracket">
        <path d={`M${first.x} ${y}V${y - 4}H${last.x + last.w}V${y}`} style={{ stroke: hue }} />
        <text x={first.x} y={y - 8} style={{ fill: hue }}>
          {clip(say("graph.alias", { alias: bracket.text }), Math.floor((last.x + last.w - first.x) / 6))}
        </text>
      </g>
    );
  });
}

const clip = (text: string, most: number): string => (text.length > most ? `${text.slice(0, Math.max(1, most - 1))}…` : text);

interface CableLineProps {
  readonly cable: Cable;
  readonly scene: Scene;
  readonly d: string;
  readonly shape: CableShape;
  readonly label: Label | undefined;
  readonly chosen: boolean;
  readonly reachable: boolean;
}

/** Pixels around a cable's end within which it can be taken hold of. */
const HOLD = 11;

/** Where an end is held: a little away from what it is plugged into, which would otherwise lie over half of the hold. */
function heldAt(points: readonly Point[]): Point {
  const length = lengthOf(points);
  return pointAlong(points, Math.min(HOLD, length / 4) / Math.max(1, length), length);
}

const CableLine = memo(
  function CableLine({ cable, scene, d, shape, label, chosen, reachable }: CableLineProps) {
    const { say, onAction, onSelect, openMenu, commandOf, preview, onPull } = useGraph();
    if (cable.kind === "ghost") return <path d={d} className="g-cable ghost" style={{ stroke: hueVariable(cable.hue) }} />;
    const device = cable.to.device && cable.kind !== "child" ? cable.to.device : cable.from.device;
    const middle = pointAlong(shape.points, 0.5);
    // What has been cut can be mended; everything else can be taken away.
    const action: GraphAction = (cable.cut ? undefined : cuttingOf(cable)) ?? { kind: "uncut", device };
    const state = cable.cut ? " cut" : cable.live ? "" : " dead";
    const style = { "--hue": hueVariable(cable.hue) } as React.CSSProperties;
    const ends: readonly (readonly [CableSide, Point])[] = [
      ["from", heldAt(shape.points)],
      ["to", heldAt(reversed(shape.points))],
    ];
    return (
      // biome-ignore lint/a11y/useSemanticElements: a cable is drawn, there is no such element in HTML
      <g
        className={`g-cable-group nopan ${cable.kind}${state}${chosen ? " chosen" : ""}`}
        style={style}
        data-cable={cable.id}
        data-name={cable.to.name}
        role="button"
        tabIndex={reachable ? 0 : -1}
        aria-label={describeCable(say, scene, cable)}
        aria-pressed={chosen}
        onClick={(event) => {
          event.stopPropagation();
          onSelect([cable.id]);
        }}
        onContextMenu={(event) => {
          event.preventDefault();
          event.stopPropagation();
          openMenu(cable.id, { x: event.clientX, y: event.clientY });
        }}
        onKeyDown={(event) => {
          if (event.key === "Delete" || event.key === "Backspace") {
            const cutting = cuttingOf(cable);
            if (cutting) onAction(cutting);
          } else if (event.key === " ") onSelect([cable.id]);
          else if (event.key === "Enter" || event.key === "ContextMenu" || (event.key === "F10" && event.shiftKey)) {
            const rect = event.currentTarget.getBoundingClientRect();
            onSelect([cable.id]);
            openMenu(cable.id, { x: rect.x + rect.width / 2, y: rect.y + rect.height / 2 });
          } else return;
          event.preventDefault();
          event.stopPropagation();
        }}
      >
        <path d={d} className="g-cable-hit" />
        <path d={d} className="g-cable" />
        {label && (
          <text className="g-cable-name" x={label.x} y={label.y} textAnchor={label.anchor}>
            {cable.to.name}
          </text>
        )}
        {ends.map(([side, at]) => (
          <circle
            key={side}
            className="g-end nodrag nopan"
            cx={at.x}
            cy={at.y}
            r={HOLD}
            data-side={side}
            onPointerDown={(event) => onPull(cable, side, event)}
          >
            <title>{say("graph.do.pull")}</title>
          </circle>
        ))}
        {/* biome-ignore lint/a11y/noStaticElementInteractions: part of the cable's own button */}
        <g
          className="g-scissors"
          transform={`translate(${middle.x} ${middle.y})`}
          onPointerEnter={() => preview.show(commandOf(action))}
          onPointerLeave={() => preview.clear()}
          onClick={(event) => {
            event.stopPropagation();
            preview.clear();
            onAction(action);
          }}
        >
          <title>{commandOf(action)}</title>
          <circle r="11" />
          {action.kind === "uncut" ? (
            <path d="M-5 0H5M0-5V5" />
          ) : (
            <path d="M-5.5-3.6A1.8 1.8 0 1 0-2-3.4A1.8 1.8 0 1 0-5.5-3.6ZM-5.5 3.6A1.8 1.8 0 1 1-2 3.4A1.8 1.8 0 1 1-5.5 3.6ZM-2.2-2.6L5.6 3M-2.2 2.6L5.6-3" />
          )}
        </g>
      </g>
    );
  },
  (a, b) =>
    a.cable === b.cable &&
    a.d === b.d &&
    a.chosen === b.chosen &&
    a.reachable === b.reachable &&
    a.label?.x === b.label?.x &&
    a.label?.y === b.label?.y,
);

/** A cable that hangs from the pointer. */
export function LooseCable({ store }: { readonly store: LooseStore }) {
  const loose = useSyncExternalStore(store.subscribe, store.get);
  if (!loose) return null;
  const up = { x: 0, y: -1 };
  const down = { x: 0, y: 1 };
  const [start, end] = loose.side === "to" ? [loose.fixed, loose.at] : [loose.at, loose.fixed];
  return (
    <svg className="g-loose" width="1" height="1" aria-hidden="true">
      <path d={curve(start, down, end, up).d} style={{ stroke: hueVariable(loose.hue) }} />
      <rect x={loose.at.x - 8} y={loose.at.y - 11} width="16" height="22" rx="4" style={{ fill: hueVariable(loose.hue) }} />
    </svg>
  );
}
