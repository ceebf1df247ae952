import { expect, test } from "vitest";
import type { Command } from "../../../command.ts";
import { httpd } from "../serve/httpd.ts";
import { pythonCommands } from "../serve/python.ts";
import { ip, Stage } from "../stage.fixture.ts";
import { nc } from "../talk/nc.ts";
import { telnet } from "../talk/telnet.ts";
import { curl } from "./curl.ts";
import { wget } from "./wget.ts";

const stage = new Stage();
const python = pythonCommands[0] as Command;

test("curl prints the page", () => {
  expect(stage.run(curl, "curl -s server.lan")).toBe("lan server\n");
  expect(stage.run(curl, ["curl", "-s", "-o", "/dev/null", "-w", "%{http_code} %{remote_ip}\\n", "server.lan"])).toBe("200 192.168.0.20\n");
});

test("curl -v tells each step", () => {
  const text = stage
    .run(curl, "curl -sv server.lan")
    .replace(/(from 192.168.0.10 port) \d+/, "$1 P")
    .replace(/(Date|Last-Modified|ETag): .*/g, "$1: X")
    // Header lines end as they do on the wire.
    .replace(/^([<>].*)\r$/gm, "$1");
  expect(text).toBe(`* Host server.lan:80 was resolved.
* IPv6: (none)
* IPv4: 192.168.0.20
*   Trying 192.168.0.20:80...
* Established connection to server.lan (192.168.0.20 port 80) from 192.168.0.10 port P 
* using HTTP/1.x
> GET / HTTP/1.1
> Host: server.lan
> User-Agent: curl/8.23.0
> Accept: */*
> 
* Request completely sent off
< HTTP/1.1 200 OK
< Date: X
< Connection: close
< Content-type: text/html
< Accept-Ranges: bytes
< Last-Modified: X
< ETag: X
< Content-Length: 11
< 
{ [11 bytes data]
* shutting down connection #0
lan server
`);
});

test.each([
  ["curl nosuch", "curl: (6) Could not resolve host: nosuch\n[exit 6]"],
  ["curl -s nosuch", "[exit 6]"],
  ["curl server.lan:81", "curl: (7) Failed to connect to server.lan:81 after 0 ms: Could not connect to server\n[exit 7]"],
  ["curl -sS -f server.lan/nosuch", "curl: (22) The requested URL returned error: 404\n[exit 22]"],
  ["curl -m 2 192.168.0.99", "curl: (28) Connection timed out after 2001 milliseconds\n[exit 28]"],
  ["curl 10.1.1.1", "curl: (7) Failed to connect to 10.1.1.1:80 after 0 ms: Could not connect to server\n[exit 7]"],
  ["curl https://server.lan", "curl: (7) Failed to connect to server.lan:443 after 0 ms: Could not connect to server\n[exit 7]"],
  ["curl --bogus x", "curl: option --bogus: is unknown\ncurl: try 'curl --help' or 'curl --manual' for more information\n[exit 2]"],
  ["curl http://192.168.0.20:99999/", "curl: (3) URL rejected: Port number was not a decimal number between 0 and 65535\n[exit 3]"],
  [
    "curl -s -X DELETE server.lan",
    "<HTML><HEAD><TITLE>400 Bad Request</TITLE></HEAD>\n<BODY><H1>400 Bad Request</H1>\nUnsupported method\n</BODY></HTML>\n",
  ],
])("%s", (line, expected) => {
  expect(stage.run(curl, line)).toBe(expected);
});

test("given an address that nobody has, when curl connects, then the neighbour's silence ends it after three seconds", () => {
  expect(stage.run(curl, "curl 192.168.0.98")).toMatch(
    /^curl: \(7\) Failed to connect to 192\.168\.0\.98:80 after 30\d\d ms: Could not connect to server\n\[exit 7\]$/,
  );
});

test("given two addresses, when the first does not answer, then curl goes on to the second", () => {
  expect(stage.run(curl, "curl -s both.lan")).toBe("lan server\n");
});

test("wget saves, or writes to standard output", () => {
  expect(stage.run(wget, "wget -qO- server.lan")).toBe("lan server\n");
  expect(stage.run(wget, "wget -q -O /tmp/page server.lan")).toBe("");
  expect(stage.client.fs.read("/tmp/page")).toBe("lan server\n");
  expect(stage.run(wget, "wget -t1 http://server.lan:81/").replace(/--.*?--/, "--D--")).toBe(
    "--D--  http://server.lan:81/\nResolving server.lan (server.lan)... 192.168.0.20\nConnecting to server.lan (server.lan)|192.168.0.20|:81... failed: Connection refused.\n[exit 4]",
  );
});

test.each([
  ["nc -zv server.lan 80", "Connection to server.lan (192.168.0.20) 80 port [tcp/http] succeeded!\n"],
  ["nc -zv server.lan 81", "nc: connect to server.lan (192.168.0.20) port 81 (tcp) failed: Connection refused\n[exit 1]"],
  ["nc -zv -w 1 192.168.0.97 80", "nc: connect to 192.168.0.97 port 80 (tcp) timed out: Operation now in progress\n[exit 1]"],
  ["nc -zv nosuch 80", 'nc: getaddrinfo for host "nosuch" port 80: Name or service not known\n[exit 1]'],
  ["nc -zuv 192.168.0.20 53", "Connection to 192.168.0.20 53 port [udp/domain] succeeded!\n"],
  ["nc -zuv 192.168.0.20 54", "[exit 1]"],
  ["nc -zv server.lan bogus", "nc: port number invalid: bogus\n[exit 1]"],
])("%s", (line, expected) => {
  expect(stage.run(nc, line)).toBe(expected);
});

test("nc at both ends carries lines both ways", () => {
  const listener = stage.launch(nc, "nc -lv -p 5555", stage.server);
  const caller = stage.launch(nc, "nc -N 192.168.0.20 5555");
  stage.pass(1);
  caller.stdin.write("hello\n");
  listener.stdin.write("world\n");
  stage.pass(1);
  caller.stdin.close();
  stage.pass(1);
  expect(listener.all).toMatch(/^Listening on 0\.0\.0\.0 5555\nConnection received on 192\.168\.0\.10 \d+\nhello\n$/);
  expect(caller.out).toBe("world\n");
  expect([listener.task.done, caller.task.done]).toEqual([true, true]);
});

test("telnet says who answers", () => {
  expect(stage.run(telnet, "telnet server.lan 81")).toBe(
    "Trying 192.168.0.20...\ntelnet: Unable to connect to remote host: Connection refused\n[exit 1]",
  );
});

test("python3 -m http.server serves files and logs requests until Ctrl-C", () => {
  stage.client.fs.write("/root/a.txt", "alpha\n");
  const server = stage.launch(python, "python3 -m http.server");
  expect(stage.run(curl, "curl -s localhost:8000/a.txt")).toBe("alpha\n");
  expect(stage.run(curl, "curl -s localhost:8000")).toContain('<li><a href="a.txt">a.txt</a></li>');
  stage.interrupt(server);
  expect(server.out).toBe("Serving HTTP on 0.0.0.0 port 8000 (http://0.0.0.0:8000/) ...\n\nKeyboard interrupt received, exiting.\n");
  expect(server.err).toMatch(/^127\.0\.0\.1 - - \[.*\] "GET \/a\.txt HTTP\/1\.1" 200 -\n/);
  expect(stage.run(curl, "curl -s localhost:8000")).toBe("[exit 7]");
});

test("a taken port is refused", () => {
  stage.run(httpd, "httpd -p 8080 -h /root");
  expect(stage.run(curl, "curl -s 192.168.0.10:8080/a.txt")).toBe("alpha\n");
  expect(stage.run(httpd, "httpd -f -p 8080")).toBe("httpd: bind: Address already in use\n[exit 1]");
  expect(stage.client.netns.sockets.list().some((socket) => socket.local === ip("::") && socket.localPort === 8080)).toBe(true);
});
