import { describe, expect, it } from "vitest";
import { Kernel } from "../../kernel/kernel.ts";
import { NO_INPUT, outputTo } from "../../kernel/stdio.ts";
import { FileSystem } from "../../kernel/vfs.ts";
import type { Command, Machine } from "../command.ts";
import { start } from "../process.ts";
import { shellCommands } from "./shell.ts";

const say: Command = {
  name: "say",
  summary: "prints its arguments, a line each",
  // biome-ignore lint/correctness/useYield: answers at once
  *run(process) {
    for (const word of process.argv.slice(1)) process.stdout.write(`${word}\n`);
    return process.argv.length > 1 ? 0 : 3;
  },
};
const cat: Command = {
  name: "cat",
  summary: "prints its input",
  *run(process) {
    process.stdout.write(yield* process.stdin.readAll());
    return 0;
  },
};

function bash(script: string): { output: string; status: number } {
  const kernel = new Kernel(1);
  const fs = new FileSystem();
  for (const folder of ["/root", "/tmp"]) fs.makeDirectory(folder, true);
  let pid = 1;
  const machine: Machine = {
    name: "host",
    kernel,
    netns: kernel.addNetns("host", "host", true),
    fs,
    engine: undefined,
    log: [],
    commands: new Map([say, cat, ...shellCommands].map((command) => [command.name, command])),
    newPid: () => pid++,
  };
  let output = "";
  const sink = outputTo((text) => (output += text));
  const { task } = start(
    {
      machine,
      netns: machine.netns,
      fs,
      hostname: "host",
      container: undefined,
      capabilities: new Set(),
      cwd: "/root",
      env: new Map([["HOME", "/root"]]),
      stdin: NO_INPUT,
      stdout: sink,
      stderr: sink,
      tty: undefined,
    },
    machine.commands.get("bash") as Command,
    ["bash", "-c", script],
  );
  for (let events = 0; !task.done && events < 100_000 && kernel.clock.step(); events++);
  const { outcome } = task;
  return { output, status: !outcome ? -1 : "value" in outcome ? outcome.value : outcome.signal.status };
}

const prints = (script: string, output: string, status = 0) => expect(bash(script)).toEqual({ output, status });

describe("the shell language", () => {
  it("splits words, and keeps quoted ones whole", () => {
    prints(`say a 'b c' "d $HOME" e\\ f`, "a\nb c\nd /root\ne f\n");
    prints(String.raw`say mybridge \ --net-alias x`, "mybridge\n --net-alias\nx\n");
  });

  it("expands variables, defaults, lengths and arithmetic", () => {
    prints('x=5; say ${x} ${y:-no} ${#x} $((x * 2 + 1)); z="a b"; say $z "$z"', "5\nno\n1\n11\na\nb\na b\n");
    prints("f=web.tar.gz; say ${f%.*} ${f%%.*} ${f#*.} ${f/tar/zip}", "web.tar\nweb\ntar.gz\nweb.zip.gz\n");
  });

  it("substitutes commands and pipes", () => {
    prints("say $(say one two) | cat", "one\ntwo\n");
    prints("for i in {1..3}; do say n$i; done | cat", "n1\nn2\nn3\n");
  });

  it("joins with ; && || and tells the status", () => {
    prints("say || say no; say yes && say too; false; say $?", "no\nyes\ntoo\n1\n");
    prints("say", "", 3);
  });

  it("redirects to files and from them", () => {
    prints("say a > f; say b >> f; cat < f; cat <<EOF\nhere $HOME\nEOF\ncat <<< word", "a\nb\nhere /root\nword\n");
    prints("cat < nosuch", "bash: line 1: nosuch: No such file or directory\n", 1);
  });

  it("branches, loops, matches and calls functions", () => {
    prints(
      "f() { if [ $1 -gt 2 ]; then say big; else say small; fi; }; f 3; f 1; case abc in a*) say A;; *) say other;; esac",
      "big\nsmall\nA\n",
    );
    prints("i=0; while [ $i -lt 3 ]; do i=$((i+1)); [ $i = 2 ] && continue; say $i; done", "1\n3\n");
  });

  it("says what bash says of what it cannot find or read", () => {
    prints("nosuch", "bash: line 1: nosuch: command not found\n", 127);
    expect(bash("say a |").status).toBe(2);
    expect(bash("say ) b").output).toContain("syntax error near unexpected token `)'");
  });

  it("lets time pass in a loop that never waits, so that it can be interrupted", () => {
    prints("timeout() { :; }; i=0; while true; do i=$((i+1)); [ $i = 5000 ] && break; done; say $i", "5000\n");
  });
});
