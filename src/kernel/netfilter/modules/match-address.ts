/** `-m iprange` and `-m mac`: ranges of addresses, the source MAC of a frame that came in (libxt_iprange, libxt_mac). */
import { formatIp, type Ip, parseMac } from "../../address.ts";
import { bang, type MatchExtension, type OptionUse, once, parseAddress, type RuleContext, refuse, required } from "../extension.ts";

interface IpRange {
  readonly min: Ip;
  readonly max: Ip;
  readonly invert: boolean;
}

function parseRange(use: OptionUse | undefined, context: RuleContext): IpRange | undefined {
  if (!use) return undefined;
  const [low, high] = use.value.split("-") as [string, string?];
  const bad = (): never => refuse(`iprange: Bad value for "--${use.name}" option: "${use.value}"`);
  const min = parseAddress(low, context.family) ?? bad();
  const max = high === undefined ? min : (parseAddress(high, context.family) ?? bad());
  if (min > max) refuse(`iprange: Bad IP range "${use.value}"`);
  return { min, max, invert: use.invert };
}

const inside = (range: IpRange | undefined, ip: Ip): boolean => !range || (ip >= range.min && ip <= range.max) !== range.invert;
const words = (range: IpRange): string => `${formatIp(range.min)}-${formatIp(range.max)}`;

export const iprange: MatchExtension = {
  options: { "src-range": 1, "dst-range": 1 },
  build(uses, context) {
    const source = parseRange(once("iprange", uses, "src-range"), context);
    const destination = parseRange(once("iprange", uses, "dst-range"), context);
    if (!source && !destination) refuse("iprange match: You must specify `--src-range' or `--dst-range'");
    return {
      text: [
        ...(source ? [`${bang(source)}--src-range ${words(source)}`] : []),
        ...(destination ? [`${bang(destination)}--dst-range ${words(destination)}`] : []),
      ].join(" "),
      print: () =>
        [
          ...(source ? [`source IP range ${bang(source)}${words(source)}`] : []),
          ...(destination ? [`destination IP range ${bang(destination)}${words(destination)}`] : []),
        ].join(" "),
      test: ({ packet }) => inside(source, packet.src) && inside(destination, packet.dst),
    };
  },
};

export const mac: MatchExtension = {
  options: { "mac-source": 1 },
  build(uses) {
    const use = required("mac", uses, "mac-source");
    const address = parseMac(use.value) ?? refuse("Invalid MAC address specified.");
    return {
      text: `${bang(use)}--mac-source ${address}`,
      print: () => `MAC ${bang(use)}${address}`,
      // A packet of this netns has no frame that it came in by.
      test: ({ skb, indev }) => indev !== undefined && skb.eth !== undefined && (skb.eth.src === address) !== use.invert,
    };
  },
};
