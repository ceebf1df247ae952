import type { Command } from "../../command.ts";

export const socketCommands: readonly Command[] = [];
