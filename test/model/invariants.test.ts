import fc from "fast-check";
import { expect, test } from "vitest";
import { broken, remains } from "./invariants.ts";
import { anyTyping, LAST_TERMINAL, play, startSession, typeLine } from "./play.ts";
import { BEGINNING, CLEAN_UP } from "./vocabulary.ts";

test("whatever is typed: no address twice, no lone cable, no address lost, no rule of nothing, and nothing left in the end", () => {
  fc.assert(
    fc.property(fc.array(anyTyping, { minLength: 20, maxLength: 60 }), (steps) => {
      const session = startSession();
      const fresh = remains(session.world);
      for (const line of BEGINNING) typeLine(session, line);
      for (const step of steps) {
        play(session, step);
        expect(broken(session.world)).toEqual([]);
      }
      for (const line of CLEAN_UP) typeLine(session, line, LAST_TERMINAL);
      session.advanceTo(session.now + 20_000_000);
      expect(broken(session.world)).toEqual([]);
      expect(remains(session.world)).toEqual(fresh);
    }),
    { numRuns: 10 },
  );
}, 120_000);
