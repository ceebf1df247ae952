/** The tables of one netns: interfaces, routes, neighbours, sockets, rules. Containers and machines show the same ones. */
import { useTranslate } from "../../i18n/index.ts";
import { formatIp, formatPrefix } from "../../kernel/address.ts";
import type { Route } from "../../kernel/inet/fib.ts";
import type { Tuple } from "../../kernel/netfilter/types.ts";
import type { Netns } from "../../kernel/netns.ts";
import { Rows, Section } from "./parts.tsx";

const destination = (route: Route): string => (route.dst.length === 0 ? "default" : formatPrefix(route.dst));

export function NetnsTables({ netns }: { readonly netns: Netns }) {
  const t = useTranslate();
  const routes = [...netns.inet.fib.list(4, "main"), ...netns.inet.fib.list(6, "main")];
  const listening = netns.sockets
    .list()
    .filter((socket) => socket.state === "LISTEN" || (socket.protocol === "udp" && socket.remotePort === 0));
  return (
    <>
      <Section title={t("inspector.interfaces")}>
        <Rows
          label={t("inspector.interfaces")}
          head={["", "inet", "mac", "mtu", ""]}
          rows={netns.devices
            .all()
            .map((device) => [
              device.name,
              device.addresses.map((address) => `${formatIp(address.ip)}/${address.length}`).join(" "),
              device.mac,
              device.mtu,
              device.up ? (device.carrier ? "UP" : "NO-CARRIER") : "DOWN",
            ])}
        />
      </Section>
      <Section title={t("inspector.routes")}>
        <Rows
          label={t("inspector.routes")}
          head={["dst", "via", "dev", "src"]}
          rows={routes.map((route) => [
            route.type === "unicast" ? destination(route) : `${route.type} ${destination(route)}`,
            route.via === undefined ? "" : formatIp(route.via),
            route.dev?.name ?? "",
            route.src === undefined ? "" : formatIp(route.src),
          ])}
        />
      </Section>
      <Section title={t("inspector.neighbours")}>
        <Rows
          label={t("inspector.neighbours")}
          head={["ip", "mac", "dev", ""]}
          rows={netns.inet.neighbours.list().map((entry) => [formatIp(entry.ip), entry.mac ?? "", entry.dev.name, entry.state])}
        />
      </Section>
      <Section title={t("inspector.sockets")}>
        <Rows
          label={t("inspector.sockets")}
          head={["", "local", ""]}
          rows={listening.map((socket) => [
            socket.protocol,
            `${socket.dual ? "*" : formatIp(socket.local)}:${socket.localPort}`,
            socket.process,
          ])}
        />
      </Section>
    </>
  );
}

const PROTOCOLS: Readonly<Record<number, string>> = { 1: "icmp", 6: "tcp", 17: "udp", 58: "icmpv6" };

const tuple = (one: Tuple): string => `${formatIp(one.src)}:${one.srcPort} → ${formatIp(one.dst)}:${one.dstPort}`;

/** Tracked connections as rows: protocol, both directions, state. */
export const connectionsOf = (netns: Netns): readonly (readonly string[])[] =>
  netns.netfilter.conntrack
    .list()
    .map((entry) => [
      PROTOCOLS[entry.original.protocol] ?? String(entry.original.protocol),
      tuple(entry.original),
      tuple(entry.reply),
      entry.protocolState,
    ]);

/** What a machine's stack shows when it is opened on the picture. */
export function stackLinesOf(netns: Netns): { routing: string[]; netfilter: string[]; conntrack: string[] } {
  return {
    routing: netns.inet.fib
      .list(4, "main")
      .map((route) =>
        [destination(route), route.via === undefined ? "" : `via ${formatIp(route.via)}`, route.dev ? `dev ${route.dev.name}` : ""]
          .filter(Boolean)
          .join(" "),
      ),
    netfilter: chainsOf(netns)
      .split("\n")
      .filter((line) => line.startsWith("-A") || line.startsWith("*") || / DROP$/.test(line)),
    conntrack: connectionsOf(netns).map((row) => row.join(" ")),
  };
}

/** The chains of a netns as text, table by table, those without rules left out. */
export function chainsOf(netns: Netns): string {
  return (["raw", "mangle", "nat", "filter"] as const)
    .flatMap((table) => {
      const listing = netns.netfilter.command(4, ["-t", table, "-S"]);
      if (typeof listing !== "string") return [];
      const lines = listing.split("\n").filter(Boolean);
      return lines.some((line) => line.startsWith("-A") || line.startsWith("-N")) ? [`*${table}`, ...lines] : [];
    })
    .join("\n");
}
