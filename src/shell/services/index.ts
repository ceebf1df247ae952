/** Programs that listen: what images run, and what the machines of the stage offer. Each is an operation that lasts until interrupted. */
export { serveDns } from "./dns-server.ts";
export { filesUnder, firstOf, onePage, WELCOME_TO_NGINX } from "./pages.ts";
export type { ServiceOwner } from "./service.ts";
export { everywhere, serveWeb } from "./web-server.ts";
