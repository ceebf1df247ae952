import type { Command } from "../../command.ts";

export const dockerCommands: readonly Command[] = [];
