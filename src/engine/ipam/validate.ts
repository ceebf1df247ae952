/** What the daemon says of a network's address configuration before it tries it (api/types/network/ipam.go). */
import {
  contains,
  type Family,
  familyOf,
  formatPrefix,
  networkAddress,
  overlaps,
  type Prefix,
  parseIp,
  parsePrefix,
} from "../../kernel/address.ts";
import { EngineError, type IpamConfig } from "../types.ts";

/** netip.ParsePrefix: an address and a length, both needed. */
export const parseCidr = (text: string): Prefix | undefined => (text.includes("/") ? parsePrefix(text) : undefined);

/** Several errors as the API words them: one by itself, more with stars. */
export const joinErrors = (errors: readonly string[]): string =>
  errors.length === 1 ? (errors[0] as string).trim() : `* ${errors.map((error) => error.replaceAll("\n", "\n\t")).join("\n* ")}`;

const familyName = (family: Family): string => `IPv${family}`;

export function validateIpam(configs: readonly IpamConfig[], enableIpv6: boolean): EngineError | undefined {
  const errors: string[] = [];
  for (const config of configs) {
    const subnet = parseCidr(config.subnet);
    if (!subnet) {
      errors.push(`invalid subnet ${config.subnet}: invalid CIDR block notation`);
      continue;
    }
    if (!enableIpv6 && familyOf(subnet.address) === 6) continue;
    const masked = { address: networkAddress(subnet.address, subnet.length), length: subnet.length };
    if (masked.address !== subnet.address) errors.push(`invalid subnet ${formatPrefix(subnet)}: it should be ${formatPrefix(masked)}`);
    errors.push(...rangeErrors(config.ipRange, subnet));
    const gateway = addressError(config.gateway, subnet);
    if (gateway) errors.push(`invalid gateway ${config.gateway}: ${gateway}`);
    for (const [name, address] of Object.entries(config.auxAddresses ?? {})) {
      const wrong = addressError(address, subnet);
      if (wrong) errors.push(`invalid auxiliary address ${name}: ${wrong}`);
    }
  }
  return errors.length > 0 ? new EngineError(`invalid network config:\n${joinErrors(errors)}`) : undefined;
}

function rangeErrors(text: string | undefined, subnet: Prefix): string[] {
  if (!text) return [];
  const range = parseCidr(text);
  if (!range) return [`invalid ip-range ${text}: invalid CIDR block notation`];
  const family = familyOf(subnet.address);
  if (familyOf(range.address) !== family) return [`invalid ip-range ${text}: parent subnet is an ${familyName(family)} block`];
  const errors: string[] = [];
  const parent = formatPrefix(subnet);
  if (range.length < subnet.length) errors.push(`invalid ip-range ${text}: CIDR block is bigger than its parent subnet ${parent}`);
  const masked = { address: networkAddress(range.address, range.length), length: range.length };
  if (masked.address !== range.address) errors.push(`invalid ip-range ${formatPrefix(range)}: it should be ${formatPrefix(masked)}`);
  if (!overlaps(subnet, range)) errors.push(`invalid ip-range ${text}: parent subnet ${parent} doesn't contain ip-range`);
  return errors;
}

function addressError(text: string | undefined, subnet: Prefix): string | undefined {
  if (!text) return undefined;
  const address = parseIp(text);
  if (address === undefined) return "invalid address";
  const family = familyOf(subnet.address);
  if (familyOf(address) !== family) return `parent subnet is an ${familyName(family)} block`;
  if (!contains(subnet, address)) return `parent subnet ${formatPrefix(subnet)} doesn't contain this address`;
  return undefined;
}
