/** Gathers and scatters: slices at indices. Each one's gradient is written with the other. */
import { bindOne } from '../../bind.js';
import { DTypeError, ShapeError, describe } from '../../errors.js';
import { axesOf, coalesce, pick } from '../../graph/axes.js';
import { resultSide, sideOf, type Block } from '../../graph/block.js';
import type { NodeOf, Type } from '../../graph/graph.js';
import { scopesOf } from '../../graph/loop.js';
import type { Operand, ScatterMode } from '../../graph/program.js';
import { ofMemory, overCopy } from '../../graph/steps.js';
import * as lax from '../../lax.js';
import type { Value } from '../../node.js';
import { define, oneResult, type PrimitiveDefinition, type StepForm } from '../../primitives/form.js';
import { sameShape, showShape, sizeOf, type Shape } from '../../shape.js';

/** The primitive `gather`. Every place that was read adds its cotangent to where it was read from. */
export const gatherPrimitive: PrimitiveDefinition<'gather'> = /* @__PURE__ */ define(
  {
    name: 'gather',
    kind: 'steps',
    infer: /* @__PURE__ */ oneResult(2, (where, [x, indices], { batch }) => {
      return { shape: gatherShape(where, x, indices, batch), dtype: x.dtype };
    }),
    faults: () => true,
    ...ofMemory<'gather'>((block, node, [x, indices]) => {
      const target = resultSide(block, node.outputs[0]!);
      const { rows, ...rest } = indexed(block, node, sideOf(block, x!), sideOf(block, indices!), target);
      return [{ kind: 'gather', ...rest, out: rows }];
    }, true),
  },
  ({ inputs, cotangents, params }) => {
    const [x, indices] = inputs as readonly [Value, Value];
    return [scatterAdd(lax.fill(x.type, 0), indices, cotangents[0]!, params.batch), null];
  },
);

/** Slices of x at indices; see the primitive. */
export function gather(x: Value, indices: Value, batch: number): Value {
  return bindOne('gather', gatherPrimitive, [x, indices], { batch });
}

const scatterForm: StepForm<'scatter'> = {
  name: 'scatter',
  kind: 'steps',
  infer: /* @__PURE__ */ oneResult(3, (where, [x, indices, updates], { batch }) => {
    const shape = gatherShape(where, x, indices, batch);
    if (!sameShape(shape, updates.shape)) {
      throw new ShapeError(describe(where, `updates of shape ${showShape(shape)}`, showShape(updates.shape)));
    }
    if (updates.dtype !== x.dtype) throw new DTypeError(describe(where, `updates of ${x.dtype}`, updates.dtype));
    return x;
  }),
  faults: () => true,
  ...overCopy<'scatter'>(
    (block, node, [indices, updates]) => {
      const target = resultSide(block, node.outputs[0]!);
      const { x, rows, ...rest } = indexed(block, node, target, sideOf(block, indices!), sideOf(block, updates!));
      return [{ kind: 'scatter', mode: node.params.mode, ...rest, updates: rows, out: x }];
    },
    (block, node) => !isChecked(block, node),
  ),
};

/** As `scatterPrimitive`, for sums alone: the gradient of a gather needs no more. */
const addPrimitive: PrimitiveDefinition<'scatter'> = /* @__PURE__ */ define(
  scatterForm,
  ({ inputs, cotangents: [g], params, wanted }) => [g!, null, wanted[2] ? gather(g!, inputs[1]!, params.batch) : null],
);

/** x with updates added to slices at indices. */
export function scatterAdd(x: Value, indices: Value, updates: Value, batch: number): Value {
  return bindOne('scatter', addPrimitive, [x, indices, updates], { batch, mode: 'add' });
}

/** The primitive `scatter`. Updates get the cotangents of where they went; what they replaced gets none. */
export const scatterPrimitive: PrimitiveDefinition<'scatter'> = /* @__PURE__ */ define(
  scatterForm,
  ({ inputs, outputs, cotangents, params, wanted }) => {
    const g = cotangents[0]!;
    const [x, indices, updates] = inputs as readonly [Value, Value, Value];
    const { batch, mode } = params;
    const at = (value: Value): Value => gather(value, indices, batch);
    if (mode === 'add') return [g, null, wanted[2] ? at(g) : null];
    if (mode === 'set') {
      const untouched = wanted[0] ? scatter(g, indices, lax.fill(updates.type, 0), batch, 'set') : null;
      if (!wanted[2]) return [untouched, null, null];
      // Of several updates of one place, only the one that remained has influence: its own number came back.
      const count = sizeOf(updates.type.shape);
      const own = lax.reshape(lax.iota(count, 'int32'), updates.type.shape);
      const last = at(scatter(lax.fill({ shape: x.type.shape, dtype: 'int32' }, -1), indices, own, batch, 'set'));
      return [untouched, null, lax.select(lax.eq(last, own), at(g), lax.fill(updates.type, 0))];
    }
    // max, min: whoever equals the result shares its cotangent.
    const y = outputs[0]!;
    const dtype = x.type.dtype;
    const winsX = lax.cast(lax.eq(x, y), dtype);
    const winsUpdates = lax.cast(lax.eq(updates, at(y)), dtype);
    const share = lax.div(g, scatterAdd(winsX, indices, winsUpdates, batch));
    return [lax.mul(winsX, share), null, wanted[2] ? lax.mul(winsUpdates, at(share)) : null];
  },
);

/** x with slices at indices replaced by or combined with updates. */
export function scatter(x: Value, indices: Value, updates: Value, batch: number, mode: ScatterMode): Value {
  return bindOne('scatter', scatterPrimitive, [x, indices, updates], { batch, mode });
}

function gatherShape(where: string, x: Type, indices: Type, batch: number): number[] {
  if (indices.dtype !== 'int32') throw new DTypeError(describe(where, 'int32 indices', indices.dtype));
  const indexed = indices.shape[indices.shape.length - 1];
  if (indexed === undefined || indices.shape.length <= batch || x.shape.length < batch + indexed) {
    throw new ShapeError(describe(where, `x with ${batch} batch axes and the indexed ones`, showShape(x.shape)));
  }
  if (!sameShape(x.shape.slice(0, batch), indices.shape.slice(0, batch))) {
    const received = `${showShape(x.shape)} and ${showShape(indices.shape)}`;
    throw new ShapeError(describe(where, `${batch} equal batch axes`, received));
  }
  return [...indices.shape.slice(0, -1), ...x.shape.slice(batch + indexed)];
}

/** The axes of an indexed kernel: x over [batch, limits, slice], indices over [batch, index, K], rows over [batch, index, slice]. */
function indexedAxes(x: Operand, indices: Operand, rows: Operand, batchAxes: number) {
  const batch = x.shape.slice(0, batchAxes);
  const index = indices.shape.slice(batchAxes, -1);
  const end = batchAxes + indices.shape.at(-1)!;
  const slice = x.shape.slice(end);
  const { strides } = x.view;
  const axes = coalesce({
    sizes: [...batch, ...index, ...slice],
    groups: [...batch.map(() => 0), ...index.map(() => 1), ...slice.map(() => 2)],
    rows: [
      [...strides.slice(0, batchAxes), ...index.map(() => 0), ...strides.slice(end)],
      [...indices.view.strides.slice(0, -1), ...slice.map(() => 0)],
      rows.view.strides,
    ],
  });
  const [inBatch, inIndex, inSlice] = [axesOf(axes, 0), axesOf(axes, 1), axesOf(axes, 2)];
  const [rowX, rowIndices, rowRows] = axes.rows as readonly [number[], number[], number[]];
  return {
    batch: pick(axes.sizes, inBatch),
    index: pick(axes.sizes, inIndex),
    limits: x.shape.slice(batchAxes, end),
    slice: pick(axes.sizes, inSlice),
    x: { ...x.view, strides: [...pick(rowX, inBatch), ...strides.slice(batchAxes, end), ...pick(rowX, inSlice)] },
    indices: {
      ...indices.view,
      strides: [...pick(rowIndices, [...inBatch, ...inIndex]), indices.view.strides.at(-1)!],
    },
    rows: { ...rows.view, strides: rowRows },
  };
}

/** What gathers and scatters share. A bad index is a fault, one site per indexed axis. */
function indexed(block: Block, node: NodeOf<'gather' | 'scatter'>, x: Operand, indices: Operand, rows: Operand) {
  const { primitive, params, scope, stack } = node;
  const axes = indexedAxes(x, indices, rows, params.batch);
  const { sites } = block.context;
  const site = sites.push(...axes.limits.map((limit) => ({ op: primitive, scope, limit, stack }))) - axes.limits.length;
  return { ...axes, site, scopes: scopesOf([scope]) };
}

/**
 * True when a gather reads axes of the same sizes at the same indices: it reports what would be bad to the scatter, which then
 * need not be waited for. So it is with the gradient of a table of vectors.
 */
function isChecked({ graph }: Block, { inputs, params }: NodeOf<'scatter'>): boolean {
  const indices = inputs[1]!;
  const count = graph.types[indices]!.shape.at(-1)!;
  const limits = (x: number): Shape => graph.types[x]!.shape.slice(params.batch, params.batch + count);
  return graph.nodes.some(
    (node) =>
      node.primitive === 'gather' &&
      node.inputs[1] === indices &&
      node.params.batch === params.batch &&
      sameShape(limits(node.inputs[0]!), limits(inputs[0]!)),
  );
}
