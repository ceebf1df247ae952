/**
 * Compares two transcripts command by command, after blanking what differs from run to run: ids (numbered by first
 * appearance, so that one id stays one id), MAC addresses, veth names, clocks, counters.
 */

/** A transcript as its commands, each with its output. Comments before the first command are left out. */
export function parseTranscript(text) {
  const blocks = [];
  for (const line of text.split("\n")) {
    if (line.startsWith("$ ")) blocks.push({ command: line.slice(2), lines: [] });
    else blocks.at(-1)?.lines.push(line);
  }
  return blocks.map(({ command, lines }) => ({ command, output: lines.join("\n").trimEnd() }));
}

function numbering() {
  const seen = new Map();
  return (id) => {
    const key = id.slice(0, 12);
    if (!seen.has(key)) seen.set(key, seen.size + 1);
    return seen.get(key);
  };
}

const sorted = (text) => text.split("\n").sort().join("\n");

/** Containers of a network document in order of their names: the engine's order is that of random ids. */
function orderedDocument(text) {
  if (!/^\s*\[/.test(text)) return text;
  let list;
  try {
    list = JSON.parse(text);
  } catch {
    return text;
  }
  for (const one of list)
    if (one?.Containers)
      one.Containers = Object.fromEntries(Object.entries(one.Containers).sort(([, a], [, b]) => (a.Name < b.Name ? -1 : 1)));
  return JSON.stringify(list, null, 4);
}

const DURATION = /((?:Up |Exited \(\d+\) )?(?:Less than a second|About an? \w+|\d+ \w+)(?: ago)?)( +\(Paused\))?/g;

const BLANKS = [
  [/\bsha256:[0-9a-f]{64}\b/g, "<image>"],
  [/("(?:EndpointID|SandboxID)": ?")[0-9a-f]{64}/g, "$1<id64>"],
  [/netns\/[0-9a-f]{12}\b/g, "netns/<id>"],
  [/(on endpoint \S+ \()[0-9a-f]{64}/g, "$1<id64>"],
];

const MORE_BLANKS = [
  [/\b(?!00:00:00:00:00:00|ff:ff:ff|52:54:00|02:42:|33:33:|01:00:5e)(?:[0-9a-f]{2}:){5}[0-9a-f]{2}\b/g, "<mac>"],
  [/\bfe80::[0-9a-f:]+/g, "<link-local>"],
  [/\bfd[0-9a-f]{2}:[0-9a-f:]+/g, "<ula>"],
  [/\bveth[0-9a-f]{7}\b/g, "<veth>"],
  [/\d{4}-\d\d-\d\d[T ][\d:.]+(?:Z| \+0000 UTC)/g, "<date>"],
  [/(opcode: \w+, status: \w+, id: )\d+/g, "$1<n>"],
  [/time[= ][\d.]+ ?ms/g, "time <t>ms"],
  [/(rtt min\/avg\/max\/mdev = ).*/g, "$1<t>"],
  [/\bpipe \d+$/gm, ""],
  [/127\.0\.0\.11:\d+/g, "127.0.0.11:<port>"],
];

const LAST_BLANKS = [
  [/^(\s+(?:RX|TX) (?:packets|errors)).*$/gm, "$1 <n>"],
  [/ tentative(?= )/g, ""],
  [/\b(REACHABLE|STALE|DELAY|PROBE)\b/g, "<state>"],
];

const blank = (text, rules) => rules.reduce((now, [pattern, by]) => now.replace(pattern, by), text);

/** What a command's output must be equal in. `number` numbers ids over the whole transcript. */
export function normalize(command, output, number = numbering()) {
  let text = blank(orderedDocument(output), BLANKS)
    .replace(/\b[0-9a-f]{64}\b/g, (id) => `<id64-${number(id)}>`)
    .replace(/\b8000\.[0-9a-f]{12}\b/g, "8000.<mac>")
    .replace(/\b(?=[0-9a-f]*[0-9])(?=[0-9a-f]*[a-f])[0-9a-f]{12}\b/g, (id) => `<id-${number(id)}>`);
  text = blank(text, MORE_BLANKS).replace(DURATION, (all, duration, paused) =>
    /second|minute|hour/.test(duration) ? `${/^Up|^Exited/.exec(duration)?.[0] ?? ""}<ago>${paused ?? ""}` : all,
  );
  text = blank(text, LAST_BLANKS);
  if (/docker (ps|container ls)/.test(command)) text = text.replace(/ {3,}/g, "   ");
  if (/traceroute/.test(command)) text = text.replace(/[\d.]+ ms/g, "<t> ms");
  if (/ip -s link/.test(command)) text = text.replace(/^\s+[\d ]+$/gm, "<counters>");
  if (/arp -|ip neigh|brctl show|bridge fdb|bridge link|network prune|nslookup|ss -/.test(command)) text = sorted(text);
  return text.replace(/[ \t]+$/gm, "").trimEnd();
}

/** Each expected command with what was wanted, what came, and whether they are the same. */
export function compareTranscripts(expectedText, actualText) {
  const actual = parseTranscript(actualText);
  const numberWant = numbering();
  const numberHave = numbering();
  return parseTranscript(expectedText).map(({ command, output }, i) => {
    const came =
      actual[i]?.command === command
        ? actual[i].output
        : (actual.find((block) => block.command === command)?.output ?? "<no such command>");
    const want = normalize(command, output, numberWant);
    const have = normalize(command, came, numberHave);
    return { command, want, have, same: want === have };
  });
}

/** As compareTranscripts, only of the commands on which two recordings of the same script agree: the others are unsteady on a real host too. */
export function compareSteady(expectedText, againText, actualText) {
  const steady = againText === undefined ? undefined : compareTranscripts(expectedText, againText).map((one) => one.same);
  return compareTranscripts(expectedText, actualText).filter((_, i) => steady?.[i] ?? true);
}
