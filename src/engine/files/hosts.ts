/** A container's /etc/hosts (libnetwork/etchosts). */

export interface HostsRecord {
  readonly ip: string;
  /** Names apart by spaces. */
  readonly names: string;
}

const DEFAULT_RECORDS: readonly HostsRecord[] = [
  { ip: "127.0.0.1", names: "localhost" },
  { ip: "::1", names: "localhost ip6-localhost ip6-loopback" },
  { ip: "fe00::", names: "ip6-localnet" },
  { ip: "ff00::", names: "ip6-mcastprefix" },
  { ip: "ff02::1", names: "ip6-allnodes" },
  { ip: "ff02::2", names: "ip6-allrouters" },
];

const line = ({ ip, names }: HostsRecord): string => `${ip}\t${names}\n`;

/** `six`: whether the container has IPv6. */
export const buildHosts = (extra: readonly HostsRecord[], six: boolean): string =>
  [...DEFAULT_RECORDS.filter(({ ip }) => six || !ip.includes(":")), ...extra].map(line).join("");

export const addHosts = (text: string, records: readonly HostsRecord[]): string => text + records.map(line).join("");

/** Drops each line that is one of the records. */
export function deleteHosts(text: string, records: readonly HostsRecord[]): string {
  const gone = new Set(records.map(line));
  return text
    .split(/(?<=\n)/)
    .filter((each) => !gone.has(each))
    .join("");
}

/** Gives the line whose first name is `name` another address (a linked container has restarted). */
export function updateHosts(text: string, ip: string, name: string): string {
  return text
    .split("\n")
    .map((each) => {
      const [address, names] = each.split("\t");
      return address && names?.split(/[\s.]/)[0] === name ? `${ip}\t${names}` : each;
    })
    .join("\n");
}

/** The names of a container on its own line: the hostname with its domain, and the bare hostname where that differs. */
export function ownNames(hostname: string, domainname: string): string {
  const full = domainname === "" ? hostname : `${hostname}.${domainname}`;
  const dot = full.indexOf(".");
  return dot < 0 ? full : `${full} ${full.slice(0, dot)}`;
}
