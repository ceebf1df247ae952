/**
 * Which form is open in the palette, and what has been typed in each: opened by the palette, by drops on the picture, by
 * menus. Forms live here and not in what draws them, so that nothing typed is lost when a panel, theme or language changes
 * or the form is closed: it is there again when the same form is opened.
 */
import { createStore } from "zustand/vanilla";
import { type ConnectForm, type ContainerForm, choice, EMPTY_CONTAINER, EMPTY_NETWORK, type NetworkForm } from "./words.ts";

export type Form =
  | { readonly kind: "container"; readonly form: ContainerForm }
  | { readonly kind: "network"; readonly form: NetworkForm }
  | { readonly kind: "connect"; readonly form: ConnectForm };

export type OpenForm = Form & {
  /** What was opened: a draft is kept for each. */
  readonly draft: string;
  /** As it was when it was opened. */
  readonly initial: Form["form"];
  /** The line as somebody has changed it by hand; undefined while the fields make it. */
  readonly line: string | undefined;
};

interface State {
  readonly open: OpenForm | undefined;
  readonly drafts: Readonly<Record<string, OpenForm>>;
}

export const openForm = createStore<State>(() => ({ open: undefined, drafts: {} }));

/** Opens a form with what was typed when it was last closed, or afresh. */
function show(draft: string, form: Form): void {
  const { drafts } = openForm.getState();
  openForm.setState({ open: drafts[draft] ?? { ...form, draft, initial: form.form, line: undefined } });
}

const containerForm = (part: Partial<ContainerForm> = {}): Form => ({ kind: "container", form: { ...EMPTY_CONTAINER, ...part } });
const networkForm = (part: Partial<NetworkForm>): Form => ({ kind: "network", form: { ...EMPTY_NETWORK, ...part } });

export const openContainerForm = (part: Partial<ContainerForm>, draft: string): void => show(draft, containerForm(part));

export const openConnectForm = (form: ConnectForm): void =>
  show(`connect ${form.network} ${form.container} ${form.reconnect}`, { kind: "connect", form });

/** Changes fields of the open form; the line is the fields' again. */
export function editForm(part: Partial<ContainerForm> | Partial<NetworkForm> | Partial<ConnectForm>): void {
  const { open } = openForm.getState();
  if (open) keep({ ...open, form: { ...open.form, ...part }, line: undefined } as OpenForm);
}

/** The line as somebody types it, with the fields that it comes to where it can be read. */
export function editLine(line: string, form: Form["form"] | undefined): void {
  const { open } = openForm.getState();
  if (open) keep({ ...open, ...(form && { form }), line } as OpenForm);
}

/** Back to how the form was when it was opened. */
export function startOver(): void {
  const { open } = openForm.getState();
  if (open) keep({ ...open, form: open.initial, line: undefined } as OpenForm);
}

function keep(open: OpenForm): void {
  openForm.setState({ open, drafts: { ...openForm.getState().drafts, [open.draft]: open } });
}

/** Puts the form away; what was typed is kept. */
export const closeForm = (): void => openForm.setState({ open: undefined });

/** The form's line was run: nothing of it is kept. */
export function doneWithForm(): void {
  const { open, drafts } = openForm.getState();
  const { [open?.draft ?? ""]: _done, ...rest } = drafts;
  openForm.setState({ open: undefined, drafts: rest });
}

/** What the palette offers; the key is what a drag onto the picture carries. */
export type AddKind = "container" | "network" | "macvlan" | "host" | "none" | "shared";
export const ADD_KINDS: readonly AddKind[] = ["container", "network", "macvlan", "host", "none", "shared"];
export const DRAG_TYPE = "application/x-vethlab-add";

/** "mybridge", or with the next free number. */
function freeName(base: string, taken: ReadonlySet<string>): string {
  let name = base;
  for (let n = 2; taken.has(name); n++) name = `${base}${n}`;
  return name;
}

export interface AddContext {
  /** Where it was dropped. */
  readonly network?: string;
  readonly container?: string;
  /** Names of networks that there are. */
  readonly networks: ReadonlySet<string>;
  /** The host's way to its LAN, for macvlan: its NIC, subnet and gateway as the picture has them. */
  readonly lan: { readonly nic: string; readonly subnet: string; readonly gateway: string; readonly range: string } | undefined;
}

/** Opens the form that belongs to a palette entry, each with a draft of its own. */
export function openFormFor(kind: AddKind, context: AddContext): void {
  const { network, container, networks, lan } = context;
  switch (kind) {
    case "container":
      if (network) show(`container on ${network}`, containerForm({ networks: [choice(network)] }));
      else show("container", containerForm());
      break;
    case "network":
      show("network", networkForm({ name: freeName("mybridge", networks) }));
      break;
    case "macvlan": {
      const name = freeName("my_macvlan", networks);
      const { subnet, range, gateway, nic } = lan ?? { subnet: "", range: "", gateway: "", nic: "" };
      show("macvlan", networkForm({ name, driver: "macvlan", subnet, range, gateway, parent: nic }));
      break;
    }
    case "host":
    case "none":
      show(kind, containerForm({ networks: [choice(kind)] }));
      break;
    case "shared":
      show(`shared ${container ?? ""}`, containerForm({ networks: [choice(`container:${container ?? ""}`)] }));
      break;
  }
}
