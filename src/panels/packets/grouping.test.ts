import { describe, expect, it } from "vitest";
import { groupByLine, type Sender } from "./grouping.ts";

const line = (at: number, terminal: string, text: string) => ({ at, terminal, line: text });
const row = (t: number, process = "", owner = "") => ({ t, process, owner });
type Row = ReturnType<typeof row>;
const senderOf = ({ process, owner }: Row): Sender => ({ process, owner });

describe("packets under the lines that sent them", () => {
  it("a packet belongs to the newest line before it", () => {
    const entries = [line(0, "docker-host", "ping -c 1 192.168.0.20"), line(100, "docker-host", "ping -c 1 192.168.0.1")];
    const groups = groupByLine([row(10, "ping", "docker-host"), row(110, "ping", "docker-host")], entries, senderOf);
    expect(groups.map((group) => [group.entry, group.rows.length])).toEqual([
      [0, 1],
      [1, 1],
    ]);
  });

  it("of a command that goes on in another terminal, packets stay under its line", () => {
    const entries = [line(0, "docker-host", "docker exec c1 ping 172.17.0.3"), line(100, "docker-host:2", "docker network ls")];
    const groups = groupByLine([row(10, "ping", "c1"), row(110, "ping", "c1"), row(210, "ping", "c1")], entries, senderOf);
    expect(groups).toHaveLength(1);
    expect(groups[0]).toMatchObject({ entry: 0, at: 0 });
  });

  it("two of the same command are told apart by whose they are, also in shells inside containers", () => {
    const entries = [
      line(0, "docker-host", "docker exec c1 ping 172.17.0.9"),
      line(10, "docker-host:2", "docker run -it --name c2 alpine"),
      line(20, "docker-host:2", "ping 172.17.0.9"),
    ];
    const groups = groupByLine([row(30, "ping", "c1"), row(40, "ping", "c2"), row(50, "ping", "c1")], entries, senderOf);
    expect(groups.map((group) => group.entry)).toEqual([0, 2, 0]);
  });

  it("what came before the first line is the boot's", () => {
    expect(groupByLine([row(1)], [line(5, "docker-host", "true")], senderOf)[0]).toMatchObject({ entry: -1, line: "" });
  });
});
