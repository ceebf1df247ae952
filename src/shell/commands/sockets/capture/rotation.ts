/**
 * -w over several files: a new one every so many seconds (-G) or bytes (-C), at most so many of them (-W). The turn comes with a
 * frame, as in dump_packet_and_trunc() of tcpdump.c.
 */
import type { FileError } from "../../../../kernel/vfs.ts";
import type { Process } from "../../../command.ts";
import { formatTime, wallClockSeconds } from "../../../wall-clock.ts";
import type { Frame } from "./frame.ts";
import { CaptureWriter } from "./pcap.ts";

export interface Rotation {
  /** Seconds that a file is written to; 0 for ever. */
  readonly seconds: number;
  /** Bytes after which another file follows; 0 for any number. */
  readonly bytes: number;
  /** How many files there may be; 0 for any number. */
  readonly files: number;
}

export class RotatingCapture {
  readonly #process: Process;
  readonly #name: string;
  readonly #rotation: Rotation;
  readonly #open: (name: string) => CaptureWriter | FileError;
  #writer: CaptureWriter;
  #since: number;
  /** How often the time and the size made another file. */
  #turns = 0;
  #part = 0;

  /** undefined when the first file cannot be written. */
  static start(
    process: Process,
    name: string,
    rotation: Rotation,
    open: (name: string) => CaptureWriter | FileError,
  ): RotatingCapture | undefined {
    const first = open(fileName(process, name, rotation, 0));
    return first instanceof CaptureWriter ? new RotatingCapture(process, name, rotation, open, first) : undefined;
  }

  private constructor(
    process: Process,
    name: string,
    rotation: Rotation,
    open: (name: string) => CaptureWriter | FileError,
    first: CaptureWriter,
  ) {
    this.#process = process;
    this.#name = name;
    this.#rotation = rotation;
    this.#open = open;
    this.#writer = first;
    this.#since = this.#now;
  }

  get #now(): number {
    return Math.floor(wallClockSeconds(this.#process.netns.kernel));
  }

  /** False when there are as many files as there may be: the capture is over. */
  write(frame: Frame): boolean {
    const { seconds, bytes, files } = this.#rotation;
    if (seconds > 0 && this.#now - this.#since >= seconds) {
      this.#since = this.#now;
      this.#turns++;
      this.#part = 0;
      if (files > 0 && this.#turns >= files) {
        this.#process.stderr.write(`Maximum file limit reached: ${files}\n`);
        return false;
      }
      this.#next();
    } else if (bytes > 0 && this.#writer.length > bytes) {
      this.#part++;
      if (files > 0 && this.#part >= files) this.#part = 0;
      this.#next();
    }
    this.#writer.write(frame);
    return true;
  }

  #next(): void {
    this.#writer.flush();
    const writer = this.#open(fileName(this.#process, this.#name, this.#rotation, this.#part));
    if (writer instanceof CaptureWriter) this.#writer = writer;
  }

  flush(): void {
    this.#writer.flush();
  }
}

/** MakeFilename() of tcpdump.c: the time where -G asks for files, a number as wide as the last one where -C does. */
function fileName({ netns }: Process, name: string, { seconds, bytes, files }: Rotation, part: number): string {
  const dated = seconds > 0 ? formatTime(netns.kernel, name, Math.floor(wallClockSeconds(netns.kernel))) : name;
  if (bytes === 0) return dated;
  const width = files > 1 ? String(files - 1).length : 0;
  return part === 0 && width === 0 ? dated : `${dated}${String(part).padStart(width, "0")}`;
}
