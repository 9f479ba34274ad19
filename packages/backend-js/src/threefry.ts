/** Threefry-2x32 with 20 rounds (Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", 2011). */

const rotations = [13, 15, 26, 6, 17, 29, 16, 24];
const parity = 0x1bd11bda;

/** First word of the counter (high, low) encrypted under the key; words are 32 bits of any sign. */
export function threefry(key0: number, key1: number, high: number, low: number): number {
  const schedule2 = key0 ^ key1 ^ parity;
  let injected0 = key0;
  let injected1 = key1;
  let injected2 = schedule2;
  let x = (high + key0) | 0;
  let y = (low + key1) | 0;
  for (let group = 1; group <= 5; group++) {
    const first = group % 2 === 1 ? 0 : 4;
    for (let i = first; i < first + 4; i++) {
      const rotation = rotations[i]!;
      x = (x + y) | 0;
      y = ((y << rotation) | (y >>> (32 - rotation))) ^ x;
    }
    // After each four rounds the next two of the three key words are added, and the group's number.
    const spent = injected0;
    injected0 = injected1;
    injected1 = injected2;
    injected2 = spent;
    x = (x + injected0) | 0;
    y = (y + injected1 + group) | 0;
  }
  return x >>> 0;
}
