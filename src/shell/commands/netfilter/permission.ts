/** What the tools say to who lacks CAP_NET_ADMIN. */
import { VERSION } from "../../../kernel/netfilter/version.ts";
import type { Process } from "../../command.ts";

/** iptables' refusal; gives its exit status. */
export function permissionDenied(process: Process, program: string): number {
  process.stderr.write(`${program} ${VERSION}: Could not fetch rule set generation id: Permission denied (you must be root)\n`);
  return 4;
}
