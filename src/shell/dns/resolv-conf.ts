/** /etc/resolv.conf as resolv.conf(5) describes it and glibc's res_init.c reads it. */
import { type Ip, parseIp } from "../../kernel/address.ts";
import type { FileSystem } from "../../kernel/vfs.ts";

export interface ResolverConfig {
  /** At most three; the local host when the file names none. */
  readonly nameservers: readonly Ip[];
  readonly search: readonly string[];
  readonly ndots: number;
  /** Seconds for the first try of a server. */
  readonly timeout: number;
  readonly attempts: number;
}

const MAX_NAMESERVERS = 3;
const LOCALHOST: Ip = 0x7f000001;

const optionValue = (option: string, name: string, limit: number): number | undefined => {
  const digits = option.startsWith(`${name}:`) ? option.slice(name.length + 1) : "";
  return /^\d+$/.test(digits) ? Math.min(limit, Number(digits)) : undefined;
};

export function readResolvConf(fs: FileSystem): ResolverConfig {
  const text = fs.read("/etc/resolv.conf");
  const nameservers: Ip[] = [];
  let search: readonly string[] = [];
  let ndots = 1;
  let timeout = 5;
  let attempts = 2;
  for (const line of typeof text === "string" ? text.split("\n") : []) {
    if (/^[#;]/.test(line)) continue;
    const [keyword, ...values] = line.split(/\s+/).filter((word) => word !== "");
    if (keyword === "nameserver" && nameservers.length < MAX_NAMESERVERS) {
      const ip = parseIp((values[0] ?? "").split("%")[0] as string);
      if (ip !== undefined) nameservers.push(ip);
    } else if (keyword === "search") search = values;
    else if (keyword === "domain") search = values.slice(0, 1);
    else if (keyword === "options") {
      for (const option of values) {
        ndots = optionValue(option, "ndots", 15) ?? ndots;
        timeout = optionValue(option, "timeout", 30) ?? timeout;
        attempts = optionValue(option, "attempts", 5) ?? attempts;
      }
    }
  }
  return {
    nameservers: nameservers.length > 0 ? nameservers : [LOCALHOST],
    search: search.filter((domain) => domain !== "."),
    ndots,
    timeout: Math.max(1, timeout),
    attempts: Math.max(1, attempts),
  };
}
