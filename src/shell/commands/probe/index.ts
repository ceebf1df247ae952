/** Commands that probe the way to somewhere, and the kernel's settings. */
import type { Command } from "../../command.ts";
import { pingCommands } from "./ping/ping.ts";

export const probeCommands: readonly Command[] = [...pingCommands];
