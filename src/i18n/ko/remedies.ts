/** What would help a packet that ended, in Korean. */
import type { RemedyKey } from "../remedies.ts";

export const remedies: Readonly<Record<RemedyKey, string>> = {
  "cure.title": "해결 방법",
  "cure.connect": "도커는 네트워크끼리 통신하지 못하게 막습니다. {{container}}을(를) {{network}}에도 연결하세요:",
  "cure.publish": "밖에서는 공개한 포트로만 {{container}}에 닿습니다: docker run -p 호스트:컨테이너.",
  "cure.internal": "{{network}}은(는) 내부 전용이라 밖으로 나갈 수 없습니다. {{container}}을(를) 다른 네트워크에도 연결하세요:",
  "cure.rule": "규칙을 지우세요:",
  "cure.policy": "허용하는 규칙을 넣거나 체인의 정책을 ACCEPT로 바꾸세요:",
  "cure.child":
    "{{dst}}은(는) 부모 인터페이스의 호스트입니다. macvlan·ipvlan 자식은 그 호스트와 통신하지 못합니다. {{container}}을(를) 브리지에도 연결하면 {{gateway}}(으)로 호스트에 닿습니다:",
  "cure.parent": "부모는 자기 자식과 통신하지 못합니다. 호스트에도 macvlan 인터페이스를 만들어 {{container}} 옆에 두세요.",
  "cure.neighbour": "{{network}}에 {{dst}} 주소를 가진 컨테이너가 없거나 케이블이 빠져 있습니다. 누가 있는지 확인하세요:",
  "cure.nobody": "여기에는 {{dst}} 주소를 가진 곳이 없습니다. 실행 중인지, 케이블이 꽂혀 있는지 확인하세요.",
  "cure.none": "{{container}}에 네트워크가 없습니다. none에서 떼고 연결하세요:",
  "cure.unplugged": "{{container}}에 네트워크가 없습니다. 연결하세요:",
  "cure.noRoute": "그쪽으로 가는 경로나 기본 경로를 추가하세요: ip route add.",
  "cure.route": "경로를 지우세요:",
  "cure.up": "{{dev}}을(를) 올리세요:",
  "cure.plug": "{{dev}}이(가) {{bridge}}에 꽂혀 있지 않습니다. 꽂으세요:",
  "cure.cable": "케이블을 다시 꽂으세요.",
  "cure.forward": "패킷을 전달하도록 켜세요:",
  "cure.filter": "{{dev}}에서 출발지 검사를 끄세요:",
  "cure.netem": "{{dev}}의 유실 설정을 지우세요:",
  "cure.listen": "이 포트에서 기다리는 서버를 시작하세요. 지금 열려 있는 포트:",
  "cure.ttl": "TTL보다 긴 길이거나 같은 곳을 맴돕니다. traceroute로 확인하세요.",
  "cure.mtu": "더 작게 나눠 보내거나 {{dev}}의 MTU를 키우세요.",
  "cure.name": "{{name}} 컨테이너는 있지만, 같은 사용자 정의 네트워크에 있어야 이름으로 찾을 수 있습니다. 둘 다 {{network}}에 연결하세요:",
  "cure.noNames": "{{name}} 컨테이너는 있지만, 기본 bridge 네트워크에서는 이름을 쓸 수 없습니다. 둘을 새 네트워크에 연결하세요:",
};
