/** What is told of packets, events and addresses, in Korean. */
import { packets } from "./packets.ts";
import { reasons } from "./reasons.ts";
import { remedies } from "./remedies.ts";
import { scenes } from "./scenes.ts";

export const told: Readonly<Record<string, string>> = { ...packets, ...reasons, ...remedies, ...scenes };
