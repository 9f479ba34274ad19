/** The forms of the primitives that are loops of their own: reductions, paddings, concatenations. */
import { dtypes, type DType } from '../dtype.js';
import { DTypeError, ShapeError, describe } from '../errors.js';
import { typeOf, type Block } from '../graph/block.js';
import { everyElement, spaceOf } from '../graph/expand.js';
import type { NodeOf, Type } from '../graph/graph.js';
import type { ReduceOp } from '../graph/program.js';
import { loopStep, type Step } from '../graph/steps.js';
import type { Access } from '../graph/views.js';
import { showShape, sizeOf, stridesOf, type Shape } from '../shape.js';
import { checkDType, checkSameDType, oneResult, type StepForm } from './form.js';
import { idle, reshape } from './movement.js';

/** What folding nothing gives, by dtype. */
export const foldIdentity: { readonly [R in ReduceOp]: (dtype: DType) => number } = {
  sum: () => 0,
  prod: () => 1,
  max: (dtype) => (dtypes[dtype].kind === 'float' ? -Infinity : dtypes[dtype].range[0]),
  min: (dtype) => (dtypes[dtype].kind === 'float' ? Infinity : dtypes[dtype].range[1]),
};

/** Axes folded away. */
export const reduce: StepForm<'reduce'> = {
  name: 'reduce',
  kind: 'steps',
  infer: /* @__PURE__ */ oneResult(1, (where, [x], { axes }) => {
    checkDType(where, x.dtype, 'number');
    return { shape: x.shape.filter((_, axis) => !axes.includes(axis)), dtype: x.dtype };
  }),
  rewrite(book, draft) {
    const { shape, dtype } = book.types[draft.inputs[0]!]!;
    const { op, axes } = draft.params;
    if (axes.some((axis) => shape[axis] === 0)) return book.fill(foldIdentity[op](dtype), draft);
    if (axes.some((axis) => shape[axis] !== 1)) return undefined;
    return book.apply(draft, reshape, { shape: shape.filter((_, axis) => !axes.includes(axis)) }, draft.inputs[0]!);
  },
  reads: () => 'apart',
  steps(block, { params, inputs, outputs, scope }) {
    const [value, target] = [inputs[0]!, outputs[0]!];
    const { shape } = typeOf(block, value);
    const axes = shape.flatMap((size, axis) => (size === 1 ? [] : [params.axes.includes(axis)]));
    const place = everyElement(typeOf(block, target).shape);
    return [loopStep(block, { value, reduce: { op: params.op, axes }, target, place, scope })];
  },
};

/** A scalar around x and between its elements. */
export const pad: StepForm<'pad'> = {
  name: 'pad',
  kind: 'steps',
  infer: /* @__PURE__ */ oneResult(2, (where, [x, value], { low, high, interior }) => {
    if (value.dtype !== x.dtype || value.shape.length > 0) {
      const received = `${value.dtype} ${showShape(value.shape)}`;
      throw new DTypeError(describe(where, `a ${x.dtype} scalar to pad with`, received));
    }
    const shape = x.shape.map((n, i) => low[i]! + high[i]! + n + Math.max(n - 1, 0) * interior[i]!);
    if (shape.some((n) => n < 0) || interior.some((n) => n < 0)) {
      throw new ShapeError(describe(where, 'a padded shape without negative sizes', showShape(shape)));
    }
    return { shape, dtype: x.dtype };
  }),
  rewrite: /* @__PURE__ */ idle(({ shape }, { low, high, interior }) =>
    shape.every((size, axis) => low[axis] === 0 && high[axis] === 0 && (interior[axis] === 0 || size < 2)),
  ),
  reads: () => 'apart',
  steps: padSteps,
};

/** Values one after the other. */
export const concat: StepForm<'concat'> = {
  name: 'concat',
  kind: 'steps',
  infer(where, inputs, { axis }): readonly Type[] {
    if (inputs.length === 0) throw new ShapeError(describe(where, 'at least one tensor', 'none'));
    const [first] = inputs as readonly [Type];
    const shape = [...first.shape];
    shape[axis] = 0;
    for (const type of inputs) {
      checkSameDType(where, first, type, 'tensors');
      if (type.shape.length !== shape.length || type.shape.some((n, i) => i !== axis && n !== shape[i])) {
        const received = `${showShape(first.shape)} and ${showShape(type.shape)}`;
        throw new ShapeError(describe(where, `shapes equal but for axis ${axis}`, received));
      }
      shape[axis] += type.shape[axis]!;
    }
    return [{ shape, dtype: first.dtype }];
  },
  rewrite(book, draft) {
    const { axis } = draft.params;
    const full = draft.inputs.filter((value) => book.types[value]!.shape[axis] !== 0);
    if (full.length <= 1) return full[0] ?? draft.inputs[0];
    return full.length < draft.inputs.length ? book.add({ ...draft, inputs: full })[0] : undefined;
  },
  reads: () => 'apart',
  steps(block, { params, inputs, outputs, scope }) {
    const strides = stridesOf(typeOf(block, outputs[0]!).shape);
    let start = 0;
    return inputs.map((value) => {
      const { shape } = typeOf(block, value);
      const place = within(strides, shape, start * strides[params.axis]!);
      start += shape[params.axis]!;
      return loopStep(block, { value, target: outputs[0]!, place, scope });
    });
  },
};

/** Strides and offset of a part, over the axes of the part that are more than one element long. */
function within(strides: readonly number[], part: Shape, offset: number): Access {
  return { offset, strides: strides.filter((_, axis) => part[axis] !== 1) };
}

/** Fill everything, then copy x into its place; negative paddings leave a part of x out. */
function padSteps(block: Block, { params, inputs, outputs, scope }: NodeOf<'pad'>): Step[] {
  const [x, value] = inputs as readonly [number, number];
  const target = outputs[0]!;
  const { shape } = typeOf(block, x);
  const result = typeOf(block, target).shape;
  const axes = shape.map((size, axis) => {
    const low = params.low[axis]!;
    const step = params.interior[axis]! + 1;
    const first = low < 0 ? Math.ceil(-low / step) : 0;
    const end = Math.min(size, Math.ceil((result[axis]! - low) / step));
    return { first, step, count: Math.max(end - first, 0), start: low + first * step };
  });
  const part = axes.map(({ count }) => count);
  const steps: Step[] = [];
  if (part.some((count, axis) => count !== result[axis])) {
    const space = spaceOf(result);
    const access = { offset: 0, strides: space.map(() => 0) };
    steps.push(loopStep(block, { value, access, space, target, place: everyElement(result), scope }));
  }
  if (sizeOf(part) === 0) return steps;
  const from = stridesOf(shape);
  const to = stridesOf(result);
  const sum = (terms: readonly number[]): number => terms.reduce((a, b) => a + b, 0);
  const access = within(from, part, sum(axes.map(({ first }, axis) => first * from[axis]!)));
  const place = within(
    axes.map(({ step }, axis) => step * to[axis]!),
    part,
    sum(axes.map(({ start }, axis) => start * to[axis]!)),
  );
  steps.push(loopStep(block, { value: x, access, space: spaceOf(part), target, place, scope, ordered: true }));
  return steps;
}
