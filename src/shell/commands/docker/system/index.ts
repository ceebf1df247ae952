/** `docker system …`, `docker info`, `docker events`, `docker version`. */
import type { Group } from "../verb.ts";
import { eventsVerb } from "./events.ts";
import { infoVerb } from "./info.ts";
import { dfVerb, systemPruneVerb } from "./usage.ts";

export const systemGroup: Group = { name: "system", summary: "Manage Docker", verbs: [dfVerb, eventsVerb, infoVerb, systemPruneVerb] };
