/** The end of a container on a network: its address and aliases there. */
import { useMemo } from "react";
import { EngineError } from "../../engine/types.ts";
import { useWorkbench, useWorkbenchState } from "../context.ts";
import { connectRefusals, type Refusals } from "./check.ts";
import { FormFrame } from "./FormFrame.tsx";
import { TextField } from "./fields.tsx";
import { useSay } from "./say.ts";
import { editForm, type OpenForm } from "./store.ts";
import { type ConnectForm, connectLine } from "./words.ts";

export default function ConnectFormView({
  open,
  onRun,
}: {
  readonly open: OpenForm & { readonly form: ConnectForm };
  readonly onRun: () => void;
}) {
  const say = useSay();
  const workbench = useWorkbench();
  const picture = useWorkbenchState((state) => state.picture);
  const { form } = open;
  // biome-ignore lint/correctness/useExhaustiveDependencies: the engine's answer changes with the picture
  const refusals: Refusals = useMemo(() => connectRefusals(workbench.machine, form), [form, picture, workbench]);
  const network = workbench.engine.findNetwork(form.network);
  const next = network instanceof EngineError ? "" : (network.pools.find((pool) => pool.family === 4)?.next ?? "");
  const { network: refusedNetwork, ...rest } = refusals;
  return (
    <FormFrame
      open={open}
      title={say(form.reconnect ? "form.reconnect" : "form.connect", { container: form.container, network: form.network })}
      help={form.reconnect ? say("form.reconnectHelp") : undefined}
      line={connectLine(form)}
      refusals={refusedNetwork === undefined ? rest : { "": refusedNetwork, ...rest }}
      onRun={onRun}
    >
      <TextField
        name="aliases"
        label={say("form.alias")}
        value={form.aliases}
        placeholder={say("form.aliasPlaceholder")}
        onChange={(aliases) => editForm({ aliases })}
        autoFocus
      />
      <TextField
        name="ip"
        label={say("form.ip")}
        value={form.ip}
        placeholder={next ? say("form.nextFreeIs", { value: next }) : say("form.nextFree")}
        options={next ? [next] : []}
        onChange={(ip) => editForm({ ip })}
      />
    </FormFrame>
  );
}
