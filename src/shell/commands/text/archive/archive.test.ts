/** tar and gzip, as a host's user and as one in a container meets them. */
import { gunzipSync, inflateRawSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { runLine } from "../../../../world/transcript.ts";
import { buildWorld } from "../../../../world/world.ts";
import { commands } from "../../index.ts";
import { bytesOf } from "../bytes/bytes.ts";
import { deflate, inflate } from "./deflate.ts";
import { gzipped } from "./gzip-format.ts";

const world = (): ReturnType<typeof buildWorld> => {
  const built = buildWorld({ programs: () => commands, seed: 1, dnsOrder: "round-robin" });
  built.advance(3_000_000);
  return built;
};
const on = (line: string): string => runLine(world(), line).output;

describe("deflate", () => {
  const texts = ["", "one\n", "abc".repeat(3000), Array.from({ length: 2000 }, (_, i) => `${i}\n`).join(""), "\u0000\u00ff한글".repeat(50)];

  test.each(texts)("what it packs any unpacker reads, and its own too", (text) => {
    const bytes = new TextEncoder().encode(text);
    const packed = deflate(bytes);
    expect(new Uint8Array(inflateRawSync(packed))).toEqual(bytes);
    expect(inflate(packed, 0, 1e7)?.bytes).toEqual(bytes);
  });

  test("it is as long as gzip makes it: numbers one to a thousand take 1830 bytes", () => {
    const bytes = new TextEncoder().encode(Array.from({ length: 1000 }, (_, i) => `${i + 1}\n`).join(""));
    expect(deflate(bytes).length).toBe(1830);
  });

  test("what is cut off is refused", () => {
    expect(inflate(deflate(new TextEncoder().encode("hello")).subarray(0, 3), 0, 100)).toBeUndefined();
  });

  test("a file has gzip's head and sums", () => {
    expect(gunzipSync(bytesOf(gzipped(new TextEncoder().encode("hi\n"), "a", 1)))).toEqual(Buffer.from("hi\n"));
  });
});

describe("tar", () => {
  const files = "mkdir -p /tmp/t/d && cd /tmp/t && echo one > a && echo two > d/b && ln -s a l && ";

  test("what was put together comes apart again, links and modes kept", () => {
    expect(on(`${files}chmod 750 a && tar czf x.tgz a d l && mkdir o && tar xf x.tgz -C o && cd o && cat a d/b l && stat -c %a a`)).toBe(
      "one\ntwo\none\n750\n",
    );
  });

  test("it lists in the order in which it was made, directories with a slash", () => {
    expect(on(`${files}tar cf - d a | tar tf -`)).toBe("d/\nd/b\na\n");
  });

  test("a member that is not there is told, with status 2", () => {
    expect(on(`${files}tar cf x.tar a; tar xf x.tar z; echo $?`)).toBe(
      "tar: z: Not found in archive\ntar: Exiting with failure status due to previous errors\n2\n",
    );
  });

  test("docker cp writes one on stdout and takes one from stdin", () => {
    const made = world();
    runLine(made, "docker run -d --name ct alpine sleep 3000");
    expect(runLine(made, "cd /tmp; echo x > f; tar cf - f | docker cp - ct:/tmp; docker cp ct:/tmp/f - | tar xOf -").output).toBe("x\n");
  });
});

describe("gzip", () => {
  test("a file gives way to the packed one, and comes back", () => {
    expect(on("cd /tmp; echo one > a; gzip a; ls; zcat a.gz; gunzip a.gz; ls")).toBe("a.gz\none\na\n");
  });

  test("what is not packed is refused", () => {
    expect(on("echo x | gunzip; echo $?")).toBe("\ngzip: stdin: not in gzip format\n1\n");
  });
});
