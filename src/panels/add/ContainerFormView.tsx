/** A container to run: image, networks with address and aliases, ports; told at once what the engine would refuse. */
import { Plus, X } from "lucide-react";
import { useMemo } from "react";
import { EngineError } from "../../engine/types.ts";
import { useWorkbench, useWorkbenchState } from "../context.ts";
import { IconButton } from "../IconButton.tsx";
import { containerRefusals, type Refusals, type Replaced } from "./check.ts";
import { FormFrame } from "./FormFrame.tsx";
import { type Option, SelectField, TextField } from "./fields.tsx";
import { useSay } from "./say.ts";
import { editForm, type OpenForm } from "./store.ts";
import { type ContainerForm, choice, freePublish, hasOwnNetwork, type NetworkChoice, runLine } from "./words.ts";

const IMAGES = [
  "ubuntu:18.04",
  "ubuntu",
  "debian",
  "alpine",
  "busybox",
  "nginx",
  "httpd",
  "redis",
  "postgres",
  "curlimages/curl",
  "nicolaka/netshoot",
];

export default function ContainerFormView({
  open,
  onRun,
}: {
  readonly open: OpenForm & { readonly form: ContainerForm };
  readonly onRun: () => void;
}) {
  const say = useSay();
  const workbench = useWorkbench();
  const picture = useWorkbenchState((state) => state.picture);
  const { form } = open;
  const [first = choice("bridge"), ...others] = form.networks;
  const shared = first.network.startsWith("container:");
  const ownNetns = hasOwnNetwork(first.network);
  const containers = [...picture.containers.values()];

  const replacedView = containers.find((container) => container.name === form.replaces);
  const replaced: Replaced | undefined = replacedView && {
    name: replacedView.name,
    ports: new Set(replacedView.published.flatMap((port) => [port, port.replace("/tcp", "")])),
    addresses: new Set(replacedView.endpoints.map((endpoint) => endpoint.ipv4)),
  };
  // biome-ignore lint/correctness/useExhaustiveDependencies: the engine's answer changes with the picture
  const refusals: Refusals = useMemo(() => containerRefusals(workbench.machine, form, replaced), [form, picture, workbench]);

  const set = (part: Partial<ContainerForm>): void => editForm(part);
  const setNetwork = (at: number, part: Partial<NetworkChoice>): void =>
    set({ networks: form.networks.map((network, i) => (i === at ? { ...network, ...part } : network)) });
  const hostPorts = new Set(containers.flatMap((container) => container.ports.map((port) => port.hostPort)));
  const exposed = workbench.engine.findImage(form.image)?.exposed.map((port) => port.replace("/tcp", "")) ?? [];
  const portOptions = (exposed.length > 0 ? exposed : ["80"]).map((port) =>
    freePublish(`${Number.parseInt(port, 10) < 1000 ? 8000 + Number.parseInt(port, 10) : Number.parseInt(port, 10)}:${port}`, hostPorts),
  );
  const networkOptions: readonly Option[] = [...picture.networks.values()].map((network) => ({
    value: network.name,
    text: network.pools[0] ? `${network.name} · ${network.pools[0].subnet}` : network.name,
  }));
  const nextFree = (network: string): string => {
    const found = workbench.engine.findNetwork(network);
    return found instanceof EngineError ? "" : (found.pools.find((pool) => pool.family === 4)?.next ?? "");
  };
  const unused = networkOptions.filter(({ value }) => hasOwnNetwork(value) && form.networks.every((one) => one.network !== value));
  const isMore = first.mac !== "" || form.command !== "" || form.extra !== "" || refusals.mac0 || refusals.extra;

  const ends = (network: NetworkChoice, at: number) => {
    const next = nextFree(network.network);
    return (
      <>
        <TextField
          name={`ip${at}`}
          label={say("form.ip")}
          value={network.ip}
          placeholder={next ? say("form.nextFreeIs", { value: next }) : say("form.nextFree")}
          options={next ? [next] : []}
          onChange={(ip) => setNetwork(at, { ip })}
        />
        <TextField
          name={`aliases${at}`}
          label={say("form.alias")}
          value={network.aliases}
          placeholder={say("form.aliasPlaceholder")}
          onChange={(aliases) => setNetwork(at, { aliases })}
        />
      </>
    );
  };
  const mac = (network: NetworkChoice, at: number) => (
    <TextField
      name={`mac${at}`}
      label={say("form.mac")}
      value={network.mac}
      placeholder={say("form.macPlaceholder")}
      onChange={(value) => setNetwork(at, { mac: value })}
    />
  );

  return (
    <FormFrame
      open={open}
      title={say(form.replaces ? "form.publish" : "form.container")}
      help={form.replaces ? say("form.publishHelp", { name: form.replaces }) : undefined}
      line={runLine(form)}
      refusals={refusals}
      onRun={onRun}
    >
      <TextField
        name="name"
        label={say("form.name")}
        value={form.name}
        placeholder={say("form.namePlaceholder")}
        onChange={(name) => set({ name })}
        autoFocus
      />
      <TextField name="image" label={say("form.image")} value={form.image} options={IMAGES} onChange={(image) => set({ image })} />
      {shared ? (
        <SelectField
          name="network0"
          label={say("form.shareWith")}
          value={first.network}
          options={[
            { value: "container:", text: say("form.choose") },
            ...containers.map(({ name }) => ({ value: `container:${name}`, text: name })),
          ]}
          onChange={(network) => setNetwork(0, { network })}
        />
      ) : (
        <SelectField
          name="network0"
          label={say("form.networkField")}
          value={first.network}
          options={networkOptions}
          onChange={(network) => setNetwork(0, { network })}
        />
      )}
      {ownNetns && (
        <>
          {ends(first, 0)}
          {others.map((network, i) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: a network has no identity but its place in the line
            <fieldset className="form-block" key={i}>
              <legend>
                {say("form.networkNumber", { n: i + 2 })}
                <IconButton
                  small
                  label={say("form.removeNetwork")}
                  onClick={() => set({ networks: form.networks.filter((_, at) => at !== i + 1) })}
                >
                  <X size={13} aria-hidden />
                </IconButton>
              </legend>
              <SelectField
                name={`network${i + 1}`}
                label={say("form.networkField")}
                value={network.network}
                options={networkOptions.filter(({ value }) => hasOwnNetwork(value))}
                onChange={(value) => setNetwork(i + 1, { network: value })}
              />
              {ends(network, i + 1)}
              {mac(network, i + 1)}
            </fieldset>
          ))}
          {unused[0] && (
            <button
              type="button"
              className="link form-link"
              onClick={() => set({ networks: [...form.networks, choice(unused[0]?.value ?? "")] })}
            >
              <Plus size={12} aria-hidden /> {say("form.addNetwork")}
            </button>
          )}
          <TextField
            name="ports"
            label={say("form.ports")}
            value={form.ports}
            placeholder={portOptions[0]}
            options={portOptions}
            onChange={(ports) => set({ ports })}
          />
        </>
      )}
      <details className="form-more" open={isMore ? true : undefined}>
        <summary>{say("form.more")}</summary>
        {ownNetns && mac(first, 0)}
        <TextField
          name="command"
          label={say("form.commandField")}
          value={form.command}
          placeholder={say("form.commandPlaceholder")}
          onChange={(command) => set({ command })}
        />
        <TextField
          name="extra"
          label={say("form.extra")}
          value={form.extra}
          placeholder="-e KEY=value --dns 1.1.1.1"
          onChange={(extra) => set({ extra })}
        />
      </details>
    </FormFrame>
  );
}
