import type { Command } from "../../command.ts";

export const iprouteCommands: readonly Command[] = [];
