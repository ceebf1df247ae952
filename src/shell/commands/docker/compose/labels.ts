/** What Compose writes on the things that it makes, and finds them by (pkg/api/labels.go). */
import type { DockerEngine, Filters } from "../../../../engine/engine.ts";
import type { Container, Network } from "../../../../engine/types.ts";

const LABEL = "com.docker.compose.";
export const PROJECT = `${LABEL}project`;
export const SERVICE = `${LABEL}service`;
export const NUMBER = `${LABEL}container-number`;
export const ONE_OFF = `${LABEL}oneoff`;
export const CONFIG_HASH = `${LABEL}config-hash`;
export const CONFIG_FILES = `${LABEL}project.config_files`;
export const WORKING_DIR = `${LABEL}project.working_dir`;
export const ENVIRONMENT_FILE = `${LABEL}project.environment_file`;
export const VERSION = `${LABEL}version`;
export const IMAGE = `${LABEL}image`;
export const DEPENDS_ON = `${LABEL}depends_on`;
export const REPLACE = `${LABEL}replace`;
export const SLUG = `${LABEL}slug`;
export const NETWORK = `${LABEL}network`;
export const VOLUME = `${LABEL}volume`;

export const COMPOSE_LABEL_VERSION = "2.40.3";

export const labelOf = (container: Container, label: string): string => container.spec.labels[label] ?? "";
export const serviceOf = (container: Container): string => labelOf(container, SERVICE);
export const numberOf = (container: Container): number => Number(labelOf(container, NUMBER)) || 0;
export const isOneOff = (container: Container): boolean => labelOf(container, ONE_OFF) === "True";

const byLabel = (...labels: readonly string[]): Filters => new Map([["label", labels]]);

/** The containers of a project, stopped ones too, newest first; one-off ones only when they are asked for. */
export function containersOf(engine: DockerEngine, project: string, oneOff = false): readonly Container[] {
  return engine.containers(true, byLabel(`${PROJECT}=${project}`)).filter((container) => oneOff || !isOneOff(container));
}

/** Those of one service, by number. */
export const containersOfService = (engine: DockerEngine, project: string, service: string): readonly Container[] =>
  containersOf(engine, project)
    .filter((container) => serviceOf(container) === service)
    .sort((a, b) => numberOf(a) - numberOf(b));

export const networksOf = (engine: DockerEngine, project: string): readonly Network[] => engine.networks(byLabel(`${PROJECT}=${project}`));

/** Everything that Compose has made. */
export const allContainers = (engine: DockerEngine): readonly Container[] => engine.containers(true, byLabel(PROJECT));
