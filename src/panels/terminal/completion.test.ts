import { describe, expect, it } from "vitest";
import { TestTerminal } from "./terminal.fixture.ts";

const completed = (typed: string, before: readonly string[] = []): string => new TestTerminal().run(...before).press(typed, "<Tab>").line;

describe("Tab", () => {
  it("completes commands, with a space behind the only one", () => {
    expect(completed("dock")).toBe("docker");
    expect(completed("docker ne")).toBe("docker network ");
    expect(completed("docker network prun")).toBe("docker network prune ");
    expect(completed("echo x | sysct")).toBe("echo x | sysctl ");
    expect(completed("for i in 1; do ifc")).toBe("for i in 1; do ifconfig ");
    expect(completed("X=1 ifc")).toBe("X=1 ifconfig ");
    expect(completed("echo $(ifc")).toBe("echo $(ifconfig ");
    expect(completed("watch -n 1 ifc")).toBe("watch -n 1 ifconfig ");
    expect(completed("ip addr; ip rou")).toBe("ip addr; ip route ");
  });

  it("fills in what candidates have in common, and lists them when pressed again", async () => {
    const terminal = new TestTerminal().press("docker network c", "<Tab>");
    expect(terminal.line).toBe("docker network c");
    expect(await terminal.text()).toBe("root@docker-host:~# docker network c");
    terminal.press("<Tab>");
    expect(await terminal.text()).toBe("root@docker-host:~# docker network c\nconnect  create\nroot@docker-host:~# docker network c");
    terminal.press("r", "<Tab>");
    expect(terminal.line).toBe("docker network create ");
  });

  it("lists in columns, and asks before a long list", async () => {
    const terminal = new TestTerminal().press("docker network ", "<Tab>", "<Tab>");
    expect(await terminal.text()).toContain("connect     disconnect  ls          rm\ncreate      inspect     prune\n");
    const many = new TestTerminal().press("docker run --", "<Tab>", "<Tab>");
    expect(await many.text()).toMatch(/Display all 1\d\d possibilities\? \(y or n\)$/);
    many.press("n");
    expect(await many.text()).toMatch(/\(y or n\)\nroot@docker-host:~# docker run --$/);
    many.press("<Tab>", "<Tab>", "y");
    expect(await many.text()).toMatch(/--add-host .*\n.*\nroot@docker-host:~# docker run --$/s);
  });

  it("completes flags, and their values", () => {
    expect(completed("docker run --hos")).toBe("docker run --hostname ");
    expect(completed("docker run --net")).toBe("docker run --network");
    const before = ["docker network create mybridge", "docker run -itd --name web alpine"];
    expect(completed("docker run -it --net my", before)).toBe("docker run -it --net mybridge ");
    expect(completed("docker run --network=my", before)).toBe("docker run --network=mybridge ");
    expect(completed("docker run --network container:w", before)).toBe("docker run --network container:web ");
    expect(completed("docker run --name x --rest")).toBe("docker run --name x --restart ");
    expect(completed("docker network create --driver mac")).toBe("docker network create --driver macvlan ");
    expect(completed("docker network create -d mac")).toBe("docker network create -d macvlan ");
  });

  it("completes names of containers, networks, images and volumes", () => {
    const before = ["docker network create mybridge", "docker run -itd --name web alpine", "docker volume create logs"];
    expect(completed("docker exec -it w", before)).toBe("docker exec -it web ");
    expect(completed("docker exec -it web ifc", before)).toBe("docker exec -it web ifconfig ");
    expect(completed("docker rm -f w", before)).toBe("docker rm -f web ");
    expect(completed("docker network inspect my", before)).toBe("docker network inspect mybridge ");
    expect(completed("docker network connect my", before)).toBe("docker network connect mybridge ");
    expect(completed("docker network connect mybridge w", before)).toBe("docker network connect mybridge web ");
    expect(completed("docker volume rm l", before)).toBe("docker volume rm logs ");
    expect(completed("docker run -it --name web2 alp", before)).toBe("docker run -it --name web2 alpine ");
    expect(completed("docker container ins", before)).toBe("docker container inspect ");
  });

  it("completes paths, quoting what the shell would split", () => {
    const before = ["mkdir -p dir/sub", "touch 'dir/a file' dir/b.txt .hidden"];
    expect(completed("cat /etc/resol", before)).toBe("cat /etc/resolv.conf ");
    expect(completed("ls di", before)).toBe("ls dir/");
    expect(completed("cat dir/a", before)).toBe("cat dir/a\\ file ");
    expect(completed('cat "dir/a', before)).toBe('cat "dir/a file" ');
    expect(completed("cat < dir/b", before)).toBe("cat < dir/b.txt ");
    expect(completed("cd dir/", before)).toBe("cd dir/sub/");
    expect(completed("cat ~/dir/b", before)).toBe("cat ~/dir/b.txt ");
    expect(completed("cat .h", before)).toBe("cat .hidden ");
    expect(completed("/usr/bin/sysct", before)).toBe("/usr/bin/sysctl ");
  });

  it("lists paths by their last parts", async () => {
    const terminal = new TestTerminal().run("mkdir -p dir/sub", "touch dir/a.txt dir/b.txt").press("cat dir/", "<Tab>", "<Tab>");
    expect(await terminal.after("touch")).toBe("root@docker-host:~# cat dir/\na.txt  b.txt  sub/\nroot@docker-host:~# cat dir/");
  });

  it("completes variables", () => {
    expect(completed("echo $HOM")).toBe("echo $HOME ");
    expect(completed('echo "$HOM')).toBe('echo "$HOME');
    expect(completed("echo ${HOM")).toBe("echo ${HOME}");
    expect(completed("myvar=1; echo x$myv", ["myvar=5"])).toBe("myvar=1; echo x$myvar ");
    expect(completed("unset myv", ["myvar=5"])).toBe("unset myvar ");
  });

  it("knows a container's own commands and files in its shell", () => {
    const terminal = new TestTerminal().run("docker run -d --name web nginx", "docker exec -it web sh");
    expect(terminal.press("docker-c", "<Tab>").line).toBe("docker-c");
    terminal.press("<C-u>").run("mkdir /data", "touch /data/page.html");
    expect(terminal.press("cat /data/pa", "<Tab>").line).toBe("cat /data/page.html ");
    expect(terminal.press("<C-u>", "ifconf", "<Tab>").line).toBe("ifconfig ");
  });
});
