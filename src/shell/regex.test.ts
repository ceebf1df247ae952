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

  it("knows what people use of Perl's", () => {
    const perl = (pattern: string, text: string): string | undefined => {
      const regex = Regex.compile(pattern, { extended: false, perl: true });
      return regex instanceof Regex ? regex.exec(text)?.groups[0] : regex.message;
    };
    const line = "    inet 172.17.0.2/16 brd 172.17.255.255 scope global eth0";
    expect(perl("(?<=inet )\\d+(\\.\\d+){3}", line)).toBe("172.17.0.2");
    expect(perl("inet \\K[\\d.]+", line)).toBe("172.17.0.2");
    expect(perl("\\d+(?=/)", line)).toBe("2");
    expect(perl("i.*?\\s", line)).toBe("inet ");
    expect(perl("(?:brd|scope) (?!global)\\S+", line)).toBe("brd 172.17.255.255");
    expect(perl("(?i)INET\\b", line)).toBe("inet");
    expect(perl("(?<!\\.)\\b16\\b", line)).toBe("16");
    expect(perl("(a", "a")).toBe("missing closing parenthesis");
    expect(perl("(a*)*b", "a".repeat(5000))).toBeUndefined();
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
