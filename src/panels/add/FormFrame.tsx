/** The frame of a form: its fields, the command line that they make (to be read, changed, copied), run and close. */
import { Check, Copy, RotateCcw } from "lucide-react";
import { type ReactNode, useMemo, useRef, useState } from "react";
import { useWorkbench } from "../context.ts";
import { type Refusals, refusalOfLine } from "./check.ts";
import { TellingContext } from "./fields.tsx";
import { readLine } from "./read.ts";
import { useSay } from "./say.ts";
import { closeForm, doneWithForm, editForm, editLine, type OpenForm, startOver } from "./store.ts";
import "./forms.css";
import { IconButton } from "../IconButton.tsx";

export function FormFrame({
  open,
  title,
  help,
  line,
  refusals,
  onRun,
  children,
}: {
  readonly open: OpenForm;
  readonly title: string;
  readonly help?: string | undefined;
  /** What the fields come to. */
  readonly line: string;
  readonly refusals: Refusals;
  /** Told before the line is run. */
  readonly onRun: () => void;
  readonly children: ReactNode;
}) {
  const say = useSay();
  const workbench = useWorkbench();
  const form = useRef<HTMLFormElement>(null);
  const [tried, setTried] = useState(false);
  const byHand = open.line;
  const shown = byHand ?? line;
  // A line that the fields could not have made is run as it stands; what it would be refused with is told where it can be.
  const apart = useMemo(() => byHand !== undefined && readLine(workbench.machine, open, byHand) === undefined, [byHand, open, workbench]);
  const lineRefusal = apart ? refusalOfLine(workbench.machine, shown) : (refusals[""] ?? refusals.extra);
  const problems = apart ? (lineRefusal ? 1 : 0) : Object.keys(refusals).length;

  const run = (): void => {
    if (problems > 0) {
      setTried(true);
      requestAnimationFrame(() => form.current?.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus());
      return;
    }
    doneWithForm();
    onRun();
    workbench.run(shown);
  };

  return (
    <TellingContext value={{ refusals: apart ? {} : refusals, tried }}>
      <form
        ref={form}
        className="form"
        aria-label={title}
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          run();
        }}
        onKeyDown={(event) => {
          if (event.key !== "Escape") return;
          event.stopPropagation();
          closeForm();
        }}
      >
        <div className="form-head">
          <h3>{title}</h3>
          <IconButton small label={say("form.startOver")} onClick={startOver}>
            <RotateCcw size={13} aria-hidden />
          </IconButton>
        </div>
        {help && <p className="quiet">{help}</p>}
        <fieldset className="form-fields" disabled={apart}>
          {children}
        </fieldset>
        <div className="form-foot">
          <LineEditor
            value={shown}
            refused={lineRefusal}
            onChange={(text) => editLine(text, readLine(workbench.machine, open, text))}
            onRun={run}
          />
          {apart && (
            <p className="quiet small">
              {say("form.byHand")}{" "}
              <button type="button" className="link form-link" onClick={() => editForm({})}>
                {say("form.backToFields")}
              </button>
            </p>
          )}
          <div className="form-actions">
            {problems > 0 && <span className="quiet small">{say("form.problems", { count: problems })}</span>}
            <span className="spread" />
            <button type="button" className="button" onClick={closeForm}>
              {say("form.close")}
            </button>
            <button type="submit" className="button primary">
              {say("form.run")}
            </button>
          </div>
        </div>
      </form>
    </TellingContext>
  );
}

function LineEditor({
  value,
  refused,
  onChange,
  onRun,
}: {
  readonly value: string;
  readonly refused: string | undefined;
  readonly onChange: (value: string) => void;
  readonly onRun: () => void;
}) {
  const say = useSay();
  const [copied, setCopied] = useState(false);
  const copy = (): void => {
    const done = (): void => {
      setCopied(true);
      setTimeout(() => setCopied(false), 1500);
    };
    navigator.clipboard?.writeText(value).then(done, () => undefined);
  };
  return (
    <div className="line-editor">
      <div className="form-head">
        <label htmlFor="form-line" className="quiet small">
          {say("form.line")}
        </label>
        <button type="button" className="link form-link small" onClick={copy}>
          {copied ? <Check size={12} aria-hidden /> : <Copy size={12} aria-hidden />} {say(copied ? "form.copied" : "form.copy")}
        </button>
      </div>
      <textarea
        id="form-line"
        className="command"
        data-testid="form-command"
        value={value}
        rows={Math.min(8, Math.max(2, Math.ceil(value.length / 34)))}
        onChange={(event) => onChange(event.target.value.replaceAll("\n", " "))}
        onKeyDown={(event) => {
          if (event.key !== "Enter" || event.nativeEvent.isComposing) return;
          event.preventDefault();
          onRun();
        }}
        aria-invalid={refused ? true : undefined}
        aria-describedby={refused ? "form-line-error" : undefined}
        autoCapitalize="off"
        autoComplete="off"
        spellCheck={false}
      />
      <p className="error" id="form-line-error" aria-live="polite">
        {refused}
      </p>
    </div>
  );
}
