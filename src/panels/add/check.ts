/** What the client or the engine would say to a command, before it is run; and which field of a form it is about. */
import type { Machine } from "../../shell/command.ts";
import { refusalOfDockerLine } from "../../shell/commands/docker/check.ts";

export interface Refusal {
  readonly field: string;
  readonly message: string;
}

/** Which field the words of an error are about; the first that matches. */
const FIELDS: readonly (readonly [string, RegExp])[] = [
  ["gateway", /gateway/i],
  ["range", /ip-range|range/i],
  ["subnet", /subnet|pool|overlap|CIDR/i],
  ["ports", /port|allocated|hostPort|publish/i],
  ["ip", /IP address|Address already in use|no available IPv4/i],
  ["aliases", /alias/i],
  ["parent", /parent|interface/i],
  ["image", /image|reference|repository|pull/i],
  ["driver", /plugin|driver/i],
  ["network", /network .* not found|No such container|joining network/i],
  ["name", /name|already exists|predefined/i],
];

/** Undefined when nothing would be refused. */
export function refusalOf(machine: Machine, line: string, replaces = ""): Refusal | undefined {
  const message = refusalOfDockerLine(machine, line, replaces);
  if (message === undefined) return undefined;
  return { field: FIELDS.find(([, pattern]) => pattern.test(message))?.[0] ?? "other", message };
}
