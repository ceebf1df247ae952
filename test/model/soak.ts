/**
 * A long run of what people do, looking for what does not hold: rounds of random lines with keys, waiting, undo and redo, each
 * in a session of its own; after each the world is compared with the replay of its script, everything is removed, and nothing
 * may be left. Stops at the first thing found, tells it, and gives the script that leads to it.
 */
import fc from "fast-check";
import { typedText } from "../../src/session/script.ts";
import type { Session } from "../../src/session/session.ts";
import { dump } from "./dump.ts";
import { broken, remains } from "./invariants.ts";
import { anyStep, LAST_TERMINAL, play, type Step, startSession, terminalsOf, typeLine } from "./play.ts";
import { BEGINNING, CLEAN_UP } from "./vocabulary.ts";

const STEPS_PER_ROUND = 150;
/** Steps between two looks at the whole world. */
const STEPS_PER_CHECK = 5;

const textOf = (session: Session): string => dump(session.world, terminalsOf(session.script));

const stepsOf = (seed: number, length: number): readonly Step[] =>
  fc.sample(fc.array(anyStep, { minLength: length, maxLength: length, size: "max" }), { seed, numRuns: 1 })[0] ?? [];

/** The world that a round's first steps lead to. */
export function worldAfter(seed: number, steps: number): string {
  const session = startSession();
  for (const line of BEGINNING) typeLine(session, line);
  for (const step of stepsOf(seed, steps)) play(session, step);
  return textOf(session);
}

const firstDifference = (a: string, b: string): string => {
  const [left, right] = [a.split("\n"), b.split("\n")];
  const at = left.findIndex((line, i) => line !== right[i]);
  return `line ${at}\n  lived:    ${left[at]?.slice(0, 500)}\n  replayed: ${right[at]?.slice(0, 500)}`;
};

/** Plays one round; gives what does not hold. `count` hears how many lines were typed. */
export function round(seed: number, count: (lines: number) => void): { readonly found: readonly string[]; readonly session: Session } {
  const steps = stepsOf(seed, STEPS_PER_ROUND);
  const session = startSession();
  const fresh = JSON.stringify(remains(session.world));
  const typed = session.subscribe(() => {
    if (!session.canRedo) count(1);
  });
  try {
    for (const line of BEGINNING) typeLine(session, line);
    for (const [i, step] of steps.entries()) {
      play(session, step);
      if (i % STEPS_PER_CHECK !== 0) continue;
      const found = broken(session.world);
      if (found.length > 0) return { found, session };
    }
    const again = startSession({ ...session.script, entries: session.entries.slice(0, session.cursor), reached: session.now });
    const [lived, replayed] = [textOf(session), textOf(again)];
    if (lived !== replayed) return { found: [`not the replay of its script: ${firstDifference(lived, replayed)}`], session };
    // Undo may have gone to the midst of a command, with lines typed ahead: they come to their end before all is removed.
    for (const terminal of terminalsOf(session.script)) typeLine(session, "true", terminal);
    for (const line of CLEAN_UP) typeLine(session, line, LAST_TERMINAL);
    session.advanceTo(session.now + 20_000_000);
    const found = broken(session.world);
    const left = JSON.stringify(remains(session.world));
    return { found: left === fresh ? found : [...found, `left over:\n  fresh: ${fresh}\n  now:   ${left}`], session };
  } catch (error) {
    return { found: [`thrown: ${error instanceof Error ? error.stack : String(error)}`], session };
  } finally {
    typed();
  }
}

export function soak(commands: number, seed: number): boolean {
  const start = performance.now();
  let typed = 0;
  let rounds = 0;
  for (; typed < commands; rounds++) {
    const { found, session } = round(seed + rounds, (lines) => (typed += lines));
    if (found.length === 0) continue;
    process.stdout.write(`seed ${seed + rounds}, after ${typed} commands:\n${found.join("\n")}\n\nThe script:\n`);
    for (const entry of session.entries) process.stdout.write(`${entry.at} ${entry.terminal} ${typedText(entry)}\n`);
    return false;
  }
  const seconds = Math.round((performance.now() - start) / 1000);
  process.stdout.write(`${typed} commands in ${rounds} rounds, seeds ${seed} to ${seed + rounds - 1}, ${seconds} s: nothing found\n`);
  return true;
}
