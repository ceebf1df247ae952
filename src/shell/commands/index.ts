/** All commands by name. */
import type { Command } from "../command.ts";
import { shellCommands } from "../language/shell.ts";
import { dockerCommands } from "./docker/index.ts";
import { iprouteCommands } from "./iproute/index.ts";
import { showKernelFiles } from "./kernel-files/index.ts";
import { netfilterCommands } from "./netfilter/index.ts";
import { probeCommands } from "./probe/index.ts";
import { socketCommands } from "./sockets/index.ts";
import { textCommands } from "./text/index.ts";
import { vethlabCommand } from "./vethlab.ts";

showKernelFiles();

export const commands: ReadonlyMap<string, Command> = new Map(
  [
    ...textCommands,
    ...iprouteCommands,
    ...probeCommands,
    ...socketCommands,
    ...netfilterCommands,
    ...dockerCommands,
    vethlabCommand,
    ...shellCommands,
  ].map((command) => [command.name, command]),
);
