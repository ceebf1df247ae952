/**
 * br_netfilter (net/bridge/br_netfilter_hooks.c): shows bridged IP packets to iptables as if they were routed, with the
 * bridge as -i and -o and the ports as physical devices. This is why rules in FORWARD part containers of one bridge.
 */
import { fragment } from "../inet/fragment.ts";
import type { Skb } from "../skb.ts";
import { ipLength } from "../wire/length.ts";
import type { EthernetHeader, IpPacket } from "../wire/packet.ts";
import type { Bridge } from "./bridge.ts";
import type { BridgePort } from "./bridge-port.ts";
import { traceDevice } from "./hops.ts";

/** Whether a frame that a bridge has got is shown to iptables: it holds IP, somebody has rules, and the sysctl says so. */
export function callsNetfilter(bridge: Bridge, skb: Skb): boolean {
  const { packet } = skb;
  if (packet.kind !== "ip" || skb.eth?.vlan !== undefined) return false;
  const four = typeof packet.dst === "number";
  const { netfilter, sysctl } = bridge.netns;
  if (!netfilter.active(four ? 4 : 6)) return false;
  return sysctl.number(four ? "net.bridge.bridge-nf-call-iptables" : "net.bridge.bridge-nf-call-ip6tables") !== 0;
}

/**
 * PREROUTING for a frame that came in by a port (br_nf_pre_routing and _finish). False: it is dropped or has been sent on
 * another way. A destination that DNAT has changed is bridged on when it lies behind this bridge, else goes up to be routed.
 */
export function bridgedPrerouting(bridge: Bridge, skb: Skb, port: BridgePort): boolean {
  const { netns } = bridge;
  const { dst } = skb.packet as IpPacket;
  skb.physIn = port.device;
  skb.dev = bridge;
  const { body } = skb.packet as IpPacket;
  // Connection tracking sees whole packets only (nf_defrag); on the way out they are cut again.
  if (body.kind === "fragment" && !netns.inet.reassembly.collect(skb, skb.packet as IpPacket, body)) return false;
  if (netns.netfilter.hook("PREROUTING", skb, bridge, undefined) === "drop") return false;
  const packet = skb.packet as IpPacket;
  if (packet.dst === dst) return true;
  const eth = skb.eth as EthernetHeader;
  const toHost = (): boolean => {
    skb.eth = { src: eth.src, dst: bridge.mac, type: eth.type };
    return true;
  };
  if (netns.isLocal(packet.dst)) return toHost();
  const found = netns.inet.fib.lookup(packet.dst, packet.src);
  if (found?.dev !== bridge) {
    if (found?.dev) return toHost();
    if (netns.kernel.trace.hops) traceDevice(bridge, skb, "bridge", "drop", "no-route");
    return false;
  }
  const mac = netns.inet.neighbours.get(found.nextHop, bridge)?.mac;
  if (mac !== undefined) {
    skb.eth = { src: eth.src, dst: mac, type: eth.type };
    return true;
  }
  netns.inet.neighbours.output(skb, bridge, found.nextHop);
  return false;
}

/** FORWARD and POSTROUTING for a frame that is about to leave by another port (br_nf_forward, br_nf_post_routing). */
export function bridgedForward(bridge: Bridge, skb: Skb, port: BridgePort): boolean {
  const { netfilter } = bridge.netns;
  skb.dev = bridge;
  skb.physOut = port.device;
  if (netfilter.hook("FORWARD", skb, bridge, bridge) === "drop") return false;
  return netfilter.hook("POSTROUTING", skb, undefined, bridge) !== "drop";
}

/** The frames to send for one that has passed the hooks: its pieces when it was put together here (br_nf_dev_queue_xmit). */
export function cutAgain(skb: Skb, port: BridgePort): readonly Skb[] {
  const packet = skb.packet as IpPacket;
  if (packet.df || ipLength(packet) <= port.device.mtu) return [skb];
  return fragment(packet, port.device.mtu).map((piece) => {
    const part = skb.clone();
    part.packet = piece;
    return part;
  });
}
