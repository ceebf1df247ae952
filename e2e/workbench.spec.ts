/** The page around the picture: panels, captions, journey, lists, presenter, undo of places, sessions. */
import { expect, test } from "@playwright/test";
import { expectNothingSerious, expectOnScreen, idle, node, open, run, setSpeed, still, type } from "./support.ts";

test.beforeEach(async ({ page }) => {
  await open(page);
  await setSpeed(page, 4);
});

test("a first visitor sees a living host and three commands to click", async ({ page }) => {
  await expect(node(page, "bridge")).toContainText("172.17.0.1/16");
  const card = page.getByRole("region", { name: "Start here" });
  await expect(card.getByRole("button")).toHaveCount(3);
  await card.getByRole("button", { name: /docker run/ }).click();
  await expect(node(page, "c1")).toContainText("172.17.0.2");
  await expect(card).toHaveCount(0);
});

test("on a projector of 1280 by 720 a first visitor sees the commands, the article's buttons and the palette at once", async ({ page }) => {
  await page.setViewportSize({ width: 1280, height: 720 });
  for (const name of ["Start a container on docker0", "Make a bridge of your own", "Play the article", "Stop", "Container", "Share netns"])
    await expect(page.getByRole("button", { name }).first()).toBeInViewport({ ratio: 1 });
});

test("in a window of 1024 by 720 the article's buttons stand in one row, the tools cover nothing, each border says what it resizes", async ({
  page,
}) => {
  await page.setViewportSize({ width: 1024, height: 720 });
  const tops = [];
  for (const name of ["Play the article", "Next step", "Stop"]) {
    const button = page.getByRole("button", { name, exact: true }).first();
    await expect(button).toBeInViewport({ ratio: 1 });
    const box = await button.boundingBox();
    tops.push(Math.round((box?.y ?? 0) + (box?.height ?? 0) / 2));
  }
  expect(new Set(tops).size).toBe(1);
  const internet = await node(page, "internet").boundingBox();
  const tools = await page.locator(".g-tools").boundingBox();
  const isClear = (one = internet, other = tools): boolean =>
    !one || !other || one.x + one.width <= other.x || one.y + one.height <= other.y;
  expect(isClear()).toBe(true);
  for (const panel of ["Lesson and palette", "Terminal", "Packets", "Journey and inspector"])
    await expect(page.getByRole("separator", { name: `Resize ${panel}` })).toBeVisible();
});

test("in a window of 1024 by 768 both tabs of the packets can be pressed", async ({ page }) => {
  await page.setViewportSize({ width: 1024, height: 768 });
  for (const name of ["Packets", "Events"]) await expect(page.getByRole("tab", { name, exact: true })).toBeInViewport({ ratio: 1 });
  const events = await page.getByRole("tab", { name: "Events", exact: true }).boundingBox();
  const filter = await page.getByRole("searchbox", { name: /filter/i }).boundingBox();
  expect((events?.x ?? 0) + (events?.width ?? 0)).toBeLessThanOrEqual(filter?.x ?? 0);
  await page.getByRole("tab", { name: "Events", exact: true }).click();
  await expect(page.getByRole("tab", { name: "Events", exact: true })).toHaveAttribute("aria-selected", "true");
});

test("Tab goes from the stack's button on to the things of the picture", async ({ page }) => {
  await page.getByRole("button", { name: "Open the host's stack" }).focus();
  await page.keyboard.press("Tab");
  await expect(node(page, "bridge")).toBeFocused();
});

test("text marked from the page into the terminal disturbs nothing", async ({ page }) => {
  const lines = page.locator(".xterm-accessibility-tree > div");
  await expect(lines.first()).toBeAttached();
  const complaints: Error[] = [];
  page.on("pageerror", (error) => complaints.push(error));
  await page.evaluate(() => {
    const tree = document.querySelector(".xterm-accessibility-tree") as Node;
    getSelection()?.setBaseAndExtent(document.querySelector(".start-card p") as Node, 0, tree, 0);
  });
  await run(page, "docker network ls");
  expect(complaints).toEqual([]);
});

test("how a container comes by its address is told step by step, and can be stepped and skipped", async ({ page }) => {
  await run(page, "docker network create mybridge");
  await run(page, "docker run -itd --name c1 --net mybridge ubuntu:18.04");
  const scene = page.getByRole("region", { name: "How c1 gets 172.18.0.2" });
  await expect(scene).toContainText("172.18.0.0/16");
  await page.getByRole("button", { name: "Pause" }).click();
  await scene.getByRole("button", { name: "Play again" }).click();
  // The picture shows what is told, and no more.
  const cable = page.getByRole("button", { name: /^Cable from eth0 of c1/ });
  await expect(node(page, "c1")).not.toContainText("172.18.0.2");
  await expect(cable).toHaveCount(0);
  await scene.getByRole("button", { name: "Next step" }).click();
  await expect(scene).toContainText("Its next free address is 172.18.0.2");
  await scene.getByRole("button", { name: "Next step" }).click();
  await scene.getByRole("button", { name: "Next step" }).click();
  await expect(scene).toContainText("is called eth0");
  await expect(node(page, "c1")).toContainText("172.18.0.2");
  await expect(cable).toHaveCount(0);
  await scene.getByRole("button", { name: "Next step" }).click();
  await expect(scene).toContainText(/veth[0-9a-f]{7}, is plugged into mybridge/);
  await expect(cable).toBeVisible();
  await scene.getByRole("button", { name: "Skip" }).click();
  await expect(scene).toHaveCount(0);
});

test("the journey tells each step of a packet and what decided it; a failed one tells where and why", async ({ page }) => {
  for (const name of ["c1", "c2"]) await run(page, `docker run -itd --name ${name} ubuntu:18.04`);
  await run(page, "docker exec c1 ping -c 1 172.17.0.3");
  const row = page.getByRole("button", { name: /^ICMP 172\.17\.0\.2 to 172\.17\.0\.3: echo request seq=1/ });
  await row.click();
  const journey = page.getByRole("complementary", { name: "Journey and inspector" });
  await expect(journey).toContainText("arrived at c2 · eth0");
  await expect(journey).toContainText("172.17.0.0/16 is on eth0, so no gateway is needed");
  await expect(journey).toContainText(/was learned on port veth/);
  await expect(journey.getByText("echo request", { exact: false }).first()).toBeVisible();
  await run(page, "iptables -I DOCKER-USER -p icmp -j DROP");
  await run(page, "docker exec c1 ping -c 1 -W 1 172.17.0.3");
  await page
    .getByRole("button", { name: /echo request seq=1, ended at docker-host/ })
    .first()
    .click();
  await expect(journey).toContainText("✕ ended at docker-host");
  await expect(journey).toContainText("DOCKER-USER rule 1");
  // What would help is a line to click.
  const cure = journey.getByRole("region", { name: "What would help" });
  await expect(cure).toContainText("Delete the rule:");
  await expectNothingSerious(page, "#side-body");
  await cure.getByRole("button", { name: "$ iptables -t filter -D DOCKER-USER 1" }).click();
  await idle(page);
  await run(page, "clear");
  await run(page, "docker exec c1 ping -c 1 -W 1 172.17.0.3");
  await expectOnScreen(page, "0% packet loss");
});

test("packets stand under their command, can be filtered, and housekeeping is hidden until asked for", async ({ page }) => {
  await run(page, "docker run -itd --name c1 ubuntu:18.04");
  await run(page, "ping -c 1 172.17.0.2");
  const list = page.getByRole("region", { name: "Packets, newest last" });
  await expect(list.getByRole("rowheader", { name: "$ ping -c 1 172.17.0.2" })).toBeVisible();
  await expect(list).not.toContainText("NDP");
  await page.getByLabel("Housekeeping").check();
  await expect(list).toContainText("NDP");
  await page.getByLabel("Filter packets").fill("echo reply");
  await expect(list.getByRole("button")).toHaveCount(1);
  await page.getByRole("tab", { name: "Events" }).click();
  await expect(page.getByRole("region", { name: /What the engine/ })).toContainText("bridge hands out 172.17.0.2 to c1");
});

test("panels hide by key and menu, and come back by their handle, also after a reload", async ({ page }) => {
  await page.keyboard.press("Alt+4");
  await expect(page.getByRole("complementary", { name: "Journey and inspector" })).toHaveCount(0);
  await page.reload();
  await expect(page.getByRole("complementary", { name: "Journey and inspector" })).toHaveCount(0);
  await page.getByRole("button", { name: "Show Journey and inspector" }).click();
  await expect(page.getByRole("complementary", { name: "Journey and inspector" })).toBeVisible();
  await page.getByRole("button", { name: "More" }).click();
  await page.getByRole("menuitemcheckbox", { name: /^Packets/ }).click();
  await page.keyboard.press("Escape");
  await expect(page.getByRole("tab", { name: "Packets" })).toHaveCount(0);
  await page.keyboard.press("Alt+3");
  await expect(page.getByRole("tab", { name: "Packets" })).toBeVisible();
});

test("presenter: only picture and terminal, steps forward and back", async ({ page }) => {
  await page.getByRole("button", { name: "Presenter mode" }).click();
  await expect(page.getByRole("complementary", { name: "Journey and inspector" })).toHaveCount(0);
  const caption = page.getByRole("region", { name: "The article, step by step" });
  await caption.getByRole("button", { name: "Next step" }).click();
  await expect(page.locator(".xterm-rows")).toContainText("NETWORK ID");
  await expect(caption).toContainText("2/");
  await caption.getByRole("button", { name: "Next step" }).click();
  await expect(node(page, "c2")).toContainText("172.17.0.3");
  await expect(caption).toContainText("3/", { timeout: 30_000 });
  await caption.getByRole("button", { name: "Step back" }).click();
  await expect(node(page, "c2")).toHaveCount(0);
});

test("where a node was put can be taken back, before the command that came before it", async ({ page }) => {
  await run(page, "docker run -itd --name c1 ubuntu:18.04");
  const card = node(page, "c1");
  await still(card);
  const before = await card.boundingBox();
  // Against the bar that stays: once it is let go, all of the picture may be fitted into view anew.
  const aboveBar = async (): Promise<number> => ((await node(page, "bridge").boundingBox())?.y ?? 0) - ((await card.boundingBox())?.y ?? 0);
  const gap = await aboveBar();
  await card.focus();
  await page.keyboard.press("Escape");
  await page.mouse.move((before?.x ?? 0) + 30, (before?.y ?? 0) + 12);
  await page.mouse.down();
  await page.mouse.move((before?.x ?? 0) + 30, (before?.y ?? 0) + 60, { steps: 6 });
  await page.mouse.up();
  expect(Math.abs((await aboveBar()) - gap)).toBeGreaterThan(10);
  await page.getByRole("button", { name: /^Undo/ }).click();
  await expect.poll(async () => Math.round(((await card.boundingBox())?.y ?? 0) - (before?.y ?? 0))).toBe(0);
  await page.getByRole("button", { name: /^Undo/ }).click();
  await expect(card).toHaveCount(0);
});

test("a new session keeps the one before", async ({ page }) => {
  await run(page, "docker run -itd --name c1 ubuntu:18.04");
  await page.getByRole("button", { name: "More" }).click();
  await page.getByRole("menuitem", { name: "New session" }).click();
  await expect(node(page, "c1")).toHaveCount(0);
  await page.getByRole("button", { name: "Bring it back" }).click();
  await expect(node(page, "c1")).toContainText("172.17.0.2");
});

test("a second tab has a copy of its own", async ({ page, context }) => {
  await run(page, "docker run -itd --name c1 ubuntu:18.04");
  const other = await context.newPage();
  await other.goto("/");
  await expect(node(other, "c1")).toContainText("172.17.0.2");
  await expect(other.getByText("open in another tab")).toBeVisible();
  await run(other, "docker rm -f c1");
  await page.reload();
  await expect(node(page, "c1")).toContainText("172.17.0.2");
});

test("what came of a command is said to who does not see the picture", async ({ page }) => {
  await run(page, "docker run -itd --name c1 ubuntu:18.04");
  await expect(page.getByRole("log", { name: "What happened" })).toContainText("bridge hands out 172.17.0.2 to c1");
  await run(page, "docker exec c1 ping -c 1 -W 1 10.9.9.9");
  await expect(page.getByRole("log", { name: "What happened" })).toContainText(/ended at/);
});

test("looking back along the timeline: by keyboard and by mouse, and back to now", async ({ page }) => {
  for (const name of ["c1", "c2"]) await run(page, `docker run -itd --name ${name} ubuntu:18.04`);
  const timeline = page.getByRole("slider", { name: "What has happened" });
  const notice = page.getByRole("complementary", { name: "Looking back" });
  await expect(timeline).toHaveAttribute("aria-valuetext", "the present");
  await timeline.focus();
  for (let steps = 0; steps < 60 && (await node(page, "c2").count()) > 0; steps++) await page.keyboard.press("ArrowLeft");
  await expect(node(page, "c2")).toHaveCount(0);
  await expect(node(page, "c1")).toBeVisible();
  await expect(notice).toContainText("Terminals and tables show the present");
  await page.keyboard.press("End");
  await expect(node(page, "c2")).toContainText("172.17.0.3");
  await expect(notice).toHaveCount(0);
  await page.keyboard.press("Alt+ArrowLeft");
  await expect(notice).toBeVisible();
  const bar = await timeline.boundingBox();
  await page.mouse.click((bar?.x ?? 0) + 9, (bar?.y ?? 0) + (bar?.height ?? 0) / 2);
  await expect(node(page, "c1")).toHaveCount(0);
  await notice.getByRole("button", { name: "Back to now" }).click();
  await expect(node(page, "c2")).toContainText("172.17.0.3");
});

test("a packet is watched again; a command typed in the past goes on from there, and what came after can be brought back", async ({
  page,
}) => {
  for (const name of ["c1", "c2"]) await run(page, `docker run -itd --name ${name} ubuntu:18.04`);
  await run(page, "docker exec c1 ping -c 1 172.17.0.3");
  await run(page, "docker rm -f c2");
  await page.getByRole("button", { name: /^ICMP 172\.17\.0\.2 to 172\.17\.0\.3: echo request seq=1/ }).click();
  await page.getByRole("button", { name: "Watch again" }).click();
  await expect(node(page, "c2")).toContainText("172.17.0.3");
  // It stops where the packet has ended.
  await expect(page.getByRole("button", { name: "Play", exact: true })).toBeVisible();
  await type(page, "docker ps --format '{{.Names}}'");
  await expectOnScreen(page, "c2c1");
  const note = page.getByRole("status").filter({ hasText: "an earlier moment" });
  await note.getByRole("button", { name: "Bring it back" }).click();
  await expectOnScreen(page, "docker rm -f c2");
  await expect(node(page, "c2")).toHaveCount(0);
});

test("time: pause, step, speed by key", async ({ page }) => {
  await page.keyboard.press("Alt+Comma");
  await expect(page.getByLabel("Speed")).toHaveValue("2");
  await page.getByRole("button", { name: "Pause" }).click();
  await page.locator("#terminal textarea").focus();
  await page.keyboard.type("docker run -itd --name c1 ubuntu:18.04");
  await page.keyboard.press("Enter");
  await expect(page.locator("#terminal-body")).toHaveAttribute("aria-busy", "true");
  for (let i = 0; i < 3; i++) await page.getByRole("button", { name: "Step", exact: true }).click();
  await page.getByRole("button", { name: "Play", exact: true }).click();
  await idle(page);
  await expect(node(page, "c1")).toContainText("172.17.0.2");
});
