/**
 * Fusion: steps join clusters, and each cluster becomes one kernel. A step moves up into an earlier cluster when everything
 * it needs is there before that cluster, or is made inside it at the very same index.
 */
import { typeOf, type Block } from './block.js';
import { spaceOf, type Term } from './expand.js';
import type { DotStep, KernelStep, LoopStep, Step } from './steps.js';
import { isContiguous } from './views.js';

/** Where in a loop nest something happens: for every index, or once the reduced axes are folded. */
export type Level = 'body' | 'epilogue';

/** Steps that share a kernel. */
export interface Cluster {
  readonly order: Order;
  /** The product or the kernel it began with; null when it is a loop. */
  readonly head: DotStep | KernelStep | null;
  /** Loop over all axes … */
  readonly space: readonly number[];
  /** … of which these are folded, once a reduction has joined. */
  reduced: readonly boolean[] | null;
  readonly members: { readonly step: LoopStep; readonly level: Level }[];
  /** Values that it touches in memory. */
  readonly regions: Set<number>;
}

/** Position among the kernels. Tiny loops stand after what they need, so that big ones need not wait for them. */
interface Order {
  readonly anchor: number;
  readonly rank: number;
}

const start: Order = { anchor: -1, rank: 0 };
const isBefore = (a: Order, b: Order): boolean => a.anchor < b.anchor || (a.anchor === b.anchor && a.rank < b.rank);
const later = (a: Order, b: Order): Order => (isBefore(a, b) ? b : a);

interface Made {
  readonly order: Order;
  readonly cluster: Cluster | null;
  /** Null: readable from memory only. */
  readonly level: Level | null;
}

/** Clusters in order of execution, and the values that must really be in memory. */
export interface Fused {
  readonly clusters: readonly Cluster[];
  readonly wanted: ReadonlySet<number>;
}

/** Steps that a cluster is asked to take before a new one is opened. */
const candidatesAsked = 4;
const mostMembers = 16;

/**
 * Groups the steps. `wanted` has the outputs already; `replaces` says which input an output will overwrite: such a step goes
 * after every reader of the old value, as far as it knows them.
 */
export function fuseSteps(
  block: Block,
  steps: readonly Step[],
  outputs: ReadonlySet<number>,
  replaces: ReadonlyMap<number, number>,
  faultWord: number,
): Fused {
  const { fuse, target } = block.context;
  const limit = target.limits.maxRegionsPerKernel;
  const clusters: Cluster[] = [];
  const made = new Map<number, Made>();
  const readers = new Map<number, Cluster[]>();
  const wanted = new Set(outputs);
  let tiny: Cluster[] = [];
  let anchors = 0;
  let ranks = 0;
  let lastFault = start;

  const madeAt = (value: number): Order => made.get(value)?.order ?? (value === faultWord ? lastFault : start);

  const open = (head: Cluster['head'], space: readonly number[], after: Order, isTiny: boolean): Cluster => {
    const order = isTiny ? { anchor: after.anchor, rank: ++ranks } : { anchor: anchors++, rank: 0 };
    const cluster: Cluster = { order, head, space, reduced: null, members: [], regions: new Set() };
    clusters.push(cluster);
    return cluster;
  };

  const read = (cluster: Cluster, value: number): void => {
    cluster.regions.add(value);
    const list = readers.get(value);
    if (list === undefined) readers.set(value, [cluster]);
    else if (list[list.length - 1] !== cluster) list.push(cluster);
    if (made.get(value)?.cluster !== cluster) wanted.add(value);
  };

  const placeKernel = (step: DotStep | KernelStep): void => {
    const space = step.kind === 'dot' ? spaceOf(typeOf(block, step.target).shape) : [];
    const cluster = open(step, space, start, false);
    for (const { value } of step.reads) read(cluster, value);
    const targets = step.kind === 'dot' ? [step.target] : step.targets;
    for (const value of targets) {
      made.set(value, { order: cluster.order, cluster, level: step.kind === 'dot' ? 'epilogue' : null });
      cluster.regions.add(value);
    }
    if (step.kind === 'kernel' && step.faults) lastFault = later(lastFault, cluster.order);
  };

  const placeLoop = (step: LoopStep): void => {
    const loads = step.terms.filter((term) => term.from !== 'computed');
    const old = replaces.get(step.target);
    const overwritten = old === undefined ? [] : (readers.get(old) ?? []);
    const before = made.get(step.target);
    const asked = fuse ? candidates(step, loads) : [];
    let best: { cluster: Cluster; level: Level } | undefined;
    for (const cluster of asked) {
      if (best !== undefined && isBefore(cluster.order, best.cluster.order)) continue;
      const level = levelIn(cluster, step);
      if (level !== undefined && fits(cluster, level, step, loads, overwritten, before)) best = { cluster, level };
    }
    if (best === undefined) {
      const needs = [...loads.map(({ value }) => madeAt(value)), ...overwritten.map(({ order }) => order)];
      const after = [...needs, (step.ordered && before?.order) || start].reduce(later, start);
      const isTiny = fuse && step.space.length === 0;
      best = { cluster: open(null, step.space, after, isTiny), level: 'body' };
      if (isTiny) tiny = [best.cluster, ...tiny.slice(0, candidatesAsked - 1)];
    }
    const { cluster, level } = best;
    cluster.members.push({ step, level });
    if (step.reduce !== null) cluster.reduced = step.reduce.axes;
    for (const { value } of loads) read(cluster, value);
    if (step.target < 0) return;
    cluster.regions.add(step.target);
    const visible = !step.own ? null : step.reduce === null ? level : 'epilogue';
    made.set(step.target, {
      order: before === undefined ? cluster.order : later(before.order, cluster.order),
      cluster,
      level: visible,
    });
  };

  /** Clusters worth asking: those that make what the step loads, those that load it too, and tiny ones for tiny ones. */
  const candidates = (step: LoopStep, loads: readonly Term[]): Set<Cluster> => {
    const found = new Set<Cluster>(step.space.length === 0 && step.reduce === null ? tiny : []);
    for (const { value, access } of loads) {
      const maker = made.get(value)?.cluster;
      if (maker) found.add(maker);
      if (step.space.length > 0 && access.strides.every((stride) => stride === 0)) continue;
      for (const cluster of (readers.get(value) ?? []).slice(-candidatesAsked)) found.add(cluster);
    }
    return found;
  };

  const fits = (
    cluster: Cluster,
    level: Level,
    step: LoopStep,
    loads: readonly Term[],
    overwritten: readonly Cluster[],
    before: Made | undefined,
  ): boolean => {
    if (cluster.members.length >= mostMembers) return false;
    if (step.ordered && before !== undefined && !isBefore(before.order, cluster.order)) return false;
    if (level === 'epilogue' && !loads.some(({ value }) => made.get(value)?.cluster === cluster)) return false;
    const ready = loads.every((term) => {
      const maker = made.get(term.value);
      if (maker?.cluster !== cluster || maker === undefined) return isBefore(madeAt(term.value), cluster.order);
      return maker.level === level && isContiguous(term.access, step.space);
    });
    if (!ready) return false;
    const old = replaces.get(step.target);
    for (const reader of overwritten) {
      if (reader !== cluster) {
        if (!isBefore(reader.order, cluster.order)) return false;
      } else if (!readsOnlyHere(cluster, level, old!)) return false;
    }
    const regions = new Set([...cluster.regions, ...loads.map(({ value }) => value)]);
    if (step.target >= 0) regions.add(step.target);
    return regions.size + (step.target < 0 ? 1 : 0) <= limit;
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

/** Where in the cluster's loop a step could run. */
function levelIn(cluster: Cluster, step: LoopStep): Level | undefined {
  const { head, space, reduced } = cluster;
  if (head?.kind === 'kernel') return undefined;
  if (head?.kind === 'dot') return step.reduce === null && equal(space, step.space) ? 'epilogue' : undefined;
  if (step.reduce !== null) {
    return equal(space, step.space) && (reduced === null || equal(reduced, step.reduce.axes)) ? 'body' : undefined;
  }
  if (equal(space, step.space)) return 'body';
  return reduced !== null && equal(keptSpace(cluster), step.space) ? 'epilogue' : undefined;
}

/** True when a cluster reads a value at one level and only at the index it is at. */
function readsOnlyHere(cluster: Cluster, level: Level, value: number): boolean {
  const { head } = cluster;
  if (head?.reads.some((operand) => operand.value === value)) return false;
  return cluster.members.every((member) =>
    member.step.terms.every(
      (term) =>
        term.from === 'computed' ||
        term.value !== value ||
        (member.level === level && isContiguous(term.access, member.step.space)),
    ),
  );
}
