import { describe, expect, test } from "vitest";
import type { NetDevice } from "./device/device.ts";
import { Kernel } from "./kernel.ts";

function host() {
  const kernel = new Kernel(1);
  const netns = kernel.addNetns("host", "host", true);
  return { kernel, netns, sysctl: netns.sysctl };
}

describe("sysctl", () => {
  test("ip_forward is conf.all.forwarding and spreads to default and every device", () => {
    const { sysctl } = host();
    expect(sysctl.set("net.ipv4.ip_forward", "1")).toBe(true);
    for (const key of [
      "net.ipv4.ip_forward",
      "net.ipv4.conf.all.forwarding",
      "net.ipv4.conf.default.forwarding",
      "net.ipv4.conf.lo.forwarding",
    ])
      expect(sysctl.get(key)).toBe("1");
    expect(sysctl.number("net.ipv4.conf.all.accept_redirects")).toBe(0);
  });

  test("a new netns inherits IPv4's settings of its machine, not IPv6's", () => {
    const { kernel, sysctl } = host();
    sysctl.set("net.ipv4.ip_forward", "1");
    sysctl.set("net.ipv6.conf.all.forwarding", "1");
    const inner = kernel.addNetns("c1", "host").sysctl;
    expect([inner.get("net.ipv4.ip_forward"), inner.get("net.ipv6.conf.all.forwarding")]).toEqual(["1", "0"]);
    const other = kernel.addNetns("elsewhere", "other", true).sysctl;
    expect(other.get("net.ipv4.ip_forward")).toBe("0");
  });

  test("default is for devices to come", () => {
    const { sysctl } = host();
    sysctl.set("net.ipv4.conf.default.rp_filter", "1");
    expect(sysctl.get("net.ipv4.conf.lo.rp_filter")).toBe("0");
  });

  test.each([
    ["net.ipv4.ip_default_ttl", "0"],
    ["net.ipv4.ip_default_ttl", "256"],
    ["net.ipv4.ip_forward", "yes"],
    ["net.ipv4.ip_forward", "99999999999"],
    ["net.ipv4.ip_local_port_range", "40000 30000"],
    ["net.ipv4.tcp_congestion_control", "nosuch"],
    ["net.ipv4.nosuch", "1"],
    ["net.ipv4.conf.nosuch.rp_filter", "1"],
    ["net.ipv4.conf.lo.constructor", "1"],
    ["net.netfilter.nf_conntrack_buckets", "1"],
  ])("refuses %s = %s", (key, value) => {
    expect(host().sysctl.set(key, value)).toBe(false);
  });

  test("several numbers are shown with tabs", () => {
    const { sysctl } = host();
    expect(sysctl.set("net.ipv4.ip_local_port_range", "10000  20000")).toBe(true);
    expect(sysctl.get("net.ipv4.ip_local_port_range")).toBe("10000\t20000");
  });

  test("a dot in a device's name is a slash in the key", () => {
    const { netns, sysctl } = host();
    netns.devices.rename(netns.device("lo") as NetDevice, "lo.5");
    expect(sysctl.get("net.ipv4.conf.lo/5.forwarding")).toBe("0");
    expect(sysctl.keys()).toContain("net.ipv6.conf.lo/5.disable_ipv6");
  });

  test("every key has a value and they come sorted", () => {
    const { sysctl } = host();
    const keys = sysctl.keys().filter((key) => key !== "net.netfilter.nf_conntrack_count");
    for (const key of keys) expect(sysctl.get(key), key).toBeDefined();
    expect(keys.indexOf("net.ipv4.conf.all.forwarding")).toBeLessThan(keys.indexOf("net.ipv4.ip_forward"));
  });
});
