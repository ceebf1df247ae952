/** The tables of one netns: interfaces, routes, neighbours, sockets, rules. Containers and machines show the same ones. */
import { useTranslate } from "../../i18n/index.ts";
import { formatIp } from "../../kernel/address.ts";
import type { Netns } from "../../kernel/netns.ts";
import { destination } from "./lines.ts";
import { Rows, Section } from "./parts.tsx";

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
