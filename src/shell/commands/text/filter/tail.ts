/** tail: the last lines of files, and with -f what is added to them as it comes. */
import type { Input } from "../../../../kernel/stdio.ts";
import { type Op, sleep } from "../../../../kernel/task.ts";
import { FileError, resolvePath } from "../../../../kernel/vfs.ts";
import { type Flow, flowing } from "../flow.ts";
import { type Call, countOption, tool } from "../tool.ts";
import { type Amount, amountOf, TitledFiles } from "./part.ts";

/** µs between two looks at a file that is followed. */
const LOOK = 1_000_000;

export const tail = tool(
  {
    name: "tail",
    summary: "the last lines; -f follows a file",
    short: "c:n:fFqvs:z",
    long: { bytes: "c", lines: "n", follow: "f", quiet: "q", silent: "q", verbose: "v", retry: "F", "sleep-interval": "s" },
    synopsis: "[OPTION]... [FILE]...",
    prepare: countOption,
  },
  (call) => flowing(call.process, "tail", (flow) => run(call, flow)),
);

interface Followed {
  readonly name: string;
  readonly path: string;
  length: number;
}

function* run(call: Call, flow: Flow): Op<number> {
  const amount = amountOf(call, "-+", "+");
  if (typeof amount === "string") return call.fail(amount);
  const files = new TitledFiles(call, flow);
  const followed: Followed[] = [];
  let status = 0;
  for (const name of files.names) {
    const input = flow.open(name);
    if (input instanceof FileError) {
      const directory = input.message === "Is a directory";
      if (call.busybox) call.fail(directory ? "read error: Is a directory" : `can't open '${name}': ${input.message}`);
      else call.fail(directory ? `error reading '${name}': ${input.message}` : `cannot open '${name}' for reading: ${input.message}`);
      status = 1;
      if (call.has("F") && !directory) followed.push({ name, path: resolvePath(call.process.cwd, name), length: 0 });
      continue;
    }
    files.title(name);
    const path = resolvePath(call.process.cwd, name);
    if (name !== "-" && !path.startsWith("/dev/")) {
      const text = call.process.fs.read(path);
      followed.push({ name, path, length: typeof text === "string" ? text.length : 0 });
    }
    yield* end(flow, input, amount);
  }
  if (files.shown === 0 && status === 1 && followed.length === 0) {
    if (call.busybox) call.fail("no files");
    else if (call.has("f") || call.has("F")) call.fail("no files remaining");
    return 1;
  }
  if (!call.has("f") && !call.has("F")) return status;
  yield* flow.flush();
  return yield* follow(call, flow, followed, files.titled);
}

/** Prints the end of an input. */
function* end(flow: Flow, input: Input, { unit, count, turned: fromStart }: Amount): Op<void> {
  if (unit === "characters") {
    const text = yield* flow.all(input);
    flow.print(fromStart ? text.slice(Math.max(0, count - 1)) : count === 0 ? "" : text.slice(-count));
    return;
  }
  if (fromStart) {
    let number = 0;
    yield* flow.lines(input, (line, terminated) => {
      if (++number >= count) flow.print(terminated ? `${line}\n` : line);
      return undefined;
    });
    return;
  }
  const held: string[] = [];
  let at = 0;
  yield* flow.lines(input, (line, terminated) => {
    if (count === 0) return undefined;
    const text = terminated ? `${line}\n` : line;
    if (held.length < count) held.push(text);
    else {
      held[at] = text;
      at = (at + 1) % count;
    }
    return undefined;
  });
  flow.print([...held.slice(at), ...held.slice(0, at)].join(""));
}

/** Looks at the files again and again until it is interrupted. */
function* follow(call: Call, flow: Flow, followed: readonly Followed[], titled: boolean): Op<number> {
  let last = followed.at(-1)?.name;
  const seconds = Number(call.value("s") ?? 1);
  for (;;) {
    yield sleep(seconds > 0 ? seconds * 1e6 : LOOK);
    for (const file of followed) {
      const text = call.process.fs.read(file.path);
      if (typeof text !== "string") continue;
      if (text.length < file.length) {
        if (!call.busybox) call.fail(`${file.name}: file truncated`);
        file.length = 0;
      }
      if (text.length === file.length) continue;
      if (titled && last !== file.name) flow.print(`\n==> ${file.name} <==\n`);
      last = file.name;
      flow.print(text.slice(file.length));
      file.length = text.length;
    }
    yield* flow.flush();
  }
}
