/** Looking back: the past is played from the trace, and whoever acts there goes on from there. */
import { expect, test } from "vitest";
import { commands } from "../shell/commands/index.ts";
import { Programs } from "./programs.ts";
import { newScript, type Script } from "./script.ts";
import { HOST_TERMINAL, Workbench } from "./workbench.ts";

interface Page {
  readonly workbench: Workbench;
  /** Sessions that were put aside. */
  readonly aside: Script[];
  /** What is on its way in the frames of a run, once each. */
  readonly play: (done: () => boolean) => readonly string[];
  readonly run: (line: string) => readonly string[];
  readonly names: () => readonly string[];
}

async function page(...lines: readonly string[]): Promise<Page> {
  const programs = new Programs(async () => commands);
  await programs.load();
  const aside: Script[] = [];
  const workbench = new Workbench({ save: () => {}, keepPrevious: (script) => aside.push(script) }, newScript(1), programs);
  await workbench.loadPrograms();
  const play = (done: () => boolean): readonly string[] => {
    const seen = new Set<string>();
    for (let frames = 0; frames < 20_000 && !done(); frames++) {
      workbench.tick(16);
      for (const { label, housekeeping } of workbench.head.flights) if (!housekeeping) seen.add(label);
    }
    return [...seen];
  };
  const run = (line: string): readonly string[] => {
    workbench.type({ line }, HOST_TERMINAL);
    return play(() => !workbench.world.busy && !workbench.head.flying);
  };
  for (const line of lines) run(line);
  return { workbench, aside, play, run, names: () => [...workbench.store.getState().picture.containers.values()].map(({ name }) => name) };
}

const TWO = ["docker run -itd --name c1 alpine", "docker run -itd --name c2 alpine"];

test("a packet that is watched again passes the same cables, and time stops where it has ended", async () => {
  const { workbench, run, play } = await page(...TWO);
  const first = run("docker exec c1 ping -c 1 172.17.0.3");
  run("docker rm -f c2");
  const request = workbench.packets.rows().find(({ what }) => what === "echo request seq=1");
  workbench.watchAgain(request?.id ?? 0);
  const { store } = workbench;
  expect(store.getState()).toMatchObject({ lookingBack: true, playing: true });
  const again = play(() => !store.getState().playing);
  expect(again).toContain("echo → 0.3");
  expect(again).toContain("reply → 0.2");
  expect(first).toEqual(expect.arrayContaining([...again]));
  expect(store.getState().lookingBack).toBe(true);
  workbench.present();
  expect(store.getState()).toMatchObject({ lookingBack: false, playing: true });
});

test("the picture is the one of the moment, back and forth, and the world does not go on meanwhile", async () => {
  const { workbench, names, play } = await page(...TWO, "docker rm -f c1");
  expect(names()).toEqual(["c2"]);
  const { now } = workbench.session;
  const { oldest, newest } = workbench.timeline;
  workbench.lookAt(oldest);
  expect(names()).toEqual([]);
  const seen: string[] = [];
  for (let position = oldest; position < newest; position += 10) {
    workbench.lookAt(position);
    seen.push(names().join(" "));
  }
  expect([...new Set(seen)]).toEqual(["", "c1", "c1 c2"]);
  workbench.tick(1000);
  expect(workbench.session.now).toBe(now);
  // Played to its end, the past becomes the present, which goes on.
  workbench.setPlaying(true);
  play(() => !workbench.store.getState().lookingBack);
  expect(names()).toEqual(["c2"]);
  expect(workbench.store.getState().playing).toBe(true);
});

test("steps back go from one thing to be seen to the one before, and steps forth come to the present", async () => {
  const { workbench, names } = await page(...TWO);
  const times: number[] = [];
  for (let steps = 0; steps < 200 && names().includes("c2"); steps++) {
    workbench.stepBack();
    times.push(workbench.head.time);
  }
  expect(names()).toEqual(["c1"]);
  expect(times).toEqual([...times].sort((a, b) => b - a));
  for (let steps = 0; steps < 400 && workbench.store.getState().lookingBack; steps++) workbench.step();
  expect(workbench.store.getState().lookingBack).toBe(false);
  expect(names()).toEqual(["c1", "c2"]);
});

test("a command goes on from the moment that is looked at; what came after is put aside whole", async () => {
  const { workbench, aside, run, names } = await page(...TWO);
  const whole = workbench.session.script;
  let cuts = 0;
  workbench.onCut(() => cuts++);
  while (names().includes("c2")) workbench.stepBack();
  const moment = workbench.head.time;
  run("docker run -itd --name c3 alpine");
  expect(names()).toEqual(["c1", "c3"]);
  expect(workbench.session.entries.map((entry) => ("line" in entry ? entry.line : ""))).toEqual([
    TWO[0],
    "docker run -itd --name c3 alpine",
  ]);
  expect(cuts).toBe(1);
  expect(workbench.session.entries[1]?.at).toBe(Math.floor(moment));
  expect(aside.map(({ entries }) => entries)).toEqual([whole.entries]);
  // Undo takes the last line back, as ever.
  workbench.undo();
  expect(names()).not.toContain("c3");
});
