/** Signals by name or number, as `docker kill -s` and `--stop-signal` take them (moby/sys/signal). */

const NUMBERS: readonly string[] =
  "0 HUP INT QUIT ILL TRAP ABRT BUS FPE KILL USR1 SEGV USR2 PIPE ALRM TERM STKFLT CHLD CONT STOP TSTP TTIN TTOU URG XCPU XFSZ VTALRM PROF WINCH IO PWR SYS".split(
    " ",
  );

/** The name without SIG, or undefined for what is no signal. */
export function parseSignal(text: string): string | undefined {
  if (/^\d+$/.test(text)) {
    const number = Number(text);
    return number > 0 && number < NUMBERS.length ? NUMBERS[number] : undefined;
  }
  const name = text.toUpperCase().replace(/^SIG/, "");
  return NUMBERS.indexOf(name) > 0 ? name : undefined;
}

/** 9 for "KILL". */
export const signalNumber = (name: string): number => NUMBERS.indexOf(name);
