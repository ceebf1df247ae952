/** The article, section by section, with its own commands: what a person sees on the picture and in the terminal. */
import { expect, type Page, test } from "@playwright/test";
import { expectOnScreen, idle, node, open, run, screenText, setSpeed, type } from "./support.ts";

test.beforeEach(async ({ page }) => {
  await open(page);
  await setSpeed(page, 4);
});

const press = async (page: Page, ...keys: string[]): Promise<void> => {
  await page.locator("#terminal textarea").focus();
  for (const key of keys) await page.keyboard.press(key);
};

test("network structure: addresses in order, a veth on the host for each, docker0 in between", async ({ page }) => {
  for (const name of ["c1", "c2", "c3"]) await run(page, `docker run -itd --name ${name} ubuntu:18.04`);
  await expect(node(page, "c1")).toContainText("172.17.0.2");
  await expect(node(page, "c2")).toContainText("172.17.0.3");
  await expect(node(page, "c3")).toContainText("172.17.0.4");
  await expect(node(page, "bridge")).toContainText("docker0");
  await expect(node(page, "bridge")).toContainText("172.17.0.1/16");
  await run(page, "clear");
  await run(page, "ip -br link");
  const names = [...new Set((await screenText(page)).match(/^veth[0-9a-f]{7}(?=@)/gm) ?? [])];
  expect(names).toHaveLength(3);
  // Both ends of each pair are named on the picture: eth0 on the card, the veth at the bridge.
  for (const veth of names) await expect(page.locator(".react-flow").getByText(veth, { exact: true }).first()).toBeVisible();
  await expect(node(page, "c1")).toContainText("eth0");
});

test("default networks: docker network ls", async ({ page }) => {
  await run(page, "docker network ls");
  await expectOnScreen(page, /bridge\s+bridge\s+local/);
  await expectOnScreen(page, /host\s+host\s+local/);
  await expectOnScreen(page, /none\s+null\s+local/);
});

test("a bridge of one's own: 172.18.0.2 inside, unplugged and plugged in again", async ({ page }) => {
  await run(page, "docker network create --driver bridge mybridge");
  await run(page, "docker run -it --name mynetwork_container --net mybridge ubuntu:18.04");
  await expectOnScreen(page, /root@[0-9a-f]{12}:\/#/);
  await run(page, "ifconfig eth0");
  await expectOnScreen(page, "inet 172.18.0.2  netmask 255.255.0.0");
  await expect(node(page, "mynetwork_container")).toContainText("172.18.0.2");
  await press(page, "Control+p", "Control+q");
  await expectOnScreen(page, "read escape sequence");
  await idle(page);
  await run(page, "docker network disconnect mybridge mynetwork_container");
  await expect(node(page, "mynetwork_container")).not.toContainText("172.18.0.2");
  await run(page, "docker network connect mybridge mynetwork_container");
  await expect(node(page, "mynetwork_container")).toContainText("172.18.0.2");
});

test("subnet, gateway and range are as asked for", async ({ page }) => {
  await run(
    page,
    "docker network create --driver=bridge --subnet=172.72.0.0/16 --ip-range=172.72.0.0/24 --gateway=172.72.0.1 my_custom_network",
  );
  await run(page, "docker run -itd --name custom --net my_custom_network ubuntu:18.04");
  await expect(node(page, "custom")).toContainText("172.72.0.2");
  await expect(node(page, "my_custom_network")).toContainText("172.72.0.1/16");
});

test("host: the container shows the host's own interfaces", async ({ page }) => {
  await run(page, "docker run -it --name network_host --net host ubuntu:18.04");
  await run(page, "ip -br addr");
  await expectOnScreen(page, /eth0@if3\s+UP\s+192\.168\.0\.10\/24/);
  await expectOnScreen(page, /docker0\s+DOWN\s+172\.17\.0\.1\/16/);
  await run(page, "exit");
  await expectOnScreen(page, /root@docker-host:~# ?$/);
});

test("none: only the loopback", async ({ page }) => {
  await run(page, "docker run -itd --name network_none --net none ubuntu:18.04");
  await run(page, "clear");
  await run(page, "docker exec network_none ip -br addr");
  await expectOnScreen(page, /lo\s+UNKNOWN/);
  expect(await screenText(page)).not.toMatch(/eth0/);
});

test("container: two containers share address and MAC", async ({ page }) => {
  await run(page, "docker run -it -d --name network_container_1 ubuntu:18.04");
  await run(page, "docker run -it -d --name network_container_2 --net container:network_container_1 ubuntu:18.04");
  const macOf = async (name: string): Promise<string | undefined> => {
    await run(page, "clear");
    await run(page, `docker exec ${name} ip addr show eth0`);
    await expectOnScreen(page, "inet 172.17.0.2/16");
    return /link\/ether (\S+)/.exec(await screenText(page))?.[1];
  };
  const first = await macOf("network_container_1");
  expect(first).toBeTruthy();
  expect(await macOf("network_container_2")).toBe(first);
});

test("alias: six pings are answered by each of three containers twice", async ({ page }) => {
  test.setTimeout(120_000);
  await run(page, "docker network create --driver bridge mybridge");
  for (const n of [1, 2, 3])
    await run(page, `docker run -it -d --name network_alias_container${n} --net mybridge --net-alias alicek106 ubuntu:18.04`);
  await run(page, "docker run -it --name network_alias_ping --net mybridge ubuntu:18.04");
  const answers: string[] = [];
  for (let i = 0; i < 6; i++) {
    await run(page, "clear");
    await run(page, "ping -c 1 alicek106");
    await expectOnScreen(page, "1 received");
    answers.push(/PING alicek106 \(([\d.]+)\)/.exec(await screenText(page))?.[1] ?? "nobody");
  }
  expect([...answers].sort()).toEqual(["172.18.0.2", "172.18.0.2", "172.18.0.3", "172.18.0.3", "172.18.0.4", "172.18.0.4"]);
});

test("the article's typing errors are answered as the shell and the engine answer them", async ({ page }) => {
  await run(page, "docker network create --driver bridge mybridge");
  await run(page, String.raw`docker run -it -d --name network_alias_container1 --net mybridge \ --net-alias alicek106 ubuntu:18.04`);
  await expectOnScreen(page, "docker: invalid reference format");
  await run(page, "docker run -it -d --name network_alias_container2 --net mybrdige ubuntu:18.04");
  await expectOnScreen(page, "network mybrdige not found");
});

test("macvlan: an address of the LAN, the LAN server answers, the host does not, both ways", async ({ page }) => {
  await run(
    page,
    "docker network create -d macvlan --subnet=192.168.0.0/24 --ip-range=192.168.0.64/28 --gateway=192.168.0.1 -o macvlan_mode=bridge -o parent=eth0 my_macvlan",
  );
  await run(page, "docker run -itd --name m1 --network my_macvlan ubuntu:18.04");
  await expect(node(page, "m1")).toContainText("192.168.0.64");
  await run(page, "docker exec m1 ping -c 1 192.168.0.20");
  await expectOnScreen(page, "64 bytes from 192.168.0.20");
  await run(page, "clear");
  await run(page, "docker exec m1 ping -c 1 -W 1 192.168.0.10");
  await expectOnScreen(page, "100% packet loss");
  await run(page, "clear");
  await run(page, "ping -c 1 -W 1 192.168.0.64");
  await expectOnScreen(page, "100% packet loss");
});

test("play the article: it types by itself and stops when somebody types", async ({ page }) => {
  await setSpeed(page, 4);
  await page.getByRole("button", { name: "Play the article" }).click();
  await expectOnScreen(page, "docker network ls");
  await expectOnScreen(page, "NETWORK ID");
  await expect(page.locator(".steps .step.current")).toContainText("172.17.0.X", { timeout: 30_000 });
  await expectOnScreen(page, "docker run -itd");
  await type(page, "");
  await expect(page.getByText("You have the keyboard now")).toBeVisible();
});
