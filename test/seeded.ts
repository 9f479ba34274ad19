/** Reproducible chance for tests: a small generator whose whole state is one 32-bit word. */

/** A generator of numbers in [0, 1); equal seeds give equal sequences. */
export interface Chance {
  (): number;
  /** A whole number in [low, high]. */
  whole(low: number, high: number): number;
  /** One of the choices. */
  pick<T>(choices: readonly T[]): T;
}

/** Starts a generator: a Weyl sequence whose words are scrambled by two rounds of multiply and shift. */
export function seeded(seed: number): Chance {
  let state = seed >>> 0;
  const next = (): number => {
    state = (state + 0x9e3779b9) >>> 0;
    return scramble(state) / 2 ** 32;
  };
  return Object.assign(next, {
    whole: (low: number, high: number): number => low + Math.floor(next() * (high - low + 1)),
    pick: <T>(choices: readonly T[]): T => choices[Math.floor(next() * choices.length)]!,
  });
}

/** A hash of text, so that equal descriptions get equal answers. */
export function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return scramble(hash >>> 0);
}

function scramble(word: number): number {
  let x = word;
  x = Math.imul(x ^ (x >>> 16), 0x85ebca6b);
  x = Math.imul(x ^ (x >>> 13), 0xc2b2ae35);
  return (x ^ (x >>> 16)) >>> 0;
}
