import { describe, expect, it } from "vitest";
import { complete, EMPTY_LINE, insert, type LineKey, press } from "./lineEditor.ts";

const history = ["docker ps", "docker network ls", "ping -c 1 alicek106"];
const typed = (text: string, ...keys: LineKey[]) =>
  keys.reduce((state, key) => press(state, key, history), insert(EMPTY_LINE, text, history));

describe("the line being typed", () => {
  it("takes text in at the cursor", () => {
    expect(insert(typed("docker s", "left"), "p", history).text).toBe("docker ps");
  });

  it("goes back and forth in history and keeps what was begun", () => {
    expect(typed("doc", "up").text).toBe("ping -c 1 alicek106");
    expect(typed("doc", "up", "up").text).toBe("docker network ls");
    expect(typed("doc", "up", "up", "down", "down").text).toBe("doc");
    expect(typed("", "up", "up", "up", "up").text).toBe("docker ps");
  });

  it("deletes a word, and yanks it back", () => {
    expect(typed("docker network ls", "kill-blank-word").text).toBe("docker network ");
    expect(typed("docker network ls", "kill-blank-word", "yank").text).toBe("docker network ls");
  });

  it("finds the newest line with the searched part", () => {
    expect(insert(typed("", "search"), "docker", history).text).toBe("docker network ls");
    expect(press(insert(typed("", "search"), "docker", history), "search", history).text).toBe("docker ps");
  });

  it("completes the common part, then lists", () => {
    const once = complete(typed("docker n"), { start: 7, candidates: ["network "] });
    expect(once.state.text).toBe("docker network ");
    const several = complete(typed("docker network c"), { start: 15, candidates: ["connect ", "create "] });
    expect(several.state.text).toBe("docker network c");
    expect(several.list).toEqual(["connect", "create"]);
  });
});
