/** What is drawn for a call; each has numbers of its own. */
const PURPOSES = ['kind', 'abort', 'moment', 'turns', 'wait', 'size'] as const;

export type Draw = (call: number, purpose: (typeof PURPOSES)[number]) => number;

/** Numbers from 0 up to 1 that depend on seed, call and purpose alone, so that a call is the same again whatever ran before it. */
export function drawing(seed: number): Draw {
  return (call, purpose) => {
    let bits = Math.imul(call + 1, 0x9e37_79b1) ^ Math.imul(PURPOSES.indexOf(purpose) + 1, 0x85eb_ca6b) ^ seed;
    bits = Math.imul(bits ^ (bits >>> 16), 0x7feb_352d);
    bits = Math.imul(bits ^ (bits >>> 15), 0x846c_a68b);
    return ((bits ^ (bits >>> 16)) >>> 0) / 2 ** 32;
  };
}
