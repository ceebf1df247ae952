/** One terminal on an xterm screen. Loaded when a terminal is first shown: xterm is as large as the rest of the page. */
import "@xterm/xterm/css/xterm.css";
import { FitAddon } from "@xterm/addon-fit";
import { Terminal } from "@xterm/xterm";
import { useEffect, useRef } from "react";
import type { ControlKey, Tty } from "../../kernel/tty.ts";
import { Keyboard } from "./keyboard.ts";
import { Screen } from "./screen.ts";

export interface TerminalViewProps {
  readonly tty: Tty;
  /** Changes when the world was replaced: the screen is drawn anew. */
  readonly generation: number;
  readonly label: string;
  readonly theme: "dark" | "light";
  readonly fontSize: number;
  /** What a demonstration is typing, shown as if by hand. */
  readonly ghost: string | undefined;
  /** A line put before the user, once. */
  readonly prefill: { readonly line: string } | undefined;
  readonly onPrefilled: () => void;
  readonly onLine: (line: string) => void;
  readonly onKey: (key: ControlKey) => void;
  /** Characters for a program that takes every key. */
  readonly onTyped: (characters: string) => void;
  /** Somebody types by hand. */
  readonly onTyping: () => void;
  /** Escape: gives the keyboard back to the page. */
  readonly onLeave: () => void;
}

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

/**
 * What is marked in the page may reach into the lines that xterm has for screen readers. It takes that for a selection of its
 * own, and throws where an end of it lies elsewhere: such a selection is none of its business.
 */
function keepSelectionOut(event: Event): void {
  const isInLines = (node: Node | null | undefined): boolean => {
    const element = node instanceof Element ? node : node?.parentElement;
    return Boolean(element?.closest(".xterm-accessibility-tree"));
  };
  const selection = getSelection();
  if (isInLines(selection?.anchorNode) !== isInLines(selection?.focusNode)) event.stopImmediatePropagation();
}

export default function TerminalView(props: TerminalViewProps) {
  const element = useRef<HTMLDivElement>(null);
  const latest = useRef(props);
  latest.current = props;
  const parts = useRef<{ readonly xterm: Terminal; readonly screen: Screen; readonly keyboard: Keyboard } | undefined>(undefined);
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
    const keyboard = new Keyboard({
      tty: () => latest.current.tty,
      columns: () => xterm.cols,
      show: (line) => screen.show(line),
      output: (text) => screen.output(text),
      clear: () => xterm.clear(),
      line: (line) => latest.current.onLine(line),
      key: (key) => latest.current.onKey(key),
      typed: (characters) => latest.current.onTyped(characters),
    });
    parts.current = { xterm, screen, keyboard };

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
      const handled = keyboard.press(event);
      if (handled) event.preventDefault();
      // A Tab that completes nothing moves the focus on, and with Alt a key is the page's.
      return !handled && event.key !== "Tab" && !event.altKey && !(event.ctrlKey && event.key === "k");
    });

    // What is left is text: typed, composed or pasted.
    xterm.onData((data) => {
      if (data.startsWith("\x1b") && !data.startsWith("\x1b[200~")) return;
      latest.current.onTyping();
      keyboard.text(data.replaceAll("\x1b[200~", "").replaceAll("\x1b[201~", ""));
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
    document.addEventListener("selectionchange", keepSelectionOut, true);
    return () => {
      document.removeEventListener("selectionchange", keepSelectionOut, true);
      cancelAnimationFrame(frame);
      observer.disconnect();
      xterm.dispose();
      parts.current = undefined;
    };
  }, []);

  // biome-ignore lint/correctness/useExhaustiveDependencies: a new generation has the same terminal's text anew
  useEffect(() => {
    const { screen, keyboard } = parts.current as NonNullable<typeof parts.current>;
    keyboard.setText("");
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
    parts.current?.keyboard.setText(ghost);
    return () => parts.current?.keyboard.setText("");
  }, [ghost]);

  const { prefill } = props;
  useEffect(() => {
    if (!prefill) return;
    parts.current?.keyboard.setText(prefill.line);
    parts.current?.xterm.focus();
    latest.current.onPrefilled();
  }, [prefill]);

  return <div ref={element} className="terminal-screen" data-testid="terminal-screen" />;
}
