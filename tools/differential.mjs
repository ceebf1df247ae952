#!/usr/bin/env node
/**
 * npm run differential -- SEED|SCRIPT.sh…: random scripts, or scripts of one's own, on a real engine and on the model, compared
 * command by command. Each is recorded twice, and a command counts where the two recordings agree. Recordings are kept in
 * node_modules/.cache/differential (NAME.txt, NAME.again.txt) until the script changes. `--record` only records, `--recorded`
 * only compares what is recorded already.
 *
 * Recording needs the engine lab: ENGINE_LAB names its folder (with `lab` and `generate.mjs`); root, and a few minutes the first time.
 */
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { compareSteady, parseTranscript } from "./compare.mjs";
import { installPackages, root } from "./prepare.mjs";
import { importTs } from "./run-ts.mjs";

const lab = process.env.ENGINE_LAB;
const flags = new Set(process.argv.slice(2).filter((word) => word.startsWith("--")));
const wanted = process.argv.slice(2).filter((word) => !word.startsWith("--"));
if (!lab || !existsSync(join(lab, "lab")) || wanted.length === 0) {
  console.error(
    "differential: needs the engine lab and seeds or scripts: ENGINE_LAB=/path/to/engine-lab npm run differential -- 101 102 my.sh",
  );
  process.exit(2);
}
const cache = `${root}node_modules/.cache/differential`;
mkdirSync(cache, { recursive: true });

const commandsOf = (script) => script.split("\n").filter((line) => line !== "" && !line.startsWith("#"));

/** Whether the recording is there, whole, and one of this very script. */
function isRecorded(file, script) {
  if (!existsSync(file)) return false;
  const commands = parseTranscript(readFileSync(file, "utf8")).map(({ command }) => command);
  return commands.join("\n") === commandsOf(script).join("\n");
}

/** The script's file in the cache and its two recordings, made now when they are missing; undefined when they may not be made. */
function recordings(name, script) {
  const file = join(cache, `${name}.sh`);
  writeFileSync(file, script);
  const both = [join(cache, `${name}.txt`), join(cache, `${name}.again.txt`)];
  for (const recording of both) {
    if (isRecorded(recording, script)) continue;
    if (flags.has("--recorded")) return undefined;
    const options = { encoding: "utf8", stdio: ["ignore", "pipe", "inherit"], maxBuffer: 1 << 26 };
    writeFileSync(recording, execFileSync(join(lab, "lab"), ["run", file], options));
  }
  return both.map((recording) => readFileSync(recording, "utf8"));
}

const scriptOf = (word) =>
  /^\d+$/.test(word) ? execFileSync(process.execPath, [join(lab, "generate.mjs"), word], { encoding: "utf8" }) : readFileSync(word, "utf8");

installPackages();
const { runTranscript } = await importTs("src/world/transcript.ts");
let matched = 0;
let total = 0;
for (const word of wanted) {
  const name = basename(word, ".sh");
  const script = scriptOf(word);
  const both = recordings(name, script);
  if (!both || flags.has("--record")) continue;
  const results = compareSteady(both[0], both[1], runTranscript(script));
  for (const { command, want, have, same } of results)
    if (!same) console.log(`${name}: $ ${command}\n--- engine\n${want}\n--- model\n${have}\n`);
  const same = results.filter((result) => result.same).length;
  console.log(`${name}: ${same} of ${results.length} commands, ${commandsOf(script).length - results.length} unsteady`);
  matched += same;
  total += results.length;
}
if (total > 0) console.log(`${matched} of ${total} commands, ${((100 * matched) / total).toFixed(1)} %`);
