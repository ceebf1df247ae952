/** `-m multiport`: up to fifteen ports and ranges (libxt_multiport). */
import { PROTO_TCP, PROTO_UDP } from "../../wire/packet.ts";
import { bang, type MatchExtension, refuse } from "../extension.ts";
import { parsePortOrRefuse } from "../match/tcp-udp.ts";
import { portName } from "../names.ts";

const MAX_PORTS = 15;
const WITH_PORTS = new Set([PROTO_TCP, PROTO_UDP, 136, 132, 33]);
const LONG_NAMES: Readonly<Record<string, string>> = { "source-ports": "sports", "destination-ports": "dports" };

export const multiport: MatchExtension = {
  options: { sports: 1, "source-ports": 1, dports: 1, "destination-ports": 1, ports: 1 },
  build(uses, context) {
    if (uses.some(({ protocol }) => protocol === undefined || !WITH_PORTS.has(protocol)) || context.protocolInverted)
      refuse("multiport needs `-p tcp', `-p udp', `-p udplite', `-p sctp' or `-p dccp'");
    const [use, second] = uses;
    if (!use) refuse("no ports specified");
    if (second) refuse("multiport can only have one option");
    const ranges: (readonly [number, number])[] = [];
    let slots = 0;
    for (const word of use.value.split(",")) {
      const [low, high] = word.split(":") as [string, string?];
      const min = parsePortOrRefuse(low, context.protocol);
      const max = high === undefined ? min : parsePortOrRefuse(high, context.protocol);
      if (high !== undefined && min >= max) refuse("invalid portrange specified");
      slots += high === undefined ? 1 : 2;
      if (slots > MAX_PORTS) refuse("too many ports specified");
      ranges.push([min, max]);
    }
    const side = LONG_NAMES[use.name] ?? use.name;
    const { invert } = use;
    const list = (name: (port: number) => string): string =>
      ranges.map(([min, max]) => (min === max ? name(min) : `${name(min)}:${name(max)}`)).join(",");
    const has = (port: number): boolean => ranges.some(([min, max]) => port >= min && port <= max);
    return {
      text: `${bang(use)}--${side} ${list(String)}`,
      print: (numeric) =>
        `multiport ${side} ${invert ? " !" : ""}${list((port) => (numeric ? String(port) : portName(port, context.protocol)))}`,
      test: ({ body }) => {
        if (body?.kind !== "tcp" && body?.kind !== "udp") return false;
        const hit = (side !== "dports" && has(body.srcPort)) || (side !== "sports" && has(body.dstPort));
        return hit !== invert;
      },
    };
  },
};
