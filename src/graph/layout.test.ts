import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { buildScene } from "./buildScene.ts";
import { Geometry } from "./geometry.ts";
import { type Layout, layOut } from "./layout.ts";
import { type ContainerPlan, PictureMaker } from "./picture.fixture.ts";
import type { Scene } from "./scene.ts";
import { around, type Box, overlaps, type Point } from "./sizes.ts";

const NETWORKS = ["bridge", "n1", "n2", "n3", "mv"];

const plans = fc.array(
  fc.record({
    networks: fc.uniqueArray(fc.constantFrom(...NETWORKS), { maxLength: 3 }),
    mode: fc.oneof({ weight: 8, arbitrary: fc.constant(undefined) }, fc.constantFrom("host" as const, "none" as const)),
    state: fc.constantFrom("running" as const, "running" as const, "exited" as const, "paused" as const),
    shares: fc.option(fc.nat(5), { nil: undefined, freq: 8 }),
    alias: fc.constantFrom(undefined, "db"),
    six: fc.boolean(),
  }),
  { maxLength: 45 },
);

function maker(list: readonly Partial<Omit<ContainerPlan, "shares"> & { shares: number | undefined }>[]): PictureMaker {
  const made = new PictureMaker().network("n1").network("n2").network("n3").network("mv", "macvlan");
  for (const [index, plan] of list.entries()) {
    const shares = typeof plan.shares === "number" && plan.shares < index ? `c${plan.shares}` : undefined;
    made.container({ ...plan, name: `c${index}`, networks: plan.networks ?? [], shares } as ContainerPlan);
  }
  return made;
}

const place = (scene: Scene, placed: Readonly<Record<string, Point>> = {}, before?: Layout): Layout =>
  layOut({ scene, placed: new Map(Object.entries(placed)), before });

/** Boxes that must not overlap: all but the frames, which hold others. */
function solid(scene: Scene, layout: Layout): readonly (readonly [string, Box])[] {
  const frames = new Set(scene.hosts.map((host) => host.id));
  return [...layout.boxes].filter(([id]) => !frames.has(id));
}

function firstOverlap(scene: Scene, layout: Layout, except: ReadonlySet<string> = new Set()): string | undefined {
  const boxes = solid(scene, layout);
  for (const [i, [a, boxA]] of boxes.entries())
    for (const [b, boxB] of boxes.slice(i + 1)) if (!(except.has(a) && except.has(b)) && overlaps(boxA, boxB)) return `${a} and ${b}`;
  return undefined;
}

/** Letters of a veth's name and of an alias, in pixels. */
const MONO = 6.65;
const SANS = 6.2;

/** Where words stand that are in no box: names of the host's ends of cables, aliases over their containers. */
function labelsOf(geometry: Geometry): readonly (readonly [string, Box])[] {
  const names = geometry.scene.cables.flatMap((cable): (readonly [string, Box])[] => {
    const label = geometry.label(cable.id);
    const w = cable.to.name.length * MONO;
    return label ? [[cable.to.name, { x: label.anchor === "start" ? label.x : label.x - w, y: label.y - 9, w, h: 11 }]] : [];
  });
  const aliases = geometry.layout.brackets.map((bracket): readonly [string, Box] => {
    const box = geometry.box(bracket.cards[0] as string);
    return [`alias ${bracket.text}`, { x: box.x, y: box.y - 22, w: Math.min(box.w, 12 * SANS), h: 14 }];
  });
  return [...names, ...aliases];
}

describe("layout", () => {
  test("nothing overlaps, whatever there is", () => {
    fc.assert(
      fc.property(plans, (list) => {
        const scene = buildScene(maker(list).picture());
        const layout = place(scene);
        expect(firstOverlap(scene, layout)).toBeUndefined();
        for (const node of [...scene.cards.keys(), ...scene.bars.keys(), ...scene.nics.keys()]) expect(layout.boxes.has(node)).toBe(true);
      }),
      { numRuns: 150 },
    );
  });

  test("everything of a host stands in its frame", () => {
    fc.assert(
      fc.property(plans, (list) => {
        const scene = buildScene(maker(list).picture());
        const layout = place(scene);
        const frame = layout.boxes.get("machine:docker-host") as Box;
        for (const id of [...scene.cards.keys(), ...scene.bars.keys()]) {
          const box = layout.boxes.get(id) as Box;
          expect(box.x >= frame.x && box.y >= frame.y && box.x + box.w <= frame.x + frame.w && box.y + box.h <= frame.y + frame.h).toBe(
            true,
          );
        }
      }),
      { numRuns: 60 },
    );
  });

  test("what the user has placed stays there, and the rest keeps clear of it", () => {
    const spot = fc.record({ x: fc.integer({ min: -200, max: 2200 }), y: fc.integer({ min: -200, max: 1200 }) });
    const movable = fc.oneof(
      fc.nat(44).map((index) => `container:c${index}`),
      fc.constantFrom("network:n1", "network:mv", "machine:server", "device:11"),
    );
    fc.assert(
      fc.property(plans, fc.array(fc.tuple(movable, spot), { maxLength: 4 }), (list, spots) => {
        const scene = buildScene(maker(list).picture());
        const known = new Set<string>([...scene.cards.keys(), ...scene.bars.keys(), ...scene.nics.keys(), "machine:server"]);
        const placed = Object.fromEntries(spots.filter(([id]) => known.has(id)));
        const layout = place(scene, placed);
        for (const [id, at] of Object.entries(placed)) expect(layout.boxes.get(id)).toMatchObject(at as Point);
        expect(firstOverlap(scene, layout, new Set(Object.keys(placed)))).toBeUndefined();
      }),
      { numRuns: 120 },
    );
  });

  test("one more container on a network with room moves no other", () => {
    const made = maker(Array.from({ length: 8 }, (_, i) => ({ networks: [NETWORKS[i % 2] as string] })));
    const scene = buildScene(made.picture());
    const before = place(scene);
    const grown = buildScene(made.container({ name: "late", networks: ["n1"] }).picture(), scene);
    const after = place(grown, {}, before);
    for (const id of scene.cards.keys()) expect(after.boxes.get(id)?.x).toBe(before.boxes.get(id)?.x);
  });

  test("when one goes, its neighbours in the row stay", () => {
    const made = maker(Array.from({ length: 5 }, () => ({ networks: ["n1"] })));
    const scene = buildScene(made.picture());
    const before = place(scene);
    const shrunk = buildScene(made.remove("c1").picture(), scene);
    const after = place(shrunk, {}, before);
    for (const id of shrunk.cards.keys()) expect(after.boxes.get(id)).toEqual(before.boxes.get(id));
  });

  test("the same input gives the same layout", () => {
    const scene = buildScene(maker([{ networks: ["n1", "n2"] }, { networks: ["bridge"] }, { networks: ["mv"] }]).picture());
    expect(place(scene)).toEqual(place(scene));
  });

  test("a network's bar is wide enough for its containers, and each cable ends at its bar", () => {
    fc.assert(
      fc.property(plans, (list) => {
        const scene = buildScene(maker(list).picture());
        const geometry = new Geometry(scene, place(scene));
        for (const cable of scene.cables) {
          const bar = scene.bars.get(cable.to.node);
          if (!bar) continue;
          const box = geometry.box(bar.id);
          const end = geometry.cable(cable.id)?.end as Point;
          expect(end.x).toBeGreaterThanOrEqual(box.x);
          expect(end.x).toBeLessThanOrEqual(box.x + box.w);
          // From another band it comes in at the bar's side.
          expect([box.y, box.y + box.h, box.y + box.h / 2]).toContain(end.y);
        }
      }),
      { numRuns: 80 },
    );
  });

  test("no label overlaps another, nor any box", () => {
    fc.assert(
      fc.property(
        plans,
        fc.constantFrom({ width: 850, height: 575 }, { width: 740, height: 430 }, { width: 370, height: 420 }),
        (list, room) => {
          const scene = buildScene(maker(list).picture());
          const geometry = new Geometry(scene, layOut({ scene, placed: new Map(), room }));
          const labels = labelsOf(geometry);
          const boxes = solid(scene, geometry.layout);
          for (const [i, [name, label]] of labels.entries()) {
            for (const [other, box] of boxes) expect(overlaps(label, box) ? `${name} and ${other}` : "").toBe("");
            for (const [other, box] of labels.slice(i + 1)) expect(overlaps(label, box) ? `${name} and ${other}` : "").toBe("");
          }
        },
      ),
      { numRuns: 120 },
    );
  });

  test("names of cables that hang straight down all have a place", () => {
    const scene = buildScene(maker(Array.from({ length: 14 }, (_, i) => ({ networks: [NETWORKS[i % 2] as string] }))).picture());
    const geometry = new Geometry(scene, place(scene));
    for (const cable of scene.cables) if (cable.kind === "veth") expect(geometry.label(cable.id)).toBeDefined();
  });

  /** How large a layout is seen when all of it is in view. */
  const zoomIn = (layout: Layout, room: { width: number; height: number }): number => {
    const all = around(layout.boxes.values()) as Box;
    return Math.min(room.width / all.w, room.height / all.h);
  };

  test("the article's last scene, grown one by one, is large enough to read in a page of 1440 by 900", () => {
    const room = { width: 832, height: 510 };
    const made = new PictureMaker();
    let before: Layout | undefined;
    const then = (grown: PictureMaker): Layout => {
      const scene = buildScene(grown.picture());
      before = layOut({ scene, placed: new Map(), before, room });
      return before;
    };
    for (const name of ["c1", "c2"]) then(made.container({ name, networks: ["bridge"] }));
    then(made.network("mybridge").container({ name: "mynetwork_container", networks: ["mybridge"] }));
    then(made.network("my_custom_network").container({ name: "custom", networks: ["my_custom_network"] }));
    then(made.container({ name: "network_host", networks: [], mode: "host" }));
    then(made.container({ name: "network_none", networks: [], mode: "none" }));
    then(made.container({ name: "network_container_1", networks: ["bridge"] }));
    then(made.container({ name: "network_container_2", networks: [], shares: "network_container_1" }));
    for (const name of ["a1", "a2", "a3"]) then(made.container({ name, networks: ["mybridge"], alias: "alicek106" }));
    then(made.container({ name: "ping", networks: ["mybridge"] }));
    const last = then(made.network("mv", "macvlan").container({ name: "m1", networks: ["mv"] }));
    expect(zoomIn(last, room)).toBeGreaterThan(0.68);
  });

  test("a small network stands beside one that leaves room for it, though others came in between", () => {
    const made = maker([{ networks: ["bridge"] }, ...Array.from({ length: 5 }, () => ({ networks: ["n1"] })), { networks: ["n2"] }]);
    const scene = buildScene(made.picture());
    const layout = layOut({ scene, placed: new Map(), room: { width: 620, height: 520 } });
    const top = (id: string): number => (layout.boxes.get(id) as Box).y;
    expect(top("network:n1")).toBeGreaterThan(top("network:bridge"));
    expect(top("network:n2")).toBe(top("network:bridge"));
  });

  test("a thousand containers are laid out in a blink", () => {
    const scene = buildScene(maker(Array.from({ length: 1000 }, (_, i) => ({ networks: [NETWORKS[i % 5] as string] }))).picture());
    place(scene);
    // Of the processor's time, so that a busy machine does not count.
    const start = process.cpuUsage();
    place(scene);
    const { user } = process.cpuUsage(start);
    expect(user / 1000).toBeLessThan(250);
  });
});
