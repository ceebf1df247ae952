/** `docker images` (cli/command/image/list.go, formatter/image.go). */
import type { DockerEngine } from "../../../../engine/engine.ts";
import { EngineError } from "../../../../engine/types.ts";
import type { Op } from "../../../../kernel/task.ts";
import type { Process } from "../../../command.ts";
import { daemonError, fail } from "../errors.ts";
import { filtersOf } from "../filters.ts";
import type { Flags } from "../flags.ts";
import { LIST_FORMAT } from "../subcommand.ts";
import { printListing } from "../table.ts";
import { dateText, humanDuration, humanSize } from "../times.ts";
import type { Verb } from "../verb.ts";

function* list(process: Process, flags: Flags, engine: DockerEngine): Op<number> {
  if (flags.on("tree")) return fail(process, "docker images: --tree is not supported here; the plain list is");
  const filters = new Map(filtersOf(flags));
  const [wanted] = flags.args;
  if (wanted !== undefined) filters.set("reference", [...(filters.get("reference") ?? []), wanted]);
  const images = engine.listImages(filters, flags.on("all"));
  if (images instanceof EngineError) return daemonError(process, images);
  const { kernel } = process.machine;
  return printListing(
    process,
    {
      type: "*formatter.imageContext",
      headers: {
        ID: "IMAGE ID",
        Repository: "REPOSITORY",
        Tag: "TAG",
        Digest: "DIGEST",
        CreatedSince: "CREATED",
        CreatedAt: "CREATED AT",
        Size: "SIZE",
        Containers: "CONTAINERS",
        VirtualSize: "SIZE",
        SharedSize: "SHARED SIZE",
        UniqueSize: "UNIQUE SIZE",
      },
      columns: ["Repository", "Tag", ...(flags.on("digests") ? ["Digest"] : []), "ID", "CreatedSince", "Size"],
      quiet: "ID",
      raw: [
        ["repository", "Repository"],
        ["tag", "Tag"],
        ...(flags.on("digests") ? [["digest", "Digest"] as const] : []),
        ["image_id", "ID"],
        ["created_at", "CreatedAt"],
        ["virtual_size", "Size"],
      ],
      rows: images.map((image) => {
        const at = image.reference.lastIndexOf(":");
        return {
          ID: flags.on("no-trunc") ? image.id : image.id.slice("sha256:".length, "sha256:".length + 12),
          Repository: image.reference === "" ? "<none>" : image.reference.slice(0, at),
          Tag: image.reference === "" ? "<none>" : image.reference.slice(at + 1),
          Digest: image.digest || "<none>",
          CreatedSince: `${humanDuration(kernel.clock.now - image.created)} ago`,
          CreatedAt: dateText(kernel, image.created),
          Size: humanSize(image.size),
          Containers: "N/A",
          VirtualSize: humanSize(image.size),
          SharedSize: "N/A",
          UniqueSize: "N/A",
        };
      }),
    },
    flags.text("format"),
    flags.on("quiet"),
  );
}

export const imageListVerb: Verb = {
  names: ["ls", "list"],
  top: "images",
  completes: "image",
  command: {
    usage: "[OPTIONS] [REPOSITORY[:TAG]]",
    summary: "List images",
    aliases: "docker image ls, docker image list, docker images",
    options: `-a, --all  Show all images (default hides intermediate images)
--digests  Show digests
-f, --filter filter  Filter output based on conditions provided
--format string  ${LIST_FORMAT}
--no-trunc  Don't truncate output
-q, --quiet  Only show image IDs
--tree  List multi-platform images as a tree (EXPERIMENTAL)`,
    least: 0,
    most: 1,
  },
  run: list,
};
