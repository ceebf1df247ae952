/** Programs that take every key: less, more, top, read -n and -s; and those that read lines or go on by themselves. */
import { describe, expect, it } from "vitest";
import { TestTerminal } from "./terminal.fixture.ts";

const last = async (terminal: TestTerminal, count: number): Promise<readonly string[]> => (await terminal.text()).split("\n").slice(-count);

describe("more", () => {
  it("shows a screenful, goes on by a screen or a line, and is left with q", async () => {
    const terminal = new TestTerminal().run("seq 100 > n", "more n");
    expect(await last(terminal, 2)).toEqual(["23", "--More--(20%)"]);
    expect(await last(terminal.press("<Enter>"), 2)).toEqual(["24", "--More--(21%)"]);
    expect(await last(terminal.press(" "), 2)).toEqual(["47", "--More--(45%)"]);
    expect(await last(terminal.press("/", "9", "0", "<Enter>"), 2)).toEqual(["100", "root@docker-host:~#"]);
    const left = new TestTerminal().run("seq 100 | more").press("q").settle();
    expect(await last(left.run("echo back"), 4)).toEqual(["23", "root@docker-host:~# echo back", "back", "root@docker-host:~#"]);
    expect(await last(new TestTerminal().run("seq 3 | more"), 2)).toEqual(["3", "root@docker-host:~#"]);
  });
});

describe("less", () => {
  const inContainer = (...lines: readonly string[]): TestTerminal =>
    new TestTerminal().run("docker run -it --rm alpine sh", "seq 100 > n", ...lines);

  it("goes forth and back, to the ends, and says where they are", async () => {
    const terminal = inContainer("less n");
    expect(await last(terminal, 2)).toEqual(["23", "n"]);
    expect(await last(terminal.press(" "), 2)).toEqual(["46", ":"]);
    expect(await last(terminal.press("<Enter>"), 2)).toEqual(["47", ":"]);
    expect(await last(terminal.press("b"), 2)).toEqual(["24", ":"]);
    expect(await last(terminal.press("G"), 2)).toEqual(["100", "(END)"]);
    expect(await last(terminal.press("g"), 2)).toEqual(["23", ":"]);
    terminal.press("q").settle();
    expect(await last(terminal.run("echo back"), 3)).toEqual(["/ # echo back", "back", "/ #"]);
  });

  it("finds a pattern, and the next one", async () => {
    const terminal = inContainer("ip addr | cat > a; seq 100 | less").press("/", "5", "0", "<Enter>");
    expect((await last(terminal, 24))[0]).toBe("50");
    terminal.press("g", "/", "1", "$", "<Enter>");
    expect((await last(terminal, 24))[0]).toBe("11");
    expect((await last(terminal.press("n"), 24))[0]).toBe("21");
    expect((await last(terminal.press("N"), 24))[0]).toBe("11");
    expect(await last(terminal.press("/", "x", "y", "<Enter>"), 1)).toEqual(["Pattern not found  (press RETURN)"]);
    expect(await last(terminal.press("<Enter>"), 1)).toEqual([":"]);
  });
});

describe("reading from a terminal", () => {
  it("takes lines until Ctrl-D", async () => {
    const terminal = new TestTerminal()
      .press("cat > note", "<Enter>")
      .wait(0.1)
      .press("one", "<Enter>", "two", "<Enter>", "<C-d>")
      .settle();
    expect(await terminal.run("cat note").after("cat note")).toBe("one\ntwo\nroot@docker-host:~#");
  });

  it("takes single keys with read -n, and shows nothing with read -s", async () => {
    const terminal = new TestTerminal().run("read -n 1 -p 'Sure? ' answer; echo \" [$answer]\"").press("y").settle();
    expect(await last(terminal, 2)).toEqual(["Sure? y [y]", "root@docker-host:~#"]);
    terminal.run("read -s -p 'Password: ' word; echo; echo $word").press("secretx", "<Backspace>", "<Enter>").settle();
    expect(await last(terminal, 3)).toEqual(["Password: ", "secret", "root@docker-host:~#"]);
    terminal.press("read a b", "<Enter>").wait(0.1).press("one two three", "<Enter>").settle().run('echo "$b"');
    expect(await last(terminal, 2)).toEqual(["two three", "root@docker-host:~#"]);
  });
});

describe("programs that go on", () => {
  it("top ends with q", async () => {
    const terminal = new TestTerminal().run("top");
    expect(await terminal.text()).toContain("load average");
    terminal.wait(4).press("q").settle();
    expect(await last(terminal.run("echo back"), 2)).toEqual(["back", "root@docker-host:~#"]);
  });

  it("watch and tail -f end with Ctrl-C", async () => {
    const terminal = new TestTerminal().press("watch -n 1 date", "<Enter>").wait(2.5);
    expect(await terminal.text()).toMatch(/^Every 1.0s: date/m);
    terminal.press("<C-c>").settle();
    expect(await last(terminal, 1)).toEqual(["root@docker-host:~#"]);
    terminal.run("echo first > log", "(sleep 1; echo second >> log) &").press("tail -f log", "<Enter>").wait(2.5).press("<C-c>").settle();
    expect(await terminal.after("tail -f")).toMatch(/^first\nsecond\n\^C\n/);
  });
});
