/** Steps: what a block has to do, node by node, before loops are fused. */
import { DeviceError, describe } from '../errors.js';
import type { Reading, StepForm } from '../primitives/form.js';
import type { Primitive } from '../primitives/params.js';
import { sizeOf } from '../shape.js';
import { memoryOf, offer, settle, typeOf, type Block, type Memory, type Operand } from './block.js';
import { everyElement, expand, spaceOf, type Term } from './expand.js';
import type { Graph, GraphNode, NodeOf } from './graph.js';
import type { ConvKernel, DotKernel, Kernel, ReduceOp } from './program.js';
import { whole, type Access } from './views.js';

/** Computes an expression for every index of a space and stores it, or folds it over some axes. */
export interface LoopStep {
  readonly kind: 'loop';
  readonly terms: readonly Term[];
  readonly space: readonly number[];
  readonly reduce: { readonly op: ReduceOp; readonly axes: readonly boolean[] } | null;
  /** Value that gets it; a negative number of its own when it is a copy for an output. */
  readonly target: number;
  /** The step computes the whole target (not a part of it), so the same loop may go on with it. */
  readonly own: boolean;
  /** Overwrites part of what earlier steps put into the target. */
  readonly ordered: boolean;
  /** Where it is stored, over the space (over the kept axes, when it folds). */
  readonly memory: () => Memory;
  readonly place: Access;
  readonly scope: string;
}

/** A matrix product or a convolution, which may take loops over its result with it. */
export interface ProductStep {
  readonly kind: 'product';
  readonly reads: readonly [Operand, Operand];
  readonly target: number;
  readonly scope: string;
  /** Its kernel. `loops` writes what happens to its elements: over all axes of the result, then `folded` more with stride 0. */
  kernel(scopes: readonly string[], loops: (folded: number) => ResultBody): DotKernel | ConvKernel;
}

/** What happens to the elements of a product. */
export type ResultBody = Pick<DotKernel, 'inputs' | 'stores' | 'epilogue'>;

/** Kernels that nothing joins. */
export interface KernelStep {
  readonly kind: 'kernel';
  readonly reads: readonly Operand[];
  readonly targets: readonly number[];
  /** May write the fault slot. */
  readonly faults: boolean;
  /** `wanted`: the values that somebody reads from memory. */
  emit(wanted: ReadonlySet<number>): Kernel[];
}

/** What a block has to do. */
export type Step = LoopStep | ProductStep | KernelStep;

type Emit<P extends Primitive> = (block: Block, node: NodeOf<P>, reads: readonly Operand[]) => readonly Kernel[];
type Lowering<P extends Primitive> = Pick<StepForm<P>, 'reads' | 'steps'>;

/** A kernel of its own, all of whose operands are in memory; none where all results are empty. */
export function ofMemory<P extends Primitive>(emit: Emit<P>, faults = false): Lowering<P> {
  return {
    reads: () => 'stored',
    steps: (block, node) =>
      node.outputs.every((value) => isEmpty(block, value)) ? [] : [kernelStep(block, node, node.inputs, emit, faults)],
  };
}

/** A kernel that changes a part of its first operand, after a loop that puts this operand into the result. */
export function overCopy<P extends Primitive>(
  emit: Emit<P>,
  faults: (block: Block, node: NodeOf<P>) => boolean,
): Lowering<P> {
  return {
    reads: (input) => (input === 0 ? 'apart' : 'stored'),
    steps(block, node) {
      const [x, ...others] = node.inputs as readonly [number, ...number[]];
      const copy = loopStep(block, { value: x, target: node.outputs[0]!, scope: node.scope });
      if (isEmpty(block, others.at(-1)!)) return [copy];
      return [copy, kernelStep(block, node, others, emit, faults(block, node))];
    },
  };
}

/** True for a value without elements. */
export const isEmpty = (block: Block, value: number): boolean => sizeOf(typeOf(block, value).shape) === 0;

function kernelStep<P extends Primitive>(
  block: Block,
  node: NodeOf<P>,
  operands: readonly number[],
  emit: Emit<P>,
  faults: boolean,
): KernelStep {
  const reads = operands.map((value) => operand(block, value));
  return {
    kind: 'kernel',
    reads,
    targets: node.outputs,
    faults,
    emit: () => emit(block, node, reads).map((kernel) => checked(block, kernel)),
  };
}

/** The kernel, unless the backend refuses it though it must not. */
function checked(block: Block, kernel: Kernel): Kernel {
  if (offer(block.context, kernel)) return kernel;
  const expected = `a device with ${kernel.kind} kernels`;
  throw new DeviceError(describe('lower', expected, `one that refuses ${kernel.kind}`, 'Use another backend.'));
}

/** How a node reads an operand. */
export function readingOf(node: GraphNode, operand: number): Reading {
  return node.form.kind === 'steps' ? node.form.reads(operand, node) : 'along';
}

/** What has to be done for a node; for what is computed inside of loops, only when it is stored. */
export function stepsOf(block: Block, node: GraphNode): readonly Step[] {
  return node.form.kind === 'steps' ? node.form.steps(block, node) : storeSteps(block, node.outputs[0]!, node.scope);
}

/** True when a graph, or one inside it, can meet a bad index. */
export function hasFaults(graph: Graph): boolean {
  return graph.nodes.some(({ form, params }) => form.kind === 'steps' && form.faults?.(params) === true);
}

/** Where a carry begins: an operand, or one number for all elements. */
export type Beginning = Operand | number;

/** What a carry begins with: the number that it is everywhere, or where it is stored. */
export function beginning(block: Block, value: number): Beginning {
  const { shape } = typeOf(block, value);
  const maker = block.makers[settle(block, value, whole(shape), shape).value];
  return maker?.primitive === 'const' ? maker.params.value : operand(block, value);
}

/** Reads a value from memory, through whatever views lead there; marks what must be stored for it. */
export function operand(block: Block, value: number): Operand {
  const { shape } = typeOf(block, value);
  const at = settle(block, value, whole(shape), shape);
  const maker = block.makers[at.value];
  if (maker !== undefined || block.arrivals[at.value] === undefined) block.stored[at.value] = true;
  return { ...at, shape };
}

/** An operand whose elements lie one after the other, from some offset on. */
export function rowMajorOperand(block: Block, value: number): Operand {
  const found = operand(block, value);
  const expected = whole(found.shape).strides;
  const strided = block.stored[found.value] ? undefined : block.arrivals[found.value]?.strides;
  if (strided === undefined && found.access.strides.every((stride, axis) => stride === expected[axis])) return found;
  block.stored[value] = true;
  return operand(block, value);
}

interface LoopStepOptions extends Partial<Omit<LoopStep, 'kind' | 'terms' | 'memory'>> {
  readonly value: number;
  readonly target: number;
  readonly scope: string;
  /** Where the value is read, over the space. Default: all of it, over its own space. */
  readonly access?: Access;
  /** Where it is stored, when that is not the target's memory. */
  readonly memory?: Memory;
}

/** A step that computes a value in a loop, and decides on the way what it has to load. It is stored where it is read by default. */
export function loopStep(block: Block, options: LoopStepOptions): LoopStep {
  const { shape } = typeOf(block, options.value);
  const all = everyElement(shape);
  const { value, target, scope, access = all, space = spaceOf(shape), place = all, memory } = options;
  const { reduce = null, own = false, ordered = false } = options;
  return {
    kind: 'loop',
    terms: expand(block, value, access, space, own),
    space,
    reduce,
    target,
    own: own || reduce !== null,
    ordered,
    memory: () => memory ?? memoryOf(block, target),
    place,
    scope,
  };
}

/** The loop that computes a stored value. */
export function storeSteps(block: Block, value: number, scope: string): readonly Step[] {
  return block.stored[value] ? [loopStep(block, { value, target: value, scope, own: true })] : [];
}
