/** jit: a function traced once per signature and run as one program, one call into the backend. */
import { isHandle } from '../operand.js';
import { leaf, type Value } from '../node.js';
import { defaultDevice, type Device } from '../runtime/devices.js';
import { deviceOf, execute, type Assignment } from '../runtime/execute.js';
import { LruMap } from '../runtime/lru.js';
import type { Donation, Executable } from '../runtime/programs.js';
import { isLive, type Stored } from '../runtime/storage.js';
import { materialize, runWindow } from '../runtime/window.js';
import { Tensor } from '../tensor.js';
import { flatten, structureKey, unflatten, type Structure } from '../tree.js';
import { Variable } from '../variable.js';
import type { Graph } from '../graph/graph.js';
import type { Program } from '../graph/program.js';
import { traceGraph, type TracedGraph } from './graph.js';
import { currentFrame, outside, rejectPromise } from './trace.js';

/** Options of `jit`. */
export interface JitOptions {
  /** Shown in messages and profiles. Default: the function's name. */
  readonly name?: string;
}

/** A compiled function, with its programs to look at. */
export interface Jitted<A extends readonly unknown[], R> {
  (...args: A): R;
  /** The graph that these arguments lead to; nothing is run. */
  graph(...args: A): Graph;
  /** The program that runs for these arguments on the backend in use; nothing is run. `printProgram` shows it. */
  program(...args: A): Program;
  /** Signatures compiled and not forgotten. */
  readonly signatures: number;
}

const CACHE_BYTES = 32 * 2 ** 20;
const BYTES_PER_NODE = 512;
/** Signatures that differ in one number before a warning says so. */
const WARN_AFTER = 8;

/** A traced signature: what to gather for a call, and what to make of its results. */
interface Entry extends TracedGraph {
  /** Which outputs overwrite which inputs: those of the variables that the function assigns. */
  readonly donation: Donation;
  readonly structure: Structure;
  /** For each leaf of the result: the number of an output, or a value that is not a tensor. */
  readonly results: readonly ({ readonly output: number } | { readonly fixed: unknown })[];
  executable: { readonly device: Device; readonly compiled: Executable } | null;
}

/**
 * Compiles a function: it is run once on placeholders for each signature, and from then on as one program.
 *
 * Tensors in the arguments are inputs; other values are part of the signature. Variables and tensors that the function uses
 * from outside become inputs; anything else it reads from JavaScript is read once. Assignments take effect when it returns.
 * @example
 * const step = jit((x: Tensor) => w.assignSub(x.mul(0.1)).value.sum());
 */
export function jit<A extends readonly unknown[], R>(f: (...args: A) => R, options: JitOptions = {}): Jitted<A, R> {
  const name = options.name ?? (f.name === '' ? 'jit' : `jit(${f.name})`);
  const entries = new LruMap<Entry>(CACHE_BYTES);
  const watch = watchNumbers(name);

  const entryFor = (args: A): { readonly entry: Entry; readonly inputs: readonly Value[] } => {
    const { leaves, structure } = flatten(args);
    const inputs: Value[] = [];
    const parts = leaves.map((leaf) => {
      if (!isHandle(leaf) || leaf instanceof Variable) return staticKey(leaf);
      const value = leaf.handle;
      inputs.push(value);
      return `${value.type.dtype}[${value.type.shape.join(',')}]`;
    });
    const key = `${structureKey(structure)}(${parts.join(';')})`;
    let entry = entries.get(key);
    if (entry === undefined) {
      watch(leaves, parts);
      // As if called: whoever only looks may do so inside of another trace.
      entry = outside(() => traceEntry(name, f, leaves, structure));
      entries.set(key, entry, key.length * 2 + entry.graph.nodes.length * BYTES_PER_NODE);
    }
    return { entry, inputs };
  };

  const call = (...args: A): R => {
    // Inside another trace or a gradient it is part of what is being recorded.
    if (currentFrame() !== null) return f(...args);
    const { entry, inputs } = entryFor(args);
    return run(entry, inputs) as R;
  };
  return Object.defineProperties(call, {
    graph: { value: (...args: A): Graph => entryFor(args).entry.graph },
    program: {
      value: (...args: A): Program => {
        const { graph, donation } = entryFor(args).entry;
        return defaultDevice().programs.fused(graph, donation).program;
      },
    },
    signatures: { get: () => entries.size },
  }) as Jitted<A, R>;
}

function traceEntry(
  name: string,
  f: (...args: never) => unknown,
  leaves: readonly unknown[],
  structure: Structure,
): Entry {
  const isInput = (leaf: unknown): leaf is Tensor => isHandle(leaf) && !(leaf instanceof Variable);
  const types = leaves.filter(isInput).map((leaf) => leaf.handle.type);
  let results: Entry['results'] = [];
  let resultStructure: Structure = { kind: 'leaf' };
  const traced = traceGraph(name, types, (placeholders) => {
    let next = 0;
    const args = leaves.map((leaf) => (isInput(leaf) ? new Tensor(placeholders[next++]!) : leaf));
    const returned = f(...(unflatten(structure, args) as never));
    rejectPromise(name, returned);
    const flat = flatten(returned);
    const outputs: Value[] = [];
    resultStructure = flat.structure;
    results = flat.leaves.map((leaf) => {
      if (!isHandle(leaf)) return { fixed: leaf };
      outputs.push(leaf.handle);
      return { output: outputs.length - 1 };
    });
    return outputs;
  });
  const { graph, captures, variables, assigned } = traced;
  const first = graph.outputs.length - assigned.length;
  const donation = assigned.map((cell, i) => [first + i, captures.length + variables.indexOf(cell)] as const);
  return { ...traced, donation, structure: resultStructure, results, executable: null };
}

function run(entry: Entry, args: readonly Value[]): unknown {
  // The program may overwrite what pending nodes still have to read.
  runWindow();
  const { graph, captures, variables, assigned, donation, results } = entry;
  const inputs = [...captures, ...variables.map((cell) => cell.current), ...args];
  for (const value of inputs) if (value.stored === null || !isLive(value.stored)) materialize(value);
  const device = deviceOf(inputs);
  const assignments = donation.map(([output, input]): Assignment => {
    const cell = variables[input - captures.length]!;
    const { stored } = cell.current;
    return { output, input, name: cell.name, exclusive: stored !== null && stored.storage === cell.owned };
  });
  if (entry.executable?.device !== device || entry.executable.compiled.error !== null) {
    entry.executable = { device, compiled: device.programs.fused(graph, donation) };
  }
  const outputs = execute(device, graph, entry.executable.compiled, inputs, assignments);
  const first = graph.outputs.length - assigned.length;
  assigned.forEach((cell, i) => {
    const stored = outputs[first + i]!;
    cell.current = storedLeaf(graph, first + i, stored);
    cell.owned = stored.storage;
  });
  return unflatten(
    entry.structure,
    results.map((result) =>
      'fixed' in result ? result.fixed : new Tensor(storedLeaf(graph, result.output, outputs[result.output]!)),
    ),
  );
}

function storedLeaf(graph: Graph, output: number, stored: Stored): Value {
  const value = leaf(graph.types[graph.outputs[output]!]!, null);
  value.stored = stored;
  return value;
}

const identities = new WeakMap<object, number>();
let identityCount = 0;

/** Plain values by what they are, everything else by identity. */
function staticKey(x: unknown): string {
  if ((typeof x === 'object' && x !== null) || typeof x === 'function') {
    let id = identities.get(x);
    if (id === undefined) identities.set(x, (id = identityCount++));
    return `#${id}`;
  }
  return `${typeof x}:${Object.is(x, -0) ? '-0' : String(x)}`;
}

/** Warns once when a number that changes from call to call makes signature after signature. */
function watchNumbers(name: string): (leaves: readonly unknown[], parts: readonly string[]) => void {
  const counts = new Map<string, number>();
  let warned = false;
  return (leaves, parts) =>
    leaves.forEach((leaf, i) => {
      if (warned || typeof leaf !== 'number') return;
      const others = `${i}|${parts.filter((_, k) => k !== i).join(';')}`;
      const count = (counts.get(others) ?? 0) + 1;
      counts.set(others, count);
      if (count < WARN_AFTER) return;
      warned = true;
      console.warn(
        `${name}: compiled ${count} times for values of argument leaf ${i} (now ${leaf}). ` +
          'A number is part of the signature; pass it as tensor(number) or keep it in a Variable to compile once.',
      );
    });
}
