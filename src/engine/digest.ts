/** A digest that is none of the known ones: enough to tell texts apart in a world where nobody is deceived. */

/** 64 hex digits that depend on the text alone, so that an image has one id in every world. */
export function digestOf(text: string): string {
  let digest = "";
  for (let round = 0; round < 8; round++) {
    let hash = 0x811c9dc5 ^ (round * 0x9e3779b9);
    for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
    hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d);
    digest += ((hash ^ (hash >>> 13)) >>> 0).toString(16).padStart(8, "0");
  }
  return digest;
}
