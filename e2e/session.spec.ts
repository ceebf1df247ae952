/** The session: undo, redo, reload, errors, languages, themes, a phone's width. */
import { expect, test } from "@playwright/test";
import { expectNothingSerious, expectOnScreen, idle, node, open, run, screenText, setSpeed, type } from "./support.ts";

test("undo and redo of every command, also after a reload", async ({ page }) => {
  await open(page);
  await setSpeed(page, 4);
  await run(page, "docker run -itd --name c1 ubuntu:18.04");
  await run(page, "docker run -itd --name c2 ubuntu:18.04");
  await expect(node(page, "c2")).toContainText("172.17.0.3");
  const before = await screenText(page);
  await page.getByRole("button", { name: /^Undo: docker run/ }).click();
  await expect(node(page, "c2")).toHaveCount(0);
  await expect(node(page, "c1")).toContainText("172.17.0.2");
  await page.getByRole("button", { name: /^Redo: docker run/ }).click();
  await expect(node(page, "c2")).toContainText("172.17.0.3");
  await expect.poll(() => screenText(page)).toBe(before);
  await page.reload();
  await expect(node(page, "c2")).toContainText("172.17.0.3");
  await expect.poll(() => screenText(page)).toBe(before);
  await page.getByRole("button", { name: /^Undo: docker run/ }).click();
  await expect(node(page, "c2")).toHaveCount(0);
});

test("a session that cannot be read is set aside, and said; a storage that takes nothing is said once", async ({ page }) => {
  await open(page);
  await page.evaluate(() => localStorage.setItem("vethlab.session", "{ no session"));
  // The page writes what it has as it goes.
  await page.addInitScript(() => {
    if (localStorage.getItem("vethlab.session") !== null) localStorage.setItem("vethlab.session", "{ no session");
  });
  await page.reload();
  await expect(page.getByRole("status").filter({ hasText: "could not be read" })).toBeVisible();
  expect(await page.evaluate(() => localStorage.getItem("vethlab.session.unreadable"))).toBe("{ no session");
  await page.evaluate(() => {
    Storage.prototype.setItem = () => {
      throw new DOMException("full", "QuotaExceededError");
    };
  });
  await run(page, "docker network create mine");
  await expect(page.getByRole("status").filter({ hasText: "keeps nothing now" })).toBeVisible();
  await expect(node(page, "mine")).toBeVisible();
});

test("axe finds nothing serious while a failed packet is told, in light", async ({ page }) => {
  await open(page, { theme: "light", language: "ko" });
  await setSpeed(page, 4);
  await run(page, "ping -c 1 -W 1 192.168.0.64");
  await expect(page.locator(".packet-rows tr.current .bad")).toBeVisible();
  await expectNothingSerious(page);
});

test("a running ping goes on after a reload, and Ctrl-C ends it", async ({ page }) => {
  await open(page);
  await setSpeed(page, 4);
  await run(page, "docker run -itd --name c1 ubuntu:18.04");
  await type(page, "ping 172.17.0.2");
  await expectOnScreen(page, "icmp_seq=2");
  await page.reload();
  await expectOnScreen(page, "icmp_seq=2");
  await expectOnScreen(page, "icmp_seq=4");
  await page.locator("#terminal textarea").focus();
  await page.keyboard.press("Control+c");
  await expectOnScreen(page, "ping statistics");
  await idle(page);
});

test("what is typed wrong is answered as the real tools answer", async ({ page }) => {
  await open(page);
  await run(page, "dokcer ps");
  await expectOnScreen(page, "dokcer: command not found");
  await run(page, "docker run --nosuchflag alpine");
  await expectOnScreen(page, "unknown flag: --nosuchflag");
  await run(page, "docker run -itd foo");
  await expectOnScreen(page, "pull access denied for foo");
});

test("history, completion and editing on the terminal", async ({ page }) => {
  await open(page);
  await run(page, "echo first");
  await page.locator("#terminal textarea").focus();
  await page.keyboard.type("docker netw");
  await page.keyboard.press("Tab");
  await page.keyboard.type("l");
  await page.keyboard.press("Tab");
  await expectOnScreen(page, "docker network ls");
  await page.keyboard.press("Control+u");
  await page.keyboard.press("ArrowUp");
  await page.keyboard.press("Enter");
  await expect.poll(async () => (await screenText(page)).match(/^first$/gm)?.length).toBe(2);
});

for (const theme of ["dark", "light"] as const)
  for (const language of ["en", "ko"] as const)
    test(`axe finds nothing serious: ${theme}, ${language}`, async ({ page }) => {
      await open(page, { theme, language });
      await setSpeed(page, 4);
      await run(page, "docker network create mybridge");
      await run(page, "docker run -d --name web --net mybridge -p 8080:80 nginx");
      await expect(node(page, "web")).toContainText("172.18.0.2");
      await expectNothingSerious(page);
      await expect(page.locator("html")).toHaveAttribute("lang", language);
    });

test("on a phone the page can be read and played", async ({ page }) => {
  await page.setViewportSize({ width: 390, height: 844 });
  await open(page);
  await expect(page.getByRole("button", { name: /Pause|Play/ }).first()).toBeVisible();
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(390);
  await run(page, "docker run -itd --name c1 ubuntu:18.04");
  await expect(node(page, "c1")).toContainText("172.17.0.2");
});
