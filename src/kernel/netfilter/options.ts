/** The options that every line of iptables may have, short and long (original_opts of iptables/xshared.c). */

export interface BaseOption {
  readonly letter: string;
  readonly arity: 0 | 1 | "optional";
}

export const LONG_OPTIONS: Readonly<Record<string, BaseOption>> = {
  append: { letter: "A", arity: 1 },
  delete: { letter: "D", arity: 1 },
  check: { letter: "C", arity: 1 },
  insert: { letter: "I", arity: 1 },
  replace: { letter: "R", arity: 1 },
  list: { letter: "L", arity: "optional" },
  "list-rules": { letter: "S", arity: "optional" },
  flush: { letter: "F", arity: "optional" },
  zero: { letter: "Z", arity: "optional" },
  "new-chain": { letter: "N", arity: 1 },
  "delete-chain": { letter: "X", arity: "optional" },
  "rename-chain": { letter: "E", arity: 1 },
  policy: { letter: "P", arity: 1 },
  source: { letter: "s", arity: 1 },
  destination: { letter: "d", arity: 1 },
  src: { letter: "s", arity: 1 },
  dst: { letter: "d", arity: 1 },
  protocol: { letter: "p", arity: 1 },
  "in-interface": { letter: "i", arity: 1 },
  "out-interface": { letter: "o", arity: 1 },
  jump: { letter: "j", arity: 1 },
  goto: { letter: "g", arity: 1 },
  match: { letter: "m", arity: 1 },
  table: { letter: "t", arity: 1 },
  numeric: { letter: "n", arity: 0 },
  verbose: { letter: "v", arity: 0 },
  wait: { letter: "w", arity: "optional" },
  "wait-interval": { letter: "W", arity: 1 },
  exact: { letter: "x", arity: 0 },
  fragments: { letter: "f", arity: 0 },
  version: { letter: "V", arity: 0 },
  help: { letter: "h", arity: "optional" },
  "line-numbers": { letter: "0", arity: 0 },
  modprobe: { letter: "M", arity: 1 },
  "set-counters": { letter: "c", arity: 1 },
  ipv4: { letter: "4", arity: 0 },
  ipv6: { letter: "6", arity: 0 },
};

/** Long options by letter: names for messages, and the arity of the short form. */
export const SHORT_OPTIONS = new Map<string, BaseOption>();
export const LETTER_NAMES = new Map<string, string>();
for (const [name, option] of Object.entries(LONG_OPTIONS)) {
  if (option.letter === "0") continue;
  SHORT_OPTIONS.set(option.letter, option);
  if (!LETTER_NAMES.has(option.letter)) LETTER_NAMES.set(option.letter, name);
}
