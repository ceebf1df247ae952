#!/usr/bin/env node
/** npm run compare [-- NAME…]: replays the recorded scripts on the model and tells every command that differs, then the score. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { compareSteady } from "./compare.mjs";
import { installPackages, root } from "./prepare.mjs";
import { importTs } from "./run-ts.mjs";

installPackages();
const { runTranscript } = await importTs("src/world/transcript.ts");
const wanted = process.argv.slice(2).filter((word) => !word.startsWith("-"));
const quiet = process.argv.includes("--quiet");
let same = 0;
let total = 0;
for (const folder of ["transcripts", "generated", "deep"]) {
  if (!existsSync(`${root}test/recordings/${folder}`)) continue;
  for (const file of readdirSync(`${root}test/recordings/${folder}`).sort((a, b) => a.localeCompare(b, "en", { numeric: true }))) {
    const name = file.replace(/\.txt$/, "");
    if (name.endsWith(".again") || (wanted.length > 0 && !wanted.some((one) => name === one || `${folder}/${name}`.startsWith(one))))
      continue;
    const text = readFileSync(`${root}test/recordings/${folder}/${file}`, "utf8");
    const script = text
      .split("\n")
      .filter((line) => line.startsWith("$ "))
      .map((line) => line.slice(2))
      .join("\n");
    const again = `${root}test/recordings/${folder}/${name}.again.txt`;
    const results = compareSteady(text, existsSync(again) ? readFileSync(again, "utf8") : undefined, runTranscript(script));
    if (!quiet)
      for (const { command, want, have, same: equal } of results)
        if (!equal) console.log(`${folder}/${name}: $ ${command}\n--- recorded\n${want}\n--- model\n${have}\n`);
    const matched = results.filter((one) => one.same).length;
    console.log(`${folder}/${name}: ${matched} of ${results.length}`);
    same += matched;
    total += results.length;
  }
}
console.log(`${same} of ${total} commands`);
