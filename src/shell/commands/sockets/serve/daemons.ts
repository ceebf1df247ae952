/** What well-known images run: web servers and databases, in the foreground as containers want them. */
import { ERRNO_TEXT } from "../../../../kernel/socket/errors.ts";
import type { SocketErrno } from "../../../../kernel/socket/table.ts";
import type { Op } from "../../../../kernel/task.ts";
import type { Command, Process } from "../../../command.ts";
import {
  filesUnder,
  firstOf,
  onePage,
  type ServiceOwner,
  servePostgres,
  serveRedis,
  serveWeb,
  WELCOME_TO_NGINX,
} from "../../../services/index.ts";

/** A daemon by program name; `refuse` words why it could not have its port. */
interface Daemon {
  readonly name: string;
  readonly summary: string;
  serve(owner: ServiceOwner, process: Process): Op<SocketErrno>;
  refuse(why: string): string;
}

/** The page under the server's root if somebody has put one there, else the welcome page. */
const webPages = (process: Process, ...roots: readonly string[]) =>
  firstOf(...roots.map((root) => filesUnder(process.fs, root)), onePage(WELCOME_TO_NGINX));

const DAEMONS: readonly Daemon[] = [
  {
    name: "nginx",
    summary: "web server of the nginx image, on port 80",
    serve: (owner, process) => serveWeb(owner, webPages(process, "/usr/share/nginx/html", "/var/www")),
    refuse: (why) => `nginx: [emerg] bind() to 0.0.0.0:80 failed (98: ${why})\n`,
  },
  {
    name: "httpd-foreground",
    summary: "web server of the httpd image, on port 80",
    serve: (owner, process) => serveWeb(owner, webPages(process, "/usr/local/apache2/htdocs", "/var/www")),
    refuse: (why) => `(98)${why}: AH00072: make_sock: could not bind to address [::]:80\n`,
  },
  {
    name: "redis-server",
    summary: "key-value store of the redis image, on port 6379",
    serve: serveRedis,
    refuse: (why) => `Warning: Could not create server TCP listening socket *:6379: bind: ${why}\n`,
  },
  {
    name: "postgres",
    summary: "database of the postgres image, on port 5432",
    serve: servePostgres,
    refuse: (why) => `LOG:  could not bind IPv4 address "0.0.0.0": ${why}\n`,
  },
];

export const daemonCommands: readonly Command[] = DAEMONS.map((daemon) => ({
  name: daemon.name,
  summary: daemon.summary,
  *run(process: Process): Op<number> {
    const owner = { netns: process.netns, pid: process.pid, name: daemon.name };
    const refused = yield* daemon.serve(owner, process);
    process.stderr.write(daemon.refuse(ERRNO_TEXT[refused]));
    return 1;
  },
}));
