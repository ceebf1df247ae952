import { readFileSync } from "node:fs";

/** What index.html loads before anything is asked for, by the build's own manifest: the entry and all it imports statically. */
function firstLoad() {
  const manifest = JSON.parse(readFileSync("dist/.vite/manifest.json", "utf8"));
  const files = new Set();
  const visit = (key) => {
    const chunk = manifest[key];
    if (!chunk || files.has(`dist/${chunk.file}`)) return;
    files.add(`dist/${chunk.file}`);
    for (const next of chunk.imports ?? []) visit(next);
  };
  visit("index.html");
  return [...files];
}

export default [{ name: "first load without the terminal", path: firstLoad(), limit: "300 kB" }];
