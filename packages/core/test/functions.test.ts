/** Running folds, sorting, arrangements, windows, einsum, norms and random choices against plain JavaScript, edge values included. */
import { createJsBackend } from '@antler/backend-js';
import { beforeAll, describe, expect, test } from '@jest/globals';
import * as antler from '../src/index.js';
import { type Tensor, jit, random, registerBackends, setBackend, tensor, zeros } from '../src/index.js';

const { Infinity: inf, NaN: nan } = globalThis;
const int = (values: number[]): Tensor => tensor(Int32Array.from(values));
const m = (): Tensor => tensor([[3, 1, 2], [6, 5, 4]]); // prettier-ignore

beforeAll(async () => {
  registerBackends({ js: createJsBackend });
  await setBackend('js');
});

type Nested = number | readonly Nested[];

/** What each expression gives, exactly. */
const values: Readonly<Record<string, readonly [() => Tensor | Promise<Tensor>, Nested]>> = {
  'cumsum along rows': [() => antler.cumsum(m()), [[3, 4, 6], [6, 11, 15]]],
  'cumsum along columns': [() => antler.cumsum(m(), 0), [[3, 1, 2], [9, 6, 6]]],
  'cumsum, reversed': [() => antler.cumsum(m(), 1, { reverse: true }), [[6, 3, 2], [15, 9, 4]]],
  'cumsum, exclusive': [() => antler.cumsum(m(), 1, { exclusive: true }), [[0, 3, 4], [0, 6, 11]]],
  'cumsum counts booleans': [() => antler.cumsum(tensor([true, false, true])), [1, 1, 2]],
  'cumsum of nothing': [() => antler.cumsum(zeros([2, 0])), [[], []]],
  cumprod: [() => antler.cumprod(tensor([1, 2, 0, 4])), [1, 2, 0, 0]],
  'cummax with NaN': [() => antler.cummax(tensor([1, 3, nan, 4])), [1, 3, nan, nan]],
  cummin: [() => antler.cummin(int([3, 1, 2])), [3, 1, 1]],
  'sort, NaN last': [() => antler.sort(tensor([2, nan, -inf, inf, 1])), [-inf, 1, 2, inf, nan]],
  'sort, descending, NaN last': [() => antler.sort(tensor([2, nan, inf]), 0, { descending: true }), [inf, 2, nan]],
  'sort along columns': [() => antler.sort(m(), 0), [[3, 1, 2], [6, 5, 4]]],
  'argsort keeps the order of equals': [() => antler.argsort(tensor([2, 1, 2, 1])), [1, 3, 0, 2]],
  'argsort, descending': [() => antler.argsort(tensor([2, 1, 2, 1]), 0, { descending: true }), [0, 2, 1, 3]],
  'topK values': [() => antler.topK(m(), 2)[0], [[3, 2], [6, 5]]],
  'topK indices': [() => antler.topK(m(), 2)[1], [[0, 2], [0, 1]]],
  'searchsorted left': [() => antler.searchsorted(tensor([1, 3, 3, 5]), tensor([0, 3, 4, 9, nan])), [0, 1, 3, 4, 4]],
  'searchsorted right': [() => antler.searchsorted(tensor([1, 3, 3, 5]), tensor([[1, 3]]), 'right'), [[1, 3]]],
  'median of an even count': [() => antler.median(tensor([4, 1, 3, 2])), 2.5],
  'median with NaN': [() => antler.median(tensor([[1, nan], [1, 2]]), 1), [nan, 1.5]],
  'median, keepDims': [() => antler.median(m(), 1, true), [[2], [5]]],
  'quantiles of infinities': [() => antler.quantile(tensor([-inf, inf, inf]), [0, 1, 0.75]), [-inf, inf, inf]],
  'argmax: first of equals': [() => antler.argmax(tensor([1, 3, 3])), 1],
  'argmax: NaN wins': [() => antler.argmax(tensor([1, nan, inf, nan])), 1],
  'argmin of integers, keepDims': [() => antler.argmin(int([4, 2, 2]), 0, true), [1]],
  unique: [() => antler.unique(int([3, 1, 3, -2])), [-2, 1, 3]],
  'unique of nothing': [() => antler.unique(zeros([0])), []],
  'unique of a size, filled': [() => antler.unique(int([3, 1, 3]), { size: 4, fillValue: -1 }), [1, 3, -1, -1]],
  'unique of a size, cut': [() => antler.unique(int([3, 1, 2]), { size: 2 }), [1, 2]],
  nonzero: [() => antler.nonzero(tensor([[0, 5], [7, 0]])), [[0, 1], [1, 0]]],
  booleanMask: [() => antler.booleanMask(m(), tensor([false, true])), [[6, 5, 4]]],
  'booleanMask over two axes': [() => antler.booleanMask(m(), antler.greater(m(), 3)), [6, 5, 4]],
  roll: [() => antler.roll(m(), -1, 1), [[1, 2, 3], [5, 4, 6]]],
  'roll of all elements': [() => antler.roll(m(), 1), [[4, 3, 1], [2, 6, 5]]],
  'repeat by counts': [() => antler.repeat(tensor([1, 2, 3]), [2, 0, 1]), [1, 1, 3]],
  'repeat along an axis': [() => antler.repeat(m(), 2, 0), [[3, 1, 2], [3, 1, 2], [6, 5, 4], [6, 5, 4]]],
  tile: [() => antler.tile(tensor([1, 2]), [2, 2]), [[1, 2, 1, 2], [1, 2, 1, 2]]],
  'meshgrid xy': [() => antler.meshgrid([int([1, 2, 3]), int([4, 5])])[0]!, [[1, 2, 3], [1, 2, 3]]],
  'meshgrid ij': [() => antler.meshgrid([int([1, 2, 3]), int([4, 5])], { indexing: 'ij' })[1]!, [[4, 5], [4, 5], [4, 5]]],
  linspace: [() => antler.linspace(0, 1, 5), [0, 0.25, 0.5, 0.75, 1]],
  'linspace without its end': [() => antler.linspace(0, 1, 4, { endpoint: false }), [0, 0.25, 0.5, 0.75]],
  'linspace of one': [() => antler.linspace(3, 9, 1), [3]],
  logspace: [() => antler.logspace(0, 3, 4, { base: 2 }), [1, 2, 4, 8]],
  tri: [() => antler.tri(2, 3, 1), [[1, 1, 0], [1, 1, 1]]],
  'triu, below the diagonal': [() => antler.triu(m(), 1), [[0, 1, 2], [0, 0, 4]]],
  tril: [() => antler.tril(m(), -1), [[0, 0, 0], [6, 0, 0]]],
  'diagonal of two axes': [() => antler.diagonal(m(), 1), [1, 4]],
  'diagonal outside': [() => antler.diagonal(m(), 5), []],
  'diag of a vector': [() => antler.diag(tensor([1, 2]), -1), [[0, 0, 0], [1, 0, 0], [0, 2, 0]]],
  trace: [() => antler.trace(m()), 8],
  diff: [() => antler.diff(tensor([1, 4, 9, 16]), 2), [2, 2]],
  'unstack and stack': [() => antler.stack(antler.unstack(m(), 1), 1), [[3, 1, 2], [6, 5, 4]]],
  'split at places': [() => antler.split(m(), [0, 2], 1)[1]!, [[3, 1], [6, 5]]],
  moveAxis: [() => antler.moveAxis(m(), 0, 1), [[3, 6], [1, 5], [2, 4]]],
  'dynamicSlice at a computed start': [() => antler.dynamicSlice(int([5, 6, 7]), [antler.argmax(int([0, 1]))], [2]), [6, 7]],
  'dynamicSlice beyond the end': [() => antler.dynamicSlice(int([5, 6, 7]), int([9]), [2]), [6, 7]],
  'dynamicSlice of a scalar': [() => antler.dynamicSlice(int([5]).sum(), [], []), 5],
  'dynamicUpdateSlice before the start': [() => antler.dynamicUpdateSlice(m(), [-4, 1], tensor([[9, 8]])), [[3, 9, 8], [6, 5, 4]]],
  'einsum: product': [() => antler.einsum('ij,kj->ik', m(), m()), [[14, 31], [31, 77]]],
  'einsum: implicit result': [() => antler.einsum('ba', m()), [[3, 6], [1, 5], [2, 4]]],
  'einsum: trace': [() => antler.einsum('ii', tensor([[1, 2], [3, 4]])), 5],
  'einsum: an ellipsis that broadcasts': [() => antler.einsum('...i,...i->...', m(), tensor([[1, 0, 1]])), [5, 10]],
  'einsum: sizes of 1': [() => antler.einsum('ij,ij->ij', tensor([[1], [2]]), tensor([[10]])), [[10], [20]]],
  'dot of a matrix and a vector': [() => antler.dot(m(), tensor([1, 0, 1])), [5, 10]],
  inner: [() => antler.inner(tensor([1, 2]), tensor([[3, 4], [5, 6]])), [11, 17]],
  norm: [() => antler.norm(tensor([[3, 4], [0, 0]])), 5],
  'norm, the largest row': [() => antler.norm(m(), { ord: inf, axis: [0, 1] }), 15],
  'norm, the smallest column': [() => antler.norm(m(), { ord: -1, axis: [0, 1], keepDims: true }), [[6]]],
  'norm, a count': [() => antler.norm(tensor([0, 3, nan]), { ord: 0, axis: 0 }), 2],
  floorDivide: [() => antler.floorDivide(tensor([7, -7, 7, -7]), tensor([2, 2, -2, -2])), [3, -4, -4, 3]],
  'floorDivide of integers': [() => antler.floorDivide(int([7, -7, 6, 1]), int([2, 2, -2, 0])), [3, -4, -3, -1]],
  mod: [() => antler.mod(tensor([7, -7, 7, -7]), tensor([3, 3, -3, -3])), [1, 2, -2, -1]],
  'mod of integers': [() => antler.mod(int([7, -7, 7, -6]), int([3, 3, -3, -3])), [1, 2, -2, 0]],
  trunc: [() => antler.trunc(tensor([1.7, -1.7, inf])), [1, -1, inf]],
  isInf: [() => antler.isInf(tensor([nan, -inf, 0])), [0, 1, 0]],
  'hypot without overflow': [() => antler.hypot(tensor([0, inf, 3]), tensor([0, -inf, 4])), [0, inf, 5]],
  'logaddexp of infinities': [() => antler.logaddexp(tensor([inf, -inf, -inf]), tensor([inf, -inf, 0])), [inf, -inf, 0]],
  'arccosh below 1': [() => antler.arccosh(tensor([0.5, 1])), [nan, 0]],
  'arcsinh keeps signs': [() => antler.arcsinh(tensor([-inf, inf, 0])), [-inf, inf, 0]],
  'selu, mish and gelu far out': [() => antler.stack([antler.mish(-200), antler.gelu(-200), antler.elu(-200), antler.silu(-200)]), [-0, -0, -1, -0]],
}; // prettier-ignore

test.each(Object.entries(values))('%s', async (_name, [f, expected]) => {
  expect(await (await f()).array()).toEqual(expected);
});

test('arcsinh and its neighbours are exact near 0 and do not overflow', async () => {
  for (const [f, x, y] of [
    [antler.arcsinh, 1e-6, Math.asinh(1e-6)],
    [antler.arcsinh, -1e30, Math.asinh(-1e30)],
    [antler.sinh, 1e-6, Math.sinh(1e-6)],
    [antler.arctanh, 1e-6, Math.atanh(1e-6)],
    [antler.arccosh, 1e30, Math.acosh(1e30)],
    [antler.cbrt, -27, -3],
  ] as const) {
    expect(Math.abs((await f(x).item()) / y - 1)).toBeLessThan(3e-7);
  }
});

test('operations whose length depends on the data need a size inside jit', async () => {
  expect(await jit((x: Tensor) => antler.unique(x, { size: 3 }))(int([5, 4, 5])).array()).toEqual([4, 5, 0]);
  const growing = jit((x: Tensor) => {
    void antler.unique(x);
    return x;
  });
  expect(() => growing(int([1]))).toThrow('unique: expected to be called outside of a trace');
});

test('sums in a loop: dynamicSlice and dynamicUpdateSlice inside scan', async () => {
  const [out] = antler.scan(
    (carry: Tensor, i: Tensor) => {
      const row = antler.dynamicSlice(carry, [i, 0], [1, 2]);
      return [antler.dynamicUpdateSlice(carry, [antler.add(i, 1), 0], row.mul(2)), null];
    },
    tensor([[1, 2], [0, 0], [0, 0]]), // prettier-ignore
    antler.arange(2),
  );
  expect(await out.array()).toEqual([[1, 2], [2, 4], [4, 8]]); // prettier-ignore
});

describe('misuse', () => {
  const wrong: Readonly<Record<string, readonly [() => unknown, string]>> = {
    topK: [() => antler.topK(m(), 4), 'topK: expected k in [0, 3] for x of [2, 3], received 4.'],
    cumsum: [() => antler.cumsum(m(), 2), 'cumsum: expected an axis in [-2, 1], received 2.'],
    searchsorted: [() => antler.searchsorted(m(), 1), 'searchsorted: expected a sorted vector, received [2, 3].'],
    quantile: [() => antler.quantile(m(), 2), 'quantile: expected q in [0, 1], received 2.'],
    booleanMask: [
      () => antler.booleanMask(m(), tensor([true]), { size: 1 }),
      'booleanMask: expected a bool mask over the leading axes of [2, 3], received bool [1].',
    ],
    size: [() => antler.unique(m(), { size: -1 }), 'unique: expected a size that is a whole number >= 0, received -1.'],
    einsum: [() => antler.einsum('ij,jk', m(), m()), 'einsum: expected axes j of one size in ij,jk, received 3 and 2.'],
    'einsum operands': [() => antler.einsum('ij,jk', m()), 'einsum: expected 2 operands for ij,jk, received 1.'],
    'einsum result': [
      () => antler.einsum('ij->ik', m()),
      'einsum: expected labels of the result among those of the operands, received ij->ik.',
    ],
    dynamicSlice: [() => antler.dynamicSlice(m(), [0], [1, 1]), 'dynamicSlice: expected 2 starts, received 1.'],
    'dynamicSlice sizes': [
      () => antler.dynamicSlice(m(), [0, 0], [3, 1]),
      'dynamicSlice: expected a window within [2, 3], received [3, 1].',
    ],
    norm: [
      () => antler.norm(m(), { ord: 3, axis: [0, 1] }),
      'norm: expected ord 1, -1, 2, -2, Infinity, -Infinity, fro or nuc of matrices, received 3.',
    ],
    repeat: [() => antler.repeat(m(), [1], 1), 'repeat: expected a count for each of 3 entries, received 1 counts.'],
    diagonal: [() => antler.diagonal(m(), 0, 1, 1), 'diagonal: expected two axes, received 1 twice.'],
    triu: [() => antler.triu(tensor([1])), 'triu: expected at least two axes, received [1].'],
    glu: [() => antler.glu(m()), 'glu: expected an axis of even size, received 3.'],
    moveAxis: [() => antler.moveAxis(m(), [0, 1], [0]), 'moveAxis: expected as many places as axes'],
    categorical: [() => random.categorical(zeros([2, 0])), 'categorical: expected logits with a last axis of classes'],
    gamma: [() => random.gamma([2], 0), 'gamma: expected alpha > 0, received 0.'],
  };
  test.each(Object.entries(wrong))('%s', (_name, [f, message]) => {
    expect(f).toThrow(message);
  });
});

describe('random choices', () => {
  test('categorical has the frequencies of the softmax', async () => {
    const drawn = await random.categorical(tensor([[0, Math.log(3)], [-inf, 0]]), 4000, { key: random.key(1) }).array(); // prettier-ignore
    const share = (row: unknown): number => (row as number[]).reduce((a, b) => a + b, 0) / 4000;
    expect(Math.abs(share((drawn as unknown[])[0]) - 0.75)).toBeLessThan(0.02);
    expect(share((drawn as unknown[])[1])).toBe(1);
  });

  test.each([0.3, 1, 4.5])('gamma(%d) has the mean and the variance alpha', async (alpha) => {
    const drawn = [...(await random.gamma([20000], alpha, { key: random.key(2) }).data())];
    const mean = drawn.reduce((a, b) => a + b, 0) / drawn.length;
    const variance = drawn.reduce((a, b) => a + (b - mean) ** 2, 0) / drawn.length;
    expect(Math.min(...drawn)).toBeGreaterThan(0);
    expect(Math.abs(mean / alpha - 1)).toBeLessThan(0.03);
    expect(Math.abs(variance / alpha - 1)).toBeLessThan(0.08);
  });

  test('permutation and shuffle keep every entry, and a key says in which order', async () => {
    const order = [...(await random.permutation(50, { key: random.key(3) }).data())];
    expect([...order].sort((a, b) => a - b)).toEqual(Array.from({ length: 50 }, (_, i) => i));
    expect(order).not.toEqual([...order].sort((a, b) => a - b));
    expect([...(await random.permutation(50, { key: random.key(3) }).data())]).toEqual(order);
    const rows = tensor(Array.from({ length: 50 }, (_, i) => [i, i + 100]));
    const shuffled = await random.shuffle(rows, 0, { key: random.key(3) }).array();
    expect(shuffled).toEqual(order.map((i) => [i, i + 100]));
  });
});
