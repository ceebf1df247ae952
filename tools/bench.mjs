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
  const { benchPage, pageFigures } = await import("../bench/page/run.mjs");
  const words = process.argv.slice(2);
  const unknown = words.filter((word) => !["model", "page", ...modelFigures, ...pageFigures].includes(word));
  if (unknown.length > 0) {
    process.stderr.write(`bench: no figure is called ${unknown.join(", ")}; there are ${[...pageFigures, ...modelFigures].join(", ")}\n`);
    process.exit(1);
  }
  const chosen = (kind, all) => (words.length === 0 || words.includes(kind) ? all : all.filter((figure) => words.includes(figure)));
  const ofPage = chosen("page", pageFigures);
  if (ofPage.length > 0) await benchPage(ofPage);
  for (const name of chosen("model", modelFigures)) {
    const done = spawnSync(process.execPath, ["--expose-gc", fileURLToPath(import.meta.url), "--measure", name], { stdio: "inherit" });
    if (done.status !== 0) process.exit(done.status ?? 1);
  }
}
