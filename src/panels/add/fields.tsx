/** Form fields with their label, and the engine's own words beside the one that it would refuse. */
import { type ReactNode, useId } from "react";
import { useTranslate } from "../../i18n/index.ts";
import { closeForm } from "./store.ts";

export function TextField(props: {
  readonly label: string;
  readonly value: string;
  readonly onChange: (value: string) => void;
  readonly placeholder?: string;
  readonly error?: string | undefined;
  readonly list?: readonly string[];
  readonly autoFocus?: boolean;
}) {
  const id = useId();
  return (
    <div className="field">
      <label htmlFor={id}>{props.label}</label>
      <input
        id={id}
        type="text"
        value={props.value}
        placeholder={props.placeholder}
        onChange={(event) => props.onChange(event.target.value)}
        aria-invalid={props.error ? true : undefined}
        aria-describedby={props.error ? `${id}-error` : undefined}
        list={props.list ? `${id}-list` : undefined}
        autoCapitalize="off"
        autoComplete="off"
        spellCheck={false}
        // biome-ignore lint/a11y/noAutofocus: the form opens because its first field is wanted
        autoFocus={props.autoFocus}
      />
      {props.list && (
        <datalist id={`${id}-list`}>
          {props.list.map((option) => (
            <option key={option} value={option} />
          ))}
        </datalist>
      )}
      {props.error && (
        <p className="error" id={`${id}-error`} role="alert">
          {props.error}
        </p>
      )}
    </div>
  );
}

export function SelectField(props: {
  readonly label: string;
  readonly value: string;
  readonly options: readonly string[];
  readonly onChange: (value: string) => void;
  readonly error?: string | undefined;
}) {
  const id = useId();
  return (
    <div className="field">
      <label htmlFor={id}>{props.label}</label>
      <select
        id={id}
        value={props.value}
        onChange={(event) => props.onChange(event.target.value)}
        aria-invalid={props.error ? true : undefined}
      >
        {(props.options.includes(props.value) ? props.options : [props.value, ...props.options]).map((option) => (
          <option key={option}>{option}</option>
        ))}
      </select>
      {props.error && (
        <p className="error" role="alert">
          {props.error}
        </p>
      )}
    </div>
  );
}

/** The frame of a form: its fields, the command that it stands for, run and cancel. */
export function CommandForm(props: {
  readonly title: string;
  readonly line: string;
  readonly refused: boolean;
  readonly onRun: () => void;
  readonly children: ReactNode;
}) {
  const t = useTranslate();
  return (
    <form
      className="form"
      aria-label={props.title}
      onSubmit={(event) => {
        event.preventDefault();
        if (!props.refused) props.onRun();
      }}
      onKeyDown={(event) => {
        if (event.key === "Escape") closeForm();
      }}
    >
      <h3>{props.title}</h3>
      {props.children}
      <div>
        <span className="quiet small">{t("form.command")}</span>
        <code className="command" data-testid="form-command">
          {props.line}
        </code>
      </div>
      <div className="actions">
        <button type="button" className="button" onClick={closeForm}>
          {t("form.cancel")}
        </button>
        <button type="submit" className="button primary" disabled={props.refused}>
          {t("form.run")}
        </button>
      </div>
    </form>
  );
}
