/** Octets in texts. Files and streams are texts here, of UTF-8; an octet that is none stands as one of U+DC80 to U+DCFF (PEP 383). */

const encoder = new TextEncoder();
/** What stands for octets: low surrogates that are no half of a character. */
const ESCAPED = /(?<![\ud800-\udbff])[\udc80-\udcff]/;
const PARTS = new RegExp(`(${ESCAPED.source})`);

export function octetsOf(text: string): Uint8Array {
  if (!ESCAPED.test(text)) return encoder.encode(text);
  const parts = text.split(PARTS).map((part, i) => (i % 2 === 0 ? encoder.encode(part) : Uint8Array.of(part.charCodeAt(0) & 255)));
  const bytes = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}
