/** From host data to values: numbers, nested arrays, typed arrays and constants. */
import { describeThing } from '../operand.js';
import * as lax from '../lax.js';
import { checkDType, dtypeOfArray, dtypes, type DType, type TypedArray } from '../dtype.js';
import { DTypeError, ShapeError, ValueError, describe } from '../errors.js';
import { elementsOf, isHalf } from '../halves.js';
import { leaf, type Value } from '../node.js';
import { checkShape, showShape, sizeOf, type Shape } from '../shape.js';

/** Numbers or booleans nested in arrays of equal lengths. */
export type NestedNumbers = number | boolean | readonly NestedNumbers[];

/** A typed array with its shape: what data sets are made of. */
export interface HostArray {
  readonly data: TypedArray;
  readonly shape: Shape;
  readonly dtype?: DType;
}

/** What tensors are made of. */
export type TensorData = NestedNumbers | TypedArray | BigInt64Array | Uint8ClampedArray | Int16Array | HostArray;

/** Options of functions that take host data. */
export interface CreateOptions {
  /** Default: what the data says; nested numbers are float32, booleans bool. */
  readonly dtype?: DType;
  /** Default: that of the nesting; `[length]` for a typed array. */
  readonly shape?: Shape;
  /** False uses a typed array of the dtype as it is; it must not change while the tensor is in use. Default true. */
  readonly copy?: boolean;
}

/** A leaf with a copy of the data. */
export function create(where: string, data: TensorData, options: CreateOptions): Value {
  if (options.dtype !== undefined) checkDType(where, options.dtype);
  const source = flattenData(where, data);
  const dtype = options.dtype ?? source.dtype;
  const shape = checkShape(where, options.shape ?? source.shape);
  if (sizeOf(shape) !== source.data.length) {
    const received = `${source.data.length} elements`;
    throw new ShapeError(describe(where, `data of ${sizeOf(shape)} elements for shape ${showShape(shape)}`, received));
  }
  const value = leaf({ shape, dtype }, null);
  value.host = options.copy === false && isOf(dtype, source.data) ? source.data : convert(where, source.data, dtype);
  return value;
}

/** A constant of a shape; no memory until something needs it. */
export function filled(where: string, shape: Shape, number: number, dtype: DType): Value {
  const fitting = numberOf(where, number, checkDType(where, dtype));
  return lax.broadcastLike(lax.scalar(fitting, dtype), checkShape(where, shape), where);
}

/** A number as a dtype has it, by the rules of `tensor`: cut to a whole one, a truth; beyond the range a DTypeError. */
export function numberOf(where: string, number: number, dtype: DType): number {
  return isHalf(dtype) ? number : convert(where, [number], dtype)[0]!;
}

type Numbers = ArrayLike<number | bigint | boolean>;

interface Source {
  readonly data: Numbers;
  readonly shape: Shape;
  readonly dtype: DType;
}

function flattenData(where: string, data: TensorData): Source {
  if (typeof data === 'number') return { data: [data], shape: [], dtype: 'float32' };
  if (typeof data === 'boolean') return { data: [data], shape: [], dtype: 'bool' };
  if (ArrayBuffer.isView(data)) return { data, shape: [data.length], dtype: arrayDType(where, data) };
  if (Array.isArray(data)) return flattenNested(where, data as readonly NestedNumbers[]);
  if (isHostArray(data) && ArrayBuffer.isView(data.data)) {
    return { data: data.data, shape: data.shape, dtype: data.dtype ?? arrayDType(where, data.data) };
  }
  throw new ValueError(describe(where, 'numbers, nested arrays or a typed array', describeThing(data)));
}

/** Callers without types pass anything, so this asks everything. */
function isHostArray(data: unknown): data is HostArray {
  return typeof data === 'object' && data !== null && 'data' in data && 'shape' in data;
}

function arrayDType(where: string, data: ArrayBufferView): DType {
  const dtype = dtypeOfArray(data);
  if (dtype !== undefined) return dtype;
  throw new DTypeError(describe(where, 'a typed array of numbers', describeThing(data)));
}

function flattenNested(where: string, nested: readonly NestedNumbers[]): Source {
  const shape: number[] = [];
  for (
    let level: NestedNumbers | undefined = nested;
    Array.isArray(level);
    level = level[0] as NestedNumbers | undefined
  ) {
    shape.push(level.length);
  }
  const flat: (number | boolean)[] = [];
  const walk = (part: NestedNumbers, depth: number): void => {
    if (depth === shape.length) {
      if (typeof part !== 'number' && typeof part !== 'boolean') throw ragged(where, shape, part);
      flat.push(part);
      return;
    }
    if (!Array.isArray(part) || part.length !== shape[depth]) throw ragged(where, shape, part);
    for (const child of part as readonly NestedNumbers[]) walk(child, depth + 1);
  };
  walk(nested, 0);
  const allBooleans = flat.length > 0 && flat.every((x) => typeof x === 'boolean');
  return { data: flat, shape, dtype: allBooleans ? 'bool' : 'float32' };
}

function ragged(where: string, shape: Shape, part: NestedNumbers): ShapeError {
  const came = Array.isArray(part) ? `an array of length ${part.length}` : describeThing(part);
  return new ShapeError(
    describe(where, `nested arrays of equal lengths (${showShape(shape)} by their first entries)`, came),
  );
}

/** True for elements that are the dtype's own; what is to be bool may hold other numbers. */
function isOf(dtype: DType, data: Numbers): data is TypedArray {
  const { kind, array } = dtypes[dtype];
  return data.constructor === array && kind !== 'bool' && !isHalf(dtype);
}

function convert(where: string, data: Numbers, dtype: DType): TypedArray {
  const { kind, array: Constructor, range } = dtypes[dtype];
  if (isHalf(dtype))
    return elementsOf(dtype, typeof data[0] === 'number' ? (data as number[]) : Array.from(data, Number));
  const result = new Constructor(data.length);
  if (isOf(dtype, data)) {
    result.set(data);
    return result;
  }
  for (let i = 0; i < data.length; i++) {
    const x = Number(data[i]!);
    if (kind === 'bool') result[i] = x !== 0 ? 1 : 0;
    else if (kind === 'int') {
      const whole = Math.trunc(x);
      if (!(whole >= range[0] && whole <= range[1])) {
        throw new DTypeError(
          describe(where, `numbers in the range of ${dtype} [${range.join(', ')}]`, String(data[i])),
        );
      }
      result[i] = whole;
    } else result[i] = x;
  }
  return result;
}
