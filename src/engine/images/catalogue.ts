/** What well-known images hold: the command that they run, the ports that they name, their userland. */
import type { Image } from "../types.ts";

export type ImageContent = Omit<Image, "reference" | "id" | "created">;

const PATH = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
const MB = 1_000_000;

const content = (flavour: Image["flavour"], megabytes: number, parts: Partial<ImageContent>): ImageContent => ({
  flavour,
  size: megabytes * MB,
  command: [],
  entrypoint: [],
  env: [PATH],
  exposed: [],
  workingDir: "",
  ...parts,
});

const debian = (megabytes: number, command: readonly string[], parts: Partial<ImageContent> = {}): ImageContent =>
  content("debian", megabytes, { command, ...parts });

const entry = (script = "docker-entrypoint.sh"): Partial<ImageContent> => ({ entrypoint: [script] });

/** Official images of Docker Hub by name. A tag with "alpine" in it makes the userland Alpine's. */
export const OFFICIAL: ReadonlyMap<string, ImageContent> = new Map<string, ImageContent>([
  ["ubuntu", debian(78, ["/bin/bash"])],
  ["debian", debian(117, ["bash"])],
  ["fedora", debian(181, ["/bin/bash"])],
  ["rockylinux", debian(176, ["/bin/bash"])],
  ["almalinux", debian(190, ["/bin/bash"])],
  ["amazonlinux", debian(142, ["/bin/bash"])],
  ["centos", debian(231, ["/bin/bash"])],
  ["archlinux", debian(455, ["/usr/bin/bash"])],
  ["buildpack-deps", debian(720, ["bash"])],
  ["alpine", content("alpine", 8, { command: ["/bin/sh"] })],
  ["busybox", content("busybox", 4, { command: ["sh"] })],
  ["hello-world", content("scratch", 0.01, { command: ["/hello"] })],
  ["nginx", debian(192, ["nginx", "-g", "daemon off;"], { entrypoint: ["/docker-entrypoint.sh"], exposed: ["80/tcp"] })],
  ["httpd", debian(148, ["httpd-foreground"], { exposed: ["80/tcp"], workingDir: "/usr/local/apache2" })],
  [
    "caddy",
    content("alpine", 50, { command: ["caddy", "run"], exposed: ["80/tcp", "443/tcp", "443/udp", "2019/tcp"], workingDir: "/srv" }),
  ],
  ["traefik", content("alpine", 224, { command: ["traefik"], entrypoint: ["/entrypoint.sh"], exposed: ["80/tcp"] })],
  ["haproxy", debian(103, ["haproxy", "-f", "/usr/local/etc/haproxy/haproxy.cfg"], entry())],
  ["redis", debian(117, ["redis-server"], { ...entry(), exposed: ["6379/tcp"], workingDir: "/data" })],
  ["valkey", debian(119, ["valkey-server"], { ...entry(), exposed: ["6379/tcp"], workingDir: "/data" })],
  ["memcached", debian(85, ["memcached"], { ...entry(), exposed: ["11211/tcp"] })],
  ["postgres", debian(438, ["postgres"], { ...entry(), exposed: ["5432/tcp"] })],
  ["mysql", debian(797, ["mysqld"], { ...entry(), exposed: ["3306/tcp", "33060/tcp"] })],
  ["mariadb", debian(407, ["mariadbd"], { ...entry(), exposed: ["3306/tcp"] })],
  ["mongo", debian(855, ["mongod"], { ...entry(), exposed: ["27017/tcp"] })],
  [
    "rabbitmq",
    debian(251, ["rabbitmq-server"], { ...entry(), exposed: ["4369/tcp", "5671/tcp", "5672/tcp", "15691/tcp", "15692/tcp", "25672/tcp"] }),
  ],
  [
    "elasticsearch",
    debian(1240, ["eswrapper"], {
      entrypoint: ["/bin/tini", "--", "/usr/local/bin/docker-entrypoint.sh"],
      exposed: ["9200/tcp", "9300/tcp"],
    }),
  ],
  ["influxdb", debian(392, ["influxd"], { entrypoint: ["/entrypoint.sh"], exposed: ["8086/tcp"] })],
  [
    "consul",
    content("alpine", 118, {
      command: ["agent", "-dev", "-client", "0.0.0.0"],
      ...entry(),
      exposed: ["8300/tcp", "8500/tcp", "8600/tcp", "8600/udp"],
    }),
  ],
  [
    "registry",
    content("alpine", 25, { command: ["/etc/docker/registry/config.yml"], entrypoint: ["/entrypoint.sh"], exposed: ["5000/tcp"] }),
  ],
  ["node", debian(1110, ["node"], entry())],
  ["python", debian(1020, ["python3"])],
  ["golang", debian(838, ["bash"], { workingDir: "/go" })],
  ["rust", debian(1490, ["bash"])],
  ["ruby", debian(990, ["irb"])],
  ["php", debian(530, ["php", "-a"], entry("docker-php-entrypoint"))],
  ["perl", debian(891, ["perl5.40.0", "-de0"], { workingDir: "/usr/src/app" })],
  ["gcc", debian(1430, ["bash"])],
  ["openjdk", debian(471, ["jshell"])],
  ["eclipse-temurin", debian(456, ["jshell"])],
  ["maven", debian(530, ["mvn"], entry("/usr/local/bin/mvn-entrypoint.sh"))],
  ["bash", content("alpine", 14, { command: ["bash"], ...entry() })],
  ["tomcat", debian(467, ["catalina.sh", "run"], { exposed: ["8080/tcp"], workingDir: "/usr/local/tomcat" })],
  ["wordpress", debian(701, ["apache2-foreground"], { ...entry(), exposed: ["80/tcp"], workingDir: "/var/www/html" })],
  ["nextcloud", debian(1270, ["apache2-foreground"], { entrypoint: ["/entrypoint.sh"], exposed: ["80/tcp"], workingDir: "/var/www/html" })],
  ["ghost", debian(570, ["node", "current/index.js"], { ...entry(), exposed: ["2368/tcp"], workingDir: "/var/lib/ghost" })],
  [
    "adminer",
    content("alpine", 118, {
      command: ["php", "-S", "[::]:8080", "-t", "/var/www/html"],
      entrypoint: ["entrypoint.sh"],
      exposed: ["8080/tcp"],
    }),
  ],
  ["docker", content("alpine", 411, { command: ["sh"], entrypoint: ["docker-entrypoint.sh"] })],
]);

/** Images with a namespace that behave as something known; any other is taken for a Debian userland with a shell. */
export const NAMESPACED: ReadonlyMap<string, ImageContent> = new Map<string, ImageContent>([
  [
    "curlimages/curl",
    content("alpine", 22, { command: ["curl", "--help"], entrypoint: ["/entrypoint.sh"], workingDir: "/home/curl_user" }),
  ],
  ["nicolaka/netshoot", content("alpine", 530, { command: ["zsh"], workingDir: "/root" })],
  ["praqma/network-multitool", content("alpine", 63, { command: ["nginx", "-g", "daemon off;"], exposed: ["80/tcp", "443/tcp"] })],
  ["wbitt/network-multitool", content("alpine", 63, { command: ["nginx", "-g", "daemon off;"], exposed: ["80/tcp", "443/tcp"] })],
  ["traefik/whoami", content("scratch", 6, { entrypoint: ["/whoami"], exposed: ["80/tcp"] })],
  ["jwilder/whoami", content("alpine", 10, { command: ["/app/http"], exposed: ["8000/tcp"] })],
  ["nginxinc/nginx-unprivileged", debian(192, ["nginx", "-g", "daemon off;"], { exposed: ["8080/tcp"] })],
  ["portainer/portainer-ce", content("alpine", 268, { entrypoint: ["/portainer"], exposed: ["8000/tcp", "9000/tcp", "9443/tcp"] })],
]);

export const UNKNOWN_CONTENT: ImageContent = debian(120, ["/bin/bash"]);

/** The content of an official image under a tag: Alpine's, BusyBox's and slim variants are smaller and say so in the tag. */
export function withTag(base: ImageContent, tag: string): ImageContent {
  if (!/(^|-)alpine/.test(tag) || base.flavour !== "debian") return base;
  const command = base.command.map((word) => (word === "bash" || word === "/bin/bash" ? "sh" : word));
  return { ...base, flavour: "alpine", command, size: Math.max(8 * MB, Math.round(base.size / 4)) };
}

/** The images that the engine lab's host has from the start. */
export const LOCAL_IMAGES: readonly string[] = [
  "ubuntu:14.04",
  "ubuntu:18.04",
  "ubuntu:22.04",
  "ubuntu:latest",
  "alpine:latest",
  "busybox:latest",
  "nginx:latest",
  "nginx:alpine",
  "httpd:latest",
];
