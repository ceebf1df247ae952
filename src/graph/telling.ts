/** How the coming of an interface is told a part at a time: it stands still at the end of each until the next is told. */
import type { News } from "../session/arrivals.ts";
import { ENDS } from "./comings.ts";

export interface Telling {
  /** Uid of the interface that comes. */
  readonly device: number;
  /** Its name when it was made; empty where nobody knows it any more. */
  readonly name: string;
  /** Its age in ms when the part begins and when it ends. */
  readonly from: number;
  readonly to: number;
  /** Real time in ms at which the part began. */
  readonly since: number;
}

/** By how much slower a part is told than it goes by itself. */
const PACE = 0.6;

/** Ages in ms between which the parts from one to another go on, until the next begins. */
export function agesOf(first: (typeof ENDS)[number][0], last = first): readonly [number, number] {
  const index = ENDS.findIndex(([part]) => part === last);
  const end = ENDS[index]?.[1] ?? 0;
  const start = ENDS[ENDS.findIndex(([part]) => part === first) - 1]?.[1] ?? 0;
  return [start, index === ENDS.length - 1 ? end : end - 1];
}

/** How old what is told of is at a real time in ms. */
const ageOf = (telling: Telling, real: number): number => Math.min(telling.to, telling.from + PACE * (real - telling.since));

/** All that is left of a telling at a real time in ms, in one go. */
export const restOf = (telling: Telling, real: number): Telling => ({
  ...telling,
  from: ageOf(telling, real),
  to: ENDS.at(-1)?.[1] ?? 0,
  since: real,
});

/**
 * The news with one coming as old as it is told to be; `shown` and `real` are in ms. What is told to its end is there, even where
 * the show stands still and what comes by itself would never be.
 */
export function toldNews(news: News, telling: Telling, shown: number, real: number): News {
  const age = ageOf(telling, real);
  const key = `device:${telling.device}`;
  const there = age >= (ENDS.at(-1)?.[1] ?? 0);
  if (there && !news.comings.has(key)) return news;
  const comings = new Map(news.comings);
  if (there) comings.delete(key);
  else comings.set(key, { since: shown - age, name: telling.name });
  return { goings: news.goings, comings };
}
