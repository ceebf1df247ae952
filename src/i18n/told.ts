/** What is told of packets, events and addresses: comes with the first module that tells of them. */
import { addMessages } from "./index.ts";
import { packets } from "./packets.ts";
import { reasons } from "./reasons.ts";
import { remedies } from "./remedies.ts";
import { scenes } from "./scenes.ts";

await addMessages({ en: { ...packets, ...reasons, ...remedies, ...scenes }, ko: async () => (await import("./ko/told.ts")).told });
