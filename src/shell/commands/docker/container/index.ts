/** `docker container …`, most of it also right after `docker`. */

import { exportVerb } from "../image/archive.ts";
import { commitVerb, diffVerb } from "../image/commit.ts";
import { documentVerb } from "../inspect.ts";
import type { Group } from "../verb.ts";
import { copyVerb } from "./copy.ts";
import { attachVerb, execVerb } from "./exec.ts";
import { lifeVerbs } from "./life.ts";
import { listVerb } from "./list.ts";
import { logsVerb } from "./logs.ts";
import { portVerb } from "./port.ts";
import { createVerb, runVerb } from "./run.ts";
import { statsVerb } from "./stats.ts";
import { topVerb } from "./top.ts";

export const containerGroup: Group = {
  name: "container",
  summary: "Manage containers",
  verbs: [
    runVerb,
    createVerb,
    listVerb,
    execVerb,
    attachVerb,
    logsVerb,
    portVerb,
    topVerb,
    statsVerb,
    commitVerb,
    copyVerb,
    diffVerb,
    exportVerb,
    ...lifeVerbs,
    documentVerb("container"),
  ],
};
