/** Lowering: a Graph becomes a Program. Simplify, decide what is stored, fuse, emit, plan. */
import { assign, resolve, type Assignment } from './assign.js';
import {
  bytesOf,
  newMemory,
  offer,
  openBlock,
  typeOf,
  type Block,
  type Context,
  type Destination,
  type Memory,
  type Target,
} from './block.js';
import { constant, elementwise, select } from '../primitives/elementwise.js';
import { broadcast, reshape, slice } from '../primitives/movement.js';
import { fuseSteps, type Fused } from './fuse.js';
import type { Graph, Type } from './graph.js';
import { NOWHERE } from '../jit/trace.js';
import { emitLoop } from './loop.js';
import { planSlots } from './plan.js';
import { emitProduct } from './product.js';
import type { Kernel, Program, Slot } from './program.js';
import { planSteps, type Copy } from './roots.js';
import { simplify, type Ending } from './simplify.js';
import { hasFaults } from './steps.js';
import { touched } from './touch.js';

/** What lowering is told beside the graph. */
export interface LowerOptions {
  /** The backend: its limits, its dtypes, and what it accepts. */
  readonly target: Target;
  /** False: every node is a kernel of its own (views are free all the same). The debug mode. */
  readonly fuse: boolean;
  /** Pairs (position in graph.outputs, position in graph.inputs): the output overwrites the input's memory. */
  readonly donate: readonly (readonly [output: number, input: number])[];
}

/**
 * The program of a graph. Slots: one per input that is not a scalar (inout when donated), one per output that is not donated,
 * the fault slot when something can meet a bad index, then temporaries.
 *
 * @throws DTypeError for a dtype that the target lacks, ResourceError for a buffer beyond its limit, DeviceError when it has
 * no kernel for something that cannot be done with loops.
 */
export function lower(graph: Graph, options: LowerOptions): Program {
  const { target, fuse, donate } = options;
  const context: Context = {
    target,
    fuse,
    buffers: [],
    sites: [],
    answers: [],
    aliases: new Map(),
    lowerBlock: (body, depth, arrivals, destinations) => lowerBlock(context, body, depth, arrivals, destinations),
  };
  const replaced = new Map(donate.map(([output, input]) => [output, input]));
  const donated = new Set(donate.map(([, input]) => input));
  const slots: Slot[] = [];
  const addSlot = (type: Type, role: Slot['role']): Memory => {
    const memory = newMemory(context, type, 0);
    slots.push({ bytes: context.buffers[memory.buffer]!, role });
    return memory;
  };
  const arrivals = graph.inputs.map(({ scalar }, i) =>
    scalar ? undefined : addSlot(graph.types[i]!, donated.has(i) ? 'inout' : 'input'),
  );
  const destinations = graph.outputs.map((value, i): Destination => {
    const input = replaced.get(i);
    return input === undefined ? { memory: addSlot(graph.types[value]!, 'output') } : { over: input };
  });
  const fault = hasFaults(graph) ? addSlot(faultType, 'output') : undefined;
  const kernels = lowerBlock(context, graph, 0, arrivals, destinations, fault);
  const planned = planSlots(context, slots, kernels);
  return {
    key: programKey(graph, options, context.answers),
    slots: planned.slots,
    scalars: graph.inputs.flatMap(({ scalar }, i) => (scalar ? [graph.types[i]!.dtype] : [])),
    kernels: planned.kernels,
    faults: fault === undefined ? null : { slot: fault.buffer, sites: context.sites },
  };
}

/** The fault slot: a site's number plus 1, and the bad index; the backend clears it. */
const faultType: Type = { shape: [2], dtype: 'int32' };

function programKey(graph: Graph, { target, fuse, donate }: LowerOptions, answers: readonly boolean[]): string {
  const asked = answers.map((answer) => (answer ? 1 : 0)).join('');
  const device = `${JSON.stringify(target.bytes)}${target.limits.maxRegionsPerKernel}`;
  return `${graph.key}|${fuse ? 'fused' : 'plain'}|${JSON.stringify(donate)}|${device}|${asked}`;
}

/** Kernels of a graph whose inputs arrive, and whose outputs go, where the arguments say. */
function lowerBlock(
  context: Context,
  graph: Graph,
  depth: number,
  arrivals: readonly (Memory | undefined)[],
  destinations: readonly Destination[],
  fault?: Memory,
): Kernel[] {
  const simple = simplify(graph, (kernel) => offer(context, kernel), fault === undefined ? null : guard(destinations));
  simple.inputs.forEach((_, value) => bytesOf(context.target, simple.types[value]!));
  for (const node of simple.nodes) {
    for (const output of node.outputs) bytesOf(context.target, simple.types[output]!, node.primitive);
  }
  const all = fault === undefined ? arrivals : [...arrivals, fault];
  const faultWord = fault === undefined ? -1 : arrivals.length;
  const emit = (inPlace: boolean): Kernel[] => {
    const block = openBlock(context, simple, depth, all);
    const { copies, assignments, ...claims } = claimOutputs(block, destinations);
    const fused = fuseSteps(block, planSteps(block, copies), { ...claims, faultWord, inPlace });
    return assign(block, emitClusters(block, fused), assignments);
  };
  // Assignments are expected to work in place; a kernel that has too many slots when one does not is made again.
  const { sites } = context;
  const known = sites.length;
  const kernels = emit(true);
  const limit = context.target.limits.maxRegionsPerKernel;
  if (kernels.every((kernel) => regionsOf(context, kernel) <= limit)) return kernels;
  sites.length = known;
  return emit(false);
}

/** Kernels of all clusters, in order. */
function emitClusters(block: Block, { clusters, wanted }: Fused): Kernel[] {
  return clusters.flatMap((cluster) => {
    const { head } = cluster;
    if (head === null) return emitLoop(block, cluster, wanted);
    return head.kind === 'product' ? emitProduct(block, cluster, head, wanted) : head.emit(wanted);
  });
}

/** Distinct slots that a kernel touches, once assignments are settled. Those inside of a repeat were counted there. */
function regionsOf(context: Context, kernel: Kernel): number {
  if (kernel.kind === 'repeat') return 0;
  const { reads, writes } = touched(kernel);
  return new Set([...reads, ...writes].map(({ slot }) => resolve(context, slot))).size;
}

/** After a fault, what is assigned keeps its old value: select(fault[0] = 0, new, old). The word is one more input. */
const guard = (destinations: readonly Destination[]): Ending => ({
  input: faultType,
  outputs(book, word, outputs) {
    const head = book.apply(NOWHERE, slice, { start: [0], limit: [1], stride: [1] }, word);
    const site = book.apply(NOWHERE, reshape, { shape: [] }, head);
    const zero = book.apply(NOWHERE, constant, { value: 0, dtype: 'int32' });
    const fine = book.apply(NOWHERE, elementwise('eq'), {}, site, zero);
    return outputs.map((value, i) => {
      const destination = destinations[i]!;
      if ('memory' in destination || value === destination.over) return value;
      const { shape } = book.types[value]!;
      const test = book.apply(NOWHERE, broadcast, { shape, axes: [] }, fine);
      return book.apply(NOWHERE, select, {}, test, value, destination.over);
    });
  },
});

interface Claims {
  /** Values computed straight into where they go. */
  readonly claimed: ReadonlySet<number>;
  /** Values that are somewhere else and are copied there. */
  readonly copies: readonly Copy[];
  readonly assignments: readonly Assignment[];
  /** Value → the input that it will overwrite. */
  readonly replaces: ReadonlyMap<number, number>;
}

/** Gives each output's value the memory that it goes to, once; inputs and outputs that come again are copied. */
function claimOutputs(block: Block, destinations: readonly Destination[]): Claims {
  const claimed = new Set<number>();
  const copies: Copy[] = [];
  const assignments: Assignment[] = [];
  const replaces = new Map<number, number>();
  block.graph.outputs.forEach((value, i) => {
    const destination = destinations[i]!;
    const source = belowReshapes(block, value);
    if ('over' in destination && source === destination.over) return;
    const memory =
      'memory' in destination ? destination.memory : newMemory(block.context, typeOf(block, value), block.depth);
    if ('over' in destination) assignments.push({ value, from: memory, to: block.arrivals[destination.over]! });
    const maker = block.makers[source];
    if (maker === undefined || maker.primitive === 'barrier' || claimed.has(source)) {
      copies.push({ value, memory });
      return;
    }
    claimed.add(source);
    block.stored[source] = true;
    block.memories[source] = memory;
    if ('over' in destination) replaces.set(source, destination.over);
  });
  return { claimed, copies, assignments, replaces };
}

/** The value that has the same elements in the same order. */
function belowReshapes(block: Block, value: number): number {
  let at = value;
  for (let maker = block.makers[at]; maker?.primitive === 'reshape'; maker = block.makers[at]) at = maker.inputs[0]!;
  return at;
}
