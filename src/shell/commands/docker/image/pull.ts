/** `docker pull` (cli/command/image/pull.go). */
import { EngineError } from "../../../../engine/types.ts";
import type { Output } from "../../../../kernel/stdio.ts";
import type { Process } from "../../../command.ts";
import { referenceError } from "../container/spec.ts";
import { daemonError, fail } from "../errors.ts";
import type { Verb } from "../verb.ts";

/** Where the lines of a pull go. On a terminal a layer is told when it is there, else at each step. */
export function pullProgress(output: Output, process: Process): (line: string) => void {
  return (line) => {
    if (process.tty && /: (Pulling fs layer|Verifying Checksum|Download complete)$/.test(line)) return;
    output.write(`${line}\n`);
  };
}

export const pullVerb: Verb = {
  names: ["pull"],
  top: "pull",
  completes: "image",
  command: {
    usage: "[OPTIONS] NAME[:TAG|@DIGEST]",
    summary: "Download an image from a registry",
    aliases: "docker image pull, docker pull",
    options: `-a, --all-tags  Download all tagged images in the repository
--disable-content-trust  Skip image verification (default true)
--platform string  Set platform if server is multi-platform capable
-q, --quiet  Suppress verbose output`,
    least: 1,
    most: 1,
  },
  *run(process, flags, engine) {
    const reference = flags.args[0] as string;
    if (flags.on("all-tags")) return fail(process, "docker pull: --all-tags is not supported here; one image at a time is");
    const wrong = referenceError(reference);
    if (wrong) return fail(process, wrong);
    const quiet = flags.on("quiet");
    if (!quiet && !/[:@]/.test(reference.slice(reference.lastIndexOf("/") + 1))) process.stdout.write("Using default tag: latest\n");
    const pulled = yield* engine.pull(reference, quiet ? () => {} : pullProgress(process.stdout, process));
    if (pulled instanceof EngineError) return daemonError(process, pulled);
    process.stdout.write(`${engine.canonicalImageName(reference)}\n`);
    return 0;
  },
};
