/** Types a script by itself, at a pace one can follow, on a terminal that anybody may take over at any moment. */
import { createStore } from "zustand/vanilla";
import { HOST_TERMINAL, type Workbench } from "../session/workbench.ts";
import type { ArticleStep } from "./article.ts";

export interface PlayerState {
  readonly status: "idle" | "playing" | "paused" | "done";
  /** Index of the step that is shown. */
  readonly step: number;
  /** What is being typed, up to the last letter; undefined between lines. */
  readonly ghost: string | undefined;
}

const LETTER_MS = 26;
const BEFORE_ENTER_MS = 280;
const AFTER_LINE_MS = 650;
const AFTER_STEP_MS = 1500;

export class Player {
  readonly store = createStore<PlayerState>(() => ({ status: "idle", step: 0, ghost: undefined }));
  readonly steps: readonly ArticleStep[];
  #workbench: Workbench;
  #line = 0;
  #letters = 0;
  #wait = 0;
  /** Plays to the end of the current step, then pauses. */
  #single = false;
  /** How many entries the script had when each step began. */
  #begun: number[] = [];

  constructor(workbench: Workbench, steps: readonly ArticleStep[]) {
    this.#workbench = workbench;
    this.steps = steps;
  }

  play(): void {
    const { status } = this.store.getState();
    if (status === "idle" || status === "done") this.#begin();
    this.#single = false;
    this.#start();
  }

  /** Types what is left of this step (or the next one, when it is done) and stops there. */
  next(): void {
    const { status } = this.store.getState();
    if (status === "done") return;
    if (status === "idle") this.#begin();
    this.#single = true;
    this.#start();
  }

  /** Takes back what this step has typed; at its beginning, the step before. */
  previous(): void {
    const { step, status } = this.store.getState();
    if (status === "idle") return;
    const cursor = this.#workbench.session.cursor;
    const atBeginning = status !== "done" && cursor <= (this.#begun[step] ?? 0);
    const to = atBeginning ? step - 1 : step;
    const begun = this.#begun[to];
    if (begun === undefined) return;
    this.#workbench.goTo(Math.min(begun, this.#workbench.session.entries.length));
    this.#begun.length = to;
    this.#goTo(to);
    this.store.setState({ status: "paused" });
  }

  pause(): void {
    if (this.store.getState().status === "playing") this.store.setState({ status: "paused", ghost: undefined });
    this.#letters = 0;
  }

  /** Ends it; what was typed stays. */
  stop(): void {
    this.store.setState({ status: "idle", step: 0, ghost: undefined });
    this.#goTo(0);
  }

  /** One animation frame of `elapsed` real milliseconds. */
  tick(elapsed: number): void {
    if (this.store.getState().status !== "playing") return;
    this.#wait -= elapsed * Math.max(1, this.#workbench.head.speed);
    if (this.#wait > 0 || !this.#workbench.head.playing) return;
    this.#advance();
  }

  #begin(): void {
    this.#begun = [];
    this.#goTo(0);
  }

  #start(): void {
    this.#workbench.present();
    this.#workbench.activate(HOST_TERMINAL);
    this.#workbench.setPlaying(true);
    this.store.setState({ status: "playing" });
  }

  #goTo(step: number): void {
    this.#line = 0;
    this.#letters = 0;
    this.#wait = 0;
    this.#begun[step] = this.#workbench.session.cursor;
    this.store.setState({ step, ghost: undefined });
  }

  #advance(): void {
    const { step } = this.store.getState();
    const current = this.steps[step] as ArticleStep;
    const line = current.type[this.#line];
    if (line === undefined) {
      this.#endOfStep(step);
      return;
    }
    // The command before must have ended: a reader waits at a prompt again, and its packets have landed.
    if (!this.#workbench.terminal(HOST_TERMINAL).reader || this.#workbench.head.flying) return;
    if (typeof line !== "string") {
      this.#workbench.press(line.key, HOST_TERMINAL);
      this.#nextLine();
      return;
    }
    if (this.#letters < line.length) {
      // Long lines are typed faster: nobody wants to watch forty flags letter by letter.
      this.#letters = Math.min(line.length, this.#letters + Math.max(1, Math.round(line.length / 50)));
      this.store.setState({ ghost: line.slice(0, this.#letters) });
      this.#wait = this.#letters === line.length ? BEFORE_ENTER_MS : LETTER_MS;
      return;
    }
    this.store.setState({ ghost: undefined });
    this.#workbench.type({ line }, HOST_TERMINAL);
    this.#nextLine();
  }

  #nextLine(): void {
    this.#line++;
    this.#letters = 0;
    this.#wait = AFTER_LINE_MS;
  }

  #endOfStep(step: number): void {
    if (!this.#workbench.terminal(HOST_TERMINAL).reader || this.#workbench.head.flying) return;
    if (step + 1 === this.steps.length) {
      this.store.setState({ status: "done", ghost: undefined });
      return;
    }
    this.#goTo(step + 1);
    this.#wait = AFTER_STEP_MS;
    if (this.#single) this.store.setState({ status: "paused" });
  }
}
