/** A line over the page that tells of something done, with what takes it back; it is in nobody's way and goes by itself. */
import { X } from "lucide-react";
import { useEffect } from "react";
import { useTranslate } from "../i18n/index.ts";
import { IconButton } from "../panels/IconButton.tsx";

const STAYS_MS = 14_000;

interface NoteProps {
  readonly text: string;
  readonly action?: { readonly name: string; readonly run: () => void };
  readonly onClose: () => void;
}

export function Note({ text, action, onClose }: NoteProps) {
  const t = useTranslate();
  // biome-ignore lint/correctness/useExhaustiveDependencies: counts from when it was shown
  useEffect(() => {
    const timer = setTimeout(onClose, STAYS_MS);
    return () => clearTimeout(timer);
  }, [text]);
  return (
    <aside className="note" role="status">
      <p>{text}</p>
      {action && (
        <button type="button" className="button" onClick={action.run}>
          {action.name}
        </button>
      )}
      <IconButton small label={t("close")} onClick={onClose}>
        <X size={14} />
      </IconButton>
    </aside>
  );
}
