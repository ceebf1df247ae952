/**
 * Names to addresses as glibc's getaddrinfo() and getnameinfo() do it: /etc/hosts first, then the servers of
 * /etc/resolv.conf, asked by real UDP datagrams from the process's netns.
 */
import type { Family, Ip } from "../kernel/address.ts";
import type { Op } from "../kernel/task.ts";
import type { Process } from "./command.ts";

/** What a lookup needs of the process that makes it. */
export type Resolving = Pick<Process, "netns" | "fs" | "pid" | "argv">;

/** Why a name has no address, with gai_strerror()'s text. */
export class ResolveError {
  readonly code: "EAI_NONAME" | "EAI_AGAIN" | "EAI_NODATA" | "EAI_FAIL" | "EAI_ADDRFAMILY";

  constructor(code: ResolveError["code"]) {
    this.code = code;
  }

  get message(): string {
    return {
      EAI_NONAME: "Name or service not known",
      EAI_AGAIN: "Temporary failure in name resolution",
      EAI_NODATA: "No address associated with hostname",
      EAI_FAIL: "Non-recoverable failure in name resolution",
      EAI_ADDRFAMILY: "Address family for hostname not supported",
    }[this.code];
  }
}

export interface ResolvedHost {
  /** The official name: of /etc/hosts' line, of the record that answered, or the text asked for. */
  readonly canonicalName: string;
  /** At least one, in the order in which a client tries them. */
  readonly addresses: readonly Ip[];
}

/** getaddrinfo(): literal addresses are taken as they are; `family` restricts to IPv4 or IPv6. */
export function* resolveHost(_process: Resolving, _name: string, _family?: Family): Op<ResolvedHost | ResolveError> {
  throw new Error("todo");
}

/** getnameinfo(NI_NAMEREQD): the name of an address, without a trailing dot; undefined when nobody knows one. */
export function* reverseLookup(_process: Resolving, _ip: Ip): Op<string | undefined> {
  throw new Error("todo");
}
