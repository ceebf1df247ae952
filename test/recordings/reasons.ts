/** The commands on which the model and a recording differ, each with the reason. One that matches again has to go. */
export interface Reason {
  /** The recording: folder and name. */
  readonly recording: string;
  readonly command: string;
  readonly why: string;
}

export const REASONS: readonly Reason[] = [
  {
    recording: "transcripts/19-break-and-mend",
    command: "docker exec a1 ping -c 1 -W 1 172.18.0.200",
    why:
      "A container inherits ip_forward from the machine's first netns. Where this was recorded the Docker host was a netns of its own on a " +
      "machine that does not forward, so the container swallowed what was not for it; on a real host it sends it on, with a redirect.",
  },
  {
    recording: "generated/16",
    command: "docker network rm my_net",
    why: "The engine lists the endpoints that are in the way in the random order of a Go map; the two recordings agree by chance.",
  },
];
