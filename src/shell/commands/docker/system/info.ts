/** `docker info` (cli/command/system/info.go). */
import type { Json } from "../../../../engine/engine.ts";
import { inspectEngine } from "../../../../engine/inspect/index.ts";
import { COMPOSE_VERSION } from "../compose/version.ts";
import { fail } from "../errors.ts";
import { DOCUMENT_FORMAT } from "../subcommand.ts";
import { readTemplate, renderText, toJson, type Value } from "../template/execute.ts";
import { TemplateError } from "../template/lexer.ts";
import { bytesSize } from "../times.ts";
import type { Verb } from "../verb.ts";
import { CLIENT } from "./version.ts";

const BAD_TEMPLATE = 64;

interface Info {
  readonly [key: string]: Json;
}

const COMPOSE = {
  SchemaVersion: "0.1.0",
  Vendor: "Docker Inc.",
  Version: COMPOSE_VERSION,
  ShortDescription: "Docker Compose",
  Name: "compose",
  Path: "/usr/libexec/docker/cli-plugins/docker-compose",
};

const words = (value: Json): string => (Array.isArray(value) ? value.join(" ") : "");

function infoText(info: Info): string {
  const plugins = info.Plugins as Readonly<Record<string, Json>>;
  const swarm = info.Swarm as { readonly LocalNodeState: string };
  const registries = info.RegistryConfig as { readonly InsecureRegistryCIDRs: readonly string[] };
  const runtimes = Object.keys(info.Runtimes as object).sort();
  const commit = (key: string): string => (info[key] as { readonly ID: string }).ID;
  const lines = [
    "Client:",
    ` Version:    ${CLIENT.Version}`,
    ` Context:    ${CLIENT.Context}`,
    " Debug Mode: false",
    " Plugins:",
    `  ${COMPOSE.Name}: ${COMPOSE.ShortDescription} (${COMPOSE.Vendor})`,
    `    Version:  ${COMPOSE.Version}`,
    `    Path:     ${COMPOSE.Path}`,
    "",
    "Server:",
    ` Containers: ${info.Containers}`,
    `  Running: ${info.ContainersRunning}`,
    `  Paused: ${info.ContainersPaused}`,
    `  Stopped: ${info.ContainersStopped}`,
    ` Images: ${info.Images}`,
    ` Server Version: ${info.ServerVersion}`,
    ` Storage Driver: ${info.Driver}`,
    ...(info.DriverStatus as readonly (readonly [string, string])[]).map(([name, value]) => `  ${name}: ${value}`),
    ` Logging Driver: ${info.LoggingDriver}`,
    ` Cgroup Driver: ${info.CgroupDriver}`,
    ` Cgroup Version: ${info.CgroupVersion}`,
    " Plugins:",
    `  Volume: ${words(plugins.Volume as Json)}`,
    `  Network: ${words(plugins.Network as Json)}`,
    `  Log: ${words(plugins.Log as Json)}`,
    " CDI spec directories:",
    ...(info.CDISpecDirs as readonly string[]).map((folder) => `  ${folder}`),
    ` Swarm: ${swarm.LocalNodeState}`,
    ` Runtimes: ${runtimes.join(" ")}`,
    ` Default Runtime: ${info.DefaultRuntime}`,
    ` Init Binary: ${info.InitBinary}`,
    ` containerd version: ${commit("ContainerdCommit")}`,
    ` runc version: ${commit("RuncCommit")}`,
    ` init version: ${commit("InitCommit")}`,
    " Security Options:",
    "  seccomp",
    "   Profile: builtin",
    ` Kernel Version: ${info.KernelVersion}`,
    ` Operating System: ${info.OperatingSystem}`,
    ` OSType: ${info.OSType}`,
    ` Architecture: ${info.Architecture}`,
    ` CPUs: ${info.NCPU}`,
    ` Total Memory: ${bytesSize(info.MemTotal as number)}`,
    ` Name: ${info.Name}`,
    ` ID: ${info.ID}`,
    ` Docker Root Dir: ${info.DockerRootDir}`,
    ` Debug Mode: ${info.Debug}`,
    ` Experimental: ${info.ExperimentalBuild}`,
    " Insecure Registries:",
    ...registries.InsecureRegistryCIDRs.map((block) => `  ${block}`),
    ` Live Restore Enabled: ${info.LiveRestoreEnabled}`,
    "",
  ];
  const warnings = info.IPv4Forwarding === false ? ["WARNING: IPv4 forwarding is disabled"] : [];
  return `${[...lines, ...warnings].join("\n")}\n`;
}

export const infoVerb: Verb = {
  names: ["info"],
  top: "info",
  completes: "nothing",
  command: {
    usage: "[OPTIONS]",
    summary: "Display system-wide information",
    aliases: "docker system info, docker info",
    options: `-f, --format string  ${DOCUMENT_FORMAT}`,
    least: 0,
    most: 0,
  },
  // biome-ignore lint/correctness/useYield: answers at once
  *run(process, flags, engine) {
    const info = inspectEngine(engine) as Info;
    const format = flags.text("format");
    if (!format) {
      process.stdout.write(infoText(info));
      return 0;
    }
    const { ApiVersion: _, ...client } = CLIENT;
    const whole = { ...info, ClientInfo: { Debug: false, ...client, Plugins: [COMPOSE], Warnings: null } } as Value;
    if (format === "json") {
      process.stdout.write(`${toJson(whole)}\n`);
      return 0;
    }
    const template = readTemplate(format);
    if (template instanceof TemplateError) {
      process.stderr.write(`template parsing error: ${template.message}\n`);
      return BAD_TEMPLATE;
    }
    const text = renderText(template, whole, "system.dockerInfo");
    process.stdout.write(text instanceof TemplateError ? "\n" : `${text}\n`);
    return text instanceof TemplateError ? fail(process, text.message) : 0;
  },
};
