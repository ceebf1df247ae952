/** `docker inspect` and its kin: documents, or a template over each. */
import type { Json } from "../../../engine/engine.ts";
import { EngineError } from "../../../engine/types.ts";
import type { Process } from "../../command.ts";
import { renderText, toJson, type Value } from "./template/execute.ts";
import { TemplateError } from "./template/lexer.ts";

/** Prints what was found for each reference; the first that was not is told at the end, with status 1. */
export function printDocuments(
  process: Process,
  references: readonly string[],
  find: (reference: string) => Json | EngineError,
  format: string | undefined,
  tell: (error: EngineError, reference: string) => string,
): number {
  const found: Json[] = [];
  const errors: string[] = [];
  for (const reference of references) {
    const document = find(reference);
    if (document instanceof EngineError) errors.push(tell(document, reference));
    else found.push(document);
  }
  let status = errors.length > 0 ? 1 : 0;
  if (format === undefined || format === "") process.stdout.write(found.length === 0 ? "[]\n" : `${JSON.stringify(found, null, 4)}\n`);
  else if (format === "json") process.stdout.write(`${toJson(found as Value)}\n`);
  else {
    for (const document of found) {
      const text = renderText(format, document as Value);
      if (text instanceof TemplateError) {
        process.stdout.write("\n");
        errors.unshift(`template parsing error: ${text.message}`);
        status = 1;
        break;
      }
      process.stdout.write(`${text}\n`);
    }
    if (found.length === 0) process.stdout.write("\n");
  }
  for (const error of errors) process.stderr.write(`${error}\n`);
  return status;
}
