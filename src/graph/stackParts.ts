/** Where the stages of a host's stack are drawn in its strip: in one row, or in two where it is narrow. */
import type { Box, Point } from "./sizes.ts";

export const STAGES = ["PREROUTING", "routing", "INPUT", "FORWARD", "OUTPUT", "POSTROUTING"] as const;
export type Stage = (typeof STAGES)[number];

/** Room for each name in its chip, in pixels. */
const WIDTHS: Readonly<Record<Stage, number>> = { PREROUTING: 88, routing: 58, INPUT: 52, FORWARD: 72, OUTPUT: 60, POSTROUTING: 98 };
const CHIP = 22;
const ROW = 34;
const TITLE = 88;
const FOLD = 36;
const PAD = 10;
const LEAST_GAP = 8;

const widthOf = (stages: readonly Stage[]): number => stages.reduce((sum, stage) => sum + WIDTHS[stage], 0);
const UPPER: readonly Stage[] = ["INPUT", "OUTPUT"];
const LOWER: readonly Stage[] = ["PREROUTING", "routing", "FORWARD", "POSTROUTING"];

const ONE_ROW_FROM = TITLE + widthOf(STAGES) + (STAGES.length - 1) * LEAST_GAP + FOLD;

const stripHeight = (width: number): number => (width >= ONE_ROW_FROM ? ROW + 2 : 2 * ROW - 6);

/** Height of what an opened stack shows under its strip. */
const PANES = 164;
export const stackHeight = (width: number, open: boolean): number => stripHeight(width) + (open ? PANES : 0);

/** Boxes of the stages from the strip's left top. */
export function stageBoxes(width: number): ReadonlyMap<Stage, Box> {
  if (width >= ONE_ROW_FROM) return spread(STAGES, TITLE, width - FOLD, ROW / 2 + 1);
  return new Map([
    ...spread(UPPER, Math.max(TITLE, width * 0.4), width - FOLD, ROW / 2),
    ...spread(LOWER, PAD, width - PAD, ROW * 1.5 - 7),
  ]);
}

function spread(stages: readonly Stage[], from: number, to: number, middle: number): ReadonlyMap<Stage, Box> {
  const gap = (to - from - widthOf(stages)) / Math.max(1, stages.length - 1);
  let x = from;
  const boxes = new Map<Stage, Box>();
  for (const stage of stages) {
    boxes.set(stage, { x, y: middle - CHIP / 2, w: WIDTHS[stage], h: CHIP });
    x += WIDTHS[stage] + gap;
  }
  return boxes;
}

/** How far over the middle of a stage a packet at it stands, so that the stage's name can be read. */
const OVER = 23;

/** Where a packet at a stage stands, of a stack that is drawn in `box`. */
export function stagePoint(box: Box, stage: Stage): Point {
  const part = stageBoxes(box.w).get(stage) as Box;
  return { x: box.x + part.x + part.w / 2, y: box.y + part.y + part.h / 2 - OVER };
}
