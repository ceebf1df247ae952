/** JSON as iproute2's json_writer prints it: compact by default, with -p four columns a level after "[ {". */

export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json | undefined };

export function printJson(value: Json, pretty: boolean): string {
  return `${pretty ? prettyPrint(value, 0) : JSON.stringify(value)}\n`;
}

function prettyPrint(value: Json, depth: number): string {
  if (value === null || typeof value !== "object") return JSON.stringify(value);
  const indent = "    ".repeat(depth + 2);
  const outdent = "    ".repeat(depth);
  if (isList(value)) {
    if (value.length === 0) return "[ ]";
    if (value.every((item) => item === null || typeof item !== "object"))
      return `[ ${value.map((item) => JSON.stringify(item)).join(",")} ]`;
    return `[ ${value.map((item) => prettyPrint(item, depth)).join(",")} ]`;
  }
  const members = Object.entries(value).filter(([, member]) => member !== undefined);
  if (members.length === 0) return "{}";
  const lines = members.map(([key, member]) => `${indent}${JSON.stringify(key)}: ${prettyPrint(member as Json, depth + 2)}`);
  return `{\n${lines.join(",\n")}\n${outdent}    }`;
}

const isList = (value: Json): value is readonly Json[] => Array.isArray(value);
