import type { Command } from "../../command.ts";

export const netfilterCommands: readonly Command[] = [];
