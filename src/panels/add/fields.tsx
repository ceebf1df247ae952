/** Form fields with their label, and the engine's own words beside the one that it would refuse. */
import { createContext, type ReactNode, useContext, useId } from "react";
import type { Refusals } from "./check.ts";

export interface Telling {
  readonly refusals: Refusals;
  /** Somebody has tried to run it: what is missing is told too, not only what is wrong. */
  readonly tried: boolean;
}

export const TellingContext = createContext<Telling>({ refusals: {}, tried: false });

/** What is to be told beside a field: nothing of one that is empty still, before somebody has tried. */
function useRefusal(name: string, empty: boolean): string | undefined {
  const { refusals, tried } = useContext(TellingContext);
  return empty && !tried ? undefined : refusals[name];
}

interface FieldProps {
  /** The name that refusals are told by. */
  readonly name: string;
  readonly label: string;
}

function Field({
  id,
  label,
  error,
  children,
}: {
  readonly id: string;
  readonly label: string;
  readonly error: string | undefined;
  readonly children: ReactNode;
}) {
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      {children}
      <p className="error" id={`${id}-error`} aria-live="polite">
        {error}
      </p>
    </div>
  );
}

export function TextField(
  props: FieldProps & {
    readonly value: string;
    readonly onChange: (value: string) => void;
    readonly placeholder?: string | undefined;
    /** What may be chosen; anything else may be typed. */
    readonly options?: readonly string[];
    readonly autoFocus?: boolean;
  },
) {
  const id = useId();
  const error = useRefusal(props.name, props.value === "");
  const options = props.options ?? [];
  return (
    <Field id={id} label={props.label} error={error}>
      <input
        id={id}
        type="text"
        value={props.value}
        placeholder={props.placeholder}
        onChange={(event) => props.onChange(event.target.value)}
        aria-invalid={error ? true : undefined}
        aria-describedby={error ? `${id}-error` : undefined}
        list={options.length > 0 ? `${id}-list` : undefined}
        autoCapitalize="off"
        autoComplete="off"
        spellCheck={false}
        // biome-ignore lint/a11y/noAutofocus: the form opens because its first field is wanted
        autoFocus={props.autoFocus}
      />
      {options.length > 0 && (
        <datalist id={`${id}-list`}>
          {options.map((option) => (
            <option key={option} value={option} />
          ))}
        </datalist>
      )}
    </Field>
  );
}

export interface Option {
  readonly value: string;
  readonly text: string;
}

export function SelectField(
  props: FieldProps & {
    readonly value: string;
    readonly options: readonly Option[];
    readonly onChange: (value: string) => void;
    readonly autoFocus?: boolean;
  },
) {
  const id = useId();
  const error = useRefusal(props.name, props.value === "" || props.value.endsWith(":"));
  const known = props.options.some((option) => option.value === props.value);
  return (
    <Field id={id} label={props.label} error={error}>
      <select
        id={id}
        value={props.value}
        onChange={(event) => props.onChange(event.target.value)}
        aria-invalid={error ? true : undefined}
        aria-describedby={error ? `${id}-error` : undefined}
        // biome-ignore lint/a11y/noAutofocus: the form opens because its first field is wanted
        autoFocus={props.autoFocus}
      >
        {!known && <option value={props.value}>{props.value}</option>}
        {props.options.map((option) => (
          <option key={option.value} value={option.value}>
            {option.text}
          </option>
        ))}
      </select>
    </Field>
  );
}

export function CheckField(props: { readonly label: string; readonly checked: boolean; readonly onChange: (checked: boolean) => void }) {
  return (
    <label className="check-field">
      <input type="checkbox" checked={props.checked} onChange={(event) => props.onChange(event.target.checked)} />
      {props.label}
    </label>
  );
}
