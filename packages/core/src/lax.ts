/** One typed function per primitive, on values. No promotion and no broadcasting: operands must fit exactly. */
import { bind, bindOne, broadcastTo } from './bind.js';
import type { ConvParams, WindowParams } from './convolution.js';
import type { DType } from './dtype.js';
import type { Graph } from './graph/graph.js';
import type { ReduceOp, ScatterMode } from './graph/program.js';
import { NO_PARAMS, type Value } from './node.js';
import type { CumulateParams } from './ops/orders.js';
import type { Primitive, PrimitiveParams } from './primitives.js';
import { sameShape, type Shape } from './shape.js';

export { constant as scalar, constantLike as fill } from './bind.js';

type Unary = (x: Value) => Value;
type Binary = (a: Value, b: Value) => Value;
/** Primitives without parameters. */
type Plain = {
  readonly [P in Primitive]: PrimitiveParams[P] extends Readonly<Record<never, never>> ? P : never;
}[Primitive];

/** Records a primitive under its own name. */
function one<P extends Primitive>(primitive: P, inputs: readonly Value[], params: PrimitiveParams[P]): Value {
  return bindOne(primitive, primitive, inputs, params);
}

const unary =
  (primitive: Plain): Unary =>
  (x) =>
    one(primitive, [x], NO_PARAMS);
const binary =
  (primitive: Plain): Binary =>
  (a, b) =>
    one(primitive, [a, b], NO_PARAMS);

/** The primitive `neg`. */
export const neg: Unary = unary('neg');
/** The primitive `abs`. */
export const abs: Unary = unary('abs');
/** The primitive `sign`. */
export const sign: Unary = unary('sign');
/** The primitive `floor`. */
export const floor: Unary = unary('floor');
/** The primitive `exp`. */
export const exp: Unary = unary('exp');
/** The primitive `log`. */
export const log: Unary = unary('log');
/** The primitive `log1p`. */
export const log1p: Unary = unary('log1p');
/** The primitive `sqrt`. */
export const sqrt: Unary = unary('sqrt');
/** The primitive `sin`. */
export const sin: Unary = unary('sin');
/** The primitive `cos`. */
export const cos: Unary = unary('cos');
/** The primitive `tanh`. */
export const tanh: Unary = unary('tanh');
/** The primitive `logistic`. */
export const logistic: Unary = unary('logistic');
/** The primitive `erf`. */
export const erf: Unary = unary('erf');
/** The primitive `stopGradient`. */
export const stopGradient: Unary = unary('stopGradient');
/** The primitive `add`. */
export const add: Binary = binary('add');
/** The primitive `sub`. */
export const sub: Binary = binary('sub');
/** The primitive `mul`. */
export const mul: Binary = binary('mul');
/** The primitive `div`. */
export const div: Binary = binary('div');
/** The primitive `rem`. */
export const rem: Binary = binary('rem');
/** The primitive `pow`. */
export const pow: Binary = binary('pow');
/** The primitive `max`. */
export const max: Binary = binary('max');
/** The primitive `min`. */
export const min: Binary = binary('min');
/** The primitive `and`. */
export const and: Binary = binary('and');
/** The primitive `or`. */
export const or: Binary = binary('or');
/** The primitive `eq`. */
export const eq: Binary = binary('eq');
/** The primitive `ne`. */
export const ne: Binary = binary('ne');
/** The primitive `lt`. */
export const lt: Binary = binary('lt');
/** The primitive `le`. */
export const le: Binary = binary('le');

/** a where the condition holds, else b. */
export function select(condition: Value, a: Value, b: Value): Value {
  return one('select', [condition, a, b], NO_PARAMS);
}

/** The elements in another dtype. */
export function cast(x: Value, dtype: DType): Value {
  return x.type.dtype === dtype ? x : one('cast', [x], { dtype });
}

/** The same bits under another dtype. */
export function bitcast(x: Value, dtype: DType): Value {
  return one('bitcast', [x], { dtype });
}

/** 0 … length − 1. */
export function iota(length: number, dtype: DType): Value {
  return one('iota', [], { length, dtype });
}

/** First Threefry word for key (a, b) and counter (c, d), all uint32 of one shape. */
export function randomBits(a: Value, b: Value, c: Value, d: Value): Value {
  return one('random', [a, b, c, d], NO_PARAMS);
}

/** The same elements in another shape. */
export function reshape(x: Value, shape: Shape): Value {
  return sameShape(x.type.shape, shape) ? x : one('reshape', [x], { shape });
}

/** Axis i of the result is axis `permutation[i]` of x. */
export function transpose(x: Value, permutation: readonly number[]): Value {
  return permutation.every((axis, i) => axis === i) ? x : one('transpose', [x], { permutation });
}

/** Axis i of x becomes axis `axes[i]` of the result. */
export function broadcast(x: Value, shape: Shape, axes: readonly number[]): Value {
  return one('broadcast', [x], { shape, axes });
}

/** By NumPy's rule: the last axes go together. */
export function broadcastLike(x: Value, shape: Shape): Value {
  return broadcastTo('broadcast', x, shape);
}

/** Elements start, start + stride, … below limit, per axis. */
export function slice(x: Value, start: readonly number[], limit: readonly number[], stride?: readonly number[]): Value {
  const { shape } = x.type;
  const steps = stride ?? shape.map(() => 1);
  const whole = start.every((n) => n === 0) && limit.every((n, i) => n === shape[i]) && steps.every((n) => n === 1);
  return whole ? x : one('slice', [x], { start, limit, stride: steps });
}

/** x with a scalar around it and, by `interior`, between its elements; negative widths cut. */
export function pad(
  x: Value,
  value: Value,
  low: readonly number[],
  high: readonly number[],
  interior?: readonly number[],
): Value {
  return one('pad', [x, value], { low, high, interior: interior ?? low.map(() => 0) });
}

/** Values one after the other along an axis. */
export function concat(values: readonly Value[], axis: number): Value {
  return values.length === 1 ? values[0]! : one('concat', values, { axis });
}

/** Elements in reverse order along the axes. */
export function flip(x: Value, axes: readonly number[]): Value {
  return axes.length === 0 ? x : one('flip', [x], { axes });
}

/** Sliding windows: x's axes, counting windows where they slide, then the taps; see the primitive. */
export function window(x: Value, params: WindowParams): Value {
  return params.axes.length === 0 ? x : one('window', [x], params);
}

/** The window of the given sizes at `starts` (int32 [rank]), moved to lie within x. */
export function dynamicSlice(x: Value, starts: Value, sizes: readonly number[]): Value {
  return one('dynamicSlice', [x, starts], { sizes });
}

/** x with the window at `starts` replaced. */
export function dynamicUpdateSlice(x: Value, starts: Value, updates: Value): Value {
  return one('dynamicUpdateSlice', [x, starts, updates], NO_PARAMS);
}

/** Folds of what comes before each entry; see the primitive. */
export function cumulate(x: Value, params: CumulateParams): Value {
  return one('cumulate', [x], params);
}

/** Keys and payloads in the order of the keys along an axis. */
export function sort(values: readonly Value[], axis: number, descending = false): readonly Value[] {
  return bind('sort', 'sort', values, { axis, descending });
}

/** Slices of x at indices; see the primitive. */
export function gather(x: Value, indices: Value, batch: number): Value {
  return one('gather', [x, indices], { batch });
}

/** x with slices at indices replaced by or combined with updates. */
export function scatter(x: Value, indices: Value, updates: Value, batch: number, mode: ScatterMode): Value {
  return one('scatter', [x, indices, updates], { batch, mode });
}

/** Folds axes. */
export function reduce(op: ReduceOp, x: Value, axes: readonly number[]): Value {
  return axes.length === 0 ? x : bindOne(op, 'reduce', [x], { op, axes });
}

/** Sum over axes. */
export function sum(x: Value, axes: readonly number[]): Value {
  return reduce('sum', x, axes);
}

type AxisPair = readonly [a: readonly number[], b: readonly number[]];

/** Sums of products over pairs of axes; see the primitive for the order of the result. */
export function dot(a: Value, b: Value, contract: AxisPair, batch: AxisPair = [[], []]): Value {
  return one('dot', [a, b], { contract, batch });
}

/** One of the three maps of a convolution; see the primitive. */
export function conv(a: Value, b: Value, params: ConvParams): Value {
  return one('conv', [a, b], params);
}

/** The same values, across which nothing is merged or fused. */
export function barrier(values: readonly Value[]): readonly Value[] {
  return bind('barrier', 'barrier', values, NO_PARAMS);
}

/** Records the nodes of a graph anew, on other inputs. */
export function inline(graph: Graph, inputs: readonly Value[]): Value[] {
  const values: Value[] = [...inputs];
  for (const node of graph.nodes) {
    const operands = node.inputs.map((i) => values[i]!);
    const outputs = bind(node.primitive, node.primitive, operands, node.params);
    outputs.forEach((value, i) => (values[node.outputs[i]!] = value));
  }
  return graph.outputs.map((i) => values[i]!);
}
