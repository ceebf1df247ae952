/** What a real Docker Engine 28.5.2 printed, command by command, against what the model prints. */
import { describe, expect, test } from "vitest";
import { runTranscript } from "../src/world/transcript.ts";
import { recordingsIn, replayRecording } from "../tools/recordings.mjs";
import { REASONS } from "./recordings/reasons.ts";

interface Score {
  same: number;
  total: number;
}

const scores = new Map<string, Score>();

/** Replays a recording and gives the commands that differ. */
function differing(name: string): readonly string[] {
  const results = replayRecording(name, runTranscript);
  const folder = name.split("/")[0] as string;
  const score = scores.get(folder) ?? { same: 0, total: 0 };
  score.same += results.filter(({ same }) => same).length;
  score.total += results.length;
  scores.set(folder, score);
  return results.filter(({ same }) => !same).map(({ command }) => command);
}

const explained = (name: string): readonly string[] => REASONS.filter(({ recording }) => recording === name).map(({ command }) => command);

describe.each([
  ["transcripts", 0.99],
  ["generated", 0.98],
])("%s", (folder, least) => {
  test.each(recordingsIn(folder))("%s: every command matches, or its reason is known and still holds", (name) => {
    expect(differing(name)).toEqual(explained(name));
  });

  test(`at least ${least * 100} % of the commands match`, () => {
    const { same, total } = scores.get(folder) as Score;
    expect(total).toBeGreaterThan(0);
    expect(same / total).toBeGreaterThanOrEqual(least);
  });
});

test("reasons are of recordings that there are", () => {
  const names = ["transcripts", "generated"].flatMap(recordingsIn);
  expect(REASONS.filter(({ recording }) => !names.includes(recording))).toEqual([]);
});
