/** What layers over images and sequences share: numbers per axis, and where the channels are. */
import { type PerAxis, type Tensor, ValueError, describe, transpose } from '@antler/core';

/** Where the channels of inputs and outputs are. */
export type DataFormat = 'channels_last' | 'channels_first';

/** Around the input: nothing, or zeros so that the output is ⌈size / stride⌉ long, the odd one on the right. */
export type LayerPadding = 'valid' | 'same';

/** A whole number for each of `rank` axes. */
export function perAxis(where: string, given: PerAxis, rank: number): readonly number[] {
  const list = typeof given === 'number' ? new Array<number>(rank).fill(given) : given;
  if (list.length === rank && list.every((n) => Number.isInteger(n) && n > 0)) return list;
  throw new ValueError(describe(where, `a whole number > 0, or ${rank} of them`, JSON.stringify(given)));
}

/** Checks that a value is one of some words. */
export function oneOf<T extends string>(where: string, given: T, words: readonly T[]): T {
  if (words.includes(given)) return given;
  throw new ValueError(describe(where, words.join(' or '), JSON.stringify(given)));
}

/** Applies what wants channels last to an input of either format. */
export function inChannelsLast(x: Tensor, format: DataFormat, f: (x: Tensor) => Tensor): Tensor {
  if (format === 'channels_last') return f(x);
  const axes = Array.from({ length: x.rank - 2 }, (_, i) => i);
  const y = f(transpose(x, [0, ...axes.map((i) => i + 2), 1]));
  return y.rank === x.rank ? transpose(y, [0, x.rank - 1, ...axes.map((i) => i + 1)]) : y;
}
