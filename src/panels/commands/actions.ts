/** Every action of the page as one object: its name, its keys, its effect; used by shortcuts, the palette and the sheet. */
import type { MessageKey } from "../../i18n/index.ts";

export interface Action {
  readonly id: string;
  readonly name: MessageKey;
  /** Words that the name is filled in with. */
  readonly words?: Readonly<Record<string, string>>;
  /** As shown, and as matched: "Ctrl+K", "Alt+Space", "Alt+→". */
  readonly keys?: string;
  readonly run: () => void;
  /** Also while somebody types in a field or terminal. */
  readonly everywhere?: boolean;
}

/** Keys that are shown by a sign. */
const SIGNS: Readonly<Record<string, string>> = { ArrowLeft: "←", ArrowRight: "→" };

/** Whether a key event is the one that `keys` names. Ctrl stands for Command on a Mac. */
export function matches(event: KeyboardEvent, keys: string): boolean {
  const parts = keys.split("+");
  const key = parts.at(-1) as string;
  const wants = (modifier: string): boolean => parts.slice(0, -1).includes(modifier);
  const pressed = event.code === "Space" ? "Space" : (SIGNS[event.key] ?? event.key);
  return (
    (event.ctrlKey || event.metaKey) === wants("Ctrl") &&
    event.altKey === wants("Alt") &&
    (event.shiftKey === wants("Shift") || key === "?") &&
    pressed.toLowerCase() === key.toLowerCase()
  );
}
