/** What host and none have in common: one network each, nothing to make (libnetwork/drivers/host, drivers/null). */
import type { EngineNetwork } from "../network/network.ts";
import { EngineError } from "../types.ts";
import type { NetworkDriver } from "./driver.ts";

export abstract class SpecialDriver implements NetworkDriver {
  abstract readonly name: string;
  readonly special = true;
  #network: EngineNetwork | undefined;

  checkOptions(): { skip4: boolean; skip6: boolean } {
    return { skip4: true, skip6: true };
  }

  createNetwork(network: EngineNetwork): EngineError | undefined {
    if (this.#network) return new EngineError(`only one instance of "${this.name}" network is allowed`, 403);
    this.#network = network;
    return undefined;
  }

  deleteNetwork(): void {}

  createEndpoint(): undefined {
    return undefined;
  }

  deleteEndpoint(): void {}

  join(): undefined {
    return undefined;
  }

  leave(): void {}

  programConnectivity(): undefined {
    return undefined;
  }

  revokeConnectivity(): void {}
}
