/** The forms of the primitives that only move elements. Those that are affine are views: they cost nothing. */
import { ShapeError, describe } from '../errors.js';
import type { Type } from '../graph/graph.js';
import type { Draft, Draftbook } from '../graph/simplify.js';
import type { Access } from '../graph/views.js';
import { sameShape, showShape, sizeOf, sizesAt } from '../shape.js';
import { oneResult, type ViewForm } from './form.js';
import type { Primitive, PrimitiveParams } from './params.js';

/** The index scaled and moved. */
const map = (part: Access, factor: number, offset: number): Access => ({
  offset: part.offset * factor + offset,
  strides: part.strides.map((stride) => stride * factor || 0),
});

/** The first operand, when the test says that the node gives it as it is. */
export function idle<P extends Primitive>(
  test: (x: Type, params: PrimitiveParams[P]) => boolean,
): (book: Draftbook, draft: Draft<P>) => number | undefined {
  return ({ types }, { inputs, params }) =>
    test(types[inputs[0]!]!, params as PrimitiveParams[P]) ? inputs[0] : undefined;
}

/** The same elements in the same order. */
export const reshape: ViewForm<'reshape'> = {
  name: 'reshape',
  kind: 'view',
  infer: /* @__PURE__ */ oneResult(1, (where, [x], { shape }) => {
    const size = sizeOf(x.shape, where);
    if (size !== sizeOf(shape, where)) {
      const expected = `a shape of ${size} elements for x of ${showShape(x.shape)}`;
      throw new ShapeError(describe(where, expected, showShape(shape)));
    }
    return { shape, dtype: x.dtype };
  }),
  move: null,
  rewrite(book, draft) {
    const [x] = draft.inputs as readonly [number];
    if (sameShape(book.types[x]!.shape, draft.params.shape)) return x;
    const maker = book.makers[x];
    return maker?.primitive === 'reshape' ? book.add({ ...draft, inputs: maker.inputs })[0] : undefined;
  },
};

/** Axes in another order. */
export const transpose: ViewForm<'transpose'> = {
  name: 'transpose',
  kind: 'view',
  infer: /* @__PURE__ */ oneResult(1, (where, [x], { permutation }) => {
    const rank = x.shape.length;
    const isValid = permutation.length === rank && permutation.every((p) => p >= 0 && p < rank);
    if (!isValid || new Set(permutation).size !== rank) {
      throw new ShapeError(describe(where, `a permutation of ${rank} axes`, showShape(permutation)));
    }
    return { shape: sizesAt(x.shape, permutation), dtype: x.dtype };
  }),
  move(parts, { permutation }) {
    const moved = new Array<Access>(parts.length);
    permutation.forEach((axis, i) => (moved[axis] = parts[i]!));
    return moved;
  },
  rewrite(book, draft) {
    const [x] = draft.inputs as readonly [number];
    if (draft.params.permutation.every((axis, i) => axis === i)) return x;
    const maker = book.makers[x];
    if (maker?.primitive !== 'transpose') return undefined;
    const permutation = sizesAt(maker.params.permutation, draft.params.permutation);
    return book.add({ ...draft, inputs: maker.inputs, params: { permutation } })[0];
  },
};

/** Elements repeated along axes. */
export const broadcast: ViewForm<'broadcast'> = {
  name: 'broadcast',
  kind: 'view',
  infer: /* @__PURE__ */ oneResult(1, (where, [x], { shape, axes }) => {
    const fits =
      axes.length === x.shape.length &&
      axes.every((axis, i) => (i === 0 || axis > axes[i - 1]!) && (x.shape[i] === 1 || x.shape[i] === shape[axis]));
    if (!fits) {
      throw new ShapeError(describe(where, `a shape that ${showShape(x.shape)} broadcasts to`, showShape(shape)));
    }
    return { shape, dtype: x.dtype };
  }),
  move: (parts, { axes }, input) => axes.map((axis, i) => (input[i] === 1 ? map(parts[axis]!, 0, 0) : parts[axis]!)),
  rewrite(book, draft) {
    const [x] = draft.inputs as readonly [number];
    if (sameShape(book.types[x]!.shape, draft.params.shape)) return x;
    const maker = book.makers[x];
    if (maker?.primitive !== 'broadcast') return undefined;
    const axes = sizesAt(draft.params.axes, maker.params.axes);
    return book.add({ ...draft, inputs: maker.inputs, params: { ...draft.params, axes } })[0];
  },
};

/** Every so many elements of a box. */
export const slice: ViewForm<'slice'> = {
  name: 'slice',
  kind: 'view',
  infer: /* @__PURE__ */ oneResult(1, (where, [x], { start, limit, stride }) => {
    const shape = x.shape.map((size, axis) => {
      const [from, to, step] = [start[axis]!, limit[axis]!, stride[axis]!];
      if (!(from >= 0 && from <= to && to <= size && step >= 1)) {
        const expected = `0 <= start <= limit <= ${size} and stride >= 1 on axis ${axis}`;
        throw new ShapeError(describe(where, expected, `${from}, ${to}, ${step}`));
      }
      return Math.ceil((to - from) / step);
    });
    return { shape, dtype: x.dtype };
  }),
  move: (parts, { start, stride }) => parts.map((part, axis) => map(part, stride[axis]!, start[axis]!)),
  rewrite: /* @__PURE__ */ idle(({ shape }, { start, limit, stride }) =>
    shape.every((size, axis) => start[axis] === 0 && limit[axis] === size && stride[axis] === 1),
  ),
};

/** Axes from their end to their beginning. */
export const flip: ViewForm<'flip'> = {
  name: 'flip',
  kind: 'view',
  infer: /* @__PURE__ */ oneResult(1, (_where, [x]) => x),
  move: (parts, { axes }, input) =>
    parts.map((part, axis) => (axes.includes(axis) ? map(part, -1, input[axis]! - 1) : part)),
  rewrite: /* @__PURE__ */ idle(({ shape }, { axes }) => axes.every((axis) => shape[axis] === 1)),
};

/** The operand as it is: simplification removes it. */
export const stopGradient: ViewForm<'stopGradient'> = {
  name: 'stopGradient',
  kind: 'view',
  infer: (_where, inputs) => inputs.slice(0, 1),
  move: null,
  rewrite: /* @__PURE__ */ idle(() => true),
};
