/** Commands that probe the way to somewhere, and the kernel's settings. */
import type { Command } from "../../command.ts";
import { arping } from "./arping.ts";
import { pingCommands } from "./ping/ping.ts";
import { sysctl } from "./sysctl.ts";
import { tracepathCommands } from "./tracepath.ts";
import { tracerouteCommands } from "./traceroute/traceroute.ts";

export const probeCommands: readonly Command[] = [...pingCommands, ...tracerouteCommands, ...tracepathCommands, arping, sysctl];
