/** Documents as docker's client decodes them: into the structs of api/types, or, where a template asks for what those have not, untyped. */
import type { Json } from "../../../engine/engine.ts";
import { GoMap, GoStruct, GoTime, JsonNumber, Nil, untypedList, type Value } from "./template/values.ts";

/**
 * Fields by struct, as "NameInJson=NameInGo:type". Types: *T a pointer, [T] a slice, {T} a map, {K=T} one whose keys are of a type of their own, int, bool, time, struct{}; text otherwise.
 * Plain fields that every document has need not be listed. A number after the struct's name counts the leading fields of an embedded one.
 */
const STRUCTS = `
container.InspectResponse -22: Id=ID Args:[text] State:*container.State ExecIDs:[text] HostConfig:*container.HostConfig GraphDriver:storage.DriverData SizeRw:*int SizeRootFs:*int Mounts:[container.MountPoint] Config:*container.Config NetworkSettings:*container.NetworkSettings
container.State: Health:*container.Health
container.Health: Log:[*container.HealthcheckResult]
container.HealthcheckResult: Start:time End:time
container.HostConfig: NanoCpus=NanoCPUs:int CpuShares=CPUShares:int CpuPeriod=CPUPeriod:int CpuQuota=CPUQuota:int CpuRealtimePeriod=CPURealtimePeriod:int CpuRealtimeRuntime=CPURealtimeRuntime:int CpuCount=CPUCount:int CpuPercent=CPUPercent:int Dns=DNS:[text] DnsOptions=DNSOptions:[text] DnsSearch=DNSSearch:[text] LogConfig:container.LogConfig PortBindings:{nat.Port=[nat.PortBinding]} RestartPolicy:container.RestartPolicy Sysctls:{text} Tmpfs:{text} StorageOpt:{text} Annotations:{text} Mounts:[mount.Mount] MemorySwappiness:*int OomKillDisable:*bool PidsLimit:*int Init:*bool
container.LogConfig: Config:{text}
nat.PortBinding: HostIp=HostIP
container.MountPoint: Type Name Source Destination Driver Mode RW:bool Propagation
container.Config: ExposedPorts:{nat.Port=struct{}} Healthcheck:*container.HealthConfig Volumes:{struct{}} MacAddress StopSignal Labels:{text} StopTimeout:*int Shell:[text]
container.NetworkSettings 9 8: Ports:{nat.Port=[nat.PortBinding]} Networks:{*network.EndpointSettings}
network.EndpointSettings: IPAMConfig:*network.EndpointIPAMConfig Links:[text] Aliases:[text] DriverOpts:{text} DNSNames:[text]
network.EndpointIPAMConfig: IPv4Address IPv6Address LinkLocalIPs:[text]
network.Inspect: Id=ID Created:time IPAM:network.IPAM ConfigFrom:network.ConfigReference Containers:{network.EndpointResource} Options:{text} Labels:{text} Peers:[text] Services:{text}
network.IPAM: Options:{text} Config:[network.IPAMConfig]
network.IPAMConfig: Subnet IPRange Gateway AuxiliaryAddresses=AuxAddress:{text}
image.InspectResponse: Id=ID GraphDriver:storage.DriverData RootFS:image.RootFS Metadata:image.Metadata Config:*container.Config
image.Metadata: LastTagTime:time
storage.DriverData: Data:{text}
events.Message: status=Status id=ID from=From Type Action Actor:events.Actor scope=Scope time=Time:int timeNano=TimeNano:int
events.Actor: ID Attributes:{text}
volume.Volume: Labels:{text} Options:{text} Status:{text} UsageData:*volume.UsageData
`;

interface FieldType {
  readonly json: string;
  readonly go: string;
  readonly type: string;
}

interface StructType {
  readonly fields: readonly FieldType[];
  readonly embedded: readonly number[];
}

const TYPES: ReadonlyMap<string, StructType> = new Map(
  STRUCTS.trim()
    .split("\n")
    .map((line) => {
      const at = line.indexOf(": ");
      const [name = "", ...embedded] = line.slice(0, at).split(" ");
      const fields = line
        .slice(at + 2)
        .split(" ")
        .map((word) => {
          const [names = "", type = "text"] = word.split(/:(.*)/);
          const [json = "", go = json] = names.split("=");
          return { json, go, type };
        });
      return [name, { fields, embedded: embedded.map(Number) }] as const;
    }),
);

const inner = (type: string): string => type.slice(1, -1);

/** A type's value where nothing is set. */
function zero(type: string): Value {
  if (type.startsWith("*")) return new Nil("<nil>");
  if (type.startsWith("[")) return new Nil("[]");
  if (type.startsWith("{")) return new Nil("map[]");
  if (type === "int") return 0;
  if (type === "bool") return false;
  return TYPES.has(type) ? decodeStruct({}, type, false) : "";
}

function decodeStruct(document: { readonly [key: string]: Json }, type: string, pointer: boolean): GoStruct {
  const { fields, embedded } = TYPES.get(type) ?? { fields: [], embedded: [] };
  const known = new Map(fields.map((field) => [field.json, field]));
  const given = Object.keys(document);
  // Where every field is listed the list has Go's order, else the document has.
  const complete = given.every((name) => known.has(name));
  const names = complete ? [...known.keys()] : [...given, ...[...known.keys()].filter((name) => !Object.hasOwn(document, name))];
  const decoded = names.map((name): readonly [string, Value] => {
    const field = known.get(name) ?? { go: name, type: "" };
    return [field.go, Object.hasOwn(document, name) ? decode(document[name] as Json, field.type) : zero(field.type)];
  });
  return new GoStruct(type, new Map(decoded), pointer, embedded, document);
}

/** A document as a value of a Go type; "" where the type is as the document has it. */
export function decode(document: Json, type: string): Value {
  if (document === null) return type === "" ? new Nil("[]") : zero(type);
  if (type.startsWith("*")) {
    const pointed = type.slice(1);
    return TYPES.has(pointed) || typeof document === "object"
      ? decodeStruct(document as { readonly [key: string]: Json }, pointed, true)
      : decode(document, pointed);
  }
  if (Array.isArray(document)) return document.map((one) => decode(one, type.startsWith("[") ? inner(type) : ""));
  if (typeof document !== "object") return type === "time" ? new GoTime(String(document)) : document;
  if (type.startsWith("{")) {
    const [, keyType, element = ""] = /^(?:([^=]+)=)?(.*)$/.exec(inner(type)) ?? [];
    const entries = Object.entries(document).map(([key, value]) => [key, decode(value as Json, element)] as const);
    return new GoMap(Object.fromEntries(entries), element === "struct{}" ? undefined : zero(element), keyType);
  }
  return decodeStruct(document as { readonly [key: string]: Json }, type, false);
}

/** The same without types, as `inspect` falls back to: numbers stay as they are written. */
export function decodeUntyped(document: Json): Value {
  if (typeof document === "number") return new JsonNumber(String(document));
  if (Array.isArray(document)) return untypedList(document.map(decodeUntyped));
  if (typeof document !== "object" || document === null) return document as Value;
  // A map forgets the order that its keys came in.
  const entries = Object.entries(document).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([key, value]) => [key, decodeUntyped(value as Json)]));
}
