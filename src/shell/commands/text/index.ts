import type { Command } from "../../command.ts";

export const textCommands: readonly Command[] = [];
