/** Steps: what a block has to do, node by node, before loops are fused. The table of how each primitive is lowered is here. */
import { DeviceError, describe } from '../errors.js';
import type { Primitive } from '../primitives.js';
import { sameShape, sizeOf, stridesOf, type Shape } from '../shape.js';
import {
  isInlined,
  memoryOf,
  offer,
  settle,
  sourceOf,
  typeOf,
  type Block,
  type Memory,
  type Operand,
} from './block.js';
import { emitComposite, emitCumulate, emitGather, emitScatter, emitSort } from './kernels.js';
import { everyElement, expand, spaceOf, type Term } from './expand.js';
import type { Graph, GraphNode, NodeOf } from './graph.js';
import type { Opcode } from './opcodes.js';
import type { Kernel, ReduceOp } from './program.js';
import { emitScan, type Beginning } from './scan.js';
import { whole, type Access, type Movement } from './views.js';

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
export type ProductStep<P extends 'dot' | 'conv' = 'dot' | 'conv'> = {
  readonly [Q in P]: {
    readonly kind: 'product';
    readonly node: NodeOf<Q>;
    readonly reads: readonly [Operand, Operand];
    readonly target: number;
  };
}[P];

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

/** How a primitive reads an operand: inside the loop that wants its result, in a loop for it alone, from memory, or there or not at all when it is a constant. */
export type Reading = 'along' | 'apart' | 'stored' | 'begun';

interface Family<P extends Primitive> {
  readonly reads: (operand: number, node: NodeOf<P>) => Reading;
  /** What has to be done for a node whose result is stored. */
  steps(block: Block, node: NodeOf<P>): readonly Step[];
}

/** What is computed inside loops: a step only when it is stored. */
const inLoop = {
  reads: (): Reading => 'along',
  steps: (block: Block, { outputs, scope }: Pick<GraphNode, 'outputs' | 'scope'>): readonly Step[] =>
    storeSteps(block, outputs[0]!, scope),
};

type Emit<P extends Primitive> = (block: Block, node: NodeOf<P>, reads: readonly Operand[]) => readonly Kernel[];

/** A kernel of its own, all of whose operands are in memory; none where all results are empty. */
function ofMemory<P extends Primitive>(emit: Emit<P>, faults = false): Family<P> {
  return {
    reads: () => 'stored',
    steps(block, node) {
      if (node.outputs.every((value) => isEmpty(block, value))) return [];
      return [kernelStep(block, node, node.inputs, emit, faults)];
    },
  };
}

/** A kernel that changes a part of its first operand, after a loop that puts this operand into the result. */
function overCopy<P extends Primitive>(emit: Emit<P>, faults: (block: Block, node: NodeOf<P>) => boolean): Family<P> {
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

const isEmpty = (block: Block, value: number): boolean => sizeOf(typeOf(block, value).shape) === 0;

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

/** Primitives that loops compute. */
type InLoop = Opcode | Movement | 'const' | 'iota';

/** How all other primitives are lowered. A primitive without a row does not compile. */
const families: { readonly [P in Exclude<Primitive, InLoop>]: Family<P> } = {
  stopGradient: inLoop,
  reduce: {
    reads: () => 'apart',
    steps(block, { params, inputs, outputs, scope }) {
      const [value, target] = [inputs[0]!, outputs[0]!];
      const { shape } = typeOf(block, value);
      const axes = shape.flatMap((size, axis) => (size === 1 ? [] : [params.axes.includes(axis)]));
      const place = everyElement(typeOf(block, target).shape);
      return [loopStep(block, { value, reduce: { op: params.op, axes }, target, place, scope })];
    },
  },
  pad: { reads: () => 'apart', steps: padSteps },
  concat: {
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
  },
  gather: ofMemory<'gather'>(emitGather, true),
  scatter: overCopy<'scatter'>(emitScatter, (block, node) => !isChecked(block, node)),
  dynamicSlice: ofMemory<'dynamicSlice'>(emitGather),
  dynamicUpdateSlice: overCopy<'dynamicUpdateSlice'>(emitScatter, () => false),
  cumulate: ofMemory(emitCumulate),
  sort: ofMemory(emitSort),
  dot: { reads: () => 'stored', steps: productSteps },
  conv: { reads: () => 'stored', steps: productSteps },
  barrier: { reads: () => 'stored', steps: barrierSteps },
  composite: {
    reads: () => 'stored',
    steps(block, node) {
      if (node.outputs.every((value) => isEmpty(block, value))) return [];
      const reads = node.inputs.map((value) => rowMajorOperand(block, value));
      const emit = (): Kernel[] => emitComposite(block, node, reads);
      return [{ kind: 'kernel', reads, targets: node.outputs, faults: false, emit }];
    },
  },
  scan: {
    reads: (input, { inputs, params: { carries, sequences } }) => {
      const carry = input - (inputs.length - carries - sequences);
      return carry >= 0 && carry < carries ? 'begun' : 'stored';
    },
    steps(block, node) {
      const begins = node.inputs.map((value, i) =>
        families.scan.reads(i, node) === 'begun' ? beginning(block, value) : operand(block, value),
      );
      const reads = begins.filter((read) => typeof read !== 'number');
      const emit = (wanted: ReadonlySet<number>): Kernel[] => emitScan(block, node, begins, wanted);
      return [{ kind: 'kernel', reads, targets: node.outputs, faults: hasFaults(node.params.body), emit }];
    },
  },
};

/** How a node is lowered. */
export function familyOf(node: GraphNode): Family<Primitive> {
  return isInlined(node) ? inLoop : (families[node.primitive as 'stopGradient'] as Family<Primitive>);
}

/**
 * True when a gather reads axes of the same sizes at the same indices: it reports what would be bad to the scatter, which then
 * need not be waited for. So it is with the gradient of a table of vectors.
 */
function isChecked({ graph }: Block, { inputs, params }: NodeOf<'scatter'>): boolean {
  const indices = inputs[1]!;
  const count = graph.types[indices]!.shape.at(-1)!;
  const limits = (x: number): Shape => graph.types[x]!.shape.slice(params.batch, params.batch + count);
  return graph.nodes.some(
    (node) =>
      node.primitive === 'gather' &&
      node.inputs[1] === indices &&
      node.params.batch === params.batch &&
      sameShape(limits(node.inputs[0]!), limits(inputs[0]!)),
  );
}

/** True when a graph, or one inside it, can meet a bad index. */
export function hasFaults(graph: Graph): boolean {
  return graph.nodes.some(
    ({ primitive, params }) =>
      primitive === 'gather' ||
      primitive === 'scatter' ||
      ((primitive === 'scan' || primitive === 'composite') && hasFaults(params.body)),
  );
}

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

function productSteps(block: Block, node: ProductStep['node']): readonly Step[] {
  const reads = [operand(block, node.inputs[0]!), operand(block, node.inputs[1]!)] as const;
  return [{ kind: 'product', node, reads, target: node.outputs[0]! } as ProductStep];
}

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

/** What comes out of a barrier is the memory that went in; it is there once all that went in is. */
function barrierSteps(block: Block, { inputs, outputs }: GraphNode): Step[] {
  const reads = inputs.map((value) => rowMajorOperand(block, value));
  const emit = (): Kernel[] => {
    reads.forEach(({ value, access }, i) => {
      const source = sourceOf(block, value);
      block.memories[outputs[i]!] = { ...source, offset: source.offset + access.offset };
    });
    return [];
  };
  return [{ kind: 'kernel', reads, targets: outputs, faults: false, emit }];
}
