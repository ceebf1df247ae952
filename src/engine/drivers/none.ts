/** The null driver, of the network "none": a netns with nothing but loopback. */
import { SpecialDriver } from "./special.ts";

export class NoneDriver extends SpecialDriver {
  readonly name = "null";
}
