/**
 * The line being typed on a terminal, before it is a line of the script: cursor, history, kill ring and completion as
 * readline does them at its Emacs defaults. Pure: keys in, new state out.
 */
import type { Completion } from "../../kernel/tty.ts";

export interface LineState {
  readonly text: string;
  readonly cursor: number;
  /** Index into the history while going through it; its length when on the new line. */
  readonly historyAt: number;
  /** The new line, kept while an old one is shown. */
  readonly draft: string;
  readonly killed: string;
  /** The last key cut something off: the next one that does adds to it. */
  readonly killing: boolean;
  /** The search string of Ctrl-R, undefined when not searching. */
  readonly search: string | undefined;
  /** Nothing has what is searched for. */
  readonly failed: boolean;
  /** What was searched for last: an empty search goes on with it. */
  readonly sought: string;
  /** How many lines back Alt-. has taken a word from, and where it stands; undefined after any other key. */
  readonly lastWord: { readonly back: number; readonly start: number } | undefined;
  /** Texts that undo goes back to, newest last. */
  readonly before: readonly { readonly text: string; readonly cursor: number }[];
}

export const EMPTY_LINE: LineState = {
  text: "",
  cursor: 0,
  historyAt: -1,
  draft: "",
  killed: "",
  killing: false,
  search: undefined,
  failed: false,
  sought: "",
  lastWord: undefined,
  before: [],
};

/** The next new line: what was cut off can still be yanked, and a search gone on with. */
export const nextLine = ({ killed, sought }: LineState): LineState => ({ ...EMPTY_LINE, killed, sought });

export type LineKey =
  | "left"
  | "right"
  | "word-left"
  | "word-right"
  | "home"
  | "end"
  | "backspace"
  | "delete"
  | "kill-end"
  | "kill-start"
  | "kill-blank-word"
  | "kill-word-left"
  | "kill-word-right"
  | "yank"
  | "transpose"
  | "up-case"
  | "down-case"
  | "capitalize"
  | "up"
  | "down"
  | "oldest"
  | "newest"
  | "last-word"
  | "undo"
  | "search"
  | "cancel-search";

/** Texts that undo keeps. */
const UNDOS = 100;

const edit = (state: LineState, text: string, cursor: number): LineState =>
  text === state.text
    ? { ...state, cursor }
    : { ...state, text, cursor, before: [...state.before, { text: state.text, cursor: state.cursor }].slice(-UNDOS) };

/** Alt-B, Alt-F and Alt-D go by letters and digits, Ctrl-W by blanks. */
const WORD = /[\p{L}\p{N}]/u;
const NON_BLANK = /\S/;

const wordLeft = (text: string, from: number, kind = WORD): number => {
  let at = from;
  while (at > 0 && !kind.test(text[at - 1] as string)) at--;
  while (at > 0 && kind.test(text[at - 1] as string)) at--;
  return at;
};

const wordRight = (text: string, from: number): number => {
  let at = from;
  while (at < text.length && !WORD.test(text[at] as string)) at++;
  while (at < text.length && WORD.test(text[at] as string)) at++;
  return at;
};

/** Types text at the cursor; while searching, adds to the search string. */
export function insert(state: LineState, typed: string, history: readonly string[]): LineState {
  if (state.search !== undefined) return find({ ...state, search: state.search + typed }, history, placeOf(state, history));
  const text = state.text.slice(0, state.cursor) + typed + state.text.slice(state.cursor);
  return { ...edit(state, text, state.cursor + typed.length), killing: false, lastWord: undefined };
}

/** Cuts off what lies between two places; next to another cut the two are yanked together. */
function kill(state: LineState, from: number, to: number, backwards: boolean): LineState {
  const cut = state.text.slice(from, to);
  const killed = !state.killing ? cut : backwards ? cut + state.killed : state.killed + cut;
  return {
    ...edit(state, state.text.slice(0, from) + state.text.slice(to), from),
    killed: cut === "" ? state.killed : killed,
    killing: true,
  };
}

/** Changes the letters from the cursor to the end of the word. */
function changeCase(state: LineState, change: (word: string) => string): LineState {
  const { text, cursor } = state;
  const end = wordRight(text, cursor);
  return edit(state, text.slice(0, cursor) + change(text.slice(cursor, end)) + text.slice(end), end);
}

/** What a key does to the line. */
export function press(state: LineState, key: LineKey, history: readonly string[]): LineState {
  if (state.search !== undefined && key !== "search" && key !== "backspace") {
    if (key === "cancel-search")
      return { ...state, search: undefined, failed: false, text: state.draft, cursor: state.draft.length, historyAt: -1 };
    return press({ ...state, search: undefined, failed: false, sought: state.search || state.sought }, key, history);
  }
  const next = pressed(state, key, history);
  return {
    ...next,
    killing: key.startsWith("kill-") && next.killing,
    lastWord: key === "last-word" ? next.lastWord : undefined,
  };
}

function pressed(state: LineState, key: LineKey, history: readonly string[]): LineState {
  const { text, cursor } = state;
  switch (key) {
    case "left":
      return { ...state, cursor: Math.max(0, cursor - 1) };
    case "right":
      return { ...state, cursor: Math.min(text.length, cursor + 1) };
    case "word-left":
      return { ...state, cursor: wordLeft(text, cursor) };
    case "word-right":
      return { ...state, cursor: wordRight(text, cursor) };
    case "home":
      return { ...state, cursor: 0 };
    case "end":
      return { ...state, cursor: text.length };
    case "backspace":
      if (state.search !== undefined) return find({ ...state, search: state.search.slice(0, -1) }, history, history.length - 1);
      return cursor === 0 ? state : edit(state, text.slice(0, cursor - 1) + text.slice(cursor), cursor - 1);
    case "delete":
      return edit(state, text.slice(0, cursor) + text.slice(cursor + 1), cursor);
    case "kill-end":
      return kill(state, cursor, text.length, false);
    case "kill-start":
      return kill(state, 0, cursor, true);
    case "kill-blank-word":
      return kill(state, wordLeft(text, cursor, NON_BLANK), cursor, true);
    case "kill-word-left":
      return kill(state, wordLeft(text, cursor), cursor, true);
    case "kill-word-right":
      return kill(state, cursor, wordRight(text, cursor), false);
    case "yank":
      return insert(state, state.killed, history);
    case "transpose": {
      const at = Math.min(cursor, text.length - 1);
      if (at < 1) return state;
      return edit(state, text.slice(0, at - 1) + text[at] + text[at - 1] + text.slice(at + 1), at + 1);
    }
    case "up-case":
      return changeCase(state, (word) => word.toUpperCase());
    case "down-case":
      return changeCase(state, (word) => word.toLowerCase());
    case "capitalize":
      return changeCase(state, (word) => word.toLowerCase().replace(WORD, (letter) => letter.toUpperCase()));
    case "up":
      return recall(state, history, placeOf(state, history) - 1);
    case "down":
      return recall(state, history, placeOf(state, history) + 1);
    case "oldest":
      return recall(state, history, 0);
    case "newest":
      return recall(state, history, history.length);
    case "last-word":
      return lastWord(state, history);
    case "undo": {
      const last = state.before.at(-1);
      return last ? { ...state, ...last, before: state.before.slice(0, -1) } : state;
    }
    case "search":
      if (state.search === undefined) return { ...state, search: "", draft: text };
      if (state.search === "") return find({ ...state, search: state.sought }, history, history.length - 1);
      return find(state, history, placeOf(state, history) - 1);
    case "cancel-search":
      return state;
  }
}

const placeOf = ({ historyAt }: LineState, history: readonly string[]): number => (historyAt < 0 ? history.length : historyAt);

function recall(state: LineState, history: readonly string[], at: number): LineState {
  if (at < 0 || at > history.length) return state;
  const draft = placeOf(state, history) === history.length ? state.text : state.draft;
  const text = at === history.length ? draft : (history[at] as string);
  return { ...state, text, cursor: text.length, historyAt: at, draft, before: [] };
}

/** The last word of the line before, and of those before that as the key is pressed again. */
function lastWord(state: LineState, history: readonly string[]): LineState {
  const back = (state.lastWord?.back ?? 0) + 1;
  const line = history[history.length - back];
  if (line === undefined) return state;
  const word = /(?:"[^"]*"|'[^']*'|\\.|\S)+(?=\s*$)/.exec(line)?.[0] ?? "";
  const start = state.lastWord?.start ?? state.cursor;
  const text = state.text.slice(0, start) + word + state.text.slice(state.cursor);
  return { ...edit(state, text, start + word.length), lastWord: { back, start } };
}

function find(state: LineState, history: readonly string[], from: number): LineState {
  if (!state.search) return { ...state, failed: false };
  for (let at = Math.min(from, history.length - 1); at >= 0; at--) {
    const line = history[at] as string;
    const found = line.lastIndexOf(state.search);
    if (found >= 0) return { ...state, text: line, cursor: found, historyAt: at, failed: false, before: [] };
  }
  return { ...state, failed: true };
}

/** What Tab does: the common part of the candidates is typed; `list` is what a second Tab shows when they differ. */
export function complete(state: LineState, completion: Completion): { readonly state: LineState; readonly list: readonly string[] } {
  const { candidates, start, files } = completion;
  if (candidates.length === 0) return { state, list: [] };
  let common = candidates[0] as string;
  for (const candidate of candidates) while (!candidate.startsWith(common)) common = common.slice(0, -1);
  const typed = state.text.slice(start, state.cursor);
  const next =
    common.length > typed.length || candidates.length === 1
      ? edit(state, state.text.slice(0, start) + common + state.text.slice(state.cursor), start + common.length)
      : state;
  const shown = (candidate: string): string => {
    const word = candidate.trimEnd();
    return files ? word.slice(word.lastIndexOf("/", word.length - 2) + 1) : word;
  };
  return { state: next, list: candidates.length > 1 ? candidates.map(shown) : [] };
}

/** Candidates as readline lists them: in columns of one width, read downwards. */
export function inColumns(list: readonly string[], columns: number): string {
  const width = Math.max(...list.map((word) => word.length)) + 2;
  const across = Math.max(1, Math.floor(columns / width));
  const rows = Math.ceil(list.length / across);
  const lines = Array.from({ length: rows }, (_, row) =>
    list
      .filter((_word, i) => i % rows === row)
      .map((word) => word.padEnd(width))
      .join("")
      .trimEnd(),
  );
  return lines.join("\n");
}
