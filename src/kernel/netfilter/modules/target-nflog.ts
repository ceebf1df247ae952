/** `-j NFLOG`: to whoever listens on a netlink group (nobody here), and `-j CHECKSUM`, where checksums are always right. */
import { numberOption, once, refuse, required, saveString, type TargetExtension } from "../extension.ts";

const PREFIX_LENGTH = 63;

export const NFLOG: TargetExtension = {
  options: { "nflog-group": 1, "nflog-prefix": 1, "nflog-range": 1, "nflog-size": 1, "nflog-threshold": 1 },
  build(uses) {
    const prefix = once("NFLOG", uses, "nflog-prefix")?.value.slice(0, PREFIX_LENGTH) ?? "";
    if (prefix.includes("\n")) refuse("NFLOG: newlines not allowed in --log-prefix");
    const numbers = (["group", "size", "threshold"] as const).flatMap((name) => {
      const use = once("NFLOG", uses, `nflog-${name}`);
      const value = use ? numberOption("NFLOG", use, name === "size" ? 0xffffffff : 65535) : 0;
      return value || (use && name === "size") ? [`nflog-${name} ${value}`] : [];
    });
    if (once("NFLOG", uses, "nflog-range")) refuse("NFLOG --nflog-range is not supported here; supported: --nflog-size");
    return {
      text: [...(prefix ? [`--nflog-prefix ${saveString(prefix)}`] : []), ...numbers.map((words) => `--${words}`)].join(" "),
      print: () => [...(prefix ? [`nflog-prefix "${prefix}"`] : []), ...numbers].join(" "),
      told: true,
      run: () => "continue",
    };
  },
};

export const CHECKSUM: TargetExtension = {
  options: { "checksum-fill": 0 },
  build(uses) {
    required("CHECKSUM", uses, "checksum-fill");
    return { text: "--checksum-fill", print: () => "CHECKSUM fill", tables: ["mangle"], run: () => "continue" };
  },
};
