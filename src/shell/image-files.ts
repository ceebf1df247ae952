/** The files that a machine and a container find around them: programs, /etc, and what the kernel shows under /proc and /sys. */
import type { Container, Image } from "../engine/types.ts";
import type { Netns } from "../kernel/netns.ts";
import { FileError, FileSystem, type Mount } from "../kernel/vfs.ts";
import type { Machine } from "./command.ts";
import { DEVICE_FILES } from "./dev-files.ts";
import { applyLayer, entryAt, putEntry } from "./image-layers.ts";
import { procFiles } from "./proc-files.ts";
import { sandboxFiles } from "./sandbox-files.ts";
import { sysFiles } from "./sys-files.ts";
import { type Flavour, programsIn } from "./userland.ts";

const PROGRAM_FOLDERS = ["/bin", "/sbin", "/usr/bin", "/usr/sbin"] as const;

const NSSWITCH = `passwd:         files
group:          files
shadow:         files

hosts:          files dns
networks:       files

protocols:      db files
services:       db files
`;

const DEBIAN_PASSWD = `root:x:0:0:root:/root:/bin/bash
daemon:x:1:1:daemon:/usr/sbin:/usr/sbin/nologin
www-data:x:33:33:www-data:/var/www:/usr/sbin/nologin
_apt:x:42:65534::/nonexistent:/usr/sbin/nologin
nobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin
`;

const SERVICES = `ftp\t\t21/tcp
ssh\t\t22/tcp\t\t\t\t# SSH Remote Login Protocol
telnet\t\t23/tcp
smtp\t\t25/tcp\t\tmail
domain\t\t53/tcp\t\t\t\t# Domain Name Server
domain\t\t53/udp
bootps\t\t67/udp
http\t\t80/tcp\t\twww\t\t# WorldWideWeb HTTP
ntp\t\t123/udp\t\t\t\t# Network Time Protocol
snmp\t\t161/udp
https\t\t443/tcp\t\t\t\t# http protocol over TLS/SSL
syslog\t\t514/udp
mysql\t\t3306/tcp
postgresql\t5432/tcp\tpostgres
http-alt\t8080/tcp\twebcache\t# WWW caching service
`;

const PROTOCOLS = `ip\t0\tIP\t\t# internet protocol, pseudo protocol number
icmp\t1\tICMP\t\t# internet control message protocol
tcp\t6\tTCP\t\t# transmission control protocol
udp\t17\tUDP\t\t# user datagram protocol
ipv6-icmp 58\tIPv6-ICMP\t# ICMP for IPv6
`;

/** ID, version and name in /etc/os-release. */
function osRelease(flavour: Flavour, reference: string): string {
  const [, name = "", tag = ""] = /([^/:]+)(?::([^:/]+))?$/.exec(reference) ?? [];
  if (flavour === "alpine") return 'NAME="Alpine Linux"\nID=alpine\nVERSION_ID=3.22.2\nPRETTY_NAME="Alpine Linux v3.22"\n';
  if (flavour === "host") return 'PRETTY_NAME="Debian GNU/Linux forky/sid"\nNAME="Debian GNU/Linux"\nVERSION_CODENAME=forky\nID=debian\n';
  if (name === "ubuntu") {
    const version = /^\d\d\.\d\d$/.test(tag) ? tag : "24.04";
    return `PRETTY_NAME="Ubuntu ${version}"\nNAME="Ubuntu"\nVERSION_ID="${version}"\nID=ubuntu\nID_LIKE=debian\n`;
  }
  return 'PRETTY_NAME="Debian GNU/Linux 13 (trixie)"\nNAME="Debian GNU/Linux"\nVERSION_ID="13"\nID=debian\n';
}

/** A folder of programs: what `ls /bin` shows. */
function programFiles(machine: Machine, flavour: Flavour, folder: string): Mount {
  const nameOf = (path: string): string => path.slice(folder.length + 1);
  const has = (path: string): boolean => programsIn(machine, flavour).has(nameOf(path));
  return {
    read: (path) => (has(path) ? "\x7fELF\x02\x01\x01" : new FileError("No such file or directory")),
    write: (path) => new FileError(has(path) ? "Permission denied" : "Read-only file system"),
    list: (path) => (path === folder ? [...programsIn(machine, flavour).keys()] : undefined),
    executable: has,
  };
}

/** A container without privileges sees /proc/sys and /sys read-only (moby: oci.DefaultReadonlyPaths). */
const guarded = (mount: Mount, readOnly: boolean): Mount =>
  readOnly ? { ...mount, readOnly: (path) => path.startsWith("/proc/sys/") || path.startsWith("/sys/") } : mount;

function furnish(
  fs: FileSystem,
  machine: Machine,
  flavour: Flavour,
  reference: string,
  netns: () => Netns,
  readOnlySysctls: boolean,
  container?: Container,
): void {
  fs.now ??= () => machine.kernel.clock.now;
  for (const folder of ["/etc", "/root", "/tmp", "/var/log", "/run", "/home", "/opt", "/mnt", "/srv", "/usr/local/bin"])
    fs.makeDirectory(folder, true);
  fs.setMode("/tmp", 0o1777);
  fs.setMode("/root", 0o700);
  if (flavour === "host") fs.symlink("/run", "/var/run");
  else fs.makeDirectory("/var/run", true);
  const place = (path: string, text: string): void => {
    if (!fs.exists(path)) fs.place(path, text);
  };
  const shell = flavour === "host" || flavour === "debian" ? "/bin/bash" : "/bin/sh";
  place("/etc/passwd", flavour === "host" ? DEBIAN_PASSWD : `root:x:0:0:root:/root:${shell}\n`);
  place("/etc/group", flavour === "host" ? "root:x:0:\ndaemon:x:1:\nnogroup:x:65534:\n" : "root:x:0:\n");
  place("/etc/nsswitch.conf", NSSWITCH);
  place("/etc/os-release", osRelease(flavour, reference));
  place("/etc/services", SERVICES);
  place("/etc/protocols", PROTOCOLS);
  if (flavour === "host") place("/etc/networks", "default\t\t0.0.0.0\nloopback\t127.0.0.0\nlink-local\t169.254.0.0\n");
  if (flavour === "alpine") place("/etc/alpine-release", "3.22.2\n");
  for (const folder of PROGRAM_FOLDERS) fs.mount(folder, programFiles(machine, flavour, folder));
  fs.mount("/proc", guarded(procFiles(machine, netns, readOnlySysctls, container), readOnlySysctls));
  fs.mount("/sys", guarded(sysFiles(netns, readOnlySysctls), readOnlySysctls));
  fs.mount("/dev", DEVICE_FILES);
}

/** The files of a machine of the stage. */
export function furnishMachine(machine: Machine): void {
  furnish(machine.fs, machine, "host", "", () => machine.netns, false);
  machine.fs.mount("/run/docker/netns", sandboxFiles(machine));
}

const furnished = new WeakSet<FileSystem>();

/** What a registry's image brings along. */
function furnishFrom(
  fs: FileSystem,
  image: Image,
  netns: () => Netns,
  machine: Machine,
  readOnlySysctls: boolean,
  container?: Container,
): void {
  if (image.flavour === "scratch") return;
  const base = image.made?.base ?? image.reference;
  furnish(fs, machine, image.flavour, base, netns, readOnlySysctls, container);
  fs.place("/.dockerenv", "");
  const entry = image.entrypoint[0] ?? "";
  if (entry.endsWith(".sh") && entry.startsWith("/") && !fs.exists(entry)) {
    // An entry point prepares its image, and then becomes the command that it is given.
    fs.place(entry, '#!/bin/sh\nset -e\nexec "$@"\n');
    fs.setExecutable(entry, true);
  }
  if (/(^|\/)nginx(:|$)/.test(base) && !fs.exists("/usr/share/nginx/html"))
    fs.place("/usr/share/nginx/html/index.html", "<h1>Welcome to nginx!</h1>\n");
  if (/(^|\/)httpd(:|$)/.test(base) && !fs.exists("/usr/local/apache2/htdocs"))
    fs.place("/usr/local/apache2/htdocs/index.html", "<h1>Welcome to nginx!</h1>\n");
}

/** The files of an image, for whoever builds on it; what is written to them is recorded as changes. */
export function imageFiles(machine: Machine, image: Image): FileSystem {
  const fs = new FileSystem();
  fs.now = () => machine.kernel.clock.now;
  furnishFrom(fs, image, () => machine.netns, machine, true);
  for (const layer of image.made?.layers ?? []) applyLayer(fs, layer);
  fs.recordChanges();
  return fs;
}

/** What an image brings along: done when its container first starts. Files that somebody has put there stay. */
export function furnishContainer(container: Container, netns: Netns, machine: Machine): void {
  const { fs, image } = container;
  if (furnished.has(fs)) return;
  furnished.add(fs);
  const early = [...fs.changes].flatMap(([path, change]) => {
    const entry = change === "D" ? undefined : entryAt(fs, path);
    return entry ? [[path, entry] as const] : [];
  });
  furnishFrom(fs, image, () => container.netns ?? netns, machine, !container.spec.privileged, container);
  for (const layer of image.made?.layers ?? []) applyLayer(fs, layer);
  fs.recordChanges();
  for (const [path, entry] of early) putEntry(fs, path, entry);
}
