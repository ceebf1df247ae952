/** An input line with the keys that a phone lacks; shown only where the pointer is coarse. */
import { CornerDownLeft } from "lucide-react";
import { useState } from "react";
import { useTranslate } from "../../i18n/index.ts";
import type { ControlKey } from "../../kernel/tty.ts";

export function TouchLine({ onLine, onKey }: { readonly onLine: (line: string) => void; readonly onKey: (key: ControlKey) => void }) {
  const t = useTranslate();
  const [line, setLine] = useState("");
  return (
    <form
      className="touch-line"
      onSubmit={(event) => {
        event.preventDefault();
        onLine(line);
        setLine("");
      }}
    >
      <input
        value={line}
        onChange={(event) => setLine(event.target.value)}
        aria-label={t("terminal.input")}
        placeholder={t("terminal.input")}
        autoCapitalize="off"
        autoComplete="off"
        autoCorrect="off"
        spellCheck={false}
        enterKeyHint="send"
      />
      <button type="submit" className="icon-button" aria-label={t("terminal.send")}>
        <CornerDownLeft size={16} />
      </button>
      <button type="button" className="button" onClick={() => onKey("C-c")}>
        {t("terminal.interrupt")}
      </button>
      <button type="button" className="button" onClick={() => onKey("C-d")}>
        {t("terminal.eof")}
      </button>
    </form>
  );
}
