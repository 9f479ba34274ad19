/**
 * Composites: named operations that carry their meaning as a composition of primitives. A backend may run one directly;
 * whoever does not runs the decomposition. `vjp` is written with primitives or other composites; without it the
 * decomposition is differentiated.
 */
import { bind } from '../bind.js';
import type { Graph, Type } from '../graph/graph.js';
import { paramsKey } from '../graph/key.js';
import { traceGraph } from '../jit/graph.js';
import * as lax from '../lax.js';
import type { Value } from '../node.js';
import {
  averagePooled,
  maxPoolCotangents,
  maxPooled,
  paddedShape,
  poolWindows,
  unpadded,
  unwindowed,
  type PoolParams,
  type UnwindowParams,
} from './windows.js';
import { otherAxes } from '../shape.js';

interface CompositeContext<Params> {
  readonly inputs: readonly Value[];
  readonly outputs: readonly Value[];
  readonly cotangents: readonly (Value | null)[];
  readonly params: Params;
  readonly wanted: readonly boolean[];
  /** Records the body on other inputs and walks back through it. */
  readonly again: (inputs: readonly Value[], cotangents: readonly (Value | null)[]) => readonly (Value | null)[];
}

/** A composite's meaning. */
export interface Composite<Params extends object = object> {
  /** Element-wise ones are expanded before fusion: no backend is asked. */
  readonly inline: boolean;
  readonly decompose: (inputs: readonly Value[], params: Params) => readonly Value[];
  readonly vjp?: (context: CompositeContext<Params>) => readonly (Value | null)[];
}

const lastAxis = (x: Value): number => x.type.shape.length - 1;

/** Folds the last axis and spreads the result over it again. */
function overRow(op: 'sum' | 'max', x: Value): Value {
  const axis = lastAxis(x);
  const folded = lax.reduce(op, x, [axis]);
  return lax.broadcast(
    folded,
    x.type.shape,
    folded.type.shape.map((_, i) => i),
  );
}

/** x − max, so that exp cannot overflow. A row of −∞ alone is left as it is. */
function shifted(x: Value): Value {
  const top = overRow('max', x);
  const finite = lax.lt(lax.abs(top), lax.fill(top.type, Infinity));
  return lax.sub(x, lax.stopGradient(lax.select(finite, top, lax.fill(top.type, 0))));
}

/** max(x, 0); its gradient passes where x > 0. */
const relu: Composite = {
  inline: true,
  decompose: ([x]) => [lax.max(x!, lax.fill(x!.type, 0))],
  vjp: ({ inputs: [x], cotangents: [g] }) => {
    const zero = lax.fill(x!.type, 0);
    return [lax.select(lax.lt(zero, x!), g!, zero)];
  },
};

/** exp(x − max) / Σ over the last axis. */
const softmax: Composite = {
  inline: false,
  decompose: ([x]) => {
    const e = lax.exp(shifted(x!));
    return [lax.div(e, overRow('sum', e))];
  },
  vjp: ({ outputs: [y], cotangents: [g] }) => [lax.mul(y!, lax.sub(g!, overRow('sum', lax.mul(g!, y!))))],
};

/** x − log Σ exp x over the last axis. */
const logSoftmax: Composite = {
  inline: false,
  decompose: ([x]) => {
    const centred = shifted(x!);
    return [lax.sub(centred, lax.log(overRow('sum', lax.exp(centred))))];
  },
  vjp: ({ outputs: [y], cotangents: [g] }) => [lax.sub(g!, lax.mul(lax.exp(y!), overRow('sum', g!)))],
};

/**
 * −log softmax(logits)[label] over the last axis; labels int32 in [−n, n), one per row. The gradient is
 * (softmax − one-hot)·g, element by element.
 */
const sparseSoftmaxCrossEntropy: Composite = {
  inline: false,
  decompose: ([logits, labels]) => {
    const [logProbabilities] = composite('logSoftmax', [logits!], {});
    const batch = lastAxis(logits!);
    const picked = lax.gather(logProbabilities!, lax.reshape(labels!, [...labels!.type.shape, 1]), batch);
    return [lax.neg(picked)];
  },
  vjp: ({ inputs: [logits, labels], cotangents: [g] }) => {
    const { shape, dtype } = logits!.type;
    const axes = labels!.type.shape.map((_, i) => i);
    const classes = shape[shape.length - 1]!;
    const spread = (x: Value): Value => lax.broadcast(x, shape, axes);
    const count = lax.fill(labels!.type, classes);
    const label = lax.select(lax.lt(labels!, lax.fill(labels!.type, 0)), lax.add(labels!, count), labels!);
    const column = lax.broadcastLike(lax.iota(classes, 'int32'), shape);
    const oneHot = lax.cast(lax.eq(spread(label), column), dtype);
    const [probabilities] = composite('softmax', [logits!], {});
    return [lax.mul(spread(g!), lax.sub(probabilities!, oneHot)), null];
  },
};

/** The inverse of sinh: an odd function, written on |x| so that it is exact near 0 and does not overflow. */
const arcsinh: Composite = {
  inline: true,
  decompose: ([x]) => {
    const size = lax.abs(x!);
    const one = lax.fill(x!.type, 1);
    const isLarge = lax.lt(lax.fill(x!.type, 1e9), size);
    const inner = lax.select(isLarge, one, size);
    const square = lax.mul(inner, inner);
    const small = lax.log1p(lax.add(inner, lax.div(square, lax.add(one, lax.sqrt(lax.add(square, one))))));
    const large = lax.add(lax.log(lax.max(size, one)), lax.fill(x!.type, Math.LN2));
    const negative = lax.lt(x!, lax.fill(x!.type, 0));
    const y = lax.select(isLarge, large, small);
    return [lax.select(negative, lax.neg(y), y)];
  },
  vjp: ({ inputs: [x], cotangents: [g] }) => [lax.div(g!, lax.sqrt(lax.add(lax.mul(x!, x!), lax.fill(x!.type, 1))))],
};

/** Position of the first largest or smallest entry of an axis, int32; a NaN is more extreme than any number. */
const argReduce: Composite<{ readonly op: 'max' | 'min'; readonly axis: number }> = {
  inline: false,
  decompose: ([x], { op, axis }) => {
    const { shape } = x!.type;
    const kept = otherAxes(shape.length, [axis]);
    const best = lax.broadcast(lax.reduce(op, x!, [axis]), shape, kept);
    const index = lax.broadcast(lax.iota(shape[axis]!, 'int32'), shape, [axis]);
    // Where NaN is the extremum nothing equals it, but it differs from itself.
    const isBest = lax.or(lax.eq(x!, best), lax.ne(x!, x!));
    return [lax.reduce('min', lax.select(isBest, index, lax.fill(index.type, shape[axis]!)), [axis])];
  },
};

/** The transpose of the primitive `window`: each element is the sum over the windows that show it. */
const unwindow: Composite<UnwindowParams> = {
  inline: false,
  decompose: ([x], params) => [unwindowed(x!, params)],
  vjp: ({ cotangents: [g], params: { axes, sizes, strides, dilation } }) => [
    lax.window(g!, { axes, sizes, strides, dilation }),
  ],
};

/** The largest of each window; its first maximum gets the gradient. */
const maxPool: Composite<PoolParams> = {
  inline: false,
  decompose: ([x], params) => [maxPooled(x!, params)],
  vjp: ({ inputs: [x], outputs: [y], cotangents: [g], params }) => composite('maxPoolGradient', [x!, y!, g!], params),
};

/** Cotangents of x out of x, its pool y and the cotangents of that: each goes to the first maximum of its window. */
const maxPoolGradient: Composite<PoolParams> = {
  inline: false,
  decompose: ([x, y, g], params) => {
    const windows = maxPoolCotangents(x!, y!, g!, params);
    const [sums] = composite('unwindow', [windows], { ...poolWindows(params), shape: paddedShape(x!, params) });
    return [unpadded(sums!, params)];
  },
};

/** The mean of each window, over what is not padding. */
const averagePool: Composite<PoolParams> = {
  inline: false,
  decompose: ([x], params) => [averagePooled(x!, params)],
};

/**
 * Inputs: y, then the inputs that it is a function of, then what the pullback uses. Gives y; its cotangent goes through the
 * pullback alone, a graph of what it uses and of the cotangent.
 */
const customGradient: Composite<{ readonly pullback: Graph; readonly inputs: number }> = {
  inline: true,
  decompose: ([y]) => [y!],
  vjp: ({ inputs, cotangents: [g], params }) => {
    const used = inputs.slice(1 + params.inputs);
    return [null, ...lax.inline(params.pullback, [...used, g!]), ...used.map(() => null)];
  },
};

/**
 * A function whose gradient computes its values again. Inputs and cotangents pass a barrier, so that the second computation is
 * not taken for the first one and does not begin before the cotangents are there.
 */
const checkpoint: Composite = {
  inline: true,
  decompose: (inputs) => inputs,
  vjp: ({ inputs, cotangents, again }) => {
    const held = lax.barrier([...inputs, ...cotangents.filter((g) => g !== null)]);
    let next = inputs.length;
    return again(
      held.slice(0, inputs.length),
      cotangents.map((g) => (g === null ? null : held[next++]!)),
    );
  },
};

/** The table, in alphabetical order. */
export const composites = {
  arcsinh,
  argReduce,
  averagePool,
  checkpoint,
  customGradient,
  logSoftmax,
  maxPool,
  maxPoolGradient,
  relu,
  softmax,
  sparseSoftmaxCrossEntropy,
  unwindow,
} as Readonly<Record<string, Composite>>;

const bodies = new Map<string, Graph>();

/** Records a composite. */
export function composite(name: keyof typeof composites, inputs: readonly Value[], params: object): readonly Value[] {
  const { inline, decompose } = composites[name]!;
  const types: Type[] = inputs.map((value) => value.type);
  const key = `${name}${paramsKey(params)}(${types.map(({ dtype, shape }) => `${dtype}[${shape.join(',')}]`).join(';')})`;
  let body = bodies.get(key);
  if (body === undefined) {
    body = traceGraph(name, types, (args) => decompose(args, params)).graph;
    bodies.set(key, body);
  }
  return bind(name, 'composite', inputs, { name, params, body, inline });
}
