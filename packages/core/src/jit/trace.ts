/**
 * Where recording happens. Frames are stacked: a *trace* runs a function on placeholders and turns into a graph; a
 * *transaction* collects assignments that take effect together when its function returns.
 */
import { TraceError } from '../errors.js';
import type { Type } from '../graph/graph.js';
import { leaf, type Value } from '../node.js';
import { hooks } from '../runtime/hooks.js';
import type { Storage } from '../runtime/storage.js';

/** What a frame needs to know of a Variable. */
export interface Cell {
  readonly name: string;
  /** The value outside of all frames. */
  current: Value;
  /** The storage that nobody else uses, so that a new value may take its place. */
  owned: Storage | null;
}

/** A function being recorded on placeholders. */
export class Trace {
  readonly name: string;
  /** Set when the function has returned: its tensors mean nothing afterwards. */
  closed = false;
  /** Values of outer frames that the function used, each with its placeholder. */
  readonly captures: Map<Value, Value> = new Map<Value, Value>();
  /** Variables that the function read, each with its placeholder. Filled in the outermost trace alone. */
  readonly variables: Map<Cell, Value> = new Map<Cell, Value>();

  constructor(name: string) {
    this.name = name;
  }

  placeholder(type: Type): Value {
    return leaf(type, this);
  }

  /** The placeholder of something from outside, made at its first use. */
  standIn<K>(known: Map<K, Value>, from: K, type: Type): Value {
    let placeholder = known.get(from);
    if (placeholder === undefined) known.set(from, (placeholder = this.placeholder(type)));
    return placeholder;
  }
}

/** One level of recording. */
export interface Frame {
  readonly parent: Frame | null;
  /** The trace that new nodes belong to; null records eagerly. */
  readonly trace: Trace | null;
  /** Values that stand in for variables (differentiation, carries). */
  readonly seeds: ReadonlyMap<Cell, Value>;
  /** Assignments made in this frame. */
  readonly assigned: Map<Cell, Value>;
}

let current: Frame | null = null;
const scopes: string[] = [];

/** The innermost frame; null when recording eagerly outside of any transaction. */
export function currentFrame(): Frame | null {
  return current;
}

/** The trace that a node recorded now belongs to. */
export function currentTrace(): Trace | null {
  return current === null ? null : current.trace;
}

/** Path of the layers being called, such as `sequential/dense_1`. */
export function currentScope(): string {
  return scopes.length === 0 ? '' : scopes[scopes.length - 1]!;
}

/**
 * Runs a function whose operations are recorded under `name`, as a layer does.
 * @example withScope('encoder', () => relu(x))   // errors and profiles say `encoder`
 */
export function withScope<T>(name: string, body: () => T): T {
  return inScope(scopes.length === 0 ? name : `${currentScope()}/${name}`, body);
}

function inScope<T>(scope: string, body: () => T): T {
  scopes.push(scope);
  try {
    return body();
  } finally {
    scopes.pop();
  }
}

/** Who recorded an operation: which layer, and on which line when `setDebug('stack')` keeps that. */
export interface Origin {
  readonly scope: string;
  readonly stack?: string | undefined;
}

/** Runs a function whose operations count as recorded there: what stands for an operation, or is its gradient. */
export function recordedBy<T>({ scope, stack }: Origin, body: () => T): T {
  const { recorded } = hooks;
  if (recorded !== null) hooks.recorded = () => stack;
  try {
    return inScope(scope, body);
  } finally {
    hooks.recorded = recorded;
  }
}

/** For what serves every later use as well: no layer, no line. */
export const NOWHERE: Origin = { scope: '' };

/** Runs a function in a new frame, which is gone afterwards whatever happened. Async functions are refused. */
export function inFrame<T>(
  where: string,
  trace: Trace | null,
  seeds: ReadonlyMap<Cell, Value>,
  body: () => T,
): { readonly result: T; readonly assigned: ReadonlyMap<Cell, Value> } {
  const frame: Frame = { parent: current, trace, seeds, assigned: new Map<Cell, Value>() };
  current = frame;
  const depth = scopes.length;
  try {
    const result = body();
    rejectPromise(where, result);
    return { result, assigned: frame.assigned };
  } finally {
    current = frame.parent;
    scopes.length = depth;
    // A gradient inside of a trace goes on recording there: the trace is not over with it.
    if (trace !== null && trace !== frame.parent?.trace) trace.closed = true;
  }
}

/**
 * Runs a function as if nothing were being traced or differentiated, so that it may make variables: how a layer builds its
 * weights when its first call happens inside of `jit`.
 */
export function outside<T>(body: () => T): T {
  const frame = current;
  current = null;
  try {
    return body();
  } finally {
    current = frame;
  }
}

/** The value of a variable at this point of the recording. */
export function readCell(cell: Cell): Value {
  let outermost: Trace | null = null;
  for (let frame = current; frame !== null; frame = frame.parent) {
    const value = frame.assigned.get(cell) ?? frame.seeds.get(cell);
    if (value !== undefined) return value;
    if (frame.trace !== null) outermost = frame.trace;
  }
  return outermost === null ? cell.current : outermost.standIn(outermost.variables, cell, cell.current.type);
}

/** Makes a value usable in the current frame: what belongs to an outer one becomes an input of the trace. */
export function lift(where: string, value: Value): Value {
  const trace = currentTrace();
  const owner = value.node.trace;
  if (owner === trace) return value;
  if (trace === null || owner?.closed === true) throw leaked(where, value, owner!);
  return trace.standIn(trace.captures, value, value.type);
}

/** The error for a tensor that outlived its trace. */
export function leaked(where: string, value: Value, trace: Trace): TraceError {
  const { primitive, scope } = value.node;
  const maker =
    primitive === 'input' ? 'an argument' : `the result of ${primitive}${scope === '' ? '' : ` in ${scope}`}`;
  return new TraceError(
    `${where}: expected a tensor of the present, received ${maker} from inside ${trace.name}, which has returned. ` +
      'Return the tensor from the function instead of storing it outside.',
  );
}

/** Refuses what an async function returns: recording must be over when the function returns. */
export function rejectPromise(where: string, result: unknown): void {
  if (typeof (result as { then?: unknown } | null | undefined)?.then !== 'function') return;
  // The rejected promise that an async function leaves behind must not end the process.
  Promise.resolve(result).catch(() => undefined);
  throw new TraceError(`${where}: expected a synchronous function, received one that returns a promise.`);
}
