/** `-m time`: the time of day, the day of the week and of the month, and dates, all in UTC (net/netfilter/xt_time.c, libxt_time). */
import { type Match, type MatchExtension, type OptionUse, once, refuse, words } from "../extension.ts";

const DAY = 86_400;
const LAST_SECOND = DAY - 1;
/** The largest 32-bit time, 2038-01-19T03:14:07. */
const LAST_DATE = 0x7fffffff;
const WEEKDAYS = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"] as const;

function timeOfDay({ value }: OptionUse): number {
  const parts = /^(\d{1,2}):(\d{1,2})(?::(\d{1,2}))?$/.exec(value);
  const [hours, minutes, seconds] = (parts?.slice(1) ?? []).map((part) => Number(part ?? 0));
  if (hours === undefined || hours > 23 || (minutes as number) > 59 || (seconds as number) > 59)
    refuse(`invalid time "${value}" specified, should be hh:mm[:ss] format and within the boundaries`);
  return hours * 3600 + (minutes as number) * 60 + (seconds as number);
}

/** Seconds since 1970 of "2026[-01[-31[T09[:30[:00]]]]]". */
function date({ value }: OptionUse): number {
  const parts = /^(\d{4})(?:-(\d\d?)(?:-(\d\d?)(?:T(\d\d?)(?::(\d\d?)(?::(\d\d?))?)?)?)?)?$/.exec(value);
  const bad = (): never => refuse(`Invalid date "${value}" specified. Should be YYYY[-MM[-DD[Thh[:mm[:ss]]]]]`);
  if (!parts) return bad();
  const [year, month = 1, day = 1, hour = 0, minute = 0, second = 0] = parts
    .slice(1)
    .map((part) => (part === undefined ? part : Number(part)));
  if (
    year === undefined ||
    year < 1970 ||
    year > 2038 ||
    month < 1 ||
    month > 12 ||
    day < 1 ||
    day > 31 ||
    hour > 23 ||
    minute > 59 ||
    second > 59
  )
    return bad();
  return Math.min(LAST_DATE, Date.UTC(year, month - 1, day, hour, minute, second) / 1000);
}

/** Days of the week or of the month from a list; "!" means the others. */
function days(use: OptionUse | undefined, count: number, read: (word: string) => number): ReadonlySet<number> {
  const all = Array.from({ length: count }, (_, i) => i + 1);
  if (!use) return new Set(all);
  const given = new Set(use.value.split(",").map(read));
  return use.invert ? new Set(all.filter((day) => !given.has(day))) : given;
}

function weekday(word: string): number {
  const number = /^[1-7]$/.test(word) ? Number(word) : WEEKDAYS.findIndex((name) => name.slice(0, 2) === word.slice(0, 2)) + 1;
  return number || refuse(`${word} is not a valid day specifier`);
}

function monthDay(word: string): number {
  const number = /^\d{1,2}$/.test(word) ? Number(word) : 0;
  return number >= 1 && number <= 31 ? number : refuse(`${word} is not a valid day specifier`);
}

const clock = (time: number): string =>
  [time / 3600, (time / 60) % 60, time % 60].map((part) => String(Math.floor(part)).padStart(2, "0")).join(":");
const dateText = (time: number): string => new Date(time * 1000).toISOString().slice(0, 19);
const ordinal = (day: number): string => {
  const last = day % 10;
  const suffix = day > 10 && day < 14 ? "th" : last === 1 ? "st" : last === 2 ? "nd" : last === 3 ? "rd" : "th";
  return `${day}${suffix}`;
};

export const time: MatchExtension = {
  options: {
    timestart: 1,
    timestop: 1,
    datestart: 1,
    datestop: 1,
    weekdays: 1,
    monthdays: 1,
    contiguous: 0,
    utc: 0,
    localtz: 0,
    kerneltz: 0,
  },
  build(uses): Match {
    const given = <Value>(name: string, read: (use: OptionUse) => Value, otherwise: Value): Value => {
      const use = once("time", uses, name);
      return use ? read(use) : otherwise;
    };
    const start = given("timestart", timeOfDay, 0);
    const stop = given("timestop", timeOfDay, LAST_SECOND);
    const from = given("datestart", date, 0);
    const until = given("datestop", date, LAST_DATE);
    const ofWeek = days(once("time", uses, "weekdays"), 7, weekday);
    const ofMonth = days(once("time", uses, "monthdays"), 31, monthDay);
    const contiguous = once("time", uses, "contiguous") !== undefined;
    // The kernel's own time zone is UTC here; the flag only shows.
    const local = once("time", uses, "kerneltz") !== undefined || once("time", uses, "localtz") !== undefined;
    const week = [...ofWeek].sort((a, b) => a - b).map((day) => WEEKDAYS[day - 1] as string);
    const month = [...ofMonth].sort((a, b) => a - b);
    const daytime = start !== 0 || stop !== LAST_SECOND;
    return {
      text: words([
        daytime && `--timestart ${clock(start)} --timestop ${clock(stop)}`,
        month.length < 31 && `--monthdays ${month.join(",")}`,
        week.length < 7 && `--weekdays ${week.join(",")}`,
        from !== 0 && `--datestart ${dateText(from)}`,
        `--datestop ${dateText(until)}`,
        local && "--kerneltz",
        contiguous && "--contiguous",
      ]),
      print: () =>
        words([
          "TIME",
          daytime && `from ${clock(start)} to ${clock(stop)}`,
          week.length < 7 && `on ${week.join(",")}`,
          month.length < 31 && `on ${month.map(ordinal).join(",")}`,
          from !== 0 && `starting from ${dateText(from).replace("T", " ")}`,
          until !== LAST_DATE && `until date ${dateText(until).replace("T", " ")}`,
          !local && "UTC",
          contiguous && "contiguous",
        ]),
      test({ netns: { kernel } }) {
        let stamp = Math.floor(kernel.epoch / 1000 + kernel.clock.now / 1e6);
        if (stamp < from || stamp > until) return false;
        const now = stamp % DAY;
        if (start < stop) {
          if (now < start || now > stop) return false;
        } else {
          if (now < start && now > stop) return false;
          // Past midnight it is still the day on which the span began.
          if (contiguous && now <= stop) stamp -= DAY;
        }
        const day = new Date(stamp * 1000);
        return ofWeek.has(day.getUTCDay() || 7) && ofMonth.has(day.getUTCDate());
      },
    };
  },
};
