/** Nodes: what a call records. Primitive, parameters and types never change; where a value's numbers are is runtime's affair. */
import type { Type } from './graph/graph.js';
import type { PrimitiveDefinition } from './primitives/form.js';
import type { Primitive, PrimitiveParams } from './primitives/params.js';
import type { Device } from './runtime/devices.js';
import type { Stored } from './runtime/storage.js';
import type { TypedArray } from './dtype.js';
import { claimProcess } from './once.js';
import type { Trace } from './jit/trace.js';

/** `input` marks a leaf: host data, a number, a stored result or a placeholder of a trace. */
export type NodeKind = Primitive | 'input';

let count = 0;

function nextId(): number {
  if (count === 0) claimProcess();
  return count++;
}

/** One primitive applied to values, or a leaf. Ids grow in the order of recording, so inputs have smaller ids. */
export class Node {
  readonly id: number = nextId();
  readonly primitive: NodeKind;
  /** What the primitive says of itself; null for a leaf. */
  readonly definition: PrimitiveDefinition | null;
  readonly params: PrimitiveParams[Primitive];
  /** Emptied by runtime once every value that someone can read is stored. */
  inputs: readonly Value[];
  readonly outputs: readonly Value[];
  /** Path of the layer that recorded it; not part of any key. */
  readonly scope: string;
  /** The trace it belongs to, or null when recorded eagerly. */
  readonly trace: Trace | null;
  /** Null until something below it lives on a device. */
  readonly device: Device | null;
  /** Its inputs have been let go of: what is not stored any more cannot be recomputed. */
  released = false;
  /** Recorded since the last fence and not yet run. */
  pending = false;
  /** Scratch of whoever walks nodes: in which walk it was met last, and its place there. */
  walk = 0;
  place = 0;
  /** Where it was recorded, when ANTLER_DEBUG asks for stacks. */
  stack: string | undefined;

  constructor(
    definition: PrimitiveDefinition | null,
    params: PrimitiveParams[Primitive],
    inputs: readonly Value[],
    types: readonly Type[],
    scope: string,
    trace: Trace | null,
    device: Device | null,
  ) {
    this.primitive = definition?.name ?? 'input';
    this.definition = definition;
    this.params = params;
    this.inputs = inputs;
    this.scope = scope;
    this.trace = trace;
    this.device = device;
    this.outputs =
      types.length === 1 ? [new Value(this, 0, types[0]!)] : types.map((type, i) => new Value(this, i, type));
  }
}

/** One output of a node. A Tensor is a handle on one. */
export class Value {
  readonly node: Node;
  readonly index: number;
  readonly type: Type;
  /** Its numbers on a device; null before a fence stores them, and for values that are dropped. */
  stored: Stored | null = null;
  /** Its numbers on the host: raw elements, or one run-time number. */
  host: TypedArray | number | null = null;
  /** A node recorded eagerly takes it. */
  consumed = false;
  /** A Tensor was made of it: someone may read it. */
  held = false;
  /** Given out by `variable.value`: its storage must not be overwritten. */
  exposed = false;
  /** Stored at the next fence even if something consumes it. */
  kept = false;

  constructor(node: Node, index: number, type: Type) {
    this.node = node;
    this.index = index;
    this.type = type;
  }
}

/** Anything that stands for a value: a Tensor, or a Variable (its value at this point of the recording). */
export interface Handle {
  readonly handle: Value;
}

/** The parameters of primitives that have none: one object, so that comparing and naming them costs nothing. */
export const NO_PARAMS: Readonly<Record<never, never>> = {};

/** A leaf value. */
export function leaf(type: Type, trace: Trace | null, device: Device | null = null): Value {
  return new Node(null, NO_PARAMS, [], [type], '', trace, device).outputs[0]!;
}

/** True for leaves of every sort. */
export function isLeaf(value: Value): boolean {
  return value.node.primitive === 'input';
}
