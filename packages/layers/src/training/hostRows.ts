/** Rows on the host: data of any accepted form as one typed array, from which batches are cut. */
import {
  type DType,
  type HostArray,
  ShapeError,
  type Shape,
  Tensor,
  type TensorData,
  type TypedArray,
  showShape,
  sizeOf,
} from '@antler/core';
import { ValueError, describe, tensor } from '@antler/core';

/** What `fit` takes as x or y. */
export type ArrayData = Tensor | TensorData;

/** An array whose first axis are the rows. */
export interface HostRows {
  readonly data: TypedArray;
  readonly shape: Shape;
  /** Undefined: what `tensor` makes of the typed array. */
  readonly dtype: DType | undefined;
}

/** Takes data as they are where it can, copies them from nested arrays otherwise; a tensor's have to be waited for. */
export function hostRows(where: string, value: ArrayData): HostRows | Promise<HostRows> {
  if (value instanceof Tensor) return readRows(where, value);
  if (isHostArray(value)) return checked(where, value.data, value.shape, value.dtype);
  const data = ArrayBuffer.isView(value) ? (value as TypedArray) : undefined;
  return data === undefined ? readRows(where, tensor(value)) : checked(where, data, [data.length], undefined);
}

async function readRows(where: string, value: Tensor): Promise<HostRows> {
  return checked(where, await value.data(), value.shape, value.dtype);
}

function checked(where: string, data: TypedArray, shape: Shape, dtype: DType | undefined): HostRows {
  if (shape.length === 0) {
    throw new ShapeError(describe(where, 'an array with at least one axis, the rows', 'a number'));
  }
  if (sizeOf(shape) !== data.length) {
    throw new ShapeError(describe(where, `data that fill shape ${showShape(shape)}`, `${data.length} numbers`));
  }
  return { data, shape, dtype };
}

/** Tensors that a step alone uses. */
const borrowed = new WeakSet<Tensor>();

/** A tensor on the data themselves, for one step: their memory is the caller's again when the step is enqueued. */
function borrow(data: TensorData): Tensor {
  const made = tensor(data, { copy: false });
  borrowed.add(made);
  return made;
}

/** Gives back what a batch took on the device, if it was made for one step. The next batch gets the same memory. */
export function releaseBorrowed(parts: readonly Tensor[]): void {
  for (const part of parts) if (borrowed.has(part)) part.dispose();
}

/** Data as a tensor for one step; a tensor as it is. */
export function toTensor(value: ArrayData): Tensor {
  return value instanceof Tensor ? value : borrow(value);
}

/** Tells `{ data, shape }` from other data. */
export function isHostArray(value: unknown): value is HostArray {
  return (
    typeof value === 'object' && value !== null && 'data' in value && 'shape' in value && ArrayBuffer.isView(value.data)
  );
}

/** Rows that were picked last, of each column: a fresh array for every step would keep the collector busy. */
const picked = new WeakMap<HostRows, TypedArray>();

/** Rows `from` to `to`, in the given order when there is one, as a tensor for one step. */
export function sliceRows(rows: HostRows, from: number, to: number, order?: Uint32Array): Tensor {
  const { data, shape, dtype } = rows;
  const [, ...rest] = shape;
  const size = sizeOf(rest);
  const cut =
    order === undefined ? data.subarray(from * size, to * size) : pickRows(rows, size, order.subarray(from, to));
  return borrow({ data: cut, shape: [to - from, ...rest], ...(dtype === undefined ? {} : { dtype }) });
}

function pickRows(rows: HostRows, size: number, order: Uint32Array): TypedArray {
  const { data } = rows;
  const length = order.length * size;
  let room = picked.get(rows);
  if (room === undefined || room.length < length) {
    room = new (data.constructor as new (length: number) => TypedArray)(length);
    picked.set(rows, room);
  }
  if (size === 1) for (let i = 0; i < order.length; i++) room[i] = data[order[i]!]!;
  else order.forEach((row, i) => room.set(data.subarray(row * size, (row + 1) * size), i * size));
  return room.subarray(0, length);
}

/** The part of the rows from `from` to `to`, without a copy. */
export function partOf(rows: HostRows, from: number, to: number): HostRows {
  const [, ...rest] = rows.shape;
  const size = sizeOf(rest);
  return { ...rows, data: rows.data.subarray(from * size, to * size), shape: [to - from, ...rest] };
}

/** The weight of each row's class: 1 where the table has none. One-hot labels count as the class of their largest number. */
export function weightsOfClasses(labels: HostRows, classWeight: Readonly<Record<number, number>>): HostRows {
  const [count, ...rest] = labels.shape as [number, ...number[]];
  const size = sizeOf(rest);
  if (rest.length > 1) {
    throw new ValueError(
      describe('fit: classWeight', 'labels with one class per row', `labels of shape ${showShape(labels.shape)}`),
    );
  }
  const weights = new Float32Array(count);
  for (let i = 0; i < count; i++) {
    const row = labels.data.subarray(i * size, (i + 1) * size);
    const label = size === 1 ? Math.round(row[0]!) : row.indexOf(Math.max(...row));
    weights[i] = classWeight[label] ?? 1;
  }
  return { data: weights, shape: [count], dtype: 'float32' };
}
