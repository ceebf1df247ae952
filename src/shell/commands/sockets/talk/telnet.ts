/** `telnet`: a line-wise TCP client. The words are BusyBox' in a container, those of Debian's telnet on a machine. */
import { formatIp, type Ip } from "../../../../kernel/address.ts";
import { ERRNO_TEXT } from "../../../../kernel/socket/errors.ts";
import { anyOf, type Op, WaitQueue } from "../../../../kernel/task.ts";
import type { Command, Process } from "../../../command.ts";
import { parsePort } from "../../../port-names.ts";
import { ResolveError, resolveHost } from "../../../resolver.ts";
import { connect } from "../web/connect.ts";
import { readBeside } from "./relay.ts";

const TELNET_PORT = 23;

const BUSYBOX_USAGE = `BusyBox v1.38.0 (Debian 1:1.38.0-3+b1) multi-call binary.

Usage: telnet [-a] [-l USER] HOST [PORT]

Connect to telnet server

\t-a\tAutomatic login with $USER envvar
\t-l USER\tAutomatic login as USER
`;

export const telnet: Command = {
  name: "telnet",
  summary: "talk to a TCP port: telnet HOST [PORT]",
  run,
};

function* run(process: Process): Op<number> {
  const { stdout, stderr } = process;
  const busybox = process.container !== undefined;
  const words = process.argv.slice(1);
  const family = words.includes("-4") ? 4 : words.includes("-6") ? 6 : undefined;
  const unknown = words.find((word) => word.startsWith("-") && word !== "-4" && word !== "-6");
  const [name, portText, ...rest] = words.filter((word) => !word.startsWith("-"));
  if (unknown !== undefined || name === undefined || rest.length > 0) {
    const invalid = unknown === undefined ? "" : `telnet: invalid option -- '${unknown.replace(/^-+/, "")}'\n`;
    stderr.write(`${invalid}${busybox ? BUSYBOX_USAGE : "Usage: telnet [-4] [-6] host-name [port]\n"}`);
    return 1;
  }
  const port = portText === undefined ? TELNET_PORT : parsePort(portText);
  if (port === undefined || port === 0) {
    stderr.write(
      busybox
        ? `telnet: bad port '${portText}'\n`
        : `telnet: could not resolve ${name}/${portText}: Servname not supported for ai_socktype\n`,
    );
    return 1;
  }
  const host = yield* resolveHost(process, name, family);
  if (host instanceof ResolveError) {
    stderr.write(
      busybox ? `telnet: bad address '${name}'\n` : `telnet: could not resolve ${name}/${portText ?? "telnet"}: ${host.message}\n`,
    );
    return 1;
  }
  for (const [index, ip] of host.addresses.entries()) {
    if (!busybox) stdout.write(`Trying ${formatIp(ip)}...\n`);
    const socket = yield* connect(process, ip, port);
    if (typeof socket !== "string") {
      try {
        const told = `Connected to ${name}\n`;
        // BusyBox' sentence waits in a buffer until the end, unless a terminal reads.
        const atOnce = process.tty === stdout;
        if (busybox) {
          if (atOnce) stdout.write(told);
          const status = yield* converse(process, socket, true);
          if (!atOnce) stdout.write(told);
          return status;
        }
        stdout.write(`Connected to ${host.canonicalName}.\nEscape character is '^]'.\n`);
        return yield* converse(process, socket, false);
      } finally {
        socket.close();
      }
    }
    const why = socket === "timeout" ? "Connection timed out" : ERRNO_TEXT[socket];
    if (busybox) {
      stderr.write(`telnet: can't connect to remote host (${formatIp(ip)}): ${why}\n`);
      return 1;
    }
    if (index === host.addresses.length - 1) stderr.write(`telnet: Unable to connect to remote host: ${why}\n`);
    else stderr.write(`telnet: connect to address ${formatIp(ip as Ip)}: ${why}\n`);
  }
  return 1;
}

function* converse(
  process: Process,
  socket: Exclude<ReturnType<Process["netns"]["sockets"]["tcpConnect"]>, string>,
  busybox: boolean,
): Op<number> {
  const inputEnded = new WaitQueue();
  let over = false;
  const typist = readBeside(
    process,
    (text) => socket.send(text.replace(/\n$/, "\r\n")),
    () => {
      over = true;
      inputEnded.wake();
    },
  );
  try {
    for (;;) {
      process.stdout.write(socket.receive());
      if (socket.ended || socket.error) {
        if (busybox) {
          process.stderr.write("EOF on read from foreign host\n");
          return 0;
        }
        process.stderr.write("Connection closed by foreign host.\n");
        return 1;
      }
      if (over && !busybox) {
        process.stderr.write("Connection closed.\n");
        return 0;
      }
      // BusyBox tells the peer that nothing more comes, and listens on.
      if (over) socket.shutdown();
      yield over ? socket.changed : anyOf(socket.changed, inputEnded);
    }
  } finally {
    typist.stop();
  }
}
