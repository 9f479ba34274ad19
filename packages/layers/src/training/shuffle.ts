/** The order of a shuffled epoch: the same on every machine for the same seed and epoch. */

/** Numbers 0 … n − 1 in an order that depends on the seed and the epoch alone. */
export function permutation(n: number, seed: number, epoch: number): Uint32Array {
  const order = Uint32Array.from({ length: n }, (_, i) => i);
  const next = generator(seed, epoch);
  for (let i = n - 1; i > 0; i--) {
    const j = Math.floor(next() * (i + 1));
    [order[i], order[j]] = [order[j]!, order[i]!];
  }
  return order;
}

/** Uniform numbers in [0, 1) with 53 bits: two words of xoshiro128** (Blackman & Vigna 2018), seeded by mixing both numbers. */
function generator(seed: number, epoch: number): () => number {
  const mix = mixer((seed >>> 0) ^ Math.imul(Math.floor(seed / 2 ** 32), 0x85ebca6b));
  const other = mixer(epoch ^ 0x5bd1e995);
  let [a, b, c, d] = [mix(), mix() ^ other(), mix(), mix() ^ other()];
  const word = (): number => {
    const result = Math.imul(rotate(Math.imul(b, 5), 7), 9) >>> 0;
    const shifted = b << 9;
    c ^= a;
    d ^= b;
    b ^= c;
    a ^= d;
    c ^= shifted;
    d = rotate(d, 11);
    return result;
  };
  return () => ((word() >>> 5) * 2 ** 26 + (word() >>> 6)) / 2 ** 53;
}

/** SplitMix32: words that differ in all bits for seeds that differ in one. */
function mixer(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x9e3779b9) | 0;
    let z = state;
    z = Math.imul(z ^ (z >>> 16), 0x21f0aaad);
    z = Math.imul(z ^ (z >>> 15), 0x735a2d97);
    return z ^ (z >>> 15);
  };
}

function rotate(x: number, bits: number): number {
  return (x << bits) | (x >>> (32 - bits));
}
