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
  /** Roundings of its dtype by which the result may differ from that in the widest one; default 8. */
  readonly roundings?: number;
  readonly f: (given: Operands) => Tensor | readonly Tensor[];
}

const same: Result = (dtype) => dtype;
const number: Result = (dtype) => (dtype === 'bool' ? undefined : dtype);
const float: Result = (dtype) => (core.isFloat(dtype) ? dtype : 'float32');
/** Algorithms on matrices are there for float32 and float64. */
const wide: Result = (dtype) => (dtype === 'float64' ? dtype : 'float32');
const onlyFloat: Result = (dtype) => (core.isFloat(dtype) ? dtype : undefined);
const discrete: Result = (dtype) => (core.isFloat(dtype) ? undefined : dtype);
const integer: Result = (dtype) => (core.isInteger(dtype) ? dtype : undefined);
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

/** Square, with a diagonal that leads. */
const square = ({ x }: Operands): Tensor => {
  const part = core.slice(x, [0, 0], [2, 2]).cast(core.isFloat(x.dtype) ? x.dtype : 'float32');
  return core.add(core.add(part, core.transpose(part)), core.tensor([[8, 0], [0, 12]], { dtype: part.dtype })); // prettier-ignore
};
const ofMatrix = (f: (x: Tensor) => Tensor | readonly Tensor[]): Row => ({
  result: wide,
  roundings: 1000,
  f: (given) => f(square(given)),
});
const ofRows = (result: Result, f: (x: Tensor) => Tensor | readonly Tensor[]): Row => ({
  result,
  roundings: 100,
  f: ({ x }) => f(x),
});
const deep = (result: Result, f: Row['f']): Row => ({ result, roundings: 100, f });

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
  average: unary(float, (x) => core.average(x, { axis: 1 })),
  averagePool: of(float, ({ image }) => core.averagePool(image, 2)),
  batchNormalization: ofRows(float, (x) => core.batchNormalization(x, core.zeros([4]), core.ones([4]))),
  batchNormalizationTraining: ofRows(float, (x) => core.batchNormalizationTraining(x, { epsilon: 1 })[0]),
  binaryCrossentropy: ofRows(float, (x) => core.binaryCrossentropy(x, x, { fromLogits: true })),
  bincount: of(
    (dtype) => (core.isFloat(dtype) ? undefined : 'int32'),
    ({ row }) => core.bincount(row, { length: 4 }),
  ),
  bitwiseAnd: binary(discrete, core.bitwiseAnd),
  bitwiseNot: unary(discrete, core.bitwiseNot),
  bitwiseOr: binary(discrete, core.bitwiseOr),
  bitwiseXor: binary(discrete, core.bitwiseXor),
  booleanMask: of(same, ({ row }) => core.booleanMask(row, core.tensor([true, false, true, true]), { size: 3 })),
  broadcastTo: unary(same, (x) => core.broadcastTo(x, [3, 2, 4])),
  cast: of(same, ({ x, dtype }) => x.cast('float32').cast(dtype)),
  categoricalCrossentropy: ofRows(float, (x) => core.categoricalCrossentropy(x, x, { fromLogits: true })),
  cbrt: unary(float, core.cbrt),
  cdist: ofRows(float, (x) => core.cdist(x, core.flip(x, 0))),
  ceil: unary(float, core.ceil),
  celu: unary(float, (x) => core.celu(x)),
  cholesky: ofMatrix((x) => core.cholesky(x)),
  choleskyInverse: ofMatrix((x) => core.choleskyInverse(x)),
  clip: unary(number, (x) => core.clip(x, 0, 1)),
  concatenate: unary(same, (x) => core.concatenate([x, x])),
  conv: of(onlyFloat, (given) => core.conv(given.image, kernel(given))),
  convTranspose: of(onlyFloat, (given) =>
    core.convTranspose(core.slice(given.image, [0, 0, 0, 0], [1, 4, 4, 1]), kernel(given)),
  ),
  cos: unary(float, core.cos),
  cosh: unary(float, core.cosh),
  countNonzero: unary(always('int32'), (x) => core.countNonzero(x)),
  cross: unary(number, (x) => core.cross(core.slice(x, [0, 0], [1, 3]), core.slice(x, [1, 1], [2, 4]))),
  cummax: unary(number, (x) => core.cummax(x)),
  cummin: unary(number, (x) => core.cummin(x)),
  cumprod: unary(count, (x) => core.cumprod(x)),
  cumsum: unary(count, (x) => core.cumsum(x)),
  depthToSpace: of(same, ({ image }) => core.depthToSpace(core.concatenate([image, image], -1), 2)),
  depthwiseConv: of(onlyFloat, (given) => core.depthwiseConv(given.image, kernel(given))),
  det: ofMatrix(core.det),
  diag: of(same, ({ row }) => core.diag(row)),
  diagonal: unary(same, (x) => core.diagonal(x)),
  diff: unary(number, (x) => core.diff(x)),
  digitize: unary(always('int32'), (x) => core.digitize(x, core.tensor([0.5, 2]))),
  divide: binary(float, core.divide),
  divideNoNan: binary(float, core.divideNoNan),
  dot: of(number, ({ row }) => core.dot(row, row)),
  dynamicSlice: unary(same, (x) => core.dynamicSlice(x, [places(1), places(1)], [1, 2])),
  dynamicUpdateSlice: of(same, ({ x, row }) => core.dynamicUpdateSlice(x, [1, 0], core.reshape(row, [1, 4]))),
  eigh: ofMatrix((x) => core.eigh(x)),
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
  fullLike: unary(same, (x) => core.fullLike(x, 1)),
  gather: of(same, ({ x }) => core.gather(x, places([[0, 1], [1, 3]]))), // prettier-ignore
  gcd: of(
    (dtype) => (core.isInteger(dtype) ? dtype : undefined),
    ({ x, row }) => core.gcd(x, row),
  ),
  gelu: unary(float, (x) => core.gelu(x)),
  glu: unary(float, (x) => core.glu(x)),
  greater: binary(always('bool'), core.greater),
  greaterEqual: binary(always('bool'), core.greaterEqual),
  groupNormalization: ofRows(float, (x) =>
    core.groupNormalization(core.reshape(x, [2, 1, 4]), { groups: 2, epsilon: 1 }),
  ),
  gru: deep(
    onlyFloat,
    ({ x, dtype }) =>
      core.gru(
        core.reshape(core.concatenate([x, x, x], 1), [2, 4, 3]),
        core.ones([1, 3], { dtype }),
        core.zeros([3], { dtype }),
        core.zeros([2, 1], { dtype }),
      )[0],
  ),
  hardShrink: unary(float, (x) => core.hardShrink(x)),
  hardSigmoid: unary(float, core.hardSigmoid),
  hardSilu: unary(float, core.hardSilu),
  hardTanh: unary(float, core.hardTanh),
  heaviside: binary(float, core.heaviside),
  histogram: of(always('int32'), ({ x }) => core.histogram(x, { bins: 2, range: [0, 4] })[0]),
  hstack: unary(same, (x) => core.hstack([x, x])),
  hypot: binary(float, core.hypot),
  identity: of(same, ({ dtype }) => core.identity(3, { dtype })),
  index: unary(same, (x) => core.index(x, { step: -1 }, 1)),
  inner: of(number, ({ x, row }) => core.inner(x, row)),
  inTopK: unary(always('bool'), (x) => core.inTopK(places([1, 0]), x, 2)),
  inv: ofMatrix(core.inv),
  isClose: binary(always('bool'), core.isClose),
  isFinite: unary(always('bool'), core.isFinite),
  isInf: unary(always('bool'), core.isInf),
  isNaN: unary(always('bool'), core.isNaN),
  kron: of(number, ({ x }) => core.kron(x, x)),
  layerNormalization: ofRows(float, (x) => core.layerNormalization(x, { epsilon: 1 })),
  lcm: of(
    (dtype) => (core.isInteger(dtype) ? dtype : undefined),
    ({ x, row }) => core.lcm(x, row),
  ),
  leakyRelu: unary(float, (x) => core.leakyRelu(x)),
  leftShift: binary(integer, core.leftShift),
  less: binary(always('bool'), core.less),
  lessEqual: binary(always('bool'), core.lessEqual),
  linspace: of(onlyFloat, ({ dtype }) => core.linspace(0, 1, 5, { dtype })),
  log: unary(float, core.log),
  log10: unary(float, core.log10),
  log1p: unary(float, core.log1p),
  log2: unary(float, core.log2),
  logaddexp: binary(float, core.logaddexp),
  logaddexp2: binary(float, core.logaddexp2),
  logdet: ofMatrix(core.logdet),
  logicalAnd: binary(always('bool'), core.logicalAnd),
  logicalNot: unary(always('bool'), core.logicalNot),
  logicalOr: binary(always('bool'), core.logicalOr),
  logicalXor: binary(always('bool'), core.logicalXor),
  logSigmoid: unary(float, core.logSigmoid),
  logSoftmax: unary(float, (x) => core.logSoftmax(x)),
  logspace: of(onlyFloat, ({ dtype }) => core.logspace(0, 2, 3, { dtype })),
  logSumExp: unary(float, (x) => core.logSumExp(x, 1)),
  lstm: deep(
    onlyFloat,
    ({ x, dtype }) =>
      core.lstm(
        core.reshape(x, [1, 2, 4]),
        core.ones([1, 4], { dtype }),
        core.zeros([1, 1], { dtype }),
        core.zeros([1, 1], { dtype }),
      )[0],
  ),
  lstsq: ofMatrix((x) => core.lstsq(x, core.ones([2], { dtype: x.dtype }))),
  luFactor: ofMatrix((x) => core.luFactor(x)[0]),
  matmul: of(number, ({ x, row }) => core.matmul(x, row)),
  matrixPower: deep(float, (given) => core.matrixPower(square(given), 2)),
  matrixRank: of(always('int32'), (given) => core.matrixRank(square(given))),
  max: unary(count, (x) => core.max(x, 1)),
  maximum: binary(number, core.maximum),
  maxPool: of(number, ({ image }) => core.maxPool(image, 2)),
  mean: unary(float, (x) => core.mean(x, 1)),
  median: unary(float, (x) => core.median(x, 1)),
  meshgrid: of(same, ({ row }) => core.meshgrid([row, row])),
  min: unary(count, (x) => core.min(x, 1)),
  minimum: binary(number, core.minimum),
  mish: unary(float, core.mish),
  mod: binary(number, core.mod),
  moments: ofRows(float, (x) => core.moments(x, 1)),
  moveAxis: unary(same, (x) => core.moveAxis(x, 0, 1)),
  multiHot: of(same, ({ dtype }) => core.multiHot(places([1, 0]), 3, { dtype })),
  multiply: binary(number, core.multiply),
  nanMax: unary(float, (x) => core.nanMax(x, 1)),
  nanMean: unary(float, (x) => core.nanMean(x, 1)),
  nanMin: unary(float, (x) => core.nanMin(x, 1)),
  nanSum: unary(float, (x) => core.nanSum(x, 1)),
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
  pinv: ofMatrix((x) => core.pinv(x)),
  power: binary(number, core.power),
  prod: unary(count, (x) => core.prod(x, 1)),
  qr: ofMatrix((x) => core.qr(x)),
  quantile: unary(float, (x) => core.quantile(x, 0.25, 1)),
  ravel: unary(same, core.ravel),
  rearrange: unary(same, (x) => core.rearrange(x, 'a b -> b a')),
  reciprocal: unary(float, core.reciprocal),
  relu: unary(float, core.relu),
  relu6: unary(float, core.relu6),
  remainder: binary(number, core.remainder),
  repeat: unary(same, (x) => core.repeat(x, 2, 1)),
  reshape: unary(same, (x) => core.reshape(x, [4, 2])),
  rightShift: binary(integer, core.rightShift),
  rmsNormalization: ofRows(float, (x) => core.rmsNormalization(x, { epsilon: 1 })),
  roll: unary(same, (x) => core.roll(x, 1, 1)),
  rot90: unary(same, (x) => core.rot90(x)),
  round: unary(float, core.round),
  rsqrt: unary(float, core.rsqrt),
  scaledDotProductAttention: deep(float, ({ image }) => core.scaledDotProductAttention(image, image, image)),
  scatter: of(number, ({ row }) => core.scatter(places([[0], [1], [1], [2]]), row, [3])), // prettier-ignore
  scatterUpdate: of(number, ({ x, row }) => core.scatterUpdate(x, places([0, 0]), core.stack([row, row]), 'add')),
  searchsorted: of(always('int32'), ({ x, row }) => core.searchsorted(core.sort(row), x)),
  segmentMax: of(number, ({ row }) => core.segmentMax(row, places([0, 1, 1, 0]), { numSegments: 2 })),
  segmentSum: of(number, ({ row }) => core.segmentSum(row, places([0, 1, 1, 0]), { numSegments: 2 })),
  selu: unary(float, core.selu),
  separableConv: of(onlyFloat, (given) =>
    core.separableConv(given.image, kernel(given), core.reshape(core.slice(given.x, [0, 0], [2, 1]), [1, 1, 2, 1])),
  ),
  sigmoid: unary(float, core.sigmoid),
  sign: unary(number, core.sign),
  silu: unary(float, core.silu),
  sin: unary(float, core.sin),
  sinc: unary(float, core.sinc),
  sinh: unary(float, core.sinh),
  slice: unary(same, (x) => core.slice(x, [0, 1], [2, 3])),
  slogdet: ofMatrix((x) => core.slogdet(x)),
  softmax: unary(float, (x) => core.softmax(x)),
  softmaxCrossEntropy: of(float, ({ x }) => core.softmaxCrossEntropy(x, x)),
  softplus: unary(float, core.softplus),
  softShrink: unary(float, (x) => core.softShrink(x)),
  softsign: unary(float, core.softsign),
  solve: ofMatrix((x) => core.solve(x, core.ones([2], { dtype: x.dtype }))),
  solveTriangular: ofMatrix((x) => core.solveTriangular(x, core.ones([2], { dtype: x.dtype }))),
  sort: unary(same, (x) => core.sort(x)),
  spaceToDepth: of(same, ({ image }) => core.spaceToDepth(image, 2)),
  sparseCategoricalCrossentropy: ofRows(float, (x) =>
    core.sparseCategoricalCrossentropy(places([1, 0]), x, { fromLogits: true }),
  ),
  sparsemax: unary(float, (x) => core.sparsemax(x)),
  sparseSoftmaxCrossEntropy: of(float, ({ x }) => core.sparseSoftmaxCrossEntropy(places([1, 0]), x)),
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
  svd: ofMatrix((x) => core.svd(x)),
  svdvals: ofMatrix(core.svdvals),
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
  trapezoid: unary(float, (x) => core.trapezoid(x)),
  tri: of(same, ({ dtype }) => core.tri(3, 3, 0, { dtype })),
  tril: unary(same, (x) => core.tril(x)),
  triu: unary(same, (x) => core.triu(x)),
  trunc: unary(float, core.trunc),
  unique: of(same, ({ row }) => core.unique(row, { size: 2 })),
  unstack: of(same, ({ x }) => core.unstack(x)),
  variance: unary(float, (x) => core.variance(x, 1)),
  vdot: of(number, ({ row }) => core.vdot(row, row)),
  vstack: unary(same, (x) => core.vstack([x, x])),
  where: of(same, ({ x, row }) => core.where(core.equal(x, row), x, row)),
  zeros: of(same, ({ dtype }) => core.zeros([2], { dtype })),
  zerosLike: unary(same, core.zerosLike),
};
