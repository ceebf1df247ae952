#!/usr/bin/env node
/** npm run screenshots: takes the README's pictures from the built page, so that they stay true. */
import { mkdirSync } from "node:fs";
import { findChromium, installPackages, root } from "./prepare.mjs";

installPackages();
const { build, preview } = await import("vite");
const { chromium } = await import("@playwright/test");
await build({ root, logLevel: "warn" });
const server = await preview({ root, preview: { port: 4188, strictPort: true, host: "127.0.0.1" }, logLevel: "silent" });
const browser = await chromium.launch({
  executablePath: await findChromium(),
  args: [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
  ],
});
mkdirSync(`${root}public/screenshots`, { recursive: true });

const LINES = [
  "docker network create --driver bridge mybridge",
  "docker run -d --name web -p 8080:80 nginx",
  "docker run -itd --name alias_1 --net mybridge --net-alias alicek106 ubuntu",
  "docker run -itd --name alias_2 --net mybridge --net-alias alicek106 ubuntu",
  "docker network create -d macvlan --subnet=192.168.0.0/24 --ip-range=192.168.0.64/28 --gateway=192.168.0.1 -o parent=eth0 lan",
  "docker run -itd --name printer --net lan alpine",
  "docker run -it --name ping --net mybridge ubuntu:18.04",
];

/** Types a line and waits until a shell waits for the next one. */
async function run(page, line) {
  const body = page.locator("#terminal-body");
  const entries = Number(await body.getAttribute("data-entries")) + 1;
  await page.locator("#terminal textarea").focus();
  await page.keyboard.type(line);
  await page.keyboard.press("Enter");
  await page.locator(`#terminal-body[data-entries="${entries}"][aria-busy="false"]`).waitFor({ timeout: 60_000 });
}

for (const [theme, language] of [
  ["dark", "en"],
  ["light", "ko"],
]) {
  const page = await browser.newPage({ viewport: { width: 1440, height: 900 } });
  await page.goto(`http://127.0.0.1:4188/?theme=${theme}&lang=${language}`);
  await page.locator("#terminal textarea").waitFor({ state: "attached" });
  const speed = page.getByRole("combobox").first();
  await speed.selectOption("4");
  for (const line of LINES) await run(page, line);
  // Slowly enough to catch the question on its way.
  await speed.selectOption("0.25");
  await page.locator("#terminal textarea").focus();
  await page.keyboard.type("ping -c 1 alicek106");
  await page.keyboard.press("Enter");
  await page
    .getByText(/172\.18\.0\.\d is at /)
    .first()
    .waitFor({ timeout: 60_000 });
  await page.waitForTimeout(1200);
  await page.screenshot({ path: `${root}public/screenshots/workbench-${theme}.png` });
  await page.close();
}
await browser.close();
await server.close();
