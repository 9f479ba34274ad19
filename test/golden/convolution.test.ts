/** Convolutions and pooling against Keras's layers, as operations: outputs and all gradients. */
import { beforeAll, describe, expect, test } from '@jest/globals';
import { createJsBackend } from '@antler/backend-js';
import {
  averagePool,
  conv,
  convTranspose,
  depthwiseConv,
  grad,
  maxPool,
  registerBackends,
  relu,
  separableConv,
  setBackend,
  tensor,
  transpose,
  type Tensor,
} from '@antler/core';
import { goldenArrays, goldenCase, goldenCases, goldenDifference, type GoldenCase } from './keras.js';

beforeAll(async () => {
  registerBackends({ js: createJsBackend });
  await setBackend('js');
});

interface Config {
  readonly strides: readonly number[];
  readonly padding: 'valid' | 'same';
  readonly dilation_rate: readonly number[];
  readonly pool_size: readonly number[];
  readonly output_padding: readonly number[] | null;
  readonly data_format: 'channels_last' | 'channels_first';
  readonly use_bias?: boolean;
  readonly activation?: string;
}

type Apply = (x: Tensor, weights: readonly Tensor[], config: Config) => Tensor;

const moves = ({ strides, padding, dilation_rate: dilationRate }: Config) => ({ strides, padding, dilationRate });

const kinds: Readonly<Record<string, Apply>> = {
  Conv: (x, [kernel], config) => conv(x, kernel!, moves(config)),
  DepthwiseConv: (x, [kernel], config) => depthwiseConv(x, kernel!, moves(config)),
  SeparableConv: (x, [depthwise, pointwise], config) => separableConv(x, depthwise!, pointwise!, moves(config)),
  ConvTranspose: (x, [kernel], config) =>
    convTranspose(x, kernel!, {
      ...moves(config),
      ...(config.output_padding === null ? {} : { outputPadding: config.output_padding }),
    }),
  MaxPooling: (x, _weights, { pool_size: size, ...config }) => maxPool(x, size, config),
  AveragePooling: (x, _weights, { pool_size: size, ...config }) => averagePool(x, size, config),
};

/** The layer's operation with its bias and activation, channels last. */
function applied(apply: Apply, x: Tensor, weights: readonly Tensor[], config: Config): Tensor {
  const rank = x.rank;
  const isFirst = config.data_format === 'channels_first';
  const axes = Array.from({ length: rank - 2 }, (_, i) => i + 1);
  const input = isFirst ? transpose(x, [0, ...axes.map((axis) => axis + 1), 1]) : x;
  const sum = apply(input, weights, config);
  const biased = config.use_bias === true ? sum.add(weights.at(-1)!) : sum;
  const y = config.activation === 'relu' ? relu(biased) : biased;
  return isFirst ? transpose(y, [0, rank - 1, ...axes]) : y;
}

async function check(entry: GoldenCase, f: (...inputs: Tensor[]) => Tensor, names: readonly string[]): Promise<void> {
  const arrays = goldenArrays(entry);
  const inputs = names.map((name) => tensor(arrays[name]!));
  const y = f(...inputs);
  const cotangent = tensor(arrays['cotangent.0']!);
  const slopes = grad((xs: readonly Tensor[]) =>
    f(...xs)
      .mul(cotangent)
      .sum(),
  )(inputs);
  expect(y.shape).toEqual(arrays['output.0']!.shape);
  expect(goldenDifference(await y.data(), arrays['output.0']!.data)).toBeLessThanOrEqual(entry.tol);
  for (const [i, name] of names.entries()) {
    const difference = goldenDifference(await slopes[i]!.data(), arrays[`grad_${name}`]!.data);
    expect([name, difference <= entry.tol]).toEqual([name, true]);
  }
}

const kindOf = (className: string): string => className.replace(/[123]D/, '');
const found = goldenCases('layers').filter(({ class: className }) => Object.hasOwn(kinds, kindOf(String(className))));

describe('layers', () => {
  test('all are there', () => expect(found).toHaveLength(56));

  test.each(found.map((entry) => [entry.id, entry] as const))('%s', async (_id, entry) => {
    const weights = Object.keys(goldenArrays(entry)).filter((name) => /^weight\.\d$/.test(name));
    const apply = kinds[kindOf(String(entry.class))]!;
    const config = entry.config as unknown as Config;
    await check(entry, (x, ...rest) => applied(apply, x, rest, config), ['input.0', ...weights.sort()]);
  });
});

describe('operations', () => {
  test('separable_conv', async () => {
    const f = (x: Tensor, depthwise: Tensor, pointwise: Tensor): Tensor =>
      separableConv(x, depthwise, pointwise, { padding: 'same' });
    await check(goldenCase('ops', 'separable_conv.0'), f, ['input.0', 'input.1', 'input.2']);
  });

  test('max_pool', async () => {
    await check(goldenCase('ops', 'max_pool.0'), (x) => maxPool(x, 2), ['input.0']);
  });
});
