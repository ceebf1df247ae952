/** `ip link show`. */
import type { Process } from "../../command.ts";
import { type Answer, Failure } from "./answer.ts";
import { printJson } from "./json.ts";
import { briefLink, linkJson, linkText, statisticsJson, statisticsText } from "./link-record.ts";
import type { Options } from "./options.ts";
import { parseSelection, selectDevices } from "./select.ts";
import type { Words } from "./words.ts";

export function showLinks(process: Process, options: Options, words: Words): Answer {
  const { netns } = process;
  const selection = parseSelection(words, netns, false);
  if (selection instanceof Failure) return selection;
  const devices = selectDevices(netns, selection);
  if (options.json) {
    const records = devices.map((device) => ({
      ...linkJson(process, device, options, true),
      ...(options.statistics > 0 && !options.brief && { stats64: statisticsJson(device, options.statistics) }),
    }));
    return printJson(records, options.pretty);
  }
  if (options.brief) return devices.map((device) => briefLink(device, options)).join("");
  return devices
    .map((device) => {
      const text = linkText(process, device, options, true);
      const all = options.statistics > 0 ? `${text}\n${statisticsText(device, options)}` : text;
      return `${options.oneLine ? all.replaceAll("\n", "\\") : all}\n`;
    })
    .join("");
}
