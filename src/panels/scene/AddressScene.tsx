/** The newest address assignment as a short scene at the foot of the picture: stepped, replayed, skipped. */
import { RotateCcw, StepForward, X } from "lucide-react";
import { useEffect, useMemo, useState } from "react";
import { useTranslate } from "../../i18n/index.ts";
import { SceneWatch } from "../../session/scenes.ts";
import { useWorkbench, useWorkbenchState } from "../context.ts";

const STEP_MS = 650;
/** Once told it goes by itself. */
const LINGER_MS = 2600;

export function AddressScene({ reducedMotion }: { readonly reducedMotion: boolean }) {
  const t = useTranslate();
  const workbench = useWorkbench();
  const generation = useWorkbenchState((state) => state.generation);
  useWorkbenchState((state) => state.revision);
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new generation has another trace
  const watch = useMemo(() => new SceneWatch(workbench.world.kernel.trace), [workbench, generation]);
  const scene = watch.latest();
  const [shown, setShown] = useState({ position: -1, step: 0, held: false });
  const [closed, setClosed] = useState(-1);
  const step = scene && shown.position === scene.position ? shown.step : 0;
  const held = scene !== undefined && shown.position === scene.position && shown.held;

  useEffect(() => {
    if (!scene || closed === scene.position || held) return;
    const last = step >= scene.steps.length - 1;
    const timer = setTimeout(
      () =>
        last
          ? setClosed(scene.position)
          : setShown({ position: scene.position, step: reducedMotion ? scene.steps.length - 1 : step + 1, held: false }),
      last ? LINGER_MS : STEP_MS,
    );
    return () => clearTimeout(timer);
  }, [scene, step, closed, held, reducedMotion]);

  if (!scene || closed === scene.position) return null;
  return (
    <section className="scene" aria-label={t("scene.title", { container: scene.container })}>
      <div className="row">
        <h3>{t("scene.title", { container: scene.container })}</h3>
        <div className="spread" />
        <button
          type="button"
          className="icon-button"
          aria-label={t("scene.step")}
          title={t("scene.step")}
          onClick={() => setShown({ position: scene.position, step: Math.min(step + 1, scene.steps.length - 1), held: true })}
        >
          <StepForward size={14} />
        </button>
        <button
          type="button"
          className="icon-button"
          aria-label={t("scene.replay")}
          title={t("scene.replay")}
          onClick={() => setShown({ position: scene.position, step: 0, held: false })}
        >
          <RotateCcw size={14} />
        </button>
        <button
          type="button"
          className="icon-button"
          aria-label={t("scene.skip")}
          title={t("scene.skip")}
          onClick={() => setClosed(scene.position)}
        >
          <X size={14} />
        </button>
      </div>
      <ol className="scene-steps">
        {scene.steps.map((name, i) => (
          <li key={name} className={i < step ? "done" : i === step ? "current" : "ahead"} aria-current={i === step ? "step" : undefined}>
            {t(`scene.${name}`, { ...scene, steps: "" })}
          </li>
        ))}
      </ol>
    </section>
  );
}
