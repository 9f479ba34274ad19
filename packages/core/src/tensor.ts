/** The tensor: a handle on a value, with arithmetic as methods. Nothing is computed until someone reads. */
import { bindOne } from './bind.js';
import { forbidInTrace, toValue, type Operand } from './operand.js';
import { type DType, type TypedArray, checkDType } from './dtype.js';
import { ShapeError, TraceError, describe } from './errors.js';
import * as lax from './lax.js';
import type { Handle, Value } from './node.js';
import { binary, binaryFloat, matmulValues, meanAxes, reduceAxes, reshapeTo, type Axes } from './ops/numeric.js';
import { readValue } from './runtime/read.js';
import { isLive } from './runtime/storage.js';
import { fence, hold } from './runtime/window.js';
import { checkAxis, showShape, sizeOf, type Shape } from './shape.js';

/** Numbers nested in arrays, as deep as the tensor has axes. */
export type NestedArray = number | NestedArray[];

/**
 * An n-dimensional array of one dtype. Operations record; `await t.data()` computes what is needed and reads it.
 * @example
 * const x = tensor([[1, 2], [3, 4]]);
 * await x.matmul(x).add(1).array(); // [[8, 11], [16, 23]]
 */
export class Tensor implements Handle {
  readonly handle: Value;

  /** For operations; users make tensors with `tensor`, `zeros` and the like. */
  constructor(handle: Value) {
    this.handle = handle;
    hold(handle);
  }

  /** Sizes of the axes; `[]` for a scalar. */
  get shape(): Shape {
    return this.handle.type.shape;
  }

  get dtype(): DType {
    return this.handle.type.dtype;
  }

  /** Number of axes. */
  get rank(): number {
    return this.shape.length;
  }

  /** Number of elements. */
  get size(): number {
    return sizeOf(this.shape);
  }

  /** Name of the device that holds it, or null while nothing has needed one. */
  get device(): string | null {
    const { stored, node } = this.handle;
    return stored !== null && isLive(stored) ? stored.storage.device.name : (node.device?.name ?? null);
  }

  /** Computes and reads the elements in row-major order: a fresh typed array (Uint8Array of 0 and 1 for bool,
   * Float32Array for float16 and bfloat16). */
  data(): Promise<TypedArray> {
    return readValue('data', this.handle);
  }

  /** The elements as nested arrays, or a number for a scalar. Booleans are 0 and 1. */
  array(): Promise<NestedArray> {
    return awaited(readValue('array', this.handle), (data) => nest(data, this.shape));
  }

  /** The only element. A ShapeError when there are more or none. */
  item(): Promise<number> {
    forbidInTrace('item', 'Use where(condition, a, b) to choose, or return the tensor and read it outside.');
    if (this.size !== 1) {
      throw new ShapeError(
        describe('item', 'a tensor with one element', `shape ${showShape(this.shape)}`, 'Use data() or array().'),
      );
    }
    return awaited(readValue('item', this.handle), (data) => data[0]!);
  }

  add(other: Operand): Tensor {
    return new Tensor(binary('add', lax.add, this, other));
  }

  sub(other: Operand): Tensor {
    return new Tensor(binary('sub', lax.sub, this, other));
  }

  mul(other: Operand): Tensor {
    return new Tensor(binary('mul', lax.mul, this, other));
  }

  /** True division: integers become float32. */
  div(other: Operand): Tensor {
    return new Tensor(binaryFloat('div', lax.div, this, other));
  }

  pow(exponent: Operand): Tensor {
    return new Tensor(binary('pow', lax.pow, this, exponent));
  }

  neg(): Tensor {
    return new Tensor(lax.neg(this.handle));
  }

  /** Product of matrices (NumPy's rule for batches and vectors). */
  matmul(other: Operand): Tensor {
    return new Tensor(matmulValues('matmul', this, other));
  }

  sum(axis?: Axes, keepDims = false): Tensor {
    return new Tensor(reduceAxes('sum', 'sum', this, axis, keepDims));
  }

  mean(axis?: Axes, keepDims = false): Tensor {
    return new Tensor(meanAxes('mean', this, axis, keepDims));
  }

  max(axis?: Axes, keepDims = false): Tensor {
    return new Tensor(reduceAxes('max', 'max', this, axis, keepDims));
  }

  min(axis?: Axes, keepDims = false): Tensor {
    return new Tensor(reduceAxes('min', 'min', this, axis, keepDims));
  }

  /** The same elements in another shape; one size may be −1. */
  reshape(shape: Shape): Tensor {
    return new Tensor(reshapeTo('reshape', this.handle, shape));
  }

  /** Axes permuted; reversed when no permutation is given. */
  transpose(permutation?: readonly number[]): Tensor {
    const order = permutation ?? this.shape.map((_, i) => -1 - i);
    const axes = order.map((axis) => checkAxis('transpose', axis, this.rank));
    return new Tensor(
      bindOne('transpose', lax.transposePrimitive, [toValue('transpose', this)], { permutation: axes }),
    );
  }

  /** The elements in another dtype: floats to integers truncate and saturate, anything to bool asks x ≠ 0. */
  cast(dtype: DType): Tensor {
    return new Tensor(lax.cast(this.handle, checkDType('cast', dtype), 'cast'));
  }

  /**
   * Frees its memory on the device now instead of when the collector finds it. Reading it afterwards is an error, unless it was
   * made from host data: that is uploaded again when it is needed.
   */
  dispose(): void {
    fence();
    const { stored, host } = this.handle;
    if (stored === null || !isLive(stored)) return;
    // What a variable or another tensor still uses is not this handle's to free.
    if (stored.storage.shared || stored.storage.overwrittenBy !== undefined) return;
    stored.storage.device.release(stored.storage);
    if (host !== null) this.handle.stored = null;
  }

  [Symbol.dispose](): void {
    this.dispose();
  }

  toString(): string {
    return `Tensor(${this.dtype} ${showShape(this.shape)})`;
  }

  /** Iterating would record a slice per entry, or read: both are better said explicitly, so it throws. */
  [Symbol.iterator](): Iterator<never> {
    throw new TraceError(
      'Tensor: expected an explicit operation, received a tensor to iterate over. ' +
        'Use scan(body, carry, x) to run along axis 0, slice or take to pick entries, or read it: await t.array().',
    );
  }

  /** `if (t > 0)` and `+t` would be wrong silently, so they throw. A text in a template is fine. */
  [Symbol.toPrimitive](hint: string): string {
    if (hint === 'string') return this.toString();
    throw new TraceError(
      'Tensor: expected an explicit operation, received a tensor where JavaScript wants a number. ' +
        'Use add, mul, less …, or read it: await t.item().',
    );
  }
}

/** As `then`, but an error's stack goes on to the line that awaits the result. */
async function awaited<T>(data: Promise<TypedArray>, take: (data: TypedArray) => T): Promise<T> {
  return take(await data);
}

function nest(data: TypedArray, shape: Shape): NestedArray {
  let at = 0;
  const build = (axis: number): NestedArray =>
    axis === shape.length ? data[at++]! : Array.from({ length: shape[axis]! }, () => build(axis + 1));
  return build(0);
}
