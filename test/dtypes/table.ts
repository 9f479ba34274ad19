/** What dtype every public operation gives for each dtype that it is given: one row per function. */
import * as core from '@antler/core';
import { type DType, type Tensor } from '@antler/core';

/** From the dtype of the operands to that of the result; undefined where the function takes no such operands. */
type Result = (dtype: DType) => DType | undefined;

/** Operands of one dtype: a [2, 4] matrix of numbers in (0, 1], small whole numbers, or truth values. */
export interface Operands {
  readonly x: Tensor;
  /** Row 0 of x. */
  readonly row: Tensor;
  /** A batch of images [1, 4, 4, 2]. */
  readonly image: Tensor;
  readonly dtype: DType;
}

/** A function on the operands. */
export interface Row {
  readonly result: Result;
  readonly f: (given: Operands) => Tensor | readonly Tensor[];
}

const same: Result = (dtype) => dtype;
const number: Result = (dtype) => (dtype === 'bool' ? undefined : dtype);
const float: Result = (dtype) => (core.isFloat(dtype) ? dtype : 'float32');
const onlyFloat: Result = (dtype) => (core.isFloat(dtype) ? dtype : undefined);
const count: Result = (dtype) => (dtype === 'bool' ? 'int32' : dtype);
const always =
  (result: DType): Result =>
  () =>
    result;
const of = (result: Result, f: Row['f']): Row => ({ result, f });
const unary = (result: Result, f: (x: Tensor) => Tensor): Row => of(result, ({ x }) => f(x));
const binary = (result: Result, f: (a: Tensor, b: Tensor) => Tensor): Row => of(result, ({ x, row }) => f(x, row));
const places = (numbers: core.NestedNumbers): Tensor => core.tensor(numbers, { dtype: 'int32' });
const kernel = ({ image }: Operands): Tensor =>
  core.reshape(core.slice(image, [0, 0, 0, 0], [1, 2, 2, 2]), [2, 2, 2, 1]);

/** The table; `test/dtypes/dtypes.test.ts` sees that no function is missing. */
export const table: Readonly<Record<string, Row>> = {
  abs: unary(number, core.abs),
  add: binary(number, core.add),
  all: unary(always('bool'), (x) => core.all(x, 0)),
  any: unary(always('bool'), (x) => core.any(x, 0)),
  arange: of(number, ({ dtype }) => core.arange(1, 9, 2, { dtype })),
  arccos: unary(float, (x) => core.arccos(core.multiply(x, 0.125))),
  arccosh: unary(float, (x) => core.arccosh(core.add(x, 1))),
  arcsin: unary(float, (x) => core.arcsin(core.multiply(x, 0.125))),
  arcsinh: unary(float, core.arcsinh),
  arctan: unary(float, core.arctan),
  arctan2: binary(float, core.arctan2),
  arctanh: unary(float, (x) => core.arctanh(core.multiply(x, 0.125))),
  argmax: unary(always('int32'), (x) => core.argmax(x)),
  argmin: unary(always('int32'), (x) => core.argmin(x)),
  argsort: unary(always('int32'), (x) => core.argsort(x)),
  averagePool: of(float, ({ image }) => core.averagePool(image, 2)),
  booleanMask: of(same, ({ row }) => core.booleanMask(row, core.tensor([true, false, true, true]), { size: 3 })),
  broadcastTo: unary(same, (x) => core.broadcastTo(x, [3, 2, 4])),
  cast: of(same, ({ x, dtype }) => x.cast('float32').cast(dtype)),
  cbrt: unary(float, core.cbrt),
  ceil: unary(float, core.ceil),
  celu: unary(float, (x) => core.celu(x)),
  clip: unary(number, (x) => core.clip(x, 0, 1)),
  concatenate: unary(same, (x) => core.concatenate([x, x])),
  conv: of(onlyFloat, (given) => core.conv(given.image, kernel(given))),
  convTranspose: of(onlyFloat, (given) =>
    core.convTranspose(core.slice(given.image, [0, 0, 0, 0], [1, 4, 4, 1]), kernel(given)),
  ),
  cos: unary(float, core.cos),
  cosh: unary(float, core.cosh),
  countNonzero: unary(always('int32'), (x) => core.countNonzero(x)),
  cummax: unary(number, (x) => core.cummax(x)),
  cummin: unary(number, (x) => core.cummin(x)),
  cumprod: unary(count, (x) => core.cumprod(x)),
  cumsum: unary(count, (x) => core.cumsum(x)),
  depthwiseConv: of(onlyFloat, (given) => core.depthwiseConv(given.image, kernel(given))),
  diag: of(same, ({ row }) => core.diag(row)),
  diagonal: unary(same, (x) => core.diagonal(x)),
  diff: unary(number, (x) => core.diff(x)),
  divide: binary(float, core.divide),
  dot: of(number, ({ row }) => core.dot(row, row)),
  dynamicSlice: unary(same, (x) => core.dynamicSlice(x, [places(1), places(1)], [1, 2])),
  dynamicUpdateSlice: of(same, ({ x, row }) => core.dynamicUpdateSlice(x, [1, 0], core.reshape(row, [1, 4]))),
  einsum: of(number, ({ x }) => core.einsum('ij,kj->ik', x, x)),
  elu: unary(float, (x) => core.elu(x)),
  equal: binary(always('bool'), core.equal),
  erf: unary(float, core.erf),
  exp: unary(float, core.exp),
  exp2: unary(float, core.exp2),
  expandDims: unary(same, (x) => core.expandDims(x, 0)),
  expm1: unary(float, core.expm1),
  eye: of(same, ({ dtype }) => core.eye(3, 3, { dtype })),
  flip: unary(same, (x) => core.flip(x)),
  floor: unary(float, core.floor),
  floorDivide: binary(number, core.floorDivide),
  full: of(same, ({ dtype }) => core.full([2], 1, { dtype })),
  gelu: unary(float, (x) => core.gelu(x)),
  glu: unary(float, (x) => core.glu(x)),
  greater: binary(always('bool'), core.greater),
  greaterEqual: binary(always('bool'), core.greaterEqual),
  hardShrink: unary(float, (x) => core.hardShrink(x)),
  hardSigmoid: unary(float, core.hardSigmoid),
  hardSilu: unary(float, core.hardSilu),
  hardTanh: unary(float, core.hardTanh),
  hypot: binary(float, core.hypot),
  inner: of(number, ({ x, row }) => core.inner(x, row)),
  isFinite: unary(always('bool'), core.isFinite),
  isInf: unary(always('bool'), core.isInf),
  isNaN: unary(always('bool'), core.isNaN),
  kron: of(number, ({ x }) => core.kron(x, x)),
  leakyRelu: unary(float, (x) => core.leakyRelu(x)),
  less: binary(always('bool'), core.less),
  lessEqual: binary(always('bool'), core.lessEqual),
  linspace: of(onlyFloat, ({ dtype }) => core.linspace(0, 1, 5, { dtype })),
  log: unary(float, core.log),
  log10: unary(float, core.log10),
  log1p: unary(float, core.log1p),
  log2: unary(float, core.log2),
  logSigmoid: unary(float, core.logSigmoid),
  logSoftmax: unary(float, (x) => core.logSoftmax(x)),
  logSumExp: unary(float, (x) => core.logSumExp(x, 1)),
  logaddexp: binary(float, core.logaddexp),
  logicalAnd: binary(always('bool'), core.logicalAnd),
  logicalNot: unary(always('bool'), core.logicalNot),
  logicalOr: binary(always('bool'), core.logicalOr),
  logicalXor: binary(always('bool'), core.logicalXor),
  logspace: of(onlyFloat, ({ dtype }) => core.logspace(0, 2, 3, { dtype })),
  matmul: of(number, ({ x, row }) => core.matmul(x, row)),
  max: unary(count, (x) => core.max(x, 1)),
  maxPool: of(number, ({ image }) => core.maxPool(image, 2)),
  maximum: binary(number, core.maximum),
  mean: unary(float, (x) => core.mean(x, 1)),
  median: unary(float, (x) => core.median(x, 1)),
  meshgrid: of(same, ({ row }) => core.meshgrid([row, row])),
  min: unary(count, (x) => core.min(x, 1)),
  minimum: binary(number, core.minimum),
  mish: unary(float, core.mish),
  mod: binary(number, core.mod),
  moveAxis: unary(same, (x) => core.moveAxis(x, 0, 1)),
  multiply: binary(number, core.multiply),
  nanToNum: unary(float, (x) => core.nanToNum(x)),
  negative: unary(number, core.negative),
  nonzero: of(always('int32'), ({ x }) => core.nonzero(x, { size: 3 })),
  norm: unary(float, (x) => core.norm(x, { axis: 1 })),
  normalize: unary(float, (x) => core.normalize(x)),
  notEqual: binary(always('bool'), core.notEqual),
  oneHot: of(same, ({ dtype }) => core.oneHot(places([1, 0]), 3, { dtype })),
  ones: of(same, ({ dtype }) => core.ones([2], { dtype })),
  onesLike: unary(same, core.onesLike),
  outer: of(number, ({ row }) => core.outer(row, row)),
  pad: unary(number, (x) => core.pad(x, [[1, 0], [0, 1]])), // prettier-ignore
  power: binary(number, core.power),
  prod: unary(count, (x) => core.prod(x, 1)),
  quantile: unary(float, (x) => core.quantile(x, 0.25, 1)),
  ravel: unary(same, core.ravel),
  reciprocal: unary(float, core.reciprocal),
  relu: unary(float, core.relu),
  relu6: unary(float, core.relu6),
  remainder: binary(number, core.remainder),
  repeat: unary(same, (x) => core.repeat(x, 2, 1)),
  reshape: unary(same, (x) => core.reshape(x, [4, 2])),
  roll: unary(same, (x) => core.roll(x, 1, 1)),
  round: unary(float, core.round),
  rsqrt: unary(float, core.rsqrt),
  scatterUpdate: of(number, ({ x, row }) => core.scatterUpdate(x, places([0, 0]), core.stack([row, row]), 'add')),
  searchsorted: of(always('int32'), ({ x, row }) => core.searchsorted(core.sort(row), x)),
  selu: unary(float, core.selu),
  separableConv: of(onlyFloat, (given) =>
    core.separableConv(given.image, kernel(given), core.reshape(core.slice(given.x, [0, 0], [2, 1]), [1, 1, 2, 1])),
  ),
  sigmoid: unary(float, core.sigmoid),
  sign: unary(number, core.sign),
  silu: unary(float, core.silu),
  sin: unary(float, core.sin),
  sinh: unary(float, core.sinh),
  slice: unary(same, (x) => core.slice(x, [0, 1], [2, 3])),
  softShrink: unary(float, (x) => core.softShrink(x)),
  softmax: unary(float, (x) => core.softmax(x)),
  softmaxCrossEntropy: of(float, ({ x }) => core.softmaxCrossEntropy(x, x)),
  softplus: unary(float, core.softplus),
  softsign: unary(float, core.softsign),
  sort: unary(same, (x) => core.sort(x)),
  sparseSoftmaxCrossEntropy: of(float, ({ x }) => core.sparseSoftmaxCrossEntropy(places([1, 0]), x)),
  sparsemax: unary(float, (x) => core.sparsemax(x)),
  split: unary(same, (x) => core.split(x, 2, 1)[1]!),
  sqrt: unary(float, core.sqrt),
  square: unary(number, core.square),
  squareplus: unary(float, (x) => core.squareplus(x)),
  squeeze: unary(same, (x) => core.squeeze(core.expandDims(x, 0))),
  stack: unary(same, (x) => core.stack([x, x])),
  std: unary(float, (x) => core.std(x, 1)),
  stopGradient: unary(same, (x) => core.stopGradient(x)),
  subtract: binary(number, core.subtract),
  sum: unary(count, (x) => core.sum(x, 1)),
  swapAxes: unary(same, (x) => core.swapAxes(x, 0, 1)),
  take: unary(same, (x) => core.take(x, places([3, 0]), 1)),
  takeAlongAxis: unary(same, (x) => core.takeAlongAxis(x, places([[1], [0]]))),
  tan: unary(float, core.tan),
  tanh: unary(float, core.tanh),
  tanhShrink: unary(float, core.tanhShrink),
  tensor: of(same, ({ dtype }) => core.tensor([1, 0], { dtype })),
  tensordot: of(number, ({ x }) => core.tensordot(x, x)),
  threshold: unary(float, (x) => core.threshold(x, 0, 1)),
  tile: unary(same, (x) => core.tile(x, [2, 1])),
  topK: unary(same, (x) => core.topK(x, 2)[0]),
  trace: unary(count, (x) => core.trace(x)),
  transpose: unary(same, (x) => core.transpose(x)),
  tri: of(same, ({ dtype }) => core.tri(3, 3, 0, { dtype })),
  tril: unary(same, (x) => core.tril(x)),
  triu: unary(same, (x) => core.triu(x)),
  trunc: unary(float, core.trunc),
  unique: of(same, ({ row }) => core.unique(row, { size: 2 })),
  unstack: of(same, ({ x }) => core.unstack(x)),
  variance: unary(float, (x) => core.variance(x, 1)),
  where: of(same, ({ x, row }) => core.where(core.equal(x, row), x, row)),
  zeros: of(same, ({ dtype }) => core.zeros([2], { dtype })),
  zerosLike: unary(same, core.zerosLike),
};
