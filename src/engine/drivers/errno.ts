/** What the kernel refused, in the words of Go's syscall package, as the daemon passes it on. */
import type { LinkError } from "../../kernel/device/table.ts";

const TEXT: Readonly<Record<LinkError["errno"], string>> = {
  EACCES: "permission denied",
  EADDRINUSE: "address already in use",
  EADDRNOTAVAIL: "cannot assign requested address",
  EBUSY: "device or resource busy",
  EEXIST: "file exists",
  EINVAL: "invalid argument",
  ELOOP: "too many levels of symbolic links",
  EHOSTUNREACH: "no route to host",
  ENETDOWN: "network is down",
  ENETUNREACH: "network is unreachable",
  ENODEV: "no such device",
  ENOENT: "no such file or directory",
  EOPNOTSUPP: "operation not supported",
  EPERM: "operation not permitted",
  ERANGE: "numerical result out of range",
  ESRCH: "no such process",
  EXFULL: "exchange full",
};

export const goErrno = (error: LinkError): string => TEXT[error.errno];
