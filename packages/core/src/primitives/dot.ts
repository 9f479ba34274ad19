/** Matrix products: form, kernel, and the loop that does the same. */
import { ShapeError, describe } from '../errors.js';
import { axesOf, coalesce, pick } from '../graph/axes.js';
import { sideOf } from '../graph/block.js';
import type { Type } from '../graph/graph.js';
import type { DotKernel, Operand } from '../graph/program.js';
import type { Draft, Draftbook } from '../graph/simplify.js';
import { operand, type ResultBody } from '../graph/steps.js';
import { otherAxes, showShape, sizesAt, type Shape } from '../shape.js';
import { elementwise } from './elementwise.js';
import { reduce } from './folds.js';
import { broadcast, transpose } from './movement.js';
import { checkDType, checkSameDType, oneResult, type StepForm } from './form.js';
import type { PrimitiveParams } from './params.js';

type DotParams = PrimitiveParams['dot'];

/** Sums of products. */
export const dot: StepForm<'dot'> = {
  name: 'dot',
  kind: 'steps',
  infer: /* @__PURE__ */ oneResult(2, (where, [a, b], { contract, batch }) => {
    checkDType(where, a.dtype, 'number');
    checkSameDType(where, a, b);
    for (const [axesA, axesB] of [contract, batch]) {
      axesA.forEach((axisA, i) => {
        const axisB = axesB[i]!;
        if (a.shape[axisA] === b.shape[axisB]) return;
        const expected = `axis ${axisA} of a ${showShape(a.shape)} to match axis ${axisB} of b ${showShape(b.shape)}`;
        throw new ShapeError(describe(where, expected, `${a.shape[axisA]} and ${b.shape[axisB]}`));
      });
    }
    const rest = ({ shape }: Type, side: 0 | 1): number[] => sizesAt(shape, freeAxes({ contract, batch }, shape, side));
    return { shape: [...sizesAt(a.shape, batch[0]), ...rest(a, 0), ...rest(b, 1)], dtype: a.dtype };
  }),
  rewrite(book, draft) {
    const { shape } = book.types[draft.inputs[0]!]!;
    return draft.params.contract[0].some((axis) => shape[axis] === 0) ? book.fill(0, draft) : undefined;
  },
  reads: () => 'stored',
  steps(block, node) {
    const reads = [operand(block, node.inputs[0]!), operand(block, node.inputs[1]!)] as const;
    return [
      {
        kind: 'product',
        reads,
        target: node.outputs[0]!,
        scope: node.scope,
        kernel: (scopes, loops) =>
          dotKernel(node.params, sideOf(block, reads[0]), sideOf(block, reads[1]), scopes, loops),
      },
    ];
  },
  choice: {
    kernel: ({ params }, [a, b], [result]) =>
      dotKernel(params, a!, b!, [], (folded) => {
        const { view } = result!;
        const strides = [...view.strides, ...new Array<number>(folded).fill(0)];
        return { inputs: [], epilogue: [], stores: [{ view: { ...view, strides }, value: 0 }] };
      }),
    stays: () => false,
    instead: (book, draft) => [multiplied(book, draft)],
  },
};

/** Axes of one side that are neither contracted nor batch axes. */
function freeAxes({ contract, batch }: DotParams, shape: Shape, side: 0 | 1): number[] {
  return otherAxes(shape.length, [...contract[side], ...batch[side]]);
}

/** The product in other words: both operands over all axes [batch, m, n, k], multiplied, then summed over k. */
function multiplied(book: Draftbook, draft: Draft<'dot'>): number {
  const { inputs, params } = draft;
  const { contract, batch } = params;
  const shapes = inputs.map((value) => book.types[value]!.shape) as [Shape, Shape];
  const free = [freeAxes(params, shapes[0], 0), freeAxes(params, shapes[1], 1)] as const;
  const count = batch[0].length + free[0].length + free[1].length;
  const result = [...sizesAt(shapes[0], batch[0]), ...sizesAt(shapes[0], free[0]), ...sizesAt(shapes[1], free[1])];
  const shape = [...result, ...sizesAt(shapes[0], contract[0])];
  const spread = (side: 0 | 1, others: readonly number[]): number => {
    const permutation = [...batch[side], ...free[side], ...contract[side]];
    const turned = book.apply(draft, transpose, { permutation }, inputs[side]!);
    return book.apply(draft, broadcast, { shape, axes: otherAxes(shape.length, others) }, turned);
  };
  const first = batch[0].length;
  const second = first + free[0].length;
  const range = (from: number, to: number): number[] => otherAxes(to, []).slice(from);
  const product = book.apply(
    draft,
    elementwise('mul'),
    {},
    spread(0, range(second, count)),
    spread(1, range(first, second)),
  );
  return book.apply(draft, reduce, { op: 'sum', axes: range(count, shape.length) }, product);
}

/** An axis of a matrix product: its role, its size, and the strides of both operands along it. */
interface ProductAxis {
  readonly group: number;
  readonly size: number;
  readonly a: number;
  readonly b: number;
}

/** Axes of a matrix product: batch, m, n, k. */
function dotAxes({ contract, batch }: DotParams, a: Operand, b: Operand): ProductAxis[] {
  const [inA, inB] = [a.view.strides, b.view.strides];
  const both = (group: number, [ofA, ofB]: typeof batch): ProductAxis[] =>
    ofA.map((axis, i) => ({ group, size: a.shape[axis]!, a: inA[axis]!, b: inB[ofB[i]!]! }));
  return [
    ...both(0, batch),
    ...freeAxes({ contract, batch }, a.shape, 0).map((axis) => ({
      group: 1,
      size: a.shape[axis]!,
      a: inA[axis]!,
      b: 0,
    })),
    ...freeAxes({ contract, batch }, b.shape, 1).map((axis) => ({
      group: 2,
      size: b.shape[axis]!,
      a: 0,
      b: inB[axis]!,
    })),
    ...both(3, contract),
  ];
}

function dotKernel(
  params: DotParams,
  a: Operand,
  b: Operand,
  scopes: readonly string[],
  loops: (folded: number) => ResultBody,
): DotKernel {
  const given = dotAxes(params, a, b);
  const [sizes, groups] = [given.map(({ size }) => size), given.map(({ group }) => group)];
  const { inputs, stores, epilogue } = loops(groups.filter((group) => group === 3).length);
  const operands = [
    { view: a.view, strides: given.map((axis) => axis.a) },
    { view: b.view, strides: given.map((axis) => axis.b) },
  ];
  // A result stored the other way round is the product of the operands the other way round.
  const isTurned = stores.length > 0 && isColumnMajor(stores[0]!.view.strides, sizes, groups);
  if (isTurned) operands.reverse();
  const order = (isTurned ? [0, 2, 1, 3] : [0, 1, 2, 3]).flatMap((group) => axesOf({ groups }, group));
  const strides = [...operands, ...inputs, ...stores.map(({ view }) => view)].map((row) => pick(row.strides, order));
  const axes = coalesce(
    {
      sizes: pick(sizes, order),
      groups: pick(groups, order).map((group) => (isTurned ? turned[group]! : group)),
      rows: strides,
    },
    new Set(epilogue.flatMap((step) => (step.op === 'index' ? [order.indexOf(step.axis)] : []))),
  );
  const along = (row: number, ...wanted: readonly number[]): number[] =>
    wanted.flatMap((group) => pick(axes.rows[row]!, axesOf(axes, group)));
  const sizesOf = (group: number): number[] => pick(axes.sizes, axesOf(axes, group));
  return {
    kind: 'dot',
    dtype: a.view.dtype,
    batch: sizesOf(0),
    m: sizesOf(1),
    n: sizesOf(2),
    k: sizesOf(3),
    a: { ...operands[0]!.view, strides: along(0, 0, 1, 3) },
    b: { ...operands[1]!.view, strides: along(1, 0, 3, 2) },
    inputs: inputs.map((view, i) => ({ ...view, strides: along(2 + i, 0, 1, 2) })),
    epilogue: epilogue.map((step) =>
      step.op === 'index' ? { ...step, axis: axes.renamed.get(order.indexOf(step.axis))! } : step,
    ),
    stores: stores.map(({ view, value }, i) => ({
      view: { ...view, strides: along(2 + inputs.length + i, 0, 1, 2) },
      value,
    })),
    scopes,
  };
}

/** Groups of a product with its operands exchanged. */
const turned = [0, 2, 1, 3];

/** True when neighbours along n are further apart than neighbours along m. */
function isColumnMajor(strides: readonly number[], sizes: readonly number[], groups: readonly number[]): boolean {
  const innermost = (group: number): number | undefined =>
    strides.filter((_, axis) => groups[axis] === group && sizes[axis] !== 1).at(-1);
  const [m, n] = [innermost(1), innermost(2)];
  return m !== undefined && n !== undefined && m < n;
}
