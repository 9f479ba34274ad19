/** Kernels of their own: gather, scatter, and the composites that a backend takes whole. */
import { DeviceError, describe } from '../errors.js';
import { sizeOf, type Shape } from '../shape.js';
import { axesOf, coalesce, pick } from './axes.js';
import { offer, operandView, typeOf, wholeView, type Block, type Operand } from './block.js';
import type { GraphNode } from './graph.js';
import type {
  CompositeKernel,
  CumulateKernel,
  GatherKernel,
  Kernel,
  ScatterKernel,
  SortKernel,
  View,
} from './program.js';

type NodeOf<P extends GraphNode['primitive']> = Extract<GraphNode, { primitive: P }>;

const zeros = (list: readonly unknown[]): number[] => list.map(() => 0);

/** The axes of an indexed kernel: x over [batch, limits, slice], indices over [batch, index, K], rows over [batch, index, slice]. */
function indexedAxes(x: View, xShape: Shape, indices: View, indicesShape: Shape, rows: View, batchAxes: number) {
  const batch = xShape.slice(0, batchAxes);
  const index = indicesShape.slice(batchAxes, -1);
  const indexed = indicesShape[indicesShape.length - 1]!;
  const limits = xShape.slice(batchAxes, batchAxes + indexed);
  const slice = xShape.slice(batchAxes + indexed);
  const axes = coalesce({
    sizes: [...batch, ...index, ...slice],
    groups: [...batch.map(() => 0), ...index.map(() => 1), ...slice.map(() => 2)],
    rows: [
      [...x.strides.slice(0, batchAxes), ...zeros(index), ...x.strides.slice(batchAxes + indexed)],
      [...indices.strides.slice(0, -1), ...zeros(slice)],
      rows.strides,
    ],
  });
  const [inBatch, inIndex, inSlice] = [axesOf(axes, 0), axesOf(axes, 1), axesOf(axes, 2)];
  const [rowX, rowIndices, rowRows] = axes.rows as readonly [number[], number[], number[]];
  return {
    batch: pick(axes.sizes, inBatch),
    index: pick(axes.sizes, inIndex),
    limits,
    slice: pick(axes.sizes, inSlice),
    x: {
      ...x,
      strides: [...pick(rowX, inBatch), ...x.strides.slice(batchAxes, batchAxes + indexed), ...pick(rowX, inSlice)],
    },
    indices: { ...indices, strides: [...pick(rowIndices, [...inBatch, ...inIndex]), indices.strides.at(-1)!] },
    rows: { ...rows, strides: rowRows },
  };
}

/** Numbers the fault sites of a node, one per indexed axis; returns the first. */
function addSites(block: Block, { primitive, scope, stack }: GraphNode, limits: readonly number[]): number {
  const { sites } = block.context;
  return sites.push(...limits.map((limit) => ({ op: primitive, scope, limit, stack }))) - limits.length;
}

const scopesOf = ({ scope }: GraphNode): string[] => (scope === '' ? [] : [scope]);

function checked<K extends Kernel>(block: Block, kernel: K): K {
  if (offer(block.context, kernel)) return kernel;
  const expected = `a device with ${kernel.kind} kernels`;
  const hint = 'Use another backend.';
  throw new DeviceError(describe('lower', expected, `one that refuses ${kernel.kind}`, hint));
}

/** Kernel of a gather whose operands are x and indices. */
export function emitGather(block: Block, node: NodeOf<'gather'>, [x, indices]: readonly Operand[]): GatherKernel[] {
  const target = node.outputs[0]!;
  if (sizeOf(typeOf(block, target).shape) === 0) return [];
  const { rows, limits, ...rest } = indexedAxes(
    operandView(block, x!),
    x!.shape,
    operandView(block, indices!),
    indices!.shape,
    wholeView(block, target),
    node.params.batch,
  );
  const site = addSites(block, node, limits);
  return [checked(block, { kind: 'gather', ...rest, limits, out: rows, site, scopes: scopesOf(node) })];
}

/** Kernel of a scatter whose operands are indices and updates; x has been copied into the result. */
export function emitScatter(
  block: Block,
  node: NodeOf<'scatter'>,
  [indices, updates]: readonly Operand[],
): ScatterKernel[] {
  const target = node.outputs[0]!;
  if (sizeOf(updates!.shape) === 0) return [];
  const { x, rows, limits, ...rest } = indexedAxes(
    wholeView(block, target),
    typeOf(block, target).shape,
    operandView(block, indices!),
    indices!.shape,
    operandView(block, updates!),
    node.params.batch,
  );
  const site = addSites(block, node, limits);
  const { mode } = node.params;
  return [
    checked(block, { kind: 'scatter', mode, ...rest, limits, updates: rows, out: x, site, scopes: scopesOf(node) }),
  ];
}

/**
 * What the kernels of dynamicSlice and dynamicUpdateSlice share. The windows of x are one view with two axes for each of
 * x's: where the window starts, and what lies in it. Starts beyond the last window are clamped.
 */
function windowAxes(x: View, shape: Shape, sizes: Shape, starts: View, rows: View) {
  const inside = coalesce({ sizes, groups: zeros(sizes), rows: [x.strides, rows.strides] });
  const [strides, rowStrides] = inside.rows as readonly [number[], number[]];
  return {
    batch: [],
    index: [],
    limits: shape.map((n, axis) => n - sizes[axis]! + 1),
    slice: inside.sizes,
    windows: { ...x, strides: [...x.strides, ...strides] },
    indices: starts,
    rows: { ...rows, strides: rowStrides },
    site: null,
  };
}

/** Kernel of a dynamicSlice whose operands are x and starts: a gather of one window. */
export function emitDynamicSlice(
  block: Block,
  node: NodeOf<'dynamicSlice'>,
  [x, starts]: readonly Operand[],
): GatherKernel[] {
  const target = node.outputs[0]!;
  const { sizes } = node.params;
  if (sizeOf(sizes) === 0) return [];
  const { windows, rows, ...rest } = windowAxes(
    operandView(block, x!),
    x!.shape,
    sizes,
    operandView(block, starts!),
    wholeView(block, target),
  );
  return [checked(block, { kind: 'gather', ...rest, x: windows, out: rows, scopes: scopesOf(node) })];
}

/** Kernel of a dynamicUpdateSlice whose operands are starts and updates; x has been copied into the result. */
export function emitDynamicUpdateSlice(
  block: Block,
  node: NodeOf<'dynamicUpdateSlice'>,
  [starts, updates]: readonly Operand[],
): ScatterKernel[] {
  const target = node.outputs[0]!;
  const sizes = updates!.shape;
  if (sizeOf(sizes) === 0) return [];
  const { windows, rows, ...rest } = windowAxes(
    wholeView(block, target),
    typeOf(block, target).shape,
    sizes,
    operandView(block, starts!),
    operandView(block, updates!),
  );
  const scopes = scopesOf(node);
  return [checked(block, { kind: 'scatter', mode: 'set', ...rest, updates: rows, out: windows, scopes })];
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
  if (sizeOf(shape) === 0) return [];
  const along = (view: View): View => alongAxis(view, shape, axis, reverse);
  const views = { x: along(operandView(block, x!)), out: along(wholeView(block, node.outputs[0]!)) };
  const kernel = { kind: 'cumulate', op, exclusive, shape: axisLast(shape, axis), ...views } as const;
  return [checked(block, { ...kernel, scopes: scopesOf(node) })];
}

/** Kernels of a sort: as many payloads in each as the device's regions allow. */
export function emitSort(block: Block, node: NodeOf<'sort'>, reads: readonly Operand[]): SortKernel[] {
  const { axis, descending } = node.params;
  const { shape } = reads[0]!;
  if (sizeOf(shape) === 0) return [];
  const pairs = reads.map((read, i) => ({
    input: alongAxis(operandView(block, read), shape, axis),
    output: alongAxis(wholeView(block, node.outputs[i]!), shape, axis),
  }));
  const [keys, ...payloads] = pairs as [(typeof pairs)[0], ...typeof pairs];
  const room = Math.max(1, Math.floor(block.context.target.limits.maxRegionsPerKernel / 2) - 1);
  const kernels: SortKernel[] = [];
  for (let start = 0; start === 0 || start < payloads.length; start += room) {
    const chosen = [keys, ...payloads.slice(start, start + room)];
    const inputs = chosen.map(({ input }) => input);
    const outputs = chosen.map(({ output }) => output);
    const rest = { descending, shape: axisLast(shape, axis), inputs, outputs, scopes: scopesOf(node) };
    kernels.push(checked(block, { kind: 'sort', ...rest }));
  }
  return kernels;
}

/** The kernel that a backend is offered for a composite: inputs and outputs in order. */
export function compositeKernel(
  node: Pick<NodeOf<'composite'>, 'params' | 'scope'>,
  inputs: CompositeKernel['inputs'],
  outputs: CompositeKernel['outputs'],
): CompositeKernel {
  const { name, params, host } = node.params;
  return { kind: 'composite', name, params, host, inputs, outputs, scopes: node.scope === '' ? [] : [node.scope] };
}

/** Kernel of a composite that `keeps` let through. */
export function emitComposite(block: Block, node: NodeOf<'composite'>, reads: readonly Operand[]): Kernel[] {
  if (node.outputs.every((value) => sizeOf(typeOf(block, value).shape) === 0)) return [];
  const inputs = reads.map((read) => ({ view: operandView(block, read), shape: read.shape }));
  const outputs = node.outputs.map((value) => ({ view: wholeView(block, value), shape: typeOf(block, value).shape }));
  return [compositeKernel(node, inputs, outputs)];
}
