/** What the kernel shows as files and only somebody at a terminal reads: it comes with the programs. */
import { addNetTables } from "../../proc-files.ts";
import { addDeviceFiles } from "../../sys-files.ts";
import { filesOf } from "./device-files.ts";
import { NET_TABLES } from "./net-tables.ts";

export function showKernelFiles(): void {
  addNetTables(NET_TABLES);
  addDeviceFiles(filesOf);
}
