/** Korean from the start: loaded when Korean is chosen. */
export { catalogue } from "./catalogue.ts";
export { withParticles } from "./particles.ts";
