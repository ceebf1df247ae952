/** `ip netns`: network namespaces with names (iproute2 ip/ipnetns.c): files in /run/netns. */
import type { Netns } from "../../../kernel/netns.ts";
import type { Op } from "../../../kernel/task.ts";
import type { Process } from "../../command.ts";
import { mountsOf, NETNS_FOLDER, namedNetns, netnsNames, netnsOfPid, openNetns, shareMounts } from "../../netns-file.ts";
import { procFiles } from "../../proc-files.ts";
import { runIn } from "../../process.ts";
import { ProcessTable, processesOf } from "../../process-table.ts";
import { sysFiles } from "../../sys-files.ts";
import { type Answer, Failure, finish } from "./answer.ts";
import { type Json, printJson } from "./json.ts";
import { cannotEnter, type Options } from "./options.ts";
import { shortens, unsupported, type Words } from "./words.ts";

const SUPPORTED = "list, add, attach, delete, exec, identify, pids, list-id";

const NETNS_USAGE = `Usage:	ip netns list
	ip netns add NAME
	ip netns attach NAME PID
	ip [-all] netns delete [NAME]
	ip netns identify [PID]
	ip netns pids NAME
	ip [-all] netns exec [NAME] cmd ...
	ip netns list-id`;

/** invalid_name: what cannot be a file's name. */
const isInvalidName = (name: string): boolean => name === "" || name.length > 255 || name.includes("/") || name === "." || name === "..";

const pathOf = (name: string): string => `${NETNS_FOLDER}/${name}`;

export function* netnsCommand(process: Process, options: Options, words: Words): Op<number> {
  const verb = words.next() ?? "list";
  const is = (name: string): boolean => shortens(verb, name);
  if (is("list") || is("show") || verb === "lst") return finish(process, list(process, options));
  if (is("list-id")) return finish(process, listIds(process, options));
  if (is("help")) return finish(process, new Failure(NETNS_USAGE, 255));
  if (is("exec")) return yield* execute(process, options, words);
  return finish(process, change(process, options, verb, words));
}

function change(process: Process, options: Options, verb: string, words: Words): Answer {
  const is = (name: string): boolean => shortens(verb, name);
  if (is("add")) return add(process, words);
  if (is("attach")) return attach(process, words);
  if (is("delete")) return options.all ? removeAll(process) : remove(process, words);
  if (is("identify")) return identify(process, words);
  if (is("pids")) return pids(process, words);
  if (is("set") || is("monitor")) return unsupported(`ip netns ${verb}`, SUPPORTED);
  return new Failure(`Command "${verb}" is unknown, try "ip netns help".`, 255);
}

function list(process: Process, options: Options): Answer {
  const known = netnsNames(process.fs).map((name) => {
    const netns = namedNetns(process, name);
    return { name, id: netns && netns !== "other" ? process.netns.devices.knownNetnsId(netns) : undefined };
  });
  if (options.json) return known.length === 0 ? "" : printJson(known as readonly Json[], options.pretty);
  return known.map(({ name, id }) => `${name}${id === undefined ? "" : ` (id: ${id})`}\n`).join("");
}

function listIds(process: Process, options: Options): Answer {
  const known = process.netns.devices.knownNetnsIds().map(([netns, nsid]) => {
    const name = netnsNames(process.fs).find((one) => namedNetns(process, one) === netns);
    return { nsid, name };
  });
  if (options.json) return printJson(known as readonly Json[], options.pretty);
  return known.map(({ nsid, name }) => `nsid ${nsid} ${name === undefined ? "" : `(iproute2 netns name: ${name})`}\n`).join("");
}

/** The folder and the file of a new netns, or why it cannot be. */
function makeFile(process: Process, name: string): Failure | undefined {
  const { fs } = process;
  if (!process.capabilities.has("SYS_ADMIN")) return new Failure(`mount --make-shared ${NETNS_FOLDER} failed: Operation not permitted`, 1);
  fs.makeDirectory(NETNS_FOLDER, true);
  if (fs.exists(pathOf(name)) || fs.linkTarget(pathOf(name)) !== undefined)
    return new Failure(`Cannot create namespace file "${pathOf(name)}": File exists`, 1);
  fs.write(pathOf(name), "");
  return undefined;
}

function add(process: Process, words: Words): Answer {
  const name = words.next();
  if (name === undefined) return new Failure("No netns name specified", 1);
  if (isInvalidName(name)) return new Failure(`Invalid netns name "${name}"`, 255);
  const refused = makeFile(process, name);
  if (refused) return refused;
  const netns = process.machine.kernel.addNetns(name, process.machine.name);
  mountsOf(process.fs).set(pathOf(name), netns);
  return "";
}

function attach(process: Process, words: Words): Answer {
  const [name, pid] = [words.next(), words.next()];
  if (name === undefined || pid === undefined) return new Failure("No netns name and PID specified", 1);
  if (isInvalidName(name)) return new Failure(`Invalid netns name "${name}"`, 255);
  const netns = /^\d+$/.test(pid) ? netnsOfPid(process, Number(pid)) : undefined;
  if (!/^\d+$/.test(pid)) return new Failure(`Invalid PID: ${pid}`, 1);
  const refused = makeFile(process, name);
  if (refused) return refused;
  if (!netns) {
    process.fs.remove(pathOf(name), false);
    return new Failure(`Bind /proc/${pid}/ns/net -> ${pathOf(name)} failed: No such file or directory`, 1);
  }
  mountsOf(process.fs).set(pathOf(name), netns);
  return "";
}

function remove(process: Process, words: Words): Answer {
  const name = words.next();
  if (name === undefined) return new Failure("No netns name specified", 1);
  if (isInvalidName(name)) return new Failure(`Invalid netns name "${name}"`, 255);
  return removeFile(process, name) ? "" : new Failure(`Cannot remove namespace file "${pathOf(name)}": No such file or directory`, 1);
}

function removeAll(process: Process): Answer {
  for (const name of netnsNames(process.fs)) removeFile(process, name);
  return "";
}

/** Unmounts and unlinks; the netns goes with its last name unless a container or a process lives in it. */
function removeFile(process: Process, name: string): boolean {
  const { fs } = process;
  const mounts = mountsOf(fs);
  const netns = mounts.get(pathOf(name));
  mounts.delete(pathOf(name));
  if (fs.remove(pathOf(name), false)) return false;
  if (netns && ![...mounts.values()].includes(netns)) releaseNetns(process, netns);
  return true;
}

/** A netns lives as long as somebody holds it: the machine, a container, a process. */
export function releaseNetns(process: Process, netns: Netns): void {
  const { machine } = process;
  if (netns.initial || !netns.alive) return;
  const engine = machine.engine;
  if (engine?.containers(true).some((container) => container.netns === netns)) return;
  const held = [...processesOf(machine).entries.values()].find((entry) => entry.process.netns === netns);
  if (!held) machine.kernel.removeNetns(netns);
  else processesOf(machine).whenGone(held, () => releaseNetns(process, netns));
}

/** The names under which the netns of a process is known. */
function identify(process: Process, words: Words): Answer {
  const word = words.next() ?? "self";
  if (word !== "self" && !/^\d+$/.test(word)) return new Failure(`Specified string '${word}' is not a pid`, 1);
  const netns = openNetns(process, `/proc/${word}/ns/net`);
  if (!netns) return new Failure(`Cannot open network namespace: No such file or directory`, 1);
  const names = netnsNames(process.fs).filter((name) => namedNetns(process, name) === netns);
  return names.map((name) => `${name}\n`).join("");
}

function pids(process: Process, words: Words): Answer {
  const name = words.next();
  if (name === undefined) return new Failure("No netns name specified", 1);
  const netns = namedNetns(process, name);
  if (!netns || netns === "other") return new Failure(`Cannot open network namespace "${name}": No such file or directory`, 1);
  const found = processesOf(process.machine)
    .visibleTo(process)
    .filter((entry) => entry.process.netns === netns);
  return found.map((entry) => `${ProcessTable.pidFor(process, entry)}\n`).join("");
}

/** The tree as a process in another netns sees it: /proc/net is that of the netns, and /sys too where it is mounted anew. */
export function treeOf(process: Process, netns: Netns, remountsSys: boolean): Process["fs"] {
  const { fs, machine } = process;
  const view = fs.withMounts([
    ["/proc", procFiles(machine, () => netns)],
    ...(remountsSys ? [["/sys", sysFiles(() => netns)] as const] : []),
  ]);
  shareMounts(fs, view);
  return view;
}

function* execute(process: Process, options: Options, words: Words): Op<number> {
  const name = options.all ? undefined : words.next();
  if (!options.all && name === undefined) return finish(process, new Failure("No netns name specified", 1));
  const argv = words.rest();
  if (argv.length === 0) return finish(process, new Failure("No command specified", 1));
  if (name !== undefined) return yield* executeIn(process, name, argv);
  let status = 0;
  for (const each of netnsNames(process.fs)) {
    process.stdout.write(`\nnetns: ${each}\n`);
    status = (yield* executeIn(process, each, argv)) || status;
  }
  return status === 0 ? 0 : 1;
}

function* executeIn(process: Process, name: string, argv: readonly string[]): Op<number> {
  const netns = namedNetns(process, name);
  if (!netns || netns === "other") return finish(process, cannotEnter(name, netns === "other"));
  if (!process.capabilities.has("SYS_ADMIN"))
    return finish(process, new Failure(`setting the network namespace "${name}" failed: Operation not permitted`, 255));
  const status = yield* runIn(process, argv, { netns, fs: treeOf(process, netns, true) });
  return status ?? finish(process, new Failure(`exec of "${argv[0]}" failed: No such file or directory`, 1));
}
