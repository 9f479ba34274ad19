/** The contract of scalar bodies: single assignment, arity, and dtypes by the same rules as the primitives. */
import {
  dtypes,
  AntlerError,
  opcodes,
  primitives,
  type DType,
  type Type,
  type Instruction,
  type Store,
  type View,
} from '@antler/core';
import { checkDType, fail, type Place } from './place.js';

/** What a run of instructions sees. */
interface BodyPlace {
  readonly name: 'body' | 'epilogue';
  /** Dtypes of the values so far; grows. */
  readonly values: DType[];
  readonly inputs: readonly View[];
  /** Axes whose index may be asked. */
  readonly rank: number;
  /** Number of the first value that may be an argument: an epilogue does not see the body, which ran many times. */
  readonly first: number;
}

/** Checks the instructions in order and appends the dtype of each value to `values`. */
export function checkBody(place: Place, instructions: readonly Instruction[], body: BodyPlace): void {
  instructions.forEach((step, i) => {
    const where = `${place.where}, ${body.name} step ${i} (${step.op}, value ${body.values.length})`;
    checkDType(where, step.dtype, place.device);
    checkStep(where, step, body, place);
    body.values.push(step.dtype);
  });
}

function checkStep(where: string, step: Instruction, body: BodyPlace, { program }: Place): void {
  if (step.op === 'load') {
    const view = body.inputs[step.input];
    if (view?.dtype !== step.dtype) {
      fail(where, `the dtype of input ${step.input} (${view?.dtype ?? `there are ${body.inputs.length}`})`, step.dtype);
    }
  } else if (step.op === 'const') {
    if (!isValueOf(step.value, step.dtype)) fail(where, `a value of ${step.dtype}`, String(step.value));
  } else if (step.op === 'scalar') {
    const dtype = program.scalars[step.index];
    if (dtype !== step.dtype) {
      fail(where, `the dtype of scalar ${step.index} (${dtype ?? `there are ${program.scalars.length}`})`, step.dtype);
    }
  } else if (step.op === 'index') {
    if (!(step.axis >= 0 && step.axis < body.rank)) fail(where, `an axis below ${body.rank}`, String(step.axis));
    if (step.dtype === 'bool') fail(where, 'a number dtype', 'bool');
  } else checkOperation(where, step, body);
}

/** What all rules of opcodes share: only casts look at the parameters. */
interface Rule {
  infer(where: string, inputs: readonly Type[], params: { readonly dtype: DType }): readonly Type[];
}

type Operation = Extract<Instruction, { readonly args: readonly number[] }>;

function checkOperation(where: string, step: Operation, { values, first }: BodyPlace): void {
  if (!Object.hasOwn(opcodes, step.op)) fail(where, `an opcode (${Object.keys(opcodes).join(', ')})`, step.op);
  const { arity } = opcodes[step.op];
  if (step.args.length !== arity) fail(where, `${arity} arguments`, String(step.args.length));
  const types = step.args.map((arg) => {
    const dtype = arg >= first ? values[arg] : undefined;
    if (dtype === undefined) fail(where, `arguments among values ${first} to ${values.length - 1}`, String(arg));
    return { shape: [], dtype };
  });
  // Every opcode is a primitive, so its dtypes follow the primitive's rule.
  const rule: Rule = primitives[step.op];
  let result: DType | undefined;
  try {
    result = rule.infer(step.op, types, { dtype: step.dtype })[0]?.dtype;
  } catch (error) {
    if (!(error instanceof AntlerError)) throw error;
    fail(where, 'dtypes that the primitive takes', types.map(({ dtype }) => dtype).join(', '), error.message);
  }
  if (result !== step.dtype) fail(where, `a result of ${result}`, step.dtype);
}

/** Checks that each store takes an existing value of its view's dtype; gives the stores back. */
export function checkStores(place: Place, stores: readonly Store[], values: readonly DType[]): readonly Store[] {
  stores.forEach(({ view, value }, i) => {
    const where = `${place.where}, store ${i}`;
    if (values[value] === undefined) fail(where, `a value in 0 to ${values.length - 1}`, String(value));
    if (values[value] !== view.dtype) fail(where, `a view of ${values[value]} for value ${value}`, view.dtype);
  });
  return stores;
}

/** True when a number is a value of the dtype, so that a `const` means the same on every device. */
function isValueOf(value: number, dtype: DType): boolean {
  const { kind, range } = dtypes[dtype];
  return kind === 'float' || (Number.isInteger(value) && value >= range[0] && value <= range[1]);
}
