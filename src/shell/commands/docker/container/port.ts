/** `docker port` (cli/command/container/port.go). */
import { EngineError, type PortBinding } from "../../../../engine/types.ts";
import { daemonError, fail } from "../errors.ts";
import { hostLine, portLine } from "../ports.ts";
import type { Verb } from "../verb.ts";

/** Numbers in names by their value, then IPv4 before IPv6 (sortorder.NaturalLess over the lines). */
const compareBindings = (a: PortBinding, b: PortBinding): number =>
  a.containerPort - b.containerPort ||
  (a.protocol < b.protocol ? -1 : a.protocol > b.protocol ? 1 : 0) ||
  compareLines(hostLine(a), hostLine(b));

function compareLines(a: string, b: string): number {
  const chunk = /\d+|\D/g;
  const [x, y] = [a.match(chunk) ?? [], b.match(chunk) ?? []];
  for (let i = 0; i < Math.min(x.length, y.length); i++) {
    const [p, q] = [x[i] as string, y[i] as string];
    if (p === q) continue;
    const numbers = /^\d/.test(p) && /^\d/.test(q);
    return numbers ? Number(p) - Number(q) : p < q ? -1 : 1;
  }
  return x.length - y.length;
}

export const portVerb: Verb = {
  names: ["port"],
  top: "port",
  completes: "running",
  command: {
    usage: "CONTAINER [PRIVATE_PORT[/PROTO]]",
    summary: "List port mappings or a specific mapping for the container",
    aliases: "docker container port, docker port",
    least: 1,
    most: 2,
  },
  *run(process, flags, engine) {
    const [reference = "", wanted] = flags.args;
    const container = engine.findContainer(reference);
    if (container instanceof EngineError) return daemonError(process, container);
    const sorted = [...container.ports].sort(compareBindings);
    if (wanted === undefined) {
      for (const binding of sorted) process.stdout.write(`${portLine(binding)}\n`);
      return 0;
    }
    const [number = "", protocol = "tcp"] = wanted.split("/");
    if (!/^\d+$/.test(number))
      return fail(process, `Error: invalid port (${number}): strconv.ParseUint: parsing ${JSON.stringify(number)}: invalid syntax`);
    const found = sorted.filter((binding) => binding.containerPort === Number(number) && binding.protocol === protocol);
    for (const binding of found) process.stdout.write(`${hostLine(binding)}\n`);
    return found.length > 0 ? 0 : fail(process, `Error: No public port '${wanted}' published for ${reference}`);
  },
};
