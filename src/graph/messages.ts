/** What the picture says; messages.ko.ts says the same in Korean. Words in {{braces}} are filled in. */
import { filled } from "../i18n/filled.ts";

const en = {
  "graph.label": "The network",
  "graph.help":
    "Arrow keys go from one thing to the next, with Shift they move it. Enter opens its menu, Space adds it to the selection, Delete removes it or unplugs the cable, S stops and starts, Control C and Control V copy, Control A selects everything, Tab goes on to the cables.",
  "graph.kernel": "one Linux kernel, {{count}} network namespaces",
  "graph.kernelOne": "one Linux kernel, one network namespace",
  "graph.hostNetns": "the host's own netns",
  "graph.sharedNetns": "one shared netns",
  "graph.alias": "alias: {{alias}}",
  "graph.noNetwork": "lo only",
  "graph.noAddress": "no address",
  "graph.hostMode": "host's interfaces",
  "graph.moreContainers": "{{count}} containers",

  "graph.state.created": "created",
  "graph.state.running": "running",
  "graph.state.paused": "paused",
  "graph.state.restarting": "restarting",
  "graph.state.exited": "exited ({{code}})",
  "graph.state.dead": "dead",
  "graph.state.removing": "being removed",

  "graph.bar.bridge": "bridge",
  "graph.bar.through": "{{driver}} on {{parent}} · no bridge",
  "graph.bar.internal": "internal",
  "graph.bar.dns": "DNS 127.0.0.11",
  "graph.bar.ports": "ports: {{count}}",
  "graph.bar.pool": "{{taken}} of {{size}}",
  "graph.bar.noSubnet": "no subnet",

  "graph.nic.host": "host NIC",
  "graph.nic.parent": "{{driver}} parent",
  "graph.nic.barrier": "Parent and children never talk to each other",
  "graph.nic.more": "{{count}} more",
  "graph.nic.noAddress": "no address",

  "graph.stack": "host stack",
  "graph.stack.open": "Open the host's stack",
  "graph.stack.close": "Close the host's stack",
  "graph.stack.route": "routing",
  "graph.stack.routing": "Routing",
  "graph.stack.netfilter": "Netfilter",
  "graph.stack.conntrack": "Connection tracking",
  "graph.stack.none": "nothing",

  "graph.machine.router": "router · NAT · DNS",
  "graph.machine.internet": "internet",
  "graph.machine.lan": "LAN {{subnet}}",

  "graph.link.down": "down",
  "graph.link.noCarrier": "no carrier",
  "graph.link.unplugged": "not plugged in",
  "graph.drop": "dropped",
  "graph.delivered": "arrived",

  "graph.say.container": "Container {{name}}, image {{image}}, {{state}}. {{interfaces}}",
  "graph.say.shared": "Shares its netns with {{names}}.",
  "graph.say.hostMode": "In the host's own netns.",
  "graph.say.none": "No network but lo.",
  "graph.say.interface": "{{name}} {{address}} on {{network}}",
  "graph.say.unconnected": "nothing",
  "graph.say.bridge":
    "Bridge network {{name}}, device {{device}}, {{subnet}}, ports in use: {{ports}}, addresses taken: {{taken}} of {{size}}",
  "graph.say.looseBridge": "Bridge {{device}}, ports in use: {{ports}}",
  "graph.say.through": "{{driver}} network {{name}}, {{subnet}}, parent {{parent}}, addresses taken: {{taken}} of {{size}}",
  "graph.say.nic": "Interface {{name}} of {{machine}}, {{address}}. {{ports}}",
  "graph.say.published": "Published: {{ports}}.",
  "graph.say.stack": "Network stack of {{machine}}: prerouting, routing, forward, postrouting",
  "graph.say.host": "Docker host {{name}}",
  "graph.say.machine": "{{name}}, {{address}}",
  "graph.say.cable": "Cable from {{from}} to {{to}}, {{state}}",
  "graph.say.end": "{{device}} of {{node}}",
  "graph.say.up": "up",
  "graph.say.connections": "Cables",

  "graph.do.terminal": "Open a terminal",
  "graph.do.inspect": "Inspect",
  "graph.do.ping": "Ping from here…",
  "graph.do.start": "Start",
  "graph.do.stop": "Stop",
  "graph.do.restart": "Restart",
  "graph.do.pause": "Pause",
  "graph.do.unpause": "Unpause",
  "graph.do.remove": "Remove",
  "graph.do.connect": "Connect to…",
  "graph.do.disconnect": "Disconnect from {{network}}",
  "graph.do.move": "Move to…",
  "graph.do.copy": "Copy",
  "graph.do.pull": "Drag this end off to unplug it, or into another network",
  "graph.selected": "{{count}} selected",
  "graph.do.publish": "Publish a port…",
  "graph.do.alias": "Set an alias on {{network}}…",
  "graph.do.cut": "Set the link down ({{device}})",
  "graph.do.uncut": "Set the link up ({{device}})",
  "graph.do.addHere": "Add a container here…",
  "graph.do.addContainer": "Add a container…",
  "graph.do.addNetwork": "Add a network…",
  "graph.do.removeNetwork": "Remove the network",
  "graph.do.tidyNode": "Put it back where it was",
  "graph.do.tidy": "Tidy up",
  "graph.do.fit": "Show everything",
  "graph.do.zoomIn": "Zoom in",
  "graph.do.zoomOut": "Zoom out",
  "graph.do.menu": "Menu of {{name}}",
  "graph.do.cable": "Drag onto a network to connect",
  "graph.do.dragPing": "Drag onto another to ping it",
  "graph.hint.cancel": "Esc cancels",
} as const;

export type GraphMessageKey = keyof typeof en;

export const graphMessages = { en, ko: async () => (await import("./messages.ko.ts")).ko };

/** Says a message: what `useTranslate` of i18n/ gives. */
export type Say = (key: GraphMessageKey | (string & {}), parameters?: Readonly<Record<string, string | number>>) => string;

/** The English defaults, for where no translation is handed in. */
export const sayEnglish: Say = (key, parameters = {}) => filled(en[key as GraphMessageKey] ?? key, parameters);
