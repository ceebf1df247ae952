/** curl's longer texts. */
import { CURL_VERSION } from "./curl-options.ts";

export const CURL_HELP = `Usage: curl [options...] <url>
 -d, --data <data>            Post data
 -f, --fail                   Fail fast with no output on HTTP errors
 -I, --head                   Show document info only
 -H, --header <header/@file>  Pass custom header(s) to server
 -h, --help <subject>         Get help for commands
 -o, --output <file>          Write to file instead of stdout
 -O, --remote-name            Write output to file named as remote file
 -i, --show-headers           Show response headers in output
 -s, --silent                 Silent mode
 -u, --user <user:password>   Server user and password
 -A, --user-agent <name>      Send User-Agent <name> to server
 -v, --verbose                Make the operation more talkative
 -V, --version                Show version number and quit

This is not the full help; this menu is split into categories.
Also here: -4 -6 -e -G -L -m -S -w -X --connect-timeout --interface
--local-port --max-redirs --no-progress-meter --resolve --retry
`;

export const CURL_VERSION_TEXT = `curl ${CURL_VERSION} (x86_64-pc-linux-gnu) libcurl/${CURL_VERSION}
Release-Date: 2026-10-14
Protocols: http
Features: IPv6
`;

/** The meter's head and its first line, printed as the first byte may come. */
export const METER_HEAD =
  "  % Total    % Received % Xferd  Average Speed  Time    Time    Time   Current\n" +
  "                                 Dload  Upload  Total   Spent   Left   Speed\n" +
  "\r  0      0   0      0   0      0      0      0                              0";

const column = (value: number | string, width: number): string => String(value).padStart(width);

/** Bytes or bytes a second in at most six characters (max6data). */
function short(value: number): string {
  if (value < 100_000) return String(value);
  let scaled = value;
  for (const unit of "kMG") {
    scaled /= 1024;
    if (scaled < 1000) return `${scaled.toFixed(scaled < 100 ? 2 : 1)}${unit}`;
  }
  return `${Math.floor(scaled)}G`;
}

/** The meter once all has come (src/tool_progress.c), drawn as often as curl draws it at the end. `total` is the length announced. */
export function meterLines(total: number | undefined, received: number, sent: number, elapsed: number): string {
  const speed = (bytes: number): string => short(elapsed > 0 ? Math.floor((bytes * 1_000_000) / elapsed) : 0);
  const percent = received + sent > 0 ? 100 : 0;
  const line = [
    `\r${column(percent, 3)}`,
    column(short((total ?? received) + sent), 6),
    column(total === undefined || received === 0 ? 0 : 100, 3),
    column(short(received), 6),
    column(sent > 0 ? 100 : 0, 3),
    column(short(sent), 6),
    column(speed(received), 6),
    column(speed(sent), 6),
  ].join(" ");
  return `${line}                              0`.repeat(3);
}
