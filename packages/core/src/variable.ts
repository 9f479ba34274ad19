/** The variable: a named cell whose value operations read and assignments replace, in place where nobody else looks. */
import { isHandle, toValue, type Operand } from './operand.js';
import * as lax from './lax.js';
import { create, type TensorData } from './ops/host.js';
import type { DType } from './dtype.js';
import { DTypeError, ShapeError, TraceError, describe } from './errors.js';
import { type Cell, currentFrame, currentTrace, readCell } from './jit/trace.js';
import type { Handle, Value } from './node.js';
import { binary } from './ops/numeric.js';
import type { Storage } from './runtime/storage.js';
import { assignCell, runWindow } from './runtime/window.js';
import { sameShape, showShape, type Shape } from './shape.js';
import { Tensor } from './tensor.js';

/** Options of a Variable. */
export interface VariableOptions {
  /** Shown in messages and summaries. Default `variable`. */
  readonly name?: string;
  /** Whether training changes it. Default true. */
  readonly trainable?: boolean;
  /** Default: that of the initial value. */
  readonly dtype?: DType;
}

const all = new Set<WeakRef<Variable>>();
const forgotten = new FinalizationRegistry<WeakRef<Variable>>((reference) => all.delete(reference));

/**
 * State that outlives a step: a weight, an optimizer's slot, a counter. Operations accept it directly.
 * @example
 * const w = new Variable(zeros([3]), { name: 'w' });
 * w.assign(w.value.add(1));
 */
export class Variable implements Handle, Cell {
  readonly name: string;
  trainable: boolean;
  /** For core: the value outside of all traces. Use `value`. */
  current: Value;
  /** For core: the storage that nobody else uses. */
  owned: Storage | null = null;
  #initial: Value | null;

  constructor(initial: Operand | TensorData, options: VariableOptions = {}) {
    this.name = options.name ?? 'variable';
    this.trainable = options.trainable ?? true;
    const given = isHandle(initial)
      ? initial.handle
      : create('Variable', initial, options.dtype === undefined ? {} : { dtype: options.dtype });
    const value = options.dtype === undefined ? given : lax.cast(given, options.dtype, 'Variable');
    if (value.node.trace !== null || currentTrace() !== null) {
      const expected = 'to be made outside of jit';
      const hint = 'Make it before and use it inside.';
      throw new TraceError(describe('Variable', expected, `one made inside (${JSON.stringify(this.name)})`, hint));
    }
    value.kept = true;
    this.current = value;
    this.#initial = value;
    const reference = new WeakRef(this);
    all.add(reference);
    forgotten.register(this, reference);
  }

  get shape(): Shape {
    return this.current.type.shape;
  }

  get dtype(): DType {
    return this.current.type.dtype;
  }

  /** Number of elements. */
  get size(): number {
    return this.shape.reduce((product, n) => product * n, 1);
  }

  /** For operations: the value at this point of the recording. */
  get handle(): Value {
    this.#initialize();
    return readCell(this);
  }

  /** A tensor with the present value. Later assignments leave it unchanged (the next one works on a copy). */
  get value(): Tensor {
    const value = this.handle;
    value.exposed = true;
    if (value.stored !== null) value.stored.storage.shared = true;
    return new Tensor(value);
  }

  /** Replaces the value; shape and dtype stay. Inside jit and gradients it takes effect when the function returns. */
  assign(x: Operand): this {
    const value = toValue('assign', x, this.dtype);
    if (!sameShape(value.type.shape, this.shape) && value.type.shape.length > 0) {
      const expected = `a value of shape ${showShape(this.shape)} for variable ${JSON.stringify(this.name)}`;
      const received = showShape(value.type.shape);
      throw new ShapeError(describe('assign', expected, received));
    }
    if (value.type.dtype !== this.dtype) {
      throw new DTypeError(
        describe('assign', `a ${this.dtype} value for variable ${JSON.stringify(this.name)}`, value.type.dtype),
      );
    }
    assignValue(this, lax.broadcastLike(value, this.shape, 'assign'));
    return this;
  }

  assignAdd(x: Operand): this {
    return this.assign(new Tensor(binary('assignAdd', lax.add, this, x)));
  }

  assignSub(x: Operand): this {
    return this.assign(new Tensor(binary('assignSub', lax.sub, this, x)));
  }

  /** Computes the first value before anything uses it, so that an update always has memory to go to. */
  #initialize(): void {
    if (this.#initial === null) return;
    if (this.#initial === this.current && this.current.node.pending) runWindow();
    this.#initial = null;
  }

  toString(): string {
    return `Variable(${this.name}, ${this.dtype} ${showShape(this.shape)})`;
  }
}

/** Assigns in the innermost frame, or for real when there is none. */
export function assignValue(cell: Cell, value: Value): void {
  const frame = currentFrame();
  if (frame === null) assignCell(cell, value);
  else frame.assigned.set(cell, value);
}

/** Every variable that is still reachable. */
export function allVariables(): readonly Variable[] {
  return [...all].flatMap((reference) => reference.deref() ?? []);
}
