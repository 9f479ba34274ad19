/** Kernels of their own: gather, scatter, and the composites that a backend takes whole. */
import type { Shape } from '../shape.js';
import { axesOf, coalesce, pick } from './axes.js';
import { operandView, typeOf, wholeView, type Block, type Operand } from './block.js';
import type { NodeOf } from './graph.js';
import { scopesOf } from './loop.js';
import type { CompositeKernel, CumulateKernel, GatherKernel, ScatterKernel, SortKernel, View } from './program.js';
import type { Operand as OperandView } from './program.js';

const zeros = (list: readonly unknown[]): number[] => list.map(() => 0);

const sideOf = (block: Block, operand: Operand): OperandView => ({
  view: operandView(block, operand),
  shape: operand.shape,
});
const resultOf = (block: Block, value: number): OperandView => ({
  view: wholeView(block, value),
  shape: typeOf(block, value).shape,
});

/** The axes of an indexed kernel: x over [batch, limits, slice], indices over [batch, index, K], rows over [batch, index, slice]. */
function indexedAxes(x: OperandView, indices: OperandView, rows: OperandView, batchAxes: number) {
  const batch = x.shape.slice(0, batchAxes);
  const index = indices.shape.slice(batchAxes, -1);
  const end = batchAxes + indices.shape.at(-1)!;
  const slice = x.shape.slice(end);
  const { strides } = x.view;
  const axes = coalesce({
    sizes: [...batch, ...index, ...slice],
    groups: [...batch.map(() => 0), ...index.map(() => 1), ...slice.map(() => 2)],
    rows: [
      [...strides.slice(0, batchAxes), ...zeros(index), ...strides.slice(end)],
      [...indices.view.strides.slice(0, -1), ...zeros(slice)],
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

/**
 * The axes of a kernel that moves one window. The windows of x are one view with two axes for each of x's: where the window
 * starts, and what lies in it. Starts beyond the last window are clamped.
 */
function windowAxes(x: OperandView, starts: OperandView, rows: OperandView) {
  const sizes = rows.shape;
  const inside = coalesce({ sizes, groups: zeros(sizes), rows: [x.view.strides, rows.view.strides] });
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
  };
}

type Indexed = NodeOf<'gather' | 'scatter' | 'dynamicSlice' | 'dynamicUpdateSlice'>;

/** What gathers and scatters share. A bad index is a fault, one site per indexed axis; a start has none. */
function indexed(block: Block, node: Indexed, x: OperandView, indices: OperandView, rows: OperandView) {
  const { primitive, params, scope, stack } = node;
  const scopes = scopesOf([scope]);
  if (primitive !== 'gather' && primitive !== 'scatter') return { ...windowAxes(x, indices, rows), scopes };
  const axes = indexedAxes(x, indices, rows, params.batch);
  const { sites } = block.context;
  const site = sites.push(...axes.limits.map((limit) => ({ op: primitive, scope, limit, stack }))) - axes.limits.length;
  return { ...axes, site, scopes };
}

/** Kernel of a gather or of a dynamicSlice, whose operands are x and indices or starts. */
export function emitGather(
  block: Block,
  node: NodeOf<'gather' | 'dynamicSlice'>,
  [x, indices]: readonly Operand[],
): GatherKernel[] {
  const target = resultOf(block, node.outputs[0]!);
  const { rows, ...rest } = indexed(block, node, sideOf(block, x!), sideOf(block, indices!), target);
  return [{ kind: 'gather', ...rest, out: rows }];
}

/** Kernel of a scatter or of a dynamicUpdateSlice; x has been copied into the result. Operands: indices or starts, updates. */
export function emitScatter(
  block: Block,
  node: NodeOf<'scatter' | 'dynamicUpdateSlice'>,
  [indices, updates]: readonly Operand[],
): ScatterKernel[] {
  const target = resultOf(block, node.outputs[0]!);
  const { x, rows, ...rest } = indexed(block, node, target, sideOf(block, indices!), sideOf(block, updates!));
  const mode = node.primitive === 'scatter' ? node.params.mode : 'set';
  return [{ kind: 'scatter', mode, ...rest, updates: rows, out: x }];
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

/** Kernel of a cumulate; a reversed one reads and writes backwards. */
export function emitCumulate(block: Block, node: NodeOf<'cumulate'>, [x]: readonly Operand[]): CumulateKernel[] {
  const { op, axis, reverse, exclusive } = node.params;
  const { shape } = x!;
  const along = (view: View): View => alongAxis(view, shape, axis, reverse);
  const views = { x: along(operandView(block, x!)), out: along(wholeView(block, node.outputs[0]!)) };
  const scopes = scopesOf([node.scope]);
  return [{ kind: 'cumulate', op, exclusive, shape: axisLast(shape, axis), ...views, scopes }];
}

/** Kernels of a sort: as many payloads in each as the device's regions allow. */
export function emitSort(block: Block, node: NodeOf<'sort'>, reads: readonly Operand[]): SortKernel[] {
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
}

/** The kernel that a backend is offered for a composite: inputs and outputs in order. */
export function compositeKernel(
  { params: { name, params, host }, scope }: Pick<NodeOf<'composite'>, 'params' | 'scope'>,
  inputs: CompositeKernel['inputs'],
  outputs: CompositeKernel['outputs'],
): CompositeKernel {
  return { kind: 'composite', name, params, host, inputs, outputs, scopes: scopesOf([scope]) };
}

/** Kernel of a composite that `keeps` let through. */
export function emitComposite(block: Block, node: NodeOf<'composite'>, reads: readonly Operand[]): CompositeKernel[] {
  const outputs = node.outputs.map((value) => resultOf(block, value));
  return [
    compositeKernel(
      node,
      reads.map((read) => sideOf(block, read)),
      outputs,
    ),
  ];
}
