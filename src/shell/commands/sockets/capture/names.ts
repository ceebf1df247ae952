/** What tcpdump calls ends of a conversation: numbers with -n, else names, which it looks up as it goes. */
import { formatIp, type Ip } from "../../../../kernel/address.ts";
import type { Op } from "../../../../kernel/task.ts";
import type { Process } from "../../../command.ts";
import { portName } from "../../../port-names.ts";
import { reverseLookup } from "../../../resolver.ts";

export class Names {
  #process: Process;
  /** 0: names; 1 (-n): numbers for addresses and ports. */
  readonly numeric: boolean;
  #hosts = new Map<Ip, string>();

  constructor(process: Process, numeric: boolean) {
    this.#process = process;
    this.numeric = numeric;
  }

  /** Looks up what a line will name, before it is put together. */
  *prepare(ips: readonly Ip[]): Op<void> {
    if (this.numeric) return;
    for (const ip of ips) {
      if (this.#hosts.has(ip)) continue;
      this.#hosts.set(ip, formatIp(ip));
      const name = yield* reverseLookup(this.#process, ip);
      if (name !== undefined) this.#hosts.set(ip, name);
    }
  }

  host(ip: Ip): string {
    return this.#hosts.get(ip) ?? formatIp(ip);
  }

  port(port: number, protocol: "tcp" | "udp"): string {
    return (this.numeric ? undefined : portName(port, protocol)) ?? String(port);
  }

  end(ip: Ip, port: number, protocol: "tcp" | "udp"): string {
    return `${this.host(ip)}.${this.port(port, protocol)}`;
  }
}
