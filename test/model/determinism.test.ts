import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { worldAfter } from "./soak.ts";

const root = fileURLToPath(new URL("../../", import.meta.url));

/** What a round leaves behind, worked out by a process of its own. */
function inProcess(seed: number): string {
  const program = `const { importTs } = await import("./tools/run-ts.mjs");
    process.stdout.write((await importTs("test/model/soak.ts")).worldAfter(${seed}, 40));`;
  return execFileSync(process.execPath, ["--input-type=module", "-e", program], { cwd: root, encoding: "utf8", maxBuffer: 2 ** 26 });
}

test("the same script and seed give the same bytes in every process", () => {
  const first = inProcess(3);
  expect(first.length).toBeGreaterThan(10_000);
  expect(inProcess(3)).toBe(first);
  expect(worldAfter(3, 40)).toBe(first);
}, 120_000);

/** Time, chance and habits of the machine that a world must not depend on. */
const FORBIDDEN =
  /\b(Date\.now|Math\.random|performance\.|setTimeout|setInterval|setImmediate|queueMicrotask|requestAnimationFrame|crypto\.|localeCompare|toLocale\w+|Intl\.|process\.(hrtime|nextTick)|new Date\(\)|async\b|await\b)/;

test("the model never asks the wall clock, another source of chance, or the locale", () => {
  const found: string[] = [];
  for (const layer of ["kernel", "engine", "shell", "world"])
    for (const entry of readdirSync(join(root, "src", layer), { recursive: true, encoding: "utf8" })) {
      if (!entry.endsWith(".ts") || /\.(test|fixture)\.ts$/.test(entry)) continue;
      const lines = readFileSync(join(root, "src", layer, entry), "utf8").split("\n");
      for (const [i, line] of lines.entries()) {
        const code = line.replace(/^\s*(\/\/|\/?\*).*/, "").replace(/\s\/\/ .*/, "");
        if (FORBIDDEN.test(code)) found.push(`${layer}/${entry}:${i + 1}: ${line.trim()}`);
      }
    }
  expect(found).toEqual([]);
});
