/**
 * The newest address assignment as a caption at the foot of the picture, which shows each part as it is told: it goes by itself
 * until the next line is typed, or is stepped, replayed, skipped.
 */
import "./scene.css";
import { RotateCcw, StepBack, StepForward, X } from "lucide-react";
import { useEffect, useRef, useState } from "react";
import { agesOf, restOf, type Telling, toldNews } from "../../graph/telling.ts";
import { useTranslate } from "../../i18n/index.ts";
import type { News } from "../../session/arrivals.ts";
import type { Picture } from "../../session/picture.ts";
import type { AddressScene as Scene, SceneStep } from "../../session/scenes.ts";
import { useWorkbench, useWorkbenchState } from "../context.ts";
import { IconButton } from "../IconButton.tsx";
import { deviceName } from "../packets/sentences.ts";

const STEP_MS = 1300;
/** Once told it goes by itself. */
const LINGER_MS = 3200;

/** Ids of the nodes that a step is about, for the spotlight. */
function nodesOf(scene: Scene, step: SceneStep): readonly string[] {
  const container = `container:${scene.container}`;
  const network = `network:${scene.network}`;
  switch (step) {
    case "pool":
      return [network];
    case "next":
    case "pair":
    case "plugged":
      return [network, container];
    default:
      return [container];
  }
}

/** Between which of its interface's ages a step is told: the first waits for it to begin, the last finds it there. */
const AGES: Readonly<Partial<Record<SceneStep, readonly [number, number]>>> = {
  pool: [0, 0],
  next: agesOf("address"),
  pair: agesOf("pair"),
  moved: agesOf("move"),
  plugged: agesOf("plug"),
  child: agesOf("pair", "plug"),
};

const deviceOf = (scene: Scene, picture: Picture): number | undefined =>
  picture.containers.get(scene.container)?.endpoints.find((one) => one.network === scene.network)?.device;

function wordsOf(scene: Scene, picture: Picture): Record<string, string> {
  const container = picture.containers.get(scene.container);
  const network = picture.networks.get(scene.network);
  const device = picture.devices.get(deviceOf(scene, picture) ?? 0);
  return {
    container: container?.name ?? scene.container.slice(0, 12),
    network: network?.name ?? scene.network.slice(0, 12),
    subnet: scene.subnet,
    address: scene.address,
    veth: deviceName(scene.hostDevice, picture),
    bridge: deviceName(scene.bridge, picture),
    device: device?.name ?? "eth0",
    driver: network?.driver ?? "",
    parent: network ? deviceName(network.device, picture) : "",
    gateway: scene.gateway,
  };
}

const newsOf =
  (telling: Telling) =>
  (news: News, shown: number): News =>
    toldNews(news, telling, shown, performance.now());

/** What the picture shows of a scene. */
export interface Told {
  /** The nodes that are spoken of. */
  readonly nodes: readonly string[];
  /** What comes as it is told, from what comes by itself at a show time in ms. */
  readonly news?: ((news: News, shown: number) => News) | undefined;
  /** It was stepped to or replayed: the picture shows it whatever else goes on. */
  readonly asked?: boolean;
}

interface AddressSceneProps {
  readonly scene: Scene;
  readonly reducedMotion: boolean;
  readonly onTell: (told: Told) => void;
}

export default function AddressScene({ scene, reducedMotion, onTell }: AddressSceneProps) {
  const t = useTranslate();
  const workbench = useWorkbench();
  const picture = useWorkbenchState((state) => state.picture);
  const playing = useWorkbenchState((state) => state.playing);
  const [shown, setShown] = useState({ position: -1, step: 0, held: false, asked: false });
  const [closed, setClosed] = useState(-1);
  // Who types the next line has gone on to something else.
  const entries = useWorkbenchState((state) => state.entries);
  const [begun, setBegun] = useState({ position: scene.position, entries });
  if (begun.position !== scene.position) setBegun({ position: scene.position, entries });
  const open = closed !== scene.position && entries <= begun.entries;
  const step = open && shown.position === scene.position ? Math.min(shown.step, scene.steps.length - 1) : 0;
  const mine = open && shown.position === scene.position;
  const held = mine && shown.held;
  const asked = mine && shown.asked;

  useEffect(() => {
    if (!open || held || !playing) return;
    const last = step >= scene.steps.length - 1;
    const next = (): void =>
      last
        ? setClosed(scene.position)
        : setShown({ position: scene.position, step: reducedMotion ? scene.steps.length - 1 : step + 1, held: false, asked });
    const timer = setTimeout(next, last ? LINGER_MS : STEP_MS);
    return () => clearTimeout(timer);
  }, [open, scene, step, held, asked, playing, reducedMotion]);

  const name = open ? (scene.steps[step] as SceneStep) : undefined;
  const device = deviceOf(scene, picture) ?? 0;
  const firstName = useRef({ device: 0, name: "" });
  const told = useRef<Telling>(undefined);
  useEffect(() => {
    if (!open || !name) {
      // What is not told to its end comes by itself from there.
      const rest = told.current && restOf(told.current, performance.now());
      told.current = undefined;
      return onTell({ nodes: [], news: rest && newsOf(rest) });
    }
    if (firstName.current.device !== device)
      firstName.current = { device, name: workbench.head.arrivals.comings.get(`device:${device}`)?.name ?? "" };
    const ages = device !== 0 && (playing || asked) && !reducedMotion ? AGES[name] : undefined;
    told.current = ages && { ...firstName.current, from: ages[0], to: ages[1], since: performance.now() };
    onTell({ nodes: nodesOf(scene, name), news: told.current && newsOf(told.current), asked });
  }, [onTell, workbench, open, scene, name, device, playing, asked, reducedMotion]);

  if (!open || !name) return null;
  const words = wordsOf(scene, picture);
  const goTo = (to: number): void => setShown({ position: scene.position, step: to, held: true, asked: true });
  return (
    <section className="scene" aria-label={t("scene.title", words)}>
      <IconButton small disabled={step === 0} label={t("scene.previous")} onClick={() => goTo(step - 1)}>
        <StepBack size={14} />
      </IconButton>
      <div className="scene-text">
        <p role="status">{t(`scene.${name}`, words)}</p>
        <ol className="scene-dots" aria-label={t("scene.at", { n: step + 1, total: scene.steps.length })}>
          {scene.steps.map((one, i) => (
            <li key={one} className={i < step ? "done" : i === step ? "current" : ""} aria-current={i === step ? "step" : undefined} />
          ))}
        </ol>
      </div>
      <IconButton small disabled={step === scene.steps.length - 1} label={t("scene.step")} onClick={() => goTo(step + 1)}>
        <StepForward size={14} />
      </IconButton>
      <IconButton small label={t("scene.replay")} onClick={() => setShown({ position: scene.position, step: 0, held: false, asked: true })}>
        <RotateCcw size={13} />
      </IconButton>
      <IconButton small label={t("scene.skip")} onClick={() => setClosed(scene.position)}>
        <X size={14} />
      </IconButton>
    </section>
  );
}
