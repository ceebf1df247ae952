/** Which netns a word of `ip link … netns WORD` means: a name of `ip netns`, a path, or a process's number. */
import type { Netns } from "../../../kernel/netns.ts";
import type { Process } from "../../command.ts";
import { namedNetns, netnsOfPid } from "../../netns-file.ts";

/** Undefined when it is none of these; "other" for a file that is no netns. */
export function netnsOf(process: Process, word: string): Netns | "other" | undefined {
  const named = namedNetns(process, word);
  if (named) return named;
  if (!/^\d+$/.test(word)) return undefined;
  return netnsOfPid(process, Number(word));
}
