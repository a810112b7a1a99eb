// Message digests over bytes. MD5 and SHA-1 are here to compare with what others published, not to protect anything.

const SHA256_CONSTANTS: StaticArray<u32> = [
  0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5, 0xd807aa98, 0x12835b01,
  0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174, 0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc,
  0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da, 0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147,
  0x06ca6351, 0x14292967, 0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
  0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070, 0x19a4c116, 0x1e376c08,
  0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3, 0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208,
  0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
];

/** FIPS 180-4, section 6.2. */
export function sha256(message: Uint8Array): Uint8Array {
  const blocks = padded(message, true);
  const state: StaticArray<u32> = [
    0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19,
  ];
  const w = new StaticArray<u32>(64);
  for (let block = 0; block < blocks.length; block += 64) {
    for (let t = 0; t < 16; t++) w[t] = bswap<u32>(load<u32>(blocks.dataStart + block + 4 * t));
    for (let t = 16; t < 64; t++) {
      const s0 = rotr(w[t - 15], 7) ^ rotr(w[t - 15], 18) ^ (w[t - 15] >> 3);
      const s1 = rotr(w[t - 2], 17) ^ rotr(w[t - 2], 19) ^ (w[t - 2] >> 10);
      w[t] = w[t - 16] + s0 + w[t - 7] + s1;
    }
    let a = state[0];
    let b = state[1];
    let c = state[2];
    let d = state[3];
    let e = state[4];
    let f = state[5];
    let g = state[6];
    let h = state[7];
    for (let t = 0; t < 64; t++) {
      const mixed = h + (rotr(e, 6) ^ rotr(e, 11) ^ rotr(e, 25)) + ((e & f) ^ (~e & g)) + SHA256_CONSTANTS[t] + w[t];
      const majority = (rotr(a, 2) ^ rotr(a, 13) ^ rotr(a, 22)) + ((a & b) ^ (a & c) ^ (b & c));
      h = g;
      g = f;
      f = e;
      e = d + mixed;
      d = c;
      c = b;
      b = a;
      a = mixed + majority;
    }
    add(state, [a, b, c, d, e, f, g, h]);
  }
  return toBytes(state, true);
}

/** FIPS 180-4, section 6.1. */
export function sha1(message: Uint8Array): Uint8Array {
  const blocks = padded(message, true);
  const state: StaticArray<u32> = [0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0];
  const w = new StaticArray<u32>(80);
  for (let block = 0; block < blocks.length; block += 64) {
    for (let t = 0; t < 16; t++) w[t] = bswap<u32>(load<u32>(blocks.dataStart + block + 4 * t));
    for (let t = 16; t < 80; t++) w[t] = rotl(w[t - 3] ^ w[t - 8] ^ w[t - 14] ^ w[t - 16], 1);
    let a = state[0];
    let b = state[1];
    let c = state[2];
    let d = state[3];
    let e = state[4];
    for (let t = 0; t < 80; t++) {
      const mix: u32 = t < 20 ? (b & c) | (~b & d) : t < 40 || t >= 60 ? b ^ c ^ d : (b & c) | (b & d) | (c & d);
      const constant: u32 = t < 20 ? 0x5a827999 : t < 40 ? 0x6ed9eba1 : t < 60 ? 0x8f1bbcdc : 0xca62c1d6;
      const next = rotl(a, 5) + mix + e + constant + w[t];
      e = d;
      d = c;
      c = rotl(b, 30);
      b = a;
      a = next;
    }
    add(state, [a, b, c, d, e]);
  }
  return toBytes(state, true);
}

const MD5_SHIFTS: StaticArray<u32> = [7, 12, 17, 22, 5, 9, 14, 20, 4, 11, 16, 23, 6, 10, 15, 21];
const MD5_CONSTANTS: StaticArray<u32> = md5Constants();

/** RFC 1321. */
export function md5(message: Uint8Array): Uint8Array {
  const blocks = padded(message, false);
  const state: StaticArray<u32> = [0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476];
  for (let block = 0; block < blocks.length; block += 64) {
    let a = state[0];
    let b = state[1];
    let c = state[2];
    let d = state[3];
    for (let t = 0; t < 64; t++) {
      const round = t >> 4;
      const mix: u32 = round == 0 ? (b & c) | (~b & d) : round == 1 ? (d & b) | (~d & c) : round == 2 ? b ^ c ^ d : c ^ (b | ~d);
      const word = round == 0 ? t : round == 1 ? (5 * t + 1) & 15 : round == 2 ? (3 * t + 5) & 15 : (7 * t) & 15;
      const turned = rotl(a + mix + MD5_CONSTANTS[t] + load<u32>(blocks.dataStart + block + 4 * word), MD5_SHIFTS[round * 4 + (t & 3)]);
      a = d;
      d = c;
      c = b;
      b = b + turned;
    }
    add(state, [a, b, c, d]);
  }
  return toBytes(state, false);
}

/** RFC 1321 takes them from the sine. */
function md5Constants(): StaticArray<u32> {
  const constants = new StaticArray<u32>(64);
  for (let t = 0; t < 64; t++) constants[t] = <u32>(<u64>(Math.abs(Math.sin(t + 1)) * 4294967296.0));
  return constants;
}

/** The CRC-32 of zip and PNG (polynomial 0xEDB88320, reflected). */
export function crc32(message: Uint8Array): Uint8Array {
  let crc: u32 = 0xffffffff;
  for (let i = 0; i < message.length; i++) {
    crc ^= message[i];
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >> 1) ^ 0xedb88320 : crc >> 1;
  }
  return toBytes([~crc], true);
}

/** A one bit, zeros, and the length in bits fill the message up to whole blocks of 64 bytes. */
function padded(message: Uint8Array, bigEndian: bool): Uint8Array {
  const blocks = new Uint8Array((message.length + 72) & ~63);
  blocks.set(message);
  blocks[message.length] = 0x80;
  const bits = <u64>message.length * 8;
  store<u64>(blocks.dataStart + blocks.length - 8, bigEndian ? bswap<u64>(bits) : bits);
  return blocks;
}

function add(state: StaticArray<u32>, words: StaticArray<u32>): void {
  for (let i = 0; i < state.length; i++) state[i] += words[i];
}

function toBytes(words: StaticArray<u32>, bigEndian: bool): Uint8Array {
  const bytes = new Uint8Array(words.length * 4);
  for (let i = 0; i < words.length; i++) store<u32>(bytes.dataStart + 4 * i, bigEndian ? bswap<u32>(words[i]) : words[i]);
  return bytes;
}
