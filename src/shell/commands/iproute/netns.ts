/** Which netns a word of `ip link … netns WORD` means: that of a process. Named netns (`ip netns add`) are not part of this world. */

import { EngineError } from "../../../engine/types.ts";
import type { Netns } from "../../../kernel/netns.ts";
import type { Process } from "../../command.ts";

/** Undefined when there is no such process; a container's processes know no others. */
export function netnsOf(process: Process, word: string): Netns | undefined {
  if (!/^\d+$/.test(word)) return undefined;
  const pid = Number(word);
  if (pid === process.pid) return process.netns;
  if (process.container) return pid === 1 ? process.netns : undefined;
  if (pid === 1) return process.machine.netns;
  const containers = process.machine.engine?.containers(true) ?? [];
  if (containers instanceof EngineError) return undefined;
  return containers.find((container) => container.process?.pid === pid)?.netns;
}
