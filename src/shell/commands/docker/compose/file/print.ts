/** A project in its canonical form, as `docker compose config` prints it. */
import { Document, isScalar, parse, Scalar, visit } from "yaml";
import type { Canonical, Project } from "./project.ts";

/** Dollars are doubled, so that what is printed may be read again. */
function escaped(value: Canonical): Canonical {
  if (typeof value === "string") return value.replaceAll("$", "$$$$");
  if (Array.isArray(value)) return value.map(escaped);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, escaped(one)]));
}

/** A service as YAML has it: a command line that is not given is not printed. */
function withoutNullCommands(service: Canonical): Canonical {
  return Object.fromEntries(
    Object.entries(service as { readonly [key: string]: Canonical }).filter(
      ([key, value]) => !((key === "command" || key === "entrypoint") && value === null),
    ),
  );
}

const some = (key: string, value: Canonical | undefined): { readonly [key: string]: Canonical } =>
  value === undefined ? {} : { [key]: value };

const section = <T extends { readonly canonical: Canonical }>(
  things: ReadonlyMap<string, T>,
  print: (value: Canonical) => Canonical = (value) => value,
): { readonly [key: string]: Canonical } => Object.fromEntries([...things].map(([key, thing]) => [key, print(thing.canonical)]));

/** Whether a plain word would be read as a number, a truth or nothing by YAML 1.1, in which single letters are truths too. */
const readsAsOther = (text: string): boolean => {
  if (!/^[\w.+:~-]*$/.test(text) || text.endsWith(":")) return false;
  const read: unknown = parse(text, { version: "1.1", strict: false });
  return read === null || typeof read === "number" || typeof read === "boolean";
};

/** Go's yaml writes double quotes around what would be read as something else, single ones around what cannot be plain. */
export function yamlText(value: Canonical): string {
  const document = new Document(value, { version: "1.1", aliasDuplicateObjects: false });
  visit(document, {
    Scalar: (_key, node) => {
      if (isScalar(node) && typeof node.value === "string" && readsAsOther(node.value)) node.type = Scalar.QUOTE_DOUBLE;
    },
  });
  return document.toString({
    singleQuote: true,
    indent: 2,
    indentSeq: true,
    lineWidth: 0,
    nullStr: "null",
    defaultStringType: "PLAIN",
    defaultKeyType: "PLAIN",
  });
}

export function printProject(project: Project, format: string): string {
  const networks = section(project.networks);
  // Go's struct of a network always has its IPAM, which JSON shows and YAML leaves out when it is empty.
  const withIpam = (network: Canonical): Canonical => {
    const { name, driver, driver_opts: options, ipam = {}, ...rest } = network as { readonly [key: string]: Canonical };
    return { ...some("name", name), ...some("driver", driver), ...some("driver_opts", options), ipam, ...rest };
  };
  const volumes = section(project.volumes);
  const more = (key: string, value: { readonly [key: string]: Canonical }): { readonly [key: string]: Canonical } =>
    Object.keys(value).length > 0 ? { [key]: value } : {};
  if (format === "json") {
    const document = {
      name: project.name,
      ...more("networks", section(project.networks, withIpam)),
      services: section(project.services),
      ...more("volumes", volumes),
      ...project.extensions,
    };
    return `${JSON.stringify(escaped(document), null, 2)}\n`;
  }
  const document = {
    ...(project.name === "" ? {} : { name: project.name }),
    services: section(project.services, withoutNullCommands),
    ...more("networks", networks),
    ...more("volumes", volumes),
    ...project.extensions,
  };
  return yamlText(escaped(document));
}
