/** The recordings under test/recordings, and how the model does on each. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { compareSteady } from "./compare.mjs";
import { root } from "./prepare.mjs";

const folderOf = (name) => `${root}test/recordings/${name}/`;

/** Names as "transcripts/01-default-bridge", in order; none where the folder is not there. */
export function recordingsIn(folder) {
  if (!existsSync(folderOf(folder))) return [];
  return readdirSync(folderOf(folder))
    .filter((file) => file.endsWith(".txt") && !file.endsWith(".again.txt"))
    .map((file) => `${folder}/${file.replace(/\.txt$/, "")}`)
    .sort((a, b) => a.localeCompare(b, "en", { numeric: true }));
}

/** Replays a recording's script: each command that counts, with what was wanted, what came, and whether they are the same. */
export function replayRecording(name, runTranscript) {
  const text = readFileSync(`${root}test/recordings/${name}.txt`, "utf8");
  const again = `${root}test/recordings/${name}.again.txt`;
  const script = text
    .split("\n")
    .filter((line) => line.startsWith("$ "))
    .map((line) => line.slice(2))
    .join("\n");
  return compareSteady(text, existsSync(again) ? readFileSync(again, "utf8") : undefined, runTranscript(script));
}
