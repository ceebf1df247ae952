/** busybox: the one program that a small image's tools are, and its applets by name. */
import type { Op } from "../../../../kernel/task.ts";
import type { Command, Process } from "../../../command.ts";
import { programsOf } from "../../../userland.ts";
import { BUSYBOX_BANNER } from "../busybox-usage.ts";

/** Programs of the images here that are no applets: packages of their own. */
const PACKAGES = new Set(
  "apk apt apt-get arping bash bridge conntrack curl dig getent help host ip iptables iptables-save ip6tables ip6tables-save iptables-restore ip6tables-restore jq nft nginx python3 ss tcpdump tracepath vethlab vim nano docker column".split(
    " ",
  ),
);

const appletsOf = (process: Process): readonly string[] => [...programsOf(process).keys()].filter((name) => !PACKAGES.has(name));

/** Names in lines of at most 80 columns, as its help lists them. */
function wrapped(names: readonly string[]): string {
  let text = "";
  let width = 0;
  for (const [i, name] of names.entries()) {
    const word = `${name}${i === names.length - 1 ? "" : ","}`;
    if (width === 0 || width + 1 + word.length > 72) {
      text += `${width === 0 ? "" : "\n"}\t${word}`;
      width = word.length;
    } else {
      text += ` ${word}`;
      width += 1 + word.length;
    }
  }
  return `${text}\n`;
}

const HELP = `BusyBox is copyrighted by many authors between 1998-2015.
Licensed under GPLv2. See source distribution for detailed
copyright notices.

Usage: busybox [function [arguments]...]
   or: busybox --list[-full]
   or: function [arguments]...

	BusyBox is a multi-call binary that combines many common Unix
	utilities into a single executable.

Currently defined functions:
`;

function* run(process: Process): Op<number> {
  const [, name, ...rest] = process.argv;
  if (name === undefined || name === "--help") {
    process.stdout.write(`${BUSYBOX_BANNER.replace(/\n+$/, "\n")}${HELP}${wrapped(appletsOf(process))}`);
    return 0;
  }
  if (name === "--list" || name === "--list-full") {
    const folder = name === "--list" ? "" : "bin/";
    process.stdout.write(
      appletsOf(process)
        .map((applet) => `${folder}${applet}\n`)
        .join(""),
    );
    return 0;
  }
  if (name.startsWith("--install")) {
    process.stderr.write("busybox: the applets are installed already\n");
    return 1;
  }
  const applet = name.split("/").at(-1) as string;
  if (!appletsOf(process).includes(applet)) {
    process.stderr.write(`${applet}: applet not found\n`);
    return 127;
  }
  const started = process.exec([applet, ...rest]);
  if ("reason" in started) {
    process.stderr.write(`${applet}: applet not found\n`);
    return 127;
  }
  return yield* started;
}

export const busybox: Command = {
  name: "busybox",
  summary: "the tools of a small image in one program",
  userlands: ["alpine", "busybox"],
  run,
  complete: ({ process, words }) => (words.length === 1 ? [...appletsOf(process), "--help", "--list"] : []),
};
