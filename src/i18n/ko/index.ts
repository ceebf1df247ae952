/** Everything in Korean: loaded when Korean is chosen. */
import { catalogue } from "./catalogue.ts";
import { packets } from "./packets.ts";
import { reasons } from "./reasons.ts";
import { scenes } from "./scenes.ts";

export { withParticles } from "./particles.ts";

export const korean: Readonly<Record<string, string>> = { ...catalogue, ...reasons, ...packets, ...scenes };
