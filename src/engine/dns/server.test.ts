import { describe, expect, test } from "vitest";
import { parseIp } from "../../kernel/address.ts";
import type { Netns } from "../../kernel/netns.ts";
import type { DnsMessage, DnsType } from "../../kernel/wire/packet.ts";
import { Lab } from "../engine.fixture.ts";

/** Asks 127.0.0.11 from within a container, as its programs do. */
function ask(lab: Lab, container: string, name: string, type: DnsType = "A"): { status: string; answers: string[] } | undefined {
  const netns = lab.container(container).netns as Netns;
  const socket = netns.sockets.udp({ process: "dig", pid: 1 });
  if (typeof socket === "string") throw new Error(socket);
  const message: DnsMessage = {
    id: 7,
    response: false,
    status: "NOERROR",
    authoritative: false,
    recursionDesired: true,
    recursionAvailable: false,
    truncated: false,
    question: { name: `${name}.`, type },
    answers: [],
    authority: [],
    additional: [],
  };
  socket.send({ kind: "dns", message }, { ip: parseIp("127.0.0.11") as number, port: 53 });
  const end = lab.kernel.clock.now + 15_000_000;
  for (;;) {
    const datagram = socket.receive();
    if (datagram?.payload.kind === "dns") {
      const { status, answers } = datagram.payload.message;
      return { status, answers: answers.map(({ data }) => data) };
    }
    const next = lab.kernel.clock.nextAt;
    if (next === undefined || next > end) return undefined;
    lab.kernel.clock.step();
  }
}

describe("the embedded DNS server", () => {
  const aliased = (order: "shuffle" | "round-robin"): Lab => {
    const lab = new Lab(order);
    lab.network("mybridge");
    for (const name of ["c1", "c2", "c3"]) lab.up(name, "mybridge", {}, { aliases: ["alicek106"] });
    lab.up("asker", "mybridge");
    return lab;
  };

  test("answers for names, short ids, name.network, and backwards", () => {
    const lab = aliased("shuffle");
    expect(ask(lab, "asker", "c1")?.answers).toEqual(["172.18.0.2"]);
    expect(ask(lab, "asker", "C2.mybridge")?.answers).toEqual(["172.18.0.3"]);
    expect(ask(lab, "asker", lab.container("c3").id.slice(0, 12))?.answers).toEqual(["172.18.0.4"]);
    expect(ask(lab, "asker", "3.0.18.172.in-addr.arpa", "PTR")?.answers).toEqual(["c2.mybridge."]);
    expect(ask(lab, "asker", "c1", "AAAA")).toEqual({ status: "NOERROR", answers: [] });
  });

  test("turn by turn, an alias of three comes out with each of them first", () => {
    const lab = aliased("round-robin");
    const firsts = Array.from({ length: 6 }, () => ask(lab, "asker", "alicek106")?.answers[0]);
    expect(firsts).toEqual(["172.18.0.2", "172.18.0.3", "172.18.0.4", "172.18.0.2", "172.18.0.3", "172.18.0.4"]);
  });

  test("shuffled, all of them come", () => {
    const lab = aliased("shuffle");
    expect(ask(lab, "asker", "alicek106")?.answers.toSorted()).toEqual(["172.18.0.2", "172.18.0.3", "172.18.0.4"]);
  });

  test("forgets who has stopped and who has left", () => {
    const lab = aliased("shuffle");
    lab.run(lab.engine.stopContainer("c1", 0));
    lab.run(lab.engine.disconnect("mybridge", "c2", false));
    expect(ask(lab, "asker", "alicek106")?.answers).toEqual(["172.18.0.4"]);
  });

  test("passes on what it does not know, from the host; an internal network gets SERVFAIL", () => {
    const lab = aliased("shuffle");
    lab.network("secret", { internal: true });
    lab.up("inside", "secret");
    const upstream = lab.lan.sockets.udp({ process: "dnsmasq", pid: 1 }, { port: 53 });
    if (typeof upstream === "string") throw new Error(upstream);
    const askers: string[] = [];
    upstream.readable.arm(lab.kernel.clock, () => {
      for (let query = upstream.receive(); query; query = upstream.receive()) {
        if (query.payload.kind !== "dns") continue;
        const { message } = query.payload;
        askers.push(`${query.from}`);
        const answers = [{ name: message.question.name, type: "A" as const, ttl: 0, data: "203.0.113.80" }];
        upstream.send({ kind: "dns", message: { ...message, response: true, answers } }, { ip: query.from, port: query.fromPort });
      }
    });
    expect(ask(lab, "asker", "example.com")?.answers).toEqual(["203.0.113.80"]);
    expect(askers).toEqual([String(parseIp("192.168.0.10"))]);
    expect(ask(lab, "inside", "example.com")?.status).toBe("SERVFAIL");
  });

  test("listens on ports of its own, which ss shows for TCP", () => {
    const lab = aliased("shuffle");
    const sockets = lab.container("asker").netns?.sockets.list() ?? [];
    expect(sockets.map(({ protocol, state }) => `${protocol} ${state}`).toSorted()).toEqual(["tcp LISTEN", "udp UNCONN"]);
    const rules = lab.container("asker").netns?.netfilter.command(4, ["-t", "nat", "-S", "DOCKER_OUTPUT"]);
    expect(rules).toMatch(
      /^-N DOCKER_OUTPUT\n-A DOCKER_OUTPUT -d 127.0.0.11\/32 -p tcp -m tcp --dport 53 -j DNAT --to-destination 127.0.0.11:\d+\n-A DOCKER_OUTPUT -d 127.0.0.11\/32 -p udp -m udp --dport 53 -j DNAT/,
    );
  });
});
