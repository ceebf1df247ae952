import { describe, expect, test } from "vitest";
import { withParticles } from "./ko/particles.ts";

describe("Korean particles go by how the word before them is read", () => {
  test.each([
    ["컨테이너이(가) 없습니다", "컨테이너가 없습니다"],
    ["터미널을(를) 엽니다", "터미널을 엽니다"],
    ["172.17.0.2은(는) 자기 주소입니다", "172.17.0.2는 자기 주소입니다"],
    ["172.17.0.3은(는) 자기 주소입니다", "172.17.0.3은 자기 주소입니다"],
    ["172.17.0.0/16은(는) 직접", "172.17.0.0/16은 직접"],
    ["eth1(으)로 나갑니다", "eth1로 나갑니다"],
    ["eth0(으)로 나갑니다", "eth0으로 나갑니다"],
    ["docker0이(가) 됩니다", "docker0이 됩니다"],
    ["mybridge이(가) 나눠 줍니다", "mybridge가 나눠 줍니다"],
    ["macvlan을(를) 씁니다", "macvlan을 씁니다"],
    ["web은(는) 멈췄습니다", "web은 멈췄습니다"],
    ["c2와(과) 함께", "c2와 함께"],
    ["“ping”이(가) 보냅니다", "“ping”이 보냅니다"],
    ["02:42:ac:11:00:ab은(는) 압니다", "02:42:ac:11:00:ab는 압니다"],
  ])("%s", (marked, said) => {
    expect(withParticles(marked)).toBe(said);
  });

  test("a sentence without marks is left alone", () => {
    expect(withParticles("주소가 없습니다 (net.ipv4.ip_forward = 0).")).toBe("주소가 없습니다 (net.ipv4.ip_forward = 0).");
  });
});
