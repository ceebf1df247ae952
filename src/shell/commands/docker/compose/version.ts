/** The version of Compose that this world's follows. */
export const COMPOSE_VERSION = "2.40.3-3";
