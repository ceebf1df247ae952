#!/usr/bin/env node
/** npm run soak -- [COMMANDS] [SEED]: types so many random commands and looks for what does not hold. Prints the seed. */
import { installPackages } from "./prepare.mjs";
import { importTs } from "./run-ts.mjs";

installPackages();
const [commands = 100_000, seed = Math.floor(Math.random() * 2 ** 31)] = process.argv.slice(2).map(Number);
process.stdout.write(`seed ${seed}\n`);
process.exit((await importTs("test/model/soak.ts")).soak(commands, seed) ? 0 : 1);
