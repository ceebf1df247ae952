import type { ContainerView } from "../../engine/types.ts";

/** Aliases that somebody gave on a network: the engine's own (name, host name, short id) left out. */
export function aliasesOf(view: Pick<ContainerView, "name" | "hostname" | "id">, aliases: readonly string[]): readonly string[] {
  const own = new Set([view.name, view.hostname, view.id.slice(0, 12)]);
  return aliases.filter((alias) => !own.has(alias));
}
