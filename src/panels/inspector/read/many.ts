/** What may be done to several things at once, as one line each. */
import type { Picture } from "../../../session/picture.ts";
import { quote } from "../../add/words.ts";
import { type Act, act, onMachine } from "./place.ts";

/** Lines for all selected containers together, and for all selected networks. */
export function manyActs(selection: readonly string[], picture: Picture, host: string): readonly Act[] {
  const place = onMachine(host);
  const containers = selection.flatMap((node) => picture.containers.get(node.replace("container:", "")) ?? []);
  const networks = selection.flatMap((node) => {
    const network = node.startsWith("network:") ? picture.networks.get(node.slice("network:".length)) : undefined;
    return network && !network.predefined ? [network] : [];
  });
  const names = (of: readonly { readonly name: string }[]): string => of.map((one) => quote(one.name)).join(" ");
  const running = containers.filter((one) => one.state === "running" || one.state === "paused");
  const still = containers.filter((one) => one.state === "exited" || one.state === "created");
  return [
    ...(still.length > 0 ? act(place, "start", `docker start ${names(still)}`) : []),
    ...(running.length > 0 ? act(place, "stop", `docker stop -t 0 ${names(running)}`) : []),
    ...(containers.length > 0 ? act(place, "remove", `docker rm -f ${names(containers)}`, true) : []),
    ...(networks.length > 0 && containers.length === 0 ? act(place, "remove", `docker network rm ${names(networks)}`, true) : []),
  ];
}
