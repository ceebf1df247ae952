/** Where the user has put nodes: kept beside the session, with an undo of its own that takes its turn with the commands'. */
import type { Workbench } from "../session/workbench.ts";
import { type Placed, preferences } from "./preferences.ts";

interface Move {
  /** How many lines had been typed when the nodes were moved. */
  readonly cursor: number;
  readonly before: Placed;
  readonly after: Placed;
}

const MOST = 200;

export class Places {
  #workbench: Workbench;
  #done: Move[] = [];
  #undone: Move[] = [];

  constructor(workbench: Workbench) {
    this.#workbench = workbench;
  }

  move(places: Placed): void {
    this.#set({ ...preferences.getState().placed, ...places });
  }

  /** Forgets the places of some nodes, or of all. */
  tidy(nodes: readonly string[] | undefined): void {
    this.#set(nodes ? Object.fromEntries(Object.entries(preferences.getState().placed).filter(([id]) => !nodes.includes(id))) : {});
  }

  /** Takes the newest move back if it came after the newest command; whether it did. */
  undo(): boolean {
    const move = this.#done.at(-1);
    if (!move || move.cursor !== this.#workbench.session.cursor) return false;
    this.#done.pop();
    this.#undone.push(move);
    preferences.setState({ placed: move.before });
    return true;
  }

  redo(): boolean {
    const move = this.#undone.at(-1);
    if (!move || move.cursor !== this.#workbench.session.cursor) return false;
    this.#undone.pop();
    this.#done.push(move);
    preferences.setState({ placed: move.after });
    return true;
  }

  #set(after: Placed): void {
    const before = preferences.getState().placed;
    if (Object.keys(before).length === 0 && Object.keys(after).length === 0) return;
    this.#done = [...this.#done, { cursor: this.#workbench.session.cursor, before, after }].slice(-MOST);
    this.#undone = [];
    preferences.setState({ placed: after });
  }
}
