import { expect, test } from "vitest";
import type { TcpListener } from "../../../../kernel/socket/tcp.ts";
import { ip, Stage } from "../stage.fixture.ts";
import { curl } from "../web/curl.ts";
import { netstat } from "./netstat.ts";
import { ss } from "./ss.ts";

/** The sockets of a container on a user-defined network that also runs a web server. */
function furnished(): Stage {
  const stage = new Stage();
  const { sockets } = stage.client.netns;
  sockets.tcpListen({ process: "dockerd", pid: 0 }, { ip: ip("127.0.0.11"), port: 38291 });
  sockets.tcpListen({ process: "httpd", pid: 7 }, { family: 6, dual: true, port: 80 }, 9);
  return stage;
}

test("ss -ltn sets its columns as wide as their content", () => {
  expect(furnished().run(ss, "ss -ltn")).toBe(
    "State  Recv-Q Send-Q Local Address:Port  Peer Address:Port\n" +
      "LISTEN 0      4096      127.0.0.11:38291      0.0.0.0:*\n" +
      "LISTEN 0      9                  *:80               *:*\n",
  );
});

test("given published ports, when listeners are shown, then IPv4 comes before IPv6 and addresses before wildcards", () => {
  const stage = new Stage();
  for (const local of [
    { port: 8080 },
    { family: 6 as const, port: 8080 },
    { port: 7000 },
    { family: 6 as const, port: 7000 },
    { ip: ip("127.0.0.1"), port: 9000 },
    { ip: ip("127.0.0.1"), port: 33947 },
  ])
    stage.client.netns.sockets.tcpListen({ process: "docker-proxy", pid: 1 }, local);
  expect(stage.run(ss, "ss -ltn")).toBe(`State  Recv-Q Send-Q Local Address:Port  Peer Address:Port
LISTEN 0      4096       127.0.0.1:9000       0.0.0.0:*
LISTEN 0      4096       127.0.0.1:33947      0.0.0.0:*
LISTEN 0      4096         0.0.0.0:7000       0.0.0.0:*
LISTEN 0      4096         0.0.0.0:8080       0.0.0.0:*
LISTEN 0      4096            [::]:7000          [::]:*
LISTEN 0      4096            [::]:8080          [::]:*
`);
});

test("ss -p, -u, -H and filters", () => {
  const stage = furnished();
  stage.client.netns.sockets.udp({ process: "nc", pid: 9 }, { port: 9001 });
  expect(stage.run(ss, "ss -ltnp")).toBe(`State  Recv-Q Send-Q Local Address:Port  Peer Address:PortProcess
LISTEN 0      4096      127.0.0.11:38291      0.0.0.0:*   
LISTEN 0      9                  *:80               *:*    users:(("httpd",pid=7,fd=3))
`);
  expect(stage.run(ss, "ss -tuln")).toBe(`Netid State  Recv-Q Send-Q Local Address:Port  Peer Address:Port
udp   UNCONN 0      0            0.0.0.0:9001       0.0.0.0:*
tcp   LISTEN 0      4096      127.0.0.11:38291      0.0.0.0:*
tcp   LISTEN 0      9                  *:80               *:*
`);
  expect(stage.run(ss, "ss -tuln sport = :9001 or sport = :80")).toContain("9001");
  expect(stage.run(ss, "ss -un")).toBe("Recv-Q Send-Q Local Address:Port Peer Address:Port\n");
  expect(stage.run(ss, "ss -H -ltn sport = :80")).toBe("LISTEN 0      9      *:80 *:*\n");
  expect(stage.run(ss, "ss -tn state bogus")).toBe("ss: wrong state name: bogus\n[exit 255]");
});

test("netstat shows sockets, routes and interfaces", () => {
  const stage = furnished();
  expect(stage.run(netstat, "netstat -tulpn")).toBe(
    "Active Internet connections (only servers)\n" +
      "Proto Recv-Q Send-Q Local Address           Foreign Address         State       PID/Program name    \n" +
      "tcp        0      0 127.0.0.11:38291        0.0.0.0:*               LISTEN      -                   \n" +
      "tcp6       0      0 :::80                   :::*                    LISTEN      7/httpd             \n",
  );
  expect(stage.run(netstat, "netstat -rn")).toBe(
    "Kernel IP routing table\nDestination     Gateway         Genmask         Flags   MSS Window  irtt Iface\n" +
      "192.168.0.0     0.0.0.0         255.255.255.0   U         0 0          0 eth0\n",
  );
  expect(stage.run(netstat, "netstat -i").split("\n")[3]).toMatch(/^lo {14}65536 {8}0 {6}0 {6}0 0 {13}0 {6}0 {6}0 {6}0 LRU$/);
});

test("given a finished transfer, when sockets are shown, then the end that closed first waits", () => {
  const stage = new Stage();
  stage.run(curl, "curl -s server.lan");
  stage.pass(1);
  expect(stage.run(ss, "ss -tan")).toMatch(
    /^State {5}Recv-Q Send-Q Local Address:Port {2}Peer Address:Port\nTIME-WAIT 0 {6}0 {7}192\.168\.0\.10:\d{5} 192\.168\.0\.20:80\n$/,
  );
});

test("given a full accept queue, when it is shown, then Recv-Q counts who waits", () => {
  const stage = new Stage();
  const listener = stage.server.netns.sockets.tcpListen({ process: "x", pid: 1 }, { port: 99 }, 5) as TcpListener;
  stage.run(curl, "curl -s -m 1 192.168.0.20:99");
  expect(stage.server.netns.sockets.list().find((socket) => socket.localPort === 99 && socket.state === "LISTEN")?.receiveQueue).toBe(1);
  expect(listener.accept()).toBeDefined();
});
