import fc from "fast-check";
import { expect, test } from "vitest";
import { PictureHistory } from "../../src/session/picture.ts";
import type { Script } from "../../src/session/script.ts";
import type { Session } from "../../src/session/session.ts";
import { dump } from "./dump.ts";
import { anyStep, play, startSession, terminalsOf, typeLine } from "./play.ts";
import { BEGINNING } from "./vocabulary.ts";

/** World and terminals as text, and the picture. */
function state(session: Session): { readonly world: string; readonly picture: unknown } {
  const { devices, netns, containers, networks } = new PictureHistory(session.world.kernel.trace).latest();
  const picture = [devices, netns, containers, networks].map((views) => [...(views as ReadonlyMap<unknown, unknown>)]);
  return { world: dump(session.world, terminalsOf(session.script)), picture };
}

/** The same script from its start, to the same moment. */
function replayed(session: Session): Session {
  const { entries, cursor, seed } = session.script;
  const script: Script = { seed, entries: entries.slice(0, cursor), cursor, reached: session.now };
  return startSession(script);
}

test("a world that was lived through, undone and redone is byte for byte the replay of its script", () => {
  fc.assert(
    fc.property(fc.array(anyStep, { minLength: 10, maxLength: 40 }), (steps) => {
      const session = startSession();
      for (const line of BEGINNING) typeLine(session, line);
      for (const step of steps) {
        play(session, step);
        if (step.do === "undo" || step.do === "redo") expect(state(session)).toEqual(state(replayed(session)));
      }
      const again = replayed(session);
      expect(state(session)).toEqual(state(again));
      // What is still to come is the same, too: timers, and the order of what happens at one moment.
      for (const one of [session, again]) {
        one.advanceTo(one.now + 90_000_000);
        typeLine(one, "docker ps -a; ip addr; iptables-save; docker inspect $(docker ps -aq); ping -c 1 -W 1 web");
      }
      expect(state(session)).toEqual(state(again));
    }),
    { numRuns: 12 },
  );
}, 120_000);
