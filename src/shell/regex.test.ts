import { describe, expect, it } from "vitest";
import { Regex } from "./regex.ts";

const find = (pattern: string, text: string, extended = true): readonly (string | undefined)[] | undefined | string => {
  const regex = Regex.compile(pattern, { extended });
  return regex instanceof Regex ? regex.exec(text)?.groups : regex.message;
};

describe("POSIX regular expressions", () => {
  it("tells specials of basic from extended expressions", () => {
    expect(find("a+", "a+", false)).toEqual(["a+"]);
    expect(find("a\\+", "aaa", false)).toEqual(["aaa"]);
    expect(find("\\(a\\)\\{2\\}", "aa", false)).toEqual(["aa", "a"]);
    expect(find("(a|bc)+$", "xabca")).toEqual(["abca", "a"]);
    expect(find("a|b", "b")).toEqual(["b"]);
    expect(find("^inet ([0-9.]+)/([0-9]+)", "inet 172.17.0.2/16")).toEqual(["inet 172.17.0.2/16", "172.17.0.2", "16"]);
  });

  it("knows classes, edges of words, and back references", () => {
    expect(find("[[:digit:]]{1,3}\\b", "x 172.")).toEqual(["172"]);
    expect(find("[^]a]+", "]xa")).toEqual(["x"]);
    expect(find("\\<eth[0-9]\\>", "veth0 eth1")).toEqual(["eth1"]);
    expect(find("(.)\\1", "abccd")).toEqual(["cc", "c"]);
  });

  it("says what is wrong as regcomp does", () => {
    expect(find("(a", "a")).toBe("Unmatched ( or \\(");
    expect(find("[a", "a")).toBe("Unmatched [, [^, [:, [., or [=");
    expect(find("a\\", "a")).toBe("Trailing backslash");
    expect(find("[z-a]", "a")).toBe("Invalid range end");
  });

  it("gives up on a pattern that explodes", () => {
    expect(find("(a*)*b", "a".repeat(5000))).toBeUndefined();
    expect(find("(x+x+)+y", "x".repeat(5000))).toBeUndefined();
  });
});
