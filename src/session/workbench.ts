/**
 * The one store of the page: a session, its play head, and the plain values that React draws. Verbs change the world only
 * by typing on terminals; everything in the state is derived from the world after each animation frame.
 */
import { createStore, type StoreApi } from "zustand/vanilla";
import type { DockerEngine } from "../engine/engine.ts";
import { EngineError } from "../engine/types.ts";
import type { TraceEntry } from "../kernel/trace.ts";
import type { ControlKey, Tty, TtyInput } from "../kernel/tty.ts";
import type { Machine } from "../shell/command.ts";
import { PacketLog } from "./packetLog.ts";
import { Past } from "./past.ts";
import { type Picture, PictureHistory } from "./picture.ts";
import { PlayHead } from "./playhead.ts";
import type { Programs } from "./programs.ts";
import { machineOf, newScript, type Script, typedText } from "./script.ts";
import { Session } from "./session.ts";

export const HOST_TERMINAL = "docker-host";

export interface WorkbenchState {
  readonly picture: Picture;
  /** Ids of open terminals in tab order; the first is the Docker host's. */
  readonly terminals: readonly string[];
  /** The container whose shell each terminal is in, by the terminal's id: what is typed there goes to that container. */
  readonly within: Readonly<Record<string, string>>;
  readonly activeTerminal: string;
  /** A command runs in the foreground of the active terminal. */
  readonly running: boolean;
  readonly playing: boolean;
  readonly speed: number;
  /** How many lines and keys have been typed, those undone left out. */
  readonly entries: number;
  readonly canUndo: boolean;
  readonly canRedo: boolean;
  /** What undo would take back and redo would bring again, as typed. */
  readonly undoLine: string;
  readonly redoLine: string;
  /** µs of virtual time, refreshed a few times a second. */
  readonly now: number;
  readonly flying: boolean;
  /** The picture is one of the past, at `now`; the world stands still meanwhile. */
  readonly lookingBack: boolean;
  /** Grows with each replaced world (undo, redo, reload, new session): terminals draw themselves anew. */
  readonly generation: number;
  /** Grows whenever tables that panels read from the world may have changed. */
  readonly revision: number;
  /** Ids of selected nodes and cables, as the graph names them. */
  readonly selection: readonly string[];
  /** The packet whose journey is shown; undefined follows the newest that somebody waits for. */
  readonly packet: number | undefined;
  /** What is shown beside the picture, whichever was asked for last. */
  readonly beside: "journey" | "inspector";
  /** A line to be put before the user on a terminal, to be completed or run by hand. Each request is a new object. */
  readonly prefill: { readonly line: string; readonly terminal: string } | undefined;
}

/** Where a session is kept between visits. */
export interface Keeper {
  save(script: Script): void;
  /** Puts a session aside that is about to be cut short. */
  keepPrevious(script: Script): void;
}

/** A moment that is looked back at, and the play head there. */
interface LookBack {
  readonly past: Past;
  readonly head: PlayHead;
}

/** Positions in the trace: of the oldest that is kept, of the newest, and of what is shown. */
export interface Timeline {
  readonly oldest: number;
  readonly newest: number;
  readonly at: number;
}

const SAVE_EVERY_MS = 1500;
const REFRESH_EVERY_MS = 120;

export class Workbench {
  readonly store: StoreApi<WorkbenchState>;
  #session: Session;
  #live: PlayHead;
  #back: LookBack | undefined;
  /** Called when what came after a moment was cut off. */
  #onCut: () => void = () => {};
  #history: PictureHistory;
  #packets: PacketLog;
  #keeper: Keeper;
  #programs: Programs;
  /** What was typed before the programs had come. */
  #waiting: { readonly input: TtyInput; readonly terminal: string }[] = [];
  #sinceSave = 0;
  #sinceRefresh = 0;
  #traceRead = 0;

  /** A script that has typed anything can only be replayed with the programs there. */
  constructor(keeper: Keeper, script: Script, programs: Programs) {
    this.#keeper = keeper;
    this.#programs = programs;
    this.#session = new Session(script, programs);
    this.#live = new PlayHead(this.#session);
    this.#history = new PictureHistory(this.world.kernel.trace);
    this.#packets = new PacketLog(this.world.kernel.trace);
    this.store = createStore<WorkbenchState>(() => ({
      picture: this.#history.latest(),
      terminals: this.#openTerminals([HOST_TERMINAL]),
      within: {},
      activeTerminal: HOST_TERMINAL,
      running: false,
      playing: true,
      speed: 1,
      entries: this.#session.cursor,
      canUndo: this.#session.canUndo,
      canRedo: this.#session.canRedo,
      undoLine: "",
      redoLine: "",
      now: this.#session.now,
      flying: false,
      lookingBack: false,
      generation: 0,
      revision: 0,
      selection: [],
      packet: undefined,
      beside: "journey",
      prefill: undefined,
    }));
    this.#refresh();
  }

  get world(): Session["world"] {
    return this.#session.world;
  }

  get session(): Session {
    return this.#session;
  }

  /** The packet layer and the time line read it every frame. */
  get head(): PlayHead {
    return this.#back?.head ?? this.#live;
  }

  get timeline(): Timeline {
    const { dropped: oldest, end: newest } = this.world.kernel.trace;
    return { oldest, newest, at: this.#back?.past.position ?? newest };
  }

  /** The packet whose journey is told while none is chosen. */
  get newestPacket(): number | undefined {
    return this.#back ? this.#packets.newestAt(this.#back.past.now) : this.#packets.newest;
  }

  /** Every packet that the trace still knows, a row each. */
  get packets(): PacketLog {
    return this.#packets;
  }

  /** What there was at a virtual time (µs), as far back as the trace is kept: names of what is gone since. */
  pictureAt(t: number): Picture {
    return this.#history.at(t);
  }

  /** The Docker host. */
  get machine(): Machine {
    return this.world.machines.get(HOST_TERMINAL) as Machine;
  }

  /** The Docker host's engine. */
  get engine(): DockerEngine {
    return this.machine.engine as DockerEngine;
  }

  /** The terminal's tty; opens the terminal when it is not. */
  terminal(id: string): Tty {
    return this.world.openTerminal(id, machineOf(id));
  }

  /** One animation frame of `elapsed` real milliseconds. */
  tick(elapsed: number): void {
    this.head.frame(elapsed);
    this.#comeBack();
    this.#sinceSave += elapsed;
    this.#sinceRefresh += elapsed;
    const changed = this.timeline.at !== this.#traceRead;
    if (changed || this.#sinceRefresh >= REFRESH_EVERY_MS) this.#refresh();
    if (this.#sinceSave > SAVE_EVERY_MS) this.save();
  }

  /** Types a line, or presses a key, on a terminal (the active one when none is named). */
  type(input: TtyInput, terminal = this.store.getState().activeTerminal): boolean {
    if (!this.#programs.complete) {
      this.#waiting.push({ input, terminal });
      this.loadPrograms().catch(() => undefined);
      return true;
    }
    this.#cut();
    this.terminal(terminal);
    if ("key" in input && input.key !== "C-d") this.#live.land();
    if (!this.#session.type(terminal, input)) return false;
    this.save();
    // What it has done is drawn with the next frame: to draw it here as well would be to draw it twice.
    this.#sinceRefresh = REFRESH_EVERY_MS;
    return true;
  }

  /** Brings the programs, lets somebody log in on each terminal, then types what has waited. */
  loadPrograms(): Promise<void> {
    const run = (): void => {
      this.#openTerminals(this.store.getState().terminals);
      for (const { input, terminal } of this.#waiting.splice(0)) this.type(input, terminal);
      this.#refresh();
    };
    return this.#programs.load().then(run, (error: unknown) => {
      this.#waiting.splice(0);
      throw error;
    });
  }

  press(key: ControlKey, terminal?: string): boolean {
    return this.type({ key }, terminal);
  }

  /**
   * Runs a command for a gesture, where everybody can see it: on the machine's terminal if it waits at its own prompt, else
   * on another of its terminals, opened if need be.
   */
  run(line: string, machine = HOST_TERMINAL): void {
    this.#cut();
    const id = this.freeTerminal(machine);
    this.activate(id);
    this.type({ line }, id);
  }

  /** Puts a line before the user on a terminal (of the host when none is named), not run: to be read, completed, changed. */
  prefill(line: string, terminal = this.freeTerminal(HOST_TERMINAL)): void {
    this.activate(terminal);
    this.store.setState({ prefill: { line, terminal } });
  }

  /** The line that was put before the user has been taken. */
  prefilled(): void {
    this.store.setState({ prefill: undefined });
  }

  /** Shows a packet's journey; undefined goes back to following the newest. */
  follow(packet: number | undefined): void {
    this.store.setState({ packet, beside: "journey" });
  }

  activate(id: string): void {
    const { terminals } = this.store.getState();
    this.#openTerminals([id]);
    this.store.setState({ activeTerminal: id, terminals: terminals.includes(id) ? terminals : [...terminals, id] });
    this.#refresh();
  }

  /** Opens a further terminal on a machine and gives its id. */
  openTerminal(machine: string): string {
    const { terminals } = this.store.getState();
    let id = machine;
    for (let n = 2; terminals.includes(id); n++) id = `${machine}:${n}`;
    this.activate(id);
    return id;
  }

  /** Takes the tab away; what runs there goes on, and the tab comes back with what it shows. The first stays. */
  closeTerminal(id: string): void {
    const { terminals, activeTerminal } = this.store.getState();
    if (id === HOST_TERMINAL) return;
    const rest = terminals.filter((one) => one !== id);
    this.store.setState({ terminals: rest, activeTerminal: activeTerminal === id ? HOST_TERMINAL : activeTerminal });
    this.#refresh();
  }

  undo(): string | undefined {
    const entry = this.#session.undo();
    if (entry) this.#replaced(entry.terminal);
    return entry && typedText(entry);
  }

  redo(): string | undefined {
    const entry = this.#session.redo();
    if (entry) this.#replaced(entry.terminal);
    return entry && typedText(entry);
  }

  /** Back, or forth, to where so many entries had been typed. */
  goTo(cursor: number): void {
    this.#session.goTo(cursor);
    this.#replaced(this.store.getState().activeTerminal);
  }

  /** Starts over with another script: a new session, an import, a lesson. */
  load(script: Script): void {
    this.#session = new Session(script, this.#programs);
    this.#live = Object.assign(new PlayHead(this.#session), { speed: this.#live.speed, playing: this.#live.playing });
    this.store.setState({
      terminals: this.#openTerminals([HOST_TERMINAL]),
      activeTerminal: HOST_TERMINAL,
      selection: [],
      beside: "journey",
      prefill: undefined,
    });
    this.#replaced(HOST_TERMINAL);
  }

  reset(seed: number): void {
    this.load(newScript(seed));
  }

  setPlaying(playing: boolean): void {
    this.head.playing = playing;
    this.#refresh();
  }

  setSpeed(speed: number): void {
    this.#live.speed = speed;
    this.head.speed = speed;
    this.#refresh();
  }

  step(): void {
    this.head.playing = false;
    this.head.step();
    this.#comeBack();
    this.#refresh();
  }

  /** Back to what is to be seen before: a change, an event, or a packet that sets out. */
  stepBack(): void {
    const { trace } = this.world.kernel;
    const now = this.head.time;
    for (let position = this.timeline.at - 1; position >= trace.dropped; position--) {
      const entry = trace.at(position);
      if (!entry || entry.t >= now || !this.#isSeen(entry)) continue;
      this.#lookBack(entry.t);
      break;
    }
  }

  #isSeen(entry: TraceEntry): boolean {
    if (entry.kind !== "hop") return true;
    return entry.decision?.by === "link" && !this.#packets.row(entry.packet)?.housekeeping;
  }

  /** Shows what there was when the trace had come to a position; at its end, the present. */
  lookAt(position: number): void {
    const { trace } = this.world.kernel;
    if (position >= trace.end) this.present();
    else this.#lookBack(trace.timeAt(Math.max(trace.dropped, position - 1)) ?? 0);
  }

  /** Plays a packet's journey once more, and what it led to at once, and stops there. */
  watchAgain(packet: number): void {
    const times = this.#packets.timesOf(packet);
    if (!times) return;
    this.#lookBack(times.first - 1);
    this.head.pauseAt = times.last;
    this.setPlaying(true);
  }

  /** Ends looking back. */
  present(): void {
    this.#back = undefined;
    this.#refresh();
  }

  /** Tells `listener` when something was typed while looking back, and so what came after was cut off. */
  onCut(listener: () => void): void {
    this.#onCut = listener;
  }

  #lookBack(time: number): void {
    const past = new Past(this.world.kernel.trace, time);
    const head = Object.assign(new PlayHead(past, undefined, past.lead), { speed: this.#live.speed, playing: false });
    this.#back = { past, head };
    this.#refresh();
  }

  /** Whoever plays the past comes to the present in the end, and goes on from there. */
  #comeBack(): void {
    if (!this.#back) return;
    const { past, head } = this.#back;
    if (head.flying || past.nextEventAt !== undefined) return;
    this.#live.playing ||= head.playing;
    this.present();
  }

  /** Who acts while looking back goes on from there: what came after is put aside. */
  #cut(): void {
    if (!this.#back) return;
    const { time } = this.#back.head;
    this.#keeper.keepPrevious(this.#session.script);
    this.#session.cutAt(Math.floor(time));
    this.#replaced(this.store.getState().activeTerminal);
    this.#onCut();
  }

  select(selection: readonly string[]): void {
    this.store.setState({ selection, beside: selection.length > 0 ? "inspector" : "journey" });
  }

  show(beside: WorkbenchState["beside"]): void {
    this.store.setState({ beside });
  }

  save(): void {
    this.#sinceSave = 0;
    this.#keeper.save(this.#session.script);
  }

  /** A terminal of the machine that waits at its own prompt, open or yet to be opened. */
  freeTerminal(machine: string): string {
    const { activeTerminal, terminals } = this.store.getState();
    const own = [activeTerminal, ...terminals].filter((id) => machineOf(id) === machine);
    const free = own.find((id) => this.world.atHostPrompt(id));
    if (free) return free;
    for (let n = 1; ; n++) {
      const id = n === 1 ? machine : `${machine}:${n}`;
      if (!terminals.includes(id) || this.world.atHostPrompt(id)) return id;
    }
  }

  /** Makes undo quick, for when nobody waits: works until that is `enough`. True when there is more to do. */
  prepare(enough: () => boolean): boolean {
    return this.#programs.complete && this.#session.prepare(enough);
  }

  #replaced(terminal: string): void {
    this.#back = undefined;
    this.#live.follow();
    this.#history = new PictureHistory(this.world.kernel.trace, this.store.getState().picture);
    this.#packets = new PacketLog(this.world.kernel.trace);
    const { generation, terminals } = this.store.getState();
    this.store.setState({
      generation: generation + 1,
      terminals: this.#openTerminals(terminals),
      activeTerminal: terminal,
      packet: undefined,
    });
    this.save();
    this.#refresh();
  }

  /** The tabs of before, and those that the script has typed on. */
  #openTerminals(before: readonly string[]): readonly string[] {
    const used = this.#session.entries.slice(0, this.#session.cursor).map((entry) => entry.terminal);
    const open = [...new Set([...before, ...used])];
    if (this.#programs.complete) for (const id of open) this.terminal(id);
    return open;
  }

  /** The names of the containers that terminals are in; the same object while nothing changes. */
  #within(before: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
    const now: Record<string, string> = {};
    for (const id of this.store.getState().terminals) {
      const whose = this.world.terminal(id)?.forwarding;
      const container = whose === undefined ? undefined : this.world.machines.get(machineOf(id))?.engine?.findContainer(whose);
      if (container && !(container instanceof EngineError)) now[id] = container.name;
    }
    const ids = Object.keys(now);
    return ids.length === Object.keys(before).length && ids.every((id) => before[id] === now[id]) ? before : now;
  }

  #refresh(): void {
    this.#sinceRefresh = 0;
    const { at } = this.timeline;
    const before = this.store.getState();
    const entries = this.#session.entries;
    const lineAt = (index: number): string => {
      const entry = entries[index];
      return entry ? typedText(entry) : "";
    };
    const moved = at !== this.#traceRead;
    this.#traceRead = at;
    const { head } = this;
    this.store.setState({
      picture: this.#back ? this.#history.at(this.#back.past.now) : this.#history.latest(),
      within: this.#within(before.within),
      running: this.world.terminal(before.activeTerminal)?.reader === undefined,
      playing: head.playing,
      speed: head.speed,
      entries: this.#session.cursor,
      canUndo: this.#session.canUndo,
      canRedo: this.#session.canRedo,
      undoLine: lineAt(this.#session.cursor - 1),
      redoLine: lineAt(this.#session.cursor),
      now: head.time,
      flying: head.flying,
      lookingBack: this.#back !== undefined,
      revision: moved ? before.revision + 1 : before.revision,
    });
  }
}
