/** Web addresses as curl and wget take them apart (RFC 3986 with their leniency). */

export interface Url {
  readonly scheme: string;
  readonly user: string | undefined;
  /** Without brackets. */
  readonly host: string;
  readonly port: number;
  /** Whether the port was given. */
  readonly explicitPort: boolean;
  /** Path and query, beginning with "/". */
  readonly target: string;
}

export const DEFAULT_PORTS: Readonly<Record<string, number>> = {
  http: 80,
  https: 443,
  ftp: 21,
  ftps: 990,
  telnet: 23,
  smtp: 25,
  imap: 143,
  pop3: 110,
  ldap: 389,
  dict: 2628,
};

/** What is wrong with a URL, in curl's words after "URL rejected: ". */
export class UrlError {
  readonly message: string;

  constructor(message: string) {
    this.message = message;
  }
}

export function parseUrl(text: string): Url | UrlError {
  if (/[\s\x00-\x1f]/.test(text)) return new UrlError("Malformed input to a URL function");
  const match = /^(?:([a-zA-Z][a-zA-Z0-9+.-]*):\/{1,3})?([^/?#]*)([^#]*)/.exec(text) as RegExpExecArray;
  const scheme = (match[1] ?? "http").toLowerCase();
  let authority = match[2] as string;
  const at = authority.lastIndexOf("@");
  const user = at >= 0 ? authority.slice(0, at) : undefined;
  authority = authority.slice(at + 1);
  const bracketed = /^\[([^\]]*)\](?::(.*))?$/.exec(authority);
  const plain = /^([^:]*)(?::(.*))?$/.exec(authority);
  const parts = bracketed ?? plain;
  if (!parts) return new UrlError("Port number was not a decimal number between 0 and 65535");
  const host = parts[1] as string;
  if (host === "") return new UrlError("No host present");
  if (/[<>"{}|\\^`]/.test(host)) return new UrlError("Bad hostname");
  const portText = parts[2] ?? "";
  if (!/^\d*$/.test(portText) || Number(portText) > 65535) {
    return new UrlError("Port number was not a decimal number between 0 and 65535");
  }
  const rest = match[3] as string;
  return {
    scheme,
    user,
    host,
    port: portText === "" ? (DEFAULT_PORTS[scheme] ?? 80) : Number(portText),
    explicitPort: portText !== "",
    target: rest.startsWith("/") ? rest : `/${rest}`,
  };
}

/** The host as it stands in a URL or a Host header, with the port where it is not the scheme's own. */
export function hostAndPort(url: Url): string {
  const host = url.host.includes(":") ? `[${url.host}]` : url.host;
  return url.port === DEFAULT_PORTS[url.scheme] ? host : `${host}:${url.port}`;
}

/** A redirect's target against the URL that it came from. */
export function resolveLocation(base: Url, location: string): string {
  const origin = `${base.scheme}://${base.host.includes(":") ? `[${base.host}]` : base.host}${base.explicitPort ? `:${base.port}` : ""}`;
  if (/^[a-zA-Z][a-zA-Z0-9+.-]*:\/\//.test(location)) return location;
  if (location.startsWith("//")) return `${base.scheme}:${location}`;
  if (location.startsWith("/")) return origin + location;
  return `${origin}${base.target.split("?")[0]?.replace(/[^/]*$/, "") ?? "/"}${location}`;
}
