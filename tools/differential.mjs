#!/usr/bin/env node
/**
 * npm run differential -- SEED…: random scripts on a real engine and on the model, compared command by command.
 * Needs the engine lab: ENGINE_LAB names its folder (with `lab` and `generate.mjs`); root, and a few minutes the first time.
 */
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { compareTranscripts } from "./compare.mjs";
import { installPackages, root } from "./prepare.mjs";
import { importTs } from "./run-ts.mjs";

const lab = process.env.ENGINE_LAB;
const seeds = process.argv.slice(2);
if (!lab || !existsSync(join(lab, "lab")) || seeds.length === 0) {
  console.error("differential: needs the engine lab and seeds: ENGINE_LAB=/path/to/engine-lab npm run differential -- 101 102 103");
  process.exit(2);
}
installPackages();
const { runTranscript } = await importTs("src/world/transcript.ts");
const cache = `${root}node_modules/.cache/differential`;
mkdirSync(cache, { recursive: true });

let matched = 0;
let total = 0;
for (const seed of seeds) {
  const script = join(cache, `${seed}.sh`);
  const recording = join(cache, `${seed}.txt`);
  writeFileSync(script, execFileSync(process.execPath, [join(lab, "generate.mjs"), seed], { encoding: "utf8" }));
  if (!existsSync(recording))
    writeFileSync(
      recording,
      execFileSync(join(lab, "lab"), ["run", script], { encoding: "utf8", stdio: ["ignore", "pipe", "inherit"], maxBuffer: 1 << 26 }),
    );
  const results = compareTranscripts(readFileSync(recording, "utf8"), runTranscript(readFileSync(script, "utf8")));
  for (const { command, want, have, same } of results)
    if (!same) console.log(`seed ${seed}: $ ${command}\n--- engine\n${want}\n--- model\n${have}\n`);
  const same = results.filter((result) => result.same).length;
  console.log(`seed ${seed}: ${same} of ${results.length} commands`);
  matched += same;
  total += results.length;
}
console.log(`${matched} of ${total} commands, ${((100 * matched) / total).toFixed(1)} %`);
