/** Windows at computed places. Each one's gradient is written with the other. */
import { bindOne } from '../../bind.js';
import { DTypeError, ShapeError, describe } from '../../errors.js';
import { coalesce } from '../../graph/axes.js';
import { resultSide, sideOf } from '../../graph/block.js';
import type { Type } from '../../graph/graph.js';
import { scopesOf } from '../../graph/loop.js';
import type { Operand } from '../../graph/program.js';
import { ofMemory, overCopy } from '../../graph/steps.js';
import * as lax from '../../lax.js';
import { NO_PARAMS, type Value } from '../../node.js';
import { define, type PrimitiveDefinition } from '../../primitives/form.js';
import { idle } from '../../primitives/movement.js';
import { sameShape, showShape, type Shape } from '../../shape.js';

function checkStarts(where: string, x: Type, starts: Type): void {
  if (starts.dtype === 'int32' && sameShape(starts.shape, [x.shape.length])) return;
  throw new ShapeError(
    describe(where, `int32 starts of shape [${x.shape.length}]`, `${starts.dtype} ${showShape(starts.shape)}`),
  );
}

function checkWindow(where: string, x: Type, sizes: Shape): void {
  if (sizes.length === x.shape.length && sizes.every((n, axis) => n >= 0 && n <= x.shape[axis]!)) return;
  throw new ShapeError(describe(where, `a window within ${showShape(x.shape)}`, showShape(sizes)));
}

/** The primitive `dynamicSlice`: the window's cotangent goes to its place. */
export const dynamicSlicePrimitive: PrimitiveDefinition<'dynamicSlice'> = /* @__PURE__ */ define(
  {
    name: 'dynamicSlice',
    kind: 'steps',
    infer(where, inputs, { sizes }) {
      const [x, starts] = inputs as readonly [Type, Type];
      checkStarts(where, x, starts);
      checkWindow(where, x, sizes);
      return [{ shape: sizes, dtype: x.dtype }];
    },
    rewrite: /* @__PURE__ */ idle(({ shape }, { sizes }) => sameShape(shape, sizes)),
    ...ofMemory<'dynamicSlice'>((block, { outputs, scope }, [x, starts]) => {
      const target = resultSide(block, outputs[0]!);
      const { rows, ...rest } = windowAxes(scope, sideOf(block, x!), sideOf(block, starts!), target);
      return [{ kind: 'gather', ...rest, out: rows }];
    }),
  },
  ({ inputs: [x, starts], cotangents }) => [dynamicUpdateSlice(lax.fill(x!.type, 0), starts!, cotangents[0]!), null],
);

/** The window of the given sizes at `starts` (int32 [rank]), moved to lie within x. */
export function dynamicSlice(x: Value, starts: Value, sizes: readonly number[]): Value {
  return bindOne('dynamicSlice', dynamicSlicePrimitive, [x, starts], { sizes });
}

/** The primitive `dynamicUpdateSlice`: what was replaced gets no cotangent. */
export const dynamicUpdateSlicePrimitive: PrimitiveDefinition<'dynamicUpdateSlice'> = /* @__PURE__ */ define(
  {
    name: 'dynamicUpdateSlice',
    kind: 'steps',
    infer(where, inputs) {
      const [x, starts, updates] = inputs as readonly [Type, Type, Type];
      checkStarts(where, x, starts);
      checkWindow(where, x, updates.shape);
      if (updates.dtype !== x.dtype) throw new DTypeError(describe(where, `updates of ${x.dtype}`, updates.dtype));
      return [x];
    },
    rewrite: ({ types }, { inputs: [x, , updates] }) =>
      sameShape(types[x!]!.shape, types[updates!]!.shape) ? updates : undefined,
    ...overCopy<'dynamicUpdateSlice'>(
      (block, { outputs, scope }, [starts, updates]) => {
        const target = resultSide(block, outputs[0]!);
        const { x, rows, ...rest } = windowAxes(scope, target, sideOf(block, starts!), sideOf(block, updates!));
        return [{ kind: 'scatter', mode: 'set', ...rest, updates: rows, out: x }];
      },
      () => false,
    ),
  },
  ({ inputs: [, starts, updates], cotangents: [g], wanted }) => [
    wanted[0] ? dynamicUpdateSlice(g!, starts!, lax.fill(updates!.type, 0)) : null,
    null,
    wanted[2] ? dynamicSlice(g!, starts!, updates!.type.shape) : null,
  ],
);

/** x with the window at `starts` replaced. */
export function dynamicUpdateSlice(x: Value, starts: Value, updates: Value): Value {
  return bindOne('dynamicUpdateSlice', dynamicUpdateSlicePrimitive, [x, starts, updates], NO_PARAMS);
}

/**
 * The axes of a kernel that moves one window. The windows of x are one view with two axes for each of x's: where the window
 * starts, and what lies in it. Starts beyond the last window are clamped.
 */
function windowAxes(scope: string, x: Operand, starts: Operand, rows: Operand) {
  const sizes = rows.shape;
  const inside = coalesce({ sizes, groups: sizes.map(() => 0), rows: [x.view.strides, rows.view.strides] });
  const [strides, rowStrides] = inside.rows as readonly [number[], number[]];
  return {
    batch: [],
    index: [],
    limits: x.shape.map((n, axis) => n - sizes[axis]! + 1),
    slice: inside.sizes,
    x: { ...x.view, strides: [...x.view.strides, ...strides] },
    indices: starts.view,
    rows: { ...rows.view, strides: rowStrides },
    site: null,
    scopes: scopesOf([scope]),
  };
}
