/** Forms: what would be refused is told beside the field before anything runs, and nothing typed is lost. */
import { expect, type Locator, type Page, test } from "@playwright/test";
import { expectNothingSerious, expectOnScreen, idle, node, open, run, setSpeed } from "./support.ts";

const add = (page: Page): Locator => page.getByRole("region", { name: "Add" });
const form = (page: Page): Locator => page.getByRole("form");
const field = (page: Page, label: string): Locator => form(page).getByLabel(label, { exact: true });
const line = (page: Page): Locator => field(page, "Command line");

/** What is told beside a field, tied to it for those who cannot see it. */
async function told(page: Page, label: string): Promise<string> {
  const input = field(page, label);
  await expect(input).toHaveAttribute("aria-invalid", "true");
  const id = await input.getAttribute("aria-describedby");
  return (await page.locator(`[id="${id}"]`).textContent()) ?? "";
}

async function openFor(page: Page, entry: string): Promise<void> {
  await add(page).getByRole("button", { name: entry, exact: true }).click();
  await expect(form(page)).toBeVisible();
}

test.describe("in English", () => {
  test.beforeEach(async ({ page }) => {
    await open(page);
    await setSpeed(page, 4);
  });

  test("a container by keyboard alone: fields, line, Enter", async ({ page }) => {
    await add(page).getByRole("button", { name: "Container", exact: true }).focus();
    await page.keyboard.press("Enter");
    await expect(field(page, "Name")).toBeFocused();
    await page.keyboard.type("web");
    await page.keyboard.press("Tab");
    await expect(field(page, "Image")).toBeFocused();
    await page.keyboard.press("Control+a");
    await page.keyboard.type("nginx");
    await expect(line(page)).toHaveValue("docker run -d --name web nginx");
    await field(page, "Published ports").focus();
    await page.keyboard.type("8080:80");
    await expect(line(page)).toHaveValue("docker run -d --name web -p 8080:80 nginx");
    await page.keyboard.press("Enter");
    await expect(form(page)).toHaveCount(0);
    await expectOnScreen(page, "docker run -d --name web -p 8080:80 nginx");
    await idle(page);
    await expect(node(page, "web")).toContainText("172.17.0.2");
  });

  test("a taken name, an address outside and one that is taken, a taken port, a bad reference: each beside its field", async ({ page }) => {
    await run(page, "docker network create --subnet 10.9.0.0/24 mine");
    await run(page, "docker run -d --name web --net mine -p 8080:80 nginx");
    await openFor(page, "Container");
    await field(page, "Name").fill("web");
    expect(await told(page, "Name")).toContain('Conflict. The container name "/web" is already in use by container');
    await field(page, "Image").fill("Nginx:");
    expect(await told(page, "Image")).toBe("invalid reference format");
    await field(page, "Network").selectOption("mine");
    await expect(field(page, "IP address")).toHaveAttribute("placeholder", "next free: 10.9.0.3");
    await field(page, "IP address").fill("10.1.0.9");
    expect(await told(page, "IP address")).toContain("no configured subnet or ip-range contain the IP address 10.1.0.9");
    await field(page, "IP address").fill("10.9.0.2");
    expect(await told(page, "IP address")).toContain("Address already in use");
    await field(page, "Published ports").fill("8080:80");
    expect(await told(page, "Published ports")).toContain("port is already allocated");
    await form(page).getByRole("button", { name: "Run" }).click();
    await expect(field(page, "Name")).toBeFocused();
    await expect(form(page)).toContainText("4 to fix first");
    await field(page, "Name").fill("web2");
    await field(page, "Image").fill("nginx");
    await field(page, "IP address").fill("");
    await field(page, "Published ports").fill("8081:80");
    await form(page).getByRole("button", { name: "Run" }).click();
    await idle(page);
    await expect(node(page, "web2")).toContainText("10.9.0.3");
  });

  test("an overlapping subnet, a gateway outside, a taken name: told before a network is made", async ({ page }) => {
    await run(page, "docker network create --subnet 10.9.0.0/24 mine");
    await openFor(page, "Bridge");
    await expect(field(page, "Name")).toHaveValue("mybridge");
    await field(page, "Name").fill("mine");
    expect(await told(page, "Name")).toBe("network with name mine already exists");
    await field(page, "Subnet").fill("10.9.0.128/25");
    expect(await told(page, "Subnet")).toBe("invalid pool request: Pool overlaps with other one on this address space");
    await field(page, "Name").fill("yours");
    await field(page, "Subnet").fill("10.8.0.0/24");
    await field(page, "Gateway").fill("10.7.0.1");
    expect(await told(page, "Gateway")).toBe("no matching subnet for gateway 10.7.0.1");
    await field(page, "Gateway").fill("10.8.0.254");
    await form(page).getByText("More", { exact: true }).click();
    await form(page).getByLabel("Containers reach each other").uncheck();
    await expect(line(page)).toHaveValue(
      "docker network create --subnet=10.8.0.0/24 --gateway=10.8.0.254 -o com.docker.network.bridge.enable_icc=false yours",
    );
    await page.keyboard.press("Escape");
    await expect(form(page)).toHaveCount(0);
    await openFor(page, "Bridge");
    await expect(field(page, "Gateway")).toHaveValue("10.8.0.254");
    await form(page).getByRole("button", { name: "Run" }).click();
    await idle(page);
    await expect(node(page, "yours")).toContainText("10.8.0.254/24");
  });

  test("an unknown network in a line typed by hand; the line and the fields follow each other", async ({ page }) => {
    await openFor(page, "Container");
    await line(page).fill("docker run -itd --name c9 --net nosuch --rm alpine");
    await expect(field(page, "Name")).toHaveValue("c9");
    expect(await told(page, "Network")).toContain("network nosuch not found");
    await field(page, "Network").selectOption("bridge");
    await expect(line(page)).toHaveValue("docker run -itd --name c9 --rm alpine");
    await line(page).fill("docker ps -a | cat");
    await expect(form(page)).toContainText("Changed by hand");
    await expect(field(page, "Name")).toBeDisabled();
    await form(page).getByRole("button", { name: "Back to the fields" }).click();
    await expect(line(page)).toHaveValue("docker run -itd --name c9 --rm alpine");
    await line(page).press("Enter");
    await idle(page);
    await expect(node(page, "c9")).toContainText("172.17.0.2");
  });

  test("several networks, each with an address of its own", async ({ page }) => {
    await run(page, "docker network create --subnet 10.9.0.0/24 mine");
    await run(page, "docker network create --subnet 10.8.0.0/24 other");
    await openFor(page, "Container");
    await field(page, "Name").fill("c1");
    await field(page, "Network").selectOption("mine");
    await form(page).getByRole("button", { name: "Another network" }).click();
    const second = form(page).getByRole("group", { name: /Network 2/ });
    await second.getByLabel("Network", { exact: true }).selectOption("other");
    await second.getByLabel("IP address").fill("10.7.0.9");
    await expect(second).toContainText("no configured subnet or ip-range contain the IP address 10.7.0.9");
    await second.getByLabel("IP address").fill("10.8.0.9");
    await second.getByLabel("Aliases").fill("app");
    await expect(line(page)).toHaveValue("docker run -itd --name c1 --net mine --net name=other,ip=10.8.0.9,alias=app ubuntu:18.04");
    await form(page).getByRole("button", { name: "Run" }).click();
    await idle(page);
    await expect(node(page, "c1")).toContainText("10.9.0.2");
    await expect(node(page, "c1")).toContainText("10.8.0.9");
  });

  test("macvlan starts from the LAN as it is", async ({ page }) => {
    await openFor(page, "macvlan");
    await expect(line(page)).toHaveValue(
      "docker network create -d macvlan --subnet=192.168.0.0/24 --ip-range=192.168.0.64/28 --gateway=192.168.0.1 -o parent=eth0 my_macvlan",
    );
    await field(page, "Driver").selectOption("ipvlan");
    await field(page, "Mode").selectOption("l3");
    await expect(line(page)).toHaveValue(/-d ipvlan .*-o parent=eth0 -o ipvlan_mode=l3/);
  });

  test("a port is published and an alias set on a container that is there, with all its options kept", async ({ page }) => {
    await run(page, "docker network create mine");
    await run(page, "docker run -d --name web --net mine -e A=1 nginx");
    await node(page, "web").focus();
    await page.keyboard.press("Enter");
    await page.getByRole("menuitem", { name: /Publish a port/ }).click();
    await expect(line(page)).toHaveValue("docker rm -f web && docker run -d --name web --net mine -p 8080:80 -e A=1 nginx");
    await field(page, "Published ports").press("Enter");
    await idle(page);
    await run(page, "clear");
    await run(page, "curl -s 192.168.0.10:8080");
    await expectOnScreen(page, "Welcome to nginx");
    await node(page, "web").focus();
    await page.keyboard.press("Enter");
    await page.getByRole("menuitem", { name: /Set an alias/ }).click();
    await field(page, "Aliases").fill("app");
    await field(page, "Aliases").press("Enter");
    await idle(page);
    await expectOnScreen(page, "docker network connect --alias app mine web");
  });

  test("the line can be copied", async ({ page, context }) => {
    await context.grantPermissions(["clipboard-read", "clipboard-write"]);
    await openFor(page, "Host-mode");
    await form(page).getByRole("button", { name: "Copy" }).click();
    await expect(form(page)).toContainText("Copied");
    expect(await page.evaluate(() => navigator.clipboard.readText())).toBe("docker run -itd --net host ubuntu:18.04");
  });

  test("a ping of one that is stopped says why not, and what would help", async ({ page }) => {
    for (const name of ["c1", "c2"]) await run(page, `docker run -itd --name ${name} alpine`);
    await run(page, "docker stop -t 0 c2");
    await node(page, "c1").dragTo(node(page, "c2"));
    const notice = page.getByRole("status").filter({ hasText: "c2 does not run" });
    await expect(notice).toBeVisible();
    await notice.getByRole("button", { name: "docker start c2" }).click();
    await idle(page);
    await expect(node(page, "c2")).toContainText("172.17.0.3");
  });
});

test("nothing typed is lost when theme, language or form changes", async ({ page }) => {
  await open(page);
  await openFor(page, "Container");
  await field(page, "Name").fill("kept");
  await page.getByRole("button", { name: "Light theme" }).click();
  await expect(field(page, "Name")).toHaveValue("kept");
  await page.getByRole("button", { name: "Switch to Korean" }).or(page.getByText("한국어")).first().click();
  await expect(form(page).getByLabel("이름", { exact: true })).toHaveValue("kept");
  await page.keyboard.press("Escape");
  await form(page).getByRole("button", { name: "닫기" }).click();
  await page.getByRole("region", { name: "추가" }).getByRole("button", { name: "브리지" }).click();
  await page.getByRole("form").getByRole("button", { name: "닫기" }).click();
  await page.getByRole("region", { name: "추가" }).getByRole("button", { name: "컨테이너" }).click();
  await expect(form(page).getByLabel("이름", { exact: true })).toHaveValue("kept");
  await form(page).getByRole("button", { name: "처음부터" }).click();
  await expect(form(page).getByLabel("이름", { exact: true })).toHaveValue("");
});

test("in Korean, by mouse: a bridge and a container on it", async ({ page }) => {
  await open(page, { language: "ko", theme: "light" });
  await setSpeed(page, 4);
  const palette = page.getByRole("region", { name: "추가" });
  await palette.getByRole("button", { name: "브리지" }).click();
  await form(page).getByRole("button", { name: "실행" }).click();
  await idle(page);
  await expect(node(page, "mybridge")).toContainText("172.18.0.1/16");
  await palette.getByRole("button", { name: "컨테이너" }).click();
  await form(page).getByLabel("네트워크", { exact: true }).selectOption("mybridge");
  await form(page).getByLabel("이름", { exact: true }).fill("c1");
  await form(page).getByRole("button", { name: "실행" }).click();
  await idle(page);
  await expect(node(page, "c1")).toContainText("172.18.0.2");
});

for (const [theme, language] of [
  ["dark", "en"],
  ["light", "ko"],
] as const)
  test(`axe finds nothing serious in the forms: ${theme}, ${language}`, async ({ page }) => {
    await open(page, { theme, language });
    await setSpeed(page, 4);
    await run(page, "docker run -d --name web -p 8080:80 nginx");
    for (const kind of ["container", "network", "macvlan", "shared"]) {
      await page.locator(`[data-kind="${kind}"]`).click();
      const network = kind === "network" || kind === "macvlan";
      const wrong = network
        ? form(page).getByLabel(language === "ko" ? "서브넷" : "Subnet", { exact: true })
        : form(page).locator("input").first();
      await wrong.fill(network ? "172.17.0.0/16" : "web web");
      await form(page).locator("summary").click();
      await expect(form(page).locator("[aria-invalid='true']").first()).toBeVisible();
      await expectNothingSerious(page, "form");
      await wrong.press("Escape");
      await expect(form(page)).toHaveCount(0);
    }
  });
