/** /dev as files: the devices that programs write to and read from, links to a process's own streams. */
import { FileError, type Mount } from "../kernel/vfs.ts";

const DEVICES: ReadonlyMap<string, readonly [number, number]> = new Map([
  ["console", [5, 1]],
  ["full", [1, 7]],
  ["null", [1, 3]],
  ["random", [1, 8]],
  ["tty", [5, 0]],
  ["urandom", [1, 9]],
  ["zero", [1, 5]],
]);
const LINKS: ReadonlyMap<string, string> = new Map([
  ["fd", "/proc/self/fd"],
  ["stderr", "/proc/self/fd/2"],
  ["stdin", "/proc/self/fd/0"],
  ["stdout", "/proc/self/fd/1"],
]);

const nameIn = (path: string): string => path.slice("/dev/".length);

/** The tree under /dev. What is read and written by a program that opens no stream: nothing, and nowhere. */
export const DEVICE_FILES: Mount = {
  read: (path) => (DEVICES.has(nameIn(path)) ? "" : new FileError("No such file or directory")),
  write: (path) => {
    if (nameIn(path) === "full") return new FileError("No space left on device");
    return DEVICES.has(nameIn(path)) ? undefined : new FileError("Permission denied");
  },
  list: (path) => {
    if (path === "/dev") return [...DEVICES.keys(), ...LINKS.keys(), "pts", "shm"].sort();
    return path === "/dev/pts" || path === "/dev/shm" ? [] : undefined;
  },
  link: (path) => LINKS.get(nameIn(path)),
  device: (path) => DEVICES.get(nameIn(path)),
};
