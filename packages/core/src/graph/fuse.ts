/**
 * Fusion: steps join clusters, and each cluster becomes one kernel. A step moves up into an earlier cluster when everything
 * it needs is there before that cluster, or is made inside it at the very same index.
 */
import { arrange } from './arrange.js';
import { canRead, isInlined, typeOf, type Block } from './block.js';
import { everyElement, spaceOf, type Term } from './expand.js';
import type { KernelStep, LoopStep, ProductStep, Step } from './steps.js';
import { sizeOf } from '../shape.js';
import type { Access } from './views.js';

/** Where in a loop nest something happens: for every index, or once the reduced axes are folded. */
export type Level = 'body' | 'epilogue';

/** Steps that share a kernel. */
export interface Cluster {
  readonly order: Order;
  /** The product or the kernel it began with; null when it is a loop. */
  readonly head: ProductStep | KernelStep | null;
  /** Loop over all axes … */
  readonly space: readonly number[];
  /** … of which these are folded, once a reduction has joined. */
  reduced: readonly boolean[] | null;
  readonly members: { readonly step: LoopStep; readonly level: Level }[];
  /** Values that it touches in memory. */
  readonly regions: Set<number>;
}

/**
 * Position among the kernels. Tiny loops, and small ones of inputs alone, stand right after what they need, so that big ones
 * need not wait for them.
 */
interface Order {
  readonly anchor: number;
  readonly rank: number;
}

const start: Order = { anchor: -1, rank: 0 };
const isBefore = (a: Order, b: Order): boolean => a.anchor < b.anchor || (a.anchor === b.anchor && a.rank < b.rank);
const later = (a: Order, b: Order): Order => (isBefore(a, b) ? b : a);

interface Made {
  readonly order: Order;
  readonly cluster: Cluster;
  /** Where a step that joins the cluster finds it, and at which access; null: in memory only. */
  readonly inside: { readonly level: Level; readonly access: Access } | null;
}

/** A step in the axes of a cluster that may take it. */
interface Fit {
  readonly cluster: Cluster;
  readonly level: Level;
  readonly step: LoopStep;
}

/** Clusters in order of execution, and the values that must really be in memory. */
export interface Fused {
  readonly clusters: readonly Cluster[];
  readonly wanted: ReadonlySet<number>;
}

/** Steps that a cluster is asked to take before a new one is opened. */
const candidatesAsked = 4;
const mostMembers = 16;
/** Elements that a loop may have to share a kernel with a loop that it has nothing to do with, or to stand early. */
const smallLoop = 4096;

/** What fusion must know about the block's outputs. */
export interface Ends {
  /** Values computed straight into where they go. */
  readonly claimed: ReadonlySet<number>;
  /** Value → the input that it will overwrite: it goes after every reader of the old one, as far as these are known. */
  readonly replaces: ReadonlyMap<number, number>;
  /** The input that holds the fault word; −1 when there is none. */
  readonly faultWord: number;
  /** Count on overwriting inputs in place when regions are counted. */
  readonly inPlace: boolean;
}

/** Groups the steps of a block. */
export function fuseSteps(block: Block, steps: readonly Step[], ends: Ends): Fused {
  const { claimed, replaces, faultWord, inPlace } = ends;
  const { fuse, target } = block.context;
  const limit = target.limits.maxRegionsPerKernel;
  const clusters: Cluster[] = [];
  const made = new Map<number, Made>();
  const readers = new Map<number, Cluster[]>();
  const wanted = new Set(claimed);
  /** The last kernels of tiny loops and of small updates of inputs, by their space. Those of one space share kernels. */
  const alike = new Map<string, readonly Cluster[]>();
  let anchors = 0;
  let ranks = 0;
  let lastFault = start;
  const readCounts = countReads(steps);
  /** What is written over an input takes no slot of its own. */
  const regionOf = (value: number): number => (inPlace ? (replaces.get(value) ?? value) : value);
  const late = faultWord < 0 ? new Set<number>() : onlyAssigned(block, replaces);

  const madeAt = (value: number): Order => made.get(value)?.order ?? (value === faultWord ? lastFault : start);

  const open = (head: Cluster['head'], space: readonly number[], after: Order, isEarly: boolean): Cluster => {
    const order = isEarly ? { anchor: after.anchor, rank: ++ranks } : { anchor: anchors++, rank: 0 };
    const cluster: Cluster = { order, head, space, reduced: null, members: [], regions: new Set() };
    clusters.push(cluster);
    return cluster;
  };

  const read = (cluster: Cluster, value: number): void => {
    cluster.regions.add(regionOf(value));
    const list = readers.get(value);
    if (list === undefined) readers.set(value, [cluster]);
    else if (list[list.length - 1] !== cluster) list.push(cluster);
    if (made.get(value)?.cluster !== cluster) wanted.add(value);
  };

  const placeKernel = (step: ProductStep | KernelStep): void => {
    const space = step.kind === 'product' ? spaceOf(typeOf(block, step.target).shape) : [];
    const cluster = open(step, space, start, false);
    for (const { value } of step.reads) read(cluster, value);
    const targets = step.kind === 'product' ? [step.target] : step.targets;
    for (const value of targets) {
      const access = everyElement(typeOf(block, value).shape);
      const inside = step.kind === 'product' ? ({ level: 'epilogue', access } as const) : null;
      made.set(value, { order: cluster.order, cluster, inside });
      cluster.regions.add(value);
    }
    if (step.kind === 'kernel' && step.faults) lastFault = later(lastFault, cluster.order);
  };

  const placeLoop = (step: LoopStep): void => {
    const { cluster, level, step: arranged } = (fuse ? bestFit(step) : undefined) ?? openLoop(step);
    const { target, reduce, own } = step;
    cluster.members.push({ step: arranged, level });
    if (reduce !== null) cluster.reduced = arranged.reduce!.axes;
    for (const { value } of loadsOf(step)) read(cluster, value);
    cluster.regions.add(regionOf(target));
    if (target < 0) return;
    const before = made.get(target)?.order ?? start;
    const inside = own ? { level: reduce === null ? level : ('epilogue' as const), access: arranged.place } : null;
    made.set(target, { order: later(before, cluster.order), cluster, inside });
  };

  const openLoop = (step: LoopStep): Fit => {
    const needs = [...loadsOf(step).map(({ value }) => madeAt(value)), ...overwritten(step).map(({ order }) => order)];
    const after = [...needs, previous(step)].reduce(later, start);
    const isEarly = fuse && (isTiny(step) || (after.anchor < 0 && sizeOf(step.space) <= smallLoop));
    const cluster = open(null, step.space, after, isEarly);
    if (isTiny(step) || isUpdate(step)) {
      const key = step.space.join();
      alike.set(key, [cluster, ...(alike.get(key) ?? []).slice(0, candidatesAsked - 1)]);
    }
    return { cluster, level: 'body', step };
  };

  /** The last of the clusters that can take a step. */
  const bestFit = (step: LoopStep): Fit | undefined => {
    let best: Fit | undefined;
    for (const cluster of candidates(step)) {
      if (best !== undefined && isBefore(cluster.order, best.cluster.order)) continue;
      best = fitIn(cluster, step) ?? best;
    }
    return best;
  };

  const isUpdate = ({ target, reduce, space }: LoopStep): boolean =>
    reduce === null && replaces.has(target) && sizeOf(space) <= smallLoop;

  /** Clusters that still read what the step overwrites. */
  const overwritten = ({ target }: LoopStep): readonly Cluster[] => readers.get(replaces.get(target) ?? -1) ?? [];
  /** What a step has to follow though it does not read it. */
  const previous = ({ ordered, target }: LoopStep): Order => {
    if (late.has(target)) return lastFault;
    return ordered ? (made.get(target)?.order ?? start) : start;
  };

  /** Clusters worth asking: those that make what the step loads, those that load it too, and those that do small things alike. */
  const candidates = (step: LoopStep): Set<Cluster> => {
    const found = new Set(isTiny(step) || isUpdate(step) ? alike.get(step.space.join()) : undefined);
    for (const { value, access } of loadsOf(step)) {
      const maker = made.get(value)?.cluster;
      if (maker !== undefined) found.add(maker);
      if (!isTiny(step) && access.strides.every((stride) => stride === 0)) continue;
      for (const cluster of (readers.get(value) ?? []).slice(-candidatesAsked)) found.add(cluster);
    }
    return found;
  };

  /** The step in the cluster's axes, when everything that it needs is there in time. */
  const fitIn = (cluster: Cluster, step: LoopStep): Fit | undefined => {
    if (cluster.members.length >= mostMembers || cluster.head?.kind === 'kernel') return undefined;
    const fromInside = loadsOf(step).find(({ value }) => made.get(value)?.cluster === cluster);
    const inside = fromInside === undefined ? null : made.get(fromInside.value)!.inside;
    // A kernel of a product takes what reads the product.
    if (fromInside === undefined ? cluster.head !== null : inside === null) return undefined;
    const level = inside?.level ?? 'body';
    const space = level === 'body' ? cluster.space : keptSpace(cluster);
    const same = fromInside && { mine: fromInside.access, theirs: inside!.access };
    const arranged = arrange(step, space, same);
    if (arranged === undefined || !takesReduction(cluster, level, arranged)) return undefined;
    if (!isBefore(previous(step), cluster.order)) return undefined;
    const ready = loadsOf(arranged).every(({ value, access, from }) => {
      if (from === 'arrival' && !canRead(block, value, access, space)) return false;
      const maker = made.get(value);
      if (maker?.cluster !== cluster) return isBefore(madeAt(value), cluster.order);
      return maker.inside?.level === level && isSameAccess(maker.inside.access, access);
    });
    if (!ready) return undefined;
    for (const reader of overwritten(step)) {
      const isSafe =
        reader === cluster
          ? readsOnlyAt(cluster, level, replaces.get(step.target)!, arranged.place)
          : isBefore(reader.order, cluster.order);
      if (!isSafe) return undefined;
    }
    return countRegions(cluster, step) <= limit ? { cluster, level, step: arranged } : undefined;
  };

  /** Distinct slots of the cluster with one more step. What all its readers find inside has none. */
  const countRegions = (cluster: Cluster, step: LoopStep): number => {
    const reads = [...cluster.members.map((member) => member.step), step].map(
      (member) => new Set(loadsOf(member).map(({ value }) => value)),
    );
    const isInside = (value: number): boolean =>
      made.get(value)?.cluster === cluster &&
      made.get(value)!.inside !== null &&
      !claimed.has(value) &&
      reads.filter((values) => values.has(value)).length === readCounts.get(value);
    const touched = [step.target, ...reads.at(-1)!].map(regionOf);
    const regions = new Set([...cluster.regions, ...touched]);
    return [...regions].filter((value) => !isInside(value)).length;
  };

  for (const step of steps) {
    if (step.kind === 'loop') placeLoop(step);
    else placeKernel(step);
  }
  clusters.sort((a, b) => (isBefore(a.order, b.order) ? -1 : 1));
  return { clusters, wanted };
}

const equal = (a: readonly unknown[], b: readonly unknown[]): boolean =>
  a.length === b.length && a.every((entry, i) => entry === b[i]);

/** Sizes of the axes that are not folded. */
export function keptSpace(cluster: Pick<Cluster, 'space' | 'reduced'>): number[] {
  return cluster.space.filter((_, axis) => !cluster.reduced?.[axis]);
}

/**
 * Values that nothing but assigned outputs need. Those wait for the fault word, so what leads to them waits as well: else
 * it would have to be stored in between.
 */
function onlyAssigned({ graph, makers }: Block, replaces: ReadonlyMap<number, number>): Set<number> {
  const late = new Set(replaces.keys());
  const other = new Set(graph.outputs.filter((value) => !late.has(value)));
  for (let i = graph.nodes.length - 1; i >= 0; i--) {
    const node = graph.nodes[i]!;
    const isLate = isInlined(node) && late.has(node.outputs[0]!) && !other.has(node.outputs[0]!);
    for (const value of node.inputs) (isLate ? late : other).add(value);
  }
  const isComputed = (value: number): boolean => makers[value] !== undefined && isInlined(makers[value]);
  return new Set([...late].filter((value) => !other.has(value) && isComputed(value)));
}

/** How many steps read each value. */
function countReads(steps: readonly Step[]): ReadonlyMap<number, number> {
  const counts = new Map<number, number>();
  for (const step of steps) {
    const reads = step.kind === 'loop' ? loadsOf(step) : step.reads;
    for (const value of new Set(reads.map((read) => read.value))) counts.set(value, (counts.get(value) ?? 0) + 1);
  }
  return counts;
}

const isTiny = ({ space }: LoopStep): boolean => space.length === 0;

const loadsOf = ({ terms }: LoopStep): readonly Term[] => terms.filter(({ from }) => from !== 'computed');

const isSameAccess = (a: Access, b: Access): boolean => a.offset === b.offset && equal(a.strides, b.strides);

/** A reduction joins a loop that folds nothing yet, or the same axes. */
function takesReduction(cluster: Cluster, level: Level, { reduce }: LoopStep): boolean {
  if (reduce === null) return true;
  return level === 'body' && (cluster.reduced === null || equal(cluster.reduced, reduce.axes));
}

/** True when a cluster reads a value at one level and at one access only. */
function readsOnlyAt(cluster: Cluster, level: Level, value: number, place: Access): boolean {
  if (cluster.head?.reads.some((operand) => operand.value === value)) return false;
  return cluster.members.every((member) =>
    loadsOf(member.step).every(
      (load) => load.value !== value || (member.level === level && isSameAccess(load.access, place)),
    ),
  );
}
