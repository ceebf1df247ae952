/** MD5 (RFC 1321), SHA-1 and SHA-2 (FIPS 180-4), and the CRC of POSIX cksum: digests of bytes as lower-case hex digits. */

/** The message, 0x80, zeros, and its length in bits at the end of the last block. */
function padded(bytes: Uint8Array, block: 64 | 128, littleEndian: boolean): DataView {
  const field = block / 8;
  const length = Math.ceil((bytes.length + 1 + field) / block) * block;
  const all = new Uint8Array(length);
  all.set(bytes);
  all[bytes.length] = 0x80;
  const view = new DataView(all.buffer);
  const bits = BigInt(bytes.length) * 8n;
  view.setBigUint64(length - 8, bits, littleEndian);
  return view;
}

const rotateLeft = (word: number, by: number): number => (word << by) | (word >>> (32 - by));
const rotateRight = (word: number, by: number): number => (word >>> by) | (word << (32 - by));
const hex = (words: Iterable<number>): string => [...words].map((word) => (word >>> 0).toString(16).padStart(8, "0")).join("");

const MD5_SHIFTS = [7, 12, 17, 22, 5, 9, 14, 20, 4, 11, 16, 23, 6, 10, 15, 21] as const;
const MD5_SINES = Array.from({ length: 64 }, (_, i) => Math.floor(Math.abs(Math.sin(i + 1)) * 2 ** 32) | 0);

export function md5(bytes: Uint8Array): string {
  const view = padded(bytes, 64, true);
  const state = Int32Array.of(0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476);
  for (let at = 0; at < view.byteLength; at += 64) {
    let [a, b, c, d] = state as unknown as [number, number, number, number];
    for (let i = 0; i < 64; i++) {
      const round = i >> 4;
      const mixed = round === 0 ? (b & c) | (~b & d) : round === 1 ? (d & b) | (~d & c) : round === 2 ? b ^ c ^ d : c ^ (b | ~d);
      const word = (i * ([1, 5, 3, 7][round] as number) + ([0, 1, 5, 0][round] as number)) % 16;
      const sum = (a + mixed + (MD5_SINES[i] as number) + view.getInt32(at + word * 4, true)) | 0;
      [a, d, c, b] = [d, c, b, (b + rotateLeft(sum, MD5_SHIFTS[round * 4 + (i % 4)] as number)) | 0];
    }
    for (const [i, value] of [a, b, c, d].entries()) state[i] = ((state[i] as number) + value) | 0;
  }
  const swapped = new DataView(new ArrayBuffer(16));
  for (const [i, word] of state.entries()) swapped.setInt32(i * 4, word, true);
  return hex([0, 4, 8, 12].map((at) => swapped.getInt32(at)));
}

export function sha1(bytes: Uint8Array): string {
  const view = padded(bytes, 64, false);
  const state = Int32Array.of(0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0);
  const words = new Int32Array(80);
  for (let at = 0; at < view.byteLength; at += 64) {
    for (let i = 0; i < 80; i++)
      words[i] =
        i < 16
          ? view.getInt32(at + i * 4)
          : rotateLeft((words[i - 3] as number) ^ (words[i - 8] as number) ^ (words[i - 14] as number) ^ (words[i - 16] as number), 1);
    let [a, b, c, d, e] = state as unknown as [number, number, number, number, number];
    for (let i = 0; i < 80; i++) {
      const round = Math.floor(i / 20);
      const mixed = round === 0 ? (b & c) | (~b & d) : round === 2 ? (b & c) | (b & d) | (c & d) : b ^ c ^ d;
      const constant = [0x5a827999, 0x6ed9eba1, 0x8f1bbcdc, 0xca62c1d6][round] as number;
      [a, b, c, d, e] = [(rotateLeft(a, 5) + mixed + e + constant + (words[i] as number)) | 0, a, rotateLeft(b, 30), c, d];
    }
    for (const [i, value] of [a, b, c, d, e].entries()) state[i] = ((state[i] as number) + value) | 0;
  }
  return hex(state);
}

const PRIMES: readonly number[] = (() => {
  const found: number[] = [];
  for (let one = 2; found.length < 80; one++) if (!found.some((prime) => one % prime === 0)) found.push(one);
  return found;
})();

/** The first 64 bits behind the point of a root, exactly: a whole root of the number moved up. */
function fraction(prime: number, power: 2 | 3): bigint {
  const target = BigInt(prime) << BigInt(64 * power);
  let low = 0n;
  let high = 1n << 70n;
  while (low < high) {
    const middle = (low + high + 1n) >> 1n;
    if (middle ** BigInt(power) <= target) low = middle;
    else high = middle - 1n;
  }
  return BigInt.asUintN(64, low);
}

/** The constants of SHA-2: roots of the first primes, worked out when they are first asked for. */
const lazily = <T>(make: () => T): (() => T) => {
  let made: T | undefined;
  return () => {
    made ??= make();
    return made;
  };
};
const CUBE_ROOTS = lazily(() => PRIMES.map((prime) => fraction(prime, 3)));
const SQUARE_ROOTS = lazily(() => PRIMES.slice(0, 8).map((prime) => fraction(prime, 2)));
const CUBE_ROOTS_32 = lazily(() => Int32Array.from(CUBE_ROOTS().slice(0, 64), (root) => Number(BigInt.asIntN(32, root >> 32n))));

export function sha256(bytes: Uint8Array): string {
  const view = padded(bytes, 64, false);
  const state = Int32Array.from(SQUARE_ROOTS(), (root) => Number(BigInt.asIntN(32, root >> 32n)));
  const constants = CUBE_ROOTS_32();
  const words = new Int32Array(64);
  for (let at = 0; at < view.byteLength; at += 64) {
    for (let i = 0; i < 64; i++) {
      if (i < 16) {
        words[i] = view.getInt32(at + i * 4);
        continue;
      }
      const [early, late] = [words[i - 15] as number, words[i - 2] as number];
      const s0 = rotateRight(early, 7) ^ rotateRight(early, 18) ^ (early >>> 3);
      const s1 = rotateRight(late, 17) ^ rotateRight(late, 19) ^ (late >>> 10);
      words[i] = ((words[i - 16] as number) + s0 + (words[i - 7] as number) + s1) | 0;
    }
    let [a, b, c, d, e, f, g, h] = state as unknown as [number, number, number, number, number, number, number, number];
    for (let i = 0; i < 64; i++) {
      const s1 = rotateRight(e, 6) ^ rotateRight(e, 11) ^ rotateRight(e, 25);
      const one = (h + s1 + ((e & f) ^ (~e & g)) + (constants[i] as number) + (words[i] as number)) | 0;
      const s0 = rotateRight(a, 2) ^ rotateRight(a, 13) ^ rotateRight(a, 22);
      const two = (s0 + ((a & b) ^ (a & c) ^ (b & c))) | 0;
      [h, g, f, e, d, c, b, a] = [g, f, e, (d + one) | 0, c, b, a, (one + two) | 0];
    }
    for (const [i, value] of [a, b, c, d, e, f, g, h].entries()) state[i] = ((state[i] as number) + value) | 0;
  }
  return hex(state);
}

const wide = (value: bigint): bigint => BigInt.asUintN(64, value);
const rotateWide = (word: bigint, by: bigint): bigint => wide((word >> by) | (word << (64n - by)));

export function sha512(bytes: Uint8Array): string {
  const view = padded(bytes, 128, false);
  const state = [...SQUARE_ROOTS()];
  const constants = CUBE_ROOTS();
  const words = new Array<bigint>(80).fill(0n);
  for (let at = 0; at < view.byteLength; at += 128) {
    for (let i = 0; i < 80; i++) {
      if (i < 16) {
        words[i] = view.getBigUint64(at + i * 8);
        continue;
      }
      const [early, late] = [words[i - 15] as bigint, words[i - 2] as bigint];
      const s0 = rotateWide(early, 1n) ^ rotateWide(early, 8n) ^ (early >> 7n);
      const s1 = rotateWide(late, 19n) ^ rotateWide(late, 61n) ^ (late >> 6n);
      words[i] = wide((words[i - 16] as bigint) + s0 + (words[i - 7] as bigint) + s1);
    }
    let [a, b, c, d, e, f, g, h] = state as [bigint, bigint, bigint, bigint, bigint, bigint, bigint, bigint];
    for (let i = 0; i < 80; i++) {
      const s1 = rotateWide(e, 14n) ^ rotateWide(e, 18n) ^ rotateWide(e, 41n);
      const one = h + s1 + ((e & f) ^ (wide(~e) & g)) + (constants[i] as bigint) + (words[i] as bigint);
      const s0 = rotateWide(a, 28n) ^ rotateWide(a, 34n) ^ rotateWide(a, 39n);
      const two = s0 + ((a & b) ^ (a & c) ^ (b & c));
      [h, g, f, e, d, c, b, a] = [g, f, e, wide(d + one), c, b, a, wide(one + two)];
    }
    for (const [i, value] of [a, b, c, d, e, f, g, h].entries()) state[i] = wide((state[i] as bigint) + value);
  }
  return state.map((word) => word.toString(16).padStart(16, "0")).join("");
}

/** The CRC of POSIX cksum: the polynomial 0x04C11DB7, the length of the file behind its bytes. */
export function posixCrc(bytes: Uint8Array): number {
  let crc = 0;
  const take = (byte: number): void => {
    crc ^= byte << 24;
    for (let bit = 0; bit < 8; bit++) crc = crc < 0 ? (crc << 1) ^ 0x04c11db7 : crc << 1;
  };
  for (const byte of bytes) take(byte);
  for (let left = bytes.length; left > 0; left = Math.floor(left / 256)) take(left & 255);
  return ~crc >>> 0;
}
