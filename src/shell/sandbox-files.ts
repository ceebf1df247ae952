/** The network namespaces of containers as files, where libnetwork mounts them (osl/namespace_linux.go). */
import type { Netns } from "../kernel/netns.ts";
import { FileError, type Mount } from "../kernel/vfs.ts";
import type { Machine } from "./command.ts";

export const SANDBOX_FOLDER = "/run/docker/netns";

/** The netns of a machine's containers by the name of the sandbox. */
export const sandboxes = (machine: Machine): ReadonlyMap<string, Netns> => {
  const containers = machine.engine?.containers(true) ?? [];
  const found = new Map<string, Netns>();
  for (const { sandbox, netns } of containers) if (sandbox && netns) found.set(sandbox.key.split("/").at(-1) as string, netns);
  return found;
};

/** /run/docker/netns: one file for each sandbox. */
export function sandboxFiles(machine: Machine): Mount {
  return {
    read: (path) => (sandboxes(machine).has(path.slice(SANDBOX_FOLDER.length + 1)) ? "" : new FileError("No such file or directory")),
    list: (path) => (path === SANDBOX_FOLDER ? [...sandboxes(machine).keys()].sort() : undefined),
  };
}
