/** What somebody sees who talks with a shell: history, editing, jobs. The expected screens are those of bash 5.3 and BusyBox 1.38. */
import { describe, expect, it } from "vitest";
import { TestTerminal } from "./terminal.fixture.ts";

const PROMPT = "root@docker-host:~# ";

/** The screen with a short prompt. */
const shown = async (terminal: TestTerminal): Promise<string> =>
  (await terminal.text()).replaceAll(PROMPT, "# ").replaceAll(/^(root@docker-host:~)?# ?$/gm, "#");

const seen = async (...lines: readonly string[]): Promise<string> => shown(new TestTerminal().run(...lines));

it("Ctrl-P Ctrl-Q leaves a container that runs on; attach shows its prompt again, and exit ends it", async () => {
  const terminal = new TestTerminal().run("docker run -it --name web -h inside ubuntu:18.04").press("<C-p>", "<C-q>").settle();
  terminal.run("docker ps -q | wc -l");
  expect(await shown(terminal)).toMatch(/root@inside:\/# read escape sequence\n# docker ps -q \| wc -l\n1\n#$/);
  terminal.run("docker attach web", "hostname", "exit");
  expect(await terminal.after("docker attach web")).toBe("root@inside:/# hostname\ninside\nroot@inside:/# exit\nexit\nroot@docker-host:~#");
});

describe("history", () => {
  it("goes up and down, and keeps what was begun", () => {
    const terminal = new TestTerminal().run("echo one", "echo two").press("ec", "<ArrowUp>");
    expect(terminal.line).toBe("echo two");
    expect(terminal.press("<ArrowUp>").line).toBe("echo one");
    expect(terminal.press("<ArrowUp>").line).toBe("echo one");
    expect(terminal.press("<ArrowDown>", "<ArrowDown>").line).toBe("ec");
  });

  it("is each shell's own, and kept in its file", async () => {
    const terminal = new TestTerminal().run("echo host", "docker run -itd --name web alpine", "docker exec -it web sh");
    expect(terminal.press("<ArrowUp>").line).toBe("");
    terminal.run("echo inside");
    expect(terminal.press("<ArrowUp>").line).toBe("echo inside");
    terminal.press("<C-u>").run("exit");
    expect(terminal.press("<ArrowUp>").line).toBe("docker exec -it web sh");
    terminal.press("<C-u>").run("exit", "tail -n 2 .bash_history");
    expect(await terminal.after("tail -n 2")).toBe("docker exec -it web sh\nexit\nroot@docker-host:~#");
    expect(terminal.press("<ArrowUp>", "<ArrowUp>").line).toBe("exit");
  });

  it("is searched with Ctrl-R", async () => {
    const terminal = new TestTerminal().run("echo first one", "ls /etc >/dev/null", "echo first two").press("<C-r>", "first");
    expect((await terminal.text()).split("\n").at(-1)).toBe("(reverse-i-search)`first': echo first two");
    terminal.press("<C-r>");
    expect((await terminal.text()).split("\n").at(-1)).toBe("(reverse-i-search)`first': echo first one");
    terminal.press("<C-r>");
    expect((await terminal.text()).split("\n").at(-1)).toBe("(failed reverse-i-search)`first': echo first one");
    terminal.press("<C-e>", "!");
    expect((await terminal.text()).split("\n").at(-1)).toBe(`${PROMPT}echo first one!`);
    terminal.press("<C-u>", "kept", "<C-r>", "ls", "<C-g>");
    expect((await terminal.text()).split("\n").at(-1)).toBe(`${PROMPT}kept`);
    expect(terminal.press("<C-u>", "<C-r>", "<C-r>").line).toBe("echo first two");
    terminal.press("<Enter>").settle();
    expect(await terminal.after(">/dev/null")).toContain(`${PROMPT}echo first two\nfirst two\n`);
  });

  it("expands events, words and modifiers, and shows the line", async () => {
    expect(await seen("echo one two three", "!!", "echo !$", "!e", "!?two?", "^one^uno", "!-2", "!1:0 !1:2-3 !:$", "!!:p")).toBe(
      `# echo one two three
one two three
# !!
echo one two three
one two three
# echo !$
echo three
three
# !e
echo three
three
# !?two?
echo one two three
one two three
# ^one^uno
echo uno two three
uno two three
# !-2
echo one two three
one two three
# !1:0 !1:2-3 !:$
echo two three three
two three three
# !!:p
echo two three three
#`,
    );
    expect(await seen("ls /no/a.txt 2>/dev/null", "echo !:1 !:1:h !-1:1:t !-1:1:r", "echo !!:s/a/b/ !!:gs/a/b/", "echo !#:0 !#*")).toBe(
      `# ls /no/a.txt 2>/dev/null
# echo !:1 !:1:h !-1:1:t !-1:1:r
echo /no/a.txt /no a.txt /no/a
/no/a.txt /no a.txt /no/a
# echo !!:s/a/b/ !!:gs/a/b/
echo echo /no/b.txt /no a.txt /no/a echo /no/b.txt /no b.txt /no/b
echo /no/b.txt /no a.txt /no/a echo /no/b.txt /no b.txt /no/b
# echo !#:0 !#*
echo echo echo
echo echo
#`,
    );
  });

  it("leaves what is quoted, and says what it cannot find", async () => {
    expect(await seen("true", `echo '!!' \\!! "a!" hi! !=`, "!xyz", "echo $?", "^a^b", "!99", "false", "!nope", "echo $?")).toBe(
      `# true
# echo '!!' \\!! "a!" hi! !=
!! !! a! hi! !=
# !xyz
bash: !xyz: event not found
# echo $?
0
# ^a^b
bash: :s^a^b: substitution failed
# !99
bash: !99: event not found
# false
# !nope
bash: !nope: event not found
# echo $?
1
#`,
    );
    expect(await seen("echo a", "bash -c 'echo !!'", "set +H", "echo !!")).toBe(
      "# echo a\na\n# bash -c 'echo !!'\n!!\n# set +H\n# echo !!\n!!\n#",
    );
    const ash = new TestTerminal().run("docker run -it --rm alpine sh", "echo a", "echo !!");
    expect(await ash.after("echo !!")).toBe("!!\n/ #");
  });

  it("is listed, cut and cleared", async () => {
    expect(
      await seen("echo a", "for i in 1 2", "do echo $i", "done", "history 2", "history -d 1", "history", "history -c", "history"),
    ).toBe(
      `# echo a
a
# for i in 1 2
> do echo $i
> done
1
2
# history 2
    2  for i in 1 2; do echo $i; done
    3  history 2
# history -d 1
# history
    1  for i in 1 2; do echo $i; done
    2  history 2
    3  history -d 1
    4  history
# history -c
# history
    1  history
#`,
    );
  });
});

describe("editing a line", () => {
  const edited = (typed: string, ...keys: readonly string[]): string => new TestTerminal().press(typed, ...keys).line;

  it("moves and cuts by characters, words and lines", () => {
    expect(edited("echo two", "<C-a>", "x")).toBe("xecho two");
    expect(edited("echo two", "<Home>", "<C-e>", "!")).toBe("echo two!");
    expect(edited("echo two", "<C-u>")).toBe("");
    expect(edited("echo two", "<C-u>", "<C-y>", "<C-y>")).toBe("echo twoecho two");
    expect(edited("echo two", "<C-a>", "<A-f>", "<C-k>")).toBe("echo");
    expect(edited("ls /etc/resolv.conf", "<C-w>")).toBe("ls ");
    expect(edited("ls /etc/resolv.conf", "<A-b>", "<A-d>", "x")).toBe("ls /etc/resolv.x");
    expect(edited("ls /etc/resolv.conf", "<A-Backspace>", "<A-Backspace>", "<C-y>")).toBe("ls /etc/resolv.conf");
    expect(edited("one two", "<C-w>", "<C-w>", "<C-y>")).toBe("one two");
    expect(edited("sl", "<C-t>")).toBe("ls");
    expect(edited("abc", "<Home>", "<Delete>", "<C-f>", "<C-d>")).toBe("b");
    expect(edited("echo two", "<A-b>", "<A-u>")).toBe("echo TWO");
    expect(edited("echo two", "<C-w>", "<C-/>")).toBe("echo two");
  });

  it("takes the last word of the lines before with Alt-.", () => {
    const terminal = new TestTerminal().run("echo a first", "echo a second").press("ls ", "<A-.>");
    expect(terminal.line).toBe("ls second");
    expect(terminal.press("<A-.>").line).toBe("ls first");
  });

  it("goes on where a line is not complete", async () => {
    expect(
      await seen("echo 'a", "b'", "echo one \\", "two", "cat <<E", "x $((1+1))", "E", "if true", "then echo yes; fi", "echo a |", "cat"),
    ).toBe(
      `# echo 'a
> b'
a
b
# echo one \\
> two
one two
# cat <<E
> x $((1+1))
> E
x 2
# if true
> then echo yes; fi
yes
# echo a |
> cat
a
#`,
    );
  });

  it("gives a line up with Ctrl-C, and leaves with Ctrl-D", async () => {
    const terminal = new TestTerminal().press("echo half", "<C-c>");
    expect(await shown(terminal)).toBe("# echo half^C\n#");
    terminal.press("echo 'open", "<Enter>", "<C-c>").run("echo $?");
    expect(await shown(terminal)).toBe("# echo half^C\n# echo 'open\n> ^C\n# echo $?\n130\n#");
    const inside = new TestTerminal().run("docker run -it --name box alpine sh").press("<C-d>").settle();
    inside.run("docker ps -aq --filter status=exited | wc -l");
    expect(await inside.after("docker ps")).toBe("1\nroot@docker-host:~#");
  });
});

describe("jobs", () => {
  const stopped = (line: string): TestTerminal => new TestTerminal().press(line, "<Enter>").wait(0.5).press("<C-z>").settle();

  it("are stopped with Ctrl-Z, and go on in the foreground or the background", async () => {
    const terminal = stopped("sleep 100").press("sleep 50 | cat", "<Enter>").wait(0.2).press("<C-z>").settle();
    terminal
      .run("jobs", "sleep 30 &", "jobs", "bg %1", "jobs")
      .press("fg %2", "<Enter>")
      .wait(0.1)
      .press("<C-c>")
      .settle()
      .run("echo $?", "jobs");
    expect((await shown(terminal)).replace(/\[3\] \d+/, "[3] PID")).toBe(`# sleep 100
^Z
[1]+  Stopped                    sleep 100
# sleep 50 | cat
^Z
[2]+  Stopped                    sleep 50 | cat
# jobs
[1]-  Stopped                    sleep 100
[2]+  Stopped                    sleep 50 | cat
# sleep 30 &
[3] PID
# jobs
[1]-  Stopped                    sleep 100
[2]+  Stopped                    sleep 50 | cat
[3]   Running                    sleep 30 &
# bg %1
[1]- sleep 100 &
# jobs
[1]   Running                    sleep 100 &
[2]+  Stopped                    sleep 50 | cat
[3]-  Running                    sleep 30 &
# fg %2
sleep 50 | cat
^C
# echo $?
130
# jobs
[1]-  Running                    sleep 100 &
[3]+  Running                    sleep 30 &
#`);
  });

  it("leave their loop when they stop, and go on with what follows elsewhere", async () => {
    const terminal = stopped("for i in 1 2 3; do sleep 20; echo $i; done")
      .press("sleep 21; echo hi", "<Enter>")
      .wait(0.5)
      .press("<C-z>")
      .settle();
    terminal.press("(sleep 30; echo x)", "<Enter>").wait(0.5).press("<C-z>").settle();
    expect(await shown(terminal)).toBe(`# for i in 1 2 3; do sleep 20; echo $i; done
^Z
[1]+  Stopped                    sleep 20
# sleep 21; echo hi
^Z
[2]+  Stopped                    sleep 21
hi
# (sleep 30; echo x)
^Z
[3]+  Stopped                    ( sleep 30; echo x )
#`);
  });

  it("keep a shell from ending, once", async () => {
    const terminal = stopped("sleep 100").run("exit", "echo still here", "exit").press("<C-d>").settle().run("jobs");
    expect(await terminal.after("sleep 100")).toBe(
      `root@docker-host:~# exit
exit
There are stopped jobs.
root@docker-host:~# echo still here
still here
root@docker-host:~# exit
exit
There are stopped jobs.
root@docker-host:~# exit
root@docker-host:~# jobs
root@docker-host:~#`,
    );
  });

  it("are signalled by their numbers", async () => {
    const terminal = new TestTerminal().run(
      "sleep 100 &",
      "kill -STOP %1",
      "true",
      "ps -o stat,comm | grep sleep",
      "kill -CONT %1",
      "jobs",
      "kill %1",
      "jobs",
    );
    expect((await shown(terminal)).replace(/\[1\] \d+/, "[1] PID")).toBe(`# sleep 100 &
[1] PID
# kill -STOP %1
[1]+  Stopped                    sleep 100
# true
# ps -o stat,comm | grep sleep
T    sleep
# kill -CONT %1
# jobs
[1]+  Running                    sleep 100 &
# kill %1
[1]+  Terminated                 sleep 100
# jobs
#`);
  });

  it("that are stopped send nothing", async () => {
    const terminal = new TestTerminal()
      .run("docker run -itd --name web alpine")
      .press("ping 172.17.0.2", "<Enter>")
      .wait(1.5)
      .press("<C-z>")
      .settle();
    expect(await terminal.after("icmp_seq=2")).toBe("^Z\n[1]+  Stopped                    ping 172.17.0.2\nroot@docker-host:~#");
    terminal.wait(5).press("fg", "<Enter>").wait(1.5).press("<C-c>").settle();
    expect(await terminal.text()).toContain("4 packets transmitted, 4 received");
    const killed = stopped("ping 172.17.0.1").run("kill -9 %1", "jobs");
    expect(await killed.after("kill -9")).toBe(
      "[1]+  Killed                     ping 172.17.0.1\nroot@docker-host:~# jobs\nroot@docker-host:~#",
    );
  });

  it("may not read the terminal in the background", async () => {
    const terminal = new TestTerminal().run("cat &").wait(0.1).run("", "jobs -l", "kill %1", "");
    expect((await shown(terminal)).replace(/\d{4,}/g, "PID")).toBe(`# cat &
[1] PID
#
[1]+  Stopped                    cat
# jobs -l
[1]+  PID Stopped (tty input)        cat
# kill %1
[1]+  Terminated                 cat
#
#`);
  });

  it("are those of a container's shell as well, which Ctrl-Z reaches through docker", async () => {
    const terminal = new TestTerminal()
      .run("docker run -itd --name web alpine", "docker exec -it web sh")
      .press("sleep 100", "<Enter>")
      .wait(0.2)
      .press("<C-z>")
      .settle();
    terminal.run("jobs", "bg", "jobs");
    expect(await terminal.after("exec -it")).toBe(`/ # sleep 100
^Z[1]+  Stopped                    sleep 100
/ # jobs
[1]+  Stopped                    sleep 100
/ # bg
[1] sleep 100
/ # jobs
[1]+  Running                    sleep 100
/ #`);
    const ping = new TestTerminal()
      .run("docker run -itd --name web alpine")
      .press("docker exec -it web ping 127.0.0.1", "<Enter>")
      .wait(1.2)
      .press("<C-z>")
      .wait(1);
    expect(await ping.after("icmp_seq=1 ")).toContain("^Z");
    ping.press("<C-c>").settle();
    expect(await ping.text()).toContain("packets transmitted");
  });
});
