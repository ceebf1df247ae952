/** The preview of a gesture's command line, beside the pointer or in the corner of the canvas; read out as it changes. */
import { useSyncExternalStore } from "react";
import type { Say } from "./messages.ts";
import type { PreviewStore } from "./preview.ts";

export function PreviewChip({ store, say }: { readonly store: PreviewStore; readonly say: Say }) {
  const preview = useSyncExternalStore(store.subscribe, store.get);
  return (
    <output className={`g-preview${preview ? " shown" : ""}${preview?.at ? "" : " corner"}`} style={placeOf(preview?.at)}>
      {preview && (
        <>
          <code>
            <span aria-hidden="true">$ </span>
            {preview.line}
          </code>
          {preview.at && <small>{say("graph.hint.cancel")}</small>}
        </>
      )}
    </output>
  );
}

/** Below and to the right of the pointer; CSS keeps it on the canvas. */
const placeOf = (at: { readonly x: number; readonly y: number } | undefined): React.CSSProperties | undefined =>
  at && ({ "--x": `${Math.round(at.x)}px`, "--y": `${Math.round(at.y)}px` } as React.CSSProperties);
