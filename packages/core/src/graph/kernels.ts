/** Kernels of their own: gather, scatter, and the composites that a backend takes whole. */
import { DeviceError, describe } from '../errors.js';
import { sizeOf, type Shape } from '../shape.js';
import { axesOf, coalesce, pick } from './axes.js';
import { offer, operandView, typeOf, wholeView, type Block, type Operand } from './block.js';
import type { GraphNode } from './graph.js';
import type { CompositeKernel, GatherKernel, Kernel, ScatterKernel, View } from './program.js';

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
function addSites(block: Block, { primitive, scope }: GraphNode, limits: readonly number[]): number {
  const { sites } = block.context;
  return sites.push(...limits.map((limit) => ({ op: primitive, scope, limit }))) - limits.length;
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

/** The kernel that a backend is offered for a composite: inputs and outputs in order. */
export function compositeKernel(
  node: Pick<NodeOf<'composite'>, 'params' | 'scope'>,
  inputs: CompositeKernel['inputs'],
  outputs: CompositeKernel['outputs'],
): CompositeKernel {
  const { name, params } = node.params;
  return { kind: 'composite', name, params, inputs, outputs, scopes: node.scope === '' ? [] : [node.scope] };
}

/** Kernel of a composite that `keeps` let through. */
export function emitComposite(block: Block, node: NodeOf<'composite'>, reads: readonly Operand[]): Kernel[] {
  const inputs = reads.map((read) => ({ view: operandView(block, read), shape: read.shape }));
  const outputs = node.outputs.map((value) => ({ view: wholeView(block, value), shape: typeOf(block, value).shape }));
  return [compositeKernel(node, inputs, outputs)];
}
