/** Scenes and hints, in Korean. */
import type { SceneKey } from "../scenes.ts";

export const scenes: Readonly<Record<SceneKey, string>> = {
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
};
