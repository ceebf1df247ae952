/** Ctrl-K: find an action or a thing by typing; anything else is run as a command on the host's terminal. */
import { Dialog } from "@base-ui/react/dialog";
import { useId, useState } from "react";
import { useTranslate } from "../../i18n/index.ts";
import { useWorkbench, useWorkbenchState } from "../context.ts";
import type { Action } from "./actions.ts";

interface Row {
  readonly id: string;
  readonly text: string;
  readonly hint: string;
  readonly run: () => void;
}

const SUGGESTED = [
  "docker network ls",
  "docker ps -a",
  "docker run -itd --name c1 ubuntu:18.04",
  "docker network create --driver bridge mybridge",
  "ifconfig",
  "ip route",
  "brctl show",
  "iptables -S",
  "iptables -t nat -S",
  "help",
];

export default function CommandPalette({
  actions,
  open,
  onClose,
}: {
  readonly actions: readonly Action[];
  readonly open: boolean;
  readonly onClose: () => void;
}) {
  const t = useTranslate();
  const workbench = useWorkbench();
  const picture = useWorkbenchState((state) => state.picture);
  const [query, setQuery] = useState("");
  const [at, setAt] = useState(0);
  const list = useId();

  const command = (line: string): Row => ({ id: line, text: line, hint: "$", run: () => workbench.run(line) });
  const all: Row[] = [
    ...actions.map((action) => ({ id: action.id, text: t(action.name, action.words), hint: action.keys ?? "", run: action.run })),
    ...[...picture.containers.values()].map((one) => ({
      id: one.id,
      text: one.name,
      hint: one.image,
      run: () => workbench.select([`container:${one.id}`]),
    })),
    ...[...picture.networks.values()].map((one) => ({
      id: one.id,
      text: one.name,
      hint: one.driver,
      run: () => workbench.select([`network:${one.id}`]),
    })),
    ...SUGGESTED.map(command),
  ];
  const wanted = query.trim().toLowerCase();
  const found = wanted === "" ? all : all.filter((row) => row.text.toLowerCase().includes(wanted));
  const rows = found.length > 0 || wanted === "" ? found : [command(query.trim())];
  const chosen = Math.min(at, rows.length - 1);

  const close = (): void => {
    setQuery("");
    setAt(0);
    onClose();
  };
  const run = (row: Row | undefined): void => {
    close();
    row?.run();
  };

  return (
    <Dialog.Root open={open} onOpenChange={(next) => !next && close()}>
      <Dialog.Portal>
        <Dialog.Backdrop className="backdrop" />
        <Dialog.Popup className="dialog palette">
          <Dialog.Title className="visually-hidden">{t("palette.title")}</Dialog.Title>
          <input
            className="palette-input"
            role="combobox"
            aria-expanded="true"
            aria-controls={list}
            aria-activedescendant={rows[chosen] ? `${list}-${chosen}` : undefined}
            aria-label={t("palette.title")}
            placeholder={t("palette.placeholder")}
            value={query}
            // biome-ignore lint/a11y/noAutofocus: the palette was opened to type in it
            autoFocus
            onChange={(event) => {
              setQuery(event.target.value);
              setAt(0);
            }}
            onKeyDown={(event) => {
              if (event.key === "ArrowDown") setAt(Math.min(rows.length - 1, chosen + 1));
              else if (event.key === "ArrowUp") setAt(Math.max(0, chosen - 1));
              else if (event.key === "Enter") run(rows[chosen]);
              else return;
              event.preventDefault();
            }}
          />
          {found.length === 0 && wanted !== "" && <p className="quiet pad">{t("palette.empty")}</p>}
          <div className="palette-list" role="listbox" id={list} aria-label={t("palette.title")}>
            {rows.map((row, i) => (
              // biome-ignore lint/a11y/useFocusableInteractive: focus stays in the combobox, which names the active option
              // biome-ignore lint/a11y/useKeyWithClickEvents: as above, the keys are the combobox's
              <div
                key={row.id}
                id={`${list}-${i}`}
                role="option"
                aria-selected={i === chosen}
                className={i === chosen ? "palette-row active" : "palette-row"}
                ref={i === chosen ? (element) => void element?.scrollIntoView({ block: "nearest" }) : undefined}
                onClick={() => run(row)}
              >
                <span>{row.text}</span>
                <kbd className="quiet">{row.hint}</kbd>
              </div>
            ))}
          </div>
        </Dialog.Popup>
      </Dialog.Portal>
    </Dialog.Root>
  );
}
