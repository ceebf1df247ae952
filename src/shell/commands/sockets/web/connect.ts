/** Connecting by name or address, as tools do: each address in turn, or both families side by side. */
import type { Ip } from "../../../../kernel/address.ts";
import type { NetDevice } from "../../../../kernel/device/device.ts";
import type { LocalAddress, SocketErrno } from "../../../../kernel/socket/table.ts";
import type { TcpSocket } from "../../../../kernel/socket/tcp.ts";
import { anyOf, type Op, sleep } from "../../../../kernel/task.ts";
import type { Process } from "../../../command.ts";

export interface ConnectOptions {
  readonly local?: LocalAddress;
  readonly device?: NetDevice;
  /** Virtual time in µs at which to give up. */
  readonly deadline?: number;
}

export const ownerOf = (process: Pick<Process, "argv" | "pid">) => ({
  process: (process.argv[0] ?? "").split("/").pop() ?? "",
  pid: process.pid,
});

/** A connected socket, the errno of the failure, or "timeout" when the deadline passed. */
export function* connect(process: Process, ip: Ip, port: number, options: ConnectOptions = {}): Op<TcpSocket | SocketErrno | "timeout"> {
  const { sockets, kernel } = process.netns;
  const socket = sockets.tcpConnect(ownerOf(process), ip, port, options.local, options.device);
  if (typeof socket === "string") return socket;
  let connected = false;
  try {
    while (socket.state === "SYN-SENT" || socket.state === "SYN-RECV") {
      if (options.deadline === undefined) yield socket.changed;
      else if (kernel.clock.now >= options.deadline) return "timeout";
      else yield anyOf(socket.changed, sleep(options.deadline - kernel.clock.now));
    }
    connected = socket.error === undefined;
    return socket.error ?? socket;
  } finally {
    if (!connected) socket.close();
  }
}

export interface Attempt {
  readonly ip: Ip;
  readonly socket: TcpSocket;
}

export interface Attempts {
  /** Told as an attempt starts and as it fails. */
  trying(ip: Ip): void;
  failed(ip: Ip, localIp: Ip | undefined, localPort: number, errno: SocketErrno): void;
}

/** The head start of the preferred family (RFC 8305, CURL_HET_DEFAULT). */
const HEAD_START = 200_000;

/**
 * Happy eyeballs: the families' addresses in two queues, the second started when the first has not connected in 200 ms or
 * has failed. Gives the first that connects, the last errno, or "timeout".
 */
export function* connectAny(
  process: Process,
  addresses: readonly Ip[],
  port: number,
  options: ConnectOptions,
  tell: Attempts,
): Op<Attempt | SocketErrno | "timeout"> {
  const { sockets, kernel } = process.netns;
  const preferred = typeof addresses[0];
  const queues = [addresses.filter((ip) => typeof ip === preferred), addresses.filter((ip) => typeof ip !== preferred)];
  const running: (Attempt | undefined)[] = [undefined, undefined];
  const secondAt = kernel.clock.now + HEAD_START;
  let last: SocketErrno = "EHOSTUNREACH";
  let won: TcpSocket | undefined;
  try {
    for (;;) {
      for (const [index, queue] of queues.entries()) {
        // The other family waits for its turn.
        if (index === 1 && kernel.clock.now < secondAt && (running[0] || (queues[0] as Ip[]).length > 0)) continue;
        while (!running[index] && queue.length > 0) {
          const ip = queue.shift() as Ip;
          tell.trying(ip);
          const socket = sockets.tcpConnect(ownerOf(process), ip, port, options.local, options.device);
          if (typeof socket !== "string") running[index] = { ip, socket };
          else {
            last = socket;
            tell.failed(ip, undefined, 0, socket);
          }
        }
      }
      let ended = false;
      for (const [index, attempt] of running.entries()) {
        if (!attempt) continue;
        const { socket, ip } = attempt;
        if (socket.error) {
          last = socket.error;
          tell.failed(ip, socket.local, socket.localPort, socket.error);
          running[index] = undefined;
          ended = true;
        } else if (socket.state !== "SYN-SENT" && socket.state !== "SYN-RECV") {
          won = socket;
          return attempt;
        }
      }
      if (ended) continue;
      const waiting = running.filter((attempt) => attempt !== undefined);
      if (waiting.length === 0) return last;
      const { now } = kernel.clock;
      if (options.deadline !== undefined && now >= options.deadline) return "timeout";
      const alarms = [options.deadline ?? Number.POSITIVE_INFINITY];
      if ((queues[1] as Ip[]).length > 0 && now < secondAt) alarms.push(secondAt);
      const alarm = Math.min(...alarms);
      const changes = waiting.map((attempt) => attempt.socket.changed);
      yield alarm === Number.POSITIVE_INFINITY ? anyOf(...changes) : anyOf(...changes, sleep(alarm - now));
    }
  } finally {
    for (const attempt of running) if (attempt && attempt.socket !== won) attempt.socket.close();
  }
}
