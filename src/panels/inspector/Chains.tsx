/** Netfilter as a packet meets it, from PREROUTING to POSTROUTING: chains, what they jump to inside them, and who decided last. */
import { ArrowDown, Split } from "lucide-react";
import { type ReactNode, useState } from "react";
import type { Chain, Rule } from "../../kernel/netfilter/table.ts";
import type { Netns } from "../../kernel/netns.ts";
import { ActButton, Section } from "./parts.tsx";
import type { Place } from "./read/place.ts";
import {
  type Condition,
  chainActs,
  chainsAt,
  conditionsOf,
  hasRules,
  insertLine,
  type LastPacket,
  lastPackets,
  outcomeOf,
  policyKey,
  ruleActs,
  ruleKey,
  STATIONS,
  strayChains,
} from "./read/rules.ts";
import { bytes, count } from "./read/units.ts";
import { useSay } from "./useLive.ts";

type Family = 4 | 6;

/** Rules of a chain that are drawn before somebody asks for the rest. */
const SHOWN = 30;
/** Chains in chains that are drawn: the kernel knows no more either (NFT_JUMP_STACK_SIZE). */
const DEEPEST = 16;

interface Reading {
  readonly family: Family;
  readonly place: Place | undefined;
  readonly last: LastPacket | undefined;
}

export function Chains({
  netns,
  place,
  id,
  open = true,
}: {
  readonly netns: Netns;
  readonly place: Place | undefined;
  readonly id: string;
  readonly open?: boolean;
}) {
  const say = useSay();
  const [family, setFamily] = useState<Family>(4);
  return (
    <Section
      id={id}
      title={say("chains.title")}
      open={open}
      add={{ line: insertLine(family, { name: netns.initial ? "DOCKER-USER" : "INPUT", table: "filter" }), place }}
    >
      {() => (
        <>
          <fieldset className="insp-switch" aria-label={say("chains.family")}>
            {([4, 6] as const).map((one) => (
              <button key={one} type="button" aria-pressed={family === one} onClick={() => setFamily(one)}>
                IPv{one}
              </button>
            ))}
          </fieldset>
          <Flow netns={netns} family={family} place={place} />
        </>
      )}
    </Section>
  );
}

function Flow({ netns, family, place }: { readonly netns: Netns; readonly family: Family; readonly place: Place | undefined }) {
  const say = useSay();
  if (!hasRules(netns, family)) return <p className="quiet insp-quiet">{say("chains.none")}</p>;
  const reading: Reading = { family, place, last: lastPackets(netns.kernel.trace).of(netns, family) };
  const stray = strayChains(netns, family);
  return (
    <>
      <ol className="insp-flow">
        {STATIONS.map((station) =>
          station === "routing" ? (
            <li key={station} className="insp-station routing">
              <Split size={13} aria-hidden /> {say("chains.routing")}
            </li>
          ) : (
            <Station key={station} name={station} chains={chainsAt(netns, family, station)} reading={reading} />
          ),
        )}
      </ol>
      {stray.length > 0 && (
        <div className="insp-station">
          <p className="insp-station-name">{say("chains.stray")}</p>
          {stray.map((chain) => (
            <ChainView key={`${chain.table} ${chain.name}`} chain={chain} reading={reading} depth={0} />
          ))}
        </div>
      )}
    </>
  );
}

const STATION_WORDS = {
  PREROUTING: "chains.PREROUTING",
  INPUT: "chains.INPUT",
  FORWARD: "chains.FORWARD",
  OUTPUT: "chains.OUTPUT",
  POSTROUTING: "chains.POSTROUTING",
} as const;

function Station({
  name,
  chains,
  reading,
}: {
  readonly name: keyof typeof STATION_WORDS;
  readonly chains: readonly Chain[];
  readonly reading: Reading;
}) {
  const say = useSay();
  return (
    <li className={chains.length > 0 ? "insp-station" : "insp-station idle"}>
      <p className="insp-station-name">
        <ArrowDown size={12} aria-hidden /> <b className="mono">{name}</b> <span className="quiet">{say(STATION_WORDS[name])}</span>
      </p>
      {chains.map((chain) => (
        <ChainView key={chain.table} chain={chain} reading={reading} depth={0} />
      ))}
    </li>
  );
}

/** Whether the last packet was decided about in a chain or in one that it leads to. */
function isOnPath(chain: Chain, last: LastPacket | undefined, depth = 0): boolean {
  if (!last || depth > DEEPEST) return false;
  if (last.met.includes(policyKey(chain))) return true;
  return chain.rules.some(
    (rule) => last.met.includes(ruleKey(chain, rule)) || (rule.jump !== undefined && isOnPath(rule.jump, last, depth + 1)),
  );
}

function ChainView({ chain, reading, depth }: { readonly chain: Chain; readonly reading: Reading; readonly depth: number }) {
  const say = useSay();
  const [shown, setShown] = useState(SHOWN);
  const { family, place, last } = reading;
  const label = chain.hook ? `${chain.table}` : `${chain.table} ${chain.name}`;
  return (
    <div className={depth > 0 ? "insp-chain nested" : "insp-chain"}>
      {depth === 0 && (
        <p className="insp-chain-name">
          <span className="mono">{label}</span>
        </p>
      )}
      <ul>
        {chain.rules.slice(0, shown).map((rule) => (
          <RuleView key={ruleOrder(rule)} chain={chain} rule={rule} reading={reading} depth={depth} />
        ))}
      </ul>
      {chain.rules.length > shown && (
        <button type="button" className="insp-ref insp-quiet" onClick={() => setShown(shown + 300)}>
          {say("inspector.moreRows", { count: chain.rules.length - shown })}
        </button>
      )}
      <div className={verdictClass("insp-policy", last, policyKey(chain))}>
        {chain.hook ? (
          <>
            <span className="quiet">{say("chains.policy")}</span>{" "}
            <Target name={chain.policy} kind={chain.policy === "DROP" ? "drop" : "accept"} />
            <Counters packets={chain.packets} bytes={chain.bytes} />
          </>
        ) : (
          <span className="quiet">{say("chains.return")}</span>
        )}
        <span className="insp-acts">
          {chainActs(family, chain, place).map((act) => (
            <ActButton key={act.says} act={act} />
          ))}
        </span>
      </div>
    </div>
  );
}

/** A key for a rule that stays with it when others come and go. */
const orders = new WeakMap<Rule, number>();
let nextOrder = 1;
function ruleOrder(rule: Rule): number {
  const known = orders.get(rule);
  if (known !== undefined) return known;
  orders.set(rule, nextOrder);
  return nextOrder++;
}

const verdictClass = (base: string, last: LastPacket | undefined, key: string): string => {
  if (!last?.met.includes(key)) return base;
  const decided = last.met.at(-1) === key;
  return `${base} met${decided ? (last.dropped ? " decided dropped" : " decided") : ""}`;
};

function RuleView({
  chain,
  rule,
  reading,
  depth,
}: {
  readonly chain: Chain;
  readonly rule: Rule;
  readonly reading: Reading;
  readonly depth: number;
}) {
  const say = useSay();
  const { family, place, last } = reading;
  const [open, setOpen] = useState<boolean | undefined>();
  const { parts, text } = rule.spec;
  const outcome = outcomeOf(parts);
  const conditions = conditionsOf(parts);
  const jump = depth < DEEPEST ? rule.jump : undefined;
  // A chain that the last packet went through is open until somebody closes it.
  const isOpen = jump !== undefined && (open ?? isOnPath(jump, last));
  const key = ruleKey(chain, rule);
  const decided = last?.met.at(-1) === key;
  const target: ReactNode = <Target name={outcome.name} kind={outcome.kind} detail={outcome.detail} />;
  return (
    <li>
      <div className={verdictClass("insp-rule", last, key)} title={`-A ${chain.name} ${text}`}>
        <span className="insp-number mono">{chain.numberOf(rule)}</span>
        <span className="insp-conditions">
          {conditions.length === 0 ? (
            <span className="quiet">{say("rule.any")}</span>
          ) : (
            conditions.map((one, i) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: a rule's conditions never change
              <ConditionView key={i} condition={one} />
            ))
          )}
          {jump ? (
            <button type="button" className="insp-jump" aria-expanded={isOpen} onClick={() => setOpen(!isOpen)}>
              {target}
              <span className="insp-count">{jump.rules.length}</span>
            </button>
          ) : (
            target
          )}
          {decided && <span className="insp-decided">{say(last.dropped ? "chains.dropped" : "chains.decided")}</span>}
        </span>
        <Counters packets={rule.packets} bytes={rule.bytes} />
        <span className="insp-acts">
          {ruleActs(family, chain, rule, place).map((act) => (
            <ActButton key={act.says} act={act} />
          ))}
        </span>
      </div>
      {isOpen && jump && <ChainView chain={jump} reading={reading} depth={depth + 1} />}
    </li>
  );
}

function ConditionView({ condition }: { readonly condition: Condition }) {
  const say = useSay();
  const word = condition.word && say(`rule.${condition.word}`);
  return (
    <span className="insp-condition">
      {word && <span className="quiet">{word} </span>}
      {condition.not && <b title={say("rule.not")}>≠ </b>}
      <span className="mono">{condition.value}</span>
    </span>
  );
}

const Target = ({ name, kind, detail = "" }: { readonly name: string; readonly kind: string; readonly detail?: string }) =>
  name !== "" && (
    <span className={`insp-target ${kind}`}>
      {name}
      {detail && <span className="mono"> {detail}</span>}
    </span>
  );

function Counters({ packets, bytes: size }: { readonly packets: number; readonly bytes: number }) {
  return (
    <span className={packets === 0 ? "insp-counters mono none" : "insp-counters mono"}>
      {count(packets)} · {bytes(size)}
    </span>
  );
}
