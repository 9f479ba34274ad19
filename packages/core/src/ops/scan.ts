/** scan: a loop over a sequence as one node, whose program does not grow with the length. */
import { bind } from '../bind.js';
import { scanPrimitive } from './primitives/scan.js';
import { isHandle, toValue } from '../operand.js';
import { ShapeError, ValueError, describe } from '../errors.js';
import type { Type } from '../graph/graph.js';
import { traceGraph } from '../jit/graph.js';
import { readCell, rejectPromise, type Cell } from '../jit/trace.js';
import type { Value } from '../node.js';
import { sameShape, showShape } from '../shape.js';
import { Tensor } from '../tensor.js';
import { flatten, structureKey, unflatten, type Structure } from '../tree.js';
import { assignValue } from '../variable.js';

/** Options of `scan`. */
export interface ScanOptions {
  /** Number of steps; needed when there are no sequences. */
  readonly length?: number;
  /** From the last entry to the first; results stay at the place of their entry. Default false. */
  readonly reverse?: boolean;
}

/**
 * Runs `body` along axis 0 of the sequences: it takes the carry and one entry, and gives the next carry and a result. Gives
 * the last carry and the stacked results. Trees of tensors are allowed for all four. Differentiable; variables may be read
 * and assigned inside.
 * @example
 * // cumulative sums
 * const [total, sums] = scan((c, x) => [c.add(x), c.add(x)], tensor(0), tensor([1, 2, 3])); // 6, [1, 3, 6]
 */
export function scan<C, X, Y>(
  body: (carry: C, x: X) => readonly [C, Y],
  init: C,
  xs: X,
  options: ScanOptions = {},
): [carry: C, ys: Y] {
  const carryTree = flatten(init);
  const sequenceTree = flatten(xs ?? []);
  const sequences = sequenceTree.leaves.map((leaf) => valueOf('scan', leaf));
  const length = lengthOf(sequences, options.length);
  const carries = carryTree.leaves.map((leaf) => valueOf('scan', leaf));
  const entryTypes = sequences.map(({ type }): Type => ({ shape: type.shape.slice(1), dtype: type.dtype }));
  const cells: Cell[] = [];
  for (;;) {
    let resultStructure: Structure = { kind: 'leaf' };
    const cellValues = cells.map(readCell);
    const types = [...carries, ...cellValues].map(({ type }) => type);
    const step = (args: readonly Value[]): Value[] => {
      const tensors = args.map((value) => new Tensor(value));
      const carry = unflatten(carryTree.structure, tensors.slice(0, carries.length)) as C;
      const entry =
        xs === undefined || xs === null ? xs : (unflatten(sequenceTree.structure, tensors.slice(types.length)) as X);
      const returned: unknown = body(carry, entry);
      rejectPromise('scan', returned);
      if (!Array.isArray(returned) || returned.length !== 2) {
        throw new ValueError(describe('scan', 'the body to return [carry, result]', typeof returned));
      }
      const next = flatten(returned[0]);
      const result = flatten(returned[1] ?? []);
      resultStructure =
        returned[1] === undefined || returned[1] === null ? { kind: 'array', items: [] } : result.structure;
      const nextValues = next.leaves.map((leaf) => valueOf('scan', leaf));
      checkCarry(carryTree.structure, next.structure, carries, nextValues);
      return [...nextValues, ...result.leaves.map((leaf) => valueOf('scan', leaf))];
    };
    const seeds = cells.map((cell, i) => [cell, carries.length + i] as const);
    const traced = traceGraph('scan', [...types, ...entryTypes], step, seeds);
    const added = traced.assigned.filter((cell) => !cells.includes(cell));
    if (added.length > 0) {
      // A variable that the body assigns is a carry: trace again with it among the arguments.
      cells.push(...added);
      continue;
    }
    const { graph, captures, variables } = traced;
    const ordered = reorder(graph.outputs, carries.length, cells, traced.assigned);
    const results = bind(
      'scan',
      scanPrimitive,
      [...captures, ...variables.map((cell) => cell.current), ...carries, ...cellValues, ...sequences],
      {
        body: { ...graph, outputs: ordered, key: `${graph.key}>${ordered.join(',')}` },
        length,
        carries: types.length,
        sequences: sequences.length,
        reverse: options.reverse === true,
      },
    );
    cells.forEach((cell, i) => assignValue(cell, results[carries.length + i]!));
    const last = results.slice(0, carries.length).map((value) => new Tensor(value));
    const stacked = results.slice(types.length, results.length - types.length).map((value) => new Tensor(value));
    return [unflatten(carryTree.structure, last) as C, unflatten(resultStructure, stacked) as Y];
  }
}

/** Outputs come as carries, results, assigned variables; the primitive wants the variables after the carries. */
function reorder(
  outputs: readonly number[],
  carries: number,
  cells: readonly Cell[],
  assigned: readonly Cell[],
): number[] {
  const firstAssigned = outputs.length - assigned.length;
  const ofCells = cells.map((cell) => outputs[firstAssigned + assigned.indexOf(cell)]!);
  return [...outputs.slice(0, carries), ...ofCells, ...outputs.slice(carries, firstAssigned)];
}

function valueOf(where: string, leaf: unknown): Value {
  if (isHandle(leaf) || typeof leaf === 'number' || typeof leaf === 'boolean') return toValue(where, leaf);
  throw new ValueError(describe(where, 'trees of tensors', `a leaf of type ${typeof leaf}`));
}

function lengthOf(sequences: readonly Value[], given: number | undefined): number {
  const lengths = sequences.map(({ type: { shape } }) => {
    if (shape.length === 0) throw new ShapeError(describe('scan', 'sequences with an axis to run along', 'a scalar'));
    return shape[0]!;
  });
  if (given !== undefined) lengths.push(given);
  const [length] = lengths;
  if (length === undefined) throw new ShapeError(describe('scan', 'sequences or a length', 'neither'));
  if (!Number.isSafeInteger(length) || length < 0 || lengths.some((n) => n !== length)) {
    throw new ShapeError(describe('scan', 'one length for all sequences', lengths.join(', ')));
  }
  return length;
}

function checkCarry(from: Structure, to: Structure, before: readonly Value[], after: readonly Value[]): void {
  if (structureKey(from) !== structureKey(to)) {
    throw new ValueError(
      describe('scan', `a carry of structure ${structureKey(from)} from the body`, structureKey(to)),
    );
  }
  before.forEach(({ type }, i) => {
    const next = after[i]!.type;
    if (next.dtype === type.dtype && sameShape(next.shape, type.shape)) return;
    const expected = `the body to keep carry ${i} at ${type.dtype} ${showShape(type.shape)}`;
    const received = `${next.dtype} ${showShape(next.shape)}`;
    throw new ShapeError(describe('scan', expected, received));
  });
}
