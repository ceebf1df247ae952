/** What would help a packet that ended. */

export const remedies = {
  "cure.title": "What would help",
  "cure.connect": "Docker keeps networks apart. Put {{container}} on {{network}} too:",
  "cure.publish": "From outside, {{container}} is reached by its published ports alone: docker run -p HOST:CONTAINER.",
  "cure.internal": "{{network}} is internal: nobody on it reaches the outside. Put {{container}} on another network too:",
  "cure.rule": "Delete the rule:",
  "cure.policy": "Add a rule that accepts it, or let the chain accept what no rule wants:",
  "cure.child":
    "{{dst}} is the parent's own host, which macvlan and ipvlan children never reach. Put {{container}} on a bridge too: there the host is {{gateway}}:",
  "cure.parent": "A parent never reaches its own children. Give the host a macvlan interface of its own beside {{container}}.",
  "cure.neighbour": "Nobody on {{network}} has {{dst}}, or its cable is unplugged. See who is there:",
  "cure.nobody": "Nobody here has {{dst}}: look whether it runs and is plugged in.",
  "cure.none": "{{container}} is on no network. Take it off none and connect it:",
  "cure.unplugged": "{{container}} is on no network. Connect it:",
  "cure.noRoute": "Add a route there, or a default route: ip route add.",
  "cure.route": "Delete the route:",
  "cure.up": "Bring {{dev}} up:",
  "cure.plug": "{{dev}} is not plugged into {{bridge}}. Plug it in:",
  "cure.cable": "Plug the cable in again.",
  "cure.forward": "Let it pass packets on:",
  "cure.filter": "Let {{dev}} take what it would not answer by itself:",
  "cure.netem": "Let {{dev}} lose nothing:",
  "cure.listen": "Start something that listens on this port. What listens now:",
  "cure.ttl": "The way is longer than its TTL, or goes in a circle: traceroute shows it.",
  "cure.mtu": "Send less at a time, or raise the MTU of {{dev}}.",
  "cure.name":
    "A container is called {{name}}, but only those on one user-defined network find each other by name. Put both on {{network}}:",
  "cure.noNames": "A container is called {{name}}, but the default bridge answers no names. Put both on a network of their own:",
} as const;

export type RemedyKey = keyof typeof remedies;
