/** nft: names what shows the same rules here. */
import type { Command } from "../../command.ts";

export const nft: Command = {
  name: "nft",
  summary: "The nftables front end, not modelled",
  userlands: ["host"],
  // biome-ignore lint/correctness/useYield: it ends at once, without waiting
  *run(process) {
    if (process.argv[1] === "-v" || process.argv[1] === "--version") {
      process.stdout.write("nftables v1.1.6 (Commodore Bullmoose #7)\n");
      return 0;
    }
    process.stderr.write(
      "nft: the nftables notation is not modelled here; iptables -S, iptables-save and ip6tables-save show the same rules\n",
    );
    return 1;
  },
};
