/** Databases, queues and other servers as far as a probe sees them: ports that accept connections, and Redis' PING. */
import type { LocalAddress, SocketErrno } from "../../kernel/socket/table.ts";
import type { TcpSocket } from "../../kernel/socket/tcp.ts";
import type { Op } from "../../kernel/task.ts";
import { readSome, type ServiceOwner, serveTcp } from "./service.ts";

const both = (port: number): readonly LocalAddress[] => [{ port }, { family: 6, port }];

/** Inline commands of the Redis protocol: PING, ECHO, QUIT; anything else is an unknown command. */
export const serveRedis = (owner: ServiceOwner): Op<SocketErrno> => serveTcp(owner, both(6379), 511, redisSession);

function* redisSession(socket: TcpSocket): Op<void> {
  let text = "";
  for (;;) {
    const more = yield* readSome(socket);
    if (more === "") return;
    text = (text + more).slice(-65536);
    for (let end = text.indexOf("\n"); end >= 0; end = text.indexOf("\n")) {
      const words = text.slice(0, end).trim().split(/\s+/);
      text = text.slice(end + 1);
      const command = (words[0] ?? "").toUpperCase();
      if (command === "") continue;
      if (command === "QUIT") {
        socket.send("+OK\r\n");
        return;
      }
      socket.send(redisReply(command, words));
    }
  }
}

function redisReply(command: string, words: readonly string[]): string {
  if (command === "PING") return "+PONG\r\n";
  if (command === "ECHO" && words[1] !== undefined) return `$${words[1].length}\r\n${words[1]}\r\n`;
  const given = words.slice(1, 2).map((word) => `'${word}' `);
  return `-ERR unknown command '${words[0]}', with args beginning with: ${given.join("")}\r\n`;
}

/** Accepts on the ports, and hangs up on whatever is said, which is no message of a binary protocol. */
export const serveMute = (owner: ServiceOwner, ports: readonly number[], backlog: number): Op<SocketErrno> =>
  serveTcp(owner, ports.flatMap(both), backlog, function* (socket) {
    yield* readSome(socket);
  });
