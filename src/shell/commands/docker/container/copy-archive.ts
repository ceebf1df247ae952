/** `docker cp` with "-": a tar archive of a container's files on stdout, or one from stdin unpacked into a container. */
import type { Op } from "../../../../kernel/task.ts";
import { FileError, type FileSystem, resolvePath } from "../../../../kernel/vfs.ts";
import type { Process } from "../../../command.ts";
import { type Member, readArchive, writeArchive } from "../../text/archive/tar-format.ts";
import { bytesOf, textOf } from "../../text/bytes/bytes.ts";
import { secondsOf } from "../../text/files/dates.ts";

const MOST_FILES = 10_000;
/** Characters that are read from stdin at most. */
const MOST_READ = 8_000_000;

/** A file or tree as an archive, under the name of what it is; moby looks no names of owners up (archive.FileInfoHeaderNoLookups). */
export function archiveOf(process: Process, fs: FileSystem, real: string): string {
  const { kernel } = process.machine;
  const members: Member[] = [];
  const visit = (path: string, name: string): void => {
    const status = fs.status(path);
    if (status instanceof FileError || members.length >= MOST_FILES) return;
    const directory = status.kind === "directory";
    const text = status.kind === "file" ? fs.read(path) : "";
    members.push({
      name: directory ? `${name}/` : name,
      kind: status.kind,
      mode: status.mode,
      time: secondsOf(kernel, status.modified),
      target: status.target ?? "",
      bytes: bytesOf(typeof text === "string" ? text : ""),
      owner: "",
    });
    const names = directory ? fs.list(path) : [];
    if (!(names instanceof FileError)) for (const child of names) visit(resolvePath(path, child), `${name}/${child}`);
  };
  visit(real, real.slice(real.lastIndexOf("/") + 1));
  return writeArchive(members);
}

/** Unpacks what comes on stdin; the text is why it cannot. */
export function* unpackInto(process: Process, fs: FileSystem, directory: string): Op<string | undefined> {
  let text = "";
  for (let piece = yield* process.stdin.read(); piece !== undefined; piece = yield* process.stdin.read()) {
    text += piece;
    if (text.length > MOST_READ) return "the archive is too large";
  }
  // An archive of nothing unpacks to nothing.
  if (text === "") return undefined;
  const archive = readArchive(bytesOf(text));
  if (!archive?.whole) return "Error response from daemon: unexpected EOF";
  for (const { name, kind, mode, target, bytes } of archive.members) {
    const path = resolvePath("/", resolvePath(directory, name.replace(/^\/+/, "")));
    if (path !== directory && !path.startsWith(directory === "/" ? "/" : `${directory}/`)) continue;
    if (path === directory) continue;
    if (kind === "directory") fs.makeDirectory(path, true);
    else {
      fs.makeDirectory(path.slice(0, path.lastIndexOf("/")) || "/", true);
      if (kind === "link") {
        fs.remove(path, false);
        fs.symlink(target, path);
        continue;
      }
      const refused = fs.write(path, textOf(bytes));
      if (refused) return `Error response from daemon: ${refused.message.toLowerCase()}`;
    }
    fs.setMode(path, mode);
  }
  return undefined;
}
