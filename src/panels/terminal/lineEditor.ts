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
  /** The search string of Ctrl-R, undefined when not searching. */
  readonly search: string | undefined;
}

export const EMPTY_LINE: LineState = { text: "", cursor: 0, historyAt: -1, draft: "", killed: "", search: undefined };

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
  | "kill-word"
  | "yank"
  | "transpose"
  | "up"
  | "down"
  | "search"
  | "cancel-search";

const edit = (state: LineState, text: string, cursor: number): LineState => ({ ...state, text, cursor });

const wordLeft = (text: string, from: number): number => {
  let at = from;
  while (at > 0 && /\s/.test(text[at - 1] as string)) at--;
  while (at > 0 && !/\s/.test(text[at - 1] as string)) at--;
  return at;
};

const wordRight = (text: string, from: number): number => {
  let at = from;
  while (at < text.length && /\s/.test(text[at] as string)) at++;
  while (at < text.length && !/\s/.test(text[at] as string)) at++;
  return at;
};

/** Types text at the cursor; while searching, adds to the search string. */
export function insert(state: LineState, typed: string, history: readonly string[]): LineState {
  if (state.search !== undefined) return find({ ...state, search: state.search + typed }, history, history.length - 1);
  return edit(state, state.text.slice(0, state.cursor) + typed + state.text.slice(state.cursor), state.cursor + typed.length);
}

export function press(state: LineState, key: LineKey, history: readonly string[]): LineState {
  const { text, cursor } = state;
  if (state.search !== undefined && key !== "search" && key !== "backspace") return press({ ...state, search: undefined }, key, history);
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
      return { ...edit(state, text.slice(0, cursor), cursor), killed: text.slice(cursor) };
    case "kill-start":
      return { ...edit(state, text.slice(cursor), 0), killed: text.slice(0, cursor) };
    case "kill-word": {
      const from = wordLeft(text, cursor);
      return { ...edit(state, text.slice(0, from) + text.slice(cursor), from), killed: text.slice(from, cursor) };
    }
    case "yank":
      return insert(state, state.killed, history);
    case "transpose": {
      const at = Math.min(cursor, text.length - 1);
      if (at < 1) return state;
      return edit(state, text.slice(0, at - 1) + text[at] + text[at - 1] + text.slice(at + 1), at + 1);
    }
    case "up":
      return recall(state, history, (state.historyAt < 0 ? history.length : state.historyAt) - 1);
    case "down":
      return recall(state, history, state.historyAt < 0 ? history.length : state.historyAt + 1);
    case "search":
      if (state.search === undefined) return { ...state, search: "", draft: text };
      return find(state, history, (state.historyAt < 0 ? history.length : state.historyAt) - 1);
    case "cancel-search":
      return state;
  }
}

function recall(state: LineState, history: readonly string[], at: number): LineState {
  if (at < 0 || at > history.length) return state;
  const draft = state.historyAt < 0 || state.historyAt === history.length ? state.text : state.draft;
  const text = at === history.length ? draft : (history[at] as string);
  return { ...state, text, cursor: text.length, historyAt: at, draft };
}

function find(state: LineState, history: readonly string[], from: number): LineState {
  if (!state.search) return state;
  for (let at = from; at >= 0; at--) {
    const line = history[at] as string;
    const found = line.indexOf(state.search);
    if (found >= 0) return { ...state, text: line, cursor: found, historyAt: at };
  }
  return state;
}

/** What Tab does: the common part of the candidates is typed; `list` is what a second Tab shows when they differ. */
export function complete(state: LineState, completion: Completion): { readonly state: LineState; readonly list: readonly string[] } {
  const { candidates, start } = completion;
  if (candidates.length === 0) return { state, list: [] };
  let common = candidates[0] as string;
  for (const candidate of candidates) while (!candidate.startsWith(common)) common = common.slice(0, -1);
  const typed = state.text.slice(start, state.cursor);
  const next =
    common.length > typed.length || candidates.length === 1
      ? edit(state, state.text.slice(0, start) + common + state.text.slice(state.cursor), start + common.length)
      : state;
  return { state: next, list: candidates.length > 1 ? candidates.map((candidate) => candidate.trimEnd()) : [] };
}
