/** Accumulation and sorting along an axis. */
import { bind, bindOne } from '../../bind.js';
import { ShapeError, describe } from '../../errors.js';
import { operandView, wholeView } from '../../graph/block.js';
import type { Type } from '../../graph/graph.js';
import { scopesOf } from '../../graph/loop.js';
import type { ReduceOp, SortKernel, View } from '../../graph/program.js';
import { ofMemory } from '../../graph/steps.js';
import { traceGraph } from '../../jit/graph.js';
import * as lax from '../../lax.js';
import type { Value } from '../../node.js';
import { foldIdentity } from '../../primitives/folds.js';
import { checkDType, define, type PrimitiveDefinition } from '../../primitives/form.js';
import { sameShape, showShape, type Shape } from '../../shape.js';
import { scanPrimitive } from './scan.js';

/** `reverse`: from the last entry to the first. */
export interface CumulateParams {
  readonly op: ReduceOp;
  readonly axis: number;
  readonly reverse: boolean;
  readonly exclusive: boolean;
}

/**
 * The primitive `cumulate`. Each entry's influence is what comes before it times R, the cotangents of what comes after it as far as they feel it:
 * R_i = g_i + k_(i+1)·R_(i+1). For products k is x itself, so zeros need no care; for extrema k is 0 where a new one begins
 * (the first of equal ones), which ends the influence of the old one.
 */
export const cumulatePrimitive: PrimitiveDefinition<'cumulate'> = /* @__PURE__ */ define(
  {
    name: 'cumulate',
    kind: 'steps',
    infer(where, inputs) {
      checkDType(where, inputs[0]!.dtype, 'number');
      return inputs;
    },
    rewrite(book, draft) {
      const [x] = draft.inputs as readonly [number];
      const { shape, dtype } = book.types[x]!;
      const { op, axis, exclusive } = draft.params;
      if (shape[axis]! > 1) return undefined;
      return exclusive ? book.fill(foldIdentity[op](dtype), draft) : x;
    },
    ...ofMemory<'cumulate'>((block, node, [x]) => {
      const { op, axis, reverse, exclusive } = node.params;
      const { shape } = x!;
      const along = (view: View): View => alongAxis(view, shape, axis, reverse);
      const views = { x: along(operandView(block, x!)), out: along(wholeView(block, node.outputs[0]!)) };
      const scopes = scopesOf([node.scope]);
      return [{ kind: 'cumulate', op, exclusive, shape: axisLast(shape, axis), ...views, scopes }];
    }),
  },
  ({ inputs, cotangents, params }) => {
    const g = cotangents[0]!;
    const x = inputs[0]!;
    const { op, reverse } = params;
    if (op === 'sum') return [cumulate(g, { ...params, reverse: !reverse })];
    const before = cumulate(x, { ...params, exclusive: true });
    if (op === 'prod') return [lax.mul(before, felt(g, x, params))];
    const isNew = op === 'max' ? lax.lt(before, x) : lax.lt(x, before);
    const begins = lax.cast(isNew, x.type.dtype);
    return [lax.mul(begins, felt(g, lax.sub(lax.fill(x.type, 1), begins), params))];
  },
);

/** Folds of what comes before each entry; see the primitive. */
export function cumulate(x: Value, params: CumulateParams): Value {
  return bindOne('cumulate', cumulatePrimitive, [x], params);
}

/** R of the formula above: a scan against the direction of the accumulation. */
function felt(g: Value, k: Value, { axis, reverse, exclusive }: CumulateParams): Value {
  const { shape, dtype } = g.type;
  const front = [axis, ...shape.map((_, i) => i).filter((i) => i !== axis)];
  const entry: Type = { shape: shape.filter((_, i) => i !== axis), dtype };
  const { graph, captures } = traceGraph('cumulate gradient', [entry, entry, entry], ([carry, own, factor]) => {
    const kept = lax.mul(factor!, exclusive ? carry! : lax.add(own!, carry!));
    return exclusive ? [lax.add(own!, kept), carry!] : [kept, lax.add(own!, carry!)];
  });
  const sequences = [lax.transpose(g, front), lax.transpose(k, front)];
  const results = bind('cumulate', scanPrimitive, [...captures, lax.fill(entry, 0), ...sequences], {
    body: graph,
    length: shape[axis]!,
    carries: 1,
    sequences: 2,
    reverse: !reverse,
  });
  return lax.transpose(
    results[1]!,
    front.map((_, i) => front.indexOf(i)),
  );
}

/** The primitive `sort`. Cotangents go back to where their entries came from: sorting them by that place moves them there. */
export const sortPrimitive: PrimitiveDefinition<'sort'> = /* @__PURE__ */ define(
  {
    name: 'sort',
    kind: 'steps',
    infer(where, inputs) {
      const { shape } = inputs[0]!;
      for (const type of inputs) {
        if (sameShape(type.shape, shape)) continue;
        throw new ShapeError(describe(where, `payloads of shape ${showShape(shape)}`, showShape(type.shape)));
      }
      return inputs;
    },
    ...ofMemory<'sort'>((block, node, reads) => {
      const { axis, descending } = node.params;
      const { shape } = reads[0]!;
      const [key, ...inputs] = reads.map((read) => alongAxis(operandView(block, read), shape, axis));
      const [sorted, ...outputs] = node.outputs.map((value) => alongAxis(wholeView(block, value), shape, axis));
      const room = Math.max(1, Math.floor(block.context.target.limits.maxRegionsPerKernel / 2) - 1);
      const rest = { descending, shape: axisLast(shape, axis), scopes: scopesOf([node.scope]) };
      return Array.from({ length: Math.max(1, Math.ceil(inputs.length / room)) }, (_, part): SortKernel => {
        const some = (first: View, others: readonly View[]) => [first, ...others.slice(part * room, (part + 1) * room)];
        return { kind: 'sort', ...rest, inputs: some(key!, inputs), outputs: some(sorted!, outputs) };
      });
    }),
  },
  ({ inputs, cotangents, params: { axis, descending } }) => {
    const keys = inputs[0]!;
    const { shape } = keys.type;
    const places = lax.broadcast(lax.iota(shape[axis]!, 'int32'), shape, [axis]);
    const order = sort([keys, places], axis, descending)[1]!;
    const given = cotangents.filter((g) => g !== null);
    const [, ...back] = sort([order, ...given], axis);
    return cotangents.map((g) => (g === null ? null : back.shift()!));
  },
);

/** Keys and payloads in the order of the keys along an axis. */
export function sort(values: readonly Value[], axis: number, descending = false): readonly Value[] {
  return bind('sort', sortPrimitive, values, { axis, descending });
}

/** A list of an entry per axis, with that of `axis` last. */
const axisLast = (list: readonly number[], axis: number): number[] => [
  ...list.slice(0, axis),
  ...list.slice(axis + 1),
  list[axis]!,
];

/** The view with an axis last, on request from its last entry to its first. */
function alongAxis(view: View, shape: Shape, axis: number, reverse = false): View {
  const strides = axisLast(view.strides, axis);
  if (!reverse) return { ...view, strides };
  const step = strides.pop()!;
  return { ...view, offset: view.offset + (shape[axis]! - 1) * step, strides: [...strides, -step] };
}
