import { beforeAll, describe, expect, it } from "vitest";
import { TestStage } from "../stage.fixture.ts";
import { connectRefusals, containerRefusals, networkRefusals, nextSubnet, refusalOfLine } from "./check.ts";
import { lanOf } from "./context.ts";
import { readLine } from "./read.ts";
import { closeForm, doneWithForm, editForm, editLine, type OpenForm, openForm, openFormFor, startOver } from "./store.ts";
import { type ContainerForm, choice, createLine, EMPTY_CONTAINER, EMPTY_NETWORK, type NetworkForm, runLine } from "./words.ts";

let stage: TestStage;
beforeAll(() => {
  stage = new TestStage(
    "docker network create --subnet 10.9.0.0/24 mine",
    "docker network create other",
    "docker run -d --name web --net mine --ip 10.9.0.9 -p 8080:80 nginx",
    "docker run -itd --name guest --net container:web alpine",
  );
});

const CONTAINER: ContainerForm = { ...EMPTY_CONTAINER, name: "c1" };
const NETWORK: NetworkForm = { ...EMPTY_NETWORK, name: "fresh" };
const container = (part: Partial<ContainerForm>) => containerRefusals(stage.host, { ...CONTAINER, ...part });
const on = (network: string, part: { ip?: string; aliases?: string; mac?: string } = {}) => [{ ...choice(network), ...part }];
const network = (part: Partial<NetworkForm>) => networkRefusals(stage.host, { ...NETWORK, ...part });

describe("a container's form is told beside the field what the engine would say", () => {
  it("nothing about one that would run", () => {
    expect(container({})).toEqual({});
    expect(container({ networks: [...on("mine", { ip: "10.9.0.10", aliases: "app" }), choice("other")], ports: "8081:80" })).toEqual({});
  });

  it("a name that is taken, or none", () => {
    expect(container({ name: "web" })).toEqual({
      name: `Conflict. The container name "/web" is already in use by container "${stage.id("web")}". You have to remove (or rename) that container to be able to reuse that name.`,
    });
    expect(container({ name: "bad name" }).name).toBe("Invalid container name (bad name), only [a-zA-Z0-9][a-zA-Z0-9_.-] are allowed");
  });

  it("an image that is no reference, or that nobody may pull", () => {
    expect(container({ image: "Ubuntu:" })).toEqual({ image: "invalid reference format" });
    expect(container({ image: "foo" }).image).toMatch(/^pull access denied for foo/);
  });

  it("an address outside the subnet, one that is taken, one where none may be chosen", () => {
    expect(container({ networks: on("mine", { ip: "10.1.0.9" }) }).ip0).toContain(
      "no configured subnet or ip-range contain the IP address 10.1.0.9",
    );
    expect(container({ networks: on("mine", { ip: "10.9.0.9" }) }).ip0).toContain("Address already in use");
    expect(container({ networks: on("bridge", { ip: "172.17.0.9" }) }).ip0).toContain(
      "user specified IP address is supported on user defined networks only",
    );
    expect(container({ networks: on("other", { ip: "172.18.0.9" }) }).ip0).toContain("user configured subnets");
  });

  it("a network that is not there, and an alias where there are none", () => {
    expect(container({ networks: on("nosuch") }).network0).toContain("network nosuch not found");
    expect(container({ networks: on("bridge", { aliases: "app" }) }).aliases0).toContain("only supported for user-defined networks");
  });

  it("a MAC address that is none", () => {
    expect(container({ networks: on("mine", { mac: "zz" }) })).toEqual({ mac0: "zz is not a valid mac address" });
  });

  it("a host port that is taken, or no port", () => {
    expect(container({ ports: "8080:80" }).ports).toContain("port is already allocated");
    expect(container({ ports: "99999:80" }).ports).toBe("Invalid hostPort: 99999");
  });

  it("each of several networks by itself", () => {
    const found = container({ networks: [...on("mine", { ip: "10.9.0.9" }), ...on("other", { mac: "zz" }), choice("nosuch")] });
    expect(Object.keys(found)).toEqual(["ip0", "mac1", "network2"]);
  });

  it("several fields at once", () => {
    expect(Object.keys(container({ name: "web", image: "Ubuntu:", ports: "8080:80" }))).toEqual(["image", "name", "ports"]);
  });

  it("nothing about what the container that it replaces holds", () => {
    const form = { ...CONTAINER, name: "web", networks: on("mine", { ip: "10.9.0.9" }), ports: "8080:80 8081:80", replaces: "web" };
    const replaced = { name: "web", ports: new Set(["8080:80"]), addresses: new Set(["10.9.0.9"]) };
    expect(containerRefusals(stage.host, form, replaced)).toEqual({});
    expect(containerRefusals(stage.host, { ...form, ports: "8080:80 8080:81" }, replaced).ports).toContain("already allocated");
  });
});

describe("a network's form", () => {
  it("tells a name that is taken or empty", () => {
    expect(network({ name: "mine" })).toEqual({ name: "network with name mine already exists" });
    expect(network({ name: "" }).name).toContain("name is empty");
  });

  it("tells a subnet that overlaps, or is none", () => {
    expect(network({ subnet: "10.9.0.0/25" })).toEqual({
      subnet: "invalid pool request: Pool overlaps with other one on this address space",
    });
    expect(network({ subnet: "10.8.0.5/24" }).subnet).toContain("invalid subnet 10.8.0.5/24: it should be 10.8.0.0/24");
    expect(network({ subnet: "nonsense" }).subnet).toContain("invalid CIDR block notation");
  });

  it("tells a gateway, range or reserved address outside the subnet, or without one", () => {
    const subnet = "10.8.0.0/24";
    expect(network({ subnet, gateway: "10.1.0.1" })).toEqual({ gateway: "no matching subnet for gateway 10.1.0.1" });
    expect(network({ subnet, range: "10.1.0.0/28" }).range).toContain("no matching subnet for range");
    expect(network({ subnet, aux: "r=10.1.0.1" }).aux).toContain("no matching subnet for aux-address");
    expect(network({ gateway: "10.8.0.1" })).toEqual({ gateway: "every ip-range or gateway must have a corresponding subnet" });
    expect(network({ subnet, range: "10.8.0.64/26", gateway: "10.8.0.1", aux: "r=10.8.0.9" })).toEqual({});
  });

  it("tells a mode or parent that the driver does not take, and an MTU that is no number", () => {
    expect(network({ driver: "macvlan", parent: "eth0", mode: "l2" }).mode).toContain("requested macvlan mode 'l2' is not valid");
    expect(network({ driver: "macvlan", parent: "lo" }).parent).toContain("loopback interface is not a valid macvlan parent link");
    expect(network({ mtu: "big" }).mtu).toContain("failed to parse com.docker.network.driver.mtu value: big");
    expect(network({ driver: "nosuch" }).driver).toBe('plugin "nosuch" not found');
  });

  it("suggests the subnet that the engine would take", () => {
    const suggested = nextSubnet(stage.host);
    const fresh = new TestStage(
      "docker network create --subnet 10.9.0.0/24 mine",
      "docker network create other",
      "docker network create next",
    );
    expect(fresh.network("next").pools[0]!.subnet).toBe(suggested);
  });
});

describe("the form of an end on a network", () => {
  const form = { container: "web", network: "other", ip: "", aliases: "", reconnect: false };
  it("tells what connect would be refused with", () => {
    expect(connectRefusals(stage.host, form)).toEqual({});
    expect(connectRefusals(stage.host, { ...form, network: "mine" }).network).toBe("endpoint with name web already exists in network mine");
    expect(connectRefusals(stage.host, { ...form, network: "mine", reconnect: true, ip: "10.9.0.9" })).toEqual({});
    expect(connectRefusals(stage.host, { ...form, ip: "172.18.0.77" }).ip).toContain("user configured subnets");
    expect(connectRefusals(stage.host, { ...form, container: "guest" }).network).toContain("sharing network namespace");
  });
});

describe("what a refused line says is what running it says", () => {
  it.each([
    "docker run -d --name web nginx",
    "docker run -d --name x --net nosuch nginx",
    "docker run -d --name y --net mine --ip 10.1.0.9 nginx",
    "docker run -d --name z --mac-address zz nginx",
    "docker network create --subnet=10.9.0.0/25 w",
    "docker network create mine",
    "docker network connect mine web",
    "docker network connect --ip 10.1.0.9 other web",
  ])("%s", (line) => {
    const told = refusalOfLine(stage.host, line);
    expect(told).toBeDefined();
    const { output, status } = stage.run(line);
    expect(status).not.toBe(0);
    expect(output).toContain(told!);
  });
});

describe("a form's line changed by hand", () => {
  const opened = (form: ContainerForm | NetworkForm): OpenForm =>
    ({ kind: "driver" in form ? "network" : "container", form, draft: "", initial: form, line: undefined }) as OpenForm;

  it("shows in the fields, and what there is no field for is kept", () => {
    const line =
      "docker run -itd --name c9 --net mine --ip 10.9.0.7 --net-alias a --net name=other,alias=b -p 80:80 -p 81:81 -e 'A=b c' --rm alpine sleep 60";
    const form = readLine(stage.host, opened(CONTAINER), line) as ContainerForm;
    expect(form).toMatchObject({ name: "c9", image: "alpine", ports: "80:80 81:81", command: "sleep 60", how: "-itd" });
    expect(form.networks).toEqual([
      { network: "mine", ip: "10.9.0.7", aliases: "a", mac: "" },
      { network: "other", ip: "", aliases: "b", mac: "" },
    ]);
    expect(form.extra).toBe("--env 'A=b c' --rm");
    expect(readLine(stage.host, opened(CONTAINER), runLine(form))).toEqual(form);
  });

  it("reads a network's line back as it was made", () => {
    const form: NetworkForm = {
      ...NETWORK,
      subnet: "10.8.0.0/24",
      range: "10.8.0.64/26",
      gateway: "10.8.0.1",
      aux: "r=10.8.0.9",
      ipv6: true,
      subnet6: "fd00:9::/64",
      internal: true,
      icc: false,
      mtu: "1400",
    };
    expect(readLine(stage.host, opened(NETWORK), createLine(form))).toEqual(form);
    const macvlan = { ...NETWORK, driver: "macvlan", parent: "eth0", mode: "vepa" };
    expect(readLine(stage.host, opened(NETWORK), createLine(macvlan))).toEqual(macvlan);
  });

  it("stands by itself when it is another command, or more than one", () => {
    for (const line of ["docker ps", "docker run", "docker run -d nginx | cat", "echo hello", "docker run --nosuch nginx"])
      expect(readLine(stage.host, opened(CONTAINER), line), line).toBeUndefined();
  });
});

describe("the LAN that macvlan containers would join", () => {
  it("is read from the picture: the host's NIC, its subnet, the router there", () => {
    expect(lanOf(stage.picture, "docker-host")).toEqual({
      nic: "eth0",
      subnet: "192.168.0.0/24",
      gateway: "192.168.0.1",
      range: "192.168.0.64/28",
    });
    expect(lanOf(stage.picture, "internet")).toMatchObject({ subnet: "203.0.113.0/24", gateway: "203.0.113.1" });
    expect(lanOf(stage.picture, "nosuch")).toBeUndefined();
  });
});

describe("what is typed in forms", () => {
  const around = { networks: new Set(["mybridge"]), lan: undefined };
  it("is kept when the form is closed, one draft for each form, and forgotten once it was run", () => {
    openFormFor("container", around);
    editForm({ name: "mine" });
    closeForm();
    openFormFor("network", around);
    expect(openForm.getState().open).toMatchObject({ kind: "network", form: { name: "mybridge2" } });
    openFormFor("container", around);
    expect(openForm.getState().open).toMatchObject({ form: { name: "mine" } });
    openFormFor("container", { ...around, network: "other" });
    expect(openForm.getState().open).toMatchObject({ form: { name: "", networks: [{ network: "other" }] } });
    openFormFor("container", around);
    doneWithForm();
    openFormFor("container", around);
    expect(openForm.getState().open).toMatchObject({ form: { name: "" } });
  });

  it("is a line by hand until a field is changed, and can be started over", () => {
    editLine("docker ps", undefined);
    expect(openForm.getState().open).toMatchObject({ line: "docker ps" });
    editForm({ image: "alpine" });
    expect(openForm.getState().open).toMatchObject({ line: undefined, form: { image: "alpine" } });
    startOver();
    expect(openForm.getState().open).toMatchObject({ form: { image: "ubuntu:18.04" } });
    doneWithForm();
  });
});
