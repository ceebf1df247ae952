/** Networks and volumes of a project out of the compose file. */
import type { Canonical, ProjectNetwork, ProjectVolume } from "./project.ts";
import { flagOf, mapOf, recordOf, textOf } from "./values.ts";
import type { Raw } from "./yaml.ts";

const some = (key: string, value: Canonical | undefined): { readonly [key: string]: Canonical } =>
  value === undefined || value === false || (typeof value === "object" && value !== null && Object.keys(value).length === 0)
    ? {}
    : { [key]: value };

export function readNetwork(key: string, value: Raw): ProjectNetwork {
  const raw = mapOf(value);
  const name = textOf(raw.name);
  const external = flagOf(raw.external);
  const ipam = mapOf(raw.ipam);
  const configs = (Array.isArray(ipam.config) ? ipam.config : []).map((entry) => {
    const config = mapOf(entry as Raw);
    const word = (field: string): string | undefined => textOf(config[field]);
    return {
      ...(word("subnet") ? { subnet: word("subnet") as string } : {}),
      ...(word("gateway") ? { gateway: word("gateway") as string } : {}),
      ...(word("ip_range") ? { ipRange: word("ip_range") as string } : {}),
      ...(config.aux_addresses ? { auxAddresses: recordOf(config.aux_addresses) } : {}),
    };
  });
  const driver = textOf(raw.driver);
  const ipamDriver = textOf(ipam.driver);
  const driverOpts = recordOf(raw.driver_opts);
  const labels = recordOf(raw.labels);
  const ipamOptions = ipam.options ? recordOf(ipam.options) : undefined;
  const printedIpam = {
    ...some("driver", ipamDriver),
    ...(configs.length > 0
      ? {
          config: configs.map((config) => ({
            ...some("subnet", config.subnet),
            ...some("gateway", config.gateway),
            ...some("ip_range", config.ipRange),
            ...some("aux_addresses", config.auxAddresses),
          })),
        }
      : {}),
    ...some("options", ipamOptions),
  };
  return {
    key,
    name: name ?? key,
    ...(driver === undefined ? {} : { driver }),
    driverOpts,
    ...(ipamDriver === undefined ? {} : { ipamDriver }),
    ...(ipamOptions === undefined ? {} : { ipamOptions }),
    ipam: configs,
    external,
    internal: flagOf(raw.internal),
    attachable: flagOf(raw.attachable),
    ...(raw.enable_ipv4 === undefined ? {} : { enableIpv4: flagOf(raw.enable_ipv4) }),
    ...(raw.enable_ipv6 === undefined ? {} : { enableIpv6: flagOf(raw.enable_ipv6) }),
    labels,
    canonical: {
      ...some("name", name),
      ...some("driver", driver),
      ...some("driver_opts", driverOpts),
      ...some("ipam", printedIpam),
      ...some("external", external),
      ...some("internal", flagOf(raw.internal)),
      ...some("attachable", flagOf(raw.attachable)),
      ...some("labels", labels),
      ...(raw.enable_ipv4 === undefined ? {} : { enable_ipv4: flagOf(raw.enable_ipv4) }),
      ...(raw.enable_ipv6 === undefined ? {} : { enable_ipv6: flagOf(raw.enable_ipv6) }),
    },
  };
}

export function readVolume(key: string, value: Raw): ProjectVolume {
  const raw = mapOf(value);
  const name = textOf(raw.name);
  const external = flagOf(raw.external);
  const labels = recordOf(raw.labels);
  const driver = textOf(raw.driver);
  return {
    key,
    name: name ?? key,
    external,
    labels,
    canonical: {
      ...some("name", name),
      ...some("driver", driver),
      ...some("driver_opts", recordOf(raw.driver_opts)),
      ...some("external", external),
      ...some("labels", labels),
    },
  };
}
