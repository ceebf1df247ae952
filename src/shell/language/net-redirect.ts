/** /dev/tcp/HOST/PORT and /dev/udp/HOST/PORT as the target of a redirection: a socket, as bash opens it (lib/sh/netopen.c). */

import { ERRNO_TEXT } from "../../kernel/socket/errors.ts";
import type { TcpSocket } from "../../kernel/socket/tcp.ts";
import { type Output, outputTo, Readable } from "../../kernel/stdio.ts";
import type { Op } from "../../kernel/task.ts";
import type { Process } from "../command.ts";
import { parsePort } from "../port-names.ts";
import { ResolveError, resolveHost } from "../resolver.ts";
import type { Descriptor } from "./streams.ts";

class TcpStream extends Readable implements Output {
  readonly #socket: TcpSocket;
  #rest = "";

  constructor(socket: TcpSocket) {
    super();
    this.#socket = socket;
  }

  *read(limit = Number.POSITIVE_INFINITY, until?: string): Op<string | undefined> {
    while (this.#rest === "") {
      this.#rest = this.#socket.receive();
      if (this.#rest !== "") break;
      if (this.#socket.ended || this.#socket.error) return undefined;
      yield this.#socket.changed;
    }
    const stop = until === undefined ? -1 : this.#rest.indexOf(until);
    const end = Math.min(limit, stop < 0 ? this.#rest.length : stop + (until as string).length);
    const piece = this.#rest.slice(0, end);
    this.#rest = this.#rest.slice(end);
    return piece;
  }

  write(text: string): void {
    this.#socket.send(text);
  }

  close(): void {
    this.#socket.close();
  }
}

/** Two complaints of bash: the one of the attempt, which has no line number when it is connect's, and the errno. */
export interface NetworkRefusal {
  readonly said: string;
  readonly connecting: boolean;
  readonly errno: string;
}

export function* openConnection(process: Process, protocol: "tcp" | "udp", host: string, service: string): Op<Descriptor | NetworkRefusal> {
  const port = parsePort(service, protocol);
  if (port === undefined)
    return { said: `${service}: Servname not supported for ai_socktype`, connecting: false, errno: "Invalid argument" };
  const found = yield* resolveHost(process, host);
  if (found instanceof ResolveError) return { said: `${host}: ${found.message}`, connecting: false, errno: "Invalid argument" };
  let last = "Network is unreachable";
  for (const ip of found.addresses) {
    const owner = { process: "bash", pid: process.pid };
    const { sockets } = process.netns;
    const socket = protocol === "tcp" ? sockets.tcpConnect(owner, ip, port) : sockets.udp(owner);
    if (typeof socket === "string") {
      last = ERRNO_TEXT[socket];
      continue;
    }
    const failed = "state" in socket ? yield* connected(socket) : socket.connect(ip, port);
    if (failed === undefined) {
      if ("state" in socket) {
        const stream = new TcpStream(socket);
        return { input: stream, output: stream, close: () => stream.close() };
      }
      return { output: outputTo((text) => void socket.send({ kind: "text", text })), close: () => socket.close() };
    }
    socket.close();
    last = ERRNO_TEXT[failed];
  }
  return { said: `connect: ${last}`, connecting: true, errno: last };
}

function* connected(socket: TcpSocket): Op<TcpSocket["error"]> {
  let done = false;
  try {
    while (socket.state === "SYN-SENT" || socket.state === "SYN-RECV") yield socket.changed;
    done = true;
    return socket.error;
  } finally {
    if (!done) socket.close();
  }
}
