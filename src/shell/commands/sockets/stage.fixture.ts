/** A client and a server on one cable, with commands that are run one after the other and what they print. */
import { type Ip, parseIp, parsePrefix } from "../../../kernel/address.ts";
import type { NetDevice } from "../../../kernel/device/device.ts";
import { createVeth } from "../../../kernel/device/veth.ts";
import { Kernel } from "../../../kernel/kernel.ts";
import type { Netns } from "../../../kernel/netns.ts";
import { Pipe } from "../../../kernel/pipe.ts";
import { type Output, outputTo } from "../../../kernel/stdio.ts";
import { type Op, Signal, Task } from "../../../kernel/task.ts";
import { FileSystem } from "../../../kernel/vfs.ts";
import type { Command, Machine, Process } from "../../command.ts";
import { filesUnder, serveDns, serveWeb } from "../../services/index.ts";

export const ip = (text: string): Ip => parseIp(text) as Ip;

export interface Running {
  readonly task: Task<number>;
  /** Standard output and error as one text, and apart. */
  all: string;
  out: string;
  err: string;
  readonly stdin: Pipe;
}

/** 192.168.0.10 (client) and 192.168.0.20 (server: web on 80, DNS on 53 for server.lan and both.lan). */
export class Stage {
  readonly kernel = new Kernel(7);
  readonly client = this.#host("client");
  readonly server = this.#host("server");
  #pid = 100;

  constructor() {
    const pair = createVeth({ netns: this.client.netns, name: "eth0" }, { netns: this.server.netns, name: "eth0" });
    if (!("device" in pair)) throw new Error(pair.message);
    for (const [device, address] of [
      [pair.device, "192.168.0.10/24"],
      [pair.peer, "192.168.0.20/24"],
    ] as const) {
      device.netns.devices.setUp(device, true);
      const { address: own, length } = parsePrefix(address) as { address: Ip; length: number };
      device.netns.devices.addAddress(device, { ip: own, length, scope: "global" });
    }
    this.client.fs.place("/etc/hosts", "127.0.0.1\tlocalhost\n192.168.0.20\tfiles.lan files\n");
    this.client.fs.place("/etc/resolv.conf", "nameserver 192.168.0.20\nsearch lan\noptions timeout:1\n");
    this.server.fs.place("/www/index.html", "lan server\n");
    this.start(serveWeb({ netns: this.server.netns, pid: 2, name: "busybox" }, filesUnder(this.server.fs, "/www")));
    const hosts = new Map([
      ["server.lan", [ip("192.168.0.20")]],
      ["both.lan", [ip("192.168.0.99"), ip("192.168.0.20")]],
    ]);
    this.start(serveDns({ netns: this.server.netns, pid: 3, name: "dnsmasq" }, { address: ip("192.168.0.20"), hosts }));
  }

  /** Runs an operation beside everything else. */
  start<T>(op: Op<T>): Task<T> {
    return new Task(this.kernel.clock, op);
  }

  /** Starts a command; "a b" or ready words. */
  launch(command: Command, line: string | readonly string[], machine = this.client, stdin?: string): Running {
    const words = typeof line === "string" ? line.split(" ") : line;
    const running = { all: "", out: "", err: "", stdin: new Pipe() } as Running & { task: Task<number> };
    const to = (stream: "out" | "err"): Output =>
      outputTo((text) => {
        running[stream] += text;
        running.all += text;
      });
    if (stdin !== undefined) {
      running.stdin.write(stdin);
      running.stdin.close();
    }
    const process: Process = {
      pid: this.#pid++,
      argv: words,
      machine,
      netns: machine.netns,
      fs: machine.fs,
      hostname: machine.name,
      container: undefined,
      capabilities: new Set(["NET_ADMIN", "NET_RAW"]),
      cwd: "/root",
      env: new Map(),
      stdin: running.stdin,
      stdout: to("out"),
      stderr: to("err"),
      // biome-ignore lint/correctness/useYield: there is nothing to run
      *run() {
        return 127;
      },
    } as unknown as Process;
    running.task = this.start(command.run(process));
    return running;
  }

  /** Runs a command to its end, `limit` s at most; what it printed, then "[exit N]" unless N is 0. */
  run(command: Command, line: string | readonly string[], stdin = "", limit = 400): string {
    const running = this.launch(command, line, this.client, stdin);
    const end = this.kernel.clock.now + limit * 1e6;
    while (!running.task.done && (this.kernel.clock.nextAt ?? Number.POSITIVE_INFINITY) <= end) this.kernel.clock.step();
    const { outcome } = running.task;
    if (!outcome) return `${running.all}[still running]`;
    const status = "value" in outcome ? outcome.value : outcome.signal.status;
    return running.all + (status === 0 ? "" : `[exit ${status}]`);
  }

  pass(seconds: number): void {
    this.kernel.clock.advanceTo(this.kernel.clock.now + seconds * 1e6);
  }

  interrupt(running: Running): void {
    running.task.signal(new Signal("INT"));
  }

  #host(name: string): Machine {
    const netns: Netns = this.kernel.addNetns(name, name, true);
    netns.devices.setUp(netns.device("lo") as NetDevice, true);
    const fs = new FileSystem();
    for (const directory of ["/root", "/etc", "/tmp"]) fs.makeDirectory(directory, true);
    return {
      name,
      kernel: this.kernel,
      netns,
      fs,
      engine: undefined,
      log: [],
      newPid: () => this.#pid++,
      commands: new Map(),
    };
  }
}
