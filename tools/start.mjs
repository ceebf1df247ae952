#!/usr/bin/env node
/** npm start: the page on a local port, rebuilt as its source changes. */
import { installPackages, root } from "./prepare.mjs";

installPackages();
const { createServer } = await import("vite");
const server = await createServer({ root, server: { open: process.argv.includes("--open") } });
await server.listen();
server.printUrls();
server.bindCLIShortcuts?.({ print: true });
