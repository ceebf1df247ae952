/** Containers copied on the picture and pasted again: each paste is a `docker run` with the same options under a new name. */
import { type ContainerForm, copyName, freePublish, runLine, words } from "../add/words.ts";

interface Taken {
  readonly names: ReadonlySet<string>;
  /** Host ports that somebody has. */
  readonly ports: ReadonlySet<number>;
}

/**
 * The line that runs containers like those that were copied. Names and fixed host ports are the next free ones; static
 * addresses and MACs, which only one can have, are left to the engine. Those that shared another copied one's netns share
 * its copy's.
 */
export function pasteLine(copied: readonly ContainerForm[], taken: Taken): string {
  const names = new Set(taken.names);
  const ports = new Set(taken.ports);
  const renamed = new Map<string, string>();
  for (const form of copied) {
    const name = copyName(form.name, names);
    names.add(name);
    renamed.set(form.name, name);
  }
  const owners = new Set(copied.map((form) => form.networks[0]?.network.replace("container:", "")));
  // Whoever lends its netns has to be there first.
  const order = [...copied].sort((a, b) => Number(owners.has(b.name)) - Number(owners.has(a.name)));
  return order
    .map((form) => {
      const published = words(form.ports).map((word) => {
        const free = freePublish(word, ports);
        const port = /(\d+):\d+(\/\w+)?$/.exec(free)?.[1];
        if (port) ports.add(Number(port));
        return free;
      });
      return runLine({
        ...form,
        name: renamed.get(form.name) ?? form.name,
        networks: form.networks.map((one) => ({ ...one, ip: "", mac: "", network: sharedWith(one.network, renamed) })),
        ports: published.join(" "),
      });
    })
    .join(" && ");
}

function sharedWith(network: string, renamed: ReadonlyMap<string, string>): string {
  const donor = network.startsWith("container:") ? renamed.get(network.slice("container:".length)) : undefined;
  return donor ? `container:${donor}` : network;
}
