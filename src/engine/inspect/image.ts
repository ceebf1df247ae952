/** The document of `docker image inspect` (api/types/image). */
import { type EngineContext, timestamp } from "../context.ts";
import type { StoredImage } from "../images/store.ts";
import { healthcheckDocument } from "./container.ts";
import { type Json, sortedObject, stringMap } from "./json.ts";

const keys = (names: readonly string[]): Json =>
  sortedObject(
    names.map((name) => [name, {}] as const),
    () => ({}),
  );

/** What is not said is left out (dockerspec.DockerOCIImageConfig). */
function configOf({ command, entrypoint, env, exposed, workingDir, made }: StoredImage): Json {
  return {
    ...(made?.user ? { User: made.user } : {}),
    ...(exposed.length > 0 ? { ExposedPorts: keys(exposed) } : {}),
    ...(env.length > 0 ? { Env: env } : {}),
    ...(entrypoint.length > 0 ? { Entrypoint: entrypoint } : {}),
    ...(command.length > 0 ? { Cmd: command } : {}),
    ...(made && made.volumes.length > 0 ? { Volumes: keys(made.volumes) } : {}),
    ...(workingDir ? { WorkingDir: workingDir } : {}),
    ...(made && Object.keys(made.labels).length > 0 ? { Labels: stringMap(made.labels) } : {}),
    ...(made?.stopSignal ? { StopSignal: made.stopSignal } : {}),
    ...(made?.healthcheck ? { Healthcheck: healthcheckDocument(made.healthcheck) } : {}),
    ...(made && made.onBuild.length > 0 ? { OnBuild: made.onBuild } : {}),
    ...(made && made.shell.length > 0 ? { Shell: made.shell } : {}),
  };
}

/** Ids of the layers, that of the base first. */
const layersOf = ({ id, made }: StoredImage): readonly string[] =>
  (made ? made.history.filter(({ size }, i) => size > 0 || i === 0).map((step) => step.id) : [id])
    .map((one) => one.replace("sha256:", ""))
    .reverse();

export function imageDocument(context: EngineContext, image: StoredImage): Json {
  const digest = image.id.replace("sha256:", "");
  const names = context.images
    .all()
    .filter((other) => other.id === image.id && other.reference !== "")
    .map((other) => other.reference);
  const layer = `/var/lib/docker/overlay2/${digest}`;
  return {
    Id: image.id,
    RepoTags: names,
    RepoDigests: image.digest === "" ? [] : [`${image.reference.replace(/:[^:/]*$/, "")}@${image.digest}`],
    Parent: image.made?.parent ?? "",
    Comment: image.made?.comment ?? "",
    Created: timestamp(context, image.created),
    DockerVersion: "",
    Author: image.made?.author ?? "",
    Config: configOf(image),
    Architecture: "amd64",
    Os: "linux",
    Size: image.size,
    GraphDriver: {
      Data: { MergedDir: `${layer}/merged`, UpperDir: `${layer}/diff`, WorkDir: `${layer}/work` },
      Name: "overlay2",
    },
    RootFS: { Type: "layers", Layers: layersOf(image).map((layer) => `sha256:${[...layer].reverse().join("")}`) },
    Metadata: { LastTagTime: timestamp(context, image.pulled) },
  };
}
