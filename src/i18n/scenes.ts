/** How a container comes by its address, and hints for a first visit: what stands at the foot of the picture. */

export const scenes = {
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
} as const;

export type SceneKey = keyof typeof scenes;
