/** A machine on the stage: its initial netns, its files, the programs that run on it. */
import type { DockerEngine } from "../engine/engine.ts";
import type { Kernel } from "../kernel/kernel.ts";
import type { Netns } from "../kernel/netns.ts";
import { FileSystem } from "../kernel/vfs.ts";
import type { Command, Machine } from "../shell/command.ts";
import { furnishMachine } from "../shell/image-files.ts";

export class Host implements Machine {
  readonly name: string;
  readonly kernel: Kernel;
  readonly netns: Netns;
  readonly fs = new FileSystem();
  readonly log: string[] = [];
  engine: DockerEngine | undefined;
  readonly #programs: () => ReadonlyMap<string, Command>;
  #nextPid = 1000;

  constructor(kernel: Kernel, name: string, programs: () => ReadonlyMap<string, Command>) {
    this.#programs = programs;
    this.name = name;
    this.kernel = kernel;
    this.netns = kernel.addNetns(name, name, true);
    this.fs.place("/etc/hostname", `${name}\n`);
    this.fs.place("/etc/hosts", `127.0.0.1\tlocalhost\n127.0.1.1\t${name}\n`);
    furnishMachine(this);
  }

  get commands(): ReadonlyMap<string, Command> {
    return this.#programs();
  }

  newPid(): number {
    return this.#nextPid++;
  }
}
