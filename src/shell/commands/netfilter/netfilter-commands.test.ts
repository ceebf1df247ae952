import { describe, expect, test } from "vitest";
import { OWNER, ping, routed } from "../../../kernel/inet/stage.fixture.ts";
import type { Netns } from "../../../kernel/netns.ts";
import { Pipe } from "../../../kernel/pipe.ts";
import { outputTo } from "../../../kernel/stdio.ts";
import { Signal, Task } from "../../../kernel/task.ts";
import { FileSystem } from "../../../kernel/vfs.ts";
import type { Machine, Process } from "../../command.ts";
import { netfilterCommands } from "./index.ts";

/** Runs one of the commands on the router of a small stage. */
class Stage {
  readonly stage = routed();
  readonly fs = new FileSystem();
  readonly capabilities = new Set(["NET_ADMIN", "SYSLOG"]);

  constructor() {
    this.fs.makeDirectory("/root", true);
  }

  get router(): Netns {
    return this.stage.router;
  }

  launch(words: readonly string[], input = ""): { task: Task<number>; output: () => string } {
    const command = netfilterCommands.find(({ name }) => name === words[0]);
    if (!command) throw new Error(`no command ${words[0]}`);
    let text = "";
    const write = outputTo((piece) => {
      text += piece;
    });
    const stdin = new Pipe();
    stdin.write(input);
    stdin.close();
    const { kernel, router } = this.stage;
    const machine = {
      name: "router",
      kernel,
      netns: router,
      fs: this.fs,
      engine: undefined,
      log: [],
      newPid: () => 2,
    } as unknown as Machine;
    const process = {
      pid: 1,
      argv: words,
      machine,
      netns: router,
      fs: this.fs,
      hostname: "router",
      container: undefined,
      capabilities: this.capabilities,
      cwd: "/root",
      env: new Map(),
      stdin,
      stdout: write,
      stderr: write,
    } as unknown as Process;
    return { task: new Task(kernel.clock, command.run(process)), output: () => text };
  }

  run(line: string, input = ""): string {
    const { task, output } = this.launch(line.split(" "), input);
    const status = task.outcome && "value" in task.outcome ? task.outcome.value : "still running";
    return output() + (status === 0 ? "" : `[exit ${status}]`);
  }
}

describe("iptables", () => {
  test("prints what -S prints, and refuses in iptables' words", () => {
    const stage = new Stage();
    expect(stage.run("iptables -A INPUT -p icmp -j DROP")).toBe("");
    expect(stage.run("iptables -S INPUT")).toBe("-P INPUT ACCEPT\n-A INPUT -p icmp -j DROP\n");
    expect(stage.run("iptables -D INPUT -p tcp -j DROP")).toBe("iptables: Bad rule (does a matching rule exist in that chain?).\n[exit 1]");
    expect(stage.run("iptables -t nope -L")).toBe(
      "iptables v1.8.13 (nf_tables): table 'nope' does not exist\nPerhaps iptables or your kernel needs to be upgraded.\n[exit 3]",
    );
  });

  test("without NET_ADMIN nothing of the kernel is shown, yet usage is told", () => {
    const stage = new Stage();
    stage.capabilities.delete("NET_ADMIN");
    const denied = "v1.8.13 (nf_tables): Could not fetch rule set generation id: Permission denied (you must be root)\n[exit 4]";
    expect(stage.run("iptables -L")).toBe(`iptables ${denied}`);
    expect(stage.run("ip6tables-save")).toBe(`ip6tables-save ${denied}`);
    expect(stage.run("iptables -V")).toBe("iptables v1.8.13 (nf_tables)\n");
    expect(stage.run("iptables -Y")).toBe(
      "iptables v1.8.13 (nf_tables): unknown option \"-Y\"\nTry `iptables -h' or 'iptables --help' for more information.\n[exit 2]",
    );
  });
});

describe("iptables-save and iptables-restore", () => {
  const SAVED = "*filter\n:INPUT DROP [5:10]\n:FORWARD ACCEPT [0:0]\n:OUTPUT ACCEPT [0:0]\n:own - [0:0]\n[1:2] -A INPUT -j own\nCOMMIT\n";

  test("what is saved can be restored", () => {
    const stage = new Stage();
    expect(stage.run("iptables-restore -c", SAVED)).toBe("");
    const saved = stage.run("iptables-save -c");
    expect(saved.replace(/^#.*\n/gm, "")).toBe(SAVED);
    expect(stage.run("iptables-restore", "*filter\nCOMMIT\n")).toBe("");
    expect(stage.run("iptables -S")).toBe("-P INPUT DROP\n-P FORWARD ACCEPT\n-P OUTPUT ACCEPT\n");
  });

  test("an error leaves a table as it was, and names the line", () => {
    const stage = new Stage();
    stage.run("iptables -A INPUT -p icmp -j DROP");
    expect(stage.run("iptables-restore", "*filter\n-A INPUT -p tcp -j DROP\n-A NOPE -j ACCEPT\nCOMMIT\n")).toBe(
      "iptables-restore: line 3 failed: No chain/target/match by that name.\n[exit 1]",
    );
    expect(stage.run("iptables-restore", "*filter\n-A INPUT -j NOPE\nCOMMIT\n")).toContain(
      "Chain 'NOPE' does not exist\nError occurred at line: 3\n",
    );
    expect(stage.run("iptables -S INPUT")).toBe("-P INPUT ACCEPT\n-A INPUT -p icmp -j DROP\n");
  });

  test("files are read and written", () => {
    const stage = new Stage();
    expect(stage.run("iptables-restore /nosuch")).toBe("Can't open /nosuch: No such file or directory\n[exit 1]");
    stage.run("iptables -A INPUT -p icmp -j DROP");
    stage.run("iptables-save -f rules.v4");
    stage.run("iptables -F");
    expect(stage.run("iptables-restore rules.v4")).toBe("");
    expect(stage.run("iptables -S INPUT")).toContain("-A INPUT -p icmp -j DROP");
    expect(stage.run("iptables-save -t nope")).toBe("Table `nope' does not exist\n[exit 1]");
  });
});

describe("conntrack", () => {
  test("lists, filters, counts, deletes", () => {
    const stage = new Stage();
    stage.run("iptables -A FORWARD -m state --state NEW -j ACCEPT");
    ping(stage.stage.a, "10.0.2.2");
    const entry = "icmp     1 29 src=10.0.1.2 dst=10.0.2.2 type=8 code=0 id=7 src=10.0.2.2 dst=10.0.1.2 type=0 code=0 id=7 mark=0 use=1\n";
    const told = (count: number, what: string): string => `conntrack v1.4.9 (conntrack-tools): ${count} flow entries have been ${what}.\n`;
    expect(stage.run("conntrack -L")).toBe(told(1, "shown") + entry);
    expect(stage.run("conntrack -L -p tcp")).toBe(told(0, "shown"));
    expect(stage.run("conntrack -L -s 10.0.1.2 -o extended")).toBe(`${told(1, "shown")}ipv4     2 ${entry}`);
    expect(stage.run("conntrack -C")).toBe("1\n");
    expect(stage.run("conntrack -D -p icmp")).toBe(told(1, "deleted") + entry);
    expect(stage.run("conntrack -D -p icmp")).toBe(`${told(0, "deleted")}[exit 1]`);
    expect(stage.run("conntrack -F")).toBe("conntrack v1.4.9 (conntrack-tools): connection tracking table has been emptied.\n");
  });

  test("follows events until it is interrupted", () => {
    const stage = new Stage();
    stage.run("iptables -A FORWARD -m state --state NEW -j ACCEPT");
    const { task, output } = stage.launch(["conntrack", "-E", "-p", "icmp"]);
    ping(stage.stage.a, "10.0.2.2");
    task.signal(new Signal("INT"));
    expect(output()).toBe(
      "    [NEW] icmp     1 30 src=10.0.1.2 dst=10.0.2.2 type=8 code=0 id=7 [UNREPLIED] src=10.0.2.2 dst=10.0.1.2 type=0 code=0 id=7\n" +
        " [UPDATE] icmp     1 30 src=10.0.1.2 dst=10.0.2.2 type=8 code=0 id=7 src=10.0.2.2 dst=10.0.1.2 type=0 code=0 id=7\n" +
        "conntrack v1.4.9 (conntrack-tools): 2 flow events have been shown.\n",
    );
  });

  test("bad usage is told in its words", () => {
    const stage = new Stage();
    const hint = "Try `conntrack -h' or 'conntrack --help' for more information.\n[exit 2]";
    expect(stage.run("conntrack -Q")).toBe(`conntrack v1.4.9 (conntrack-tools): unknown option \`-Q'\n${hint}`);
    expect(stage.run("conntrack -L -p foo")).toBe(`conntrack v1.4.9 (conntrack-tools): \`foo' unsupported protocol\n${hint}`);
    expect(stage.run("conntrack -L -s foo")).toBe(`conntrack v1.4.9 (conntrack-tools): Invalid IP address \`foo'\n${hint}`);
  });
});

test("dmesg shows what LOG wrote, with the time since boot", () => {
  const stage = new Stage();
  stage.run("iptables -A INPUT -p udp -j LOG --log-prefix udp:");
  const socket = stage.stage.a.sockets.udp(OWNER, { port: 4000, family: 4 });
  if (typeof socket === "string") throw new Error(socket);
  socket.send({ kind: "text", text: "hi" }, { ip: 0x0a000101, port: 9 });
  stage.router.kernel.clock.advanceTo(1_000_000);
  expect(stage.run("dmesg")).toMatch(
    /^\[ {4}0\.\d{6}\] udp:IN=lan0 OUT= MAC=\S+ SRC=10\.0\.1\.2 DST=10\.0\.1\.1 LEN=30 .*PROTO=UDP SPT=4000 DPT=9 LEN=10 \n$/,
  );
});
