/** The inspector: what is selected as live tables, and the commands that change them, by mouse and by keyboard. */
import { expect, type Locator, type Page, test } from "@playwright/test";
import { expectNothingSerious, expectOnScreen, idle, node, open, run, setSpeed, type } from "./support.ts";

const inspector = (page: Page): Locator => page.locator("#side-body");
const section = (page: Page, name: string): Locator => inspector(page).getByRole("region", { name, exact: true });
/** The row group of a live table that holds a text. */
const row = (table: Locator, text: string | RegExp): Locator => table.locator("tbody").filter({ hasText: text }).first();

async function select(page: Page, name: string): Promise<void> {
  await node(page, name).click();
  await expect(inspector(page).getByRole("heading", { level: 2 })).toBeVisible();
}

/** Presses what a row offers, as a mouse does: it shows when the row is pointed at. */
async function press(page: Page, place: Locator, name: string | RegExp): Promise<void> {
  await place.hover();
  await place.getByRole("button", { name }).first().click();
  await idle(page);
}

test.describe("in English", () => {
  test.beforeEach(async ({ page }) => {
    await open(page);
    await setSpeed(page, 4);
  });

  test("a container: its end is set down and up again on the terminal, where all can see it", async ({ page }) => {
    await run(page, "docker network create mybridge");
    await run(page, "docker run -d --name web --net mybridge -p 8080:80 nginx");
    await select(page, "web");
    await expect(inspector(page)).toContainText("8080 → 80/tcp");
    const eth0 = row(section(page, "Interfaces"), "eth0");
    await expect(eth0).toContainText("172.18.0.2/16");
    await expect(eth0).toContainText(/peer veth[0-9a-f]{7} if\d+ in docker-host/);
    const down = eth0.getByRole("button", { name: /^down:/ });
    await expect(down).toHaveAttribute("title", "docker exec --privileged web ip link set eth0 down");
    await press(page, eth0, /^down:/);
    await expectOnScreen(page, "docker exec --privileged web ip link set eth0 down");
    await expect(eth0).toContainText("DOWN");
    await press(page, eth0, /^up:/);
    await expect(eth0).toContainText("UP");
  });

  test("by keyboard: one tab stop a table, arrows from row to row, Enter runs", async ({ page }) => {
    await run(page, "docker run -itd --name c1 ubuntu:18.04");
    await run(page, "docker exec c1 ping -c 1 172.17.0.1");
    await run(page, "docker exec --privileged c1 ip neigh add 172.17.0.9 lladdr 02:00:00:00:00:09 dev eth0");
    await select(page, "c1");
    const neighbours = section(page, "Neighbours");
    await expect(row(neighbours, "heard")).toContainText(/heard [\d.]+ s ago/);
    const first = section(page, "Interfaces").locator(".insp-act").first();
    await first.focus();
    await expect(first).toBeFocused();
    await page.keyboard.press("ArrowDown");
    await expect(section(page, "Interfaces").locator(".insp-act").nth(1)).toBeFocused();
    await row(neighbours, "172.17.0.9").locator(".insp-act").focus();
    await page.keyboard.press("Enter");
    await idle(page);
    await expectOnScreen(page, "docker exec --privileged c1 ip neigh del 172.17.0.9 dev eth0");
    await expect(row(neighbours, "172.17.0.9")).toHaveCount(0);
  });

  test("a route is deleted, and + begins the line that brings it back", async ({ page }) => {
    await run(page, "docker run -itd --name c1 ubuntu:18.04");
    await select(page, "c1");
    const routes = section(page, "Routes");
    await press(page, row(routes, "default"), /^delete:/);
    await expect(row(routes, "default")).toHaveCount(0);
    await run(page, "docker exec c1 ping -c 1 203.0.113.80");
    await expectOnScreen(page, "Network is unreachable");
    await routes.getByRole("button", { name: /^Begin a line/ }).click();
    await expectOnScreen(page, "docker exec --privileged c1 ip route add");
    await page.keyboard.type("default via 172.17.0.1");
    await page.keyboard.press("Enter");
    await expect(row(routes, "default")).toContainText("via 172.17.0.1 eth0");
  });

  test("a network: its pool with every owner, the next free address, ports, and entries that age", async ({ page }) => {
    await run(page, "docker network create --subnet 10.9.0.0/24 --aux-address router=10.9.0.5 mine");
    await run(page, "docker run -itd --name c1 --net mine --net-alias app ubuntu:18.04");
    await run(page, "docker run -itd --name c2 --net mine --net-alias app ubuntu:18.04");
    await run(page, "docker exec c1 ping -c 1 c2");
    await select(page, "mine");
    const pool = section(page, "Address pool 10.9.0.0/24");
    await expect(pool).toContainText("next free10.9.0.4");
    await expect(row(pool, "10.9.0.5")).toContainText("reserved: router");
    await expect(row(pool, "10.9.0.1")).toContainText("gateway");
    await expect(row(section(page, "Names answered"), /^app/)).toContainText("10.9.0.2 c1");
    await expect(section(page, "Ports").locator("tbody")).toHaveCount(2);
    const learned = section(page, "Forwarding table").locator("tbody").filter({ hasText: "flush" }).first();
    const ageShown = async (): Promise<number> => Number.parseFloat((await learned.locator("td").nth(2).textContent()) ?? "");
    const before = await ageShown();
    await expect.poll(ageShown).toBeGreaterThan(before);
    await pool.getByRole("button", { name: "c2", exact: true }).click();
    await expect(inspector(page).getByRole("heading", { level: 2 })).toHaveText("c2");
    await node(page, "mine").click();
    await press(page, row(pool, "10.9.0.3"), /^disconnect:/);
    await expectOnScreen(page, "docker network disconnect mine c2");
    await expect(pool).toContainText("next free10.9.0.3");
  });

  test("netfilter as a packet meets it: the rule that dropped the last one is marked, and deleted", async ({ page }) => {
    await run(page, "docker run -itd --name c1 ubuntu:18.04");
    await run(page, "iptables -I DOCKER-USER -p icmp -j DROP");
    await run(page, "docker exec c1 ping -c 1 -W 1 203.0.113.80");
    await page.locator('[data-id="stack:docker-host"]').click();
    const chains = section(page, "Netfilter, as a packet meets it");
    await expect(chains.getByText("routing decision")).toBeVisible();
    const marked = chains.locator(".insp-rule.decided.dropped");
    await expect(marked).toContainText("dropped the last packet");
    await expect(marked).toContainText("icmp");
    await expect(marked).toHaveAttribute("title", "-A DOCKER-USER -p icmp -j DROP");
    await press(page, marked, /^delete: iptables -D DOCKER-USER 1/);
    await expect(marked).toHaveCount(0);
    await run(page, "docker exec c1 ping -c 1 203.0.113.80");
    await expectOnScreen(page, "0% packet loss");
    await expect(section(page, "Connections tracked")).toContainText("SNAT 192.168.0.10");
    await expect(chains.getByText("MASQUERADE").first()).toBeVisible();
  });

  test("ip_forward is turned off on the router, on the router's own terminal", async ({ page }) => {
    await run(page, "docker run -itd --name c1 ubuntu:18.04");
    await select(page, "router");
    await expect(inspector(page)).toContainText("passes packets on");
    await press(page, row(section(page, "Kernel settings"), /^net\.ipv4\.ip_forward/), /^turn off:/);
    await expect(page.getByRole("tab", { name: /router/ })).toHaveAttribute("aria-selected", "true");
    await expectOnScreen(page, "sysctl -w net.ipv4.ip_forward=0");
    await expect(inspector(page)).toContainText("passes nothing on");
  });

  test("a cable: both ends, delayed and mended", async ({ page }) => {
    await run(page, "docker run -itd --name c1 ubuntu:18.04");
    await select(page, "c1");
    await row(section(page, "Interfaces"), "eth0").getByRole("button", { name: /^veth/ }).click();
    await expect(inspector(page)).toContainText("one end of a cable");
    const thisEnd = inspector(page).getByRole("region", { name: /^This end: veth/ });
    await expect(inspector(page).getByRole("region", { name: "Other end: eth0" })).toContainText("172.17.0.2/16");
    await expect(inspector(page)).toContainText(/network\s*bridge/);
    await press(page, thisEnd, /^delay 100 ms:/);
    await expectOnScreen(page, "root netem delay 100ms");
    await expect(thisEnd).toContainText("netem");
    await press(page, thisEnd, /^mend:/);
    await expect(thisEnd).toContainText("noqueue");
  });

  test("host-mode, none, shared, macvlan and stopped ones are shown as what they are", async ({ page }) => {
    await run(page, "docker run -itd --name h1 --net host alpine");
    await run(page, "docker run -itd --name n1 --net none alpine");
    await run(page, "docker run -itd --name c1 alpine");
    await run(page, "docker run -itd --name s1 --net container:c1 alpine");
    await run(page, "docker network create -d macvlan --subnet 192.168.0.0/24 --ip-range 192.168.0.64/28 -o parent=eth0 lan");
    await run(page, "docker run -itd --name m1 --net lan alpine");
    await run(page, "docker run -itd --name gone alpine");
    await run(page, "docker stop -t 0 gone");
    await select(page, "h1");
    await expect(inspector(page)).toContainText("It runs in the host's own network namespace");
    await select(page, "n1");
    await expect(inspector(page)).toContainText("its own, with lo only");
    await expect(section(page, "Interfaces").locator("tbody")).toHaveCount(1);
    await select(page, "s1");
    await expect(inspector(page)).toContainText("that of c1");
    await expect(section(page, "Interfaces")).toContainText("172.17.0.2/16");
    await select(page, "lan");
    await expect(inspector(page)).toContainText("Parent and children never talk to each other");
    await expect(inspector(page)).toContainText("2 of 16");
    await select(page, "m1");
    await expect(row(section(page, "Interfaces"), "eth0")).toContainText("macvlan bridge");
    await select(page, "gone");
    await expect(inspector(page)).toContainText("It does not run, so it has no network namespace");
    await inspector(page)
      .getByRole("button", { name: /^start:/ })
      .click();
    await idle(page);
    await expect(section(page, "Interfaces")).toContainText("eth0");
  });

  test("what is not there any more says what it was, and leads to when it was there; before it came, to when it comes", async ({
    page,
  }) => {
    await run(page, "docker run -itd --name c1 ubuntu:18.04");
    await select(page, "c1");
    await run(page, "docker rm -f c1");
    await expect(inspector(page)).toContainText("container · ubuntu:18.04");
    await expect(inspector(page)).toContainText(/It is not there any more: it went at t = [\d.]+ s\./);
    await inspector(page).getByRole("button", { name: "show it before it went" }).click();
    await expect(node(page, "c1")).toContainText("172.17.0.2");
    await expect(inspector(page)).toContainText("This is what it was.");
    await expect(inspector(page)).toContainText("172.17.0.2");
    await expectNothingSerious(page, "#side-body");
    await page.getByRole("slider").first().press("Home");
    await expect(inspector(page)).toContainText("It is not there yet");
    await inspector(page).getByRole("button", { name: "show it as it comes" }).click();
    await expect(node(page, "c1")).toBeVisible();
    await expect(inspector(page)).toContainText("created");
  });

  test("several selected: one line for all of them", async ({ page }) => {
    for (const name of ["c1", "c2"]) await run(page, `docker run -itd --name ${name} alpine`);
    await select(page, "c1");
    await node(page, "c2").click({ modifiers: ["Shift"] });
    const many = inspector(page).getByRole("navigation", { name: "2 selected" });
    await expect(many).toBeVisible();
    await many.getByRole("button", { name: /^stop:/ }).click();
    await expectOnScreen(page, /docker stop -t 0 c[12] c[12]/);
    await idle(page);
    await expect(inspector(page)).toContainText("exited");
  });

  test("a thousand rows cost no more than forty, and can be searched", async ({ page }) => {
    await run(page, "for i in $(seq 2 90); do ip neigh add 192.168.0.$i lladdr 02:00:00:00:00:01 dev eth0; done");
    await page.locator('[data-id="stack:docker-host"]').click();
    const neighbours = section(page, "Neighbours");
    await expect(neighbours.locator("tbody")).toHaveCount(40);
    await neighbours.getByRole("searchbox").fill("192.168.0.77");
    await expect(neighbours.locator("tbody")).toHaveCount(1);
    await press(page, row(neighbours, "192.168.0.77"), /^flush:/);
    await expect(neighbours).toContainText("Nothing matches.");
  });

  test("what is read follows undo at once", async ({ page }) => {
    await run(page, "docker run -itd --name c1 alpine");
    await run(page, "docker stop -t 0 c1");
    await select(page, "c1");
    await expect(inspector(page)).toContainText("exited (137)");
    await page.getByRole("button", { name: /^Undo: docker stop/ }).click();
    await expect(section(page, "Interfaces")).toContainText("172.17.0.2/16");
    await type(page, "");
  });
});

for (const [theme, language] of [
  ["dark", "en"],
  ["light", "ko"],
] as const)
  test(`axe finds nothing serious in any view: ${theme}, ${language}`, async ({ page }) => {
    await open(page, { theme, language });
    await setSpeed(page, 4);
    await run(page, "docker network create mybridge");
    await run(page, "docker run -d --name web --net mybridge --net-alias app -p 8080:80 nginx");
    await run(page, "docker run -itd --name c1 --net mybridge --net-alias app ubuntu:18.04");
    await run(page, "docker exec c1 ping -c 1 web");
    await select(page, "web");
    await expect(inspector(page)).toContainText(language === "ko" ? "라우팅 테이블" : "Routes");
    const closed = inspector(page).locator('.insp-fold[aria-expanded="false"]');
    while ((await closed.count()) > 0) await closed.first().click();
    await expectNothingSerious(page, "#side-body");
    await node(page, "mybridge").click();
    await expect(inspector(page)).toContainText(language === "ko" ? "다음 빈 주소" : "next free");
    await expectNothingSerious(page, "#side-body");
    await page.locator('[data-id="stack:docker-host"]').click();
    await expect(inspector(page)).toContainText("MASQUERADE");
    await expectNothingSerious(page, "#side-body");
    await inspector(page).getByRole("button", { name: /^veth/ }).first().click();
    await expect(inspector(page)).toContainText(language === "ko" ? "반대쪽 끝" : "Other end");
    await expectNothingSerious(page, "#side-body");
  });
