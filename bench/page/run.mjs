/**
 * Speeds of the page, measured in Chromium: `name: number unit`. The page is the built one, its scenes are saved sessions of
 * as many `docker run` lines, its viewport is panned by mouse events, and frames are counted by requestAnimationFrame. Ratios
 * compare with bare React Flow in the same run.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { findChromium, root } from "../../tools/prepare.mjs";

const SECONDS = 4;
const SIZE = { width: 1440, height: 900 };
const FLAGS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

/** Where both sides would run into the screen's own rate, neither would show what it can do. */
const UNCAPPED = ["--disable-frame-rate-limit", "--disable-gpu-vsync"];

const say = (name, value, unit) =>
  process.stdout.write(`${name}: ${value >= 100 ? Math.round(value) : Number(value.toPrecision(3))} ${unit}\n`);
const median = (values) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];

/** A saved session: containers c0, c1, … spread over networks n0, n1, …; on docker0 alone when there is no other network. */
function sessionOf(containers, networks) {
  const lines = [];
  for (let n = 0; n < networks; n++) lines.push(`docker network create --subnet 10.${n + 1}.0.0/16 n${n}`);
  for (let i = 0; i < containers; i++) lines.push(`docker run -itd --name c${i} ${networks > 0 ? `--net n${i % networks} ` : ""}alpine`);
  // Each is typed when the one before has long ended.
  const entries = lines.map((line, i) => ({ at: i * 400_000, terminal: "docker-host", line }));
  return { seed: 1, entries, cursor: entries.length, reached: entries.length * 400_000 + 20_000_000 };
}

const command = { flags: [], measure: commandBench };

/** What is measured together, by the figure it is asked for by. */
const parts = {
  "pan-1000-ratio": { flags: UNCAPPED, measure: (open) => panBench(open, 1000, 40) },
  "pan-3000-ratio": { flags: UNCAPPED, measure: (open) => panBench(open, 3000, 40) },
  "packets-300-ratio": { flags: [], measure: packetsBench },
  "run-to-paint-300": command,
  "undo-300": command,
};
export const pageFigures = Object.keys(parts);

/** Builds the page and bare React Flow, serves both, measures the figures named, and clears up. */
export async function benchPage(figures = pageFigures) {
  const { build, preview } = await import("vite");
  const react = (await import("@vitejs/plugin-react")).default;
  const { chromium } = await import("@playwright/test");
  const out = mkdtempSync(join(tmpdir(), "vethlab-bench-"));
  const bareRoot = fileURLToPath(new URL(".", import.meta.url));
  await build({ root, logLevel: "error", build: { outDir: `${out}/page`, emptyOutDir: true } });
  await build({
    root: bareRoot,
    configFile: false,
    base: "./",
    plugins: [react()],
    logLevel: "error",
    build: { outDir: `${out}/page/bare` },
  });
  const server = await preview({ root, logLevel: "silent", build: { outDir: `${out}/page` }, preview: { port: 0, host: "127.0.0.1" } });
  const address = server.httpServer.address();
  const origin = `http://127.0.0.1:${typeof address === "object" && address ? address.port : 0}`;
  try {
    for (const { flags, measure } of new Set(figures.map((figure) => parts[figure]))) {
      const browser = await chromium.launch({ executablePath: await findChromium(), args: [...FLAGS, ...flags] });
      await measure((path, session) => openPage(browser, `${origin}/${path}`, session)).finally(() => browser.close());
    }
  } finally {
    await server.close();
    rmSync(out, { recursive: true, force: true });
  }
}

async function openPage(browser, url, session) {
  const page = await browser.newPage({ viewport: SIZE });
  await page.addInitScript((saved) => {
    // Tells whether a frame is being made: what changes then is painted with it, what changes between two with the next.
    const next = globalThis.requestAnimationFrame.bind(globalThis);
    const after = new MessageChannel();
    after.port1.onmessage = () => {
      globalThis.makingFrame = false;
    };
    globalThis.requestAnimationFrame = (callback) =>
      next((time) => {
        if (!globalThis.makingFrame) after.port2.postMessage(0);
        globalThis.makingFrame = true;
        callback(time);
      });
    if (sessionStorage.getItem("opened")) return;
    sessionStorage.setItem("opened", "yes");
    localStorage.setItem("vethlab.preferences", JSON.stringify({ language: "en", theme: "dark", hintsSeen: ["ping", "cut", "menu"] }));
    if (saved) localStorage.setItem("vethlab.session", JSON.stringify(saved));
  }, session);
  await page.goto(url);
  await page.locator(".react-flow__viewport").waitFor({ timeout: 120_000 });
  return page;
}

/**
 * Frames a second while the pane is pushed about by the mouse, from a place where nothing stands. The button goes down and up
 * as a hand's would; between, the page is sent one move a frame, since moves from outside come some 45 times a second, and
 * neither side could then show more frames than those.
 */
async function panSpeed(page) {
  await page.waitForTimeout(1500);
  const start = await emptySpot(page);
  await page.mouse.move(start.x, start.y);
  await page.mouse.down();
  await page.mouse.move(start.x + 5, start.y + 5);
  const speed = await page.evaluate(
    ({ start, ms }) =>
      new Promise((resolve) => {
        let frames = 0;
        const began = performance.now();
        const tick = (now) => {
          if (now - began >= ms) return resolve((frames * 1000) / (now - began));
          frames++;
          // In circles wide enough that new parts come into view.
          const angle = frames / 14;
          const to = { clientX: start.x + 150 * (1 - Math.cos(angle)), clientY: start.y + 110 * Math.sin(angle) };
          const over = document.elementFromPoint(to.clientX, to.clientY) ?? document.body;
          over.dispatchEvent(new MouseEvent("mousemove", { ...to, bubbles: true, cancelable: true, view: window, buttons: 1 }));
          requestAnimationFrame(tick);
        };
        requestAnimationFrame(tick);
      }),
    { start, ms: SECONDS * 1000 },
  );
  await page.mouse.up();
  return speed;
}

const emptySpot = (page) =>
  page.evaluate(() => {
    const pane = document.querySelector(".react-flow__pane");
    const box = pane.getBoundingClientRect();
    for (let y = box.top + 12; y < box.bottom - 12; y += 6)
      for (let x = box.left + 12; x < box.right - 320; x += 10) if (document.elementFromPoint(x, y) === pane) return { x, y };
    throw new Error("nowhere to take hold of the pane");
  });

const zoomOf = (page) => page.evaluate(() => new DOMMatrix(getComputedStyle(document.querySelector(".react-flow__viewport")).transform).a);

/** Zooms in about the middle of the picture until cards can be read. */
async function zoomIn(page) {
  const box = await page.locator(".react-flow__pane").boundingBox();
  await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
  for (let i = 0; i < 80 && (await zoomOf(page)) < 0.9; i++) {
    await page.mouse.wheel(0, -120);
    await page.waitForTimeout(30);
  }
}

async function panBench(open, containers, networks) {
  const speeds = { bare: [], far: [], near: [] };
  const bare = await open(`bare/index.html#${containers}`);
  const page = await open("index.html", sessionOf(containers, networks));
  await settled(page, containers);
  for (let round = 0; round < 3; round++) {
    await bare.bringToFront();
    speeds.bare.push(await panSpeed(bare));
    await page.bringToFront();
    speeds.far.push(await panSpeed(page));
  }
  await zoomIn(page);
  speeds.near.push(await panSpeed(page));
  await bare.close();
  await page.close();
  say(`pan-${containers}-bare`, median(speeds.bare), "frames per second");
  say(`pan-${containers}`, median(speeds.far), "frames per second");
  say(`pan-${containers}-ratio`, median(speeds.far) / median(speeds.bare), "times bare React Flow");
  say(`pan-${containers}-near-ratio`, median(speeds.near) / median(speeds.bare), "times bare React Flow");
}

/** Waits until all containers are there. */
async function settled(page, containers) {
  await page.waitForFunction((count) => Number(document.querySelector(".g-root")?.getAttribute("data-containers")) >= count, containers, {
    timeout: 180_000,
  });
}

/** Frames a second with at least 50 frames of one flood on their cables, and on a page with nothing on it. */
async function packetsBench(open) {
  const page = await open("index.html", sessionOf(300, 5));
  await settled(page, 300);
  await page.getByLabel("Speed").selectOption("0.25");
  const type = async (line) => {
    await page.locator("#terminal textarea").focus();
    await page.keyboard.type(line);
    await page.keyboard.press("Enter");
  };
  await type("docker exec c0 ping 10.1.9.9");
  const busy = await framesWhile(page, 50, SECONDS * 2);
  await page.close();
  const empty = await open("index.html", undefined);
  await empty.locator(".xterm-rows").waitFor();
  await empty.waitForTimeout(1500);
  const idle = await framesWhile(empty, 0, SECONDS);
  await empty.close();
  say("packets-300", busy, "frames per second");
  say("packets-300-ratio", busy / idle, "times an empty canvas");
}

/** Frames a second, counted only while at least so many packets are in flight. */
const framesWhile = (page, flying, seconds) =>
  page.evaluate(
    ({ flying, seconds }) =>
      new Promise((resolve, reject) => {
        const canvas = document.querySelector(".g-packets");
        let frames = 0;
        let counted = 0;
        let last = performance.now();
        const began = last;
        const tick = (now) => {
          if (Number(canvas.dataset.flying ?? 0) >= flying) {
            frames++;
            counted += now - last;
          }
          last = now;
          if (counted >= seconds * 1000) resolve((frames * 1000) / counted);
          else if (now - began > 120_000) reject(new Error("never so many packets in flight"));
          else requestAnimationFrame(tick);
        };
        requestAnimationFrame(tick);
      }),
    { flying, seconds },
  );

/** From Enter to the painted change of a `docker run`, and an undo of it, with 300 containers there. */
async function commandBench(open) {
  const page = await open("index.html", sessionOf(300, 5));
  await settled(page, 300);
  await page.locator(".xterm-rows").waitFor();
  await page.waitForTimeout(2500);
  const runs = [];
  const undos = [];
  for (let i = 0; i < 11; i++) {
    await page.locator("#terminal textarea").focus();
    await page.keyboard.type(`docker run -itd --name late${i} --net n0 alpine`);
    runs.push(await paintedAfter(page, "Enter", 301));
    await page.waitForFunction(() => document.querySelector("#terminal-body")?.getAttribute("aria-busy") === "false");
    await page.waitForTimeout(1200);
    await page.evaluate(() => document.activeElement?.blur());
    undos.push(await paintedAfter(page, "Control+z", 300));
    await page.waitForTimeout(1200);
  }
  await page.close();
  say("run-to-paint-300", median(runs), "milliseconds");
  say("undo-300", median(undos), "milliseconds");
}

/** Milliseconds from a key going down to the first painted frame in which the picture holds so many containers. */
async function paintedAfter(page, key, containers) {
  // The watch must stand before the key is pressed: a result that comes first would never be seen.
  const watch = await page.evaluateHandle((containers) => {
    const root = document.querySelector(".g-root");
    let pressed = 0;
    const onKey = (event) => {
      // Of a chord, the last key is what counts.
      pressed = event.timeStamp;
    };
    addEventListener("keydown", onKey, true);
    return {
      painted: new Promise((resolve) => {
        const observer = new MutationObserver(() => {
          if (pressed === 0 || Number(root.getAttribute("data-containers")) !== containers) return;
          observer.disconnect();
          removeEventListener("keydown", onKey, true);
          // Once the frame has been handed over, what changed in it has been painted.
          const channel = new MessageChannel();
          channel.port1.onmessage = () => resolve(performance.now() - pressed);
          const handedOver = () => channel.port2.postMessage(0);
          if (globalThis.makingFrame) handedOver();
          else requestAnimationFrame(handedOver);
        });
        observer.observe(root, { attributes: true, attributeFilter: ["data-containers"] });
      }),
    };
  }, containers);
  await page.keyboard.press(key);
  return watch.evaluate(({ painted }) => painted);
}
