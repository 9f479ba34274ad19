/** Products: kernels of dots and convolutions, with as many loops over their result as the backend takes. */
import { convShapes, type ConvParams } from '../convolution.js';
import { DeviceError, describe } from '../errors.js';
import type { Shape } from '../shape.js';
import { axesOf, coalesce, pick } from './axes.js';
import { memoryOf, offer, operandView, typeOf, type Block, type Operand } from './block.js';
import { openBody, viewIn, type Parts } from './body.js';
import { everyElement, termKey } from './expand.js';
import type { Cluster } from './fuse.js';
import { addStep, emitLoop, normalizeLoop, scopesIn, scopesOf } from './loop.js';
import type {
  ConvKernel,
  DotKernel,
  Instruction,
  Kernel,
  LoopKernel,
  Operand as OperandView,
  View,
} from './program.js';
import type { LoopStep, ProductStep } from './steps.js';

/** What is emitted with a product: steps of its cluster, and the values that somebody reads from memory. */
interface Loops {
  readonly cluster: Cluster;
  readonly members: readonly LoopStep[];
  readonly wanted: Parts['wanted'];
}

/** Offers the product with as many of its loops as the backend takes; the others follow as a loop of their own. */
export function emitProduct(block: Block, cluster: Cluster, product: ProductStep, wanted: Parts['wanted']): Kernel[] {
  const members = cluster.members.map(({ step }) => step);
  for (let taken = members.length; taken >= 0; taken--) {
    const rest = members.slice(taken);
    // What the other loops read must be stored here.
    const left = new Set(rest.flatMap(({ terms }) => terms.map(({ value }) => value)));
    const needed: Parts['wanted'] = { has: (value) => wanted.has(value) || left.has(value) };
    const kernel = productKernel(block, product, { cluster, members: members.slice(0, taken), wanted: needed });
    if (!offer(block.context, kernel)) continue;
    if (rest.length === 0) return [kernel];
    const loop = { ...cluster, head: null, members: rest.map((step) => ({ step, level: 'body' as const })) };
    return [kernel, ...emitLoop(block, loop, wanted)];
  }
  if (isDot(product)) return [dotLoop(block, product, { cluster, members, wanted })];
  throw new DeviceError(describe('lower', 'a device that takes its convolutions whatever their strides', 'a refusal'));
}

const isDot = (product: ProductStep): product is ProductStep<'dot'> => product.node.primitive === 'dot';

function productKernel(block: Block, product: ProductStep, loops: Loops): DotKernel | ConvKernel {
  return isDot(product) ? dotKernel(block, product, loops) : convKernel(block, product, loops);
}

/** What happens to a product's elements: over all axes of its result, then `folded` more with stride 0. */
function resultBody(
  block: Block,
  target: number,
  { cluster, members, wanted }: Loops,
  folded: number,
): Pick<DotKernel, 'inputs' | 'stores' | 'epilogue'> {
  const result = typeOf(block, target);
  const rank = result.shape.length;
  const long = result.shape.flatMap((size, axis) => (size === 1 ? [] : [axis]));
  // Strides over the result's long axes, spread over all of them and the folded ones.
  const arrange = (strides: readonly number[]): number[] => {
    const all = new Array<number>(rank + folded).fill(0);
    long.forEach((axis, i) => (all[axis] = strides[i]!));
    return all;
  };
  const body = openBody({ inputs: [], stores: [], wanted }, { base: 1, space: cluster.space, arrange });
  const place = everyElement(result.shape);
  body.known.set(termKey(target, place), 0);
  const { inputs, stores, instructions: epilogue } = body;
  if (wanted.has(target)) stores.push({ view: viewIn(body, memoryOf(block, target), result, place), value: 0 });
  for (const step of members) addStep(block, body, step);
  return { inputs, stores, epilogue };
}

function convKernel(block: Block, { node, reads, target }: ProductStep<'conv'>, loops: Loops): ConvKernel {
  const [a, b] = reads.map((read): OperandView => ({ view: operandView(block, read), shape: read.shape }));
  const scopes = scopesOf([node.scope, ...scopesIn(block, loops.members)]);
  return convolution(node.params, a!, b!, { ...resultBody(block, target, loops, 0), scopes });
}

/** The kernel of a convolution, with what happens to its elements. */
export function convolution(
  params: ConvParams,
  a: OperandView,
  b: OperandView,
  rest: Pick<ConvKernel, 'inputs' | 'epilogue' | 'stores' | 'scopes'>,
): ConvKernel {
  const { dtype } = a.view;
  const shapes = convShapes('lower', { ...a, dtype }, { ...b, dtype }, params);
  return { kind: 'conv', dtype, ...params, ...shapes, a: a.view, b: b.view, ...rest };
}

/** An axis of a matrix product: its role, its size, and the strides of both operands along it. */
interface ProductAxis {
  readonly group: number;
  readonly size: number;
  readonly a: number;
  readonly b: number;
}

/** Axes of a matrix product: batch, m, n, k. */
function dotAxes(block: Block, { node, reads }: ProductStep<'dot'>): ProductAxis[] {
  const { contract, batch } = node.params;
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

function dotKernel(block: Block, dot: ProductStep<'dot'>, loops: Loops): DotKernel {
  const given = dotAxes(block, dot);
  const [sizes, groups] = [given.map(({ size }) => size), given.map(({ group }) => group)];
  const result = typeOf(block, dot.target);
  const folded = sizes.length - result.shape.length;
  const { inputs, stores, epilogue } = resultBody(block, dot.target, loops, folded);
  const operands = dot.reads.map((read, i) => ({
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
    scopes: scopesOf([dot.node.scope, ...scopesIn(block, loops.members)]),
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
function dotLoop(block: Block, dot: ProductStep<'dot'>, loops: Loops): LoopKernel {
  const kernel = dotKernel(block, dot, loops);
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
