/** Runs a TypeScript entry of this project under Node: bundled once by rolldown into node_modules/.cache, then imported. */
import { existsSync, mkdirSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { root } from "./prepare.mjs";

function newest(folder) {
  let latest = 0;
  for (const entry of readdirSync(folder, { withFileTypes: true, recursive: true }))
    if (entry.isFile()) latest = Math.max(latest, statSync(join(entry.parentPath ?? entry.path, entry.name)).mtimeMs);
  return latest;
}

/** Imports `entry` (a path from the root), bundling again when any source is newer than the last bundle. */
export async function importTs(entry) {
  const out = `${root}node_modules/.cache/vethlab/${entry.replaceAll(/[/.]/g, "-")}.mjs`;
  const folder = entry.split("/")[0];
  if (!existsSync(out) || statSync(out).mtimeMs < Math.max(newest(`${root}src`), newest(`${root}${folder}`))) {
    mkdirSync(`${root}node_modules/.cache/vethlab`, { recursive: true });
    const { rolldown } = await import("rolldown");
    const bundle = await rolldown({ input: `${root}${entry}`, platform: "node", logLevel: "silent" });
    await bundle.write({ file: out, format: "esm", codeSplitting: false, sourcemap: "inline" });
  }
  return import(pathToFileURL(out).href);
}
