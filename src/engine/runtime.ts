/** What the engine needs of a container runtime (containerd and runc): to start processes. The shell layer implements it. */
import type { Stdio } from "../kernel/stdio.ts";
import type { WaitQueue } from "../kernel/task.ts";
import type { Container } from "./types.ts";

export interface RuntimeProcess {
  readonly pid: number;
  readonly exited: WaitQueue;
  /** Undefined while it runs. */
  readonly exitCode: number | undefined;
  /** A signal by its name without SIG, sent from outside of the container. */
  send(name: string): void;
}

export interface SpawnOptions {
  readonly argv: readonly string[];
  readonly env: readonly string[];
  readonly cwd?: string;
  readonly user?: string;
  readonly privileged?: boolean;
  readonly stdio: Stdio;
  /** PID 1 of the container: default signal dispositions are ignored, its end stops the container. */
  readonly init: boolean;
}

export interface Runtime {
  /** Starts a process in the container's namespaces; the string is runc's reason (`exec: "x": executable file not found in $PATH`). */
  spawn(container: Container, options: SpawnOptions): RuntimeProcess | string;
  /** Stops all processes of a container where they are, or lets them go on: the cgroup freezer. */
  freeze?(container: Container, frozen: boolean): void;
  /** Why a device of --device cannot be given ("error gathering device information …"); undefined where all are there. */
  deviceRefusal?(container: Container): string | undefined;
  /** Why a process cannot run as that user ("unable to find user x: …"); undefined for one that there is. */
  userRefusal?(container: Container, user: string): string | undefined;
  /** What `spawn` would refuse, asked before the container has a network; without it only `spawn` itself refuses. */
  refusal?(container: Container, options: Pick<SpawnOptions, "argv" | "env" | "cwd">): string | undefined;
}
