/** Gradients of running folds, sorts, windows, arrangements and the further element-wise functions. */
import { createJsBackend } from '@antler/backend-js';
import { beforeAll, describe, expect, test } from '@jest/globals';
import * as antler from '../src/index.js';
import { type Tensor, grad, registerBackends, setBackend, tensor } from '../src/index.js';
import { describeGradients, type Case } from './finiteDifferences.js';

const m23 = [2, 3] as const;
const positive = [0.3, 2] as const;
const inside = [-0.9, 0.9] as const;
const int = (values: number[]): Tensor => tensor(Int32Array.from(values));

const elementwise: Readonly<Record<string, readonly [(x: Tensor) => Tensor, (readonly [number, number])?]>> = {
  reciprocal: [antler.reciprocal, positive],
  log2: [antler.log2, positive],
  log10: [antler.log10, positive],
  exp2: [antler.exp2],
  cbrt: [antler.cbrt, positive],
  tan: [antler.tan, inside],
  arcsin: [antler.arcsin, inside],
  arccos: [antler.arccos, inside],
  arctan: [antler.arctan],
  sinh: [antler.sinh],
  cosh: [antler.cosh],
  arcsinh: [antler.arcsinh],
  arccosh: [antler.arccosh, [1.2, 3]],
  arctanh: [antler.arctanh, inside],
  nanToNum: [(x) => antler.nanToNum(x.mul(x))],
  gelu: [(x) => antler.gelu(x)],
  'gelu by tanh': [(x) => antler.gelu(x, { approximate: true })],
  silu: [antler.silu],
  elu: [(x) => antler.elu(x, 0.7)],
  selu: [antler.selu],
  celu: [(x) => antler.celu(x, 0.7)],
  leakyRelu: [(x) => antler.leakyRelu(x)],
  relu6: [(x) => antler.relu6(x.mul(8))],
  hardSigmoid: [(x) => antler.hardSigmoid(x.mul(4))],
  hardSilu: [(x) => antler.hardSilu(x.mul(4))],
  hardTanh: [antler.hardTanh],
  softsign: [antler.softsign],
  mish: [antler.mish],
  logSigmoid: [antler.logSigmoid],
  tanhShrink: [antler.tanhShrink],
  hardShrink: [(x) => antler.hardShrink(x)],
  softShrink: [(x) => antler.softShrink(x)],
  threshold: [(x) => antler.threshold(x, 0.2, -1)],
  squareplus: [(x) => antler.squareplus(x)],
  sparsemax: [(x) => antler.sparsemax(x)],
};

const folds = { cumsum: antler.cumsum, cumprod: antler.cumprod, cummax: antler.cummax, cummin: antler.cummin };

const cases: readonly Case[] = [
  ...Object.entries(elementwise).map(([name, [f, range]]): Case => ({ name, f, shapes: [m23], ...(range && { range }) })),
  ...Object.entries(folds).flatMap(([name, f]): Case[] => [
    { name, f: (x) => f(x, 0), shapes: [[4, 2]] },
    { name: `${name}, reversed`, f: (x) => f(x, 1, { reverse: true }), shapes: [[2, 4]] },
    { name: `${name}, exclusive`, f: (x) => antler.slice(f(x, 0, { exclusive: true }), [1]).mul(x.sum()), shapes: [[4]] },
    {
      name: `${name}, reversed and exclusive`,
      f: (x) => antler.slice(f(x, 0, { reverse: true, exclusive: true }), [0], [3]).mul(x.sum()),
      shapes: [[4]],
    },
  ]),
  { name: 'logaddexp', f: (x, y) => antler.logaddexp(x, y), shapes: [m23, [3]] },
  { name: 'hypot', f: (x, y) => antler.hypot(x, y), shapes: [m23, [3]] },
  { name: 'mod', f: (x, y) => antler.mod(x, y), shapes: [[4], [4]], range: positive },
  { name: 'glu', f: (x) => antler.glu(x), shapes: [[2, 4]] },
  { name: 'sort', f: (x) => antler.sort(x, 0).mul(int([1, 2, 3, 4]).reshape([4, 1])), shapes: [[4, 2]] },
  { name: 'sort, descending', f: (x) => antler.sort(x, 1, { descending: true }).mul(x), shapes: [[2, 4]] },
  { name: 'topK', f: (x) => antler.topK(x, 2)[0].mul(int([1, 3])), shapes: [[2, 4]] },
  { name: 'median', f: (x) => antler.median(x, 1), shapes: [[2, 4]] },
  { name: 'quantile', f: (x) => antler.quantile(x, [0.2, 0.7]), shapes: [m23] },
  { name: 'unique, of a size', f: (x) => antler.unique(x.mul(x), { size: 5 }), shapes: [[4]] },
  {
    name: 'booleanMask, of a size',
    f: (x) => antler.booleanMask(x, antler.less(int([3, 5, 3]), 4), { size: 2 }).mul(2),
    shapes: [[3, 2]],
  },
  { name: 'moveAxis', f: (x) => antler.moveAxis(x, [0, 1], [-1, 0]), shapes: [[2, 3, 4]] },
  { name: 'roll', f: (x) => antler.roll(x, 2, 1).mul(x), shapes: [m23] },
  { name: 'repeat', f: (x) => antler.repeat(x, [2, 0, 1], 1), shapes: [m23] },
  { name: 'tile', f: (x) => antler.tile(x, [2, 1, 2]), shapes: [m23] },
  { name: 'tril', f: (x) => antler.tril(x, 1), shapes: [[3, 4]] },
  { name: 'triu', f: (x) => antler.triu(x, 1), shapes: [[3, 4]] },
  { name: 'diagonal', f: (x) => antler.diagonal(x, -1, 2, 0), shapes: [[3, 2, 4]] },
  { name: 'diag', f: (x) => antler.diag(x, 1), shapes: [[3]] },
  { name: 'trace', f: (x) => antler.trace(antler.matmul(x, x)), shapes: [[3, 3]] },
  { name: 'diff', f: (x) => antler.diff(x, 2), shapes: [[2, 5]] },
  { name: 'kron', f: (x, y) => antler.kron(x, y), shapes: [m23, [2, 2]] },
  { name: 'inner', f: (x, y) => antler.inner(x, y), shapes: [m23, [4, 3]] },
  { name: 'norm', f: (x) => antler.norm(x, { axis: 1 }), shapes: [m23] },
  { name: 'norm, ord 3', f: (x) => antler.norm(x, { ord: 3, axis: 0 }), shapes: [m23], range: positive },
  { name: 'norm of matrices, ord 1', f: (x) => antler.norm(x, { ord: 1, axis: [0, 2] }), shapes: [[2, 2, 3]] },
  { name: 'normalize', f: (x) => antler.normalize(x), shapes: [m23] },
  { name: 'einsum', f: (x, y, z) => antler.einsum('bij,bjk,k->ib', x, y, z), shapes: [[2, 2, 3], [2, 3, 2], [2]] },
  { name: 'einsum of a diagonal', f: (x, y) => antler.einsum('iij,j', x, y), shapes: [[3, 3, 2], [2]] },
  { name: 'einsum with an ellipsis', f: (x, y) => antler.einsum('...ij,jk->...k', x, y), shapes: [[2, 2, 3], [3, 2]] },
  { name: 'dynamicSlice', f: (x) => antler.dynamicSlice(x, int([1, 9]), [2, 2]).mul(3), shapes: [[4, 3]] },
  {
    name: 'dynamicUpdateSlice',
    f: (x, y) => antler.dynamicUpdateSlice(x, [int([2]).sum(), 0], antler.square(y)),
    shapes: [[4, 3], [3, 2]],
  },
]; // prettier-ignore

describe('gradients against finite differences, in float64', () => {
  beforeAll(async () => {
    registerBackends({ js: createJsBackend });
    await setBackend('js');
  });

  describeGradients(cases);

  test('running products with zeros, running extrema with ties', async () => {
    const slope = async (f: (x: Tensor) => Tensor, xs: number[]): Promise<number[]> => [
      ...(await grad((x: Tensor) => f(x).sum())(tensor(xs)).data()),
    ];
    // 2 + 2·0 + 2·0·3: the derivatives are 1 + 0 + 0·3, 2 + 2·3 and 2·0.
    expect(await slope((x) => antler.cumprod(x), [2, 0, 3])).toEqual([1, 8, 0]);
    expect(await slope((x) => antler.cummax(x), [1, 3, 3, 2])).toEqual([1, 3, 0, 0]);
  });

  test('functions that are odd or have a kink are right at 0', async () => {
    const at0 = async (f: (x: Tensor) => Tensor): Promise<number> => grad((x: Tensor) => f(x))(tensor(0)).item();
    expect(await at0(antler.arcsinh)).toBe(1);
    expect(await at0(antler.sinh)).toBe(1);
    expect(await at0(antler.arctanh)).toBe(1);
    expect(await at0((x) => antler.normalize(antler.stack([x, x])).sum())).toBe(Math.fround(2e12));
  });
});
