/**
 * One typed function per primitive, on values, and its gradient: how the cotangents of its results give those of its inputs,
 * written with these same functions, so that every order of derivative follows. No promotion and no broadcasting: operands
 * must fit exactly. The rarer primitives are in `ops/primitives`.
 */
import { bind, bindOne } from './bind.js';
import type { DType } from './dtype.js';
import type { Graph, Type } from './graph/graph.js';
import type { ReduceOp } from './graph/program.js';
import { NO_PARAMS, type Value } from './node.js';
import * as dots from './primitives/dot.js';
import * as elements from './primitives/elementwise.js';
import * as folds from './primitives/folds.js';
import { define, none, type PrimitiveDefinition, type VjpContext } from './primitives/form.js';
import * as movement from './primitives/movement.js';
import type { PlainOpcode } from './primitives/params.js';
import * as structure from './primitives/structure.js';
import { otherAxes, sameShape, type Shape } from './shape.js';

/** A primitive of one operand, without parameters. */
export interface Unary<O extends PlainOpcode = PlainOpcode> {
  (x: Value): Value;
  readonly primitive: PrimitiveDefinition<O>;
}

/** A primitive of two operands, without parameters. */
export interface Binary<O extends PlainOpcode = PlainOpcode> {
  (a: Value, b: Value): Value;
  readonly primitive: PrimitiveDefinition<O>;
}

type Cotangents = readonly (Value | null)[];

/** The gradient of a primitive with one output, whose cotangent is there. */
/* @__NO_SIDE_EFFECTS__ */
function single<Params>(
  rule: (g: Value, context: VjpContext<Params>) => Cotangents,
): (context: VjpContext<Params>) => Cotangents {
  return (context) => rule(context.cotangents[0]!, context);
}

type Derivative = (g: Value, x: Value, y: Value) => Value;

/** A scalar function, with d/dx of y = f(x) from x and y. */
/* @__NO_SIDE_EFFECTS__ */
function unary<O extends PlainOpcode>(name: O, derivative: Derivative | null): Unary<O> {
  const vjp = derivative === null ? none : single((g, { inputs, outputs }) => [derivative(g, inputs[0]!, outputs[0]!)]);
  const primitive = define(elements.elementwise(name), vjp);
  return Object.assign((x: Value): Value => bindOne(name, primitive, [x], NO_PARAMS), { primitive });
}

type Partial2 = (g: Value, a: Value, b: Value, y: Value) => Value;

/** A scalar function of two operands, with both partial derivatives, each computed only when wanted. */
/* @__NO_SIDE_EFFECTS__ */
function binary<O extends PlainOpcode>(name: O, partials: readonly [Partial2, Partial2] | null): Binary<O> {
  const vjp =
    partials === null
      ? none
      : single((g, { inputs: [a, b], outputs: [y], wanted }) =>
          partials.map((partial, i) => (wanted[i] ? partial(g, a!, b!, y!) : null)),
        );
  const primitive = define(elements.elementwise(name), vjp);
  return Object.assign((a: Value, b: Value): Value => bindOne(name, primitive, [a, b], NO_PARAMS), { primitive });
}

/** −x. */
export const neg: Unary<'neg'> = unary('neg', (g) => neg(g));
/** |x|; its slope at 0 is 0, as sign(0) = 0. */
export const abs: Unary<'abs'> = unary('abs', (g, x) => mul(g, sign(x)));
/** −1, 0 or 1. */
export const sign: Unary<'sign'> = unary('sign', null);
/** The next integer below. */
export const floor: Unary<'floor'> = unary('floor', null);
/** The next integer above. */
export const ceil: Unary<'ceil'> = unary('ceil', null);
/** The nearest integer, half to even. */
export const round: Unary<'round'> = unary('round', null);
/** eˣ. */
export const exp: Unary<'exp'> = unary('exp', (g, _x, y) => mul(g, y));
/** eˣ − 1. */
export const expm1: Unary<'expm1'> = unary('expm1', (g, _x, y) => mul(g, add(y, like(y, 1))));
/** Natural logarithm. */
export const log: Unary<'log'> = unary('log', (g, x) => div(g, x));
/** log(1 + x). */
export const log1p: Unary<'log1p'> = unary('log1p', (g, x) => div(g, add(x, like(x, 1))));
/** Square root. */
export const sqrt: Unary<'sqrt'> = unary('sqrt', (g, _x, y) => div(g, add(y, y)));
/** Sine. */
export const sin: Unary<'sin'> = unary('sin', (g, x) => mul(g, cos(x)));
/** Cosine. */
export const cos: Unary<'cos'> = unary('cos', (g, x) => neg(mul(g, sin(x))));
/** Hyperbolic tangent. */
export const tanh: Unary<'tanh'> = unary('tanh', (g, _x, y) => mul(g, sub(like(y, 1), squared(y))));
/** 1 / (1 + e⁻ˣ). */
export const logistic: Unary<'logistic'> = unary('logistic', (g, _x, y) => mul(g, mul(y, sub(like(y, 1), y))));
/** The error function: erf′(x) = 2/√π · exp(−x²). */
export const erf: Unary<'erf'> = unary('erf', (g, x) =>
  mul(g, mul(like(x, 2 / Math.sqrt(Math.PI)), exp(neg(squared(x))))),
);

const like = (x: Value, value: number): Value => fill(x.type, value);
const zero = (x: Value): Value => like(x, 0);
const squared = (x: Value): Value => mul(x, x);
const pass = (g: Value): Value => g;

/** a + b. */
export const add: Binary<'add'> = binary('add', [pass, pass]);
/** a − b. */
export const sub: Binary<'sub'> = binary('sub', [pass, (g) => neg(g)]);
/** a · b. */
export const mul: Binary<'mul'> = binary('mul', [(g, _a, b) => mul(g, b), (g, a) => mul(g, a)]);
/** a / b. */
export const div: Binary<'div'> = binary('div', [(g, _a, b) => div(g, b), (g, _a, b, y) => neg(mul(g, div(y, b)))]);
/** a − trunc(a / b)·b. */
export const rem: Binary<'rem'> = binary('rem', [pass, (g, a, b, y) => neg(mul(g, div(sub(a, y), b)))]);
/** aᵇ. */
export const pow: Binary<'pow'> = binary('pow', [
  // b·a^(b−1), and 0 where b = 0 even at a = 0.
  (g, a, b) => mul(g, select(eq(b, zero(b)), zero(b), mul(b, pow(a, sub(b, like(b, 1)))))),
  // log(a)·a^b, and 0 where a = 0.
  (g, a, _b, y) => mul(g, mul(log(select(eq(a, zero(a)), like(a, 1), a)), y)),
]);

/** The cotangent of one operand of an extremum; of two tied ones each gets half. */
function share(g: Value, mine: Value, other: Value, wins: Value): Value {
  return mul(g, select(eq(mine, other), like(g, 0.5), select(wins, like(g, 1), zero(g))));
}

/** The larger one; NaN wins. */
export const max: Binary<'max'> = binary('max', [
  (g, a, b) => share(g, a, b, lt(b, a)),
  (g, a, b) => share(g, b, a, lt(a, b)),
]);
/** The smaller one; NaN wins. */
export const min: Binary<'min'> = binary('min', [
  (g, a, b) => share(g, a, b, lt(a, b)),
  (g, a, b) => share(g, b, a, lt(b, a)),
]);
/** The angle of the point (x, y), given y and x. */
export const atan2: Binary<'atan2'> = binary('atan2', [
  (g, y, x) => mul(g, div(x, add(squared(x), squared(y)))),
  (g, y, x) => neg(mul(g, div(y, add(squared(x), squared(y))))),
]);
/** Bits that both have. */
export const and: Binary<'and'> = binary('and', null);
/** Bits that one has. */
export const or: Binary<'or'> = binary('or', null);
/** Bits that one alone has. */
export const xor: Binary<'xor'> = binary('xor', null);
/** Bits moved up by b. */
export const shl: Binary<'shl'> = binary('shl', null);
/** Bits moved down by b. */
export const shr: Binary<'shr'> = binary('shr', null);
/** a = b. */
export const eq: Binary<'eq'> = binary('eq', null);
/** a ≠ b. */
export const ne: Binary<'ne'> = binary('ne', null);
/** a < b. */
export const lt: Binary<'lt'> = binary('lt', null);
/** a ≤ b. */
export const le: Binary<'le'> = binary('le', null);

/** The primitive `select`. */
export const selectPrimitive: PrimitiveDefinition<'select'> = /* @__PURE__ */ define(
  elements.select,
  single((g, { inputs: [condition], wanted }) => [
    null,
    wanted[1] ? select(condition!, g, zero(g)) : null,
    wanted[2] ? select(condition!, zero(g), g) : null,
  ]),
);

/** a where the condition holds, else b. */
export function select(condition: Value, a: Value, b: Value): Value {
  return bindOne('select', selectPrimitive, [condition, a, b], NO_PARAMS);
}

/** The primitive `cast`. */
export const castPrimitive: PrimitiveDefinition<'cast'> = /* @__PURE__ */ define(
  elements.cast,
  single((g, { inputs }) => [cast(g, inputs[0]!.type.dtype)]),
);

/** The elements in another dtype. */
export function cast(x: Value, dtype: DType, where = 'cast'): Value {
  return x.type.dtype === dtype ? x : bindOne(where, castPrimitive, [x], { dtype });
}

/** The primitive `bitcast`. */
export const bitcastPrimitive: PrimitiveDefinition<'bitcast'> = /* @__PURE__ */ define(elements.bitcast, none);

/** The same bits under another dtype. */
export function bitcast(x: Value, dtype: DType): Value {
  return bindOne('bitcast', bitcastPrimitive, [x], { dtype });
}

/** The primitive `const`. */
export const constPrimitive: PrimitiveDefinition<'const'> = /* @__PURE__ */ define(elements.constant, none);

/** A number in an operation's definition: part of the program's key, never a run-time number. */
export function scalar(value: number | boolean, dtype: DType): Value {
  return bindOne('constant', constPrimitive, [], { value: Number(value), dtype });
}

/** A constant of some type. */
export function fill({ shape, dtype }: Type, value: number): Value {
  return broadcastLike(scalar(value, dtype), shape, 'constant');
}

/** The primitive `iota`. */
export const iotaPrimitive: PrimitiveDefinition<'iota'> = /* @__PURE__ */ define(elements.iota, none);

/** 0 … length − 1. */
export function iota(length: number, dtype: DType): Value {
  return bindOne('iota', iotaPrimitive, [], { length, dtype });
}

/** The primitive `reshape`. */
export const reshapePrimitive: PrimitiveDefinition<'reshape'> = /* @__PURE__ */ define(
  movement.reshape,
  single((g, { inputs }) => [reshape(g, inputs[0]!.type.shape)]),
);

/** The same elements in another shape. */
export function reshape(x: Value, shape: Shape): Value {
  return sameShape(x.type.shape, shape) ? x : bindOne('reshape', reshapePrimitive, [x], { shape });
}

/** The primitive `transpose`. */
export const transposePrimitive: PrimitiveDefinition<'transpose'> = /* @__PURE__ */ define(
  movement.transpose,
  single((g, { params: { permutation } }) => [
    transpose(
      g,
      permutation.map((_, axis) => permutation.indexOf(axis)),
    ),
  ]),
);

/** Axis i of the result is axis `permutation[i]` of x. */
export function transpose(x: Value, permutation: readonly number[]): Value {
  const isIdle = permutation.every((axis, i) => axis === i);
  return isIdle ? x : bindOne('transpose', transposePrimitive, [x], { permutation });
}

/** The primitive `broadcast`. */
export const broadcastPrimitive: PrimitiveDefinition<'broadcast'> = /* @__PURE__ */ define(
  movement.broadcast,
  single((g, { inputs, params }) => {
    const from = inputs[0]!.type.shape;
    const kept = params.axes.filter((axis, i) => from[i] === params.shape[axis]);
    return [reshape(sum(g, otherAxes(params.shape.length, kept)), from)];
  }),
);

/** Axis i of x becomes axis `axes[i]` of the result. */
export function broadcast(x: Value, shape: Shape, axes: readonly number[]): Value {
  return bindOne('broadcast', broadcastPrimitive, [x], { shape, axes });
}

/** By NumPy's rule: the last axes go together. */
export function broadcastLike(x: Value, shape: Shape, where = 'broadcast'): Value {
  const from = x.type.shape;
  if (sameShape(from, shape)) return x;
  const skip = shape.length - from.length;
  return bindOne(where, broadcastPrimitive, [x], { shape, axes: from.map((_, i) => i + skip) });
}

/** The primitive `slice`. */
export const slicePrimitive: PrimitiveDefinition<'slice'> = /* @__PURE__ */ define(
  movement.slice,
  single((g, { inputs, params: { start, stride } }) => {
    const high = inputs[0]!.type.shape.map((size, axis) => {
      const n = g.type.shape[axis]!;
      return size - start[axis]! - (n === 0 ? 0 : (n - 1) * stride[axis]! + 1);
    });
    const between = stride.map((n) => n - 1);
    return [pad(g, scalar(0, g.type.dtype), start, high, between)];
  }),
);

/** Elements start, start + stride, … below limit, per axis. */
export function slice(x: Value, start: readonly number[], limit: readonly number[], stride?: readonly number[]): Value {
  const { shape } = x.type;
  const steps = stride ?? shape.map(() => 1);
  const whole = start.every((n) => n === 0) && limit.every((n, i) => n === shape[i]) && steps.every((n) => n === 1);
  return whole ? x : bindOne('slice', slicePrimitive, [x], { start, limit, stride: steps });
}

/** The primitive `flip`. */
export const flipPrimitive: PrimitiveDefinition<'flip'> = /* @__PURE__ */ define(
  movement.flip,
  single((g, { params }) => [flip(g, params.axes)]),
);

/** Elements in reverse order along the axes. */
export function flip(x: Value, axes: readonly number[]): Value {
  return axes.length === 0 ? x : bindOne('flip', flipPrimitive, [x], { axes });
}

/** The primitive `pad`. */
export const padPrimitive: PrimitiveDefinition<'pad'> = /* @__PURE__ */ define(
  folds.pad,
  single((g, { inputs, params: { low, high, interior }, wanted }) => {
    const { shape } = inputs[0]!.type;
    const negated = (widths: readonly number[]): number[] => widths.map((n) => -n);
    const cut = pad(g, scalar(0, g.type.dtype), negated(low), negated(high));
    const begin = shape.map(() => 0);
    const steps = interior.map((n) => n + 1);
    const inner = slice(cut, begin, cut.type.shape, steps);
    if (!wanted[1]) return [inner, null];
    const all = otherAxes(shape.length, []);
    return [inner, sub(sum(g, all), sum(inner, all))];
  }),
);

/** x with a scalar around it and, by `interior`, between its elements; negative widths cut. */
export function pad(
  x: Value,
  value: Value,
  low: readonly number[],
  high: readonly number[],
  interior?: readonly number[],
): Value {
  return bindOne('pad', padPrimitive, [x, value], { low, high, interior: interior ?? low.map(() => 0) });
}

/** The primitive `concat`. */
export const concatPrimitive: PrimitiveDefinition<'concat'> = /* @__PURE__ */ define(
  folds.concat,
  single((g, { inputs, params: { axis } }) => {
    let at = 0;
    return inputs.map(({ type: { shape } }) => {
      const start = shape.map((_, i) => (i === axis ? at : 0));
      at += shape[axis]!;
      const limit = shape.map((n, i) => (i === axis ? at : n));
      return slice(g, start, limit);
    });
  }),
);

/** Values one after the other along an axis. */
export function concat(values: readonly Value[], axis: number): Value {
  return values.length === 1 ? values[0]! : bindOne('concat', concatPrimitive, values, { axis });
}

/** The primitive `reduce`. */
export const reducePrimitive: PrimitiveDefinition<'reduce'> = /* @__PURE__ */ define(
  folds.reduce,
  single((g, { inputs, outputs, params: { op, axes } }) => {
    const x = inputs[0]!;
    const { shape } = x.type;
    const kept = otherAxes(shape.length, axes);
    const spread = (value: Value): Value => broadcast(value, shape, kept);
    if (op === 'sum') return [spread(g)];
    if (op === 'prod') {
      // The product of the others: with one zero only the zero has one, with two nobody has.
      const isZero = eq(x, zero(x));
      const others = select(isZero, like(x, 1), x);
      const own = cast(isZero, x.type.dtype);
      const hasOne = eq(spread(sum(own, axes)), own);
      return [mul(spread(g), select(hasOne, div(spread(reduce('prod', others, axes)), others), zero(x)))];
    }
    // Ties share equally.
    const ties = cast(eq(x, spread(outputs[0]!)), x.type.dtype);
    return [mul(ties, spread(div(g, sum(ties, axes))))];
  }),
);

/** Folds axes. */
export function reduce(op: ReduceOp, x: Value, axes: readonly number[]): Value {
  return axes.length === 0 ? x : bindOne(op, reducePrimitive, [x], { op, axes });
}

/** Sum over axes. */
export function sum(x: Value, axes: readonly number[]): Value {
  return reduce('sum', x, axes);
}

type AxisPair = readonly [a: readonly number[], b: readonly number[]];

/** The primitive `dot`. */
export const dotPrimitive: PrimitiveDefinition<'dot'> = /* @__PURE__ */ define(
  dots.dot,
  single((g, { inputs: [a, b], params: { contract, batch }, wanted }) => [
    wanted[0] ? dotCotangent(g, a!, b!, [contract[0], contract[1]], [batch[0], batch[1]], 0) : null,
    wanted[1] ? dotCotangent(g, b!, a!, [contract[1], contract[0]], [batch[1], batch[0]], 1) : null,
  ]),
);

/** Sums of products over pairs of axes; see the primitive for the order of the result. */
export function dot(a: Value, b: Value, contract: AxisPair, batch: AxisPair = [[], []]): Value {
  return bindOne('dot', dotPrimitive, [a, b], { contract, batch });
}

/** Cotangent of operand x of a dot, whose other operand is y: g contracted with y over y's free axes. */
function dotCotangent(
  g: Value,
  x: Value,
  y: Value,
  contract: readonly [x: readonly number[], y: readonly number[]],
  batch: readonly [x: readonly number[], y: readonly number[]],
  side: 0 | 1,
): Value {
  const freeX = otherAxes(x.type.shape.length, [...contract[0], ...batch[0]]);
  const freeY = otherAxes(y.type.shape.length, [...contract[1], ...batch[1]]);
  const first = batch[0].length;
  const its = freeY.map((_, i) => first + (side === 0 ? freeX.length : 0) + i);
  const dims = batch[0].map((_, i) => i);
  // The contracted axes of x are those that the result has of y, in increasing order. Whichever come first in x come from the
  // left operand, so that the usual products need no transposition.
  const order = [...contract[1]].sort((p, q) => p - q);
  const contractedFirst = Math.min(...contract[0]) < Math.min(...freeX);
  const result = contractedFirst
    ? dot(y, g, [freeY, its], [batch[1], dims])
    : dot(g, y, [its, freeY], [dims, batch[1]]);
  const [contracted, free] = contractedFirst ? [first, first + order.length] : [first + freeX.length, first];
  const source = new Array<number>(x.type.shape.length);
  batch[0].forEach((axis, i) => (source[axis] = i));
  freeX.forEach((axis, i) => (source[axis] = free + i));
  contract[0].forEach((axis, i) => (source[axis] = contracted + order.indexOf(contract[1][i]!)));
  return transpose(result, source);
}

/** The primitive `stopGradient`. */
export const stopGradientPrimitive: PrimitiveDefinition<'stopGradient'> = /* @__PURE__ */ define(
  movement.stopGradient,
  none,
);

/** The same value, a constant to gradients. */
export function stopGradient(x: Value): Value {
  return bindOne('stopGradient', stopGradientPrimitive, [x], NO_PARAMS);
}

/** The primitive `barrier`. */
export const barrierPrimitive: PrimitiveDefinition<'barrier'> = /* @__PURE__ */ define(
  structure.barrier,
  ({ cotangents }) => cotangents,
);

/** The same values, across which nothing is merged or fused. */
export function barrier(values: readonly Value[]): readonly Value[] {
  return bind('barrier', barrierPrimitive, values, NO_PARAMS);
}

/** Records the nodes of a recorded graph anew, on other inputs. */
export function inline(graph: Graph, inputs: readonly Value[]): Value[] {
  const values: Value[] = [...inputs];
  for (const { form, primitive, inputs: operands, outputs, params } of graph.nodes) {
    const definition = form as PrimitiveDefinition;
    const results = bind(primitive, definition, operands.map((i) => values[i]!), params); // prettier-ignore
    results.forEach((value, i) => (values[outputs[i]!] = value));
  }
  return graph.outputs.map((i) => values[i]!);
}
