/** The Docker host: its frame, its stack as a strip that opens, and its NICs. */
import type { Node, NodeProps } from "@xyflow/react";
import { memo } from "react";
import { useGraph } from "../context.ts";
import { ipv4sOf } from "../describe.ts";
import type { Host, Nic } from "../scene.ts";
import { NIC_PORTS } from "../sizes.ts";
import { stackHeight, stageBoxes } from "../stackParts.ts";

interface FrameData extends Record<string, unknown> {
  readonly host: Host;
}
export type FrameNodeType = Node<FrameData, "frame">;

export const FrameNode = memo(function FrameNode({ data, selected }: NodeProps<FrameNodeType>) {
  const { say } = useGraph();
  const { host } = data;
  return (
    <div className={`g-frame${selected ? " chosen" : ""}`}>
      <div className="g-frame-title">
        <strong>{host.machine}</strong>
        <span>{host.namespaces === 1 ? say("graph.kernelOne") : say("graph.kernel", { count: host.namespaces })}</span>
      </div>
    </div>
  );
});

interface StackData extends Record<string, unknown> {
  readonly id: string;
  readonly machine: string;
  readonly open: boolean;
  readonly width: number;
  /** Grows when what the stack shows may have changed. */
  readonly revision: number;
}
export type StackNodeType = Node<StackData, "stack">;

const LINES = 7;

export const StackNode = memo(function StackNode({ data, selected }: NodeProps<StackNodeType>) {
  const { say, toggleStack, stackLines } = useGraph();
  const lines = data.open ? stackLines(data.machine) : undefined;
  const label = say(data.open ? "graph.stack.close" : "graph.stack.open");
  return (
    <div className={`g-stack${selected ? " chosen" : ""}`}>
      <strong>{say("graph.stack")}</strong>
      {[...stageBoxes(data.width)].map(([stage, box]) => (
        <span key={stage} className="g-stage" style={{ left: box.x, top: box.y, width: box.w, height: box.h }}>
          {stage === "routing" ? say("graph.stack.route") : stage}
        </span>
      ))}
      <button
        type="button"
        className="g-fold nodrag nopan"
        aria-expanded={data.open}
        aria-label={label}
        title={label}
        onClick={(event) => {
          event.stopPropagation();
          toggleStack(data.id);
        }}
      >
        <svg width="12" height="12" viewBox="0 0 12 12" aria-hidden="true">
          <path d={data.open ? "M2 8L6 4L10 8" : "M2 4L6 8L10 4"} stroke="currentColor" strokeWidth="1.7" fill="none" />
        </svg>
      </button>
      {data.open && (
        <div className="g-stack-open" style={{ top: stackHeight(data.width, false) }}>
          {(["routing", "netfilter", "conntrack"] as const).map((part) => (
            <section key={part} className="nowheel">
              <h3>{say(`graph.stack.${part}`)}</h3>
              <StackColumn lines={lines?.[part] ?? []} />
            </section>
          ))}
        </div>
      )}
    </div>
  );
});

function StackColumn({ lines }: { readonly lines: readonly string[] }) {
  const { say } = useGraph();
  if (lines.length === 0) return <p className="g-quiet">{say("graph.stack.none")}</p>;
  return (
    <>
      <pre>{lines.slice(0, LINES).join("\n")}</pre>
      {lines.length > LINES && <p className="g-quiet">{say("graph.nic.more", { count: lines.length - LINES })}</p>}
    </>
  );
}

interface NicData extends Record<string, unknown> {
  readonly nic: Nic;
  readonly fresh: boolean;
}
export type NicNodeType = Node<NicData, "nic">;

export const NicNode = memo(function NicNode({ data, selected }: NodeProps<NicNodeType>) {
  const { nic, fresh } = data;
  const { say } = useGraph();
  const { device } = nic;
  const addresses = ipv4sOf(device);
  const trouble = !device.up ? say("graph.link.down") : !device.carrier ? say("graph.link.noCarrier") : "";
  const shown = nic.published.length > NIC_PORTS ? nic.published.slice(0, NIC_PORTS - 1) : nic.published;
  const isParent = nic.parentOf.length > 0;
  return (
    <div
      className={`g-nic${nic.wired ? " wired" : ""}${isParent ? " parent" : ""}${selected ? " chosen" : ""}${trouble ? " broken" : ""}${fresh ? " fresh" : ""}`}
    >
      <div className="g-nic-own">
        <div className="g-nic-line">
          <strong>{device.name}</strong>
          <span className="g-quiet">
            {trouble ? <em className="g-trouble">{trouble}</em> : nic.wired ? say("graph.nic.host") : device.kind}
          </span>
        </div>
        {(addresses.length > 0 ? addresses : [say("graph.nic.noAddress")]).map((address) => (
          <div key={address} className="g-mono g-quiet" title={address}>
            {address}
          </div>
        ))}
      </div>
      {(shown.length > 0 || isParent) && (
        <div className="g-nic-side">
          {shown.map((port) => (
            <div key={port} className="g-mono g-port" title={port}>
              {port}
            </div>
          ))}
          {nic.published.length > shown.length && (
            <div className="g-port">{say("graph.nic.more", { count: nic.published.length - shown.length })}</div>
          )}
          {isParent && <div className="g-parent">{say("graph.nic.parent", { driver: nic.parentOf.join(", ") })}</div>}
        </div>
      )}
      {isParent && <span className="g-barrier" title={say("graph.nic.barrier")} />}
    </div>
  );
});
