/** /sys/class/net as files (Documentation/ABI/testing/sysfs-class-net): what articles read to find the other end of a veth pair. */
import type { NetDevice } from "../kernel/device/device.ts";
import type { Netns } from "../kernel/netns.ts";
import { FileError, type Mount } from "../kernel/vfs.ts";

const ROOT = "/sys/class/net";

const STATISTICS: Readonly<Record<string, keyof NetDevice["counters"]>> = {
  rx_bytes: "rxBytes",
  rx_dropped: "rxDropped",
  rx_errors: "rxErrors",
  rx_packets: "rxPackets",
  tx_bytes: "txBytes",
  tx_dropped: "txDropped",
  tx_errors: "txErrors",
  tx_packets: "txPackets",
};

const ATTRIBUTES: Readonly<Record<string, (device: NetDevice) => string | FileError>> = {
  address: (device) => device.mac,
  carrier: (device) => (device.up ? (device.carrier ? "1" : "0") : new FileError("Invalid argument")),
  flags: (device) => `0x${(0x1002 | (device.up ? 1 : 0) | (device.kind === "loopback" ? 8 : 0)).toString(16)}`,
  ifindex: (device) => String(device.ifindex),
  iflink: (device) => String(device.link?.ifindex ?? device.ifindex),
  mtu: (device) => String(device.mtu),
  operstate: (device) => device.operState.toLowerCase(),
  tx_queue_len: (device) => String(device.txQueueLength),
  type: (device) => (device.kind === "loopback" ? "772" : "1"),
};

/** The tree under /sys: only class/net has something in it. */
export function sysFiles(netns: () => Netns): Mount {
  const locate = (path: string): { readonly device: NetDevice; readonly rest: readonly string[] } | undefined => {
    if (!path.startsWith(`${ROOT}/`)) return undefined;
    const [name = "", ...rest] = path.slice(ROOT.length + 1).split("/");
    const device = netns().device(name);
    return device && { device, rest };
  };
  const ports = (bridge: NetDevice): string[] =>
    netns()
      .devices.all()
      .filter((device) => device.master === bridge)
      .map((device) => device.name)
      .sort();
  return {
    read(path) {
      const found = locate(path);
      const [name = "", entry] = found?.rest ?? [];
      if (!found) return new FileError("No such file or directory");
      if (name === "statistics" && entry !== undefined && STATISTICS[entry]) return `${found.device.counters[STATISTICS[entry]]}\n`;
      const value = entry === undefined && Object.hasOwn(ATTRIBUTES, name) ? ATTRIBUTES[name]?.(found.device) : undefined;
      if (value === undefined) return new FileError("No such file or directory");
      return typeof value === "string" ? `${value}\n` : value;
    },
    write(path, text) {
      const found = locate(path);
      if (found?.rest.length !== 1 || found.rest[0] !== "mtu") return new FileError("Permission denied");
      const mtu = Number(text.trim());
      if (!Number.isInteger(mtu) || found.device.netns.devices.setMtu(found.device, mtu)) return new FileError("Invalid argument");
      return undefined;
    },
    list(path) {
      if (path === "/sys") return ["class"];
      if (path === "/sys/class") return ["net"];
      if (path === ROOT)
        return netns()
          .devices.all()
          .map((device) => device.name)
          .sort();
      const found = locate(path);
      if (!found) return undefined;
      const { device, rest } = found;
      if (rest.length === 0) return [...Object.keys(ATTRIBUTES), ...(device.kind === "bridge" ? ["brif"] : []), "statistics"].sort();
      if (rest.length > 1) return undefined;
      if (rest[0] === "statistics") return Object.keys(STATISTICS);
      return rest[0] === "brif" && device.kind === "bridge" ? ports(device) : undefined;
    },
  };
}
