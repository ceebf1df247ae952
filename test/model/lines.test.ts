import fc from "fast-check";
import { expect, test } from "vitest";
import { commands } from "../../src/shell/commands/index.ts";
import { play, startSession, typeLine } from "./play.ts";
import { anyLine, BEGINNING } from "./vocabulary.ts";

const LINES = 10_000;
const LINES_OF_A_SESSION = 250;
const SEED = 20_417;

const NAMES = [...commands.keys()];
const WORDS = [
  ..."run create start stop rm network connect ls inspect compose up ps exec logs addr link route neigh show add del dev set up down".split(
    " ",
  ),
  ..."-d -it -itd --rm --name --net --network --ip -p -v -e -t -n -i -c 1 -s --format -f -q -a -A -I -D -j DROP -4 -6 --help -h --version".split(
    " ",
  ),
  ..."web db box front bridge host none container:web alpine nginx ubuntu:18.04 library/x:y@z eth0 docker0 lo nosuch".split(" "),
  ..."172.18.0.2 172.17.0.0/16 10.0.0.0/33 ::1 fd00::/64 255.255.255.255 0 -1 65536 99999999999999999999 0x7f 1e9 8080:80".split(" "),
  ..."'{{json .}}' '{{range .X}}' {{.}} \"$x\" $x ${x:-y} ${x$ $((1/0)) $((2**99)) $(ip a) $( `hostname` ~ * ? [a- {1..3} !! !$ \\".split(
    " ",
  ),
  ..."| || & && ; ;; > >> < << <<< 2>&1 &> ( ) { } ! # if then fi for in do done while case esac function [ ] [[ ]] =~ time".split(" "),
  ..."' \" /etc/hosts /nosuch/x /dev/null - -- . .. = a=b %s \\n (a+)+$ [[:alpha:]]* s/a/b/g 1,$p {print$2}".split(" "),
  "x".repeat(5_000),
  "",
];
const INK = " \t\"'`$\\|&;<>(){}[]!#*?~=%/.,:-_@^aZ09é가😀\u0000\u0007\u001b\u007f";

const wordy = fc
  .tuple(fc.constantFrom(...NAMES, ...NAMES, ...WORDS), fc.array(fc.constantFrom(...WORDS), { maxLength: 8 }))
  .map(([name, words]) => [name, ...words].join(" "));
/** A line that was right, with a few letters struck out, put in or written twice. */
const mistyped = fc
  .tuple(anyLine, fc.array(fc.tuple(fc.nat(200), fc.constantFrom(...INK), fc.constantFrom(0, 1, 2)), { minLength: 1, maxLength: 3 }))
  .map(([line, slips]) =>
    slips.reduce((text, [where, ink, kind]) => {
      const at = text.length === 0 ? 0 : where % text.length;
      return text.slice(0, at) + (kind === 0 ? "" : kind === 1 ? ink : text.slice(at, at + 5)) + text.slice(kind === 0 ? at + 1 : at);
    }, line),
  );
const scribble = fc.string({ unit: fc.constantFrom(...INK), maxLength: 40 });
/** What would never end, or take for ever, if nothing looked after it. */
const ENDLESS = [
  "while :; do :; done",
  "until false; do true; done",
  "yes | head -3",
  "yes > /tmp/y",
  "f() { f; }; f",
  "f() { f | f & }; f",
  "for i in {1..100000}; do echo $i; done | tail -1",
  `echo ${"a".repeat(40)} | grep -E '(a+)+$b'`,
  `echo ${"a".repeat(40)} | sed -E 's/(a*)*c/x/'`,
  `${"(".repeat(300)}true${")".repeat(300)}`,
  `${"$(".repeat(200)}true${")".repeat(200)}`,
  "seq 1000000000 | wc -l",
  "awk 'BEGIN { while (1) x++ }'",
  "ping -f 127.0.0.1",
  "cat",
  "tail -f /etc/hosts",
  "sleep infinity",
  // Nobody reads what comes out of the container's terminal.
  "docker run -it alpine sh | true",
  "docker events",
  "watch -n 0 true",
  "cat /dev/zero | wc -c",
  "cat /dev/urandom > /tmp/full",
  "for ((;;)); do x=$x$x; done",
  "x=a; for i in {1..60}; do x=$x$x; done",
  "echo {1..99999999}",
  `echo ${"{a,b}".repeat(24)}`,
  `[[ ${"a".repeat(30)} == ${"*a".repeat(8)}*b ]]`,
  `[[ ${"a".repeat(40)} =~ (a|a|aa)+$b ]]`,
  "echo $((9223372036854775807 + 1)) $((1 << 99)) $((2 ** 9999))",
  "a[999999999]=1; echo ${#a[@]}",
  "printf '%999999999d' 1",
  "sed ':a;s/^/x/;ta' /etc/hosts",
  "eval eval eval 'while :; do eval :; done'",
  "bash -c 'bash -c \"while :; do :; done\"'",
  "exec cat",
];
const line = fc.oneof({ weight: 40, arbitrary: mistyped }, { weight: 40, arbitrary: wordy }, { weight: 9, arbitrary: scribble });

test(`ten thousand random lines: none throws, and after each the prompt comes back (seed ${SEED})`, { timeout: 300_000 }, () => {
  fc.assert(
    fc.property(fc.array(line, { minLength: LINES_OF_A_SESSION, maxLength: LINES_OF_A_SESSION }), (lines) => {
      const session = startSession();
      for (const one of [...BEGINNING, ...lines]) {
        typeLine(session, one);
        // The first process of a container may ignore Ctrl-C, as a real one does: then it is left running.
        if (session.world.busy) session.type("docker-host", { key: "C-p C-q" });
        expect(session.world.busy, one).toBe(false);
      }
    }),
    { numRuns: LINES / LINES_OF_A_SESSION, seed: SEED, endOnFailure: true },
  );
});

test("what would never end is ended with Ctrl-C", { timeout: 120_000 }, () => {
  for (const line of ENDLESS) {
    const session = startSession();
    play(session, { do: "run", line, inside: "", wait: 5_000, key: "C-c" });
    expect(session.world.atHostPrompt("docker-host"), line).toBe(true);
  }
});
