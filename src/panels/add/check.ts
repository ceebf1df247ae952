/**
 * What the client or the engine would say to a form's line before it is run, and which field it is about: fields are put
 * into a line that is sound one after the other, and the one that turns it into a refused one is the one that is meant.
 */
import type { Machine } from "../../shell/command.ts";
import { refusalOfDockerLine } from "../../shell/commands/docker/check.ts";
import {
  type ConnectForm,
  type ContainerForm,
  choice,
  connectLine,
  createLine,
  EMPTY_CONTAINER,
  EMPTY_NETWORK,
  hasOwnNetwork,
  type NetworkChoice,
  type NetworkForm,
  plainWords,
  quote,
  runLine,
  words,
} from "./words.ts";

/** Refusals by field; "" is about the line as a whole. */
export type Refusals = Readonly<Record<string, string>>;

/** One field at a time: its name, and the form once it is filled in. */
type Step<F> = readonly [field: string, fill: (form: F) => F];

function blame<F>(start: F, steps: readonly Step<F>[], refusal: (form: F) => string | undefined): Refusals {
  const refused: Record<string, string> = {};
  let sound = start;
  for (const [field, fill] of steps) {
    const filled = fill(sound);
    const message = refusal(filled);
    if (message === undefined) sound = filled;
    // What is said once already stems from the field before.
    else if (!Object.values(refused).includes(message)) refused[field] ??= message;
  }
  return refused;
}

/** What a line of plain words would be refused with; undefined also for what only the shell can tell. */
export function refusalOfLine(machine: Machine, line: string): string | undefined {
  const removed = /^docker rm -f \S+ && /.exec(line)?.[0] ?? "";
  const reconnects = /^docker network disconnect \S+ \S+ && /.exec(line)?.[0] ?? "";
  const argv = plainWords(line.slice((removed || reconnects).length));
  if (argv?.[0] !== "docker" || argv.length < 2) return undefined;
  const refusal = refusalOfDockerLine(machine, argv, reconnects !== "");
  return removed && refusal && /already in use|already allocated/i.test(refusal) ? undefined : refusal;
}

/** An image that is always there to be run, and a name that nobody has. */
const SOUND_IMAGE = "busybox";
const SOUND_NAME = "vethlab-form-check";

/** What the container that a line replaces holds: free by the time the line makes the new one. */
export interface Replaced {
  readonly name: string;
  readonly ports: ReadonlySet<string>;
  readonly addresses: ReadonlySet<string>;
}

export function containerRefusals(machine: Machine, form: ContainerForm, replaced?: Replaced): Refusals {
  const start: ContainerForm = { ...EMPTY_CONTAINER, image: SOUND_IMAGE, how: form.how };
  const [first = choice("bridge"), ...others] = form.networks;
  const steps: Step<ContainerForm>[] = [
    ["image", (one) => ({ ...one, image: form.image })],
    ["name", (one) => ({ ...one, name: form.name === replaced?.name ? "" : form.name })],
    ["network0", (one) => ({ ...one, networks: [choice(first.network)] })],
  ];
  if (hasOwnNetwork(first.network)) {
    const own = (part: Partial<NetworkChoice>) => (one: ContainerForm) => ({
      ...one,
      networks: one.networks.map((network, i) => (i === 0 ? { ...network, ...part } : network)),
    });
    steps.push(
      ["ip0", own({ ip: replaced?.addresses.has(first.ip) ? "" : first.ip })],
      ["aliases0", own({ aliases: first.aliases })],
      ["mac0", own({ mac: first.mac })],
    );
    for (const [i, other] of others.entries()) {
      const beside = (part: Partial<NetworkChoice>) => (one: ContainerForm) => ({
        ...one,
        networks: [...one.networks.slice(0, 1), { ...choice(other.network), ...part }],
      });
      steps.push(
        [`network${i + 1}`, beside({})],
        [`ip${i + 1}`, beside({ ip: replaced?.addresses.has(other.ip) ? "" : other.ip })],
        [`aliases${i + 1}`, beside({ aliases: other.aliases })],
        [`mac${i + 1}`, beside({ mac: other.mac })],
      );
    }
    for (const port of words(form.ports))
      if (!replaced?.ports.has(port)) steps.push(["ports", (one) => ({ ...one, ports: `${one.ports} ${port}` })]);
  }
  steps.push(["extra", (one) => ({ ...one, extra: form.extra })]);
  return blame(start, steps, (one) => refusalOfLine(machine, runLine(one)));
}

export function networkRefusals(machine: Machine, form: NetworkForm): Refusals {
  const { internal, icc, masquerade } = form;
  const start: NetworkForm = { ...EMPTY_NETWORK, name: SOUND_NAME, internal, icc, masquerade };
  const refusal = (one: NetworkForm): string | undefined => refusalOfLine(machine, createLine(one));
  const steps: Step<NetworkForm>[] = [
    ["name", (one) => ({ ...one, name: form.name })],
    ["driver", (one) => ({ ...one, driver: form.driver })],
    ["parent", (one) => ({ ...one, parent: form.parent })],
    ["mode", (one) => ({ ...one, mode: form.mode })],
    [
      "subnet",
      (one) => {
        // A subnet may overlap another's as long as their ranges differ.
        const alone = { ...one, subnet: form.subnet };
        const both = { ...alone, range: form.range };
        return form.range !== "" && refusal(alone) !== undefined && refusal(both) === undefined ? both : alone;
      },
    ],
    ["range", (one) => ({ ...one, range: form.range })],
    ["gateway", (one) => ({ ...one, gateway: form.gateway })],
    ["aux", (one) => ({ ...one, aux: form.aux })],
    ["subnet6", (one) => ({ ...one, ipv6: form.ipv6, subnet6: form.subnet6 })],
    ["mtu", (one) => ({ ...one, mtu: form.mtu })],
    ["extra", (one) => ({ ...one, extra: form.extra })],
  ];
  return blame(start, steps, refusal);
}

export function connectRefusals(machine: Machine, form: ConnectForm): Refusals {
  const start: ConnectForm = { ...form, ip: "", aliases: "" };
  const refusal = (one: ConnectForm): string | undefined => refusalOfLine(machine, connectLine(one));
  return blame(
    start,
    [
      ["network", (one) => one],
      ["ip", (one) => ({ ...one, ip: form.ip })],
      ["aliases", (one) => ({ ...one, aliases: form.aliases })],
    ],
    refusal,
  );
}

/** The first default pool's subnet that nothing overlaps: what the engine would take. "" when it cannot be told. */
export function nextSubnet(machine: Machine): string {
  for (let second = 17; second <= 31; second++) {
    const subnet = `172.${second}.0.0/16`;
    if (refusalOfLine(machine, `docker network create --subnet=${quote(subnet)} ${SOUND_NAME}`) === undefined) return subnet;
  }
  return "";
}
