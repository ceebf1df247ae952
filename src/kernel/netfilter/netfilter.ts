/**
 * Tables, chains and rules of one netns, both families, and the walk through them at each hook (net/netfilter, as
 * iptables-nft programs it). `hook` is the packet's way in, `command` the administrator's and the engine's.
 */
import { type Family, formatIp } from "../address.ts";
import type { NetDevice } from "../device/device.ts";
import type { Netns } from "../netns.ts";
import type { Skb } from "../skb.ts";
import { WaitQueue } from "../task.ts";
import type { Decision, DropReason, HopPoint } from "../trace.ts";
import type { IpPacket } from "../wire/packet.ts";
import { runCommand } from "./command.ts";
import { type Connection, ConntrackTable } from "./conntrack.ts";
import { IptablesError } from "./extension.ts";
import { saveRule } from "./list.ts";
import { isMapped, type Manip, setUpNullBinding, translate } from "./nat.ts";
import { type Chain, type Rule, Table } from "./table.ts";
import { destinationPort, isIcmpError, sourcePort, wholeBody } from "./tuple.ts";
import type { Hook, TableName } from "./types.ts";
import { PacketView } from "./view.ts";

export { IptablesError };

/** What a hook says of a packet. One that REJECT has answered is dropped like any other. */
export type Verdict = "accept" | "drop";

/** A line of the kernel log: virtual time in µs, and the text without the time in front. */
export interface LogLine {
  readonly at: number;
  readonly text: string;
}

/** One thing that happens at a hook, in the order of priorities (enum nf_ip_hook_priorities). */
type Step =
  | { readonly does: "chain"; readonly chain: Chain }
  | { readonly does: "track" }
  | { readonly does: "nat"; readonly chain: Chain; readonly manip: Manip }
  | { readonly does: "confirm" };

type Plan = Readonly<Record<Hook, readonly Step[]>>;

interface FamilyState {
  readonly family: Family;
  /** Made when somebody first asks for them: most netns never have rules. */
  readonly tables: Partial<Record<TableName, Table>>;
  /** Rules that need connection tracking; NAT's rules count. */
  trackers: number;
  /** NAT's hooks stay once a rule has called for them: what is mapped goes on being translated after a flush. */
  natHooks: boolean;
  plan: Plan | undefined;
  active: boolean;
}

const MAX_LOG_LINES = 1_000;

/** Numbers, so that the walk compares and returns small integers. */
const CONTINUE = 0;
const ACCEPT = 1;
const DROP = 2;
const RETURN = 3;

const STATE_WORDS: Readonly<Record<NonNullable<Skb["ctInfo"]>, string>> = {
  new: "NEW",
  established: "ESTABLISHED",
  reply: "ESTABLISHED",
  related: "RELATED",
  "related-reply": "RELATED",
  invalid: "INVALID",
  untracked: "UNTRACKED",
};

const newFamily = (family: Family): FamilyState => ({
  family,
  tables: {},
  trackers: 0,
  natHooks: false,
  plan: undefined,
  active: false,
});

export class Netfilter {
  readonly netns: Netns;
  readonly conntrack: ConntrackTable;
  /** Lines of LOG and of refused rules; only the initial netns of a machine has a log (nf_log_all_netns is off). */
  readonly log: LogLine[] = [];
  /** Woken when a line has been logged: `dmesg --follow`. */
  readonly logged = new WaitQueue();
  #v4 = newFamily(4);
  #v6 = newFamily(6);
  /** Views by depth: REJECT sends a packet while another is being judged. */
  #views: PacketView[] = [];
  #depth = 0;
  /** The connection that an answer belongs to while it is being sent (nf_ct_attach). */
  #attach: { readonly connection: Connection; readonly reply: boolean } | undefined;

  constructor(netns: Netns) {
    this.netns = netns;
    this.conntrack = new ConntrackTable(netns);
  }

  /**
   * Runs a hook's tables in priority order: raw (conntrack after it), mangle, nat, filter; confirms at the end of INPUT
   * and POSTROUTING. NAT and MARK rewrite `skb` in place. `indev`/`outdev` are what -i and -o see. Costs nothing where no
   * rule and no conntrack is wanted.
   */
  hook(hook: Hook, skb: Skb, indev: NetDevice | undefined, outdev: NetDevice | undefined): Verdict {
    const { packet } = skb;
    if (packet.kind !== "ip") return "accept";
    const state = typeof packet.dst === "number" ? this.#v4 : this.#v6;
    const plan = state.plan ?? this.#makePlan(state);
    if (!state.active) return "accept";
    const steps = plan[hook];
    if (steps.length === 0) return "accept";
    const depth = this.#depth++;
    let view = this.#views[depth];
    if (!view) {
      view = new PacketView(this.netns, this.conntrack);
      this.#views.push(view);
    }
    view.set(skb, packet, hook, indev, outdev, state.trackers > 0);
    let verdict: Verdict = "accept";
    for (const step of steps) {
      verdict = this.#run(step, view);
      if (verdict === "drop") break;
    }
    this.#depth = depth;
    return verdict;
  }

  /** Whether any hook of this family has rules or conntrack to run: lets callers skip the calls. */
  active(family: Family): boolean {
    const state = this.#state(family);
    if (!state.plan) this.#makePlan(state);
    return state.active;
  }

  /** Whether connections of this family are tracked: a rule needs it. */
  tracks(family: Family): boolean {
    return this.#state(family).trackers > 0;
  }

  /**
   * Carries out one iptables (or ip6tables) command line without the program's name, as words: ["-t","nat","-A",…].
   * This is how the engine programs its rules and how the shell's command does; listing (-L, -S) gives its text.
   */
  command(family: Family, words: readonly string[]): string | IptablesError {
    return runCommand(this, family, words, family === 4 ? "iptables" : "ip6tables");
  }

  /** Rule numbers and texts of a chain as `-S` prints them, without counters; undefined when there is no such chain. */
  rules(family: Family, table: TableName, chain: string): readonly string[] | undefined {
    return this.table(family, table)
      .chains.get(chain)
      ?.rules.map((rule) => saveRule({ name: chain }, rule, false));
  }

  table(family: Family, name: TableName): Table {
    const { tables } = this.#state(family);
    tables[name] ??= new Table(family, name);
    return tables[name];
  }

  /** Puts a rule into a chain at an index (0 first) and tells the trace. */
  insertRule(table: Table, chain: Chain, index: number, rule: Rule): void {
    chain.insert(index, rule);
    chain.created = true;
    this.#count(table, rule, 1);
    this.changed(table);
    this.#tell("rule-inserted", table, { chain: chain.name, number: index + 1, rule: rule.spec.text });
  }

  removeRule(table: Table, chain: Chain, index: number): void {
    const rule = chain.removeAt(index);
    this.#count(table, rule, -1);
    this.changed(table);
    this.#tell("rule-deleted", table, { chain: chain.name, number: index + 1, rule: rule.spec.text });
  }

  /** Takes all rules out of a chain. */
  flushChain(table: Table, chain: Chain): void {
    if (chain.rules.length === 0) return;
    for (const rule of chain.rules) this.#count(table, rule, -1);
    chain.clear();
    this.changed(table);
    this.#tell("chain-flushed", table, { chain: chain.name });
  }

  setPolicy(table: Table, chain: Chain, policy: Chain["policy"]): void {
    chain.created = true;
    const before = chain.policy;
    chain.policy = policy;
    this.changed(table);
    if (before !== policy) this.#tell("policy-changed", table, { chain: chain.name, policy });
  }

  addChain(table: Table, chain: Chain): void {
    table.chains.set(chain.name, chain);
    table.touched = true;
    this.#tell("chain-created", table, { chain: chain.name });
  }

  removeChain(table: Table, chain: Chain): void {
    table.chains.delete(chain.name);
    this.#tell("chain-deleted", table, { chain: chain.name });
  }

  /** Has the hooks' plan made anew before the next packet. */
  changed(table: Table): void {
    table.touched = true;
    this.#state(table.family).plan = undefined;
  }

  /** Sends an answer to `skb` so that it belongs to the same connection and is translated with it (nf_ct_attach). */
  answering(skb: Skb, send: () => void): void {
    const connection = skb.conntrack as Connection | undefined;
    // The answer goes against the packet's own direction.
    this.#attach = connection && { connection, reply: skb.ctInfo !== "reply" && skb.ctInfo !== "related-reply" };
    send();
    this.#attach = undefined;
  }

  /** A device went down or lost an address: what was masqueraded by it is forgotten. */
  deviceDown(device: NetDevice): void {
    this.conntrack.forgetMasqueraded(device);
  }

  addressRemoved(device: NetDevice, address: number | bigint): void {
    this.conntrack.forgetMasqueraded(device, address);
  }

  /** Writes a line of LOG into the machine's kernel log; in other netns than the initial one it is let go. */
  logLine(text: string): void {
    if (this.netns.initial) this.#write(text);
  }

  /** Writes a line into the kernel log of this netns's machine, whoever in it was the reason. */
  kernelMessage(text: string): void {
    for (const netns of this.netns.kernel.netns.values())
      if (netns.initial && netns.machine === this.netns.machine) netns.netfilter.#write(text);
  }

  #write(text: string): void {
    this.log.push({ at: this.netns.kernel.clock.now, text });
    if (this.log.length > MAX_LOG_LINES) this.log.shift();
    this.logged.wake();
  }

  #state(family: Family): FamilyState {
    return family === 4 ? this.#v4 : this.#v6;
  }

  #count(table: Table, rule: Rule, by: 1 | -1): void {
    const state = this.#state(table.family);
    // Chains of the nat table alone track nothing: what maps or asks for a state does (nf_ct_netns_get).
    if (rule.spec.parts.conntrack) state.trackers += by;
    if (table.name === "nat") state.natHooks = true;
  }

  #tell(what: string, table: Table, data: Record<string, string | number>): void {
    const { kernel, uid } = this.netns;
    kernel.trace.event(kernel.clock.now, what, uid, { family: table.family, table: table.name, ...data });
  }

  #makePlan(state: FamilyState): Plan {
    const { tables } = state;
    const tracked = state.trackers > 0;
    const chain = (name: TableName, hook: Hook): Step[] => {
      const base = tables[name]?.chains.get(hook);
      return base?.created && (base.rules.length > 0 || base.policy === "DROP" || name !== "nat") ? [{ does: "chain", chain: base }] : [];
    };
    const track: Step[] = tracked ? [{ does: "track" }] : [];
    const confirm: Step[] = tracked ? [{ does: "confirm" }] : [];
    const nat = (hook: Hook, manip: Manip): Step[] =>
      tracked && state.natHooks ? [{ does: "nat", chain: this.table(state.family, "nat").chains.get(hook) as Chain, manip }] : [];
    const filter = (hook: Hook): Step[] => [...chain("filter", hook), ...chain("security", hook)];
    const plan: Plan = {
      PREROUTING: [...chain("raw", "PREROUTING"), ...track, ...chain("mangle", "PREROUTING"), ...nat("PREROUTING", "DNAT")],
      INPUT: [...chain("mangle", "INPUT"), ...filter("INPUT"), ...nat("INPUT", "SNAT"), ...confirm],
      FORWARD: [...chain("mangle", "FORWARD"), ...filter("FORWARD")],
      OUTPUT: [...chain("raw", "OUTPUT"), ...track, ...chain("mangle", "OUTPUT"), ...nat("OUTPUT", "DNAT"), ...filter("OUTPUT")],
      POSTROUTING: [...chain("mangle", "POSTROUTING"), ...nat("POSTROUTING", "SNAT"), ...confirm],
    };
    state.plan = plan;
    state.active = Object.values(plan).some((steps) => steps.length > 0);
    return plan;
  }

  #run(step: Step, view: PacketView): Verdict {
    switch (step.does) {
      case "chain":
        return this.#runBase(step.chain, view);
      case "track":
        this.#track(view);
        return "accept";
      case "nat":
        return this.#nat(step.chain, step.manip, view);
      case "confirm":
        return this.#confirm(view);
    }
  }

  #runBase(chain: Chain, view: PacketView): Verdict {
    const result = this.#walk(chain, view);
    if (result === ACCEPT) return "accept";
    if (result === DROP) return "drop";
    chain.packets++;
    chain.bytes += view.length;
    const drops = chain.policy === "DROP";
    if (this.netns.kernel.trace.hops && (drops || chain.rules.length > 0)) {
      const { family } = this.#familyOf(view.packet);
      this.#hop(view, "netfilter", chain.policyDecision(family), view.packet, drops ? "netfilter-policy" : undefined);
    }
    return drops ? "drop" : "accept";
  }

  /** Walks a chain's rules (ipt_do_table, nft_do_chain). RETURN and the end of a user's chain both give CONTINUE. */
  #walk(chain: Chain, view: PacketView): number {
    const { rules } = chain;
    for (let i = 0; i < rules.length; i++) {
      const rule = rules[i] as Rule;
      const { spec } = rule;
      if (!spec.matches(view)) continue;
      rule.packets++;
      rule.bytes += view.length;
      const { action } = spec.parts;
      if (action.kind === "none") continue;
      if (action.kind === "chain") {
        const result = this.#walk(rule.jump as Chain, view);
        if (result !== CONTINUE) return result;
        // After a goto the way leads back to the caller of this chain, not to its next rule.
        if (action.goto) return CONTINUE;
        continue;
      }
      const before = view.packet;
      let result = RETURN;
      if (action.kind === "verdict") result = action.verdict === "ACCEPT" ? ACCEPT : action.verdict === "RETURN" ? RETURN : DROP;
      else {
        if (chain.table === "nat" && view.skb.conntrack) view.skb.conntrack.natRule = spec.text;
        const done = action.target.run(view);
        result = done === "accept" ? ACCEPT : done === "drop" ? DROP : CONTINUE;
        if (result === CONTINUE && !action.target.told) continue;
      }
      if (this.netns.kernel.trace.hops) this.#ruleHop(chain, rule, view, before, result === DROP);
      if (result === RETURN) return CONTINUE;
      if (result !== CONTINUE) return result;
    }
    return CONTINUE;
  }

  #track(view: PacketView): void {
    const { skb, packet } = view;
    if (skb.conntrack || skb.ctInfo === "untracked") return;
    if (this.#attach && view.hook === "OUTPUT") {
      skb.conntrack = this.#attach.connection;
      skb.ctInfo = this.#attach.reply ? "related-reply" : "related";
      this.#attach = undefined;
    } else this.conntrack.track(skb, packet);
    if (!this.netns.kernel.trace.hops) return;
    const entry = skb.conntrack as Connection | undefined;
    const state = STATE_WORDS[skb.ctInfo ?? "invalid"];
    this.#hop(view, "conntrack", entry?.decision(state) ?? { by: "conntrack", state, tuple: "" }, packet);
  }

  /** nf_nat_inet_fn(): chooses the mapping with a connection's first packet, and rewrites this packet by it. */
  #nat(chain: Chain, manip: Manip, view: PacketView): Verdict {
    const { skb } = view;
    const connection = skb.conntrack as Connection | undefined;
    const info = skb.ctInfo;
    if (!connection || info === "invalid" || info === "untracked") return "accept";
    const reply = info === "reply" || info === "related-reply";
    const { body } = view.packet;
    const first =
      info === "new" ||
      ((info === "related" || info === "related-reply") && !(body.kind === "icmp" && isIcmpError(view.packet.protocol, body)));
    if (first && !connection.natDone[manip]) {
      if (this.#runNatChain(chain, view) === "drop") return "drop";
      if (!connection.natDone[manip]) setUpNullBinding(this.conntrack, connection, manip);
    }
    if (!reply && view.hook === "POSTROUTING" && connection.masquerade && connection.masquerade !== view.outdev) {
      // The route has changed under a masqueraded connection: its address is another device's (nf_nat_oif_changed).
      this.conntrack.remove(connection);
      if (this.netns.kernel.trace.hops) this.#hop(view, "nat", connection.decision("INVALID"), view.packet, "conntrack-invalid");
      return "drop";
    }
    if (!isMapped(connection, manip, reply)) return "accept";
    const before = view.packet;
    view.replace(translate(before, connection, manip, reply));
    if (this.netns.kernel.trace.hops) {
      const decision: Decision = {
        by: "nat",
        kind: manip,
        from: describeEnd(before, manip),
        to: describeEnd(view.packet, manip),
        ...(connection.natRule ? { rule: connection.natRule } : {}),
      };
      this.#hop(view, "nat", decision, before);
    }
    return "accept";
  }

  #runNatChain(chain: Chain, view: PacketView): Verdict {
    if (!chain.created) return "accept";
    return this.#runBase(chain, view);
  }

  #confirm(view: PacketView): Verdict {
    const { skb } = view;
    if (skb.ctInfo !== "new" && skb.ctInfo !== "related" && skb.ctInfo !== "established") return "accept";
    if (this.conntrack.confirm(skb)) return "accept";
    if (this.netns.kernel.trace.hops)
      this.#hop(view, "conntrack", (skb.conntrack as Connection).decision("INVALID"), view.packet, "conntrack-invalid");
    return "drop";
  }

  #familyOf(packet: IpPacket): FamilyState {
    return typeof packet.dst === "number" ? this.#v4 : this.#v6;
  }

  #ruleHop(chain: Chain, rule: Rule, view: PacketView, before: IpPacket, drops: boolean): void {
    const number = chain.numberOf(rule);
    rule.decision ??= {
      by: "rule",
      family: rule.spec.parts.family,
      table: chain.table,
      chain: chain.name,
      number,
      rule: saveRule(chain, rule, false),
    };
    this.#hop(view, "netfilter", rule.decision, before, drops ? "netfilter-rule" : undefined);
  }

  #hop(view: PacketView, point: HopPoint, decision: Decision, before: IpPacket, reason?: DropReason): void {
    const { kernel, uid } = this.netns;
    const { skb, packet } = view;
    const device = view.outdev ?? view.indev;
    const after = packet === before ? undefined : packet;
    const verdict = reason ? "drop" : "pass";
    kernel.trace.hop(
      kernel.clock.now,
      skb.id,
      skb.cause,
      uid,
      device === undefined ? 0 : device.uid,
      point,
      verdict,
      reason,
      decision,
      skb.eth,
      before,
      after,
    );
  }
}

/** The end of a packet that NAT changes: "172.17.0.2:40000", an ICMP query with its id, an address alone. */
function describeEnd(packet: IpPacket, manip: Manip): string {
  const ip = manip === "SNAT" ? packet.src : packet.dst;
  const body = wholeBody(packet.body);
  if (body.kind !== "tcp" && body.kind !== "udp") return formatIp(ip);
  const port = manip === "SNAT" ? sourcePort(body) : destinationPort(body);
  return typeof ip === "number" ? `${formatIp(ip)}:${port}` : `[${formatIp(ip)}]:${port}`;
}
