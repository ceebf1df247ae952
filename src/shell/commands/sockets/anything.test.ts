import fc from "fast-check";
import { expect, test } from "vitest";
import { socketCommands } from "./index.ts";
import { Stage } from "./stage.fixture.ts";

const WORDS = [
  ..."-a -l -t -u -n -p -4 -6 -s -v -i -I -o -m -w -x -z -k -e -c -q -A -X -d -H -f -r -R -W -N -S -D -T -O -L -h -V --help --version -- - -tulpn -zv".split(
    " ",
  ),
  ..."server.lan nosuch localhost 192.168.0.20 192.168.0.99 ::1 [::1]:80 127.1 :80 http://server.lan/ https://x ftp:// http:/// @192.168.0.20 @ +short +noall +time=1".split(
    " ",
  ),
  ..."+tries=0 +bogus 80 81 0 70000 1-5 abc state established sport = dport host port and or not ( ) ! src dst net tcp udp icmp 10.0.0.0/8 eth0 lo any 1 2 -1 1.5".split(
    " ",
  ),
  "",
  " ",
  "é€😀",
  "%{http_code}\\n%{json}%{x",
  "a=b&c",
  "/tmp/x",
  "/nosuch/x",
  "hosts",
  "ahosts",
  "services",
  "m".repeat(300),
  "a..b",
  "-m",
  "http.server",
  "tcp[tcpflags] & (tcp-syn",
];

test("whatever is typed, a command ends, waits or is interrupted, and never throws", () => {
  fc.assert(
    fc.property(
      fc.constantFrom(...socketCommands),
      fc.array(fc.constantFrom(...WORDS), { maxLength: 6 }),
      fc.constantFrom("", "text\n", "GET / HTTP/1.0\n\n", "server.lan\nset type=mx\nexit\n"),
      (command, words, input) => {
        const stage = new Stage();
        const running = stage.launch(command, [command.name, ...words], stage.client, input);
        stage.pass(20);
        if (!running.task.done) stage.interrupt(running);
        stage.pass(1);
        expect(running.task.done).toBe(true);
        const { outcome } = running.task;
        if (outcome && "value" in outcome) expect(Number.isInteger(outcome.value) && outcome.value >= 0 && outcome.value < 256).toBe(true);
      },
    ),
    { numRuns: 500, seed: 4711 },
  );
});
