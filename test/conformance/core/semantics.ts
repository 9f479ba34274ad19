/** The rows of `docs/semantics.md`, which says what Antler means where others differ or leave it open; one case each. */
import * as core from '@antler/core';
import {
  DTypeError,
  IndexError,
  ResourceError,
  ShapeError,
  Variable,
  checkFaults,
  fence,
  grad,
  jit,
  random,
  tensor,
  type AntlerError,
  type DType,
  type Tensor,
} from '@antler/core';
import { Declined } from '../device.js';
import { expectEqual, expectThat } from '../expect.js';
import { rounded } from '../numbers.js';
import { record } from './primitives/record.js';
import { checkSamples, type Sample } from './sample.js';
import type { CoreCase, Session } from './session.js';
import { counted, of, upTo, type Nested, type Values } from './values.js';

type Row = readonly Sample[] | ((session: Session) => Promise<void>);

const int = (nested: Nested): Values => of(nested, 'int32');
const bool = (nested: Nested): Values => of(nested, 'bool');
const half = (nested: Nested): Values => of(nested, 'float16');
const brain = (nested: Nested): Values => of(nested, 'bfloat16');
const [LOW, HIGH, ALL] = [-2147483648, 2147483647, 4294967295];

/** A sample whose name is the row's. */
const that = (f: Sample['f'], inputs: readonly Values[], expected: Sample['expected'], more: Pick<Sample, 'within' | 'signed'> = {}): Sample =>
  ({ name: f.toString().replace(/\s+/g, ' ').slice(0, 80), f, inputs, expected, ...more }); // prettier-ignore

/** The gradient of the sum of f at x. */
const slope =
  (f: (x: Tensor) => Tensor): Sample['f'] =>
  (x) =>
    grad((y: Tensor) => f(y).sum())(x);

async function expectError(promised: () => unknown, kind: new (message: string) => AntlerError, text: string): Promise<void> {
  let thrown: unknown;
  try {
    await promised();
  } catch (error) {
    thrown = error;
  }
  expectThat(thrown instanceof kind, `expected a ${kind.name}, received ${String(thrown)}`);
  expectThat(thrown.message.includes(text), `expected ${JSON.stringify(text)} in ${JSON.stringify(thrown.message)}`);
} // prettier-ignore

/** Operands of each dtype that meet in the one after the arrow. */
const meetings: readonly (readonly [DType, DType, DType])[] = [
  ['bool', 'int8', 'int8'], ['bool', 'float32', 'float32'], ['int8', 'int32', 'int32'], ['uint8', 'uint32', 'uint32'],
  ['int8', 'uint8', 'int32'], ['int32', 'uint32', 'int32'], ['uint8', 'int32', 'int32'], ['int8', 'uint32', 'int32'],
  ['int32', 'float32', 'float32'], ['uint32', 'float32', 'float32'], ['float32', 'float64', 'float64'], ['int32', 'float64', 'float64'],
  ['uint32', 'bfloat16', 'bfloat16'], ['int32', 'float16', 'float16'], ['bool', 'float16', 'float16'], ['float16', 'bfloat16', 'float32'], ['bfloat16', 'float32', 'float32'],
]; // prettier-ignore

/** The table; keys are the names that the document gives. */
const rows: Readonly<Record<string, Row>> = {
  // Integers
  'integers wrap': [
    that((x) => x.add(1), [int([HIGH])], int([LOW])),
    that((x) => x.sub(1), [of([0], 'uint32')], of([ALL], 'uint32')),
    that((x) => x.mul(x), [of([16, 100], 'int8')], of([0, 16], 'int8')),
    that((x) => x.add(x), [of([200], 'uint8')], of([144], 'uint8')),
    that((x) => x.neg(), [of([LOW], 'int32')], int([LOW])),
    that((x) => core.abs(x), [of([-128], 'int8')], of([-128], 'int8')),
    that((x) => x.sum(), [of([127, 1], 'int8')], of(-128, 'int8')),
    that((x) => core.matmul(x, x), [int([[65536]])], int([[0]])),
  ],
  'shift counts are taken modulo the width': [
    that((x, n) => record('shl', [x, n], {}), [int([1, 1, 1]), int([31, 33, -1])], int([LOW, 2, LOW])),
    that((x, n) => record('shr', [x, n], {}), [int([-8, 8]), int([33, 32])], int([-4, 8])),
    that((x, n) => record('shr', [x, n], {}), [of([LOW + 2 ** 32], 'uint32'), of([31], 'uint32')], of([1], 'uint32')),
    that((x, n) => record('shl', [x, n], {}), [of([1, 1], 'int8'), of([7, 9], 'int8')], of([-128, 2], 'int8')),
  ],
  'an integer divided by 0 is -1, and its remainder is itself': [
    that((a, b) => record('div', [a, b], {}), [int([5, -5, 0, 7, -7]), int([0, 0, 0, 2, 2])], int([-1, -1, -1, 3, -3])),
    that((a, b) => record('div', [a, b], {}), [of([5], 'uint8'), of([0], 'uint8')], of([255], 'uint8')),
    that((a, b) => core.remainder(a, b), [int([5, -5, 7, -7]), int([0, 0, -2, 2])], int([5, -5, 1, -1])),
  ],
  'the smallest integer divided by -1 is itself': [
    that((a, b) => record('div', [a, b], {}), [int([LOW]), int([-1])], int([LOW])),
    that((a, b) => record('div', [a, b], {}), [of([-128], 'int8'), of([-1], 'int8')], of([-128], 'int8')),
    that((a, b) => core.remainder(a, b), [int([LOW]), int([-1])], int([0])),
  ],
  'an integer to a negative power is the reciprocal, truncated': [
    that((a, b) => core.power(a, b), [int([1, -1, -1, 2, 0]), int([-3, -3, -2, -1, -1])], int([1, -1, 1, 0, -1])),
    that((a, b) => core.power(a, b), [int([0, 3, -2]), int([0, 2, 3])], int([1, 9, -8])),
  ],
  'divide gives floats': [
    that((a, b) => core.divide(a, b), [int([7, 1, 0]), int([2, 0, 0])], of([3.5, Infinity, NaN])),
    that((a) => a.div(2), [of([3], 'uint8')], of([1.5])),
  ],
  'the remainder has the sign of the dividend': [
    that((a, b) => core.remainder(a, b), [of([-5.5, 5.5, 5, 5, -6]), of([2, -2, Infinity, 0, 3])], of([-1.5, 1.5, 5, NaN, -0])),
  ],

  // Floats
  'pow is that of IEEE 754': [
    that((a, b) => core.power(a, b), [of([1, 1, -1, NaN, 0, -8, 0.5, -Infinity]), of([NaN, Infinity, -Infinity, 0, 0, 1 / 3, Infinity, 3])], of([1, 1, 1, 1, 1, NaN, 0, -Infinity]), { within: ({ pow }) => pow }),
  ],
  'round goes half to even': [
    that((x) => core.round(x), [of([0.5, 1.5, 2.5, -0.5, -1.5, 8388609])], of([0, 2, 2, -0, -2, 8388609])),
  ],
  'max and min propagate NaN': [
    that((a, b) => [core.maximum(a, b), core.minimum(a, b)], [of([NaN, 1]), of([1, NaN])], [of([NaN, NaN]), of([NaN, NaN])]),
    that((x) => [x.max(), x.min(), core.argmax(x), core.argmin(x)], [of([1, NaN, 3, NaN])], [of(NaN), of(NaN), int(1), int(1)]),
    that((x) => [core.relu(x), core.clip(x, 0, 1)], [of([NaN])], [of([NaN]), of([NaN])]),
  ],
  'comparisons with NaN are false, and 0 equals -0': [
    that((a, b) => [core.equal(a, b), core.less(a, b), core.lessEqual(a, b), core.greater(a, b), core.notEqual(a, b)], [of([NaN, 0, 1]), of([NaN, -0, NaN])],
      [bool([0, 1, 0]), bool([0, 0, 0]), bool([0, 1, 0]), bool([0, 0, 0]), bool([1, 0, 1])]),
  ],
  'the sign of zero is kept': [
    that((x) => [x.neg(), core.ceil(core.multiply(x, 0.5)), core.sqrt(x.neg())], [of([0])], [of([-0]), of([0]), of([-0])], { signed: true }),
    that((x) => [core.divide(1, x), core.abs(x), core.sign(x)], [of([-0])], [of([-Infinity]), of([0]), of([-0])], { signed: true }),
  ],
  'the sign of NaN is NaN': [that((x) => core.sign(x), [of([NaN, -2, Infinity])], of([NaN, -1, 1]))],
  'float32 is rounded after every operation': [
    that((a, b, c) => a.mul(b).add(c), [of([1 + 2 ** -12]), of([1 + 2 ** -12]), of([-1])], of([2 ** -11])),
    that((a, b) => a.add(b).sub(a), [of([16777216]), of([1])], of([0])),
    that((x) => core.divide(x, 3).mul(3).sub(x), [of([1, 5, 7])], of([1, 5, 7].map((x) => Math.fround(Math.fround(Math.fround(x / 3) * 3) - x)))),
  ],
  'sums and products of float32 are added up in float64': [
    that((x) => x.sum(), [of([1e8, 1, -1e8, 2 ** -20])], of(1 + 2 ** -20)),
    that((x) => core.mean(x), [of(upTo(10).map(() => 0.1))], of(0.1)),
    that((x, y) => core.matmul(x, y), [of([1e8, 1, -1e8]), of([1, 1, 1])], of(1)),
  ],

  // 16-bit floats
  'a 16-bit float is rounded to the nearest even after every operation': [
    that((x) => x.add(1), [half([2048, 2050, 65504, -65504])], half([2048, 2052, 65504, -65504])),
    that((x) => x.add(1).sub(x), [brain([256, 258, 3])], brain([0, 2, 1])),
    that((x) => [x.mul(x), x.mul(0.1)], [half([256, 1, 2 ** -12])], [half([Infinity, 1, 2 ** -24]), half([25.59375, 0.0999755859375, 2.4437904357910156e-5])]),
    that((x) => core.exp(core.abs(x)), [half([-12, 0])], half([Infinity, 1])),
  ],
  'sums and products of 16-bit floats are added up wider and rounded once': [
    that((x) => [x.sum(), core.mean(x)], [half([2048, 1, 1, 1, 1])], [half(2052), half(410.5)]),
    that((x, y) => core.matmul(x, y), [brain([256, 1, 1, 1]), brain([1, 1, 1, -256])], brain(2)),
    that((x) => core.cumsum(x), [brain([256, 1, 1])], brain([256, 256, 258])),
  ],
  'means and variances of 16-bit floats are taken in float32': [
    that((x) => [core.mean(core.broadcastTo(x, [5000])), core.variance(x, 0)], [half([300])], [half(300), half(0)]),
    that((x) => [core.variance(x), core.std(x), x.mean()], [half([60000, -60000])], [half(Infinity), half(60000), half(0)]),
    that((x) => core.averagePool(x, 2), [half([[[[60000], [60000]], [[60000], [60000]]]])], half([[[[60000]]]])),
    that(slope((x) => core.mean(core.square(x))), [half([1, 2, 3, 4])], half([0.5, 1, 1.5, 2])),
  ],
  'float16 and bfloat16 meet in float32, and a number beside one of them keeps its dtype': [
    that((x, y) => x.add(y), [half([1]), brain([256])], of([257])),
    that((x, y) => [x.add(y), x.add(1e6), core.where(true, x, 0.1)], [half([1]), int([2])], [half([3]), half([Infinity]), half([1])]),
    that((x) => [x.mul(0.5), core.less(x, 0.1)], [brain([3, 0.10009765625])], [brain([1.5, 0.050048828125]), bool([0, 0])]),
  ],
  'numbers become 16-bit floats by rounding, and data gives them as a Float32Array': async (session) => {
    if (!session.has('float16', 'bfloat16')) throw new Declined('no 16-bit floats');
    const given = [1 / 3, 65519, 65520, -1e-8, NaN];
    for (const source of [given, Float32Array.from(given), Float64Array.from(given)]) {
      const x = tensor(source, { dtype: 'float16' });
      for (const y of [x, session.mode.compile((z: Tensor) => z.mul(1))(x)]) {
        const data = await y.data();
        expectThat(data instanceof Float32Array, `expected a Float32Array, received ${data.constructor.name}`);
        expectEqual(data, [0.333251953125, 65504, Infinity, -0, NaN], 'data', true);
      }
    }
    const counts = tensor(Uint16Array.of(1, 257), { dtype: 'bfloat16' });
    expectEqual((await counts.array()) as number[], [1, 256], 'numbers, not bits');
    expectEqual([await tensor(0.1, { dtype: 'bfloat16' }).item()], [0.10009765625], 'item');
  },
  'a bitcast between the 16-bit floats keeps the bits, but every NaN is one': [
    that((x) => record('bitcast', [x], { dtype: 'bfloat16' }), [half([1, -2, 0, NaN])], brain([0.0078125, -2, 0, 2 ** 125])),
    that((x) => record('bitcast', [x], { dtype: 'float16' }), [brain([1, NaN])], half([1.875, NaN])),
  ],

  // Casts
  'a float becomes an integer by truncation, saturates, and NaN is 0': [
    that((x) => x.cast('int32'), [of([1.9, -1.9, 3e9, -3e9, Infinity, NaN])], int([1, -1, HIGH, LOW, HIGH, 0])),
    that((x) => x.cast('uint8'), [of([-1, 255.9, 1e9, NaN])], of([0, 255, 255, 0], 'uint8')),
    that((x) => x.cast('uint32'), [of([3e9, -5, Infinity])], of([3e9, 0, ALL], 'uint32')),
  ],
  'an integer becomes another one modulo the width': [
    that((x) => x.cast('int8'), [int([200, -129, 256])], of([-56, 127, 0], 'int8')),
    that((x) => x.cast('uint32'), [int([-1])], of([ALL], 'uint32')),
    that((x) => x.cast('int32'), [of([ALL], 'uint32')], int([-1])),
  ],
  'everything but 0 is true': [
    that((x) => x.cast('bool'), [of([0, -0, 0.1, NaN, -Infinity])], bool([0, 0, 1, 1, 1])),
    that((x) => x.cast('bool'), [int([0, 256, LOW])], bool([0, 1, 1])),
    that((x) => core.where(x, 1, 2), [of([NaN, 0])], of([1, 2])),
  ],
  'an integer that a float cannot hold is rounded half to even': [
    that((x) => x.cast('float32'), [int([16777217, 16777219, HIGH])], of([16777216, 16777220, 2147483648])),
  ],

  // Operands of different kinds
  'tensors of two dtypes meet in one that holds both': meetings.map(([a, b, meet]) =>
    that((x, y) => core.maximum(x, y), [of([1, 0], a), of([0, 0], b)], of([1, 0], meet)),
  ),
  'a number never changes a float dtype': [
    that((x) => x.add(0.1), [of([1])], of([Math.fround(1 + Math.fround(0.1))])),
    that((x) => x.mul(1e300), [of([1])], of([Infinity])),
    that((x) => [core.subtract(2, x), core.less(x, 2), core.where(true, x, 7)], [of([0.5], 'float64')], [of([1.5], 'float64'), bool([1]), of([0.5], 'float64')]),
    that((x) => x.add(0.1), [of([0.5], 'float64')], of([0.6], 'float64')),
  ],
  'a whole number keeps an integer dtype, any other makes it float32': [
    that((x) => [x.add(1), x.mul(-2), x.add(0.5), x.pow(2)], [of([3], 'int8')], [of([4], 'int8'), of([-6], 'int8'), of([3.5]), of([9], 'int8')]),
    that((x) => [x.add(200), x.sub(1)], [of([100], 'int8')], [of([300]), of([99], 'int8')]),
    that((x) => core.add(x, -1), [of([3], 'uint8')], of([2])),
    that((x) => [core.equal(x, 2), core.where(true, x, 2.5)], [int([2])], [bool([1]), of([2])]),
  ],
  'a number beside bool is int32 or float32, a boolean takes the dtype of the other': [
    that((x) => [x.add(1), x.mul(0.5), x.cast('int32').add(true)], [bool([0, 1])], [int([1, 2]), of([0, 0.5]), int([1, 2])]),
    that((x) => [core.add(x, true), core.equal(x, true)], [of([0.5, 1])], [of([1.5, 2]), bool([0, 1])]),
  ],
  'lone numbers are float32, lone booleans bool': [
    that(() => [core.add(1, 2), core.exp(0), core.logicalNot(false)], [], [of(3), of(1), bool(1)]),
  ],
  'operands broadcast from the last axis on': [
    that((x, y) => x.add(y), [of([[[1]], [[2]]]), of([10, 20])], of([[[11, 21]], [[12, 22]]])),
    that((x, y) => x.mul(y), [{ dtype: 'float32', shape: [0, 1], numbers: [] }, of([1, 2, 3])], { dtype: 'float32', shape: [0, 3], numbers: [] }),
  ],

  // Host data
  'nested numbers and Float64Array become float32': [
    that(() => [tensor([1, 2.5]), tensor(Float64Array.of(0.1))], [], [of([1, 2.5]), of([0.1])]),
    that(() => [tensor([true, false]), tensor(Int16Array.of(-1)), tensor(Uint8Array.of(7))], [], [bool([1, 0]), int([-1]), of([7], 'uint8')]),
  ],
  '64-bit integers become int32, or an error': async () => {
    expectEqual(await tensor(BigInt64Array.of(-7n)).data(), [-7], 'BigInt64Array');
    await expectError(() => tensor(BigInt64Array.of(2n ** 31n)), DTypeError, 'the range of int32 [-2147483648, 2147483647]');
  },
  'integers given for a dtype must fit': async () => {
    await expectError(() => tensor([300], { dtype: 'uint8' }), DTypeError, 'the range of uint8 [0, 255], received 300');
    await expectError(() => tensor([NaN], { dtype: 'int32' }), DTypeError, 'received NaN');
  },
  'tensor copies at the call, and data gives a fresh copy': async ({ mode }) => {
    const source = Float32Array.of(1, 2);
    const x = tensor(source);
    const doubled = mode.compile((y: Tensor) => y.mul(2));
    source.fill(9);
    const first = await x.data();
    first.fill(7);
    expectEqual(await x.data(), [1, 2], 'x');
    const result = doubled(x);
    (await result.data()).fill(7);
    expectEqual(await result.data(), [2, 4], 'result');
  },
  'data of bool is a Uint8Array of 0 and 1': async ({ mode }) => {
    const data = await mode.compile((x: Tensor) => core.greater(x, 1))(tensor([1, 2])).data();
    expectThat(data instanceof Uint8Array, `expected a Uint8Array, received ${data.constructor.name}`);
    expectEqual(data, [0, 1], 'data');
  },
  'a dtype that the device lacks is an error at the call': async ({ backend, mode }) => {
    if (backend.bytes.float64 !== undefined) throw new Declined('the device has all dtypes');
    const wide = mode.compile((x: Tensor) => x.cast('float64'));
    // What was never on a device does not know it yet.
    const stored = core.keep(tensor([1]).add(1));
    fence();
    await expectError(() => wide(stored), DTypeError, 'received float64');
  },
  'impossible sizes are errors before anything is allocated': async () => {
    await expectError(() => core.zeros([2 ** 27, 2 ** 27]), ShapeError, 'at most 2^53 - 1 elements');
    await expectError(() => core.broadcastTo(1, [2 ** 27, 2 ** 27]), ShapeError, 'at most 2^53 - 1 elements');
  },
  'memory that is not there is an error, and the next operation works': async ({ mode }) => {
    const huge = mode.compile((x: Tensor) => core.broadcastTo(x, [2 ** 21, 2 ** 21]).add(1));
    await expectError(() => huge(tensor([1])).data(), ResourceError, 'bytes');
    expectEqual(await mode.compile((x: Tensor) => x.add(1))(tensor([1])).data(), [2], 'the next operation');
  },

  // Folding
  'a fold of nothing is its neutral element, and there is no extremum': async (session) => {
    const nothing: Values = { dtype: 'float32', shape: [2, 0], numbers: [] };
    await checkSamples(session, [
      that((x) => [x.sum(1), core.prod(x, 1), core.mean(x, 1), core.logSumExp(x, 1)], [nothing], [of([0, 0]), of([1, 1]), of([NaN, NaN]), of([-Infinity, -Infinity])]),
      that((x) => [core.all(x, 1), core.any(x, 1)], [nothing], [bool([1, 1]), bool([0, 0])]),
    ]);
    await expectError(() => core.max(core.zeros([2, 0]), 1), ShapeError, 'at least one element to choose from');
    await expectError(() => core.argmin(core.zeros([2, 0])), ShapeError, 'at least one element to choose from');
  },
  'a fold keeps an integer dtype, and bool counts as int32': [
    that((x) => [x.sum(), core.prod(x), x.max()], [of([3, 4], 'uint8')], [of(7, 'uint8'), of(12, 'uint8'), of(4, 'uint8')]),
    that((x) => [x.sum(), x.max(), x.mean()], [bool([1, 1, 0, 0])], [int(2), int(1), of(0.5)]),
    that((x) => [x.mean(), core.variance(x)], [int([1, 3])], [of(2), of(1)]),
  ],
  'the first of several extrema is the one found': [
    that((x) => [core.argmax(x), core.argmin(x)], [of([2, 5, 1, 5, 1])], [int(1), int(2)]),
  ],

  // Indices
  'indices count from either end, and one outside is an error at the read': async ({ mode }) => {
    const pick = mode.compile((x: Tensor, indices: Tensor) => core.take(x, indices));
    const x = tensor([10, 20, 30]);
    expectEqual(await pick(x, tensor(Int32Array.of(-3, -1, 2))).data(), [10, 30, 30], 'take');
    for (const wrong of [3, -4]) {
      await expectError(() => pick(x, tensor(Int32Array.of(0, wrong, 1))).data(), IndexError, `an index in [-3, 3), received ${wrong}`);
    }
    const scatter = mode.compile((indices: Tensor) => core.scatterUpdate(tensor([1, 2]), indices, tensor([9])));
    await expectError(() => scatter(tensor(Int32Array.of(2))).data(), IndexError, 'an index in [-2, 2), received 2');
    await checkFaults();
  },
  'a step with a bad index changes no variable': async ({ mode }) => {
    const counter = new Variable([1, 2]);
    const step = mode.compile((indices: Tensor) => {
      counter.assign(counter.value.add(core.take(tensor([10, 20]), indices)));
    });
    step(tensor(Int32Array.of(0, 1)));
    fence();
    step(tensor(Int32Array.of(0, 7)));
    fence();
    await expectError(() => checkFaults(), IndexError, 'received 7');
    expectEqual(await counter.value.data(), [11, 22], 'counter');
  },
  'oneHot of an index outside is a row of zeros': [
    that((x) => core.oneHot(x, 2), [int([-1, 0, 2])], of([[0, 0], [1, 0], [0, 0]])),
  ],
  'of several updates of one place the last wins': [
    that((x, i, u) => core.scatterUpdate(x, i, u), [of([0, 0, 0]), int([1, -2, 1]), of([5, 6, 7])], of([0, 7, 0])),
    that((x, i, u) => core.scatterUpdate(x, i, u), [counted([1, 2]), int(upTo(50).map(() => 0)), counted([50, 2])], of([[98, 99]])),
  ],

  // Matrices
  'a factor that does not exist is NaN': [
    that((x) => core.cholesky(x), [of([[[1, 2], [2, 1]], [[4, 0], [0, 9]]])], of([[[NaN, 0], [NaN, NaN]], [[2, 0], [0, 3]]])),
    that((x) => core.cholesky(x), [of([[NaN, 1], [1, 2]])], of([[NaN, 0], [NaN, NaN]])),
    that((x) => core.eigh(x), [of([[NaN, 0], [0, 1]])], [of([NaN, NaN]), of([[NaN, NaN], [NaN, NaN]])]),
    that((x) => core.svd(x), [of([[Infinity]])], [of([[NaN]]), of([NaN]), of([[NaN]])]),
    that((x) => [core.logdet(x), core.pinv(x)], [of([[-1]])], [of(NaN), of([[-1]])]),
  ],
  'a singular matrix has determinant 0, an infinite inverse and a finite pseudoinverse': [
    that((x) => [core.det(x), ...core.slogdet(x), core.inv(x), core.solve(x, core.tensor([0]))], [of([[0]])], [of(0), of(0), of(-Infinity), of([[Infinity]]), of([NaN])]),
    that((x) => [core.pinv(x), core.svdvals(x)], [of([[2, 0], [0, 0]])], [of([[0.5, 0], [0, 0]]), of([2, 0])]),
  ],
  'the gradient of a determinant is the matrix of cofactors, of a singular matrix too': [
    that(slope((x) => core.det(x)), [of([[1, 2], [2, 4]])], of([[4, -2], [-2, 1]])),
    that(slope((x) => core.det(x)), [of([[0, 2, 0], [0, 0, 3], [0, 0, 0]])], of([[0, 0, 0], [0, 0, 0], [6, 0, 0]])),
    that(slope((x) => core.det(x)), [of([[[0, 0], [0, 0]], [[2, 3], [5, 7]]])], of([[[0, 0], [0, 0]], [[7, -5], [-3, 2]]]), { within: () => 4 }),
    that(slope((x) => core.det(x)), [of([[1, 1, 1], [1, 1, 1], [1, 1, 1]])], of([[0, 0, 0], [0, 0, 0], [0, 0, 0]])),
    that(slope((x) => core.det(x)), [of([[0]])], of([[1]])),
  ],
  'cholesky and eigh take the symmetric part, solveTriangular its triangle': [
    that((x) => [core.cholesky(x), core.eigh(x)[0]], [of([[4, 0], [0, 4]])], [of([[2, 0], [0, 2]]), of([4, 4])]),
    that((x) => core.cholesky(x), [of([[4, 4], [0, 5]])], of([[2, 0], [1, 2]])),
    that((x) => core.solveTriangular(x, core.tensor([2, 3]), { lower: true }), [of([[2, NaN], [1, 1]])], of([1, 2])),
  ],
  'a vector of a factor has its largest component positive': [
    that((x) => core.eigh(x)[1], [of([[2, 0], [0, 1]])], of([[0, 1], [1, 0]])),
    that((x) => core.svd(x), [of([[-3, 0], [0, 2]])], [of([[1, 0], [0, 1]]), of([3, 2]), of([[-1, 0], [0, 1]])]),
  ],

  // Gradients
  'ties share the gradient': [
    that(slope((x) => x.max()), [of([1, 3, 3])], of([0, 0.5, 0.5])),
    that(slope((x) => core.maximum(x, 1)), [of([1, 2])], of([0.5, 1])),
    that(slope((x) => core.minimum(1, x)), [of([1, 2])], of([0.5, 0])),
  ],
  'relu and abs have slope 0 at 0': [
    that(slope((x) => core.relu(x)), [of([0, -0, 1])], of([0, 0, 1])),
    that(slope((x) => core.abs(x)), [of([0, -2])], of([0, -1])),
  ],
  'the branch not taken has no influence on a gradient': [
    that(slope((x) => core.where(core.greater(x, 0), x, 0)), [of([-1, 0, 2])], of([0, 0, 1])),
    that(slope((x) => core.where(core.isFinite(x), x, 0)), [of([NaN, 3])], of([0, 1])),
  ],
  'steps and integers stop a gradient': [
    that(slope((x) => core.round(x).add(core.sign(x)).add(x.cast('int32').cast('float32')).add(x)), [of([1.2])], of([1])),
  ],

  // Stable formulas
  'softmax and its kin are right at 10000 and at -Infinity': [
    that((x) => core.softmax(x), [of([[10000, -10000], [10000, 10000], [-10000, -10000], [0, -Infinity]])], of([[1, 0], [0.5, 0.5], [0.5, 0.5], [1, 0]]), { within: ({ exp }) => exp }),
    that((x) => core.logSumExp(x, 1), [of([[10000, 10000], [-Infinity, -Infinity], [-Infinity, 3]])], of([10000 + Math.LN2, -Infinity, 3]), { within: ({ exp, log }) => exp + log }),
    that((x) => core.logSoftmax(x), [of([[10000, -10000]])], of([[0, -20000]])),
    that((x) => core.sparseSoftmaxCrossEntropy(1, x), [of([10000, -10000])], of(20000)),
    that((x) => [core.softplus(x), core.sigmoid(x)], [of([10000, -10000])], [of([10000, 0]), of([1, 0])]),
    that(slope((x) => core.logSumExp(x)), [of([10000, 10000])], of([0.5, 0.5]), { within: ({ exp }) => exp }),
  ],
  'variance does not cancel': [
    that((x) => [core.variance(x), core.std(x)], [of([10000, 10001, 10002, 10003])], [of(1.25), of(Math.sqrt(1.25))], { within: ({ sum, sqrt }) => sum + sqrt }),
  ],
  'a query that sees nothing attends to all keys alike': [
    that((v) => core.scaledDotProductAttention(core.zeros([1, 1, 1, 1]), v, v, { mask: core.zeros([1, 3], { dtype: 'bool' }) }), [of([[[[1]], [[2]], [[6]]]])], of([[[[3]]]]), { within: ({ exp, sum, dot, div }) => exp + sum + dot + div + 2 }),
  ],
  'numbers near 0 survive expm1 and log1p': [
    that((x) => [core.expm1(x), core.log1p(x)], [of([1e-10, -1e-10])], [of([1e-10, -1e-10]), of([1e-10, -1e-10])], { within: ({ expm1, log1p }) => Math.max(expm1, log1p) }),
  ],

  // Random numbers
  'a draw is the first Threefry word of its position': async (session) => {
    if (!session.has('uint32')) throw new Declined('no uint32');
    const [drawn] = await session.compute(() => [random.uniform([3], { key: random.key(42) })]);
    expectEqual(drawn!.numbers, [0x6d3e048f, 0x03d7b32d, 0x92fb20ea].map((word) => (word >>> 8) / 2 ** 24), 'uniform');
  },
  'equal keys give equal numbers, in any shape and mode': async (session) => {
    if (!session.has('uint32')) throw new Declined('no uint32');
    const draw = (shape: readonly number[]): Tensor => random.uniform(shape, { key: random.key(9) });
    const [flat, square] = await session.compute(() => [draw([6]), draw([2, 3])]);
    expectEqual(square!.numbers, flat!.numbers, 'uniform');
    const jitted = await jit(() => draw([4]))().data();
    expectEqual([...jitted], flat!.numbers.slice(0, 4), 'jit');
  },
  'a draw in another dtype is the float32 draw, rounded': async (session) => {
    if (!session.has('uint32', 'bfloat16')) throw new Declined('no uint32, or no bfloat16');
    const draw = (dtype: DType): Tensor => random.uniform([2000], { key: random.key(5), dtype });
    const [narrow, wide] = await session.compute(() => [draw('bfloat16'), draw('float32')]);
    const nearest = wide!.numbers.map((x) => rounded(x, 'bfloat16'));
    expectThat(nearest.includes(1), 'expected a number of 2,000 that is nearest to 1');
    expectEqual(narrow!.numbers, nearest.map((x) => Math.min(x, 1 - 2 ** -8)), 'uniform');
  },
  'a uniform number is below its upper bound, and what has no chance is never drawn': async (session) => {
    if (!session.has('uint32')) throw new Declined('no uint32');
    // Its third word begins with 24 ones.
    const key = random.key(4484710);
    const [unit, shifted, negative, chosen] = await session.compute(() => [
      random.uniform([3], { key }),
      random.uniform([3], { key, low: 1, high: 2 }),
      random.uniform([3], { key, low: -2, high: -1 }),
      random.categorical(tensor([0, 0, -Infinity]), 1, { key }),
    ]);
    expectEqual(unit!.numbers.slice(2), [1 - 2 ** -24], 'unit');
    expectEqual(shifted!.numbers.slice(2), [2 - 2 ** -23], 'from 1 to 2');
    expectEqual(negative!.numbers.slice(2), [-1 - 2 ** -23], 'from -2 to -1');
    expectThat(chosen!.numbers[0]! < 2, `categorical: ${chosen!.numbers[0]}`);
  },
}; // prettier-ignore

/** Cases of the layer. */
export const semanticsCases: readonly CoreCase[] = Object.entries(rows).map(([name, row]) => ({
  name,
  dtypes: [],
  run: (session) => (typeof row === 'function' ? row(session) : checkSamples(session, row)),
}));
