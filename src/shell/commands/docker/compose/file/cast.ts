/** Texts that stand where a number or a truth is meant become one (compose-go/loader/interpolate.go). */
import { type Place, ruleFor } from "./place.ts";
import { ComposeError } from "./project.ts";
import type { Raw } from "./yaml.ts";

type Cast = (text: string, warn: (message: string) => void) => Raw | ComposeError;

const invalidSyntax = (parser: string, text: string): ComposeError =>
  new ComposeError(`strconv.${parser}: parsing ${JSON.stringify(text)}: invalid syntax`);

const whole =
  (parser: string): Cast =>
  (text) =>
    /^[-+]?\d{1,15}$/.test(text) ? Number(text) : invalidSyntax(parser, text);
const integer = whole("Atoi");
const integer64 = whole("ParseInt");
const decimal: Cast = (text) => (/^[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?$/i.test(text) ? Number(text) : invalidSyntax("ParseFloat", text));
const truth: Cast = (text, warn) => {
  const word = text.toLowerCase();
  if (word === "true" || word === "false") return word === "true";
  const yes = ["y", "yes", "on"].includes(word);
  if (!yes && !["n", "no", "off"].includes(word)) return new ComposeError(`invalid boolean: ${text}`);
  warn(`${JSON.stringify(text)} for boolean is not supported by YAML 1.2, please use \`${yes}\``);
  return yes;
};

const CASTS: Readonly<Record<string, Cast>> = {
  "services.*.cpu_count": integer64,
  "services.*.cpu_percent": decimal,
  "services.*.cpu_period": integer64,
  "services.*.cpu_quota": integer64,
  "services.*.cpus": decimal,
  "services.*.cpu_shares": integer64,
  "services.*.init": truth,
  "services.*.deploy.replicas": integer,
  "services.*.deploy.restart_policy.max_attempts": integer,
  "services.*.healthcheck.retries": integer,
  "services.*.healthcheck.disable": truth,
  "services.*.oom_kill_disable": truth,
  "services.*.oom_score_adj": integer64,
  "services.*.pids_limit": integer64,
  "services.*.ports.[].target": integer,
  "services.*.privileged": truth,
  "services.*.read_only": truth,
  "services.*.scale": integer,
  "services.*.stdin_open": truth,
  "services.*.tty": truth,
  "services.*.ulimits.*": integer,
  "services.*.ulimits.*.hard": integer,
  "services.*.ulimits.*.soft": integer,
  "services.*.volumes.[].read_only": truth,
  "services.*.volumes.[].volume.nocopy": truth,
  "networks.*.external": truth,
  "networks.*.internal": truth,
  "networks.*.attachable": truth,
  "networks.*.enable_ipv4": truth,
  "networks.*.enable_ipv6": truth,
  "volumes.*.external": truth,
};

/** The text as what is meant at its place; the error is told with the place. */
export function castAt(text: string, place: Place, warn: (message: string) => void): Raw | ComposeError {
  const value = ruleFor(CASTS, place)?.(text, warn) ?? text;
  if (!(value instanceof ComposeError)) return value;
  return new ComposeError(`error while interpolating ${place.join(".")}: failed to cast to expected type: ${value.message}`);
}
