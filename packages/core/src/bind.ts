/**
 * Binding: from what the user wrote to recorded nodes. Numbers are lifted, dtypes promoted, broadcasts inserted, shapes
 * inferred at the call, and the node goes to the trace or to the window.
 */
import { type DType, dtypes, isFloat, isInteger, promote } from './dtype.js';
import { DeviceError, TraceError, ValueError, describe } from './errors.js';
import type { Type } from './graph/graph.js';
import { currentScope, currentTrace, lift } from './jit/trace.js';
import { leaf, type Handle, Node, type Value } from './node.js';
import { primitives, type Primitive, type PrimitiveParams } from './primitives.js';
import { chosenDevice, type Device } from './runtime/devices.js';
import { stale } from './runtime/execute.js';
import { hooks } from './runtime/hooks.js';
import { isLive } from './runtime/storage.js';
import { record as recordInWindow } from './runtime/window.js';
import { broadcastShapes, sameShape, type Shape } from './shape.js';

/** What every operation accepts: a tensor, a variable, a number or a boolean. */
export type Operand = Handle | number | boolean;

/** Records one primitive. `where` is the function that the user called; errors begin with it. */
export function bind<P extends Primitive>(
  where: string,
  primitive: P,
  inputs: readonly Value[],
  params: PrimitiveParams[P],
): readonly Value[] {
  const trace = currentTrace();
  const lifted = [...inputs];
  const given = new Array<Type>(lifted.length);
  for (let i = 0; i < lifted.length; i++) {
    const value = lifted[i]!;
    if (value.stored !== null && !isLive(value.stored) && value.node.released) throw stale(value, where);
    given[i] = (lifted[i] = lift(where, value)).type;
  }
  const types = primitives[primitive].infer(where, given, params);
  const device = commonDevice(where, lifted);
  for (const { dtype } of types) (device ?? chosenDevice())?.checkDType(where, dtype);
  const node = new Node(primitive, params, lifted, types, currentScope(), trace, device);
  if (hooks.recorded !== null) node.stack = hooks.recorded();
  if (trace === null) recordInWindow(node);
  return node.outputs;
}

/** Records a primitive with one output. */
export function bindOne<P extends Primitive>(
  where: string,
  primitive: P,
  inputs: readonly Value[],
  params: PrimitiveParams[P],
): Value {
  return bind(where, primitive, inputs, params)[0]!;
}

function commonDevice(where: string, values: readonly Value[]): Device | null {
  let device: Device | null = null;
  for (const value of values) {
    const own =
      value.stored !== null && isLive(value.stored) && value.host === null
        ? value.stored.storage.device
        : value.node.device;
    if (own === null || own === device) continue;
    if (device !== null) {
      const hint = 'Read one with data() and make a new tensor.';
      throw new DeviceError(describe(where, 'operands on one device', `${device.name} and ${own.name}`, hint));
    }
    device = own;
  }
  return device;
}

/** True for what stands for a value. */
export function isHandle(x: unknown): x is Handle {
  return typeof x === 'object' && x !== null && 'handle' in x;
}

/** A number in an operation's definition: part of the program's key, never a run-time number. */
export function constant(value: number | boolean, dtype: DType): Value {
  return bindOne('constant', 'const', [], { value: Number(value), dtype });
}

/** A number that the user passed: known at run time when recorded eagerly, a constant inside a trace. */
function number(value: number | boolean, dtype: DType): Value {
  if (currentTrace() !== null) return constant(value, dtype);
  const scalar = leaf({ shape: [], dtype }, null);
  scalar.host = Number(value);
  return scalar;
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
  const x = castTo(where, toValue(where, a, dtype), dtype ?? 'bool');
  const y = castTo(where, toValue(where, b, dtype), dtype ?? 'bool');
  if (sameShape(x.type.shape, y.type.shape)) return [x, y];
  const shape = broadcastShapes(where, x.type.shape, y.type.shape);
  return [broadcastTo(where, x, shape), broadcastTo(where, y, shape)];
}

function joined(dtype: DType | undefined, own: DType): DType {
  return dtype === undefined ? own : promote(dtype, own);
}

/** The value in another dtype. */
export function castTo(where: string, x: Value, dtype: DType): Value {
  return x.type.dtype === dtype ? x : bindOne(where, 'cast', [x], { dtype });
}

/** The value broadcast by NumPy's rule to a shape that it fits. */
export function broadcastTo(where: string, x: Value, shape: Shape): Value {
  const from = x.type.shape;
  if (sameShape(from, shape)) return x;
  const skip = shape.length - from.length;
  return bindOne(where, 'broadcast', [x], { shape, axes: from.map((_, i) => i + skip) });
}

/** A constant of the type of another value. */
export function constantLike(x: Type, value: number): Value {
  return broadcastTo('constant', constant(value, x.dtype), x.shape);
}

/** Throws, at once, when numbers would be needed while tracing. */
export function forbidInTrace(where: string, instead: string): void {
  const trace = currentTrace();
  if (trace === null) return;
  const expected = 'to be called outside of a trace';
  const received = `a call inside ${trace.name}, where tensors have no numbers yet`;
  throw new TraceError(describe(where, expected, received, instead));
}
