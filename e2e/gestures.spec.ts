/** The picture by hand: each gesture by mouse and by keyboard, the command before and after it, and what comes of it. */
import { expect, type Locator, type Page, test } from "@playwright/test";
import { centre, expectOnScreen, idle, node, open, type Point, run, setSpeed, still } from "./support.ts";

/** The command that letting go would run. */
const preview = (page: Page): Locator => page.locator(".g-preview.shown");
const menu = (page: Page): Locator => page.getByRole("menu").first();
const cable = (page: Page, name: string | RegExp): Locator => page.locator("[data-cable]").filter({ hasText: name }).first();

/** Presses at a point and moves to another as a hand does; the button stays down. */
async function pull(page: Page, from: Point, to: Point): Promise<void> {
  await page.mouse.move(from.x, from.y);
  await page.mouse.down();
  await page.mouse.move(from.x + 6, from.y + 6, { steps: 3 });
  await page.mouse.move(to.x, to.y, { steps: 12 });
}

async function drop(page: Page, line: string | RegExp): Promise<void> {
  await expect(preview(page)).toContainText(line);
  await page.mouse.up();
  await expectOnScreen(page, line);
  await idle(page);
}

test.beforeEach(async ({ page }) => {
  await open(page);
  await setSpeed(page, 4);
  await run(page, "docker network create mine; for c in one two; do docker run -itd --name $c ubuntu:18.04; done");
  await expect(node(page, "two")).toContainText("172.17.0.3");
});

test("by mouse: a container dropped on another pings it and stays where it was; Escape lets it be", async ({ page }) => {
  const at = await still(node(page, "one"));
  await pull(page, at, await centre(node(page, "two")));
  await expect(preview(page)).toContainText("docker exec one ping");
  await page.keyboard.press("Escape");
  await page.mouse.up();
  await expect(preview(page)).toHaveCount(0);
  await pull(page, await still(node(page, "one")), await centre(node(page, "two")));
  await drop(page, /docker exec one ping -c \d+ (two|172\.17\.0\.3)/);
  await expectOnScreen(page, "64 bytes from 172.17.0.3");
  expect(await still(node(page, "one"))).toEqual(at);
  // What becomes of the ping is beside the picture, although the dragged card is selected.
  await expect(page.getByRole("tab", { name: "Journey" })).toHaveAttribute("aria-selected", "true");
});

test("by mouse: a container dropped on a network moves there, and undo brings it back", async ({ page }) => {
  await pull(page, await still(node(page, "one")), await centre(node(page, "mine")));
  await drop(page, "docker network connect mine one");
  await expect(node(page, "one")).toContainText("172.18.0.2");
  await expect(node(page, "one")).not.toContainText("172.17.0.2");
  await page.getByRole("button", { name: /^Undo/ }).click();
  await expect(node(page, "one")).toContainText("172.17.0.2");
});

test("by mouse: a cable drawn to a network connects; pulled off its bridge, it disconnects", async ({ page }) => {
  await node(page, "one").click();
  await still(node(page, "one"));
  await pull(page, await centre(node(page, "one").locator(".g-grip-cable")), await centre(node(page, "mine")));
  await drop(page, "docker network connect mine one");
  await expect(node(page, "one")).toContainText("172.17.0.2");
  await expect(node(page, "one")).toContainText("172.18.0.2");
  const plugged = page.locator(`[data-cable][aria-label*="mine"]`).first();
  await plugged.locator("text").click();
  await still(node(page, "one"));
  const end = await centre(plugged.locator('[data-side="to"]'));
  const canvas = (await page.locator(".canvas-picture").boundingBox()) as { x: number; y: number; width: number; height: number };
  await pull(page, end, { x: canvas.x + 30, y: canvas.y + canvas.height - 40 });
  await drop(page, "docker network disconnect mine one");
  await expect(node(page, "one")).not.toContainText("172.18.0.2");
});

test("by mouse: an arrow drawn from a card pings what it points at; a cable is cut with scissors and mended", async ({ page }) => {
  await node(page, "one").click();
  await still(node(page, "one"));
  await pull(page, await centre(node(page, "one").locator(".g-grip-ping")), await centre(node(page, "server")));
  await drop(page, /docker exec one ping -c \d+ (server|192\.168\.0\.20)/);
  await expectOnScreen(page, "64 bytes from 192.168.0.20");
  const veth = cable(page, /^veth/);
  const name = await veth.getAttribute("data-name");
  await veth.focus();
  await page.keyboard.press("Enter");
  await menu(page)
    .getByRole("menuitem", { name: new RegExp(`${name}`) })
    .click();
  await expectOnScreen(page, `ip link set ${name} down`);
  await idle(page);
  await expect(page.locator(`[data-name="${name}"].cut`)).toHaveCount(1);
  await run(page, "docker exec one ping -c 1 -W 1 172.17.0.3; docker exec two ping -c 1 -W 1 172.17.0.2");
  await expectOnScreen(page, "100% packet loss");
  await page.locator(`[data-name="${name}"] .g-scissors`).dispatchEvent("click");
  await expectOnScreen(page, `ip link set ${name} up`);
  await idle(page);
  await expect(page.locator(`[data-name="${name}"].cut`)).toHaveCount(0);
});

test("by mouse: the room inside the host pushes the whole picture about; a click there chooses the host", async ({ page }) => {
  const one = await still(node(page, "one"));
  const host = (await page.locator(".react-flow__node-frame").boundingBox()) as { x: number; y: number; width: number; height: number };
  const room = { x: host.x + 8, y: host.y + host.height - 40 };
  await pull(page, room, { x: room.x + 60, y: room.y - 30 });
  await page.mouse.up();
  const now = await still(node(page, "one"));
  expect(Math.round(now.x - one.x)).toBe(60);
  expect(Math.round(now.y - one.y)).toBe(-30);
  await page.mouse.click(room.x + 60, room.y - 30);
  await expect(node(page, "docker-host").locator(".chosen")).toBeVisible();
  await page.mouse.click(room.x + 60, room.y - 30, { button: "right" });
  await expect(page.getByRole("menu", { name: /docker-host/ })).toBeVisible();
});

test("by mouse: a box around several selects them; they are stopped, copied and removed together", async ({ page }) => {
  await still(node(page, "two"));
  const a = (await node(page, "one").boundingBox()) as { x: number; y: number; width: number; height: number };
  const b = (await node(page, "two").boundingBox()) as { x: number; y: number; width: number; height: number };
  await page.keyboard.down("Shift");
  await pull(page, { x: Math.min(a.x, b.x) - 12, y: a.y - 12 }, { x: Math.max(a.x, b.x) + a.width + 8, y: b.y + b.height + 8 });
  await page.mouse.up();
  await page.keyboard.up("Shift");
  const bar = page.getByRole("toolbar", { name: "2 selected" });
  await bar.getByRole("button", { name: "Stop" }).hover();
  await expect(preview(page)).toContainText(/docker stop .*one two/);
  await bar.getByRole("button", { name: "Stop" }).click();
  await idle(page);
  await expect(node(page, "one")).toContainText("exited");
  await expect(node(page, "two")).toContainText("exited");
  await bar.getByRole("button", { name: "Remove" }).click();
  await expectOnScreen(page, /docker rm (-f )?one two/);
  await idle(page);
  await expect(node(page, "one")).toHaveCount(0);
  await expect(node(page, "two")).toHaveCount(0);
});

test("by keyboard: from thing to thing with arrows, several with space, copies, stop, start and removal", async ({ page }) => {
  await node(page, "one").focus();
  await page.keyboard.press("ArrowRight");
  await expect(node(page, "two")).toBeFocused();
  await page.keyboard.press("ArrowDown");
  await expect(node(page, "bridge")).toBeFocused();
  await page.keyboard.press("ArrowUp");
  await node(page, "one").focus();
  await page.keyboard.press("Control+a");
  await expect(page.getByRole("toolbar", { name: "3 selected" })).toBeVisible();
  await page.keyboard.press("Escape");
  await expect(page.getByRole("toolbar", { name: /selected/ })).toHaveCount(0);
  await node(page, "one").focus();
  await page.keyboard.press("Space");
  await page.keyboard.press("Control+c");
  await page.keyboard.press("Control+v");
  await expectOnScreen(page, "docker run -itd --name one-2 ubuntu:18.04");
  await idle(page);
  await expect(node(page, "one-2")).toContainText("172.17.0.4");
  await node(page, "one").focus();
  await page.keyboard.press("s");
  await expectOnScreen(page, /docker stop .*one/);
  await idle(page);
  await expect(node(page, "one")).toContainText("exited");
  await node(page, "one").focus();
  await page.keyboard.press("s");
  await expectOnScreen(page, "docker start one");
  await idle(page);
  await node(page, "one").focus();
  await page.keyboard.press("Escape");
  await page.keyboard.press("Delete");
  await expectOnScreen(page, "docker rm -f one");
  await idle(page);
  await expect(node(page, "one")).toHaveCount(0);
});

test("by keyboard: menus ping, connect, move and disconnect, with the command shown before", async ({ page }) => {
  const ask = async (...path: (string | RegExp)[]): Promise<void> => {
    for (const [i, name] of path.entries()) {
      const item = page.getByRole("menuitem", { name, exact: typeof name === "string" });
      await item.focus();
      if (i < path.length - 1) await page.keyboard.press("ArrowRight");
    }
  };
  await node(page, "one").focus();
  await page.keyboard.press("Enter");
  await ask(/^Ping/, "two");
  await expect(page.locator(".g-menu-command")).toContainText(/docker exec one ping/);
  await page.keyboard.press("Enter");
  await expectOnScreen(page, "64 bytes from 172.17.0.3");
  await idle(page);
  await node(page, "one").focus();
  await page.keyboard.press("Enter");
  await ask(/^Connect/, "mine");
  await page.keyboard.press("Enter");
  await expectOnScreen(page, "docker network connect mine one");
  await idle(page);
  await expect(node(page, "one")).toContainText("172.18.0.2");
  await node(page, "one").focus();
  await page.keyboard.press("Enter");
  await ask(/Disconnect.*mine/);
  await expect(page.locator(".g-menu-command")).toContainText("docker network disconnect mine one");
  await page.keyboard.press("Enter");
  await idle(page);
  await expect(node(page, "one")).not.toContainText("172.18.0.2");
  await node(page, "one").focus();
  await page.keyboard.press("Shift+ArrowRight");
  await expect(page.getByRole("button", { name: /^Undo/ })).toBeEnabled();
});

test("a palette entry is dropped where it is wanted; commands are found by Ctrl-K; ? shows the keys", async ({ page }) => {
  await page.getByRole("region", { name: "Add" }).getByRole("button", { name: "Container", exact: true }).dragTo(node(page, "mine"));
  const form = page.getByRole("form");
  await expect(form.getByLabel("Network", { exact: true })).toHaveValue("mine");
  await form.getByLabel("Name", { exact: true }).fill("three");
  await form.getByRole("button", { name: "Run" }).click();
  await idle(page);
  await expect(node(page, "three")).toContainText("172.18.0.2");
  await page.keyboard.press("Control+k");
  await expect(page.getByRole("dialog").getByRole("combobox").or(page.getByRole("dialog").getByRole("textbox"))).toBeFocused();
  await page.keyboard.type("theme");
  await page.keyboard.press("Enter");
  await expect(page.locator("html")).toHaveAttribute("data-theme", "light");
  await node(page, "three").focus();
  await page.keyboard.press("?");
  const sheet = page.getByRole("dialog");
  await expect(sheet).toContainText("Ctrl");
  await page.keyboard.press("Escape");
  await expect(sheet).toHaveCount(0);
});
