/** Texts as bytes, for tools that look at those. */
import { octetsOf } from "../../../../kernel/wire/octets.ts";

/**
 * The bytes of a text: UTF-8 with single octets in it, but a text without a character beyond U+00FF that holds C1 controls is
 * bytes already, as /dev/urandom and `printf '\x80'` give them.
 */
export function bytesOf(text: string): Uint8Array {
  if (/[\x80-\x9f]/.test(text) && !/[^\x00-\xff]/.test(text)) return Uint8Array.from(text, (char) => char.charCodeAt(0));
  return octetsOf(text);
}

/** Bytes as a text, one character for each of them. */
export const octetText = (bytes: Uint8Array): string => {
  let text = "";
  for (const byte of bytes) text += String.fromCharCode(byte < 0x80 ? byte : 0xdc00 + byte);
  return text;
};

/** Bytes as a text: UTF-8 where they are that, one character for each of them otherwise. */
export function textOf(bytes: Uint8Array): string {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return octetText(bytes);
  }
}
