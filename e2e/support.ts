/** What the end-to-end tests share: opening the page afresh, typing on a terminal, reading it, finding nodes by name. */
import AxeBuilder from "@axe-core/playwright";
import { expect, type Locator, type Page } from "@playwright/test";

/** Opens the page with nothing kept from before but `session`, in a language and theme. Anything the page asks of a network fails the test. */
export async function open(
  page: Page,
  options: { readonly language?: "en" | "ko"; readonly theme?: "dark" | "light"; readonly session?: unknown } = {},
): Promise<void> {
  await page.route(/^(?!http:\/\/127\.0\.0\.1)/, (route) => {
    throw new Error(`the page asked for ${route.request().url()}`);
  });
  // What the browser complains of is a fault, even where the page goes on.
  page.on("console", (message) => {
    if (message.type() === "error") throw new Error(`the page complained: ${message.text()}`);
  });
  page.on("pageerror", (error) => {
    throw error;
  });
  await page.addInitScript(
    ({ language, theme, session }) => {
      if (sessionStorage.getItem("opened")) return;
      sessionStorage.setItem("opened", "yes");
      localStorage.clear();
      localStorage.setItem("vethlab.preferences", JSON.stringify({ language, theme }));
      if (session) localStorage.setItem("vethlab.session", JSON.stringify(session));
    },
    { language: options.language ?? "en", theme: options.theme ?? "dark", session: options.session },
  );
  await page.goto("/");
  await expect(prompt(page)).toBeVisible();
}

const prompt = (page: Page): Locator => page.locator(".xterm-rows");

/** The lines that the terminal's screen shows, wrapped ones joined. */
export async function screenText(page: Page): Promise<string> {
  return (await page.locator(".xterm-rows > div").allInnerTexts()).map((line) => line.replaceAll("\u00a0", " ").trimEnd()).join("\n");
}

/** Types a line on the terminal that is open, key by key, and presses Enter. */
export async function type(page: Page, line: string): Promise<void> {
  await page.locator("#terminal textarea").focus();
  await page.keyboard.type(line);
  await page.keyboard.press("Enter");
}

/** Pastes a line, presses Enter and waits until it has ended: the shell is back at a prompt that ends the screen. */
export async function run(page: Page, line: string): Promise<void> {
  const body = page.locator("#terminal-body");
  const before = Number(await body.getAttribute("data-entries"));
  await page.locator("#terminal textarea").evaluate((area, text) => {
    const clipboardData = new DataTransfer();
    clipboardData.setData("text/plain", text);
    (area as HTMLTextAreaElement).focus();
    area.dispatchEvent(new ClipboardEvent("paste", { clipboardData, bubbles: true, cancelable: true }));
  }, line);
  await page.keyboard.press("Enter");
  await expect(body).toHaveAttribute("data-entries", String(before + 1));
  await idle(page);
}

/** Waits until the open terminal waits at a prompt. */
export async function idle(page: Page): Promise<void> {
  await expect(page.locator("#terminal-body")).toHaveAttribute("aria-busy", "false", { timeout: 45_000 });
  await expect.poll(async () => /[#$] ?$/.test((await screenText(page)).trimEnd()), { timeout: 45_000, intervals: [60] }).toBe(true);
}

export async function expectOnScreen(page: Page, text: string | RegExp): Promise<void> {
  await expect
    .poll(
      async () => {
        const screen = (await screenText(page)).replaceAll("\n", "");
        return typeof text === "string" ? screen.includes(text) : text.test(screen);
      },
      { message: `the terminal shows ${text}`, timeout: 45_000 },
    )
    .toBe(true);
}

/** Sets how fast time passes, in either language. */
export const setSpeed = (page: Page, speed: number): Promise<string[]> =>
  page.getByRole("combobox", { name: /^(Speed|속도)$/ }).selectOption(String(speed));

/** A node of the picture by the name that a person calls it: a container's, network's or machine's. */
export const node = (page: Page, name: string): Locator => page.locator(`[data-name="${name}"]`).first();

export interface Point {
  readonly x: number;
  readonly y: number;
}

/** The middle of what is on the picture, in pixels of the page. */
export async function centre(place: Locator): Promise<Point> {
  const box = await place.boundingBox();
  if (!box) throw new Error("it is not on the picture");
  return { x: box.x + box.width / 2, y: box.y + box.height / 2 };
}

/** Waits until the picture stands still: what is grabbed must be where it was seen. */
export async function still(place: Locator): Promise<Point> {
  let before = await centre(place);
  await expect
    .poll(async () => {
      const now = await centre(place);
      const moved = Math.hypot(now.x - before.x, now.y - before.y);
      before = now;
      return moved;
    })
    .toBeLessThan(0.5);
  return before;
}

/** Nothing that axe calls serious or critical, in the part of the page that is named, or in all of it but the terminal's own screen. */
export async function expectNothingSerious(page: Page, part?: string): Promise<void> {
  const axe = new AxeBuilder({ page });
  const { violations } = await (part ? axe.include(part) : axe.exclude(".xterm")).analyze();
  const serious = violations.filter((one) => one.impact === "serious" || one.impact === "critical");
  expect(serious.map((one) => `${one.id}: ${one.nodes.map((found) => found.html).join(" | ")}`)).toEqual([]);
}
