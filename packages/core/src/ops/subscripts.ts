/** NumPy's subscripts as a function: places, slices with steps of either sign, new axes. */
import { toValue, describeThing, type Operand } from '../operand.js';
import { IndexError, ShapeError, ValueError, describe } from '../errors.js';
import * as lax from '../lax.js';
import type { Value } from '../node.js';
import { showShape } from '../shape.js';
import { Tensor } from '../tensor.js';

/** Entries from start to before stop; places below 0 count from the end, and what is left out is an end of the axis. */
export interface SliceIndex {
  readonly start?: number;
  readonly stop?: number;
  /** Not 0; negative steps go backwards. Default 1. */
  readonly step?: number;
}

/** What stands for one axis: a place (the axis goes), a slice, a new axis (null); `...` stands for all axes left out. */
export type Subscript = number | SliceIndex | null | '...';

/**
 * A part of x, as NumPy's x[…]: one subscript per axis from the first on.
 * @example await index(tensor([[1, 2, 3], [4, 5, 6]]), 1, { step: -1 }).array() // [6, 5, 4]
 */
export function index(x: Operand, ...subscripts: readonly Subscript[]): Tensor {
  let value = toValue('index', x);
  const rank = value.type.shape.length;
  const named = subscripts.filter((one) => one !== null && one !== '...').length;
  const gaps = subscripts.filter((one) => one === '...').length;
  if (named > rank || gaps > 1) {
    const expected =
      gaps > 1 ? 'at most one "..."' : `at most ${rank} subscripts for x of ${showShape(value.type.shape)}`;
    throw new ShapeError(describe('index', expected, String(gaps > 1 ? gaps : named)));
  }
  const rest = new Array<SliceIndex>(rank - named).fill({});
  const all = subscripts.flatMap((one) => (one === '...' ? rest : [one]));
  const shape: number[] = [];
  let axis = 0;
  for (const one of gaps === 0 ? [...all, ...rest] : all) {
    if (one === null) {
      shape.push(1);
      continue;
    }
    value = typeof one === 'number' ? place(value, axis, one) : part(value, axis, one);
    if (typeof one !== 'number') shape.push(value.type.shape[axis]!);
    axis++;
  }
  return new Tensor(lax.reshape(value, shape));
}

function place(x: Value, axis: number, at: number): Value {
  const size = x.type.shape[axis]!;
  if (!Number.isInteger(at) || at < -size || at >= size) {
    throw new IndexError(describe('index', `a place in [${-size}, ${size}) on axis ${axis}`, String(at)));
  }
  const start = at < 0 ? at + size : at;
  return cut(x, axis, start, start + 1, 1);
}

function part(x: Value, axis: number, given: SliceIndex): Value {
  if (typeof given !== 'object') {
    throw new ValueError(
      describe('index', 'numbers, slices { start, stop, step }, null or "..."', describeThing(given)),
    );
  }
  const { start, stop, step = 1 } = given;
  const numbers = [start, stop, step].filter((n) => n !== undefined);
  if (step === 0 || !numbers.every(Number.isSafeInteger)) {
    throw new ValueError(describe('index', 'whole numbers, and a step that is not 0', JSON.stringify(given)));
  }
  const size = x.type.shape[axis]!;
  const within = (n: number | undefined, otherwise: number, low: number, high: number): number =>
    n === undefined ? otherwise : Math.min(Math.max(n < 0 ? n + size : n, low), high);
  if (step > 0) {
    const from = within(start, 0, 0, size);
    return cut(x, axis, from, Math.max(within(stop, size, 0, size), from), step);
  }
  // Backwards: the same entries of the mirrored axis.
  const [from, to] = [within(start, size - 1, -1, size - 1), within(stop, -1, -1, size - 1)];
  const first = size - 1 - from;
  return cut(lax.flip(x, [axis]), axis, first, Math.max(size - 1 - to, first), -step);
}

function cut(x: Value, axis: number, from: number, to: number, step: number): Value {
  const { shape } = x.type;
  const at = (n: number, others: (size: number) => number): number[] =>
    shape.map((size, i) => (i === axis ? n : others(size)));
  return lax.slice(x, at(from, () => 0), at(to, (size) => size), at(step, () => 1)); // prettier-ignore
}
