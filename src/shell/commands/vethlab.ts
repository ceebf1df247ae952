/** `vethlab`: the page's own switches as a command, so that they are part of the script and can be undone. */
import type { Command } from "../command.ts";

const USAGE = `Usage: vethlab dns-order [round-robin|shuffle]

  dns-order   how the embedded DNS server orders several addresses of one name:
              round-robin  they take turns, so that pings go round (default in the page)
              shuffle      at random, as Docker Engine does
`;

export const vethlabCommand: Command = {
  name: "vethlab",
  summary: "switches of this page: vethlab dns-order round-robin|shuffle",
  userlands: ["host"],
  complete: ({ words }) => (words.length === 1 ? ["dns-order"] : words[1] === "dns-order" ? ["round-robin", "shuffle"] : []),
  // biome-ignore lint/correctness/useYield: answers at once
  *run(process) {
    const [, verb, order, ...rest] = process.argv;
    const { engine } = process.machine;
    if (verb === "--help" || verb === "help") {
      process.stdout.write(USAGE);
      return 0;
    }
    if (verb !== "dns-order" || rest.length > 0 || !engine) {
      process.stderr.write(USAGE);
      return 2;
    }
    if (order === undefined) {
      process.stdout.write(`${engine.dnsOrder}\n`);
      return 0;
    }
    if (order !== "round-robin" && order !== "shuffle") {
      process.stderr.write(`vethlab: dns-order is round-robin or shuffle, not '${order}'\n`);
      return 2;
    }
    engine.dnsOrder = order;
    return 0;
  },
};
