/** Which form is open in the palette, with what filled in: opened by the palette, by drops on the picture, by menus. */
import { createStore } from "zustand/vanilla";
import type { AliasForm, ContainerForm, NetworkForm } from "./words.ts";

export type OpenForm =
  | { readonly kind: "container"; readonly form: ContainerForm }
  | { readonly kind: "network"; readonly form: NetworkForm }
  | { readonly kind: "alias"; readonly form: AliasForm };

const EMPTY_CONTAINER: ContainerForm = {
  name: "",
  image: "ubuntu:18.04",
  network: "bridge",
  ip: "",
  aliases: "",
  ports: "",
  command: "",
  replaces: "",
};
const EMPTY_NETWORK: NetworkForm = {
  name: "mybridge",
  driver: "bridge",
  subnet: "",
  gateway: "",
  range: "",
  parent: "",
  internal: false,
};

export const openForm = createStore<{ readonly open: OpenForm | undefined }>(() => ({ open: undefined }));

export const openContainerForm = (part: Partial<ContainerForm> = {}): void =>
  openForm.setState({ open: { kind: "container", form: { ...EMPTY_CONTAINER, ...part } } });

const openNetworkForm = (part: Partial<NetworkForm> = {}): void =>
  openForm.setState({ open: { kind: "network", form: { ...EMPTY_NETWORK, ...part } } });

export const openAliasForm = (form: AliasForm): void => openForm.setState({ open: { kind: "alias", form } });

export const closeForm = (): void => openForm.setState({ open: undefined });

/** What the palette offers; the key is what a drag onto the picture carries. */
export type AddKind = "container" | "network" | "macvlan" | "host" | "none" | "shared";
export const ADD_KINDS: readonly AddKind[] = ["container", "network", "macvlan", "host", "none", "shared"];
export const DRAG_TYPE = "application/x-vethlab-add";

/** Opens the form that belongs to a palette entry. `network` and `container` are where it was dropped. */
export function openFormFor(
  kind: AddKind,
  context: { readonly network?: string; readonly container?: string; readonly freeNetworkName: string },
): void {
  switch (kind) {
    case "container":
      openContainerForm(context.network ? { network: context.network } : {});
      break;
    case "network":
      openNetworkForm({ name: context.freeNetworkName });
      break;
    case "macvlan":
      openNetworkForm({
        name: context.freeNetworkName === "mybridge" ? "my_macvlan" : context.freeNetworkName.replace("mybridge", "my_macvlan"),
        driver: "macvlan",
        subnet: "192.168.0.0/24",
        range: "192.168.0.64/28",
        gateway: "192.168.0.1",
        parent: "eth0",
      });
      break;
    case "host":
      openContainerForm({ network: "host" });
      break;
    case "none":
      openContainerForm({ network: "none" });
      break;
    case "shared":
      openContainerForm({ network: `container:${context.container ?? ""}` });
      break;
  }
}
