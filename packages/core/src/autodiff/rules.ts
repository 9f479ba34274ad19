/**
 * The gradients: for each primitive, how the cotangents of its results give those of its inputs, written with primitives, so
 * that every order of derivative follows. `none` cuts the path.
 */
import * as lax from '../lax.js';
import type { Value } from '../node.js';
import type { Primitive, PrimitiveParams } from '../primitives.js';
import { otherAxes } from '../shape.js';
import { convRule, windowRule } from './convolution.js';
import { dynamicSliceRule, dynamicUpdateSliceRule, gatherRule, scatterRule } from './indexing.js';
import { cumulateRule, sortRule } from './ordering.js';
import { compositeRule, scanRule } from './structure.js';

/** What a rule gets. Cotangents that nobody gave are null; inputs that nobody wants may be answered with null. */
interface VjpContext<Params> {
  readonly inputs: readonly Value[];
  readonly outputs: readonly Value[];
  readonly cotangents: readonly (Value | null)[];
  readonly params: Params;
  readonly wanted: readonly boolean[];
  /** The reverse walk itself, for primitives that hold graphs. */
  readonly backward: Backward;
}

/** Cotangents of `inputs`, given those of `outputs` (null: none). */
export type Backward = (
  outputs: readonly Value[],
  cotangents: readonly (Value | null)[],
  inputs: readonly Value[],
) => (Value | null)[];

/** One entry per input. */
type Rule<Params> = (context: VjpContext<Params>) => readonly (Value | null)[];

/** The rule of a primitive. */
export type VjpRule<P extends Primitive> = Rule<PrimitiveParams[P]>;

/** A rule for a primitive with one output, whose cotangent is there. */
function single<Params>(rule: (g: Value, context: VjpContext<Params>) => readonly (Value | null)[]): Rule<Params> {
  return (context) => rule(context.cotangents[0]!, context);
}

type None = Readonly<Record<never, never>>;

/** d/dx of y = f(x), from x and y. */
function unary(derivative: (g: Value, x: Value, y: Value) => Value): Rule<None> {
  return single((g, { inputs, outputs }) => [derivative(g, inputs[0]!, outputs[0]!)]);
}

/** Both partial derivatives, each computed only when wanted. */
function binary(
  left: (g: Value, a: Value, b: Value, y: Value) => Value,
  right: (g: Value, a: Value, b: Value, y: Value) => Value,
): Rule<None> {
  return single((g, { inputs, outputs, wanted }) => {
    const [a, b] = inputs as readonly [Value, Value];
    const y = outputs[0]!;
    return [wanted[0] ? left(g, a, b, y) : null, wanted[1] ? right(g, a, b, y) : null];
  });
}

const like = (x: Value, value: number): Value => lax.fill(x.type, value);
const zero = (x: Value): Value => like(x, 0);
const squared = (x: Value): Value => lax.mul(x, x);
const pass = (g: Value): Value => g;

/** The share of the first of two tied operands: 1, ½ or 0. */
function extremum(wins: (a: Value, b: Value) => Value): Rule<None> {
  const share = (g: Value, mine: Value, other: Value): Value =>
    lax.mul(g, lax.select(lax.eq(mine, other), like(g, 0.5), lax.select(wins(mine, other), like(g, 1), zero(g))));
  return binary(
    (g, a, b) => share(g, a, b),
    (g, a, b) => share(g, b, a),
  );
}

/** The table. A primitive without a row does not compile. */
export const rules: { readonly [P in Primitive]: VjpRule<P> | 'none' } = {
  neg: unary((g) => lax.neg(g)),
  // abs′(0) = 0, as sign(0) = 0.
  abs: unary((g, x) => lax.mul(g, lax.sign(x))),
  sign: 'none',
  floor: 'none',
  ceil: 'none',
  round: 'none',
  exp: unary((g, _x, y) => lax.mul(g, y)),
  expm1: unary((g, _x, y) => lax.mul(g, lax.add(y, like(y, 1)))),
  log: unary((g, x) => lax.div(g, x)),
  log1p: unary((g, x) => lax.div(g, lax.add(x, like(x, 1)))),
  sqrt: unary((g, _x, y) => lax.div(g, lax.add(y, y))),
  sin: unary((g, x) => lax.mul(g, lax.cos(x))),
  cos: unary((g, x) => lax.neg(lax.mul(g, lax.sin(x)))),
  tanh: unary((g, _x, y) => lax.mul(g, lax.sub(like(y, 1), squared(y)))),
  logistic: unary((g, _x, y) => lax.mul(g, lax.mul(y, lax.sub(like(y, 1), y)))),
  // erf′(x) = 2/√π · exp(−x²).
  erf: unary((g, x) => lax.mul(g, lax.mul(like(x, 2 / Math.sqrt(Math.PI)), lax.exp(lax.neg(squared(x)))))),
  cast: single((g, { inputs }) => [lax.cast(g, inputs[0]!.type.dtype)]),
  bitcast: 'none',
  add: binary(pass, pass),
  sub: binary(pass, (g) => lax.neg(g)),
  mul: binary(
    (g, _a, b) => lax.mul(g, b),
    (g, a) => lax.mul(g, a),
  ),
  div: binary(
    (g, _a, b) => lax.div(g, b),
    (g, _a, b, y) => lax.neg(lax.mul(g, lax.div(y, b))),
  ),
  // a rem b = a − trunc(a / b)·b.
  rem: binary(pass, (g, a, b, y) => lax.neg(lax.mul(g, lax.div(lax.sub(a, y), b)))),
  pow: binary(
    // b·a^(b−1), and 0 where b = 0 even at a = 0.
    (g, a, b) => {
      const slope = lax.mul(b, lax.pow(a, lax.sub(b, like(b, 1))));
      return lax.mul(g, lax.select(lax.eq(b, zero(b)), zero(b), slope));
    },
    // log(a)·a^b, and 0 where a = 0.
    (g, a, _b, y) => {
      const positive = lax.select(lax.eq(a, zero(a)), like(a, 1), a);
      return lax.mul(g, lax.mul(lax.log(positive), y));
    },
  ),
  max: extremum((a, b) => lax.lt(b, a)),
  min: extremum((a, b) => lax.lt(a, b)),
  atan2: binary(
    (g, y, x) => lax.mul(g, lax.div(x, lax.add(squared(x), squared(y)))),
    (g, y, x) => lax.neg(lax.mul(g, lax.div(y, lax.add(squared(x), squared(y))))),
  ),
  and: 'none',
  or: 'none',
  xor: 'none',
  shl: 'none',
  shr: 'none',
  eq: 'none',
  ne: 'none',
  lt: 'none',
  le: 'none',
  select: single((g, { inputs, wanted }) => {
    const condition = inputs[0]!;
    return [
      null,
      wanted[1] ? lax.select(condition, g, zero(g)) : null,
      wanted[2] ? lax.select(condition, zero(g), g) : null,
    ];
  }),
  const: 'none',
  iota: 'none',
  random: 'none',
  reshape: single((g, { inputs }) => [lax.reshape(g, inputs[0]!.type.shape)]),
  transpose: single((g, { params }) => {
    const inverse = params.permutation.map((_, axis) => params.permutation.indexOf(axis));
    return [lax.transpose(g, inverse)];
  }),
  broadcast: single((g, { inputs, params }) => {
    const from = inputs[0]!.type.shape;
    const kept = params.axes.filter((axis, i) => from[i] === params.shape[axis]);
    return [lax.reshape(lax.sum(g, otherAxes(params.shape.length, kept)), from)];
  }),
  slice: single((g, { inputs, params: { start, stride } }) => {
    const { shape } = inputs[0]!.type;
    const covered = (axis: number): number => {
      const n = g.type.shape[axis]!;
      return n === 0 ? 0 : (n - 1) * stride[axis]! + 1;
    };
    const high = shape.map((n, axis) => n - start[axis]! - covered(axis));
    const between = stride.map((n) => n - 1);
    return [lax.pad(g, lax.scalar(0, g.type.dtype), start, high, between)];
  }),
  pad: single((g, { inputs, params: { low, high, interior }, wanted }) => {
    const { shape } = inputs[0]!.type;
    const negated = (widths: readonly number[]): number[] => widths.map((n) => -n);
    const cut = lax.pad(g, lax.scalar(0, g.type.dtype), negated(low), negated(high));
    const begin = shape.map(() => 0);
    const steps = interior.map((n) => n + 1);
    const inner = lax.slice(cut, begin, cut.type.shape, steps);
    if (!wanted[1]) return [inner, null];
    const all = otherAxes(shape.length, []);
    return [inner, lax.sub(lax.sum(g, all), lax.sum(inner, all))];
  }),
  concat: single((g, { inputs, params: { axis } }) => {
    let at = 0;
    return inputs.map(({ type: { shape } }) => {
      const start = shape.map((_, i) => (i === axis ? at : 0));
      at += shape[axis]!;
      const limit = shape.map((n, i) => (i === axis ? at : n));
      return lax.slice(g, start, limit);
    });
  }),
  flip: single((g, { params }) => [lax.flip(g, params.axes)]),
  window: windowRule,
  dynamicSlice: dynamicSliceRule,
  dynamicUpdateSlice: dynamicUpdateSliceRule,
  cumulate: cumulateRule,
  sort: sortRule,
  gather: gatherRule,
  scatter: scatterRule,
  reduce: single((g, { inputs, outputs, params: { op, axes } }) => {
    const x = inputs[0]!;
    const { shape } = x.type;
    const kept = otherAxes(shape.length, axes);
    const spread = (value: Value): Value => lax.broadcast(value, shape, kept);
    switch (op) {
      case 'sum':
        return [spread(g)];
      case 'max':
      case 'min': {
        // Ties share equally.
        const ties = lax.cast(lax.eq(x, spread(outputs[0]!)), x.type.dtype);
        return [lax.mul(ties, spread(lax.div(g, lax.sum(ties, axes))))];
      }
      case 'prod': {
        // The product of the others: with one zero only the zero has one, with two nobody has.
        const isZero = lax.eq(x, zero(x));
        const others = lax.select(isZero, like(x, 1), x);
        const product = spread(lax.reduce('prod', others, axes));
        const zeros = spread(lax.sum(lax.cast(isZero, x.type.dtype), axes));
        const atZero = lax.select(lax.eq(zeros, like(x, 1)), product, zero(x));
        const elsewhere = lax.select(lax.eq(zeros, zero(x)), lax.div(product, others), zero(x));
        return [lax.mul(spread(g), lax.select(isZero, atZero, elsewhere))];
      }
      default:
        return op satisfies never;
    }
  }),
  dot: single((g, { inputs, params: { contract, batch }, wanted }) => {
    const [a, b] = inputs as readonly [Value, Value];
    return [
      wanted[0] ? dotCotangent(g, a, b, [contract[0], contract[1]], [batch[0], batch[1]], 0) : null,
      wanted[1] ? dotCotangent(g, b, a, [contract[1], contract[0]], [batch[1], batch[0]], 1) : null,
    ];
  }),
  conv: convRule,
  stopGradient: 'none',
  barrier: ({ cotangents }) => cotangents,
  composite: compositeRule,
  scan: scanRule,
};

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
    ? lax.dot(y, g, [freeY, its], [batch[1], dims])
    : lax.dot(g, y, [its, freeY], [dims, batch[1]]);
  const [contracted, free] = contractedFirst ? [first, first + order.length] : [first + freeX.length, first];
  const source = new Array<number>(x.type.shape.length);
  batch[0].forEach((axis, i) => (source[axis] = i));
  freeX.forEach((axis, i) => (source[axis] = free + i));
  contract[0].forEach((axis, i) => (source[axis] = contracted + order.indexOf(contract[1][i]!)));
  return lax.transpose(result, source);
}
