import { describe, expect, it } from "vitest";
import { type Picture, PictureHistory } from "../../../session/picture.ts";
import { TestStage } from "../../stage.fixture.ts";
import { factsOf, lifeOf, positionBefore } from "./life.ts";

const NOTHING: Picture = { devices: new Map(), netns: new Map(), containers: new Map(), networks: new Map() };

describe("the life of what is not in the picture", () => {
  it("says from when to when a container was there, and where in the trace it was last to be seen", () => {
    const stage = new TestStage("docker run -itd --name c1 alpine");
    const id = stage.id("c1");
    const born = stage.now;
    const { trace } = stage.world.kernel;
    expect(lifeOf(trace, NOTHING, "container", id)).toMatchObject({ name: "c1", kind: "alpine", until: undefined });
    stage.run("docker rm -f c1");
    const life = lifeOf(trace, NOTHING, "container", id);
    expect(life?.from).toBeLessThan(born);
    expect(life?.until).toBeGreaterThan(born);
    expect(life?.until).toBeGreaterThan(life?.whole as number);
    const last = trace.timeAt(positionBefore(trace, life?.whole as number) - 1) as number;
    const history = new PictureHistory(trace);
    expect(history.at(last).containers.get(id)?.name).toBe("c1");
    expect(factsOf(history.at(last), "container", id)?.facts).toContainEqual(["bridge", expect.stringMatching(/^172\.17\.0\.2\n/)]);
    expect(history.latest().containers.has(id)).toBe(false);
  });

  it("knows what there was before the oldest entry that is kept, and nothing of what never was", () => {
    const stage = new TestStage("docker network create mine");
    const { trace } = stage.world.kernel;
    const id = stage.id("mine");
    expect(lifeOf(trace, stage.picture, "network", id)).toMatchObject({ name: "mine", kind: "bridge", from: undefined });
    expect(lifeOf(trace, NOTHING, "device", "999999")).toBeUndefined();
  });
});
