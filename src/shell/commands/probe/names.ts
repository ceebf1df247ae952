/** Addresses as ping, traceroute and tracepath print them: with the name that a reverse lookup gives, asked once for each. */
import { formatIp, type Ip } from "../../../kernel/address.ts";
import type { Op } from "../../../kernel/task.ts";
import type { Process } from "../../command.ts";
import { reverseLookup } from "../../resolver.ts";

export class AddressNames {
  readonly process: Process;
  /** Off: addresses only (-n). */
  readonly lookUp: boolean;
  #known = new Map<Ip, string | undefined>();

  constructor(process: Process, lookUp: boolean) {
    this.process = process;
    this.lookUp = lookUp;
  }

  /** The name of an address; undefined when nobody knows one or names are off. */
  *nameOf(ip: Ip): Op<string | undefined> {
    if (!this.lookUp) return undefined;
    if (!this.#known.has(ip)) this.#known.set(ip, yield* reverseLookup(this.process, ip));
    return this.#known.get(ip);
  }

  /** "name (address)", or the address alone. */
  *format(ip: Ip): Op<string> {
    const name = yield* this.nameOf(ip);
    return name === undefined ? formatIp(ip) : `${name} (${formatIp(ip)})`;
  }
}

/** errno as strerror() says it. */
export const ERRNO_TEXT: Readonly<Record<string, string>> = {
  ENETUNREACH: "Network is unreachable",
  EHOSTUNREACH: "No route to host",
  EMSGSIZE: "Message too long",
  EPERM: "Operation not permitted",
  EACCES: "Permission denied",
  EINVAL: "Invalid argument",
  ENETDOWN: "Network is down",
  EADDRNOTAVAIL: "Cannot assign requested address",
};
