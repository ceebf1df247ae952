import { expect, test } from "vitest";
import { commands } from "../shell/commands/index.ts";
import { PlayHead } from "./playhead.ts";
import { newScript } from "./script.ts";
import { Session } from "./session.ts";

const HOST = "docker-host";

/** A ping that runs, its third request on its way. */
function pinging(delay = "true"): { readonly session: Session; readonly head: PlayHead; readonly text: () => string } {
  const session = new Session(newScript(1), { table: commands });
  const terminal = session.world.openTerminal(HOST, HOST);
  let looks = 0;
  const head = new PlayHead(session, () => ++looks);
  const until = (done: () => boolean): void => {
    for (let frames = 0; !done() && frames < 5000; frames++) head.frame(16);
  };
  for (const line of ["docker run -itd --name c1 alpine", delay]) {
    session.type(HOST, { line });
    until(() => !session.world.busy);
  }
  session.type(HOST, { line: "ping 172.17.0.2" });
  until(() => terminal.text.includes("icmp_seq=2") && head.flying);
  return { session, head, text: () => terminal.text };
}

test("Ctrl-C catches no packet in flight that a real host would long have delivered", () => {
  const { session, head, text } = pinging();
  head.land();
  expect(head.flying).toBe(false);
  session.type(HOST, { key: "C-c" });
  head.frame(16);
  expect(text()).toContain("3 packets transmitted, 3 received, 0% packet loss");
});

test("what a link really delays stays on its way, and time that stands still stays where it is", () => {
  const delayed = pinging("tc qdisc add dev docker0 root netem delay 300ms");
  const before = delayed.head.time;
  delayed.head.land();
  expect(delayed.head.time - before).toBeLessThan(20_000);
  const still = pinging();
  still.head.playing = false;
  const at = still.head.time;
  still.head.land();
  expect(still.head.time).toBe(at);
});
