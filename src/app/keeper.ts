/**
 * Keeps the session in this browser. What cannot be read is set aside, never thrown away, and the page starts afresh; the
 * session before a new one stays at hand; a second tab gets a copy of its own, so that neither writes over the other.
 */
import { parseScript, type Script } from "../session/script.ts";
import type { Keeper } from "../session/workbench.ts";
import { address } from "./address.ts";
import { soon } from "./idle.ts";

const KEY = `vethlab.session${address.slot}`;
const ASIDE = `${KEY}.unreadable`;
const PREVIOUS = `${KEY}.previous`;
const LOCK = KEY;
/** Marks a tab that owned the session, across a reload. */
const OWNER = `vethlab.owner${address.slot}`;
/** How long a reloaded tab waits for the page before it to let go, in ms. */
const PATIENCE = 600;
/** How long a tab that opens waits for what the tab with the session has, in ms. */
const PATIENCE_WITH_OTHERS = 2000;

function read(storage: Storage, key: string): Script | undefined {
  const saved = textAt(storage, key);
  if (saved === null) return undefined;
  const script = scriptOf(saved);
  if (!script) write(storage, ASIDE, saved);
  return script;
}

function textAt(storage: Storage, key: string): string | null {
  try {
    return storage.getItem(key);
  } catch {
    return null;
  }
}

function scriptOf(saved: string): Script | undefined {
  try {
    return parseScript(JSON.parse(saved));
  } catch {
    return undefined;
  }
}

/** Whether it is kept: in private windows and with full storage it is not, and the session lives as long as the page. */
function write(storage: Storage, key: string, text: string): boolean {
  try {
    storage.setItem(key, text);
    return true;
  } catch {
    return false;
  }
}

/** Whether this tab is the one that keeps the session; it holds on to that until it is closed. */
async function becomeOwner(): Promise<boolean> {
  if (!navigator.locks) return true;
  const mayWait = sessionStorage.getItem(OWNER) !== null;
  return new Promise((resolve) => {
    const options = mayWait ? { signal: AbortSignal.timeout(PATIENCE) } : { ifAvailable: true };
    navigator.locks
      .request(LOCK, options, (lock) => {
        resolve(lock !== null);
        return lock ? new Promise<void>(() => {}) : undefined;
      })
      .catch(() => resolve(false));
  });
}

/** The tab with the session tells each tab that asks what there is, where it is newer than what was loaded. */
function answer(newest: () => Script | undefined): void {
  if (typeof BroadcastChannel === "undefined") return;
  const channel = new BroadcastChannel(KEY);
  channel.onmessage = ({ data }) => data === "ask" && channel.postMessage({ script: newest() });
}

/**
 * Asks the tab that has the session for it: what that one has just written may not have come to this tab's storage yet.
 * Undefined when it has nothing newer, or does not answer.
 */
function ask(): Promise<Script | undefined> {
  if (typeof BroadcastChannel === "undefined") return Promise.resolve(undefined);
  const channel = new BroadcastChannel(KEY);
  return new Promise<Script | undefined>((resolve) => {
    channel.onmessage = ({ data }) => data !== "ask" && resolve(parseScript(data.script));
    setTimeout(() => resolve(undefined), PATIENCE_WITH_OTHERS);
    channel.postMessage("ask");
  }).finally(() => channel.close());
}

/** Milliseconds that a change may wait for a quiet moment to be written in. */
const LATEST = 400;

export interface BrowserKeeper extends Keeper {
  /** Whether another tab has the session: what is done here is kept with this tab only. */
  readonly shared: boolean;
  /** Whether there is a session that could not be read, set aside. */
  readonly unreadable: boolean;
  /** Tells `listener` when the session could not be written. */
  onUnkept(listener: () => void): void;
  /** Writes at once what `save` has left for a quiet moment. */
  flush(): void;
  load(): Script | undefined;
  previous(): Script | undefined;
  keepPrevious(script: Script): void;
}

export async function openKeeper(): Promise<BrowserKeeper> {
  let owner = true;
  try {
    owner = await becomeOwner();
    if (owner) sessionStorage.setItem(OWNER, "yes");
    else sessionStorage.removeItem(OWNER);
  } catch {
    // A browser that keeps nothing at all: every tab is on its own.
  }
  const own = (): Storage => (owner ? localStorage : sessionStorage);
  let pending: Script | undefined;
  let newest: Script | undefined;
  let onUnkept = (): void => {};
  const flush = (): void => {
    if (pending && !write(own(), KEY, JSON.stringify(pending))) onUnkept();
    pending = undefined;
  };
  if (owner) answer(() => newest);
  const othersNewest = owner ? undefined : await ask();
  let unreadable = false;
  return {
    shared: !owner,
    get unreadable() {
      return unreadable;
    },
    onUnkept: (listener) => {
      onUnkept = listener;
    },
    load: () => {
      const script = owner ? read(localStorage, KEY) : (read(sessionStorage, KEY) ?? othersNewest ?? read(localStorage, KEY));
      unreadable = script === undefined && textAt(own(), KEY) !== null;
      return script;
    },
    // Writing takes a few milliseconds, which what has just been typed shall not wait for.
    save: (script) => {
      if (!pending) soon(flush, LATEST);
      pending = script;
      newest = script;
    },
    flush,
    previous: () => read(own(), PREVIOUS),
    keepPrevious: (script) => {
      write(own(), PREVIOUS, JSON.stringify(script));
    },
  };
}
