/** The host driver: its containers use the host's own netns. */
import { SpecialDriver } from "./special.ts";

export class HostDriver extends SpecialDriver {
  readonly name = "host";
}
