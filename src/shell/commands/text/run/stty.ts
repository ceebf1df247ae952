/** stty: whether a terminal echoes, how large it is, and what else is set there for good. */
import type { Tty } from "../../../../kernel/tty.ts";
import { type Call, instantTool } from "../tool.ts";

/** Rows of a terminal, as everywhere here. */
const ROWS = 24;
const SUPPORTED = "[-]echo, rows N, cols N, size, speed, sane, -a, -g and what -g has printed";
/** ECHO of c_lflag, and the other bits: ISIG ICANON ECHOE ECHOK ECHOCTL ECHOKE IEXTEN. */
const ECHO = 0o10;
const LOCAL = 0x8a33;
/** ICRNL and IXON of c_iflag; BRKINT and IMAXBEL, which `sane` adds. */
const INPUT = 0x500;
const SANE = 0x2002;
const CHARACTERS = "3:1c:7f:15:4:0:1:0:11:13:1a:0:12:f:17:16:0:0:0:0:0:0:0:0:0:0:0:0:0:0:0:0";

/** What has been set of a terminal besides its echo and its columns. */
interface Settings {
  rows: number;
  /** BRKINT and IMAXBEL are on, as after `stty sane`. */
  sane: boolean;
}

const settings = new WeakMap<Tty, Settings>();

function settingsOf(tty: Tty): Settings {
  const known = settings.get(tty) ?? { rows: ROWS, sane: false };
  settings.set(tty, known);
  return known;
}

export const rowsOf = (tty: Tty | undefined): number => (tty && settings.get(tty)?.rows) ?? ROWS;

const keys = (busybox: boolean): string =>
  `intr = ^C; quit = ^\\; erase = ^?; kill = ^U; eof = ^D; eol = <undef>;
eol2 = <undef>; swtch = <undef>; start = ^Q; stop = ^S; susp = ^Z; rprnt = ^R;
werase = ^W; lnext = ^V; ${busybox ? "flush" : "discard"} = ^O; min = 1; time = 0;
`;

function all(tty: Tty, busybox: boolean): string {
  const { rows, sane } = settingsOf(tty);
  const off = sane ? "" : "-";
  return `speed 38400 baud; rows ${rows}; columns ${tty.columns}; line = 0;
${keys(busybox)}-parenb -parodd -cmspar cs8 -hupcl -cstopb cread -clocal -crtscts
-ignbrk ${off}brkint -ignpar -parmrk -inpck -istrip -inlcr -igncr icrnl ixon -ixoff
-iuclc -ixany ${off}imaxbel -iutf8
opost -olcuc -ocrnl onlcr -onocr -onlret -ofill -ofdel nl0 cr0 tab0 bs0 vt0 ff0
isig icanon iexten ${tty.echo ? "" : "-"}echo echoe echok -echonl -noflsh -xcase -tostop -echoprt
echoctl echoke -flusho -extproc
`;
}

/** What differs from what is sane; BusyBox's shows the keys all the same. */
const changed = (tty: Tty, busybox: boolean): string =>
  `speed 38400 baud; line = 0;\n${busybox ? keys(true) : ""}${settingsOf(tty).sane ? "" : "-brkint -imaxbel\n"}${tty.echo ? "" : "-echo\n"}`;

/** In the form that stty takes again. */
const saved = (tty: Tty): string =>
  `${(INPUT | (settingsOf(tty).sane ? SANE : 0)).toString(16)}:5:f00bf:${(LOCAL | (tty.echo ? ECHO : 0)).toString(16)}:${CHARACTERS}\n`;

/** Takes back what `saved` told; false for what is no such line. */
function restore(tty: Tty, word: string): boolean {
  const match = /^([0-9a-f]+):5:f00bf:([0-9a-f]+):/.exec(word);
  if (!match || word !== `${match[0]}${CHARACTERS}`) return false;
  tty.echo = (Number.parseInt(match[2] as string, 16) & ECHO) !== 0;
  settingsOf(tty).sane = (Number.parseInt(match[1] as string, 16) & SANE) !== 0;
  return true;
}

const REAL = new Set(
  "icanon isig iexten raw cooked cbreak ixon ixoff ixany icrnl inlcr igncr onlcr opost ocrnl echoe echok echonl echoctl echoke echoprt noflsh tostop brkint imaxbel iutf8 nl evenp parity hupcl clocal cread cstopb crtscts ignbrk ignpar inpck istrip".split(
    " ",
  ),
);
const SIZES: Readonly<Record<string, "rows" | "columns">> = { rows: "rows", cols: "columns", columns: "columns" };

/** The words one after the other; the first that cannot be carried out ends it, told. */
function run(call: Call): number {
  const { process, busybox } = call;
  const refused = (word: string): number => (busybox ? call.fail(`invalid number '${word}'`) : call.misuse(`invalid argument '${word}'`));
  const words = call.operands;
  for (let i = 0; i < words.length; i++) {
    const word = words[i] as string;
    if (Object.hasOwn(SIZES, word)) {
      const value = words[++i];
      if (value === undefined) return busybox ? call.fail(`${word} requires an argument`) : call.misuse(`missing argument to '${word}'`);
      if (!/^\d{1,5}$/.test(value))
        return busybox ? call.fail(`invalid number '${value}'`) : call.fail(`invalid integer argument: '${value}'`);
    } else if (!/^(-?echo|sane|size|speed|[0-9a-f]+(:[0-9a-f]+){35})$/.test(word) && !REAL.has(word.replace(/^-/, "")))
      return refused(word);
  }
  const { tty } = process;
  if (!tty || process.stdin !== tty)
    return call.fail(busybox ? "standard input: Inappropriate ioctl for device" : "'standard input': Inappropriate ioctl for device");
  if (call.has("g")) call.print(saved(tty));
  else if (call.has("a")) call.print(all(tty, busybox));
  else if (words.length === 0) call.print(changed(tty, busybox));
  for (let i = 0; i < words.length; i++) {
    const word = words[i] as string;
    if (word === "size") call.print(`${settingsOf(tty).rows} ${tty.columns}\n`);
    else if (word === "speed") call.print("38400\n");
    else if (word === "echo" || word === "-echo") tty.echo = word === "echo";
    else if (word === "sane") {
      tty.echo = true;
      settingsOf(tty).sane = true;
    } else if (Object.hasOwn(SIZES, word)) {
      const value = Number(words[++i]);
      if (SIZES[word] === "rows") settingsOf(tty).rows = value;
      else tty.columns = value;
    } else if (!restore(tty, word)) return call.fail(`${word} is not supported here; supported: ${SUPPORTED}`);
  }
  return 0;
}

export const stty = instantTool(
  {
    name: "stty",
    summary: "how a terminal is set",
    short: "ag",
    long: { all: "a", save: "g" },
    synopsis: "[-a|-g] [SETTING]...",
    unsupported: "F",
    // A setting that is switched off looks like options.
    prepare: (words) => {
      const first = words.findIndex((word) => /^-[a-z]{2,}$/.test(word));
      return first < 0 ? words : [...words.slice(0, first), "--", ...words.slice(first)];
    },
  },
  run,
);
