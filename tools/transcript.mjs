#!/usr/bin/env node
/** npm run -s transcript -- FILE: replays a script of commands, one a line, and prints the transcript. */
import { readFileSync } from "node:fs";
import { installPackages } from "./prepare.mjs";
import { importTs } from "./run-ts.mjs";

const file = process.argv[2];
if (file === undefined) {
  console.error("transcript: names no file: npm run -s transcript -- FILE");
  process.exit(2);
}
let script;
try {
  script = readFileSync(file, "utf8");
} catch (error) {
  console.error(`transcript: cannot read ${file}: ${error.code}`);
  process.exit(1);
}
installPackages();
const { runTranscript } = await importTs("src/world/transcript.ts");
process.stdout.write(runTranscript(script));
