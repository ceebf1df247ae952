/** What well-known images run: web servers, databases and queues, in the foreground as containers want them. */
import { ERRNO_TEXT } from "../../../../kernel/socket/errors.ts";
import type { SocketErrno } from "../../../../kernel/socket/table.ts";
import type { Op } from "../../../../kernel/task.ts";
import type { Command, Process } from "../../../command.ts";
import { serveMute, serveRedis } from "../../../services/daemons.ts";
import { everywhere, filesUnder, firstOf, onePage, type ServiceOwner, serveWeb, WELCOME_TO_NGINX } from "../../../services/index.ts";

/** A daemon by program name; `refuse` words why it could not have its port. */
interface Daemon {
  readonly name: string;
  readonly summary: string;
  serve(owner: ServiceOwner, process: Process): Op<SocketErrno>;
  refuse(why: string): string;
}

/** Serves the pages under a server's root, where somebody has put some, else its welcome page. */
const web = (name: string, port: number, roots: readonly string[], welcome: string, refuse: Daemon["refuse"]): Daemon => ({
  name,
  summary: `web server on port ${port}, as images run it`,
  serve: (owner, process) =>
    serveWeb(owner, firstOf(...roots.map((root) => filesUnder(process.fs, root)), onePage(welcome)), everywhere(port)),
  refuse,
});

const mute = (name: string, ports: readonly number[], backlog = 128): Daemon => ({
  name,
  summary: `listens on port ${ports.join(" and ")}, as images run it`,
  serve: (owner) => serveMute(owner, ports, backlog),
  refuse: (why) => `${name}: could not listen on port ${ports[0]}: ${why}\n`,
});

const redis = (name: string): Daemon => ({
  name,
  summary: "key-value store on port 6379, as images run it",
  serve: serveRedis,
  refuse: (why) => `Warning: Could not create server TCP listening socket *:6379: bind: ${why}\n`,
});

const apacheRefuses = (why: string): string => `(98)${why}: AH00072: make_sock: could not bind to address [::]:80\n`;

const DAEMONS: readonly Daemon[] = [
  web(
    "nginx",
    80,
    ["/usr/share/nginx/html", "/var/www"],
    WELCOME_TO_NGINX,
    (why) => `nginx: [emerg] bind() to 0.0.0.0:80 failed (98: ${why})\n`,
  ),
  web("httpd-foreground", 80, ["/usr/local/apache2/htdocs", "/var/www"], WELCOME_TO_NGINX, apacheRefuses),
  web("apache2-foreground", 80, ["/var/www/html"], "<html><body><h1>It works!</h1></body></html>\n", apacheRefuses),
  web(
    "caddy",
    80,
    ["/usr/share/caddy", "/srv"],
    "<h1>Caddy works!</h1>\n",
    (why) => `Error: listening on :80: listen tcp :80: bind: ${why}\n`,
  ),
  redis("redis-server"),
  redis("valkey-server"),
  mute("postgres", [5432], 200),
  mute("mysqld", [3306, 33060], 151),
  mute("mariadbd", [3306], 80),
  mute("mongod", [27017]),
  mute("memcached", [11211], 1024),
  mute("rabbitmq-server", [5672]),
  mute("traefik", [80]),
];

export const daemonCommands: readonly Command[] = DAEMONS.map((daemon) => ({
  name: daemon.name,
  summary: daemon.summary,
  userlands: ["debian", "alpine"],
  *run(process: Process): Op<number> {
    const owner = { netns: process.netns, pid: process.pid, name: daemon.name };
    const refused = yield* daemon.serve(owner, process);
    process.stderr.write(daemon.refuse(ERRNO_TEXT[refused]));
    return 1;
  },
}));

/** Entry points of images: they prepare, and then become the command that they are given. */
export const entrypointCommands: readonly Command[] = [
  "docker-entrypoint.sh",
  "docker-php-entrypoint",
  "mvn-entrypoint.sh",
  "entrypoint.sh",
].map((name) => ({
  name,
  summary: "an image's entry point: runs the command that follows",
  userlands: ["debian", "alpine", "busybox"],
  *run(process: Process): Op<number> {
    const words = process.argv.slice(1);
    return words.length === 0 ? 0 : yield* process.run(words);
  },
}));
