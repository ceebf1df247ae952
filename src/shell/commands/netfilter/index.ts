/** The commands of netfilter: rules of both families, tracked connections, the kernel log. */
import "../../../kernel/netfilter/modules/index.ts";
import type { Command } from "../../command.ts";
import { conntrack } from "./conntrack.ts";
import { dmesg } from "./dmesg.ts";
import { iptablesCommands } from "./iptables.ts";
import { nft } from "./nft.ts";
import { saveCommands } from "./save.ts";

export const netfilterCommands: readonly Command[] = [...iptablesCommands, ...saveCommands, conntrack, nft, dmesg];
