/** A network to create: driver, addresses, options; told at once what the engine would refuse. */
import { useMemo } from "react";
import { useWorkbench, useWorkbenchState } from "../context.ts";
import { networkRefusals, nextSubnet, type Refusals } from "./check.ts";
import { FormFrame } from "./FormFrame.tsx";
import { CheckField, SelectField, TextField } from "./fields.tsx";
import { useSay } from "./say.ts";
import { editForm, type OpenForm } from "./store.ts";
import { createLine, isOnNic, type NetworkForm } from "./words.ts";

const DRIVERS = ["bridge", "macvlan", "ipvlan"].map((name) => ({ value: name, text: name }));
/** Modes of the drivers that hang containers on a NIC, the default first. */
const MODES: Readonly<Record<string, readonly string[]>> = {
  macvlan: ["bridge", "private", "vepa", "passthru"],
  ipvlan: ["l2", "l3", "l3s"],
};

export default function NetworkFormView({
  open,
  onRun,
}: {
  readonly open: OpenForm & { readonly form: NetworkForm };
  readonly onRun: () => void;
}) {
  const say = useSay();
  const workbench = useWorkbench();
  const picture = useWorkbenchState((state) => state.picture);
  const { form } = open;
  const set = (part: Partial<NetworkForm>): void => editForm(part);
  // biome-ignore lint/correctness/useExhaustiveDependencies: the engine's answer changes with the picture
  const refusals: Refusals = useMemo(() => networkRefusals(workbench.machine, form), [form, picture, workbench]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: as above
  const free = useMemo(() => nextSubnet(workbench.machine), [picture.networks, workbench]);
  const onNic = isOnNic(form.driver);
  const nics = workbench.machine.netns.devices
    .all()
    .filter((device) => device.kind !== "loopback" && device.kind !== "bridge" && device.master === undefined)
    .map((device) => device.name);
  const modes = MODES[form.driver] ?? [];
  const isMore =
    form.aux || form.ipv6 || !form.icc || !form.masquerade || form.mtu || form.extra || refusals.aux || refusals.mtu || refusals.extra;

  return (
    <FormFrame open={open} title={say("form.network")} line={createLine(form)} refusals={refusals} onRun={onRun}>
      <TextField name="name" label={say("form.name")} value={form.name} onChange={(name) => set({ name })} autoFocus />
      <SelectField
        name="driver"
        label={say("form.driver")}
        value={form.driver}
        options={DRIVERS}
        onChange={(driver) => set({ driver, mode: "", parent: isOnNic(driver) ? form.parent || nics[0] || "" : "" })}
      />
      {onNic && (
        <>
          <TextField name="parent" label={say("form.parent")} value={form.parent} options={nics} onChange={(parent) => set({ parent })} />
          <SelectField
            name="mode"
            label={say("form.mode")}
            value={form.mode}
            options={modes.map((mode, i) =>
              i === 0 ? { value: "", text: say("form.modeDefault", { mode }) } : { value: mode, text: mode },
            )}
            onChange={(mode) => set({ mode })}
          />
        </>
      )}
      <TextField
        name="subnet"
        label={say("form.subnet")}
        value={form.subnet}
        placeholder={free ? say("form.nextFreeIs", { value: free }) : say("form.nextFree")}
        options={free && !onNic ? [free] : []}
        onChange={(subnet) => set({ subnet })}
      />
      <TextField
        name="range"
        label={say("form.range")}
        value={form.range}
        placeholder={say("form.rangePlaceholder")}
        onChange={(range) => set({ range })}
      />
      <TextField
        name="gateway"
        label={say("form.gateway")}
        value={form.gateway}
        placeholder={say("form.gatewayPlaceholder")}
        onChange={(gateway) => set({ gateway })}
      />
      <CheckField label={say("form.internal")} checked={form.internal} onChange={(internal) => set({ internal })} />
      <details className="form-more" open={isMore ? true : undefined}>
        <summary>{say("form.more")}</summary>
        <TextField
          name="aux"
          label={say("form.aux")}
          value={form.aux}
          placeholder={say("form.auxPlaceholder")}
          onChange={(aux) => set({ aux })}
        />
        <CheckField label={say("form.ipv6")} checked={form.ipv6} onChange={(ipv6) => set({ ipv6 })} />
        {form.ipv6 && (
          <TextField
            name="subnet6"
            label={say("form.subnet6")}
            value={form.subnet6}
            placeholder={say("form.subnet6Placeholder")}
            onChange={(subnet6) => set({ subnet6 })}
          />
        )}
        {!onNic && (
          <>
            <CheckField label={say("form.icc")} checked={form.icc} onChange={(icc) => set({ icc })} />
            <CheckField label={say("form.masquerade")} checked={form.masquerade} onChange={(masquerade) => set({ masquerade })} />
          </>
        )}
        <TextField name="mtu" label={say("form.mtu")} value={form.mtu} placeholder="1500" onChange={(mtu) => set({ mtu })} />
        <TextField
          name="extra"
          label={say("form.extra")}
          value={form.extra}
          placeholder="--label a=b"
          onChange={(extra) => set({ extra })}
        />
      </details>
    </FormFrame>
  );
}
