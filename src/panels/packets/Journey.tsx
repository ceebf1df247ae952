/** One packet, step by step: where, what decided, and its headers there. Follows the newest packet unless another was chosen. */
import { ChevronLeft, ChevronRight, Radio, RotateCcw } from "lucide-react";
import { useState } from "react";
import { useTranslate } from "../../i18n/index.ts";
import type { Hop } from "../../kernel/trace.ts";
import type { PacketRow } from "../../session/packetLog.ts";
import { HOST_TERMINAL } from "../../session/workbench.ts";
import { useWorkbench, useWorkbenchState } from "../context.ts";
import { IconButton } from "../IconButton.tsx";
import { onMachine, placeIn } from "../inspector/read/place.ts";
import { type Layer, layersOf } from "./headers.ts";
import { remedyOf } from "./remedies.ts";
import { titleOf, whatHappened, whereOf, whyDropped } from "./sentences.ts";
import { endOf, type Step, stepsOf } from "./steps.ts";

/** `onRun` is told before a command is run for somebody. */
export default function Journey({ onRun }: { readonly onRun: () => void }) {
  const t = useTranslate();
  const workbench = useWorkbench();
  const chosen = useWorkbenchState((state) => state.packet);
  useWorkbenchState((state) => state.revision);
  const [every, setEvery] = useState(false);
  const [at, setAt] = useState<{ readonly packet: number; readonly index: number } | undefined>();
  const log = workbench.packets;
  const id = chosen ?? workbench.newestPacket;
  const row = id === undefined ? undefined : log.row(id);
  if (id === undefined || !row) return <p className="quiet">{t(id === undefined ? "journey.empty" : "journey.gone")}</p>;

  const hops = log.journey(id);
  const steps = stepsOf(hops).filter((step) => every || step.essential);
  const current = (at?.packet === id ? steps.find((step) => step.index === at.index) : undefined) ?? steps.at(-1);
  const waited = log.rows().filter((one) => !one.housekeeping || one.id === id);
  const place = waited.findIndex((one) => one.id === id);
  const goTo = (other: PacketRow | undefined): void => {
    if (other) workbench.follow(other.id);
  };
  const cause = row.cause ? log.row(row.cause) : undefined;
  const led = waited.filter((one) => one.cause === id).slice(0, 4);

  return (
    <div className="journey">
      <div className="row">
        <h2>{t("journey.title")}</h2>
        <div className="spread" />
        <IconButton small disabled={place <= 0} onClick={() => goTo(waited[place - 1])} label={t("journey.previous")}>
          <ChevronLeft size={15} />
        </IconButton>
        <IconButton small disabled={place === waited.length - 1} onClick={() => goTo(waited[place + 1])} label={t("journey.next")}>
          <ChevronRight size={15} />
        </IconButton>
        <IconButton small onClick={() => workbench.watchAgain(id)} label={t("journey.again")}>
          <RotateCcw size={14} />
        </IconButton>
        <button
          type="button"
          className="chip-button"
          aria-pressed={chosen === undefined}
          onClick={() => workbench.follow(undefined)}
          title={t("journey.liveHelp")}
        >
          <Radio size={12} aria-hidden />
          {t("journey.live")}
        </button>
      </div>
      <p className="journey-head">
        <span className={`pill protocol ${row.protocol.toLowerCase()}`}>
          {row.protocol} · {row.what}
        </span>
        <span className="mono">
          {row.from} → {row.to}
        </span>
      </p>
      <Outcome hops={hops} onRun={onRun} />
      <ol className="hops" aria-label={t("journey.title")}>
        {steps.map((step) => (
          <StepLine
            key={step.index}
            step={step}
            current={step === current}
            onChoose={() => {
              workbench.follow(id);
              setAt({ packet: id, index: step.index });
            }}
          />
        ))}
      </ol>
      <label className="check quiet" title={t("journey.allHelp")}>
        <input type="checkbox" checked={every} onChange={(event) => setEvery(event.target.checked)} />
        {t("journey.all")}
      </label>
      {(cause || led.length > 0) && (
        <p className="related">
          {cause && <Related label={t("journey.causedBy")} rows={[cause]} onChoose={goTo} />}
          {led.length > 0 && <Related label={t("journey.led")} rows={led} onChoose={goTo} />}
        </p>
      )}
      {current && <Headers hop={current.hop} />}
    </div>
  );
}

function Outcome({ hops, onRun }: { readonly hops: readonly Hop[]; readonly onRun: () => void }) {
  const t = useTranslate();
  const workbench = useWorkbench();
  const end = endOf(hops);
  if (!end) return <p className="quiet">{t("journey.flying")} …</p>;
  const where = whereOf(end, workbench.pictureAt(end.t));
  const arrived = end.verdict === "deliver";
  return (
    <>
      {arrived ? (
        <p className="ok">✓ {t("journey.arrived", { where })}</p>
      ) : (
        <p className="bad">
          ✕ {t("journey.ended", { where })}. {whyDropped(end, t)}
        </p>
      )}
      <Cure end={end} onRun={onRun} />
    </>
  );
}

/** What would help, and the line that does it. */
function Cure({ end, onRun }: { readonly end: Hop; readonly onRun: () => void }) {
  const t = useTranslate();
  const workbench = useWorkbench();
  const picture = useWorkbenchState((state) => state.picture);
  const remedy = remedyOf(end, picture);
  if (!remedy) return null;
  const place = remedy.netns === undefined ? onMachine(HOST_TERMINAL) : placeIn(workbench, remedy.netns);
  const line = remedy.line && place?.line(remedy.line);
  return (
    <section className="cure" aria-label={t("cure.title")}>
      <p>{t(remedy.key, remedy.words)}</p>
      {line && place && (
        <button
          type="button"
          className="command"
          onClick={() => {
            onRun();
            workbench.run(line, place.machine);
          }}
        >
          $ {line}
        </button>
      )}
    </section>
  );
}

function StepLine({ step, current, onChoose }: { readonly step: Step; readonly current: boolean; readonly onChoose: () => void }) {
  const t = useTranslate();
  // The names of when it happened: what it passed may be gone.
  const picture = useWorkbench().pictureAt(step.hop.t);
  const what = whatHappened(step, picture, t);
  const verdict = step.hop.verdict === "drop" ? "drop" : step.hop.verdict === "deliver" ? "deliver" : "pass";
  return (
    <li className={`hop ${verdict}${current ? " current" : ""}`}>
      <button type="button" className="hop-button" aria-current={current ? "step" : undefined} onClick={onChoose}>
        <b>{titleOf(step, picture, t)}</b>
        {what && <span className={verdict === "drop" ? "bad" : "quiet"}>{what}</span>}
      </button>
    </li>
  );
}

function Related({
  label,
  rows,
  onChoose,
}: {
  readonly label: string;
  readonly rows: readonly PacketRow[];
  readonly onChoose: (row: PacketRow) => void;
}) {
  return (
    <>
      <span className="quiet">{label}</span>
      {rows.map((row) => (
        <button key={row.id} type="button" className={`pill protocol ${row.protocol.toLowerCase()}`} onClick={() => onChoose(row)}>
          {row.protocol} · {row.what}
        </button>
      ))}
    </>
  );
}

/** The headers as they leave a step; what the step rewrote is marked with what it was. */
function Headers({ hop }: { readonly hop: Hop }) {
  const t = useTranslate();
  const before = hop.after ? layersOf(hop.before, hop.eth) : undefined;
  const layers = layersOf(hop.after ?? hop.before, hop.eth);
  const was = (layer: Layer, i: number, name: string, value: string): string | undefined => {
    const old = before?.[i];
    const one = old?.name === layer.name ? old.fields.find((field) => field.name === name)?.value : undefined;
    return one !== undefined && one !== value ? one : undefined;
  };
  return (
    <section className="headers" aria-label={t("journey.headers")}>
      {layers.map((layer, i) => (
        <div key={layer.name}>
          <h3>{layer.name}</h3>
          <dl className="facts">
            {layer.fields.map(({ name, value }, j) => {
              const old = was(layer, i, name, value);
              return (
                // biome-ignore lint/suspicious/noArrayIndexKey: a name may stand twice, as two answers do
                <div className="fact" key={j}>
                  <dt>{name}</dt>
                  <dd className="mono">
                    <span className={old === undefined ? undefined : "rewritten"}>{value}</span>
                    {old !== undefined && <span className="quiet"> {t("journey.was", { value: old })}</span>}
                  </dd>
                </div>
              );
            })}
          </dl>
        </div>
      ))}
    </section>
  );
}
