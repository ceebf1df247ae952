/** A Docker host on which lines have been run, for tests of what panels read from it and type on it. */
import type { DockerEngine } from "../engine/engine.ts";
import { type Container, EngineError, type Network } from "../engine/types.ts";
import { NO_INPUT, outputTo } from "../kernel/stdio.ts";
import { type Picture, PictureHistory } from "../session/picture.ts";
import { commands } from "../shell/commands/index.ts";
import type { Host } from "../world/machine.ts";
import { buildWorld, type World } from "../world/world.ts";

const HOST = "docker-host";
const BETWEEN_LINES = 150_000;

export class TestStage {
  readonly world: World = buildWorld({ programs: () => commands, seed: 1, dnsOrder: "round-robin" });
  readonly #history = new PictureHistory(this.world.kernel.trace);

  constructor(...lines: readonly string[]) {
    this.world.advance(3_000_000);
    for (const line of lines) {
      const { output, status } = this.run(line);
      if (status !== 0) throw new Error(`${line}: ${output}`);
    }
  }

  get host(): Host {
    return this.world.machines.get(HOST) as Host;
  }

  get engine(): DockerEngine {
    return this.host.engine as DockerEngine;
  }

  get picture(): Picture {
    return this.#history.latest();
  }

  get now(): number {
    return this.world.kernel.clock.now;
  }

  /** Runs a line on a machine as its shell would; what it printed, and its status. */
  run(line: string, machine = HOST): { readonly output: string; readonly status: number } {
    let output = "";
    const sink = outputTo((text) => (output += text));
    const host = this.world.machines.get(machine) as Host;
    const { task } = this.world.spawn(host, ["bash", "-c", line], { stdin: NO_INPUT, stdout: sink, stderr: sink });
    const { clock } = this.world.kernel;
    while (!task.done && clock.step());
    this.world.advance(clock.now + BETWEEN_LINES);
    return { output, status: task.outcome && "value" in task.outcome ? task.outcome.value : 1 };
  }

  container(name: string): Container {
    const found = this.engine.findContainer(name);
    if (found instanceof EngineError) throw new Error(found.message);
    return found;
  }

  network(name: string): Network {
    const found = this.engine.findNetwork(name);
    if (found instanceof EngineError) throw new Error(found.message);
    return found;
  }

  /** Ids by name, as the picture has them. */
  id(name: string): string {
    for (const map of [this.picture.containers, this.picture.networks])
      for (const view of map.values()) if (view.name === name) return view.id;
    throw new Error(`nothing is called ${name}`);
  }
}
