/**
 * DNS messages in a TCP stream. The model's streams carry text, so a message travels as a line of JSON instead of octets
 * behind a length; both ends are the model's own.
 */
import type { DnsMessage } from "./packet.ts";

export const encodeDns = (message: DnsMessage): string => `${JSON.stringify(message)}\n`;

/** Takes a stream apart again. What is no message (somebody typing into the port) is passed over. */
export class DnsStream {
  #rest = "";

  take(text: string): DnsMessage[] {
    const lines = (this.#rest + text).split("\n");
    // A line that never ends must not grow without bound.
    this.#rest = (lines.pop() as string).slice(-65536);
    const messages: DnsMessage[] = [];
    for (const line of lines) {
      const message = decode(line);
      if (message) messages.push(message);
    }
    return messages;
  }
}

function decode(line: string): DnsMessage | undefined {
  try {
    const message = JSON.parse(line) as DnsMessage | null;
    const valid = typeof message?.id === "number" && typeof message.question?.name === "string" && Array.isArray(message.answers);
    return valid ? message : undefined;
  } catch {
    return undefined;
  }
}
