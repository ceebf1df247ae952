/** Whose socket it is, as the one who looks can tell: from inside a container only its own processes are seen. */
import type { SocketView } from "../../../../kernel/socket/table.ts";
import type { Process } from "../../../command.ts";
import { ProcessTable, processesOf } from "../../../process-table.ts";

export interface SeenOwner {
  readonly name: string;
  readonly pid: number;
}

/** Undefined when nobody owns the socket any more, or its owner is in another PID namespace. */
export function ownerSeenBy(process: Process, socket: SocketView): SeenOwner | undefined {
  if (socket.pid === 0 || socket.process === "") return undefined;
  if (!process.container) return { name: socket.process, pid: socket.pid };
  const entry = processesOf(process.machine).entries.get(socket.pid);
  if (!entry || entry.process.container !== process.container) return undefined;
  return { name: socket.process, pid: ProcessTable.pidFor(process, entry) };
}

/** Inode numbers of sockets begin here on a machine that has just booted. */
const FIRST_INODE = 20_000;

/** The number by which a socket is known in /proc: the same for the same socket for as long as it lives. */
export const inodeOf = ({ localPort, remotePort, pid }: SocketView): number =>
  FIRST_INODE + ((localPort * 131 + remotePort * 31 + pid * 17) % 60_000);
