/** Matrix products: form, kernel, and the loop that does the same. */
import { ShapeError, describe } from '../errors.js';
import { axesOf, coalesce, pick } from '../graph/axes.js';
import { operandView, typeOf, type Block, type Operand } from '../graph/block.js';
import type { NodeOf, Type } from '../graph/graph.js';
import { normalizeLoop } from '../graph/loop.js';
import type { DotKernel, Instruction, LoopKernel, View } from '../graph/program.js';
import { operand, type ProductStep, type ResultBody } from '../graph/steps.js';
import { otherAxes, showShape, sizesAt, type Shape } from '../shape.js';
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
    const rest = ({ shape }: Type, side: 0 | 1): number[] =>
      sizesAt(shape, otherAxes(shape.length, [...contract[side], ...batch[side]]));
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
        kernel: (scopes, loops) => dotKernel(block, node, reads, scopes, loops),
        instead: (kernel) => dotLoop(kernel as DotKernel),
      },
    ];
  },
};

/** An axis of a matrix product: its role, its size, and the strides of both operands along it. */
interface ProductAxis {
  readonly group: number;
  readonly size: number;
  readonly a: number;
  readonly b: number;
}

/** Axes of a matrix product: batch, m, n, k. */
function dotAxes(block: Block, { contract, batch }: DotParams, reads: ProductStep['reads']): ProductAxis[] {
  const sideOf = (read: Operand): Side => ({ shape: read.shape, strides: operandView(block, read).strides });
  const [a, b] = [sideOf(reads[0]), sideOf(reads[1])];
  const both = (group: number, [inA, inB]: typeof batch): ProductAxis[] =>
    inA.map((axis, i) => ({ group, size: a.shape[axis]!, a: a.strides[axis]!, b: b.strides[inB[i]!]! }));
  const rest = (side: 0 | 1, { shape }: Side): number[] =>
    shape.flatMap((_, axis) => (contract[side].includes(axis) || batch[side].includes(axis) ? [] : [axis]));
  return [
    ...both(0, batch),
    ...rest(0, a).map((axis) => ({ group: 1, size: a.shape[axis]!, a: a.strides[axis]!, b: 0 })),
    ...rest(1, b).map((axis) => ({ group: 2, size: b.shape[axis]!, a: 0, b: b.strides[axis]! })),
    ...both(3, contract),
  ];
}

interface Side {
  readonly shape: Shape;
  readonly strides: readonly number[];
}

function dotKernel(
  block: Block,
  { params, outputs }: NodeOf<'dot'>,
  reads: ProductStep['reads'],
  scopes: readonly string[],
  loops: (folded: number) => ResultBody,
): DotKernel {
  const given = dotAxes(block, params, reads);
  const [sizes, groups] = [given.map(({ size }) => size), given.map(({ group }) => group)];
  const result = typeOf(block, outputs[0]!);
  const folded = sizes.length - result.shape.length;
  const { inputs, stores, epilogue } = loops(folded);
  const operands = reads.map((read, i) => ({
    view: operandView(block, read),
    strides: given.map(({ a, b }) => (i === 0 ? a : b)),
  }));
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
    dtype: result.dtype,
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

/** The product as a loop: multiply, then sum. */
function dotLoop(kernel: DotKernel): LoopKernel {
  const { batch, m, n, k, dtype } = kernel;
  const zeros = (list: readonly number[]): number[] => list.map(() => 0);
  const spread = ({ strides, ...view }: View): View => ({ ...view, strides: [...strides, ...zeros(k)] });
  const a = kernel.a.strides;
  const b = kernel.b.strides;
  const outer = batch.length + m.length;
  const inputs: View[] = [
    { ...kernel.a, strides: [...a.slice(0, outer), ...zeros(n), ...a.slice(outer)] },
    {
      ...kernel.b,
      strides: [
        ...b.slice(0, batch.length),
        ...zeros(m),
        ...b.slice(batch.length + k.length),
        ...b.slice(batch.length, batch.length + k.length),
      ],
    },
  ];
  // The product is value 2; the sum, where there is one, value 3. The epilogue knows it as value 0.
  const result = k.length === 0 ? 2 : 3;
  const renumber = (step: Instruction): Instruction => {
    if (step.op === 'load') return { ...step, input: step.input + 2 };
    return 'args' in step ? { ...step, args: step.args.map((arg) => arg + result) } : step;
  };
  const product: Instruction[] = [
    { op: 'load', input: 0, dtype },
    { op: 'load', input: 1, dtype },
    { op: 'mul', args: [0, 1], dtype },
  ];
  const epilogue = kernel.epilogue.map(renumber);
  return normalizeLoop({
    shape: [...batch, ...m, ...n, ...k],
    reduced: k.length,
    inputs: [...inputs, ...kernel.inputs.map(spread)],
    body: k.length === 0 ? [...product, ...epilogue] : product,
    reductions: k.length === 0 ? [] : [{ op: 'sum', value: 2 }],
    epilogue: k.length === 0 ? [] : epilogue,
    stores: kernel.stores.map(({ view, value }) => ({ view: spread(view), value: value + result })),
    scopes: kernel.scopes,
  });
}
