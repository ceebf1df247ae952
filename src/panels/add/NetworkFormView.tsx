/** A network to create: driver, subnet, gateway, range; told at once what the engine would refuse. */
import { useState } from "react";
import { useTranslate } from "../../i18n/index.ts";
import { useWorkbench } from "../context.ts";
import { refusalOf } from "./check.ts";
import { CommandForm, SelectField, TextField } from "./fields.tsx";
import { closeForm } from "./store.ts";
import { createLine, type NetworkForm } from "./words.ts";

export default function NetworkFormView({ initial }: { readonly initial: NetworkForm }) {
  const t = useTranslate();
  const workbench = useWorkbench();
  const [form, setForm] = useState(initial);
  const set = (part: Partial<NetworkForm>): void => setForm({ ...form, ...part });
  const line = createLine(form);
  const refusal = form.name ? refusalOf(workbench.machine, line) : { field: "name", message: "" };
  const errorAt = (field: string): string | undefined => (refusal?.field === field ? refusal.message || undefined : undefined);
  const onNic = form.driver === "macvlan" || form.driver === "ipvlan";

  return (
    <CommandForm
      title={t("form.network")}
      line={line}
      refused={refusal !== undefined}
      onRun={() => {
        closeForm();
        workbench.run(line);
      }}
    >
      <TextField label={t("form.name")} value={form.name} onChange={(name) => set({ name })} error={errorAt("name")} autoFocus />
      <SelectField
        label={t("form.driver")}
        value={form.driver}
        options={["bridge", "macvlan", "ipvlan"]}
        onChange={(driver) => set({ driver, parent: driver === "bridge" ? "" : "eth0" })}
        error={errorAt("driver")}
      />
      <TextField
        label={t("form.subnet")}
        value={form.subnet}
        placeholder={t("form.subnetPlaceholder")}
        onChange={(subnet) => set({ subnet })}
        error={errorAt("subnet")}
      />
      <TextField
        label={t("form.gateway")}
        value={form.gateway}
        placeholder={t("form.gatewayPlaceholder")}
        onChange={(gateway) => set({ gateway })}
        error={errorAt("gateway")}
      />
      <TextField
        label={t("form.range")}
        value={form.range}
        placeholder={t("form.rangePlaceholder")}
        onChange={(range) => set({ range })}
        error={errorAt("range")}
      />
      {onNic && <TextField label={t("form.parent")} value={form.parent} onChange={(parent) => set({ parent })} error={errorAt("parent")} />}
      <label className="field">
        {t("form.internal")}
        <input type="checkbox" checked={form.internal} onChange={(event) => set({ internal: event.target.checked })} />
      </label>
    </CommandForm>
  );
}
