/** Properties draw from one seed, so that the same tree gives the same verdict; `SEED=7 npm test -- unit` draws others. */
import fc from "fast-check";

fc.configureGlobal({ seed: Number(process.env.SEED ?? 1) });
