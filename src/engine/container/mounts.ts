/** What a container sees of the host's directories and of volumes (volume/mounts, daemon/volumes.go). */
import { resolvePath } from "../../kernel/vfs.ts";
import { EngineError, type MountPoint } from "../types.ts";
import { isVolumeName } from "../volumes.ts";

const MODES: ReadonlySet<string> = new Set([
  "ro",
  "rw",
  "z",
  "Z",
  "nocopy",
  "shared",
  "slave",
  "private",
  "rshared",
  "rslave",
  "rprivate",
  "consistent",
  "cached",
  "delegated",
]);

/** "SOURCE:PATH[:MODE]" taken apart (volume/mounts/linux_parser.go); the source of a volume is for the store to say. */
export function parseBind(text: string): MountPoint | EngineError {
  const invalid = (reason = ""): EngineError => new EngineError(`invalid volume specification: '${text}'${reason}`);
  const parts = text.split(":");
  if (parts.length < 2 || parts.length > 3 || parts[0] === "" || parts[1] === "") return invalid();
  const [source = "", destination = "", mode = ""] = parts;
  const modes = mode === "" ? [] : mode.split(",");
  if (!modes.every((word) => MODES.has(word)) || (modes.includes("ro") && modes.includes("rw")))
    return new EngineError(`invalid mode: ${mode}`);
  if (!destination.startsWith("/"))
    return invalid(
      `: invalid mount config for type "${source.startsWith("/") ? "bind" : "volume"}": invalid mount path: '${destination}' mount path must be absolute`,
    );
  const target = resolvePath("/", destination);
  if (target === "/")
    return invalid(
      `: invalid mount config for type "${source.startsWith("/") ? "bind" : "volume"}": invalid specification: destination can't be '/'`,
    );
  const readOnly = mode.split(",").includes("ro");
  if (source.startsWith("/")) return { type: "bind", name: "", source: resolvePath("/", source), destination: target, mode, readOnly };
  if (!isVolumeName(source))
    return new EngineError(
      `create ${source}: ${JSON.stringify(source)} includes invalid characters for a local volume name, only "[a-zA-Z0-9][a-zA-Z0-9_.-]" are allowed. If you intended to pass a host directory, use absolute path`,
    );
  return { type: "volume", name: source, source: "", destination: target, mode, readOnly };
}
