/** The client and server of the socket tools' tests, the server a router to a host at 203.0.113.80 (far). */
import { addDefault, addNetns, cable } from "../../../kernel/inet/stage.fixture.ts";
import type { Netns } from "../../../kernel/netns.ts";
import { Stage } from "../sockets/stage.fixture.ts";

export class RoutedStage extends Stage {
  readonly far: Netns = addNetns(this.kernel, "far");

  constructor() {
    super();
    cable(this.server.netns, "wan0", "203.0.113.1/24", this.far, "eth0", "203.0.113.80/24");
    addDefault(this.client.netns, "192.168.0.20");
    addDefault(this.far, "203.0.113.1");
    this.server.netns.sysctl.set("net.ipv4.ip_forward", "1");
  }
}
