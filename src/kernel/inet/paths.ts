/** What was learned about single destinations: path MTUs and better gateways (struct fib_nh_exception, RFC 1191, RFC 8201). */
import type { Ip } from "../address.ts";
import type { Netns } from "../netns.ts";

const SECOND = 1_000_000;
/** Below this nothing is learned about an IPv6 path: every link carries so much. */
const IPV6_MIN_MTU = 1280;
/** Destinations remembered. */
const BOUND = 2048;

export class Paths {
  readonly netns: Netns;
  #mtus = new Map<Ip, { readonly mtu: number; readonly expires: number }>();
  #gateways = new Map<Ip, Ip>();

  constructor(netns: Netns) {
    this.netns = netns;
  }

  /** A router said that packets to `dst` must not be larger. Forgotten after mtu_expires seconds. */
  learnMtu(dst: Ip, mtu: number): void {
    const { sysctl, kernel } = this.netns;
    const four = typeof dst === "number";
    const least = four ? sysctl.number("net.ipv4.route.min_pmtu") : IPV6_MIN_MTU;
    const seconds = sysctl.number(four ? "net.ipv4.route.mtu_expires" : "net.ipv6.route.mtu_expires");
    if (this.#mtus.size >= BOUND) this.#mtus.clear();
    this.#mtus.set(dst, { mtu: Math.max(mtu, least), expires: kernel.clock.now + seconds * SECOND });
  }

  /** The MTU learned for a destination in bytes, undefined when none. */
  mtuTo(dst: Ip): number | undefined {
    if (this.#mtus.size === 0) return undefined;
    const known = this.#mtus.get(dst);
    if (!known) return undefined;
    if (this.netns.kernel.clock.now < known.expires) return known.mtu;
    this.#mtus.delete(dst);
    return undefined;
  }

  /** When what was learned of a destination's MTU is forgotten, in µs; undefined when nothing was. */
  expiryOf(dst: Ip): number | undefined {
    return this.mtuTo(dst) === undefined ? undefined : this.#mtus.get(dst)?.expires;
  }

  /** A gateway said that another one is nearer. */
  learnGateway(dst: Ip, gateway: Ip): void {
    if (this.#gateways.size >= BOUND) this.#gateways.clear();
    this.#gateways.set(dst, gateway);
    this.netns.inet.fib.invalidate();
  }

  gatewayTo(dst: Ip): Ip | undefined {
    return this.#gateways.size === 0 ? undefined : this.#gateways.get(dst);
  }

  /** Routes or devices have changed: what was learned may no longer hold. */
  forget(): void {
    this.#mtus.clear();
    this.#gateways.clear();
  }
}
