/**
 * Commands that show and change links, addresses, routes and neighbours. iproute2: `ip` (ip.ts says which object and verb;
 * link-*, address-*, route-*, neighbour, rule and maddress carry it out), `bridge` and `tc`. bridge-utils: `brctl`.
 * net-tools: `ifconfig`, `route`, `arp`. Each is a function from words to an answer, printed by answer.ts.
 */
import type { Command } from "../../command.ts";
import { arpCommand } from "./arp.ts";
import { brctlCommand } from "./brctl.ts";
import { bridgeCommand } from "./bridge.ts";
import { ifconfigCommand } from "./ifconfig.ts";
import { ipCommand } from "./ip.ts";
import { nsenterCommand, unshareCommand } from "./nsenter.ts";
import { routeCommand } from "./route.ts";
import { tcCommand } from "./tc.ts";

export const iprouteCommands: readonly Command[] = [
  ipCommand,
  bridgeCommand,
  brctlCommand,
  tcCommand,
  ifconfigCommand,
  routeCommand,
  arpCommand,
  nsenterCommand,
  unshareCommand,
];
