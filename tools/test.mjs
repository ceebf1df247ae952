#!/usr/bin/env node
/** npm test: every check, quiet when green. Each suite tells how many passed and failed; the last line adds them up. */
import { spawn } from "node:child_process";
import { mkdirSync, readFileSync, rmSync } from "node:fs";
import { findChromium, installPackages, root } from "./prepare.mjs";

installPackages();
const chromium = await findChromium();
const results = `${root}node_modules/.cache/test-results`;
rmSync(results, { recursive: true, force: true });
mkdirSync(results, { recursive: true });

const bin = (name) => `${root}node_modules/.bin/${name}`;

function run(command, args, env = {}) {
  return new Promise((resolve) => {
    let output = "";
    const child = spawn(command, args, {
      cwd: root,
      env: { ...process.env, ...env, NO_COLOR: "1", FORCE_COLOR: "0" },
      stdio: ["ignore", "pipe", "pipe"],
    });
    child.stdout.on("data", (data) => (output += data));
    child.stderr.on("data", (data) => (output += data));
    child.on("error", (error) => resolve({ status: 1, output: String(error) }));
    child.on("close", (status) => resolve({ status: status ?? 1, output }));
  });
}

let passed = 0;
let failed = 0;

function report(name, ok, output, counts = { passed: ok ? 1 : 0, failed: ok ? 0 : 1 }) {
  passed += counts.passed;
  failed += counts.failed;
  if (!ok) process.stdout.write(`\n--- ${name}\n${output.trimEnd()}\n`);
}

/** A check that is one thing: it holds or it does not. */
const check = async (name, command, args) => {
  const { status, output } = await run(command, args);
  report(name, status === 0, output);
};

const readJson = (file) => {
  try {
    return JSON.parse(readFileSync(file, "utf8"));
  } catch {
    return undefined;
  }
};

async function unit() {
  const file = `${results}/vitest.json`;
  const { status, output } = await run(bin("vitest"), [
    "run",
    "--reporter=dot",
    "--reporter=json",
    `--outputFile.json=${file}`,
    "--silent",
  ]);
  const json = readJson(file);
  report(
    "unit tests",
    status === 0,
    output,
    json ? { passed: json.numPassedTests, failed: Math.max(json.numFailedTests, status === 0 ? 0 : 1) } : { passed: 0, failed: 1 },
  );
}

/** The titles of the end-to-end tests that failed once and then passed. */
function secondTries(suite) {
  const own = (suite?.specs ?? []).filter((spec) => spec.tests.some((test) => test.status === "flaky")).map((spec) => spec.title);
  return [...own, ...(suite?.suites ?? []).flatMap(secondTries)];
}

async function endToEnd() {
  const file = `${results}/playwright.json`;
  const { status, output } = await run(bin("playwright"), ["test", "--reporter=list,json"], {
    PLAYWRIGHT_JSON_OUTPUT_NAME: file,
    CHROMIUM: chromium,
  });
  const json = readJson(file);
  const stats = json?.stats;
  for (const title of secondTries(json)) process.stderr.write(`vethlab: passed only at the second try: ${title}\n`);
  report(
    "end-to-end tests",
    status === 0,
    output,
    stats ? { passed: stats.expected + stats.flaky, failed: Math.max(stats.unexpected, status === 0 ? 0 : 1) } : { passed: 0, failed: 1 },
  );
}

async function statics() {
  await check("types (tsc)", process.execPath, [`${root}node_modules/typescript7/bin/tsc`, "--noEmit", "-p", "."]);
  await check("format and lint (biome)", bin("biome"), ["ci", "--colors=off", "--diagnostic-level=warn", "--max-diagnostics=30", "."]);
  await check("layers (dependency-cruiser)", bin("depcruise"), ["--config", ".dependency-cruiser.mjs", "src"]);
  await check("dead code (knip)", bin("knip"), ["--no-progress"]);
}

async function bundle() {
  await check("build (vite)", bin("vite"), ["build", "--logLevel", "warn"]);
  await check("bundle size (size-limit)", bin("size-limit"), []);
}

const started = Date.now();
const only = process.argv[2];
if (!only || only === "static") await Promise.all([statics(), only ? undefined : unit()]);
if (only === "unit") await unit();
if (!only || only === "e2e") {
  await bundle();
  await endToEnd();
}
process.stderr.write(`vethlab: checked in ${Math.round((Date.now() - started) / 1000)} s\n`);
process.stdout.write(`${passed} passed, ${failed} failed\n`);
process.exitCode = failed === 0 ? 0 : 1;
