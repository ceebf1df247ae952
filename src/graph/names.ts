/** Names on cards: long ones are written smaller, and lose letters of their middle where they do not fit. */

/** Names of more letters are long. */
const ROOMY_LETTERS = 9;
/** Letters kept of a name's end: that is where those of one family differ. */
const TAIL = 5;
/** Pixels that a long name has on a card, and its type there: as graph.css has it. */
const ROOM = 90;
const TYPE = "600 12.5px";

/** Names of more letters than this need a third line where they stand whole. */
const TWO_LINES = 20;

export const isLongName = (name: string): boolean => name.length > ROOMY_LETTERS;

export const isLongestName = (name: string): boolean => name.length > TWO_LINES;

/** A name that goes over to another line after its own dividers. */
export const breakable = (name: string): string => name.replace(/[-_.]/g, "$&\u200b");

const shortened = new Map<string, string>();
let pen: CanvasRenderingContext2D | undefined;

/** What measures letters, in a long name's type. */
function penInHand(): CanvasRenderingContext2D {
  const context = document.createElement("canvas").getContext("2d") as CanvasRenderingContext2D;
  context.font = `${TYPE} ${getComputedStyle(document.documentElement).getPropertyValue("--sans")}`;
  return context;
}

/** As much of a name as fits on a card. */
export function shortName(name: string): string {
  const known = shortened.get(name);
  if (known !== undefined) return known;
  pen ??= penInHand();
  let text = name;
  for (let head = name.length - TAIL - 1; head > 0 && pen.measureText(text).width > ROOM; head--)
    text = `${name.slice(0, head)}…${name.slice(-TAIL)}`;
  shortened.set(name, text);
  return text;
}
