/** apt-get, apt and apk: the tools that the images of this world have already. */
import { type Op, sleep } from "../../../../kernel/task.ts";
import type { Command, Process } from "../../../command.ts";

const PACKAGES =
  /^(iputils-ping|net-tools|iproute2|dnsutils|bind9-dnsutils|bind-tools|bridge-utils|curl|wget|tcpdump|traceroute|iputils-tracepath|netcat|netcat-openbsd|telnet|iptables|procps|vim|less|nano)$/;

/** Code names of Ubuntu's releases, which its archive goes by. */
const UBUNTU: Readonly<Record<string, string>> = {
  "14.04": "trusty",
  "16.04": "xenial",
  "18.04": "bionic",
  "20.04": "focal",
  "22.04": "jammy",
  "24.04": "noble",
};

/** The archive that /etc/os-release points to, as apt-get update tells of it. */
function archiveOf({ fs }: Process): string {
  const text = fs.read("/etc/os-release");
  const field = (name: string): string => (typeof text === "string" ? (new RegExp(`^${name}="?([^"\n]*)`, "m").exec(text)?.[1] ?? "") : "");
  if (field("ID") === "ubuntu") return `http://archive.ubuntu.com/ubuntu ${UBUNTU[field("VERSION_ID")] ?? "noble"}`;
  return `http://deb.debian.org/debian ${field("VERSION_CODENAME") || "trixie"}`;
}

function* install(process: Process): Op<number> {
  const args = process.argv.slice(1);
  const name = process.argv[0] as string;
  const words = args.filter((word) => !word.startsWith("-"));
  const [verb, ...packages] = words;
  if (verb === "update" || verb === "upgrade") {
    yield sleep(900_000);
    process.stdout.write(
      name === "apk" ? "OK: 25397 distinct packages available\n" : `Hit:1 ${archiveOf(process)} InRelease\nReading package lists... Done\n`,
    );
    return 0;
  }
  if (verb !== "install" && verb !== "add") {
    process.stderr.write(`${name}: only update and ${name === "apk" ? "add" : "install"} are supported here\n`);
    return 100;
  }
  const unknown = packages.filter((one) => !PACKAGES.test(one));
  if (unknown.length > 0) {
    process.stderr.write(
      name === "apk"
        ? `ERROR: unable to select packages:\n  ${unknown[0]} (no such package)\n`
        : `E: Unable to locate package ${unknown[0]}\n`,
    );
    return name === "apk" ? 1 : 100;
  }
  yield sleep(1_200_000);
  if (name === "apk")
    process.stdout.write(
      `${packages.map((one, i) => `(${i + 1}/${packages.length}) Installing ${one}\n`).join("")}OK: 12 MiB in 22 packages\n`,
    );
  else
    process.stdout.write(
      `Reading package lists... Done\nBuilding dependency tree\nReading state information... Done\n${packages.map((one) => `${one} is already the newest version.\n`).join("")}0 upgraded, 0 newly installed, 0 to remove and 0 not upgraded.\n`,
    );
  return 0;
}

export const packageCommands: readonly Command[] = ["apt-get", "apt", "apk"].map((name) => ({
  name,
  summary: "installs packages",
  run: install,
}));
