/** `-m mark` and `-m connmark`: the mark of the packet and of its connection (libxt_mark, libxt_connmark). */
import { bang, hex, type MatchExtension, markOption, required } from "../extension.ts";
import type { PacketView } from "../view.ts";

const markMatch = (module: string, label: string, conntrack: boolean, read: (view: PacketView) => number | undefined): MatchExtension => ({
  options: { mark: 1 },
  conntrack,
  build(uses) {
    const use = required(module, uses, "mark");
    const { mark, mask } = markOption(module, use);
    const value = mask === 0xffffffff ? hex(mark) : `${hex(mark)}/${hex(mask)}`;
    return {
      text: `${bang(use)}--mark ${value}`,
      // libxt_connmark prints a space more than libxt_mark.
      print: () =>
        `${label} match ${use.invert ? "! " : conntrack ? " " : ""}${value}`.replace("match ! ", conntrack ? "match  ! " : "match ! "),
      test(view) {
        const now = read(view);
        return now !== undefined && ((now & mask) >>> 0 === mark) !== use.invert;
      },
    };
  },
});

export const mark = markMatch("mark", "mark", false, ({ skb }) => skb.mark);
export const connmark = markMatch("connmark", "connmark", true, ({ skb }) => skb.conntrack?.mark);
