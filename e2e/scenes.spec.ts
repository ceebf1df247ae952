/** Ten named scenes, each a saved session, as pictures: what has changed in the look is seen here. */
import { expect, type Page, test } from "@playwright/test";
import { node, open } from "./support.ts";

interface Scene {
  readonly name: string;
  readonly lines: readonly string[];
  readonly language?: "en" | "ko";
  readonly theme?: "dark" | "light";
  /** What to wait for, and what to do before the picture is taken. */
  readonly after?: (page: Page) => Promise<void>;
}

const ALIASES = [1, 2, 3].map(
  (n) => `docker run -itd --name network_alias_container${n} --net mybridge --net-alias alicek106 ubuntu:18.04`,
);

const SCENES: readonly Scene[] = [
  { name: "first-visit", lines: [] },
  { name: "default-bridge", lines: ["c1", "c2", "c3"].map((name) => `docker run -itd --name ${name} ubuntu:18.04`) },
  { name: "alias", lines: ["docker network create mybridge", ...ALIASES], theme: "light" },
  {
    name: "host-none-shared",
    lines: [
      "docker run -itd --name network_host --net host ubuntu:18.04",
      "docker run -itd --name network_none --net none ubuntu:18.04",
      "docker run -itd --name network_container_1 ubuntu:18.04",
      "docker run -itd --name network_container_2 --net container:network_container_1 ubuntu:18.04",
    ],
    language: "ko",
  },
  {
    name: "macvlan",
    lines: [
      "docker network create -d macvlan --subnet=192.168.0.0/24 --ip-range=192.168.0.64/28 --gateway=192.168.0.1 -o parent=eth0 my_macvlan",
      "docker run -itd --name m1 --network my_macvlan ubuntu:18.04",
      "docker run -itd --name m2 --network my_macvlan ubuntu:18.04",
    ],
  },
  {
    name: "published-ports",
    lines: [
      "docker run -d --name web -p 8080:80 nginx",
      "docker network create front",
      "docker run -d --name api --net front -p 127.0.0.1:9000:80 httpd",
    ],
    theme: "light",
    language: "ko",
  },
  {
    name: "states",
    lines: [
      "docker run -itd --name running ubuntu:18.04",
      "docker run -itd --name paused ubuntu:18.04",
      "docker run -itd --name stopped ubuntu:18.04",
      "docker run -itd --name cut ubuntu:18.04",
      "docker pause paused",
      "docker stop -t 0 stopped",
      "ip link set eth0 down",
    ],
  },
  {
    name: "dropped-by-a-rule",
    lines: [
      "docker run -itd --name c1 ubuntu:18.04",
      "docker run -itd --name c2 ubuntu:18.04",
      "iptables -I DOCKER-USER -p icmp -j DROP",
      "docker exec c1 ping -c 1 -W 1 172.17.0.3",
    ],
    after: async (page) => {
      await page
        .getByRole("button", { name: /echo request seq=1, ended at/ })
        .first()
        .click();
    },
  },
  {
    name: "opened-stack",
    lines: ["docker run -d --name web -p 8080:80 nginx", "curl -s 192.168.0.10:8080"],
    after: async (page) => {
      await page.getByRole("button", { name: "Open the host's stack" }).click();
    },
  },
  {
    name: "forty-containers",
    lines: [
      ...["red", "green", "blue"].map((name) => `docker network create ${name}`),
      ...Array.from(
        { length: 40 },
        (_, i) =>
          `docker run -d --name n${String(i + 1).padStart(2, "0")} --net ${["bridge", "red", "green", "blue"][i % 4]} alpine sleep 1d`,
      ),
    ],
  },
];

/** µs between two lines, and after the last: each has ended and its announcements are over. */
const APART = 12_000_000;

const saved = (lines: readonly string[]) => ({
  seed: 7,
  entries: lines.map((line, i) => ({ at: (i + 1) * APART, terminal: "docker-host", line })),
  cursor: lines.length,
  reached: (lines.length + 1) * APART,
});

/** Width in pixels of a probe in the page's type: pictures are comparable only where the fonts are those they were taken with. */
const fontProbe = (page: Page): Promise<number> =>
  page.evaluate(() => {
    const context = document.createElement("canvas").getContext("2d") as CanvasRenderingContext2D;
    const width = (family: string): number => {
      context.font = `20px ${family}`;
      return context.measureText("docker-host 172.17.0.2 도커").width;
    };
    const style = getComputedStyle(document.documentElement);
    return Math.round(width(style.getPropertyValue("--sans")) * 1000 + width(style.getPropertyValue("--mono")));
  });

const FONTS = 251774;

for (const scene of SCENES)
  test(`scene: ${scene.name}`, async ({ page }) => {
    await page.emulateMedia({ reducedMotion: "reduce" });
    await open(page, { language: scene.language ?? "en", theme: scene.theme ?? "dark", session: saved(scene.lines) });
    test.skip((await fontProbe(page)) !== FONTS, "other fonts than those of the pictures");
    await page.getByRole("button", { name: /^(Pause|일시 정지)$/ }).click();
    await expect(node(page, "bridge")).toBeVisible();
    await scene.after?.(page);
    await expect(page.locator(".canvas-picture")).toHaveScreenshot(`${scene.name}.png`);
  });
