/**
 * Seeded shuffling. The generator is xoshiro128** (Blackman and Vigna), its state filled by SplitMix32 from the seed and the
 * number of the pass; a bounded draw takes the word's top bits and rejects what is too large, so every order is equally likely.
 */

/** A source of uniform 32-bit words. */
export type Words = () => number;

/** The generator xoshiro128** on four 32-bit words of state, not all zero. */
export function xoshiro128(a: number, b: number, c: number, d: number): Words {
  return () => {
    const word = Math.imul(rotate(Math.imul(b, 5), 7), 9) >>> 0;
    const shifted = b << 9;
    c ^= a;
    d ^= b;
    b ^= c;
    a ^= d;
    c ^= shifted;
    d = rotate(d, 11);
    return word;
  };
}

/** Words of one pass over a data set: a function of the seed (a non-negative safe integer) and of the pass alone. */
export function seededWords(seed: number, pass: number): Words {
  let state = 0;
  const mix = (word: number): number => {
    state = (state + word + 0x9e3779b9) | 0;
    let z = state;
    z = Math.imul(z ^ (z >>> 16), 0x21f0aaad);
    z = Math.imul(z ^ (z >>> 15), 0x735a2d97);
    return (state = z ^ (z >>> 15));
  };
  mix(seed % 2 ** 32);
  mix(Math.floor(seed / 2 ** 32));
  mix(pass);
  return xoshiro128(mix(0), mix(0), mix(0), mix(0) | 1);
}

/** A uniform integer in [0, limit), for limits up to 2^32. */
export function drawBelow(words: Words, limit: number): number {
  const unused = Math.clz32(limit - 1);
  if (unused === 32) return 0;
  for (;;) {
    const draw = words() >>> unused;
    if (draw < limit) return draw;
  }
}

/** Holds up to `size` elements and gives them back in random order. With room for all of them every order is equally likely. */
export class ShuffleBuffer<T> {
  readonly #held: T[] = [];
  readonly #size: number;
  readonly #words: Words;

  constructor(size: number, words: Words) {
    this.#size = size;
    this.#words = words;
  }

  get full(): boolean {
    return this.#held.length >= this.#size;
  }

  add(element: T): void {
    this.#held.push(element);
  }

  /** Takes a random element out and puts `element` in its place. */
  swap(element: T): T {
    const at = drawBelow(this.#words, this.#held.length);
    const out = this.#held[at]!;
    this.#held[at] = element;
    return out;
  }

  /** Takes out what is left. */
  *drain(): Generator<T, void, undefined> {
    for (let left = this.#held.length; left > 0; left--) {
      const at = drawBelow(this.#words, left);
      yield this.#held[at]!;
      this.#held[at] = this.#held[left - 1]!;
    }
  }
}

/** The numbers of `order` in the order a ShuffleBuffer gives them back. */
export function shuffleOrder(order: Uint32Array, bufferSize: number, words: Words): Uint32Array {
  const buffer = new ShuffleBuffer<number>(bufferSize, words);
  const out = new Uint32Array(order.length);
  let at = 0;
  for (const index of order) {
    if (buffer.full) out[at++] = buffer.swap(index);
    else buffer.add(index);
  }
  for (const index of buffer.drain()) out[at++] = index;
  return out;
}

function rotate(word: number, by: number): number {
  return (word << by) | (word >>> (32 - by));
}
