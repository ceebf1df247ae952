/** What looks at names, sockets and services, and what serves. */
import type { Command } from "../../command.ts";
import { dig } from "./dns/dig.ts";
import { getent } from "./dns/getent.ts";
import { host } from "./dns/host.ts";
import { nslookup } from "./dns/nslookup.ts";
import { ss } from "./show/ss.ts";

export const socketCommands: readonly Command[] = [dig, nslookup, host, getent, ss];
