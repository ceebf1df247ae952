/** curl's command line (src/tool_getparam.c): what of it is understood, and its complaints about the rest. */
import type { Family } from "../../../../kernel/address.ts";

export interface CurlOptions {
  urls: string[];
  /** By position of the URL; "-" is standard output. */
  outputs: string[];
  /** How many times -O was given. */
  remoteNames: number;
  silent: boolean;
  showError: boolean;
  verbose: boolean;
  include: boolean;
  head: boolean;
  fail: boolean;
  location: boolean;
  get: boolean;
  noMeter: boolean;
  method: string | undefined;
  data: string[];
  headers: string[];
  agent: string;
  referer: string | undefined;
  user: string | undefined;
  writeOut: string | undefined;
  /** Seconds. */
  maxTime: number | undefined;
  connectTimeout: number | undefined;
  family: Family | undefined;
  bindTo: string | undefined;
  localPort: number;
  httpVersion: "1.0" | "1.1";
  maxRedirects: number;
  retries: number;
  /** Seconds between them; 0 for a pause that is doubled each time. */
  retryDelay: number;
  readonly cookies: string[];
  /** Braces and brackets in a URL stand for themselves. */
  globOff: boolean;
  resolve: { readonly host: string; readonly port: number; readonly addresses: readonly string[] }[];
  help: boolean;
  version: boolean;
}

export const CURL_VERSION = "8.23.0";

const PARAMETER = "requires parameter";
const NUMERIC = "expected a proper numerical parameter";

/** Long options that take no value, with the letter that means the same. */
const FLAGS: Readonly<Record<string, string>> = {
  silent: "s",
  "show-error": "S",
  verbose: "v",
  include: "i",
  "show-headers": "i",
  head: "I",
  fail: "f",
  location: "L",
  get: "G",
  insecure: "k",
  ipv4: "4",
  ipv6: "6",
  "remote-name": "O",
  "no-buffer": "N",
  "progress-bar": "#",
  "http1.0": "0",
  globoff: "g",
  disable: "q",
  version: "V",
};

/** Long options that take a value. */
const VALUES: Readonly<Record<string, string>> = {
  output: "o",
  cookie: "b",
  "write-out": "w",
  "max-time": "m",
  request: "X",
  data: "d",
  header: "H",
  "user-agent": "A",
  referer: "e",
  user: "u",
};

const SUPPORTED =
  "-4 -6 -A -b -d -e -f -g -G -H -i -I -k -L -m -o -O -s -S -u -v -w -X --connect-timeout --data-raw --data-binary --data-urlencode --interface --local-port --max-redirs --no-progress-meter --resolve --retry --retry-delay --url";

/** Options that curl knows and that need what is not modelled. */
const UNSUPPORTED = new Set(
  "abort-on-eof aws-sigv4 basic cacert capath cert ciphers compressed connect-to continue-at cookie-jar create-dirs delegation digest dns-servers dump-header fail-with-body form ftp-pasv http2 http3 json key limit-rate max-filesize negotiate netrc next noproxy output-dir parallel post301 proxy proxy-user range raw remote-time socks5 speed-limit speed-time ssl stderr tcp-fastopen tcp-nodelay tls-max tlsv1.2 tlsv1.3 trace trace-ascii unix-socket upload-file url-query xattr keepalive-time".split(
    " ",
  ),
);
const UNSUPPORTED_LETTERS = "aBcCDEFhJKlMnpPQrRtTUxyYzZ:";

export interface CurlComplaint {
  readonly text: string;
}

const TRY = "curl: try 'curl --help' or 'curl --manual' for more information\n";
const complain = (option: string, why: string): CurlComplaint => ({ text: `curl: option ${option}: ${why}\n${TRY}` });
const unsupported = (option: string): CurlComplaint => ({
  text: `curl: option ${option}: is not supported here; supported are ${SUPPORTED}\n${TRY}`,
});

const seconds = (value: string): number | undefined => (/^\d+(\.\d+)?$/.test(value) ? Number(value) : undefined);

export function parseCurl(words: readonly string[]): CurlOptions | CurlComplaint {
  const options: CurlOptions = {
    urls: [],
    outputs: [],
    remoteNames: 0,
    silent: false,
    showError: false,
    verbose: false,
    include: false,
    head: false,
    fail: false,
    location: false,
    get: false,
    noMeter: false,
    method: undefined,
    data: [],
    headers: [],
    agent: `curl/${CURL_VERSION}`,
    referer: undefined,
    user: undefined,
    writeOut: undefined,
    maxTime: undefined,
    connectTimeout: undefined,
    family: undefined,
    bindTo: undefined,
    localPort: 0,
    httpVersion: "1.1",
    maxRedirects: 50,
    retries: 0,
    retryDelay: 0,
    cookies: [],
    globOff: false,
    resolve: [],
    help: false,
    version: false,
  };
  for (let i = 0; i < words.length; i++) {
    const word = words[i] as string;
    if (word === "--") {
      options.urls.push(...words.slice(i + 1));
      break;
    }
    if (!word.startsWith("-") || word === "-") {
      if (word === "") return complain("", "blank argument where content is expected");
      options.urls.push(word);
      continue;
    }
    if (word.startsWith("--")) {
      const name = word.slice(2);
      const letter = FLAGS[name];
      if (letter !== undefined) setFlag(options, letter);
      else if (name === "help") options.help = true;
      else if (name === "no-progress-meter") options.noMeter = true;
      else if (name === "http1.1" || name === "no-keepalive" || name === "no-alpn") continue;
      else if (name === "no-silent") options.silent = false;
      else if (VALUES[name] !== undefined || LONG_VALUES[name] !== undefined) {
        const value = words[++i];
        if (value === undefined) return complain(word, PARAMETER);
        const refused =
          VALUES[name] !== undefined ? setValue(options, VALUES[name] as string, word, value) : LONG_VALUES[name]?.(options, word, value);
        if (refused) return refused;
      } else return UNSUPPORTED.has(name) ? unsupported(word) : complain(word, "is unknown");
      continue;
    }
    for (let at = 1; at < word.length; at++) {
      const letter = word[at] as string;
      if (letter === "h") {
        options.help = true;
        break;
      }
      if ("owmXdHAeub".includes(letter)) {
        const value = at + 1 < word.length ? word.slice(at + 1) : words[++i];
        if (value === undefined) return complain(word, PARAMETER);
        const refused = setValue(options, letter, word, value);
        if (refused) return refused;
        break;
      }
      if (!setFlag(options, letter))
        return UNSUPPORTED_LETTERS.includes(letter) && word.length === 2 ? unsupported(word) : complain(word, "is unknown");
    }
  }
  return options;
}

function setFlag(options: CurlOptions, letter: string): boolean {
  switch (letter) {
    case "s":
      options.silent = true;
      return true;
    case "S":
      options.showError = true;
      return true;
    case "v":
      options.verbose = true;
      return true;
    case "i":
      options.include = true;
      return true;
    case "I":
      options.head = true;
      return true;
    case "f":
      options.fail = true;
      return true;
    case "L":
      options.location = true;
      return true;
    case "G":
      options.get = true;
      return true;
    case "4":
      options.family = 4;
      return true;
    case "6":
      options.family = 6;
      return true;
    case "O":
      options.remoteNames++;
      return true;
    case "0":
      options.httpVersion = "1.0";
      return true;
    case "g":
      options.globOff = true;
      return true;
    case "V":
      options.version = true;
      return true;
    default:
      // No TLS to be insecure about, no buffer, no ~/.curlrc, no bar.
      return "kN#q".includes(letter);
  }
}

function setValue(options: CurlOptions, letter: string, word: string, value: string): CurlComplaint | undefined {
  switch (letter) {
    case "o":
      options.outputs.push(value);
      return undefined;
    case "b":
      // Without an equals sign it names a file of cookies.
      if (!value.includes("=")) return unsupported(`${word} FILE`);
      options.cookies.push(value);
      return undefined;
    case "w":
      options.writeOut = value;
      return undefined;
    case "m":
      options.maxTime = seconds(value);
      return options.maxTime === undefined ? complain(word, NUMERIC) : undefined;
    case "X":
      options.method = value;
      return undefined;
    case "d":
      options.data.push(value);
      return undefined;
    case "H":
      options.headers.push(value);
      return undefined;
    case "A":
      options.agent = value;
      return undefined;
    case "e":
      options.referer = value;
      return undefined;
    default:
      options.user = value;
      return undefined;
  }
}

const LONG_VALUES: Readonly<Record<string, (options: CurlOptions, word: string, value: string) => CurlComplaint | undefined>> = {
  "connect-timeout": (options, word, value) => {
    options.connectTimeout = seconds(value);
    return options.connectTimeout === undefined ? complain(word, NUMERIC) : undefined;
  },
  "data-raw": (options, _word, value) => {
    options.data.push(value);
    return undefined;
  },
  "data-ascii": (options, _word, value) => {
    options.data.push(value);
    return undefined;
  },
  "data-binary": (options, _word, value) => {
    options.data.push(value);
    return undefined;
  },
  "data-urlencode": (options, _word, value) => {
    const equals = value.indexOf("=");
    options.data.push(
      equals < 0
        ? encodeURIComponent(value)
        : `${value.slice(0, equals + (equals === 0 ? 0 : 1))}${encodeURIComponent(value.slice(equals + 1))}`,
    );
    return undefined;
  },
  interface: (options, _word, value) => {
    options.bindTo = value;
    return undefined;
  },
  "local-port": (options, word, value) => {
    options.localPort = /^\d{1,5}(-\d{1,5})?$/.test(value) ? Number(value.split("-")[0]) : 0;
    return options.localPort === 0 || options.localPort > 65535 ? complain(word, "used with bad parameter") : undefined;
  },
  "max-redirs": (options, word, value) => {
    options.maxRedirects = /^-?\d+$/.test(value) ? Number(value) : Number.NaN;
    return Number.isNaN(options.maxRedirects) ? complain(word, NUMERIC) : undefined;
  },
  resolve: (options, word, value) => {
    const match = /^[+]?([^:]+):(\d{1,5}):(.+)$/.exec(value);
    if (!match) return complain(word, "used with bad parameter");
    options.resolve.push({ host: (match[1] as string).toLowerCase(), port: Number(match[2]), addresses: (match[3] as string).split(",") });
    return undefined;
  },
  retry: (options, word, value) => {
    options.retries = /^\d{1,3}$/.test(value) ? Number(value) : Number.NaN;
    return Number.isNaN(options.retries) ? complain(word, NUMERIC) : undefined;
  },
  "retry-delay": (options, word, value) => {
    options.retryDelay = /^\d{1,5}$/.test(value) ? Number(value) : Number.NaN;
    return Number.isNaN(options.retryDelay) ? complain(word, NUMERIC) : undefined;
  },
  url: (options, _word, value) => {
    options.urls.push(value);
    return undefined;
  },
};
