#!/usr/bin/env node
/** npm run compare [-- NAME…]: replays the recorded scripts on the model and tells every command that differs, then the score. */
import { installPackages } from "./prepare.mjs";
import { recordingsIn, replayRecording } from "./recordings.mjs";
import { importTs } from "./run-ts.mjs";

installPackages();
const { runTranscript } = await importTs("src/world/transcript.ts");
const wanted = process.argv.slice(2).filter((word) => !word.startsWith("-"));
const quiet = process.argv.includes("--quiet");
const isWanted = (name) => wanted.length === 0 || wanted.some((one) => name.startsWith(one) || name.split("/")[1].startsWith(one));
let same = 0;
let total = 0;
for (const name of ["transcripts", "generated", "deep"].flatMap(recordingsIn).filter(isWanted)) {
  const results = replayRecording(name, runTranscript);
  if (!quiet)
    for (const { command, want, have, same: equal } of results)
      if (!equal) console.log(`${name}: $ ${command}\n--- recorded\n${want}\n--- model\n${have}\n`);
  const matched = results.filter((one) => one.same).length;
  console.log(`${name}: ${matched} of ${results.length}`);
  same += matched;
  total += results.length;
}
console.log(`${same} of ${total} commands`);
