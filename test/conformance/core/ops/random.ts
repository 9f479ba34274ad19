/** Random functions: the stream itself, number by number, since it must never change; and that it looks like chance. */
import {
  DTypeError,
  Generator,
  ShapeError,
  ValueError,
  ones,
  random,
  sort,
  tensor,
  zeros,
  type DType,
  type Shape,
  type Tensor,
} from '@antler/core';
import type * as randomModule from '../../../../packages/core/src/ops/random.js';
import { expectThat, expectWithin } from '../../expect.js';
import { meaning } from '../../meaning.js';
import { record } from '../primitives/record.js';
import type { Sample } from '../sample.js';
import type { CoreCase, Session } from '../session.js';
import { of, upTo, type Nested, type Values } from '../values.js';
import { call, casesOf, refusal, type Records, type Refusal } from './record.js';

/** Keys and counters are words, whatever is drawn. */
const NEEDED: readonly DType[] = ['float32', 'uint32'];

const words = (nested: Nested): Values => of(nested, 'uint32');
/** Multiples of 2^−24, exactly as float32. */
const fractions = (numerators: readonly number[]): number[] => numerators.map((n) => n / 2 ** 24);

/** The first words under three keys: counters 0 to 7. The stream is frozen; these may never change. */
const streams = [
  [[0, 0], [0x6b200159, 0x375f238f, 0xf71f4ea9, 0x9312778b, 0x883ffec1, 0x5adb10de, 0xe20ce052, 0xa1ef7a4d]],
  [[0, 42], [0x6d3e048f, 0x03d7b32d, 0x92fb20ea, 0xbad56946, 0xb013aee3, 0xa4d91a96, 0xa506c508, 0x97d0552f]],
  [[1, 5], [0x112f109b, 0x8c1c4132, 0x2e71d349, 0xab43e967, 0x61406498, 0xadb9f816, 0xd0d7edf8, 0xf7536fef]],
] as const; // prettier-ignore
const uniform42 = fractions([7159300, 251827, 9632544, 12244329, 11539374, 10803482, 10815173, 9949269]);
const split7 = [[0xe36aa343, 0x734ba4b2], [0x3f322821, 0x980429c9], [0x81dfc1bc, 0xad1c5a5e]] as const; // prettier-ignore
const generator5 = [[0xfb72c35c, 0x6ff7dd11], [0xe18bb508, 0x76401a63], [0x7119e16e, 0x4a22239b]] as const; // prettier-ignore

const streamSamples: readonly Sample[] = streams.map(([[high, low], expected]) => ({
  name: `words under key (${high}, ${low})`,
  inputs: [words(expected.map(() => high)), words(expected.map(() => low)), words(expected.map(() => 0)), words(upTo(8))],
  f: (...inputs) => record('random', inputs, {}),
  expected: words(expected),
})); // prettier-ignore

/** The word at a counter under a key. */
function word(key: readonly [number, number], high: number, low: number): number {
  return meaning('random', [...key, high, low], ['uint32', 'uint32', 'uint32', 'uint32'], 'uint32');
}

const SPLIT_TAG = 0xffffffff;

/** A key that a generator gives, counted from 0. */
function generatorKey(seed: number, count: number): [number, number] {
  return [word([0, seed], SPLIT_TAG, 2 * count), word([0, seed], SPLIT_TAG, 2 * count + 1)];
}

function unitsUnder(key: readonly [number, number], count: number): number[] {
  return fractions(upTo(count).map((i) => word(key, 0, i) >>> 8));
}

/** What logarithms are taken of: the middles of 2^23 steps. */
function openUnitsUnder(key: readonly [number, number], count: number): number[] {
  return fractions(upTo(count).map((i) => (word(key, 0, i) >>> 8) | 1));
}

function uniformUnder(key: readonly [number, number], count: number): Values {
  return of(unitsUnder(key, count));
}

const badDraws = (draw: (shape: Shape, options: object) => unknown): Refusal[] => [
  refusal(() => draw([1.5], {}), ShapeError, 'whole numbers >= 0', '[1.5]'),
  refusal(() => draw([2], { key: tensor([1, 2]) }), ShapeError, 'a key (uint32 [2]) or a Generator', 'float32 [2]'),
  refusal(() => draw([2], { key: 3 }), ShapeError, 'a key (uint32 [2]) or a Generator', 'number'),
  refusal(() => draw([2 ** 20, 2 ** 20], { key: random.key(0) }), ShapeError, 'at most 2^32 elements'),
];
const badDType = (draw: (shape: Shape, options: object) => unknown): Refusal =>
  refusal(() => draw([2], { key: random.key(0), dtype: 'int32' }), DTypeError, 'a float dtype', 'int32');

/** Made anew for each use: a tensor belongs to the device that it was used on. */
const key42 = (): { readonly key: Tensor } => ({ key: random.key(42) });
const affine = { within: (): number => 2 };

const records: Records<typeof randomModule, typeof random> = {
  key: {
    samples: [
      call(() => random.key(0), [], words([0, 0])),
      call(() => random.key(2 ** 32 + 5), [], words([1, 5])),
      call(() => random.key(2 ** 53 - 1), [], words([2 ** 21 - 1, 2 ** 32 - 1])),
    ],
    refuses: [
      refusal(() => random.key(-1), ValueError, 'a whole number in [0, 2^53)', '-1'),
      refusal(() => random.key(0.5), ValueError, '0.5'),
    ],
  },
  split: {
    samples: [
      call(() => random.split(random.key(7), 3), [], split7.map((pair) => words(pair))),
      call((key) => random.split(key), [words([0, 7])], split7.slice(0, 2).map((pair) => words(pair))),
    ],
    refuses: [refusal(() => random.split(tensor([1, 2])), ShapeError, 'a key (uint32 [2])', 'float32 [2]')],
  },
  seed: {
    samples: [
      call(() => (random.seed(5), random.globalGenerator().next()), [], words(generator5[0])),
      call(() => (random.seed(42), random.uniform([3])), [], uniformUnder(generatorKey(42, 0), 3)),
    ],
    refuses: [refusal(() => random.seed(-1), ValueError, '[0, 2^53)', '-1')],
  },
  globalGenerator: {
    samples: [call(() => (random.globalGenerator().seed(5), random.globalGenerator().next()), [], words(generator5[0]))],
  },
  uniform: {
    samples: [
      ...streamSamples,
      call(() => random.uniform([8], key42()), [], of(uniform42)),
      call(() => random.uniform([2, 4], key42()), [], { ...of(uniform42), shape: [2, 4] }),
      call(() => random.uniform([], key42()), [], of(uniform42[0]!)),
      call(() => random.uniform([0, 3], key42()), [], { dtype: 'float32', shape: [0, 3], numbers: [] }),
      call((key) => random.uniform([3], { key: key }), [words([0, 42])], of(uniform42.slice(0, 3))),
      call(() => random.uniform([8], { ...key42(), dtype: 'float64' }), [], of(uniform42, 'float64')),
      call(() => random.uniform([8], { ...key42(), low: -2, high: 6 }), [], of(uniform42.map((u) => 8 * u - 2)), affine),
    ],
    refuses: [...badDraws(random.uniform), badDType(random.uniform)],
  },
  normal: {
    samples: [
      call(() => random.normal([0], key42()), [], of([])),
      call(() => random.normal([2], { ...key42(), stddev: 0, mean: 3 }), [], of([3, 3])),
    ],
    refuses: [...badDraws(random.normal), badDType(random.normal)],
  },
  truncatedNormal: {
    samples: [call(() => random.truncatedNormal([2], { ...key42(), stddev: 0, mean: 3 }), [], of([3, 3]))],
    refuses: [...badDraws(random.truncatedNormal), badDType(random.truncatedNormal)],
  },
  bernoulli: {
    samples: [
      call(() => random.bernoulli([8], key42()), [], of(uniform42.map((u) => Number(u < 0.5)))),
      call(() => random.bernoulli([8], { ...key42(), probability: 0.7 }), [], of(uniform42.map((u) => Number(u < 0.7)))),
      call(() => random.bernoulli([2], { ...key42(), probability: 0 }), [], of([0, 0])),
      call(() => random.bernoulli([2], { ...key42(), probability: 1 }), [], of([1, 1])),
    ],
    refuses: [
      ...badDraws(random.bernoulli),
      refusal(() => random.bernoulli([1], { probability: 1.5 }), ValueError, 'a probability in [0, 1]', '1.5'),
    ],
  },
  dropout: {
    samples: [
      call((x) => random.dropout(x, 0.5, key42()), [of(upTo(8))], of(uniform42.map((u, i) => (u < 0.5 ? 0 : 2 * i)))),
      call((x) => random.dropout(x, 0, key42()), [of([1, 2])], of([1, 2])),
      call((x) => random.dropout(x, 1, key42()), [of([1, Infinity])], of([0, 0])),
    ],
    refuses: [
      refusal(() => random.dropout(ones([2]), -0.1), ValueError, 'a probability in [0, 1]', '-0.1'),
      refusal(() => random.dropout(zeros([2], { dtype: 'int32' }), 0.5), DTypeError, 'a float dtype', 'int32'),
    ],
  },
  categorical: {
    samples: [
      // What has no chance is never chosen, and what has all of it always.
      call((x) => random.categorical(x, 3, key42()), [of([[-Infinity, 0, -Infinity], [0, -Infinity, -Infinity]])], { dtype: 'int32', shape: [2, 3], numbers: [1, 1, 1, 0, 0, 0] }),
    ],
    refuses: [refusal(() => random.categorical(zeros([2, 0])), ShapeError, 'a last axis of classes', '[2, 0]')],
  },
  permutation: {
    samples: [
      call(() => sort(random.permutation(6, key42())), [], of([0, 1, 2, 3, 4, 5], 'int32')),
      call(() => random.permutation(1, key42()), [], of([0], 'int32')),
    ],
    refuses: [refusal(() => random.permutation(-1), ShapeError, 'sizes that are whole numbers >= 0', '-1')],
  },
  shuffle: {
    samples: [
      call((x) => sort(random.shuffle(x, 0, key42())), [of([5, 1, 4, 2])], of([1, 2, 4, 5])),
      // Rows move as a whole.
      call((x) => random.shuffle(x, 1, key42()), [of([[1], [2]])], of([[1], [2]])),
    ],
    refuses: [refusal(() => random.shuffle(ones([2]), 1), ShapeError, 'an axis in [-1, 0]', '1')],
  },
  gamma: {
    samples: [call(() => random.gamma([0], 2, key42()), [], of([]))],
    refuses: [refusal(() => random.gamma([2], -1), ValueError, 'alpha > 0', '-1')],
  },
}; // prettier-ignore

/** Numbers that are no multiples of anything are compared by their distance; WGSL gives 2^−11 for a cosine. */
const MARGIN = 1e-5;

const streamCases: readonly CoreCase[] = [
  {
    name: 'a generator gives the keys of its seed, one after the other',
    async run(session) {
      const generator = new Generator(5);
      const next = session.mode.compile(() => generator.next());
      const keys = [next(), next(), next()];
      const numbers = await Promise.all(keys.map(async (key) => [...(await key.data())]));
      expectThat(JSON.stringify(numbers) === JSON.stringify(generator5), `keys ${JSON.stringify(numbers)}`);
    },
  },
  {
    name: 'normal numbers come of two streams by Box and Muller',
    async run(session) {
      const [first, second] = [0, 1].map((half): [number, number] => [word([0, 42], SPLIT_TAG, 2 * half), word([0, 42], SPLIT_TAG, 2 * half + 1)]);
      const [u, v] = [openUnitsUnder(first!, 50), unitsUnder(second!, 50)];
      const expected = u.map((x, i) => 1 + 2 * Math.sqrt(-2 * Math.log(x)) * Math.cos(2 * Math.PI * v[i]!));
      const [drawn] = await session.compute(() => [random.normal([50], { mean: 1, stddev: 2, ...key42() })]);
      expectWithin(drawn!.numbers, expected, expected.map(() => 10 * MARGIN), 'normal');
    },
  },
  {
    name: 'truncated normal numbers are where the distribution function says',
    async run(session) {
      const [drawn] = await session.compute(() => [random.truncatedNormal([50], key42())]);
      const units = openUnitsUnder([0, 42], 50);
      expectWithin(drawn!.numbers.map(truncatedBelow), units, units.map(() => MARGIN), 'truncatedNormal');
    },
  },
]; // prettier-ignore

const COUNT = 4096;

async function draw(session: Session, f: () => ReturnType<typeof random.uniform>): Promise<readonly number[]> {
  const [values] = await session.compute(() => [f()]);
  return values!.numbers;
}

/** The part of the normal distribution below x. */
const normalBelow = (x: number): number => (1 + meaning('erf', [x / Math.SQRT2], ['float64'], 'float64')) / 2;
const truncatedBelow = (x: number): number => (normalBelow(x) - normalBelow(-2)) / (normalBelow(2) - normalBelow(-2));

/** Mean, standard deviation and the Kolmogorov-Smirnov distance are as far away as chance alone would have it. */
function expectDistribution(
  numbers: readonly number[],
  {
    mean,
    deviation,
    below,
  }: { readonly mean: number; readonly deviation: number; readonly below: (x: number) => number },
  what: string,
): void {
  const n = numbers.length;
  const average = numbers.reduce((sum, x) => sum + x, 0) / n;
  const spread = Math.sqrt(numbers.reduce((sum, x) => sum + (x - average) ** 2, 0) / n);
  expectWithin([average], [mean], [(4 * deviation) / Math.sqrt(n)], `${what}, mean`);
  expectWithin([spread], [deviation], [(4 * deviation) / Math.sqrt(n)], `${what}, standard deviation`);
  const sorted = [...numbers].sort((a, b) => a - b);
  const distances = sorted.map((x, i) => Math.max(Math.abs(below(x) - i / n), Math.abs(below(x) - (i + 1) / n)));
  // One sample in a hundred of a right distribution is farther away.
  expectThat(Math.max(...distances) < 1.63 / Math.sqrt(n), `${what}: Kolmogorov-Smirnov ${Math.max(...distances)}`);
}

function correlation(a: readonly number[], b: readonly number[]): number {
  const mean = (list: readonly number[]): number => list.reduce((sum, x) => sum + x, 0) / list.length;
  const [ma, mb] = [mean(a), mean(b)];
  const dot = (f: (i: number) => number): number => a.reduce((sum, _, i) => sum + f(i), 0);
  const variances = dot((i) => (a[i]! - ma) ** 2) * dot((i) => (b[i]! - mb) ** 2);
  return dot((i) => (a[i]! - ma) * (b[i]! - mb)) / Math.sqrt(variances);
}

const distributionCases: readonly CoreCase[] = [
  {
    name: 'uniform numbers are spread evenly, those of different keys and neighbours independently',
    async run(session) {
      const one = await draw(session, () => random.uniform([COUNT], { key: random.key(1) }));
      const two = await draw(session, () => random.uniform([COUNT], { key: random.key(2) }));
      expectDistribution(one, { mean: 0.5, deviation: Math.sqrt(1 / 12), below: (x) => x }, 'uniform');
      expectThat(one.every((x) => x >= 0 && x < 1), 'uniform: in [0, 1)');
      const limit = 4 / Math.sqrt(COUNT);
      expectThat(Math.abs(correlation(one, two)) < limit, `two keys correlate: ${correlation(one, two)}`);
      const serial = correlation(one.slice(0, -1), one.slice(1));
      expectThat(Math.abs(serial) < limit, `neighbours correlate: ${serial}`);
    },
  },
  {
    name: 'normal numbers are normal',
    async run(session) {
      const numbers = await draw(session, () => random.normal([COUNT], { key: random.key(3) }));
      expectDistribution(numbers, { mean: 0, deviation: 1, below: normalBelow }, 'normal');
    },
  },
  {
    name: 'truncated normal numbers are normal within two standard deviations',
    async run(session) {
      const numbers = await draw(session, () => random.truncatedNormal([COUNT], { key: random.key(4) }));
      expectDistribution(numbers, { mean: 0, deviation: 0.8796256610342398, below: truncatedBelow }, 'truncatedNormal');
      expectThat(numbers.every((x) => Math.abs(x) <= 2), 'truncatedNormal: within 2');
    },
  },
  {
    name: 'bernoulli and dropout hit as often as they should',
    async run(session) {
      const hits = await draw(session, () => random.bernoulli([COUNT], { probability: 0.3, key: random.key(5) }));
      const kept = await draw(session, () => random.dropout(ones([COUNT]), 0.2, { key: random.key(6) }));
      const rate = (list: readonly number[]): number => list.filter((x) => x !== 0).length / COUNT;
      expectWithin([rate(hits), rate(kept)], [0.3, 0.8], [0.03, 0.025], 'rates');
      expectThat(kept.every((x) => x === 0 || x === Math.fround(1.25)), 'dropout: 0 or 1.25');
    },
  },
]; // prettier-ignore

/** Cases of the layer. */
export const drawCases: readonly CoreCase[] = [
  ...casesOf(records, NEEDED),
  ...[...streamCases, ...distributionCases].map((one) => ({ ...one, dtypes: NEEDED })),
];
