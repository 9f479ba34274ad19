/** Scalar bodies: terms become numbered instructions, each value once per level of the loop. */
import type { Opcode } from './opcodes.js';
import { isView, typeOf, viewOf, memoryOf, type Block, type Memory } from './block.js';
import { termKey, type Term } from './expand.js';
import type { Type } from './graph.js';
import type { Instruction, Store, View } from './program.js';
import type { Access } from './views.js';

/** What the levels of a kernel share. */
export interface Parts {
  readonly inputs: View[];
  readonly stores: Store[];
  /** The values that somebody reads from memory. */
  readonly wanted: Pick<ReadonlySet<number>, 'has'>;
}

/** Instructions of one level of a kernel. */
export interface Body extends Parts {
  /** Number of the first instruction. */
  readonly base: number;
  /** Space in which terms are expressed here, and what its strides are in the kernel's axes. */
  readonly space: readonly number[];
  readonly arrange: (strides: readonly number[]) => number[];
  readonly instructions: Instruction[];
  /** Numbers of the terms that are there, by their key. */
  readonly known: Map<string, number>;
}

/** A level without instructions. */
export function openBody(parts: Parts, level: Pick<Body, 'base' | 'space' | 'arrange'>): Body {
  return { ...parts, ...level, instructions: [], known: new Map() };
}

/** A value in memory, read or written at an access within the level's space. */
export function viewIn(body: Body, memory: Memory, type: Type, access: Access): View {
  const view = viewOf(memory, type, access, body.space);
  return { ...view, strides: body.arrange(view.strides) };
}

/** Adds what is missing for the last of the terms; returns its number. */
export function addTerms(block: Block, body: Body, terms: readonly Term[]): number {
  let number = -1;
  for (const term of terms) {
    const key = termKey(term.value, term.access);
    number = body.known.get(key) ?? write(block, body, term);
    body.known.set(key, number);
  }
  return number;
}

function push(body: Body, instruction: Instruction): number {
  return body.base + body.instructions.push(instruction) - 1;
}

function write(block: Block, body: Body, { value, access, from, args }: Term): number {
  const { dtype } = typeOf(block, value);
  if (from !== 'computed') {
    const memory = from === 'memory' ? memoryOf(block, value) : block.arrivals[value]!;
    const view = viewIn(body, memory, typeOf(block, value), access);
    return push(body, { op: 'load', input: inputOf(body, view), dtype });
  }
  const node = block.makers[value];
  if (node === undefined) return push(body, { op: 'scalar', index: block.scalars[value]!, dtype });
  if (node.primitive === 'const') return push(body, { op: 'const', value: node.params.value, dtype });
  if (node.primitive === 'iota') return position(body, access, dtype);
  const numbers = args.map((arg) => body.known.get(termKey(arg.value, arg.access))!);
  if (isView(node)) return numbers[0]!;
  return push(body, { op: node.primitive as Opcode, args: numbers, dtype });
}

function inputOf({ inputs }: Body, view: View): number {
  const same = (other: View): boolean =>
    other.slot === view.slot &&
    other.dtype === view.dtype &&
    other.offset === view.offset &&
    other.strides.every((stride, axis) => stride === view.strides[axis]) &&
    (other.turns ?? []).every((turn, i) => turn === view.turns![i]);
  const found = inputs.findIndex(same);
  return found >= 0 ? found : inputs.push(view) - 1;
}

/** Iota at an affine position: computed in int32, where it is exact, and cast once. */
function position(body: Body, access: Access, dtype: Instruction['dtype']): number {
  const strides = body.arrange(access.strides);
  const axes = strides.flatMap((stride, axis) => (stride === 0 ? [] : [axis]));
  if (axes.length === 1 && access.offset === 0 && strides[axes[0]!] === 1) {
    return push(body, { op: 'index', axis: axes[0]!, dtype });
  }
  const int = 'int32';
  let sum: number | undefined;
  if (access.offset !== 0 || axes.length === 0) sum = push(body, { op: 'const', value: access.offset, dtype: int });
  for (const axis of axes) {
    let term = push(body, { op: 'index', axis, dtype: int });
    if (strides[axis] !== 1) {
      const factor = push(body, { op: 'const', value: strides[axis]!, dtype: int });
      term = push(body, { op: 'mul', args: [term, factor], dtype: int });
    }
    sum = sum === undefined ? term : push(body, { op: 'add', args: [sum, term], dtype: int });
  }
  return dtype === int ? sum! : push(body, { op: 'cast', args: [sum!], dtype });
}
