import type { Command } from "../../command.ts";

export const probeCommands: readonly Command[] = [];
