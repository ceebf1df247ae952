/** One terminal on an xterm screen. Loaded when a terminal is first shown: xterm is as large as the rest of the page. */
import "@xterm/xterm/css/xterm.css";
import { FitAddon } from "@xterm/addon-fit";
import { Terminal } from "@xterm/xterm";
import { useEffect, useRef } from "react";
import type { ControlKey, Tty } from "../../kernel/tty.ts";
import { complete, EMPTY_LINE, insert, type LineKey, type LineState, press } from "./lineEditor.ts";
import { Screen } from "./screen.ts";

export interface TerminalViewProps {
  readonly tty: Tty;
  /** Changes when the world was replaced: the screen is drawn anew. */
  readonly generation: number;
  readonly label: string;
  readonly theme: "dark" | "light";
  readonly fontSize: number;
  /** Lines typed here before, oldest first. */
  readonly history: () => readonly string[];
  /** What a demonstration is typing, shown as if by hand. */
  readonly ghost: string | undefined;
  /** A line put before the user, once. */
  readonly prefill: { readonly line: string } | undefined;
  readonly onPrefilled: () => void;
  readonly onLine: (line: string) => void;
  readonly onKey: (key: ControlKey) => void;
  /** Somebody types by hand. */
  readonly onTyping: () => void;
  /** Escape: gives the keyboard back to the page. */
  readonly onLeave: () => void;
}

const KEYS: Readonly<Record<string, LineKey>> = {
  ArrowLeft: "left",
  ArrowRight: "right",
  ArrowUp: "up",
  ArrowDown: "down",
  Home: "home",
  End: "end",
  Backspace: "backspace",
  Delete: "delete",
};

const CONTROL_KEYS: Readonly<Record<string, LineKey>> = {
  a: "home",
  e: "end",
  b: "left",
  f: "right",
  h: "backspace",
  k: "kill-end",
  u: "kill-start",
  w: "kill-word",
  y: "yank",
  t: "transpose",
  n: "down",
  r: "search",
  g: "cancel-search",
};

function themeColours(): { background: string; foreground: string; cursor: string; green: string; selectionBackground: string } {
  const style = getComputedStyle(document.documentElement);
  const token = (name: string): string => style.getPropertyValue(name).trim();
  return {
    background: token("--panel"),
    foreground: token("--ink"),
    cursor: token("--ink"),
    green: token("--ok"),
    selectionBackground: token("--selection"),
  };
}

export default function TerminalView(props: TerminalViewProps) {
  const element = useRef<HTMLDivElement>(null);
  const latest = useRef(props);
  latest.current = props;
  const parts = useRef<{ xterm: Terminal; screen: Screen; setLine(line: LineState): void } | undefined>(undefined);
  const { tty, generation, theme, fontSize, ghost } = props;

  useEffect(() => {
    const host = element.current as HTMLDivElement;
    const xterm = new Terminal({
      fontFamily: '"JetBrains Mono", "DejaVu Sans Mono", "Noto Sans Mono CJK KR", ui-monospace, Menlo, Consolas, monospace',
      fontSize: latest.current.fontSize,
      lineHeight: 1.35,
      scrollback: 5000,
      screenReaderMode: true,
      cursorBlink: false,
      theme: themeColours(),
    });
    const fit = new FitAddon();
    xterm.loadAddon(fit);
    xterm.open(host);
    xterm.textarea?.setAttribute("aria-label", latest.current.label);
    const screen = new Screen(xterm);
    let line: LineState = EMPTY_LINE;
    let listed = "";
    const setLine = (next: LineState): void => {
      line = next;
      screen.show(next);
    };
    parts.current = { xterm, screen, setLine };

    const submit = (): void => {
      const text = line.text;
      setLine(EMPTY_LINE);
      latest.current.onLine(text);
    };

    const tab = (): boolean => {
      const reader = latest.current.tty.reader;
      if (!reader?.complete || line.text.trim() === "") return false;
      const result = complete(line, reader.complete(line.text, line.cursor));
      if (result.list.length > 0 && result.state.text === line.text) {
        const shown = result.list.join("  ");
        if (listed === shown) screen.output(`${line.text}\n${shown}\n${reader.prompt}`);
        listed = shown;
      }
      setLine(result.state);
      return true;
    };

    const control = (key: string): boolean => {
      if (key === "c" || key === "\\") {
        const held = line.text;
        setLine(EMPTY_LINE);
        if (held) screen.output(held);
        latest.current.onKey(key === "c" ? "C-c" : "C-\\");
      } else if (key === "d") {
        if (line.text === "") latest.current.onKey("C-d");
        else setLine(press(line, "delete", latest.current.history()));
      } else if (key === "z") latest.current.onKey("C-z");
      else if (key === "l") {
        xterm.clear();
      } else if (key === "q" && beforeDetach) {
        // The client holds a Ctrl-P back until it knows whether Ctrl-Q follows: what it recalled meanwhile is not there.
        setLine(beforeDetach);
        latest.current.onKey("C-p C-q");
        setLine(EMPTY_LINE);
      } else if (key === "p") {
        const held = line;
        setLine(press(line, "up", latest.current.history()));
        beforeDetach = held;
        return true;
      } else if (CONTROL_KEYS[key]) setLine(press(line, CONTROL_KEYS[key], latest.current.history()));
      else return false;
      beforeDetach = undefined;
      return true;
    };
    let beforeDetach: LineState | undefined;

    xterm.attachCustomKeyEventHandler((event) => {
      if (event.type !== "keydown" || event.isComposing || event.keyCode === 229) return true;
      const meta = event.ctrlKey || event.metaKey;
      // Copy with a selection, paste and the page's own shortcuts, with Alt too, are not the terminal's.
      if (meta && (event.shiftKey || event.metaKey)) return false;
      if (event.ctrlKey && (event.key === "v" || (event.key === "c" && xterm.hasSelection()))) return false;
      if (event.key === "Escape") {
        latest.current.onLeave();
        return false;
      }
      latest.current.onTyping();
      if (event.key === "Tab") {
        if (event.shiftKey || !tab()) return false;
        event.preventDefault();
        return false;
      }
      listed = "";
      // At the end of a line there is nothing that Ctrl-K could cut off: there it opens the page's commands, as elsewhere.
      if (event.ctrlKey && event.key === "k" && line.cursor === line.text.length) return false;
      if (event.ctrlKey && control(event.key.toLowerCase())) {
        event.preventDefault();
        return false;
      }
      if (event.altKey && !event.ctrlKey) {
        if (event.key === "b" || event.key === "f")
          setLine(press(line, event.key === "b" ? "word-left" : "word-right", latest.current.history()));
        return false;
      }
      if (event.key === "Enter") {
        event.preventDefault();
        submit();
        return false;
      }
      const key =
        event.ctrlKey && event.key === "ArrowLeft"
          ? "word-left"
          : event.ctrlKey && event.key === "ArrowRight"
            ? "word-right"
            : KEYS[event.key];
      if (key) {
        event.preventDefault();
        setLine(press(line, key, latest.current.history()));
        return false;
      }
      return true;
    });

    // What is left is text: typed, composed or pasted. A pasted newline is an Enter, but for a line that goes on.
    xterm.onData((data) => {
      if (data.startsWith("\x1b") && !data.startsWith("\x1b[200~")) return;
      latest.current.onTyping();
      const text = data.replaceAll("\x1b[200~", "").replaceAll("\x1b[201~", "").replaceAll("\r\n", "\n").replaceAll("\r", "\n");
      const pieces = text.split("\n");
      for (const [i, piece] of pieces.entries()) {
        setLine(insert(line, piece.replace(/[\x00-\x08\x0b-\x1f\x7f]/g, "").replaceAll("\t", "  "), latest.current.history()));
        if (i < pieces.length - 1) submit();
      }
    });

    let frame = 0;
    const observer = new ResizeObserver(() => {
      cancelAnimationFrame(frame);
      frame = requestAnimationFrame(() => {
        const columns = xterm.cols;
        if (host.clientWidth > 0 && host.clientHeight > 0) fit.fit();
        if (xterm.cols !== columns) screen.redraw(latest.current.tty.text);
      });
    });
    observer.observe(host);
    return () => {
      cancelAnimationFrame(frame);
      observer.disconnect();
      xterm.dispose();
      parts.current = undefined;
    };
  }, []);

  // biome-ignore lint/correctness/useExhaustiveDependencies: a new generation has the same terminal's text anew
  useEffect(() => {
    const { screen, setLine } = parts.current as NonNullable<typeof parts.current>;
    setLine(EMPTY_LINE);
    screen.reset(tty.text);
    return tty.onOutput((text) => screen.output(text));
  }, [tty, generation]);

  // biome-ignore lint/correctness/useExhaustiveDependencies: the theme's colours are read from the page's style
  useEffect(() => {
    const { xterm } = parts.current as NonNullable<typeof parts.current>;
    xterm.options.theme = themeColours();
    xterm.options.fontSize = fontSize;
  }, [theme, fontSize]);

  useEffect(() => {
    if (ghost === undefined) return;
    parts.current?.setLine({ ...EMPTY_LINE, text: ghost, cursor: ghost.length });
    return () => parts.current?.setLine(EMPTY_LINE);
  }, [ghost]);

  const { prefill } = props;
  useEffect(() => {
    if (!prefill) return;
    parts.current?.setLine({ ...EMPTY_LINE, text: prefill.line, cursor: prefill.line.length });
    parts.current?.xterm.focus();
    latest.current.onPrefilled();
  }, [prefill]);

  return <div ref={element} className="terminal-screen" data-testid="terminal-screen" />;
}
