import { expect, test } from "vitest";
import { Stage } from "../stage.fixture.ts";
import { dig } from "./dig.ts";
import { getent } from "./getent.ts";
import { host } from "./host.ts";
import { nslookup } from "./nslookup.ts";

const stage = new Stage();

test("dig prints a message as BIND does", () => {
  const text = stage
    .run(dig, "dig server.lan")
    .replace(/id: \d+/, "id: N")
    .replace(/WHEN: .*/, "WHEN: W");
  expect(text).toBe(`
; <<>> DiG 9.20.30-1-Debian <<>> server.lan
;; global options: +cmd
;; Got answer:
;; ->>HEADER<<- opcode: QUERY, status: NOERROR, id: N
;; flags: qr aa rd ra; QUERY: 1, ANSWER: 1, AUTHORITY: 0, ADDITIONAL: 1

;; OPT PSEUDOSECTION:
; EDNS: version: 0, flags:; udp: 1232
;; QUESTION SECTION:
;server.lan.			IN	A

;; ANSWER SECTION:
server.lan.		0	IN	A	192.168.0.20

;; Query time: 0 msec
;; SERVER: 192.168.0.20#53(192.168.0.20) (UDP)
;; WHEN: W
;; MSG SIZE  rcvd: 55

`);
});

test("dig shows what it is asked to show", () => {
  expect(stage.run(dig, "dig +short server.lan both.lan nosuch")).toBe("192.168.0.20\n192.168.0.99\n192.168.0.20\n");
  expect(stage.run(dig, "dig +noall +answer both.lan")).toBe("both.lan.\t\t0\tIN\tA\t192.168.0.99\nboth.lan.\t\t0\tIN\tA\t192.168.0.20\n");
  expect(stage.run(dig, "dig +short +search both")).toBe("192.168.0.99\n192.168.0.20\n");
  expect(stage.run(dig, "dig +short +tcp server.lan")).toBe("192.168.0.20\n");
  expect(stage.run(dig, "dig +noall +question -x 192.168.0.20")).toBe(";20.0.168.192.in-addr.arpa.\tIN\tPTR\n");
});

test("dig tells why no server could be reached", () => {
  expect(stage.run(dig, "dig @192.168.0.20 -p 54 +short +tries=2 x")).toBe(
    `${";; communications error to 192.168.0.20#54: connection refused\n".repeat(2)};; no servers could be reached\n[exit 9]`,
  );
  expect(stage.run(dig, "dig @192.168.0.99 +short +time=1 +tries=1 x")).toBe(
    ";; communications error to 192.168.0.99#53: timed out\n;; no servers could be reached\n[exit 9]",
  );
  expect(stage.run(dig, "dig @10.9.9.9 +short +tries=1 x")).toBe(
    ";; UDP setup with 10.9.9.9#53(10.9.9.9) for x failed: network unreachable.\n;; no servers could be reached\n[exit 9]",
  );
  expect(stage.run(dig, "dig @nosuchserver x")).toBe("dig: couldn't get address for 'nosuchserver': not found\n[exit 1]");
  expect(stage.run(dig, "dig +bogus x")).toMatch(/^Invalid option: \+bogus\nUsage:/);
});

test("nslookup prints server, names and addresses, and what cannot be found", () => {
  expect(stage.run(nslookup, "nslookup -type=a both.lan")).toBe(
    "Server:\t\t192.168.0.20\nAddress:\t192.168.0.20#53\n\nName:\tboth.lan\nAddress: 192.168.0.99\nName:\tboth.lan\nAddress: 192.168.0.20\n\n",
  );
  expect(stage.run(nslookup, "nslookup nosuch")).toBe(
    "Server:\t\t192.168.0.20\nAddress:\t192.168.0.20#53\n\n** server can't find nosuch: NXDOMAIN\n\n[exit 1]",
  );
  expect(stage.run(nslookup, "nslookup 192.168.0.20")).toBe("** server can't find 20.0.168.192.in-addr.arpa: NXDOMAIN\n\n[exit 1]");
});

test("host prints a line a record", () => {
  expect(stage.run(host, "host -t A server.lan")).toBe("server.lan has address 192.168.0.20\n");
  expect(stage.run(host, "host nosuch")).toBe("Host nosuch not found: 3(NXDOMAIN)\n[exit 1]");
});

test("getent answers from /etc/hosts, then from DNS", () => {
  expect(stage.run(getent, "getent hosts files server.lan nosuch")).toBe(
    "192.168.0.20    files.lan files\n192.168.0.20    server.lan\n[exit 2]",
  );
  expect(stage.run(getent, "getent hosts server")).toBe("192.168.0.20    server.lan\n");
  expect(stage.run(getent, "getent ahostsv4 localhost")).toBe(
    "127.0.0.1       STREAM localhost\n127.0.0.1       DGRAM  \n127.0.0.1       RAW    \n",
  );
  expect(stage.run(getent, "getent services http")).toBe("http                  80/tcp www\n");
});
