/** What the kernel shows as files and only somebody at a terminal reads: it comes with the programs. */
import { recentLists, recentText, writeRecent } from "../../../kernel/netfilter/modules/match-recent.ts";
import { addNetTables, addProcessFiles } from "../../proc-files.ts";
import { addDeviceFiles } from "../../sys-files.ts";
import { filesOf, writeDeviceFile } from "./device-files.ts";
import { NET_TABLES } from "./net-tables.ts";
import { MACHINE_FILES, PROCESS_FILES } from "./process-files.ts";

export function showKernelFiles(): void {
  addNetTables(NET_TABLES, { xt_recent: { names: recentLists, read: recentText, write: writeRecent } });
  addDeviceFiles(filesOf, writeDeviceFile);
  addProcessFiles(PROCESS_FILES, MACHINE_FILES);
}
