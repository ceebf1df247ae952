import { describe, expect, it } from "vitest";
import { TestStage } from "../stage.fixture.ts";
import {
  choice,
  connectLine,
  copyName,
  createLine,
  EMPTY_CONTAINER,
  EMPTY_NETWORK,
  formOf,
  freePublish,
  type NetworkForm,
  plainWords,
  quote,
  runLine,
} from "./words.ts";

const CONTAINER = EMPTY_CONTAINER;
const NETWORK: NetworkForm = { ...EMPTY_NETWORK, name: "mine" };

describe("docker run for a form", () => {
  it("says no more than is needed", () => {
    expect(runLine(CONTAINER)).toBe("docker run -itd ubuntu:18.04");
    expect(runLine({ ...CONTAINER, image: "nginx" })).toBe("docker run -d nginx");
    expect(runLine({ ...CONTAINER, command: "sleep 60" })).toBe("docker run -d ubuntu:18.04 sleep 60");
  });

  it("has flags for the first network and fields for the others", () => {
    const networks = [
      { network: "mine", ip: "10.9.0.9", aliases: "a, b", mac: "02:42:00:00:00:09" },
      { network: "other", ip: "10.8.0.9", aliases: "c", mac: "" },
      choice("third"),
    ];
    expect(runLine({ ...CONTAINER, name: "c1", networks })).toBe(
      "docker run -itd --name c1 --net mine --ip 10.9.0.9 --net-alias a --net-alias b --mac-address 02:42:00:00:00:09 --net name=other,ip=10.8.0.9,alias=c --net third ubuntu:18.04",
    );
    expect(runLine({ ...CONTAINER, networks: [choice("bridge"), choice("mine")] })).toBe(
      "docker run -itd --net bridge --net mine ubuntu:18.04",
    );
  });

  it("leaves out what a container without a network of its own cannot have", () => {
    const networks = [{ network: "host", ip: "10.9.0.9", aliases: "a", mac: "" }];
    expect(runLine({ ...CONTAINER, networks, ports: "8080:80" })).toBe("docker run -itd --net host ubuntu:18.04");
  });

  it("removes first what it replaces", () => {
    expect(runLine({ ...CONTAINER, name: "web", image: "nginx", ports: "8080:80", replaces: "web" })).toBe(
      "docker rm -f web && docker run -d --name web -p 8080:80 nginx",
    );
  });

  it("is the same again for the container that it made", () => {
    const line =
      "docker run -itd --name c1 --net mine --ip 10.9.0.9 --net-alias app --net other -p 8080:80 -p 127.0.0.1:53:53/udp --hostname box -e A=1 --dns 1.1.1.1 --cap-add NET_ADMIN --sysctl net.ipv4.ip_forward=1 ubuntu:18.04 sleep 600";
    const stage = new TestStage("docker network create --subnet 10.9.0.0/24 mine", "docker network create other", line);
    expect(runLine(formOf(stage.container("c1")))).toBe(line);
  });
});

describe("docker network create for a form", () => {
  it("says no more than is needed", () => {
    expect(createLine(NETWORK)).toBe("docker network create mine");
  });

  it("has every option of a bridge", () => {
    const form = {
      ...NETWORK,
      subnet: "10.9.0.0/24",
      range: "10.9.0.64/26",
      gateway: "10.9.0.1",
      aux: "router=10.9.0.5 nas=10.9.0.6",
      ipv6: true,
      subnet6: "fd00:9::/64",
      internal: true,
      icc: false,
      masquerade: false,
      mtu: "1400",
      extra: "--label a=b",
    };
    expect(createLine(form)).toBe(
      "docker network create --subnet=10.9.0.0/24 --ip-range=10.9.0.64/26 --gateway=10.9.0.1 --aux-address=router=10.9.0.5 --aux-address=nas=10.9.0.6 --ipv6 --subnet=fd00:9::/64 --internal -o com.docker.network.bridge.enable_icc=false -o com.docker.network.bridge.enable_ip_masquerade=false -o com.docker.network.driver.mtu=1400 --label a=b mine",
    );
  });

  it("has parent and mode of macvlan and ipvlan", () => {
    expect(createLine({ ...NETWORK, driver: "macvlan", parent: "eth0", mode: "vepa" })).toBe(
      "docker network create -d macvlan -o parent=eth0 -o macvlan_mode=vepa mine",
    );
    expect(createLine({ ...NETWORK, driver: "ipvlan", parent: "eth0", mode: "l3", icc: false })).toBe(
      "docker network create -d ipvlan -o parent=eth0 -o ipvlan_mode=l3 mine",
    );
  });
});

describe("an end on a network", () => {
  it("is plugged in, or unplugged and plugged in again", () => {
    const form = { container: "web", network: "mine", ip: "", aliases: "app api", reconnect: true };
    expect(connectLine(form)).toBe("docker network disconnect mine web && docker network connect --alias app --alias api mine web");
    expect(connectLine({ ...form, reconnect: false, ip: "10.9.0.9", aliases: "" })).toBe("docker network connect --ip 10.9.0.9 mine web");
  });
});

describe("words of a line", () => {
  it("are quoted as the shell needs it, and read back", () => {
    for (const word of ["plain", "two words", "it's", "", "$HOME", "a;b"])
      expect(plainWords(`echo ${quote(word)}`)).toEqual(["echo", word]);
    expect(plainWords('a "b c" d\\ e')).toEqual(["a", "b c", "d e"]);
  });

  it("are none where the shell would do more than split them", () => {
    for (const line of ["a | b", "a && b", "a; b", "a $(b)", 'a "$b"', "a > b", "a 'open", "a *"]) expect(plainWords(line)).toBeUndefined();
  });
});

describe("names and ports for one more", () => {
  it("count on", () => {
    expect(copyName("web", new Set(["web"]))).toBe("web-2");
    expect(copyName("web-2", new Set(["web", "web-2"]))).toBe("web-3");
    expect(copyName("c1", new Set(["c1", "c2"]))).toBe("c3");
    expect(freePublish("8080:80", new Set([8080, 8081]))).toBe("8082:80");
    expect(freePublish("127.0.0.1:53:53/udp", new Set([53]))).toBe("127.0.0.1:54:53/udp");
    expect(freePublish("80", new Set([80]))).toBe("80");
  });
});
