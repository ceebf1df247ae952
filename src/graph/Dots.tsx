/** The dots behind the picture: they move and grow with it, as a background of the browser's own. */
import { useStoreApi } from "@xyflow/react";
import { useEffect, useRef } from "react";

const GAP = 22;
/** Closer dots would be a grey veil. */
const LEAST_GAP = 12;

export function Dots() {
  const element = useRef<HTMLDivElement>(null);
  const store = useStoreApi();
  useEffect(() => {
    const place = (): void => {
      const [x, y, zoom] = store.getState().transform;
      const style = element.current?.style;
      if (!style) return;
      let gap = GAP * zoom;
      while (gap < LEAST_GAP) gap *= 2;
      style.backgroundSize = `${gap}px ${gap}px`;
      style.backgroundPosition = `${x}px ${y}px`;
    };
    place();
    return store.subscribe(place);
  }, [store]);
  return <div ref={element} className="g-dots" />;
}
