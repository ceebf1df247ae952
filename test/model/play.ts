/** Steps of a person at the page, played on a session without a page. */
import fc from "fast-check";
import type { ControlKey } from "../../src/kernel/tty.ts";
import { machineOf, newScript, type Script } from "../../src/session/script.ts";
import { Session } from "../../src/session/session.ts";
import { commands } from "../../src/shell/commands/index.ts";
import { anyLine, openLine } from "./vocabulary.ts";

const SECOND = 1_000_000;
const HOST = "docker-host";
const SECOND_TERMINAL = "docker-host:2";
/** Where nobody else types, for what must be done whatever runs on the others. */
export const LAST_TERMINAL = "docker-host:9";
const programs = { table: commands };

export type Step =
  | { readonly do: "type"; readonly terminal: string; readonly line: string }
  /** A line that goes on, other lines typed meanwhile, and a key. */
  | { readonly do: "run"; readonly line: string; readonly inside: string; readonly wait: number; readonly key: ControlKey }
  | { readonly do: "wait"; readonly time: number }
  | { readonly do: "undo" | "redo"; readonly times: number }
  /** The page has time to make undo quick, so many looks at the clock long. */
  | { readonly do: "idle"; readonly looks: number };

export const anyTyping: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 12,
    arbitrary: fc.record({ do: fc.constant("type" as const), terminal: fc.constantFrom(HOST, HOST, HOST, SECOND_TERMINAL), line: anyLine }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant("run" as const),
      line: openLine,
      inside: fc.constantFrom("", "ip addr", "hostname; exit", "ping -c 1 web"),
      wait: fc.integer({ min: 0, max: 3 * SECOND }),
      key: fc.constantFrom<ControlKey>("C-c", "C-c", "C-d", "C-p C-q", "C-\\"),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant("wait" as const), time: fc.constantFrom(1, 999, 100_000, 5 * SECOND, 400 * SECOND) }),
  },
);

export const anyStep: fc.Arbitrary<Step> = fc.oneof(
  { weight: 8, arbitrary: anyTyping },
  { weight: 2, arbitrary: fc.record({ do: fc.constantFrom("undo" as const, "redo" as const), times: fc.constantFrom(1, 1, 1, 2, 3, 7) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("idle" as const), looks: fc.constantFrom(1, 20, 100_000) }) },
);

export const startSession = (script: Script = newScript(1)): Session => {
  const session = new Session(script, programs);
  session.world.openTerminal(HOST, HOST);
  return session;
};

/** Lets time pass until nothing runs in the foreground, half a minute at the most. */
function settle(session: Session, longest = 30 * SECOND): void {
  const end = session.now + longest;
  for (let next = session.world.nextEventAt; session.world.busy && next !== undefined && next <= end; next = session.world.nextEventAt)
    session.advanceTo(next);
}

function press(session: Session, terminal: string, key: ControlKey): void {
  session.world.openTerminal(terminal, machineOf(terminal));
  session.type(terminal, { key });
}

export function typeLine(session: Session, line: string, terminal = HOST): void {
  session.world.openTerminal(terminal, machineOf(terminal));
  session.type(terminal, { line });
  settle(session);
  // What does not end by itself, or waits for input, is ended as a person would.
  for (const key of ["C-c", "C-d", "C-c", "C-c", "C-\\"] as const) {
    if (!session.world.busy && session.world.atHostPrompt(terminal)) return;
    press(session, terminal, key);
    settle(session, SECOND);
  }
}

export function play(session: Session, step: Step): void {
  switch (step.do) {
    case "type":
      typeLine(session, step.line, step.terminal);
      return;
    case "run":
      session.type(HOST, { line: step.line });
      session.advanceTo(session.now + step.wait);
      if (step.inside) session.type(HOST, { line: step.inside });
      session.advanceTo(session.now + step.wait);
      press(session, HOST, step.key);
      settle(session, SECOND);
      typeLine(session, "true");
      return;
    case "wait":
      session.advanceTo(session.now + step.time);
      return;
    case "undo":
    case "redo":
      for (let i = 0; i < step.times; i++) session[step.do]();
      session.world.openTerminal(HOST, HOST);
      return;
    case "idle": {
      let looks = 0;
      session.prepare(() => ++looks >= step.looks);
    }
  }
}

/** The terminals that a script types on, and the host's first. */
export const terminalsOf = ({ entries, cursor }: Script): readonly string[] => [
  ...new Set([HOST, ...entries.slice(0, cursor).map(({ terminal }) => terminal)]),
];
