/** Options of a bridge network (networkConfiguration of libnetwork/drivers/bridge). */
import { parseIp } from "../../kernel/address.ts";
import type { Netns } from "../../kernel/netns.ts";
import type { EngineNetwork } from "../network/network.ts";
import { EngineError } from "../types.ts";
import { boolError, intError, parseBool, parseError } from "./options.ts";

type GatewayMode = "" | "nat" | "nat-unprotected" | "routed" | "isolated";

export interface BridgeConfig {
  bridgeName: string;
  /** Bytes; 0 leaves the default. */
  mtu: number;
  icc: boolean;
  masquerade: boolean;
  mode4: GatewayMode;
  mode6: GatewayMode;
  trustedInterfaces: readonly string[];
  inhibitIpv4: boolean;
  defaultBridge: boolean;
  defaultBindingIp: string;
  interfacePrefix: string;
  hostIpv4: string;
  hostIpv6: string;
}

const OPTION = "com.docker.network.bridge.";
const MODES: readonly string[] = ["nat", "nat-unprotected", "routed", "isolated"];

export const BRIDGE_NAME_OPTION = `${OPTION}name`;

type Setter = (config: BridgeConfig, label: string, value: string) => EngineError | undefined;

const bool =
  (set: (config: BridgeConfig, value: boolean) => void): Setter =>
  (config, label, text) => {
    const value = parseBool(text);
    if (value === undefined) return boolError(label, text);
    set(config, value);
    return undefined;
  };

const mode =
  (key: "mode4" | "mode6"): Setter =>
  (config, label, text) => {
    if (!MODES.includes(text)) return parseError(label, text, `unknown gateway mode ${text}`);
    config[key] = text as GatewayMode;
    return undefined;
  };

const address =
  (key: "defaultBindingIp" | "hostIpv4" | "hostIpv6"): Setter =>
  (config, label, text) => {
    if (parseIp(text) === undefined) return parseError(label, text, "nil ip");
    config[key] = text;
    return undefined;
  };

/** Options that the driver knows; others are kept for inspect and do nothing, as with the engine. */
const SETTERS: Readonly<Record<string, Setter>> = {
  [BRIDGE_NAME_OPTION]: (config, _label, value) => {
    config.bridgeName = value;
    return undefined;
  },
  "com.docker.network.driver.mtu": (config, label, value) => {
    if (!/^[+-]?\d+$/.test(value)) return intError(label, value);
    config.mtu = Number(value);
    return undefined;
  },
  [`${OPTION}enable_ip_masquerade`]: bool((config, value) => {
    config.masquerade = value;
  }),
  [`${OPTION}gateway_mode_ipv4`]: mode("mode4"),
  [`${OPTION}gateway_mode_ipv6`]: mode("mode6"),
  [`${OPTION}enable_icc`]: bool((config, value) => {
    config.icc = value;
  }),
  [`${OPTION}trusted_host_interfaces`]: (config, _label, value) => {
    config.trustedInterfaces = value.split(":").filter((name) => name !== "");
    return undefined;
  },
  [`${OPTION}inhibit_ipv4`]: bool((config, value) => {
    config.inhibitIpv4 = value;
  }),
  [`${OPTION}default_bridge`]: bool((config, value) => {
    config.defaultBridge = value;
  }),
  [`${OPTION}host_binding_ipv4`]: address("defaultBindingIp"),
  "com.docker.network.container_iface_prefix": (config, _label, value) => {
    config.interfacePrefix = value;
    return undefined;
  },
  "com.docker.network.host_ipv4": address("hostIpv4"),
  "com.docker.network.host_ipv6": address("hostIpv6"),
};

/** Reads a network's options; refuses bad values, a name that another kind of device has, and impossible combinations. */
export function parseBridgeConfig(host: Netns, network: EngineNetwork): BridgeConfig | EngineError {
  const config: BridgeConfig = {
    bridgeName: "",
    mtu: 0,
    icc: true,
    masquerade: true,
    mode4: "",
    mode6: "",
    trustedInterfaces: [],
    inhibitIpv4: false,
    defaultBridge: false,
    defaultBindingIp: "",
    interfacePrefix: "",
    hostIpv4: "",
    hostIpv6: "",
  };
  for (const [label, value] of Object.entries(network.options)) {
    const setter = Object.hasOwn(SETTERS, label) ? SETTERS[label] : undefined;
    const refused = setter?.(config, label, value);
    if (refused) return refused;
  }
  if (config.bridgeName === "") config.bridgeName = config.defaultBridge ? "docker0" : `br-${network.id.slice(0, 12)}`;
  const existing = host.devices.byName(config.bridgeName);
  if (existing && existing.kind !== "bridge") return new EngineError(`existing interface ${config.bridgeName} is not a bridge`, 500);
  if ((config.mode4 === "isolated" || config.mode6 === "isolated") && !network.internal)
    return new EngineError("gateway mode 'isolated' can only be used for an internal network", 500);
  return config;
}
