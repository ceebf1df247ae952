/** The small tools, on the host (GNU) and in an Alpine container (BusyBox). */
import { describe, expect, test } from "vitest";
import { runLine } from "../../../world/transcript.ts";
import { buildWorld } from "../../../world/world.ts";
import { commands } from "../index.ts";

const world = (): ReturnType<typeof buildWorld> => {
  const built = buildWorld({ programs: () => commands, seed: 1, dnsOrder: "round-robin" });
  built.advance(3_000_000);
  return built;
};
const on = (line: string): string => runLine(world(), line).output;
const inside = (line: string): string => {
  const made = world();
  runLine(made, "docker run -d --name ct alpine sleep 3000");
  return runLine(made, `docker exec ct sh -c '${line}'`).output;
};

describe("files that differ", () => {
  const files = "printf 'a\\nb\\nc\\n' > /tmp/1; printf 'a\\nB\\nc\\nd\\n' > /tmp/2; ";

  test("diff shows lines to change and to add, and says so with its status", () => {
    expect(on(`${files}diff /tmp/1 /tmp/2; echo $?`)).toBe("2c2\n< b\n---\n> B\n3a4\n> d\n1\n");
  });

  test("diff -u shows them with the lines around", () => {
    expect(on(`${files}diff -u /tmp/1 /tmp/2 | tail -n +3`)).toBe("@@ -1,3 +1,4 @@\n a\n-b\n+B\n c\n+d\n");
  });

  test("BusyBox's diff knows the unified form alone", () => {
    expect(inside("echo a > /tmp/1; echo b > /tmp/2; diff /tmp/1 /tmp/2")).toBe("--- /tmp/1\n+++ /tmp/2\n@@ -1 +1 @@\n-a\n+b\n");
  });

  test("a repeated line is added at the end of its run", () => {
    expect(on("diff <(printf 'a\\nb\\na\\nb\\n') <(printf 'a\\nb\\na\\nb\\na\\nb\\n')")).toBe("4a5,6\n> a\n> b\n");
  });

  test("texts without a line in common do not take the square of their length", () => {
    expect(on("diff <(seq 1 20000) <(seq 30000 60000) | wc -l")).toBe("50003\n");
  });

  test("cmp names the first byte", () => {
    expect(on(`${files}cmp /tmp/1 /tmp/2`)).toBe("/tmp/1 /tmp/2 differ: byte 3, line 2\n");
  });
});

describe("sums and dumps", () => {
  test.each([
    ["md5sum", "900150983cd24fb0d6963f7d28e17f72"],
    ["sha1sum", "a9993e364706816aba3e25717850c26c9cd0d89d"],
    ["sha256sum", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"],
    [
      "sha512sum",
      "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f",
    ],
  ])("%s of abc is that of its standard", (tool, sum) => {
    expect(on(`printf abc | ${tool}`)).toBe(`${sum}  -\n`);
  });

  test("md5sum -c checks a list", () => {
    expect(on("echo a > /tmp/a; md5sum /tmp/a > /tmp/s; md5sum -c /tmp/s; echo b > /tmp/a; md5sum -c /tmp/s; echo $?")).toBe(
      "/tmp/a: OK\n/tmp/a: FAILED\nmd5sum: WARNING: 1 computed checksum did NOT match\n1\n",
    );
  });

  test("base64 and back", () => {
    expect(on("echo 'hello, world' | base64 | tee /dev/stderr | base64 -d")).toBe("aGVsbG8sIHdvcmxkCg==\nhello, world\n");
  });

  test("od shows characters; words of bytes are those of a little-endian machine", () => {
    expect(on("printf 'ab\\n' | od -c; printf abc | od -tx4")).toBe("0000000   a   b  \\n\n0000003\n0000000 00636261\n0000003\n");
  });

  test("xxd and back", () => {
    expect(inside("echo abc | xxd; echo abc | xxd -p | xxd -r -p")).toBe(`00000000: 6162 630a${" ".repeat(31)} abc.\nabc\n`);
  });
});

describe("numbers and names", () => {
  test.each([
    ["1 + 2 \\* 3", "7\n"],
    ["\\( 1 + 2 \\) \\* 3", "9\n"],
    ["abc : 'a\\(.\\)c'", "b\n"],
    ["1 + a", "expr: non-integer argument\n"],
    ["1 +", "expr: syntax error: missing argument after '+'\n"],
  ])("expr %s", (expression, output) => {
    expect(on(`expr ${expression}`)).toBe(output);
  });

  test("mktemp makes a file of its own, for its owner alone", () => {
    expect(on("f=$(mktemp /tmp/aXXXX); ls -l $f | cut -c1-10; echo ${#f}")).toBe("-rw-------\n10\n");
  });

  test("head takes a negative count as a value", () => {
    expect(on("seq 5 | head -n -3; seq 5 | head -1")).toBe("1\n2\n1\n");
  });

  test("hostname -I tells every address, -i what /etc/hosts has for the name", () => {
    expect(on("docker run --rm ubuntu hostname -I")).toBe("172.17.0.2 \n");
    expect(on("docker run --rm alpine hostname -i")).toBe("172.17.0.2\n");
    expect(on("docker run --rm --net none alpine hostname -i 2>&1")).toBe("hostname: Temporary failure in name resolution\n");
  });

  test("busybox starts its applets by name", () => {
    expect(inside("busybox echo hi; busybox nope; echo $?")).toBe("hi\nnope: applet not found\n127\n");
  });

  test("cuts, shuffles and counts with GNU's small tools", () => {
    expect(on("seq 5 > /tmp/q; cd /tmp; split -l 2 q p; ls p??; cat pac")).toBe("paa\npab\npac\n5\n");
    expect(on("shuf -i 1-5 | sort | tr '\\n' ' '; shuf -i 5-1")).toBe("1 2 3 4 5 shuf: invalid input range: '5-1'\n");
    expect(on("dd if=/dev/zero of=/tmp/z bs=1024 count=10 2>&1 | head -2; wc -c < /tmp/z; echo abc | dd conv=ucase 2>/dev/null")).toBe(
      "10+0 records in\n10+0 records out\n10240\nABC\n",
    );
    expect(on("truncate -s 5 /tmp/t; wc -c < /tmp/t; truncate -s +1K /tmp/t; stat -c %s /tmp/t")).toBe("5\n1029\n");
    expect(on("factor 12 97; printf 'a\\tb\\n' | expand -t 4; nice; nice -n 5 sh -c nice")).toBe("12: 2 2 3\n97: 97\na   b\n0\n5\n");
    expect(on("ip -4 addr show lo | grep -oP '(?<=inet )[\\d.]+'")).toBe("127.0.0.1\n");
  });

  test("shows a process its own /proc", () => {
    expect(on("sh -c 'grep -E \"^(Name|State):\" /proc/self/status'; cat /proc/self/cmdline | tr '\\0' ' '")).toBe(
      "Name:\tgrep\nState:\tR (running)\ncat /proc/self/cmdline ",
    );
    expect(
      on("cd /tmp; readlink /proc/self/cwd; echo a | readlink /proc/self/fd/0 | cut -d: -f1; head -1 /proc/meminfo | cut -d: -f1"),
    ).toBe("/tmp\npipe\nMemTotal\n");
    expect(
      on("sleep 9 & tr '\\0' ' ' < /proc/$!/cmdline; ls /proc/$!/fd; cut -d: -f1 /proc/$!/net/dev | tail -1 | tr -d ' '; kill $!"),
    ).toContain("0\n1\n2\n");
    expect(
      on(
        "docker run -d --name box busybox sleep 1000 >/dev/null; docker exec box sh -c 'cat /proc/1/comm; cat /proc/sys/kernel/hostname' | wc -l; docker exec box tr '\\0' ' ' < /dev/null; docker exec box cat /proc/1/comm",
      ),
    ).toBe("2\nsleep\n");
  });
});

describe("the umask", () => {
  test("takes bits from what is made, and leaves what is there", () => {
    expect(on("cd /tmp; touch old; umask 077; touch f; mkdir -p d/e; echo > old; stat -c '%a %n' f d d/e old")).toBe(
      "600 f\n700 d\n700 d/e\n644 old\n",
    );
  });

  test("holds for what a shell starts, and not for the shell around it", () => {
    expect(on("cd /tmp; (umask 027; sh -c 'umask; echo > in'); echo > out; stat -c %a in out")).toBe("0027\n640\n644\n");
  });

  test("is read and written in symbols", () => {
    expect(on("umask u=rwx,g=rx,o=; umask; umask g+w; umask -S")).toBe("0027\nu=rwx,g=rwx,o=\n");
  });

  test("does not touch what install and mktemp say themselves", () => {
    expect(on("cd /tmp; umask 0; install /etc/hosts i; stat -c %a i $(mktemp)")).toBe("755\n600\n");
  });

  test("holds in a volume, too", () => {
    const made = world();
    runLine(made, "docker run --rm -v v1:/d alpine sh -c 'umask 077; touch /d/x'");
    expect(runLine(made, "docker run --rm -v v1:/d alpine stat -c %a /d/x").output).toBe("600\n");
  });
});

describe("signals to a container", () => {
  const counting = "docker run -d --name ct alpine sh -c 'i=0; while :; do i=$((i+1)); echo $i > /n; sleep 0.1; done'";
  const goesOn = "a=$(docker exec ct cat /n); sleep 0.5; [ $a = $(docker exec ct cat /n) ] && echo stands || echo goes";

  test("STOP and CONT reach its first process, which answers pings all the while", () => {
    const made = world();
    runLine(made, counting);
    runLine(made, "docker kill -s STOP ct");
    expect(runLine(made, goesOn).output).toBe("stands\n");
    expect(runLine(made, "ping -c 1 172.17.0.2 | grep -c 'bytes from'").output).toBe("1\n");
    runLine(made, "docker kill -s CONT ct");
    expect(runLine(made, goesOn).output).toBe("goes\n");
  });

  test("a stopped one is killed all the same", () => {
    const made = world();
    runLine(made, counting);
    runLine(made, "docker kill -s STOP ct");
    expect(runLine(made, "docker stop -t 1 ct; docker inspect -f '{{.State.ExitCode}}' ct").output).toBe("ct\n137\n");
  });

  test("what a detached exec writes is shown to nobody", () => {
    const made = world();
    runLine(made, counting);
    expect(runLine(made, "docker exec -d ct sh -c 'sleep 0.1; echo hi'; sleep 0.5").output).toBe("");
  });
});

describe("bash", () => {
  test("$(< FILE) is what the file holds", () => {
    expect(on("echo hi > /tmp/x; echo [$(< /tmp/x)]")).toBe("[hi]\n");
  });

  test("-v asks for an element", () => {
    expect(on("declare -A m=([k]=v); a=(1 2); [[ -v m[k] && ! -v m[z] && -v a[1] && ! -v a[9] ]] && echo yes")).toBe("yes\n");
  });

  test("FUNCNAME has the callers", () => {
    expect(on("f() { g; }; g() { echo ${FUNCNAME[*]}; }; f")).toBe("g f\n");
  });
});

describe("a terminal", () => {
  test("stty switches the echo, and restores what -g has told", () => {
    const made = world();
    runLine(made, "docker run -d --name ct alpine sleep 3000");
    expect(
      runLine(made, "docker exec -t ct sh -c 'old=$(stty -g); stty -echo; stty | tail -1; stty $old; stty rows 30 cols 90; stty size'")
        .output,
    ).toMatch(/-echo\s+30 90\s+$/);
  });
});

describe("packages", () => {
  test("apt-get update asks the archive of the release that it runs on", () => {
    expect(on("apt-get update")).toContain("debian forky InRelease");
    expect(on("docker run --rm ubuntu:18.04 apt-get update")).toContain("ubuntu bionic InRelease");
    expect(on("docker run --rm ubuntu:22.04 apt-get update")).toContain("ubuntu jammy InRelease");
  });
});
