/** `-j MARK` and `-j CONNMARK` (libxt_MARK, libxt_CONNMARK). */
import { hex, markOption, numberOption, type OptionUse, once, refuse, type Target, type TargetExtension } from "../extension.ts";

interface Change {
  readonly mark: number;
  readonly mask: number;
}

const ALL = 0xffffffff;

/** --set-mark, --set-xmark, --and-mark, --or-mark, --xor-mark as one "clear these bits, turn those" (xset). */
function parseChange(module: string, use: OptionUse): Change {
  if (use.name === "set-xmark" || use.name === "set-mark") {
    const { mark, mask } = markOption(module, use);
    return { mark, mask: use.name === "set-mark" ? (mark | mask) >>> 0 : mask };
  }
  const bits = numberOption(module, use, ALL);
  if (use.name === "and-mark") return { mark: 0, mask: ~bits >>> 0 };
  return { mark: bits, mask: use.name === "or-mark" ? bits : 0 };
}

const apply = (old: number, { mark, mask }: Change): number => ((old & ~mask) ^ mark) >>> 0;

function printChange({ mark, mask }: Change): string {
  if (mark === 0) return `and ${hex(~mask >>> 0)}`;
  if (mark === mask) return `or ${hex(mark)}`;
  if (mask === 0) return `xor ${hex(mark)}`;
  return mask === ALL ? `set ${hex(mark)}` : `xset ${hex(mark)}/${hex(mask)}`;
}

const CHANGES = { "set-mark": 1, "set-xmark": 1, "and-mark": 1, "or-mark": 1, "xor-mark": 1 } as const;

export const MARK: TargetExtension = {
  options: CHANGES,
  build(uses): Target {
    const [use, second] = uses;
    if (!use) refuse("MARK: One of the --set-xmark, --{and,or,xor,set}-mark options is required");
    if (second) refuse(`MARK: option "--${second.name}" cannot be used together with "--${use.name}".\n`);
    const change = parseChange("MARK", use);
    return {
      text: `--set-xmark ${hex(change.mark)}/${hex(change.mask)}`,
      print: () => `MARK ${printChange(change)}`,
      told: true,
      run({ skb }) {
        skb.mark = apply(skb.mark, change);
        return "continue";
      },
    };
  },
};

export const CONNMARK: TargetExtension = {
  options: { ...CHANGES, "save-mark": 0, "restore-mark": 0, nfmask: 1, ctmask: 1, mask: 1 },
  conntrack: true,
  build(uses): Target {
    const [action, second] = uses.filter((use) => !use.name.endsWith("mask"));
    if (!action) refuse("CONNMARK target: No operation specified");
    if (second) refuse(`CONNMARK: option "--${second.name}" cannot be used together with "--${action.name}".\n`);
    if (!action.name.startsWith("save") && !action.name.startsWith("restore")) {
      const change = parseChange("CONNMARK", action);
      return {
        text: `--set-xmark ${hex(change.mark)}/${hex(change.mask)}`,
        print: () => `CONNMARK ${printChange(change)}`,
        told: true,
        run({ skb: { conntrack } }) {
          if (conntrack) conntrack.mark = apply(conntrack.mark, change);
          return "continue";
        },
      };
    }
    const both = once("CONNMARK", uses, "mask");
    const maskOf = (name: string): number => {
      const use = both ?? once("CONNMARK", uses, name);
      return use ? numberOption("CONNMARK", use, ALL) : ALL;
    };
    const nfmask = maskOf("nfmask");
    const ctmask = maskOf("ctmask");
    const saves = action.name === "save-mark";
    return {
      text: `--${action.name} --nfmask ${hex(nfmask)} --ctmask ${hex(ctmask)}`,
      print() {
        const word = saves ? "save" : "restore";
        if (nfmask === ALL && ctmask === ALL) return `CONNMARK ${word}`;
        if (nfmask === ctmask) return `CONNMARK ${word} mask ${hex(nfmask)}`;
        return saves
          ? `CONNMARK save nfmask ${hex(nfmask)} ctmask ~${hex(ctmask)}`
          : `CONNMARK restore ctmask ${hex(ctmask)} nfmask ~${hex(nfmask)}`;
      },
      told: true,
      run({ skb }) {
        const { conntrack } = skb;
        if (conntrack && saves) conntrack.mark = ((conntrack.mark & ~ctmask) ^ (skb.mark & nfmask)) >>> 0;
        else if (conntrack) skb.mark = ((skb.mark & ~nfmask) ^ (conntrack.mark & ctmask)) >>> 0;
        return "continue";
      },
    };
  },
};
