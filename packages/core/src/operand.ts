/** Operands: from what the user wrote to values. Numbers are lifted, dtypes promoted, broadcasts inserted. */
import { type DType, dtypes, isFloat, isInteger, promote } from './dtype.js';
import { TraceError, ValueError, describe } from './errors.js';
import { currentTrace } from './jit/trace.js';
import { broadcastLike, cast, scalar } from './lax.js';
import { leaf, type Handle, type Value } from './node.js';
import { broadcastShapes, sameShape } from './shape.js';

/** What every operation accepts: a tensor, a variable, a number or a boolean. */
export type Operand = Handle | number | boolean;

/** True for what stands for a value. */
export function isHandle(x: unknown): x is Handle {
  return typeof x === 'object' && x !== null && 'handle' in x;
}

/** A number that the user passed: known at run time when recorded eagerly, a constant inside a trace. */
function number(value: number | boolean, dtype: DType): Value {
  if (currentTrace() !== null) return scalar(value, dtype);
  const given = leaf({ shape: [], dtype }, null);
  given.host = Number(value);
  return given;
}

/** Dtype of a number beside a tensor: it never changes a float; an integer stays when the number is integral. */
function dtypeBeside(value: number | boolean, other: DType | undefined): DType {
  if (typeof value === 'boolean') return other ?? 'bool';
  if (other === undefined || !Number.isInteger(value)) return other !== undefined && isFloat(other) ? other : 'float32';
  if (other === 'bool') return 'int32';
  if (isInteger(other)) {
    const [low, high] = dtypes[other].range;
    return value < low || value > high ? 'float32' : other;
  }
  return other;
}

/** The value of an operand; a lone number is float32. */
export function toValue(where: string, x: Operand, dtype?: DType): Value {
  if (isHandle(x)) return x.handle;
  if (typeof x === 'number' || typeof x === 'boolean') return number(x, dtypeBeside(x, dtype));
  throw new ValueError(
    describe(where, 'a Tensor, a Variable or a number', describeThing(x), 'Make tensors of arrays with tensor([...]).'),
  );
}

/** What something is, in a message. */
export function describeThing(x: unknown): string {
  if (x === null) return 'null';
  if (Array.isArray(x)) return 'an array';
  if (x instanceof Promise) return 'a promise (await it)';
  if (typeof x === 'object') return `an object of class ${x.constructor.name}`;
  if (typeof x === 'function') return 'a function';
  // JSON has no words for NaN, infinities, undefined and big integers; their own are good.
  return typeof x === 'string' ? JSON.stringify(x) : `${x as number | undefined}`;
}

/** Two operands brought to one dtype and one shape. */
export function meet(where: string, a: Operand, b: Operand): [Value, Value] {
  let dtype: DType | undefined;
  for (const x of [a, b]) if (isHandle(x)) dtype = joined(dtype, x.handle.type.dtype);
  for (const x of [a, b]) if (typeof x === 'number') dtype = joined(dtype, dtypeBeside(x, dtype));
  const x = cast(toValue(where, a, dtype), dtype ?? 'bool', where);
  const y = cast(toValue(where, b, dtype), dtype ?? 'bool', where);
  if (sameShape(x.type.shape, y.type.shape)) return [x, y];
  const shape = broadcastShapes(where, x.type.shape, y.type.shape);
  return [broadcastLike(x, shape, where), broadcastLike(y, shape, where)];
}

function joined(dtype: DType | undefined, own: DType): DType {
  return dtype === undefined ? own : promote(dtype, own);
}

/** Throws, at once, when numbers would be needed while tracing. */
export function forbidInTrace(where: string, instead: string): void {
  const trace = currentTrace();
  if (trace === null) return;
  const expected = 'to be called outside of a trace';
  const received = `a call inside ${trace.name}, where tensors have no numbers yet`;
  throw new TraceError(describe(where, expected, received, instead));
}
