/**
 * The API's documents, as `docker inspect`, `docker info` and `docker version` get them. They are readings of the engine,
 * which itself never needs them: whoever shows one asks here.
 */
import type { EngineContainer } from "../container/container.ts";
import type { DockerEngine } from "../engine.ts";
import type { StoredImage } from "../images/store.ts";
import type { EngineNetwork } from "../network/network.ts";
import type { Container, Image, Network } from "../types.ts";
import { containerDocument } from "./container.ts";
import { imageDocument } from "./image.ts";
import { infoDocument } from "./info.ts";
import type { Json } from "./json.ts";
import { networkDocument } from "./network.ts";

export { PROCESSORS, versionDocument } from "./info.ts";

export const inspectContainer = (engine: DockerEngine, container: Container): Json =>
  containerDocument(engine.parts, container as EngineContainer);

export const inspectNetwork = (engine: DockerEngine, network: Network): Json => networkDocument(engine.parts, network as EngineNetwork);

export const inspectImage = (engine: DockerEngine, image: Image): Json => imageDocument(engine.parts, image as StoredImage);

export const inspectEngine = (engine: DockerEngine): Json => infoDocument(engine.parts);
