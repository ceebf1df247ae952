/** A container to run: image, network, address, aliases, ports; told at once what the engine would refuse. */
import { useState } from "react";
import { useTranslate } from "../../i18n/index.ts";
import { useWorkbench, useWorkbenchState } from "../context.ts";
import { refusalOf } from "./check.ts";
import { CommandForm, SelectField, TextField } from "./fields.tsx";
import { closeForm } from "./store.ts";
import { type ContainerForm, runLine } from "./words.ts";

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

export default function ContainerFormView({ initial }: { readonly initial: ContainerForm }) {
  const t = useTranslate();
  const workbench = useWorkbench();
  const picture = useWorkbenchState((state) => state.picture);
  const [form, setForm] = useState(initial);
  const set = (part: Partial<ContainerForm>): void => setForm({ ...form, ...part });
  const shared = form.network.startsWith("container:");
  const ownNetns = !shared && form.network !== "host" && form.network !== "none";
  const names = [...picture.containers.values()].map((container) => container.name);
  const shownForm: ContainerForm = ownNetns ? form : { ...form, ip: "", aliases: "", ports: "" };
  const line = runLine(shownForm);
  const refusal =
    shared && form.network === "container:"
      ? { field: "network", message: "" }
      : refusalOf(workbench.machine, line.replace(/^docker rm -f \S+ && /, ""), form.replaces);
  const errorAt = (field: string): string | undefined => (refusal?.field === field ? refusal.message || undefined : undefined);

  return (
    <CommandForm
      title={form.replaces ? t("form.publish") : t("form.container")}
      line={line}
      refused={refusal !== undefined}
      onRun={() => {
        closeForm();
        workbench.run(line);
      }}
    >
      {form.replaces && <p className="quiet">{t("form.publishHelp")}</p>}
      <TextField
        label={t("form.name")}
        value={form.name}
        placeholder={t("form.namePlaceholder")}
        onChange={(name) => set({ name })}
        error={errorAt("name")}
        autoFocus
      />
      <TextField label={t("form.image")} value={form.image} list={IMAGES} onChange={(image) => set({ image })} error={errorAt("image")} />
      {shared ? (
        <SelectField
          label={t("form.shareWith")}
          value={form.network.slice("container:".length)}
          options={names}
          onChange={(name) => set({ network: `container:${name}` })}
          error={errorAt("network")}
        />
      ) : (
        <SelectField
          label={t("form.networkField")}
          value={form.network}
          options={[...picture.networks.values()].map((network) => network.name)}
          onChange={(network) => set({ network })}
          error={errorAt("network")}
        />
      )}
      {ownNetns && (
        <>
          <TextField
            label={t("form.ip")}
            value={form.ip}
            placeholder={t("form.ipPlaceholder")}
            onChange={(ip) => set({ ip })}
            error={errorAt("ip")}
          />
          <TextField
            label={t("form.alias")}
            value={form.aliases}
            placeholder={t("form.aliasPlaceholder")}
            onChange={(aliases) => set({ aliases })}
            error={errorAt("aliases")}
          />
          <TextField
            label={t("form.ports")}
            value={form.ports}
            placeholder={t("form.portsPlaceholder")}
            onChange={(ports) => set({ ports })}
            error={errorAt("ports")}
          />
        </>
      )}
      {refusal && !["name", "image", "network", ...(ownNetns ? ["ip", "aliases", "ports"] : [])].includes(refusal.field) && (
        <p className="error bad" role="alert">
          {refusal.message}
        </p>
      )}
    </CommandForm>
  );
}
