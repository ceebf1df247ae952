/** help, and editors that are not there. */
import type { Command } from "../../../command.ts";
import { programsOf } from "../../../userland.ts";

const help: Command = {
  name: "help",
  summary: "this list",
  *run(process) {
    const all = [...programsOf(process).values()];
    const width = Math.max(...all.map((one) => one.name.length));
    process.stdout.write("Commands of this host (Tab completes them; --help explains most):\n");
    process.stdout.write(all.map((one) => `  ${one.name.padEnd(width)}  ${one.summary}\n`).join(""));
    return 0;
  },
};

const editor = (name: string): Command => ({
  name,
  summary: "says how to write a file here",
  // biome-ignore lint/correctness/useYield: answers at once
  *run(process) {
    process.stderr.write(`${name}: there is no editor here; write a file with: cat > FILE, its lines, then Ctrl-D\n`);
    return 1;
  },
});

export const helpCommands: readonly Command[] = [help, ...["vi", "vim", "nano"].map(editor)];
