/** Two directions at once: what is typed goes to the peer, what the peer says is printed. For nc and telnet. */
import { type Op, Signal, Task } from "../../../../kernel/task.ts";
import type { Process } from "../../../command.ts";

export interface Typist {
  /** Whether standard input has ended. */
  readonly ended: boolean;
  readonly task: Task<void>;
  stop(): void;
}

/** Reads standard input beside the caller; each line, newline included, is handed to `line`. */
export function readBeside(process: Process, line: (text: string) => void, atEnd: () => void): Typist {
  const task = new Task(process.netns.kernel.clock, readLines(process, line, atEnd));
  return {
    get ended() {
      return task.done;
    },
    task,
    stop: () => task.signal(new Signal("KILL")),
  };
}

function* readLines(process: Process, line: (text: string) => void, atEnd: () => void): Op<void> {
  for (;;) {
    const text = yield* process.stdin.readLine();
    if (text === undefined) break;
    line(`${text}\n`);
  }
  atEnd();
}
