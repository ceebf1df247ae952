/** What both commands need before they can run: npm packages, and for the tests a Chromium. Says what it does. */
import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

export const root = fileURLToPath(new URL("..", import.meta.url));

const say = (text) => process.stderr.write(`vethlab: ${text}\n`);

/** Runs npm ci unless node_modules is already what package-lock.json asks for. */
export function installPackages() {
  const wanted = `${root}package-lock.json`;
  const have = `${root}node_modules/.package-lock.json`;
  if (existsSync(have)) {
    const versions = (file) =>
      Object.entries(JSON.parse(readFileSync(file, "utf8")).packages)
        .filter(([path, entry]) => path !== "" && !entry.optional)
        .map(([path, { version }]) => `${path}@${version}`)
        .join();
    if (versions(wanted) === versions(have)) return;
  }
  say("installing npm packages");
  const done = spawnSync("npm", ["ci", "--no-audit", "--no-fund", "--loglevel=error"], {
    cwd: root,
    stdio: ["ignore", "ignore", "inherit"],
    shell: process.platform === "win32",
  });
  if (done.status !== 0) {
    say("npm ci failed: check the network, then run the command again");
    process.exit(1);
  }
}

const KNOWN_PLACES = [
  "/usr/bin/chromium",
  "/usr/bin/chromium-browser",
  "/usr/bin/google-chrome",
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
  "/Applications/Chromium.app/Contents/MacOS/Chromium",
  "C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe",
];

/** The path of a Chromium: the one named in CHROMIUM, the machine's own, Playwright's, or Debian's package installed now. */
export async function findChromium() {
  const own = [process.env.CHROMIUM, ...KNOWN_PLACES].find((path) => path && existsSync(path));
  if (own) return own;
  const { chromium } = await import("@playwright/test");
  if (existsSync(chromium.executablePath())) return chromium.executablePath();
  if (existsSync("/usr/bin/apt-get") && process.getuid?.() === 0) {
    say("installing Debian's chromium");
    spawnSync("apt-get", ["update", "-qq"], { stdio: "ignore" });
    spawnSync("apt-get", ["install", "-y", "-qq", "--no-install-recommends", "chromium", "fonts-noto-cjk"], {
      stdio: "ignore",
      env: { ...process.env, DEBIAN_FRONTEND: "noninteractive" },
    });
    if (existsSync("/usr/bin/chromium")) return "/usr/bin/chromium";
  }
  say("downloading Playwright's Chromium");
  try {
    execFileSync(process.execPath, [`${root}node_modules/@playwright/test/cli.js`, "install", "chromium"], { stdio: "ignore" });
  } catch {
    say("no Chromium could be had: install one and name it in the environment variable CHROMIUM");
    process.exit(1);
  }
  return chromium.executablePath();
}
