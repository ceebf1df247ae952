/** Signals by name and number (x86's asm/signal.h), and what this world does with each. */
import { Signal } from "../kernel/task.ts";
import type { Process } from "./command.ts";
import { type ProcessEntry, processesOf, seesMachine } from "./process-table.ts";

/** Names by number, from 1. */
const NAMES =
  "HUP INT QUIT ILL TRAP ABRT BUS FPE KILL USR1 SEGV USR2 PIPE ALRM TERM STKFLT CHLD CONT STOP TSTP TTIN TTOU URG XCPU XFSZ VTALRM PROF WINCH IO PWR SYS".split(
    " ",
  );

export const SIGNAL_NAMES: readonly string[] = NAMES;

export const signalNumber = (name: string): number => NAMES.indexOf(name) + 1;

/** The name without SIG of a signal given by name or number; "0" for the one that only asks. */
export function signalName(word: string): string | undefined {
  if (/^\d+$/.test(word)) return word === "0" ? "0" : NAMES[Number(word) - 1];
  const name = word.toUpperCase().replace(/^SIG/, "");
  return NAMES.includes(name) ? name : undefined;
}

/** A signal of those that end a process here; undefined for any other name. */
export function endingSignal(name: string | undefined): Signal | undefined {
  switch (name) {
    case "HUP":
    case "INT":
    case "QUIT":
    case "KILL":
    case "USR1":
    case "USR2":
    case "PIPE":
    case "ALRM":
    case "TERM":
      return new Signal(name);
    default:
      return undefined;
  }
}

/** Sends a signal by its name: to one process, from `from`. */
export function sendSignal(from: Process, entry: ProcessEntry, name: string): void {
  deliver(entry, name, entry.ownPid === 1 && !seesMachine(from));
}

/**
 * What a signal does to a process. `sheltered`: the first process of a pid namespace, which gets only what it has a handler for;
 * KILL and STOP reach it from outside alone (SIGNAL_UNKILLABLE, sig_task_ignored() of kernel/signal.c).
 */
export function deliver(entry: ProcessEntry, name: string, sheltered: boolean): void {
  switch (name) {
    case "0":
    case "CHLD":
    case "URG":
    case "WINCH":
      return;
    case "CONT":
      entry.resume();
      return;
    case "STOP":
    case "TSTP":
    case "TTIN":
    case "TTOU":
      // A shell that talks with somebody leaves those of the terminal alone.
      if (!sheltered && (name === "STOP" || !entry.ignoresStops)) entry.stop(name);
      return;
  }
  const signal = endingSignal(name);
  // One that no program here handles ends a process as TERM does.
  if (!sheltered || (signal && entry.handles.has(signal.name))) entry.signal(signal ?? new Signal("TERM"));
}

/** By the number that `process` sees it under. */
export const findProcess = (process: Process, pid: number): ProcessEntry | undefined => processesOf(process.machine).find(process, pid);
