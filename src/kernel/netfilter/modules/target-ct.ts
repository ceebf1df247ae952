/** `-j CT --notrack` and its old name NOTRACK: packets that conntrack leaves alone (libxt_CT). */
import { refuse, type Target, type TargetExtension } from "../extension.ts";
import type { PacketView } from "../view.ts";

function leaveUntracked({ skb }: PacketView): "continue" {
  if (!skb.conntrack) skb.ctInfo = "untracked";
  return "continue";
}

const LOG_LINE = "x_tables: ip_tables: CT target: only valid in raw table, not TABLE";

export const CT: TargetExtension = {
  options: { notrack: 0, helper: 1, timeout: 1, ctevents: 1, expevents: 1, zone: 1, "zone-orig": 1, "zone-reply": 1 },
  build(uses): Target {
    const other = uses.find((use) => use.name !== "notrack");
    if (other) refuse(`CT: option "--${other.name}" is not modelled here; supported: --notrack`);
    const notrack = uses.length > 0;
    return {
      text: notrack ? "--notrack" : "",
      print: () => (notrack ? "CT notrack" : "CT"),
      tables: ["raw"],
      log: LOG_LINE,
      told: notrack,
      run: (view) => (notrack ? leaveUntracked(view) : "continue"),
    };
  },
};

export const NOTRACK: TargetExtension = {
  options: {},
  listedAs: "CT",
  build: () => ({ text: "", print: () => "NOTRACK", tables: ["raw"], log: LOG_LINE, told: true, run: leaveUntracked }),
};
