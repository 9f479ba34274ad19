/** Activations by Keras's formulas, in double precision, with their parameters. */
import * as core from '@antler/core';
import { ShapeError, ValueError, ones, zeros } from '@antler/core';
import type * as activations from '../../../../packages/core/src/ops/activations.js';
import { meaning } from '../../meaning.js';
import { of, type Values } from '../values.js';
import { floatRecord, int, type FloatTrial, type Step, type Unary } from './elementwise.js';
import { call, refusal, type OpRecord, type Records } from './record.js';

const ordinary = [-3, -2, -0.75, -0.001, 0.001, 0.5, 1.25, 3, 7];
const erf = (x: number): number => (x === 0 ? x : meaning('erf', [x], ['float64'], 'float64'));
const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x));
const softplus = (x: number): number => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));
const limited = (x: number, low: number, high: number): number => Math.min(Math.max(x, low), high);
const hardSigmoid = (x: number): number => limited(x + 3, 0, 6) / 6;
const geluByTanh = (x: number): number => (x / 2) * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (x + 0.044715 * x ** 3)));

/** An activation by itself, and its formula once more for each choice of its parameters. */
function activation(
  f: Unary,
  formula: (x: number) => number,
  steps: readonly Step[],
  {
    size,
    others = [],
  }: { readonly size?: FloatTrial['size']; readonly others?: readonly Pick<FloatTrial, 'f' | 'formula'>[] } = {},
): OpRecord {
  const trial = (one: Pick<FloatTrial, 'f' | 'formula'>): OpRecord =>
    floatRecord({ ...one, xs: ordinary, steps, ...(size && { size }) });
  const record = trial({ f, formula });
  return { ...record, samples: [...record.samples, ...others.flatMap((one) => trial(one).samples.slice(0, 4))] };
}

const selu = { alpha: 1.6732632423543772, scale: 1.0507009873554805 };
const eluOf =
  (alpha: number) =>
  (x: number): number =>
    x > 0 ? x : alpha * Math.expm1(x);
const leakyOf =
  (slope: number) =>
  (x: number): number =>
    x > 0 ? x : slope * x;
/** NaN stays. */
const hardShrinkOf =
  (limit: number) =>
  (x: number): number =>
    Math.abs(x) <= limit ? 0 : x;
const softShrinkOf =
  (limit: number) =>
  (x: number): number =>
    Math.abs(x) <= limit ? 0 : x > 0 ? x - limit : x + limit;
const squareplusOf =
  (b: number) =>
  (x: number): number =>
    x < 0 ? b / (2 * (Math.hypot(x, Math.sqrt(b)) - x)) : (x + Math.hypot(x, Math.sqrt(b))) / 2;
const empty: Values = { dtype: 'float32', shape: [2, 0], numbers: [] };

export const activationRecords: Records<typeof activations> = {
  gelu: activation(core.gelu, (x) => (x / 2) * (1 + erf(x * Math.SQRT1_2)), ['erf', 2], { size: Math.abs, others: [{ f: (x) => core.gelu(x, { approximate: true }), formula: geluByTanh }] }),
  silu: activation(core.silu, (x) => x * sigmoid(x), ['logistic', 1]),
  elu: activation(core.elu, eluOf(1), ['expm1'], { others: [{ f: (x) => core.elu(x, 0.5), formula: eluOf(0.5) }] }),
  selu: activation(core.selu, (x) => selu.scale * eluOf(selu.alpha)(x), ['expm1', 2]),
  celu: activation(core.celu, eluOf(1), ['expm1'], { others: [{ f: (x) => core.celu(x, 0.5), formula: (x) => (x > 0 ? x : 0.5 * Math.expm1(x / 0.5)) }] }),
  leakyRelu: activation(core.leakyRelu, leakyOf(0.2), [1], { others: [{ f: (x) => core.leakyRelu(x, 0.5), formula: leakyOf(0.5) }] }),
  relu6: activation(core.relu6, (x) => limited(x, 0, 6), []),
  hardSigmoid: activation(core.hardSigmoid, hardSigmoid, [2]),
  hardSilu: activation(core.hardSilu, (x) => x * hardSigmoid(x), [3]),
  hardTanh: activation(core.hardTanh, (x) => limited(x, -1, 1), []),
  softsign: activation(core.softsign, (x) => x / (1 + Math.abs(x)), ['div', 1]),
  mish: activation(core.mish, (x) => x * Math.tanh(softplus(x)), ['exp', 'log1p', 'tanh', 1]),
  logSigmoid: activation(core.logSigmoid, (x) => -softplus(-x), ['exp', 'log1p']),
  tanhShrink: activation(core.tanhShrink, (x) => x - Math.tanh(x), ['tanh', 1], { size: Math.abs }),
  hardShrink: activation(core.hardShrink, hardShrinkOf(0.5), [], { others: [{ f: (x) => core.hardShrink(x, 1.25), formula: hardShrinkOf(1.25) }] }),
  softShrink: activation(core.softShrink, softShrinkOf(0.5), [1], { others: [{ f: (x) => core.softShrink(x, 0.25), formula: softShrinkOf(0.25) }] }),
  threshold: activation((x) => core.threshold(x, 0.5, -1), (x) => (x <= 0.5 ? -1 : x), []),
  squareplus: activation(core.squareplus, squareplusOf(4), ['sqrt', 2], { others: [{ f: (x) => core.squareplus(x, 0.25), formula: squareplusOf(0.25) }] }),
  glu: {
    samples: [
      call((x) => core.glu(x), [of([[4, -2, 0, 1], [NaN, 1, 0, -Infinity]])], of([[2, -2 * sigmoid(1)], [NaN, 0]]), { within: ({ logistic }) => logistic + 1 }),
      call((x) => core.glu(x, 0), [of([[4], [0]])], of([[2]])),
      call((x) => core.glu(x, -2), [int([[4], [0]])], of([[2]])),
      call((x) => core.glu(x), [empty], empty),
      call((x) => core.glu(x, 0), [empty], { ...empty, shape: [1, 0] }),
    ],
    refuses: [
      refusal(() => core.glu(ones([2, 3])), ShapeError, 'an axis of even size', 'received 3'),
      refusal(() => core.glu(ones([2, 3]), 2), ShapeError, 'an axis in [-2, 1]', 'received 2'),
      refusal(() => core.glu(1), ShapeError, 'no axis (x is a scalar)'),
      refusal(() => core.glu([1, 2] as never), ValueError, 'an array'),
    ],
  },
  sparsemax: {
    samples: [
      call((x) => core.sparsemax(x), [of([[2, 0, 0], [0.5, 0.5, 0], [0.5, 0, -3]])], of([[1, 0, 0], [0.5, 0.5, 0], [0.75, 0.25, 0]])),
      call((x) => core.sparsemax(x, 0), [of([[0], [0], [0], [0]])], of([[0.25], [0.25], [0.25], [0.25]])),
      call((x) => core.sparsemax(x), [of([[7], [-7]])], of([[1], [1]])),
      call((x) => core.sparsemax(x), [of([[1e30, -1e30]])], of([[1, 0]])),
      call((x) => core.sparsemax(x), [int([3, 0])], of([1, 0])),
      call((x) => core.sparsemax(x, 0), [{ ...empty, shape: [1, 0] }], { ...empty, shape: [1, 0] }),
    ],
    refuses: [
      refusal(() => core.sparsemax(zeros([2, 0])), ValueError, 'at least one entry', 'none'),
      refusal(() => core.sparsemax(1), ShapeError, 'no axis (x is a scalar)'),
      refusal(() => core.sparsemax(ones([2]), 1), ShapeError, 'an axis in [-1, 0]', 'received 1'),
    ],
  },
}; // prettier-ignore
