/**
 * The window: what was recorded eagerly since the last fence. A fence splits it into components that share only stored
 * leaves, runs one program for each in the order of first recording, and decides what survives.
 */
import { isGraphOf, nodesBelow, numberNodes, writeGraph, type Numbered } from '../graph/build.js';
import type { Graph } from '../graph/graph.js';
import type { Cell } from '../jit/trace.js';
import { isLeaf, type Node, type Value } from '../node.js';
import { sizeOf } from '../shape.js';
import { deviceOf, execute, stale, type Assignment } from './execute.js';
import { LruMap } from './lru.js';
import { isLive, type Stored } from './storage.js';

/** Limits on what may be pending; past them a fence comes by itself, at the end of an operation. */
const MAX_NODES = 20_000;
const MAX_BYTES = 2 ** 31;

let nodes: Node[] = [];
let bytes = 0;
/** Variables assigned in this window, with the value each had at its beginning. */
let assigned = new Map<Cell, Value>();

/** Adds a node to the window. */
export function record(node: Node): void {
  node.pending = true;
  nodes.push(node);
  for (const value of node.inputs) value.consumed = true;
  for (const { type } of node.outputs) bytes += 4 * sizeOf(type.shape);
}

/**
 * Marks a value that the user holds. The window is fenced here when it is full, and not where a node is recorded: half of an
 * operation would lose values on the way that it still needs, and cannot compute again once a variable is overwritten. The
 * value itself is stored only if that is so for it, too: it may be large, and about to be consumed.
 */
export function hold(value: Value): void {
  if (value.node.pending && (nodes.length >= MAX_NODES || bytes >= MAX_BYTES)) {
    const bases = new Set(assigned.values());
    value.held = nodesBelow([value], stops).some(({ inputs }) => inputs.some((input) => bases.has(input)));
    fence();
  }
  value.held = true;
}

/** Nodes that wait for a fence. */
export function pendingNodes(): number {
  return nodes.length;
}

/** Gives a variable a new value; its old storage is overwritten at the next fence. */
export function assignCell(cell: Cell, value: Value): void {
  // A first value that nothing has stored yet must exist before it can be overwritten.
  if (!assigned.has(cell) && cell.current.node.pending) fence();
  if (!assigned.has(cell)) assigned.set(cell, cell.current);
  // A result that exists already has other users.
  if (value.stored !== null) value.stored.storage.shared = true;
  cell.current = value;
}

/**
 * Runs everything recorded so far. Values that nobody consumed, and those marked `kept`, are stored; the others are dropped
 * and can be recomputed while what they were computed from exists. Failures stay with the values concerned; the first one
 * is returned.
 */
export function runWindow(wanted?: Value): Error | null {
  if (nodes.length === 0 && assigned.size === 0) return null;
  const window = nodes;
  const assignments = assigned;
  nodes = [];
  bytes = 0;
  assigned = new Map<Cell, Value>();
  // Off the window first, so that whatever is recorded or fenced meanwhile starts afresh.
  const targets = chooseTargets(window, assignments, wanted);
  for (const node of window) node.pending = false;
  let failure: Error | null = null;
  for (const component of split(targets, assignments)) {
    try {
      runComponent(component);
    } catch (error) {
      failure ??= error as Error;
      for (const [cell, base] of component.assigned) cell.current = base;
      for (const value of component.outputs) failures.set(value, error as Error);
    }
  }
  for (const node of window) forgetInputs(node);
  return failure;
}

/** As `runWindow`, but throws the first failure. `optimizer.apply` and the end of a scope end with it. */
export function fence(): void {
  const failure = runWindow();
  if (failure !== null) throw failure;
}

const failures = new WeakMap<Value, Error>();

/** Makes sure that a value has numbers: runs what is pending, recomputes it if it was dropped, or throws. */
export function materialize(value: Value): void {
  runWindow(value);
  ensureStored(value);
}

function ensureStored(value: Value): void {
  if (isPresent(value)) return;
  const failure = failures.get(value);
  if (failure !== undefined) {
    // Told once; asking again tries again, as memory may have come free.
    failures.delete(value);
    throw failure;
  }
  if (stops(value)) throw stale(value);
  runComponent({ nodes: nodesBelow([value], stops), outputs: [value], assigned: [] });
}

/** Values that the fence must store, in the order of recording. */
function chooseTargets(
  window: readonly Node[],
  assignments: ReadonlyMap<Cell, Value>,
  wanted: Value | undefined,
): Value[] {
  const targets = new Set<Value>();
  for (const node of window) {
    for (const value of node.outputs) if (value.kept || (value.held && !value.consumed)) targets.add(value);
  }
  if (wanted !== undefined && needsRun(wanted)) targets.add(wanted);
  for (const cell of assignments.keys()) if (needsRun(cell.current)) targets.add(cell.current);
  return [...targets].sort((a, b) => a.node.id - b.node.id || a.index - b.index);
}

function needsRun(value: Value): boolean {
  return !isPresent(value) && !isLeaf(value);
}

interface Component {
  /** To run, in the order of recording. */
  readonly nodes: readonly Node[];
  readonly outputs: readonly Value[];
  /** Variables among the outputs, with the values that they overwrite. */
  readonly assigned: readonly (readonly [cell: Cell, base: Value])[];
}

/** Groups the targets that are connected through nodes to run, or through a storage that one of them overwrites. */
function split(targets: readonly Value[], assignments: ReadonlyMap<Cell, Value>): Component[] {
  const nodes = nodesBelow(targets, stops);
  if (targets.length === 1) {
    return [{ nodes, outputs: targets, assigned: [...assignments].filter(([cell]) => cell.current === targets[0]) }];
  }
  nodes.forEach((node, i) => (node.place = i));
  // Groups are trees over the places of the nodes and, after them, of values that no node here computes.
  const parent = nodes.map((_, i) => i);
  const others = new Map<Value, number>();
  const placeOf = (value: Value): number => {
    if (!stops(value)) return value.node.place;
    let place = others.get(value);
    if (place === undefined) others.set(value, (place = parent.push(parent.length) - 1));
    return place;
  };
  const find = (place: number): number => {
    let root = place;
    while (parent[root] !== root) root = parent[root] = parent[parent[root]!]!;
    return root;
  };
  const join = (a: number, b: number): void => {
    parent[find(b)] = find(a);
  };
  const overwritten = new Set<Value>([...assignments.values()].filter(({ stored }) => stored !== null));
  nodes.forEach(({ inputs }, i) => {
    for (const value of inputs) if (overwritten.has(value) || !stops(value)) join(placeOf(value), i);
  });
  for (const [cell, base] of assignments) if (overwritten.has(base)) join(placeOf(base), placeOf(cell.current));
  const components = new Map<number, { nodes: Node[]; outputs: Value[]; assigned: [Cell, Value][] }>();
  for (const value of targets) {
    const root = find(placeOf(value));
    let component = components.get(root);
    if (component === undefined) components.set(root, (component = { nodes: [], outputs: [], assigned: [] }));
    component.outputs.push(value);
  }
  for (const entry of assignments) {
    if (needsRun(entry[0].current)) components.get(find(placeOf(entry[0].current)))!.assigned.push(entry);
  }
  nodes.forEach((node, i) => components.get(find(i))!.nodes.push(node));
  return [...components.values()];
}

/** True for values that a program takes as they are. */
export function stops(value: Value): boolean {
  return isLeaf(value) || isPresent(value) || value.node.released;
}

/** Graphs that were run, by their hashes: what looks like one of them is not written down again. */
const graphs = new LruMap<Graph, number>(16 * 2 ** 20);
const BYTES_PER_NODE = 512;

function graphOf(numbered: Numbered): Graph {
  let graph = graphs.get(numbered.hash);
  if (graph === undefined || !isGraphOf(graph, numbered)) {
    graph = writeGraph(numbered);
    graphs.set(numbered.hash, graph, graph.nodes.length * BYTES_PER_NODE);
  }
  return graph;
}

function runComponent({ nodes: own, outputs, assigned: cells }: Component): void {
  const bases = cells.flatMap(([, base]) => (isPresent(base) ? [base] : []));
  const numbered = numberNodes(own, outputs, [...new Set(bases)], stops);
  const { leaves } = numbered;
  for (const value of leaves) if (!isPresent(value)) throw stale(value);
  const graph = graphOf(numbered);
  const device = deviceOf(leaves);
  const taken = new Set<Value>();
  const owners: Cell[] = [];
  const assignments = cells.flatMap(([cell, base]): Assignment[] => {
    // A result goes into one variable and a storage is overwritten once; other variables share and copy when it matters.
    if (taken.has(cell.current)) return [];
    taken.add(cell.current);
    owners.push(cell);
    if (!isPresent(base) || taken.has(base)) return [];
    taken.add(base);
    const exclusive = base.stored !== null && base.stored.storage === cell.owned;
    return [{ output: outputs.indexOf(cell.current), input: leaves.indexOf(base), name: cell.name, exclusive }];
  });
  const executable = device.programs.eager(
    graph,
    assignments.map(({ output, input }) => [output, input] as const),
  );
  const results = execute(device, graph, executable, leaves, assignments);
  outputs.forEach((value, i) => store(value, results[i]!));
  for (const [cell] of cells) {
    const { storage } = cell.current.stored!;
    if (owners.includes(cell)) cell.owned = storage;
    else storage.shared = true;
  }
}

/** True when a value has numbers already, on the host or on a device. */
export function isPresent({ host, stored }: Value): boolean {
  return host !== null || (stored !== null && isLive(stored));
}

function store(value: Value, stored: Stored): void {
  value.stored = stored;
  if (value.exposed) stored.storage.shared = true;
}

/** Lets go of what a node was computed from, unless a value of it may still have to be recomputed. */
function forgetInputs(node: Node): void {
  let isStored = false;
  for (const { held, stored } of node.outputs) {
    if (stored !== null) isStored = true;
    else if (held) return;
  }
  if (!isStored) return;
  node.inputs = NO_VALUES;
  node.released = true;
}

const NO_VALUES: readonly Value[] = [];
