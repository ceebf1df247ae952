/** /sys/class/net as files (Documentation/ABI/testing/sysfs-class-net): what articles read to find the other end of a veth pair. */
import { linkWatchOf, type NetDevice } from "../kernel/device/index.ts";
import type { Netns } from "../kernel/netns.ts";
import { FileError, type Mount } from "../kernel/vfs.ts";

const ROOT = "/sys/class/net";
/** Where the devices themselves are: class/net holds links to them. */
const DEVICES = "/sys/devices/virtual/net";
const FOLDERS: Readonly<Record<string, readonly string[]>> = {
  "/sys": ["class", "devices"],
  "/sys/class": ["net"],
  "/sys/devices": ["virtual"],
  "/sys/devices/virtual": ["net"],
};

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
  carrier: (device) => {
    linkWatchOf(device.netns.kernel).sync(device);
    return device.up ? (device.carrier ? "1" : "0") : new FileError("Invalid argument");
  },
  flags: (device) => `0x${(0x1002 | (device.up ? 1 : 0) | (device.kind === "loopback" ? 8 : 0)).toString(16)}`,
  ifindex: (device) => String(device.ifindex),
  iflink: (device) => String(device.link?.ifindex ?? device.ifindex),
  mtu: (device) => String(device.mtu),
  operstate: (device) => device.operState.toLowerCase(),
  tx_queue_len: (device) => String(device.txQueueLength),
  type: (device) => (device.kind === "loopback" ? "772" : "1"),
};

/** What a file of a device holds, or why it cannot be read. */
export type DeviceFile = (device: NetDevice) => string | FileError;

type Files = Readonly<Record<string, DeviceFile>>;

/** What is written into a file of a device, by folder and name; why it cannot be. */
type DeviceWriter = (device: NetDevice, file: string, text: string) => FileError | undefined;

let furtherFiles: (device: NetDevice, folder: string) => Files = () => ({});
let writeFurther: DeviceWriter = () => new FileError("Permission denied");

/** Further files of a device by folder ("" for its own), which come with the programs. */
export function addDeviceFiles(filesOf: (device: NetDevice, folder: string) => Files, write: DeviceWriter): void {
  furtherFiles = filesOf;
  writeFurther = write;
}

const STATISTIC_FILES: Files = Object.fromEntries(
  Object.entries(STATISTICS).map(([name, counter]) => [name, (device: NetDevice) => String(device.counters[counter])]),
);

const filesIn = (device: NetDevice, folder: string): Files => ({
  ...(folder === "" ? ATTRIBUTES : folder === "statistics" ? STATISTIC_FILES : {}),
  ...furtherFiles(device, folder),
});

/** The tree under /sys: only network devices are in it. Containers get it read-only unless privileged. */
export function sysFiles(netns: () => Netns, readOnly = false): Mount {
  const locate = (path: string): { readonly device: NetDevice; readonly rest: readonly string[] } | undefined => {
    const root = [DEVICES, ROOT].find((folder) => path.startsWith(`${folder}/`));
    if (root === undefined) return undefined;
    const [name = "", ...rest] = path.slice(root.length + 1).split("/");
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
      if (!found) return new FileError("No such file or directory");
      const [folder, name] = found.rest.length > 1 ? found.rest : ["", found.rest[0]];
      const files = filesIn(found.device, folder as string);
      const value = found.rest.length < 3 && Object.hasOwn(files, name as string) ? files[name as string]?.(found.device) : undefined;
      if (value === undefined) return new FileError("No such file or directory");
      return typeof value === "string" ? `${value}\n` : value;
    },
    write(path, text) {
      const found = locate(path);
      if (readOnly && found) return new FileError("Read-only file system");
      if (text === "") return undefined;
      if (!found) return new FileError("Permission denied");
      if (found.rest.length !== 1 || found.rest[0] !== "mtu") return writeFurther(found.device, found.rest.join("/"), text.trim());
      const mtu = Number(text.trim());
      if (!Number.isInteger(mtu) || found.device.netns.devices.setMtu(found.device, mtu)) return new FileError("Invalid argument");
      return undefined;
    },
    link(path) {
      const found = path.startsWith(`${ROOT}/`) ? locate(path) : undefined;
      return found?.rest.length === 0 ? `../../devices/virtual/net/${found.device.name}` : undefined;
    },
    list(path) {
      const folder = FOLDERS[path];
      if (folder) return folder;
      if (path === ROOT || path === DEVICES)
        return netns()
          .devices.all()
          .map((device) => device.name)
          .sort();
      const found = locate(path);
      if (!found) return undefined;
      const { device, rest } = found;
      const bridge = device.kind === "bridge";
      if (rest.length === 0) {
        const folders = [
          "power",
          "queues",
          "statistics",
          "subsystem",
          ...(device.port ? ["brport"] : []),
          ...(bridge ? ["bridge", "brforward", "brif"] : []),
        ];
        return [...Object.keys(filesIn(device, "")), ...folders].sort();
      }
      if (rest[0] === "brif" && bridge)
        return rest.length === 1 ? ports(device) : ports(device).includes(rest.slice(1).join("/")) ? [] : undefined;
      if (rest.length > 1) return undefined;
      if (rest[0] === "queues") return ["rx-0", "tx-0"];
      const names = ["statistics", "bridge", "brport"].includes(rest[0] as string) ? Object.keys(filesIn(device, rest[0] as string)) : [];
      return names.length > 0 ? names.sort() : undefined;
    },
  };
}
