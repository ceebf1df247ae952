/** Projects out of a compose.yaml, as `docker compose` 2.40 on a real host prints and makes them. */
import { expect, test } from "vitest";
import { runTranscript } from "../../../../world/transcript.ts";

/** The output of each line, run one after the other in one folder with this compose.yaml. */
function run(file: string, ...lines: readonly string[]): readonly string[] {
  const written = `mkdir /root/p && printf '${file.replaceAll("\n", "\\n")}' > /root/p/compose.yaml`;
  const transcript = runTranscript([written, ...lines.map((line) => `cd /root/p && ${line}`)].join("\n"));
  return transcript
    .split(/^\$ .*\n/m)
    .slice(2)
    .map((output) => output.trimEnd());
}

const TWO =
  "services:\n  web:\n    image: nginx\n    depends_on: [db]\n    networks: [default]\n  db:\n    image: alpine\n    command: sleep 1d\n";

test("up makes the network, then each service after those that it depends on; a second up finds them running", () => {
  const [first, second] = run(TWO, "docker compose up -d", "docker compose up -d");
  expect(first?.split("\n").map((line) => line.trim())).toEqual([
    "Network p_default  Creating",
    "Network p_default  Created",
    "Container p-db-1  Creating",
    "Container p-db-1  Created",
    "Container p-web-1  Creating",
    "Container p-web-1  Created",
    "Container p-db-1  Starting",
    "Container p-db-1  Started",
    "Container p-web-1  Starting",
    "Container p-web-1  Started",
  ]);
  expect(second).toContain("Container p-web-1  Running");
});

test("a service's name is resolved to its containers, and gone with the project", () => {
  const [, names, , left] = run(
    TWO,
    "docker compose up -d --scale db=2",
    "docker exec p-web-1 dig +short db | sort",
    "docker compose down -t 0",
    "docker network ls --format '{{.Name}}'",
  );
  expect(names).toBe("172.18.0.2\n172.18.0.3");
  expect(left).toBe("bridge\nhost\nnone");
});

test("a service on top of another takes what it does not say itself", () => {
  const file =
    "services:\n  base:\n    image: alpine\n    command: sleep 1d\n    environment: [A=1]\n  more:\n    extends: base\n    environment: [B=2]\n";
  const [env] = run(file, "docker compose config more");
  expect(env).toContain('    environment:\n      A: "1"\n      B: "2"');
});

test("a circle of extends names every link of it", () => {
  const file = "services:\n  a:\n    extends: b\n  b:\n    extends: a\n";
  const [told] = run(file, "docker compose config -q");
  const place = "in /root/p/compose.yaml";
  expect(told).toBe(`Circular reference:\n  a ${place}\n  extends b ${place}\n  extends a ${place}\n[exit 1]`);
});

test.each([
  ["services:\n  web:\n   image: nginx\n    ports: [80]\n", "yaml: line 4: mapping values are not allowed in this context"],
  ["services:\n  a:\n    image: nginx\n   b: 1\n", "yaml: line 1: did not find expected key"],
  ['services:\n  a:\n    image: "nginx\n', "yaml: line 3: found unexpected end of stream"],
  ["services:\n  a:\n    ports: [80\n  b: x\n", "yaml: line 2: did not find expected ',' or ']'"],
  ["services:\n  a: *x\n", "yaml: unknown anchor 'x' referenced"],
  ["services:\n  a:\n  - b\n", "services.a must be a mapping"],
  [
    "services:\n  a:\n    image: x\n    image: y\n",
    'failed to parse /root/p/compose.yaml: line 4: mapping key "image" already defined at line 3',
  ],
])("%j is refused in the words of the real one", (file, words) => {
  expect(run(file, "docker compose config")[0]).toBe(`${words}\n[exit 1]`);
});
