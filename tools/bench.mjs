#!/usr/bin/env node
/** npm run bench [model|page]: speeds, one figure a line as `name: number unit`. Never a test. */
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { installPackages } from "./prepare.mjs";
import { importTs } from "./run-ts.mjs";

const which = process.argv[2];
if (!process.execArgv.includes("--expose-gc")) {
  const done = spawnSync(process.execPath, ["--expose-gc", fileURLToPath(import.meta.url), ...process.argv.slice(2)], { stdio: "inherit" });
  process.exit(done.status ?? 1);
}
installPackages();
if (!which || which === "model") (await importTs("bench/model.ts")).benchModel();
