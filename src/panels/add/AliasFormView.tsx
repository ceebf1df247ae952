/** Aliases of a container on a network. */
import { useState } from "react";
import { useTranslate } from "../../i18n/index.ts";
import { useWorkbench } from "../context.ts";
import { CommandForm, TextField } from "./fields.tsx";
import { closeForm } from "./store.ts";
import { type AliasForm, aliasLine } from "./words.ts";

export default function AliasFormView({ initial }: { readonly initial: AliasForm }) {
  const t = useTranslate();
  const workbench = useWorkbench();
  const [form, setForm] = useState(initial);
  const line = aliasLine(form);
  return (
    <CommandForm
      title={`${t("form.aliasTitle")}: ${form.container} · ${form.network}`}
      line={line}
      refused={form.aliases.trim() === ""}
      onRun={() => {
        closeForm();
        workbench.run(line);
      }}
    >
      <TextField
        label={t("form.alias")}
        value={form.aliases}
        placeholder={t("form.aliasPlaceholder")}
        onChange={(aliases) => setForm({ ...form, aliases })}
        autoFocus
      />
    </CommandForm>
  );
}
