/** The document of `docker image inspect` (api/types/image). */
import { type EngineContext, timestamp } from "../context.ts";
import type { StoredImage } from "../images/store.ts";
import { type Json, orNull, sortedObject } from "./json.ts";

export function imageDocument(context: EngineContext, image: StoredImage): Json {
  const digest = image.id.replace("sha256:", "");
  const names = context.images
    .all()
    .filter((other) => other.id === image.id)
    .map((other) => other.reference);
  const layer = `/var/lib/docker/overlay2/${digest}`;
  return {
    Id: image.id,
    RepoTags: names,
    RepoDigests: image.digest === "" ? [] : [`${image.reference.replace(/:[^:/]*$/, "")}@${image.digest}`],
    Parent: "",
    Comment: "",
    Created: timestamp(context, image.created),
    DockerVersion: "",
    Author: "",
    Architecture: "amd64",
    Os: "linux",
    Size: image.size,
    GraphDriver: {
      Data: { MergedDir: `${layer}/merged`, UpperDir: `${layer}/diff`, WorkDir: `${layer}/work` },
      Name: "overlay2",
    },
    RootFS: { Type: "layers", Layers: [`sha256:${[...digest].reverse().join("")}`] },
    Metadata: { LastTagTime: timestamp(context, image.pulled) },
    Config: {
      Cmd: orNull(image.command),
      Entrypoint: orNull(image.entrypoint),
      Env: image.env,
      ...(image.exposed.length > 0
        ? {
            ExposedPorts: sortedObject(
              image.exposed.map((port) => [port, {}] as const),
              () => ({}),
            ),
          }
        : {}),
      Labels: null,
      OnBuild: null,
      User: "",
      Volumes: null,
      WorkingDir: image.workingDir,
    },
  };
}
