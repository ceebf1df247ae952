/** What looks at names, sockets and services, and what serves. */
import type { Command } from "../../command.ts";
import { tcpdump } from "./capture/tcpdump.ts";
import { nstat } from "./counters/nstat.ts";
import { dig } from "./dns/dig.ts";
import { getent } from "./dns/getent.ts";
import { host } from "./dns/host.ts";
import { nslookup } from "./dns/nslookup.ts";
import { daemonCommands, entrypointCommands } from "./serve/daemons.ts";
import { httpd } from "./serve/httpd.ts";
import { pythonCommands } from "./serve/python.ts";
import { netstat } from "./show/netstat.ts";
import { ss } from "./show/ss.ts";
import { nc } from "./talk/nc.ts";
import { telnet } from "./talk/telnet.ts";
import { curl } from "./web/curl.ts";
import { wget } from "./web/wget.ts";

const netcat: Command = { ...nc, name: "netcat" };

export const socketCommands: readonly Command[] = [
  dig,
  nslookup,
  host,
  getent,
  curl,
  wget,
  nc,
  netcat,
  telnet,
  ss,
  netstat,
  nstat,
  tcpdump,
  httpd,
  ...pythonCommands,
  ...daemonCommands,
  ...entrypointCommands,
];
