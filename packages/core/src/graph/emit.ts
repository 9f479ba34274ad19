/** Emission: a cluster becomes a kernel. What the backend refuses is lowered one step and offered again. */
import { convShapes } from '../convolution.js';
import { DeviceError, describe } from '../errors.js';
import { memoryOf, offer, operandView, typeOf, viewOf, type Block } from './block.js';
import { addTerms, type Body } from './body.js';
import { axesOf, coalesce, pick } from './axes.js';
import { everyElement, termKey } from './expand.js';
import { keptSpace, type Cluster, type Fused } from './fuse.js';
import type { ConvKernel, DotKernel, Instruction, Kernel, LoopKernel, Reduction, Store, View } from './program.js';
import type { LoopStep, ProductStep } from './steps.js';
import type { Type } from './graph.js';
import { whole, type Access } from './views.js';

/** Kernels of all clusters, in order. */
export function emitClusters(block: Block, { clusters, wanted }: Fused): Kernel[] {
  return clusters.flatMap((cluster) => {
    const { head } = cluster;
    if (head === null) return emitLoop(block, cluster, wanted);
    return head.kind === 'product' ? emitProduct(block, cluster, head, wanted) : head.emit(wanted);
  });
}

/** The values that somebody reads from memory. */
type Wanted = Pick<ReadonlySet<number>, 'has'>;

const isWanted = (step: LoopStep, wanted: Wanted): boolean => !step.own || wanted.has(step.target);

const scopesOf = (scopes: readonly string[]): string[] => [...new Set(scopes)].filter((scope) => scope !== '');

/** Scopes of everything that is computed for some steps. */
function scopesIn(block: Block, steps: readonly LoopStep[]): string[] {
  return scopesOf(
    steps.flatMap(({ terms, scope }) => [
      ...terms.flatMap(({ value, from }) => (from === 'computed' ? [block.makers[value]?.scope ?? ''] : [])),
      scope,
    ]),
  );
}

function storeView(block: Block, step: LoopStep, space: readonly number[], arrange: Body['arrange']): View {
  const value = step.terms[step.terms.length - 1]!.value;
  const memory = step.memory();
  const { offset, strides } = step.place;
  const view = viewOf(
    { ...memory, offset: memory.offset + offset },
    { shape: space, dtype: typeOf(block, value).dtype },
    { offset: 0, strides },
    space,
  );
  return { ...view, strides: arrange(view.strides) };
}

/** Runs a step at one level: its terms, its store, and its value for the steps that follow. */
function addStep(block: Block, body: Body, step: LoopStep, stores: Store[], wanted: Wanted): number {
  const value = addTerms(block, body, step.terms);
  if (step.own) body.known.set(termKey(step.target, step.place), value);
  if (isWanted(step, wanted)) stores.push({ view: storeView(block, step, body.space, body.arrange), value });
  return value;
}

function emitLoop(block: Block, cluster: Cluster, wanted: Wanted): Kernel[] {
  const kernel = loopKernel(block, cluster, wanted);
  return kernel.stores.length === 0 ? [] : [kernel];
}

/** A loop before its axes are joined: kept axes first, then the folded ones. */
function loopKernel(block: Block, cluster: Cluster, wanted: Wanted): LoopKernel {
  const { space, reduced, members } = cluster;
  const keptAxes = space.flatMap((_, axis) => (reduced?.[axis] ? [] : [axis]));
  const foldedAxes = space.flatMap((_, axis) => (reduced?.[axis] ? [axis] : []));
  const order = [...keptAxes, ...foldedAxes];
  const inputs: View[] = [];
  const stores: Store[] = [];
  const body: Body = {
    instructions: [],
    base: 0,
    known: new Map(),
    space,
    arrange: (strides) => pick(strides, order),
    inputs,
  };
  const folds: { readonly step: LoopStep; readonly value: number }[] = [];
  for (const { step, level } of members) {
    if (level !== 'body') continue;
    if (step.reduce !== null) folds.push({ step, value: addTerms(block, body, step.terms) });
    else addStep(block, body, step, stores, wanted);
  }
  const outer: Body = {
    instructions: [],
    base: body.instructions.length + folds.length,
    known: new Map(),
    space: keptSpace(cluster),
    arrange: (strides) => [...strides, ...foldedAxes.map(() => 0)],
    inputs,
  };
  const reductions = folds.map(({ step, value }, i): Reduction => {
    const number = body.instructions.length + i;
    outer.known.set(termKey(step.target, step.place), number);
    if (wanted.has(step.target)) {
      const access: Access = step.place;
      const view = viewOf(step.memory(), typeOf(block, step.target), access, outer.space);
      stores.push({ view: { ...view, strides: outer.arrange(view.strides) }, value: number });
    }
    return { op: step.reduce!.op, value };
  });
  for (const { step, level } of members) {
    if (level === 'epilogue') addStep(block, outer, step, stores, wanted);
  }
  const loop = {
    shape: pick(space, order),
    reduced: foldedAxes.length,
    inputs,
    body: body.instructions,
    reductions,
    epilogue: outer.instructions,
    stores,
    scopes: scopesIn(
      block,
      members.map(({ step }) => step),
    ),
  };
  return normalizeLoop(loop);
}

/** The same loop over as few axes as its views allow. */
export function normalizeLoop(loop: Omit<LoopKernel, 'kind'>): LoopKernel {
  const kept = loop.shape.length - loop.reduced;
  const instructions = [...loop.body, ...loop.epilogue];
  const indexed = new Set(instructions.flatMap((step) => (step.op === 'index' ? [step.axis] : [])));
  const views = [...loop.inputs, ...loop.stores.map(({ view }) => view)];
  const axes = coalesce(
    {
      sizes: loop.shape,
      groups: loop.shape.map((_, axis) => (axis < kept ? 0 : 1)),
      rows: views.map(({ strides }) => strides),
    },
    indexed,
  );
  const rename = (step: Instruction): Instruction =>
    step.op === 'index' ? { ...step, axis: axes.renamed.get(step.axis)! } : step;
  const offset = loop.inputs.length;
  return {
    kind: 'loop',
    ...loop,
    shape: axes.sizes,
    reduced: axesOf(axes, 1).length,
    inputs: loop.inputs.map((view, i) => ({ ...view, strides: axes.rows[i]! })),
    body: loop.body.map(rename),
    epilogue: loop.epilogue.map(rename),
    stores: loop.stores.map((store, i) => ({ ...store, view: { ...store.view, strides: axes.rows[offset + i]! } })),
  };
}

/** Offers the product with as many of its loops as the backend takes; the others follow as a loop of their own. */
function emitProduct(block: Block, cluster: Cluster, product: ProductStep, wanted: Wanted): Kernel[] {
  const members = cluster.members.map(({ step }) => step);
  for (let taken = members.length; taken >= 0; taken--) {
    const rest = members.slice(taken);
    // What the other loops read must be stored here.
    const left = new Set(rest.flatMap(({ terms }) => terms.map(({ value }) => value)));
    const needed: Wanted = { has: (value) => wanted.has(value) || left.has(value) };
    const kernel = productKernel(block, cluster, product, members.slice(0, taken), needed);
    if (!offer(block.context, kernel)) continue;
    if (rest.length === 0) return [kernel];
    const loop = { ...cluster, head: null, members: rest.map((step) => ({ step, level: 'body' as const })) };
    return [kernel, ...emitLoop(block, loop, wanted)];
  }
  if (isDot(product)) return [dotLoop(block, cluster, product, members, wanted)];
  throw new DeviceError(describe('lower', 'a device that takes its convolutions whatever their strides', 'a refusal'));
}

const isDot = (product: ProductStep): product is ProductStep<'dot'> => product.node.primitive === 'dot';

function productKernel(
  block: Block,
  cluster: Cluster,
  product: ProductStep,
  members: readonly LoopStep[],
  wanted: Wanted,
): DotKernel | ConvKernel {
  if (isDot(product)) return dotKernel(block, cluster, product, members, wanted);
  return convKernel(block, cluster, product, members, wanted);
}

/** What happens to a product's elements: over all axes of its result, then `folded` more with stride 0. */
function resultBody(
  block: Block,
  cluster: Cluster,
  target: number,
  members: readonly LoopStep[],
  wanted: Wanted,
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
  const inputs: View[] = [];
  const stores: Store[] = [];
  const body: Body = { instructions: [], base: 1, known: new Map(), space: cluster.space, arrange, inputs };
  body.known.set(termKey(target, everyElement(result.shape)), 0);
  if (wanted.has(target)) {
    const view = viewOf(memoryOf(block, target), result, whole(result.shape), result.shape);
    stores.push({ view: { ...view, strides: [...view.strides, ...new Array<number>(folded).fill(0)] }, value: 0 });
  }
  for (const step of members) addStep(block, body, step, stores, wanted);
  return { inputs, stores, epilogue: body.instructions };
}

function convKernel(
  block: Block,
  cluster: Cluster,
  { node, reads, target }: ProductStep<'conv'>,
  members: readonly LoopStep[],
  wanted: Wanted,
): ConvKernel {
  const { dtype } = typeOf(block, target);
  const [a, b] = reads.map(({ shape }) => ({ shape, dtype })) as [Type, Type];
  return {
    kind: 'conv',
    dtype,
    ...node.params,
    ...convShapes('lower', a, b, node.params),
    a: operandView(block, reads[0]),
    b: operandView(block, reads[1]),
    ...resultBody(block, cluster, target, members, wanted, 0),
    scopes: scopesOf([node.scope, ...scopesIn(block, members)]),
  };
}

/** Axes of a product by role, as positions within a, b and the result. */
function dotAxes(
  block: Block,
  { node, reads }: ProductStep<'dot'>,
): {
  sizes: number[];
  groups: number[];
  a: number[];
  b: number[];
  rest: [number[], number[]];
} {
  const { contract, batch } = node.params;
  const shapes = reads.map(({ shape }) => shape) as [readonly number[], readonly number[]];
  const views = reads.map((read) => operandView(block, read)) as [View, View];
  const rest = ([0, 1] as const).map((side) =>
    shapes[side].flatMap((_, axis) => (contract[side].includes(axis) || batch[side].includes(axis) ? [] : [axis])),
  ) as [number[], number[]];
  const lists: [group: number, a: readonly number[] | null, b: readonly number[] | null][] = [
    [0, batch[0], batch[1]],
    [1, rest[0], null],
    [2, null, rest[1]],
    [3, contract[0], contract[1]],
  ];
  const along = (side: 0 | 1, axes: readonly number[] | null, count: number): number[] =>
    axes === null ? new Array<number>(count).fill(0) : pick(views[side].strides, axes);
  return {
    sizes: lists.flatMap(([, a, b]) => (a === null ? pick(shapes[1], b!) : pick(shapes[0], a))),
    groups: lists.flatMap(([group, a, b]) => (a ?? b!).map(() => group)),
    a: lists.flatMap(([, a, b]) => along(0, a, (b ?? []).length)),
    b: lists.flatMap(([, a, b]) => along(1, b, (a ?? []).length)),
    rest,
  };
}

function dotKernel(
  block: Block,
  cluster: Cluster,
  dot: ProductStep<'dot'>,
  members: readonly LoopStep[],
  wanted: Wanted,
): DotKernel {
  const { sizes, groups, a, b } = dotAxes(block, dot);
  const result = typeOf(block, dot.target);
  const folded = sizes.length - result.shape.length;
  const { inputs, stores, epilogue } = resultBody(block, cluster, dot.target, members, wanted, folded);
  const operands = dot.reads.map((read, i) => ({ view: operandView(block, read), strides: i === 0 ? a : b }));
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
    scopes: scopesOf([dot.node.scope, ...scopesIn(block, members)]),
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
function dotLoop(
  block: Block,
  cluster: Cluster,
  dot: ProductStep<'dot'>,
  members: readonly LoopStep[],
  wanted: Wanted,
): LoopKernel {
  const kernel = dotKernel(block, cluster, dot, members, wanted);
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
