/** One typed function per primitive, on values. No promotion and no broadcasting: operands must fit exactly. */
import { bind, bindOne, broadcastTo, constant, constantLike } from './bind.js';
import type { DType } from './dtype.js';
import type { Graph, Type } from './graph/graph.js';
import type { ReduceOp, ScatterMode } from './graph/program.js';
import type { Value } from './node.js';
import type { Primitive, PrimitiveParams } from './primitives.js';
import { sameShape, type Shape } from './shape.js';

type Unary = (x: Value) => Value;
type Binary = (a: Value, b: Value) => Value;
/** Primitives without parameters. */
type Plain = { readonly [P in Primitive]: PrimitiveParams[P] extends Readonly<Record<never, never>> ? P : never }[Primitive];

const NONE = {} as const;
const unary =
  (primitive: Plain): Unary =>
  (x) =>
    bindOne(primitive, primitive, [x], NONE as PrimitiveParams[typeof primitive]);
const binary =
  (primitive: Plain): Binary =>
  (a, b) =>
    bindOne(primitive, primitive, [a, b], NONE as PrimitiveParams[typeof primitive]);

export const neg: Unary = unary('neg');
export const abs: Unary = unary('abs');
export const sign: Unary = unary('sign');
export const floor: Unary = unary('floor');
export const exp: Unary = unary('exp');
export const log: Unary = unary('log');
export const log1p: Unary = unary('log1p');
export const sqrt: Unary = unary('sqrt');
export const sin: Unary = unary('sin');
export const cos: Unary = unary('cos');
export const tanh: Unary = unary('tanh');
export const logistic: Unary = unary('logistic');
export const stopGradient: Unary = unary('stopGradient');
export const add: Binary = binary('add');
export const sub: Binary = binary('sub');
export const mul: Binary = binary('mul');
export const div: Binary = binary('div');
export const rem: Binary = binary('rem');
export const pow: Binary = binary('pow');
export const max: Binary = binary('max');
export const min: Binary = binary('min');
export const and: Binary = binary('and');
export const or: Binary = binary('or');
export const eq: Binary = binary('eq');
export const ne: Binary = binary('ne');
export const lt: Binary = binary('lt');
export const le: Binary = binary('le');

export function select(condition: Value, a: Value, b: Value): Value {
  return bindOne('select', 'select', [condition, a, b], NONE);
}

export function cast(x: Value, dtype: DType): Value {
  return x.type.dtype === dtype ? x : bindOne('cast', 'cast', [x], { dtype });
}

export function bitcast(x: Value, dtype: DType): Value {
  return bindOne('bitcast', 'bitcast', [x], { dtype });
}

export function iota(length: number, dtype: DType): Value {
  return bindOne('iota', 'iota', [], { length, dtype });
}

/** First Threefry word for key (a, b) and counter (c, d), all uint32 of one shape. */
export function randomBits(a: Value, b: Value, c: Value, d: Value): Value {
  return bindOne('random', 'random', [a, b, c, d], NONE);
}

/** A value of the type, filled with a constant. */
export function fill(type: Type, value: number): Value {
  return constantLike(type, value);
}

export function scalar(value: number, dtype: DType): Value {
  return constant(value, dtype);
}

export function reshape(x: Value, shape: Shape): Value {
  return sameShape(x.type.shape, shape) ? x : bindOne('reshape', 'reshape', [x], { shape });
}

export function transpose(x: Value, permutation: readonly number[]): Value {
  return permutation.every((axis, i) => axis === i) ? x : bindOne('transpose', 'transpose', [x], { permutation });
}

/** Axis i of x becomes axis `axes[i]` of the result. */
export function broadcast(x: Value, shape: Shape, axes: readonly number[]): Value {
  return bindOne('broadcast', 'broadcast', [x], { shape, axes });
}

/** By NumPy's rule: the last axes go together. */
export function broadcastLike(x: Value, shape: Shape): Value {
  return broadcastTo('broadcast', x, shape);
}

export function slice(x: Value, start: readonly number[], limit: readonly number[], stride?: readonly number[]): Value {
  const { shape } = x.type;
  const steps = stride ?? shape.map(() => 1);
  const whole = start.every((n) => n === 0) && limit.every((n, i) => n === shape[i]) && steps.every((n) => n === 1);
  return whole ? x : bindOne('slice', 'slice', [x], { start, limit, stride: steps });
}

export function pad(x: Value, value: Value, low: readonly number[], high: readonly number[], interior?: readonly number[]): Value {
  return bindOne('pad', 'pad', [x, value], { low, high, interior: interior ?? low.map(() => 0) });
}

export function concat(values: readonly Value[], axis: number): Value {
  return values.length === 1 ? values[0]! : bindOne('concat', 'concat', values, { axis });
}

export function flip(x: Value, axes: readonly number[]): Value {
  return axes.length === 0 ? x : bindOne('flip', 'flip', [x], { axes });
}

export function gather(x: Value, indices: Value, batch: number): Value {
  return bindOne('gather', 'gather', [x, indices], { batch });
}

export function scatter(x: Value, indices: Value, updates: Value, batch: number, mode: ScatterMode): Value {
  return bindOne('scatter', 'scatter', [x, indices, updates], { batch, mode });
}

export function reduce(op: ReduceOp, x: Value, axes: readonly number[]): Value {
  return axes.length === 0 ? x : bindOne(op, 'reduce', [x], { op, axes });
}

export function sum(x: Value, axes: readonly number[]): Value {
  return reduce('sum', x, axes);
}

type AxisPair = readonly [a: readonly number[], b: readonly number[]];

export function dot(a: Value, b: Value, contract: AxisPair, batch: AxisPair = [[], []]): Value {
  return bindOne('dot', 'dot', [a, b], { contract, batch });
}

export function barrier(values: readonly Value[]): readonly Value[] {
  return bind('barrier', 'barrier', values, NONE);
}

/** Records the nodes of a graph anew, on other inputs. */
export function inline(graph: Graph, inputs: readonly Value[]): Value[] {
  const values: Value[] = [...inputs];
  for (const node of graph.nodes) {
    const outputs = bind(
      node.primitive,
      node.primitive,
      node.inputs.map((i) => values[i]!),
      node.params as PrimitiveParams[typeof node.primitive],
    );
    outputs.forEach((value, i) => (values[node.outputs[i]!] = value));
  }
  return graph.outputs.map((i) => values[i]!);
}
