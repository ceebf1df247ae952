#!/usr/bin/env node
/**
 * npm run bench [model|page|FIGURE…]: speeds, one figure a line as `name: number unit`. Never a test. Each figure of the model
 * is measured in a process of its own, so that none warms up or burdens another.
 */
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { installPackages } from "./prepare.mjs";
import { importTs } from "./run-ts.mjs";

const [which, figure] = process.argv.slice(2);
if (which === "--measure") {
  (await importTs("bench/model.ts")).benchModel(figure);
} else {
  installPackages();
  const { modelFigures } = await importTs("bench/model.ts");
  const named = process.argv.slice(2).filter((word) => modelFigures.includes(word));
  const figures = named.length > 0 ? named : !which || which === "model" ? modelFigures : [];
  if (!which || which === "page") await (await import("../bench/page/run.mjs")).benchPage();
  for (const name of figures) {
    const done = spawnSync(process.execPath, ["--expose-gc", fileURLToPath(import.meta.url), "--measure", name], { stdio: "inherit" });
    if (done.status !== 0) process.exit(done.status ?? 1);
  }
}
