/** Values of driver options as Go's strconv reads them, with its errors. */
import { EngineError } from "../types.ts";

/** strconv.ParseBool. */
export function parseBool(text: string): boolean | undefined {
  if (["1", "t", "T", "TRUE", "true", "True"].includes(text)) return true;
  if (["0", "f", "F", "FALSE", "false", "False"].includes(text)) return false;
  return undefined;
}

export const parseError = (label: string, value: string, reason: string): EngineError =>
  new EngineError(`failed to parse ${label} value: ${value} (${reason})`);

export const boolError = (label: string, value: string): EngineError =>
  parseError(label, value, `strconv.ParseBool: parsing ${JSON.stringify(value)}: invalid syntax`);

export const intError = (label: string, value: string): EngineError =>
  parseError(label, value, `strconv.Atoi: parsing ${JSON.stringify(value)}: invalid syntax`);
