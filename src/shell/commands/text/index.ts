/** The small tools of a Unix userland. */
import type { Command } from "../../command.ts";
import { basicCommands } from "./basic.ts";

export const textCommands: readonly Command[] = basicCommands;
