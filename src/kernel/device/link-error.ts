/** What the kernel answers a change of links, addresses, routes or neighbours with instead of doing it. */

/** A refusal as rtnetlink gives it; the text is what `ip` prints after "RTNETLINK answers: " or "Error: ". */
export class LinkError {
  readonly errno:
    | "EACCES"
    | "EADDRINUSE"
    | "EADDRNOTAVAIL"
    | "EBUSY"
    | "EEXIST"
    | "EINVAL"
    | "ELOOP"
    | "EHOSTUNREACH"
    | "ENETDOWN"
    | "ENETUNREACH"
    | "ENODEV"
    | "ENOENT"
    | "EOPNOTSUPP"
    | "EPERM"
    | "ERANGE"
    | "ESRCH"
    | "EXFULL";
  /** "File exists", … or the extended ack's sentence. */
  readonly message: string;
  /** True when the kernel gave a sentence (extack): `ip` prints "Error: …" then. */
  readonly extended: boolean;

  constructor(errno: LinkError["errno"], message: string, extended = false) {
    this.errno = errno;
    this.message = message;
    this.extended = extended;
  }
}
