/** For who does not see the picture: how to move in it, and every cable in words. */
import { memo, useDeferredValue } from "react";
import { describeCable } from "./describe.ts";
import type { Say } from "./messages.ts";
import type { Scene } from "./scene.ts";

/** Lines that the list holds at the most: nobody listens to more, and each is an element. */
const MOST = 200;

export default memo(function Summary({ scene: newest, say }: { readonly scene: Scene; readonly say: Say }) {
  // What is seen comes first.
  const scene = useDeferredValue(newest);
  const cables = scene.cables.filter((cable) => cable.kind !== "ghost").slice(0, MOST);
  return (
    <div className="g-hidden">
      <p>{say("graph.help")}</p>
      <ul aria-label={say("graph.say.connections")}>
        {cables.map((cable) => (
          <li key={cable.id}>{describeCable(say, scene, cable)}</li>
        ))}
      </ul>
    </div>
  );
});
