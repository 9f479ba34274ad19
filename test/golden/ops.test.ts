/** The functions of core against Keras's: values, dtypes and gradients of every `ops` and `activations` case that they cover. */
import { createJsBackend } from '@antler/backend-js';
import * as antler from '@antler/core';
import { type DType, type HostArray, type Tensor, grad, registerBackends, setBackend, tensor } from '@antler/core';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { goldenArrays, goldenCases, goldenDifference, type GoldenCase } from './keras.js';

/** Named arguments of Keras; which of them a case has is known to the function that reads them. */
interface Named {
  readonly axis: number;
  readonly axes: readonly number[];
  readonly keepdims: boolean;
  readonly k: number;
  readonly q: number;
  readonly order: number;
  readonly ord: number;
  readonly num_segments: number;
  readonly alpha: number;
  readonly b: number;
  readonly threshold: number;
  readonly negative_slope: number;
}

/** Arguments of a case: its tensors, then what Keras got beside them. */
interface Call {
  readonly x: readonly [Tensor, ...Tensor[]];
  readonly args: readonly unknown[];
  readonly kwargs: Named;
}
type Run = (call: Call) => Tensor | readonly Tensor[] | Promise<Tensor>;

const unary =
  (f: (x: Tensor) => Tensor): Run =>
  ({ x }) =>
    f(x[0]);
const binary =
  (f: (a: Tensor, b: Tensor) => Tensor): Run =>
  ({ x }) =>
    f(x[0], x[1]!);
type Axis = number | readonly number[] | undefined;
const folding =
  (f: (x: Tensor, axis?: Axis, keepDims?: boolean) => Tensor): Run =>
  ({ x, kwargs: { axis, keepdims } }) =>
    f(x[0], axis, keepdims);
const along =
  (f: (x: Tensor, axis?: number) => Tensor): Run =>
  ({ x, kwargs: { axis } }) =>
    f(x[0], axis);
const argument = <T>({ args }: Call, i = 0): T => args[i] as T;
const segments =
  (mode: 'add' | 'max', start: number): Run =>
  ({ x: [rows, ids], kwargs: { num_segments: count } }) =>
    antler.scatterUpdate(antler.full([count, ...rows.shape.slice(1)], start), ids!, rows, mode);

const covered: Readonly<Record<string, Run>> = {
  negative: unary(antler.negative),
  square: unary(antler.square),
  sin: unary(antler.sin),
  tanh: unary(antler.tanh),
  sigmoid: unary(antler.sigmoid),
  sinh: unary(antler.sinh),
  cosh: unary(antler.cosh),
  arcsinh: unary(antler.arcsinh),
  sign: unary(antler.sign),
  floor: unary(antler.floor),
  ceil: unary(antler.ceil),
  reciprocal: unary(antler.reciprocal),
  cbrt: unary(antler.cbrt),
  logical_not: unary(antler.logicalNot),
  silu: unary(antler.silu),
  elu: unary((x) => antler.elu(x)),
  hard_tanh: unary(antler.hardTanh),
  log1p: unary(antler.log1p),
  log2: unary(antler.log2),
  arccosh: unary(antler.arccosh),
  tan: unary(antler.tan),
  arccos: unary(antler.arccos),
  add: binary(antler.add),
  subtract: binary(antler.subtract),
  multiply: binary(antler.multiply),
  divide: binary(antler.divide),
  minimum: binary(antler.minimum),
  arctan2: binary(antler.arctan2),
  logaddexp: binary(antler.logaddexp),
  hypot: binary(antler.hypot),
  power: binary(antler.power),
  equal: binary(antler.equal),
  floor_divide: binary(antler.floorDivide),
  mod: binary(antler.mod),
  sum: folding(antler.sum),
  mean: folding(antler.mean),
  max: folding(antler.max),
  min: folding(antler.min),
  prod: folding(antler.prod),
  var: folding(antler.variance),
  std: folding(antler.std),
  amax: folding(antler.max),
  amin: folding(antler.min),
  logsumexp: folding(antler.logSumExp),
  count_nonzero: folding(antler.countNonzero),
  median: folding(antler.median),
  quantile: ({ x, kwargs: { q, axis } }) => antler.quantile(x[0], q, axis),
  // Without an axis Keras looks at all elements.
  argmin: unary((x) => antler.argmin(antler.ravel(x))),
  argsort: along(antler.argsort),
  sort: along(antler.sort),
  cumsum: along(antler.cumsum),
  unique: ({ x }) => antler.unique(x[0]),
  matmul: binary(antler.matmul),
  inner: binary(antler.inner),
  kron: binary(antler.kron),
  einsum: (call) => antler.einsum(argument(call), ...call.x),
  transpose: ({ x, kwargs: { axes } }) => antler.transpose(x[0], axes),
  squeeze: along(antler.squeeze),
  expand_dims: ({ x, kwargs: { axis } }) => antler.expandDims(x[0], axis),
  split: (call) => antler.split(call.x[0], argument(call), call.kwargs.axis),
  unstack: ({ x, kwargs: { axis } }) => antler.unstack(x[0], axis),
  repeat: (call) => antler.repeat(call.x[0], argument<number>(call), call.kwargs.axis),
  flip: along(antler.flip),
  roll: (call) => antler.roll(call.x[0], argument(call), call.kwargs.axis),
  pad: (call) => antler.pad(call.x[0], argument(call)),
  broadcast_to: (call) => antler.broadcastTo(call.x[0], argument(call)),
  swapaxes: (call) => antler.swapAxes(call.x[0], argument(call), argument(call, 1)),
  triu: ({ x, kwargs: { k } }) => antler.triu(x[0], k),
  meshgrid: ({ x }) => antler.meshgrid(x),
  diff: unary((x) => antler.diff(x)),
  take: ({ x, kwargs: { axis } }) => antler.take(x[0], x[1]!, axis),
  take_along_axis: ({ x, kwargs: { axis } }) => antler.takeAlongAxis(x[0], x[1]!, axis),
  nan_to_num: unary((x) => antler.nanToNum(x, { posInf: 3.4028234663852886e38, negInf: -3.4028234663852886e38 })),
  multi_hot: (call) => antler.max(antler.oneHot(call.x[0], argument(call)), 1),
  slice: (call) => {
    const [starts, sizes] = [argument<number[]>(call), argument<number[]>(call, 1)];
    return antler.slice(call.x[0], starts, starts.map((start, i) => start + sizes[i]!));
  },
  slice_update: ({ x }) => antler.dynamicUpdateSlice(x[0], x[1]!, x[2]!),
  scatter_update: ({ x }) => antler.scatterUpdate(x[0], antler.squeeze(x[1]!, 1), x[2]!),
  segment_sum: segments('add', 0),
  segment_max: segments('max', -Infinity),
  log_softmax: unary((x) => antler.logSoftmax(x)),
  normalize: ({ x, kwargs: { axis, order } }) => antler.normalize(x[0], { axis, order }),
  rms_normalization: ({ x }) => antler.rmsNormalization(x[0], { scale: x[1] }),
  dot_product_attention: ({ x }) => antler.scaledDotProductAttention(x[0], x[1]!, x[2]!),
  moments: ({ x, kwargs: { axes } }) => [antler.mean(x[0], axes), antler.variance(x[0], axes)],
  norm: ({ x, kwargs }) => antler.norm(x[0], kwargs),
  linspace: (call) => antler.linspace(argument(call), argument(call, 1), argument(call, 2)),
  logspace: (call) => antler.logspace(argument(call), argument(call, 1), argument(call, 2)),
  tri: (call) => antler.tri(argument(call)),
  isnan: unary(antler.isNaN),
  cast: (call) => antler.cast(call.x[0], argument<DType>(call)),
}; // prettier-ignore

/** Cases that no function here covers. A reason that is no longer true makes its case fail. */
const leftOut: Readonly<Record<string, string>> = {
  scatter: 'positions of two axes: scatterUpdate takes those of one',
  separable_conv: 'convolutions have tests of their own',
  max_pool: 'pooling has tests of its own',
  space_to_depth: 'no such function',
  'image.resize': 'no image functions yet',
  'image.extract_patches': 'no image functions yet',
  det: 'no host composites yet',
  inv: 'no host composites yet',
  solve: 'no host composites yet',
  solve_triangular: 'no host composites yet',
  eigh: 'no host composites yet',
  slogdet: 'no host composites yet',
  gcd: 'no host composites yet',
  hamming: 'no signal functions yet',
  rfft: 'no signal functions yet',
  cdist: 'no such function',
  rearrange: 'no such function',
  nanmean: 'no such function',
};

const activations: Readonly<Record<string, (x: Tensor, kwargs: Named) => Tensor>> = {
  celu: (x) => antler.celu(x),
  elu: (x, { alpha }) => antler.elu(x, alpha),
  hard_shrink: (x, { threshold }) => antler.hardShrink(x, threshold),
  hard_swish: (x) => antler.hardSilu(x),
  hard_tanh: (x) => antler.hardTanh(x),
  leaky_relu: (x, { negative_slope: slope }) => antler.leakyRelu(x, slope),
  linear: (x) => x,
  log_softmax: (x) => antler.logSoftmax(x),
  relu6: (x) => antler.relu6(x),
  sigmoid: (x) => antler.sigmoid(x),
  silu: (x) => antler.silu(x),
  soft_shrink: (x, { threshold }) => antler.softShrink(x, threshold),
  sparsemax: (x) => antler.sparsemax(x),
  squareplus: (x, { b }) => antler.squareplus(x, b),
  tanh: (x) => antler.tanh(x),
};

const list = (arrays: Readonly<Record<string, HostArray>>, prefix: string): HostArray[] => {
  const found: HostArray[] = [];
  for (let i = 0; arrays[`${prefix}.${i}`] !== undefined; i++) found.push(arrays[`${prefix}.${i}`]!);
  return found;
};

async function expectNear(received: Tensor, expected: HostArray, { id, tol }: GoldenCase, what: string): Promise<void> {
  expect([id, what, received.dtype, received.shape]).toEqual([id, what, expected.dtype, expected.shape]);
  const difference = goldenDifference(await received.data(), expected.data);
  if (!(difference <= tol)) throw new Error(`${id}: ${what} differs by ${difference}, tolerance ${tol}`);
}

beforeAll(async () => {
  registerBackends({ js: createJsBackend });
  await setBackend('js');
});

describe('ops', () => {
  const cases = goldenCases('ops').map((entry) => [entry.id, entry] as const);

  test('every case is covered or left out for a reason', () => {
    const operations = [...new Set(cases.map(([, entry]) => String(entry.op)))].sort();
    expect([...Object.keys(covered), ...Object.keys(leftOut)].sort()).toEqual(operations);
  });

  test.each(cases.filter(([, entry]) => Object.hasOwn(covered, String(entry.op))))('%s', async (_id, entry) => {
    const run = covered[String(entry.op)]!;
    const arrays = goldenArrays(entry);
    const [inputs, outputs, cotangents] = ['input', 'output', 'cotangent'].map((name) => list(arrays, name));
    const args = entry.args as unknown[];
    const kwargs: Named = entry.kwargs as Partial<Named> as Named;
    const call = (x: readonly Tensor[]): ReturnType<Run> => run({ x: x as Call['x'], args, kwargs });
    const x = inputs!.map((array) => tensor(array));
    const given = await call(x);
    const results = Array.isArray(given) ? (given as Tensor[]) : [given as Tensor];
    expect(results.length).toBe(outputs!.length);
    for (const [i, expected] of outputs!.entries()) await expectNear(results[i]!, expected, entry, `output ${i}`);
    for (const [k, name] of inputs!.map((_, i) => [i, `grad_input.${i}`] as const)) {
      const expected = arrays[name];
      if (expected === undefined || cotangents!.length === 0) continue;
      const gradient = grad((own: Tensor) => {
        const again = call(x.map((one, i) => (i === k ? own : one))) as Tensor | readonly Tensor[];
        return [again]
          .flat()
          .map((y, i) => antler.sum(antler.multiply(y, tensor(cotangents![i]!))))
          .reduce((a, b) => a.add(b));
      })(x[k]!);
      await expectNear(gradient, expected, entry, name);
    }
  });
});

describe('activations', () => {
  const cases = goldenCases('activations').map((entry) => [entry.id, entry] as const);
  test.each(cases)('%s', async (_id, entry) => {
    const activation = activations[entry.class]!;
    const f = (x: Tensor): Tensor => activation(x, entry.kwargs as unknown as Named);
    const arrays = goldenArrays(entry);
    const x = tensor(arrays['input.0']!);
    await expectNear(f(x), arrays['output.0']!, entry, 'output');
    const gradient = grad((own: Tensor) => antler.sum(antler.multiply(f(own), tensor(arrays['cotangent.0']!))))(x);
    await expectNear(gradient, arrays['grad_input.0']!, entry, 'gradient');
    const special = arrays['special.input'];
    if (special !== undefined) await expectNear(f(tensor(special)), arrays['special.output']!, entry, 'special values');
  });
});
