/** The options of `ip link add … type vxlan` (iproute2 ip/iplink_vxlan.c). */
import { type Ip, isMulticast, parseIp } from "../../../kernel/address.ts";
import type { NetDevice } from "../../../kernel/device/index.ts";
import type { VxlanOptions } from "../../../kernel/device/modules.ts";
import type { Netns } from "../../../kernel/netns.ts";
import { Failure } from "./answer.ts";
import { linkNamed } from "./link-named.ts";
import { incomplete, invalid, noSuchDevice, parseUnsigned, unsupported, type Words } from "./words.ts";

const SUPPORTED = "id VNI, remote ADDR, local ADDR, dev DEV, dstport PORT, [no]learning";
/** The kernel's port where none is given, older than the one that IANA assigned. */
const DEFAULT_PORT = 8472;
const MAX_VNI = 0xffffff;

/** Switches that are as the kernel has them by default, and may be named. */
const DEFAULTS: ReadonlySet<string> = new Set(["noproxy", "norsc", "nol2miss", "nol3miss", "udpcsum", "noudp6zerocsumtx", "noexternal"]);

export function readVxlan(netns: Netns, words: Words): VxlanOptions | Failure {
  let vni: number | undefined;
  let port: number | undefined;
  let remote: Ip | undefined;
  let local: Ip | undefined;
  let lower: NetDevice | undefined;
  let learning = true;
  for (let key = words.next(); key !== undefined; key = words.next()) {
    if (key === "learning" || key === "nolearning") {
      learning = key === "learning";
      continue;
    }
    if (DEFAULTS.has(key)) continue;
    if (!["id", "vni", "remote", "group", "local", "dev", "dstport", "ttl", "tos", "ageing", "srcport", "df", "maxaddress"].includes(key)) {
      return new Failure(`vxlan: unknown command "${key}"?`, 1);
    }
    const value = words.next();
    if (value === undefined) return incomplete();
    switch (key) {
      case "id":
      case "vni":
        vni = parseUnsigned(value, MAX_VNI);
        if (vni === undefined) return invalid(value, "invalid id");
        break;
      case "dstport":
        port = parseUnsigned(value, 65535);
        if (port === undefined) return invalid(value, "dst port");
        break;
      case "remote":
      case "group":
      case "local": {
        const ip = parseIp(value);
        if (ip === undefined) return new Failure(`Error: any valid address is expected rather than "${value}".`, 1);
        if (key === "local") local = ip;
        else if (key === "group" || isMulticast(ip)) return unsupported(`vxlan ${key} ${value}`, SUPPORTED);
        else remote = ip;
        break;
      }
      case "dev":
        lower = linkNamed(netns, value);
        if (!lower) return noSuchDevice(value);
        break;
      default:
        return unsupported(`vxlan ${key}`, SUPPORTED);
    }
  }
  if (vni === undefined) return new Failure("vxlan: missing virtual network identifier", 1);
  return { vni, port: port || DEFAULT_PORT, remote, local, lower, learning };
}
