/** date: the virtual date, or another. */
import { FileError, resolvePath } from "../../../../kernel/vfs.ts";
import { formatTime, wallClockSeconds } from "../../../wall-clock.ts";
import { secondsOf } from "../files/dates.ts";
import { type Call, instantTool } from "../tool.ts";

const UNITS: Readonly<Record<string, number>> = {
  sec: 1,
  second: 1,
  min: 60,
  minute: 60,
  hour: 3600,
  day: 86_400,
  week: 604_800,
  fortnight: 1_209_600,
};

/** A moment as people write it, in seconds since 1970: "@5", "2026-01-05 10:00", "tomorrow", "2 hours ago". */
function momentOf(text: string, now: number): number | undefined {
  const words = text.trim().toLowerCase();
  const epoch = /^@(-?\d+(?:\.\d+)?)$/.exec(words);
  if (epoch) return Number(epoch[1]);
  const midnight = Math.floor(now / 86_400) * 86_400;
  if (words === "" || words === "today 00:00") return midnight;
  const absolute = /^(\d{4})-(\d{1,2})-(\d{1,2})(?:[t ](\d{1,2}):(\d{2})(?::(\d{2})(?:\.\d+)?)?)?(?: ?(?:z|utc|gmt|\+00:?00))?(?= |$)/.exec(
    words,
  );
  const clock = /^(\d{1,2}):(\d{2})(?::(\d{2}))?(?= |$)/.exec(words);
  let seconds = now;
  let rest = words;
  if (absolute) {
    const [whole, year, month, day, hour = "0", minute = "0", second = "0"] = absolute;
    const date = new Date(Date.UTC(Number(year), Number(month) - 1, Number(day), Number(hour), Number(minute), Number(second)));
    if (
      date.getUTCMonth() !== Number(month) - 1 ||
      date.getUTCDate() !== Number(day) ||
      Number(hour) > 23 ||
      Number(minute) > 59 ||
      Number(second) > 60
    )
      return undefined;
    seconds = date.getTime() / 1000;
    rest = words.slice(whole.length);
  } else if (clock) {
    if (Number(clock[1]) > 23 || Number(clock[2]) > 59) return undefined;
    seconds = midnight + Number(clock[1]) * 3600 + Number(clock[2]) * 60 + Number(clock[3] ?? 0);
    rest = words.slice(clock[0].length);
  }
  for (const match of rest.matchAll(
    /\s*(?:(now|today|yesterday|tomorrow)|([-+]?\s*\d+|next|last|an?)?\s*(sec|second|min|minute|hour|day|week|fortnight|month|year)s?(\s+ago)?)(?=\s|$)|\s*(\S+)/g,
  )) {
    const [, word, amount, unit, ago, other] = match;
    if (other !== undefined) return undefined;
    if (word !== undefined) {
      seconds += word === "yesterday" ? -86_400 : word === "tomorrow" ? 86_400 : 0;
      continue;
    }
    const count = amount === "last" ? -1 : amount === undefined || /^(next|an?)$/.test(amount) ? 1 : Number(amount.replace(/\s/g, ""));
    const signed = ago ? -count : count;
    if (unit === "month" || unit === "year") {
      const date = new Date(seconds * 1000);
      date.setUTCMonth(date.getUTCMonth() + signed * (unit === "year" ? 12 : 1));
      seconds = date.getTime() / 1000;
    } else seconds += signed * (UNITS[unit as string] as number);
  }
  return Number.isFinite(seconds) && Math.abs(seconds) < 8.6e12 ? seconds : undefined;
}

const ISO: Readonly<Record<string, string>> = {
  date: "%F",
  hours: "%FT%H%:z",
  minutes: "%FT%H:%M%:z",
  seconds: "%FT%T%:z",
  ns: "%FT%T,%N%:z",
};

function run(call: Call): number {
  const { process } = call;
  const { kernel } = process.machine;
  if (call.has("s")) return call.fail("setting the clock is not supported here: it is the clock of the whole stage");
  let seconds: number | undefined;
  const said = call.value("d");
  const reference = call.value("r");
  if (said !== undefined) {
    seconds = momentOf(said, wallClockSeconds(kernel));
    if (seconds === undefined) return call.fail(`invalid date '${said}'`);
  } else if (reference !== undefined) {
    const status = process.fs.status(resolvePath(process.cwd, reference));
    if (status instanceof FileError)
      return call.fail(call.busybox ? `can't stat '${reference}': ${status.message}` : `${reference}: ${status.message}`);
    seconds = secondsOf(kernel, status.modified);
  }
  let format = call.has("R") ? "%a, %d %b %Y %T %z" : "%a %b %e %T UTC %Y";
  const spec = call.value("iso");
  if (spec !== undefined) {
    const iso = ISO[spec];
    if (iso === undefined) return call.misuse(`invalid argument '${spec}' for '--iso-8601'`);
    format = iso;
  }
  for (const [i, word] of call.operands.entries()) {
    if (i > 0) return call.misuse(`extra operand '${word}'`);
    if (!word.startsWith("+")) return call.fail(`invalid date '${word}'`);
    format = word.slice(1);
  }
  call.print(`${formatTime(kernel, format, seconds)}\n`);
  return 0;
}

export const date = instantTool(
  {
    name: "date",
    summary: "the virtual date",
    short: "d:r:Rus:",
    long: { date: "d", reference: "r", "rfc-email": "R", utc: "u", universal: "u", set: "s", "iso-8601": "iso:" },
    synopsis: "[OPTION]... [+FORMAT]",
    // The value of -I may be left out, and is never a word of its own.
    prepare: (words) =>
      words.map((word) => word.replace(/^(?:-I|--iso-8601=?)(\w*)$/, (_all, spec: string) => `--iso-8601=${spec || "date"}`)),
  },
  run,
);
