/** How a container comes by its address, and hints for a first visit: what stands at the foot of the picture. */
import type { Language } from "./catalogue.ts";

const en = {
  "scene.title": "How {{container}} gets {{address}}",
  "scene.pool": "{{network}} has a pool of addresses: {{subnet}}.",
  "scene.next": "Its next free address is {{address}}: that is {{container}}'s.",
  "scene.pair": "A veth pair is made: two ends of one cable.",
  "scene.moved": "One end goes into the netns of {{container}} and is called {{device}}.",
  "scene.plugged": "The other end, {{veth}}, is plugged into {{bridge}}.",
  "scene.child": "A {{driver}} child of {{parent}} is made and put into the netns of {{container}} as {{device}}: no veth, no bridge.",
  "scene.route": "Its default route goes by way of {{gateway}}.",
  "scene.previous": "Step back",
  "scene.step": "Next step",
  "scene.replay": "Play again",
  "scene.skip": "Skip",
  "scene.at": "step {{n}} of {{total}}",

  "hint.label": "Hint",
  "hint.dismiss": "Got it",
  "hint.ping": "Drag one container onto another: that pings it.",
  "hint.cable": "Drag from the dot under a container to a network: that plugs it in.",
  "hint.packet": "Each row below is a packet. Choose one to follow it step by step.",
} as const;

export type SceneKey = keyof typeof en;

const ko: Readonly<Record<SceneKey, string>> = {
  "scene.title": "{{container}}에 {{address}}이(가) 주어지는 과정",
  "scene.pool": "{{network}}에는 주소 풀이 있습니다: {{subnet}}.",
  "scene.next": "다음 빈 주소는 {{address}}. {{container}}의 주소가 됩니다.",
  "scene.pair": "veth 쌍을 만듭니다. 한 케이블의 양 끝입니다.",
  "scene.moved": "한쪽 끝은 {{container}}의 netns로 들어가 {{device}}이(가) 됩니다.",
  "scene.plugged": "다른 끝 {{veth}}은(는) {{bridge}}에 꽂힙니다.",
  "scene.child":
    "{{parent}}의 {{driver}} 자식 인터페이스를 만들어 {{container}}의 netns에 {{device}}(으)로 넣습니다. veth도 브리지도 없습니다.",
  "scene.route": "기본 경로는 {{gateway}}을(를) 거칩니다.",
  "scene.previous": "앞 단계",
  "scene.step": "다음 단계",
  "scene.replay": "다시 보기",
  "scene.skip": "건너뛰기",
  "scene.at": "{{total}}단계 중 {{n}}단계",

  "hint.label": "도움말",
  "hint.dismiss": "알겠어요",
  "hint.ping": "컨테이너를 다른 컨테이너 위로 끌면 핑을 보냅니다.",
  "hint.cable": "컨테이너 아래의 점에서 네트워크까지 끌면 연결됩니다.",
  "hint.packet": "아래의 각 줄이 패킷입니다. 하나를 고르면 한 단계씩 따라갑니다.",
};

export const sceneCatalogues: Readonly<Record<Language, Readonly<Record<SceneKey, string>>>> = { en, ko };
