/** What a machine or an image has: which programs, and where they lie. */
import { resolvePath } from "../kernel/vfs.ts";
import type { Command, Machine, NoProgram, Process, Userland } from "./command.ts";

export type Flavour = Userland | "scratch";

/** The userland that a process finds around itself. */
const flavourOf = (process: Pick<Process, "container">): Flavour => process.container?.image.flavour ?? "host";

export const PROGRAM_DIRECTORIES = ["/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin"] as const;

const available = (command: Command, flavour: Flavour): boolean =>
  flavour !== "scratch" && (command.userlands === undefined || command.userlands.includes(flavour));

const NOTHING: ReadonlyMap<string, Command> = new Map();
const tables = new WeakMap<ReadonlyMap<string, Command>, Map<Flavour, ReadonlyMap<string, Command>>>();

/** Programs that a userland of a machine has, by name, sorted. */
export function programsIn(machine: Machine, flavour: Flavour): ReadonlyMap<string, Command> {
  const all = machine.commands ?? NOTHING;
  let byFlavour = tables.get(all);
  if (!byFlavour) {
    byFlavour = new Map();
    tables.set(all, byFlavour);
  }
  let table = byFlavour.get(flavour);
  if (!table) {
    const own = [...all].filter(([, command]) => available(command, flavour));
    table = new Map(own.sort(([a], [b]) => (a < b ? -1 : 1)));
    byFlavour.set(flavour, table);
  }
  return table;
}

/** Programs that a process can run by name. */
export const programsOf = (process: Pick<Process, "machine" | "container">): ReadonlyMap<string, Command> =>
  programsIn(process.machine, flavourOf(process));

export interface Program {
  readonly command: Command;
  readonly path: string;
  /** For a script: the interpreter's words that come before its path. */
  readonly interpreter?: readonly string[];
}

/** The words that a program is started with: a script's interpreter gets its path. */
export const argvFor = (program: Program, argv: readonly string[]): readonly string[] =>
  program.interpreter ? [...program.interpreter, argv[0]?.includes("/") ? argv[0] : program.path, ...argv.slice(1)] : argv;

/** What decides about the programs that a process finds. */
type Surrounded = Pick<Process, "machine" | "container" | "fs" | "cwd" | "env">;

/** Looks a program up as execvp does: a name in $PATH, or a path. */
export function findProgram(process: Surrounded, name: string): Program | NoProgram {
  const { fs } = process;
  if (!name.includes("/")) {
    const command = programsOf(process).get(name);
    const path = process.env.get("PATH");
    const directories = path === undefined ? PROGRAM_DIRECTORIES : path.split(":");
    if (command && directories.some((directory) => isProgramDirectory(directory)))
      return { command, path: `${directoryOf(process)}/${name}` };
    if (name !== "")
      for (const directory of directories) {
        const at = resolvePath(process.cwd, `${directory}/${name}`);
        if (fs.isExecutable(at) && !isProgramDirectory(directory)) return script(process, at);
      }
    return { reason: "command not found", status: 127 };
  }
  const path = resolvePath(process.cwd, name);
  const slash = path.lastIndexOf("/");
  const directory = path.slice(0, slash);
  if (isProgramDirectory(directory)) {
    const command = programsOf(process).get(path.slice(slash + 1));
    if (command) return { command, path };
  }
  if (fs.isDirectory(path)) return { reason: "Is a directory", status: 126 };
  const text = fs.read(path);
  if (typeof text !== "string") return { reason: text.message, status: text.message === "No such file or directory" ? 127 : 126 };
  if (!fs.isExecutable(path)) return { reason: "Permission denied", status: 126 };
  return script(process, path);
}

/** A text file with the execute bit: its first line may name an interpreter; the shell otherwise. */
function script(process: Surrounded, path: string): Program | NoProgram {
  const text = process.fs.read(path);
  const words =
    typeof text === "string" &&
    /^#! *(\S.*)$/m
      .exec(text.slice(0, 256).split("\n")[0] as string)?.[1]
      ?.trim()
      .split(/ +/);
  const interpreter = words || [process.container ? "/bin/sh" : "/bin/bash"];
  const named = interpreter[0] === "/usr/bin/env" ? interpreter[1] : interpreter[0];
  const command = programsOf(process).get((named ?? "").split("/").at(-1) as string);
  if (!command) return { reason: "No such file or directory", status: 127 };
  return { command, path, interpreter: [named as string, ...interpreter.slice(interpreter[0] === "/usr/bin/env" ? 2 : 1)] };
}

const isProgramDirectory = (directory: string): boolean => {
  const plain = directory.length > 1 && directory.endsWith("/") ? directory.slice(0, -1) : directory;
  return plain === "/usr/bin" || plain === "/bin" || plain === "/usr/sbin" || plain === "/sbin";
};

/** Where the images' one directory of programs shows up first in $PATH, and where the host's is. */
const directoryOf = (process: Surrounded): string => (process.container ? "/usr/sbin" : "/usr/bin");
