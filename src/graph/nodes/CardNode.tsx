/** A network namespace with the containers in it: its edge is the boundary, its sockets are its interfaces. */
import { Handle, type Node, type NodeProps, Position } from "@xyflow/react";
import { memo } from "react";
import type { ContainerView } from "../../engine/types.ts";
import { useGraph } from "../context.ts";
import { describeCard, stateOf } from "../describe.ts";
import { breakable, isLongestName, isLongName, shortName } from "../names.ts";
import { type Card, containerNode, type Socket } from "../scene.ts";
import { plugOffset } from "../sizes.ts";
import { HueSign, hueStyle, StateIcon } from "./parts.tsx";

interface CardData extends Record<string, unknown> {
  readonly card: Card;
  /** What of it is just coming: "come", and "SOCKET=part name" for its interfaces, a line each. */
  readonly coming: string;
  /** Which of several members is selected, as one string, so that the node draws anew when it changes. */
  readonly chosen: string;
}

export type CardNodeType = Node<CardData, "card">;

const isAlive = (state: ContainerView["state"]): boolean => state === "running" || state === "paused" || state === "restarting";

export const CardNode = memo(function CardNode({ data, selected }: NodeProps<CardNodeType>) {
  const { card, coming } = data;
  const { say } = useGraph();
  const owner = card.members[0];
  if (!owner) return null;
  const shared = card.members.length > 1;
  const hue = card.sockets[0]?.hue ?? -1;
  const parts = new Map(coming.split("\n").map((line): [string, string] => [line.split("=")[0] ?? "", line.split("=")[1] ?? ""]));
  return (
    <div
      className={`g-card ${card.kind}${shared ? " shared" : ""}${parts.has("come") ? " come" : ""}${selected ? " chosen" : ""}`}
      data-state={owner.state}
      data-alive={card.members.some((member) => isAlive(member.state))}
      style={hueStyle(hue)}
    >
      {shared ? <SharedHead card={card} /> : <Head container={owner} host={card.kind === "host"} />}
      {card.kind !== "host" && (
        <div className="g-sockets">
          {card.sockets.map((socket) => (
            <SocketBox key={socket.id} socket={socket} coming={parts.get(socket.id)} />
          ))}
          {card.kind === "none" && (
            <div className="g-socket capped">
              <span className="g-if">lo</span>
              <span className="g-ip">{owner.netns ? "127.0.0.1" : say("graph.noNetwork")}</span>
            </div>
          )}
        </div>
      )}
      {card.kind !== "host" && <Plugs card={card} coming={parts} />}
      <Handle type="source" id="cable" className="g-grip g-grip-cable" position={Position.Bottom} title={say("graph.do.cable")}>
        <svg width="10" height="10" viewBox="0 0 10 10" aria-hidden="true">
          <path d="M5 1V9M1 5H9" stroke="currentColor" strokeWidth="1.8" />
        </svg>
      </Handle>
      <Handle type="source" id="ping" className="g-grip g-grip-ping" position={Position.Right} title={say("graph.do.dragPing")}>
        <svg width="12" height="12" viewBox="0 0 12 12" aria-hidden="true">
          <path d="M2 6H9M6.4 3.2L9.4 6L6.4 8.8" stroke="currentColor" strokeWidth="1.6" fill="none" />
        </svg>
      </Handle>
    </div>
  );
});

function Head({ container, host }: { readonly container: ContainerView; readonly host: boolean }) {
  const { say } = useGraph();
  return (
    <div className="g-head">
      <div className="g-title">
        <StateIcon state={container.state} />
        <Name name={container.name} />
      </div>
      <div className="g-sub" title={container.image}>
        {container.state === "running" ? (host ? say("graph.hostMode") : container.image) : stateOf(say, container)}
      </div>
    </div>
  );
}

function Name({ name }: { readonly name: string }) {
  if (!isLongName(name)) return <strong title={name}>{name}</strong>;
  return (
    <strong className={isLongestName(name) ? "long longest" : "long"} title={name}>
      <span>{shortName(name)}</span>
      <span className="whole">{breakable(name)}</span>
    </strong>
  );
}

function SharedHead({ card }: { readonly card: Card }) {
  const { say, onSelect, openMenu, isSelected } = useGraph();
  return (
    <>
      {card.kind !== "host" && <div className="g-shared-title">{say("graph.sharedNetns")}</div>}
      <div className="g-members">
        {card.members.map((member) => {
          const id = containerNode(member.id);
          return (
            <button
              type="button"
              key={member.id}
              className={`g-member${isSelected(id) ? " chosen" : ""}`}
              data-state={member.state}
              data-name={member === card.members[0] ? undefined : member.name}
              aria-label={describeCard(say, card, member)}
              aria-pressed={isSelected(id)}
              tabIndex={-1}
              onClick={(event) => {
                event.stopPropagation();
                onSelect([id]);
              }}
              onContextMenu={(event) => {
                event.preventDefault();
                event.stopPropagation();
                openMenu(id, { x: event.clientX, y: event.clientY });
              }}
            >
              <span className="g-title">
                <StateIcon state={member.state} />
                <Name name={member.name} />
              </span>
              <span className="g-sub">{member.state === "running" ? member.image : stateOf(say, member)}</span>
            </button>
          );
        })}
      </div>
    </>
  );
}

/** `coming`: the part that it is in and its device's first name, while it is on its way. */
function SocketBox({ socket, coming }: { readonly socket: Socket; readonly coming: string | undefined }) {
  const { say } = useGraph();
  const { device } = socket;
  if (coming?.startsWith("address")) return <div className="g-socket empty" />;
  const trouble = device && !device.up ? say("graph.link.down") : device && !device.carrier ? say("graph.link.noCarrier") : "";
  return (
    <div className={`g-socket${device ? "" : " empty"}${trouble && !coming ? " broken" : ""}`}>
      <span className="g-if">
        {/* It bears its name from when it is in the netns. */}
        {coming && !coming.startsWith("plug") ? "\u00a0" : socket.name || socket.networkName}
        {trouble && !coming && <em> {trouble}</em>}
      </span>
      <span className="g-ip">{socket.ipv4 || (socket.ipv6 ? socket.ipv6 : say("graph.noAddress"))}</span>
      {socket.ipv6 && (
        <span className="g-ip six" title={socket.ipv6}>
          {socket.ipv4 ? socket.ipv6 : ""}
        </span>
      )}
    </div>
  );
}

function Plugs({ card, coming }: { readonly card: Card; readonly coming: ReadonlyMap<string, string> }) {
  if (card.kind === "none") {
    const { x, y } = plugOffset(card, 0);
    return <span className="g-plug capped" style={{ left: x - 8, top: y - 22 }} />;
  }
  return card.sockets.map((socket, index) => {
    const { x, y } = plugOffset(card, index);
    if (coming.has(socket.id)) return null;
    return (
      <span
        key={socket.id}
        className={`g-plug${socket.device ? "" : " empty"}`}
        style={{ left: x - 8, top: y - 22, ...hueStyle(socket.hue) }}
      >
        <HueSign hue={socket.hue} />
      </span>
    );
  });
}
