/** Element-wise functions: every way in which operands meet, dtypes, numbers, and the same edge values for all of them. */
import type * as core from '@antler/core';
import { ShapeError, ValueError, isFloat, sizeOf, tensor, type DType, type Opcode, type Tensor } from '@antler/core';
import { rounded } from '../../numbers.js';
import type { Tolerance } from '../../tolerance.js';
import type { Sample } from '../sample.js';
import { indicesOf, of, type Nested, type Values } from '../values.js';
import { call, refusal, type OpRecord, type Refusal } from './record.js';

/** A function of one operand. */
export type Unary = (x: core.Operand) => Tensor;
/** A function of two operands. */
export type Binary = (a: core.Operand, b: core.Operand) => Tensor;

/** int32. */
export const int = (nested: Nested): Values => of(nested, 'int32');
/** bool. */
export const bool = (nested: Nested): Values => of(nested, 'bool');

/** What every function refuses. */
export const notATensor = (f: (x: never) => unknown): Refusal[] => [
  refusal(() => f([1, 2] as never), ValueError, 'a Tensor, a Variable or a number', 'an array', 'tensor([...])'),
  refusal(() => f('1' as never), ValueError, '"1"'),
];

/**
 * Where formulas break: not a number, infinite, zero of either sign, one (the end of many domains), as large as float32 can be,
 * and so small that squares vanish.
 */
export const edges: readonly number[] = [
  NaN,
  ...[Infinity, 0, 1, 3.4028234663852886e38, 2 ** -100].flatMap((x) => [x, -x]),
];
/** The same list for functions whose periods no device can count at such sizes. */
export const smallEdges: readonly number[] = edges.filter((x) => !(Math.abs(x) > 1e30 && Number.isFinite(x)));
const subnormals: readonly number[] = [2 ** -149, -(2 ** -149), 2 ** -127, -Math.fround(3e-39)];

const isTiny = (y: number): boolean => y !== 0 && Math.abs(y) < 2 ** -126;

/** An opcode on the way to the result, or units in the last place that rounding in between costs. */
export type Step = Opcode | number;

/** What the results of several steps, one after the other, may be away from the exact number. */
export function ulpsOf(steps: readonly Step[]): (tolerance: Tolerance) => number {
  return (tolerance) =>
    steps.reduce<number>(
      (sum, step) => sum + (typeof step === 'number' ? step : tolerance[step]),
      steps.length > 1 ? 1 : 0,
    );
}

/** float64 has no table of tolerances: eight units for each step. */
const doubleUlps = (steps: readonly Step[]): number =>
  steps.reduce<number>((sum, step) => sum + (typeof step === 'number' ? 8 * step : 8), 0);

/** How a function of one float is tried. */
export interface FloatTrial {
  readonly f: Unary;
  /** In double precision, independent of the library. */
  readonly formula: (x: number) => number;
  readonly xs: readonly number[];
  readonly steps: readonly Step[];
  /** Default: `edges`. */
  readonly at?: readonly number[];
  /** Size of the terms that cancel on the way to the result. */
  readonly size?: (x: number) => number;
  /** Whether −0 must stay what it is. Default true. */
  readonly signed?: boolean;
}

/** A function of one float at ordinary numbers, at the edges, on every shape; what is no float becomes float32. */
export function floatRecord({
  f,
  formula,
  xs,
  steps,
  at = edges,
  size = () => 0,
  signed: isSigned = true,
}: FloatTrial): OpRecord {
  const tried = (values: Values, signed = false): Sample => {
    const { dtype, shape } = values;
    const numbers = values.numbers.map((x) => rounded(x, dtype));
    const expected: Values = { dtype: isFloat(dtype) ? dtype : 'float32', shape, numbers: numbers.map(formula) };
    const within = dtype === 'float64' ? (): number => doubleUlps(steps) : ulpsOf(steps);
    const around = numbers.map((x) => (Number.isFinite(formula(x)) ? size(x) : 0));
    return call((x) => f(x), [values], expected, { within, signed, around });
  };
  const shaped = (shape: readonly number[]): Values => ({
    dtype: 'float32',
    shape,
    numbers: sizeOf(shape) === 0 ? [] : [xs[0]!],
  });
  const within = { within: ulpsOf(steps) };
  return {
    samples: [
      tried({ dtype: 'float32', shape: [xs.length, 1], numbers: xs }),
      tried(of(xs, 'float64')),
      tried(of(at.filter((x) => !isTiny(formula(x)))), isSigned),
      tried(of(smallEdges, 'float64'), isSigned),
      ...(['int32', 'uint32', 'int8', 'uint8'] as const).map((dtype) => tried(of([0, 1, 2], dtype))),
      tried(bool([0, 1])),
      ...[[], [0], [1], [1, 1, 1], [2, 0, 3]].map(shaped).map((values) => tried(values)),
      call(() => f(2), [], of(formula(2)), within),
      call(() => f(true), [], of(formula(1)), within),
    ],
    subnormal: [tried(of([...subnormals, ...at.filter((x) => isTiny(formula(x)))]))],
    refuses: notATensor(f),
  };
}

/** As `floatRecord`, in one line. */
export function float(
  f: Unary,
  formula: (x: number) => number,
  xs: readonly number[],
  ...steps: readonly Step[]
): OpRecord {
  return floatRecord({ f, formula, xs, steps });
}

/** The dtype of a result beside that in which the operands meet. */
export type ResultOf = (dtype: DType) => DType;
/** Arithmetic. */
export const same: ResultOf = (dtype) => dtype;
/** Comparisons. */
export const alwaysBool: ResultOf = () => 'bool';
/** Divisions. */
export const alwaysFloat: ResultOf = (dtype) => (isFloat(dtype) ? dtype : 'float32');

/** A function of two operands on numbers that every dtype has, in every way in which operands can meet. */
export function binary(
  f: Binary,
  formula: (a: number, b: number) => number,
  result: ResultOf = same,
  steps: readonly Step[] = [],
  ends: readonly number[] = edges,
): OpRecord {
  const dtypes: DType[] = ['float32', 'float64', 'int32', 'uint32', 'int8', 'uint8'];
  const table = (a: Values, b: Values, meeting: DType): Values => {
    const dtype = result(meeting);
    const shape = Array.from({ length: Math.max(a.shape.length, b.shape.length) }, (_, i) => {
      const [m, n] = [a.shape.at(-1 - i) ?? 1, b.shape.at(-1 - i) ?? 1];
      return m === 1 ? n : m;
    }).reverse();
    const pick = ({ shape: own, numbers }: Values, index: readonly number[]): number => {
      const places = own.map((n, i) => (n === 1 ? 0 : index[index.length - own.length + i]!));
      return numbers[places.reduce((at, place, i) => at * own[i]! + place, 0)]!;
    };
    return {
      dtype,
      shape,
      numbers: indicesOf(shape).map((index) => rounded(formula(pick(a, index), pick(b, index)), dtype)),
    };
  };
  const within = { within: ulpsOf(steps) };
  const both = (a: Values, b: Values, dtype: DType): Sample =>
    call((x, y) => f(x, y), [a, b], table(a, b, dtype), within);
  const paired = (list: readonly number[], dtype: DType, fits: (y: number) => boolean): Sample => {
    const pairs = list.flatMap((p) => list.map((q) => [p, q] as const)).filter(([p, q]) => fits(formula(p, q)));
    const column = (k: 0 | 1): Values => ({ dtype, shape: [pairs.length], numbers: pairs.map((pair) => pair[k]) });
    return both(column(0), column(1), dtype);
  };
  const [a, b] = [
    [
      [9, 4, 6],
      [2, 8, 5],
    ],
    [
      [3, 4, 2],
      [1, 5, 5],
    ],
  ];
  const x = of([[9, 4, 6]]);
  return {
    samples: [
      ...dtypes.map((dtype) => both(of(a, dtype), of(b, dtype), dtype)),
      both(of(a), of(2), 'float32'),
      both(of([8, 4, 6]), of([[2], [4]]), 'float32'),
      both(of([[[8]], [[4]]]), of([[2, 1]]), 'float32'),
      both({ dtype: 'float32', shape: [0, 3], numbers: [] }, of([1, 2, 3]), 'float32'),
      both(of(a, 'int8'), of(b, 'uint8'), 'int32'),
      both(of(a, 'int32'), of(b, 'uint32'), 'int32'),
      both(of(a, 'int32'), of(b, 'int8'), 'int32'),
      both(of(a, 'uint32'), of(b), 'float32'),
      both(of(a), of(b, 'float64'), 'float64'),
      call((y) => f(y, 2), [x], table(x, of(2), 'float32'), within),
      call((y) => f(2, y), [x], table(of(2), x, 'float32'), within),
      call((y) => f(y, 2), [{ ...x, dtype: 'uint8' }], table(x, of(2), 'uint8'), within),
      call(() => f(8, 2), [], table(of(8), of(2), 'float32'), within),
      // Every edge with every other one.
      paired(ends, 'float32', (y) => !isTiny(y)),
      paired(smallEdges, 'float64', () => true),
    ],
    subnormal: [paired(ends, 'float32', isTiny), paired(subnormals, 'float32', () => true)],
    refuses: [
      ...notATensor((given) => f(given, 1)),
      refusal(() => f(tensor([1, 2, 3]), tensor([1, 2])), ShapeError, '[3] and [2]', 'shapes that broadcast together'),
      refusal(
        () =>
          f(
            tensor([[1], [2]]),
            tensor([
              [1, 2],
              [3, 4],
              [5, 6],
            ]),
          ),
        ShapeError,
        '[2, 1] and [3, 2]',
        'axis -2',
      ),
    ],
  };
}

const truth =
  (formula: (a: boolean, b: boolean) => boolean) =>
  (a: number, b: number): number =>
    Number(formula(a !== 0, b !== 0));

/** A function of two truths. */
export function logical(f: Binary, formula: (a: boolean, b: boolean) => boolean): OpRecord {
  const record = binary(f, truth(formula), alwaysBool);
  const [a, b] = [
    [0, 0, 1, 1],
    [0, 1, 0, 1],
  ];
  const expected = bool(a.map((_, i) => truth(formula)(a[i]!, b[i]!)));
  return {
    ...record,
    samples: [
      ...record.samples,
      call((x, y) => f(x, y), [bool(a), bool(b)], expected),
      call((x, y) => f(x, y), [of([0, -0, NaN, 0.1]), int([0, -1, 0, 256])], expected),
      call((x) => f(x, true), [bool([0, 1])], bool([0, 1].map((x) => truth(formula)(x, 1)))),
    ],
  };
}

/** A function of one operand that keeps the dtype. */
export function keeping(f: Unary, formula: (x: number) => number): OpRecord {
  const mapped = (values: Values): Values => ({
    ...values,
    numbers: values.numbers.map((x) => rounded(formula(x), values.dtype)),
  });
  const one = (values: Values): Sample => call((x) => f(x), [values], mapped(values), { signed: true });
  const empty = [[0], [2, 0, 3]].map((shape): Values => ({ dtype: 'float32', shape, numbers: [] }));
  const numbers = [3, 0, 1, 127];
  return {
    samples: [
      ...(['float32', 'float64', 'int32', 'int8'] as const).map((dtype) => one(of([...numbers, -2, -127], dtype))),
      ...(['uint32', 'uint8'] as const).map((dtype) => one(of(numbers, dtype))),
      ...[of([...edges, 0.25]), of([...smallEdges, 0.25], 'float64'), of(-2), of([[[5]]]), ...empty].map(one),
      call(() => f(-2), [], of(formula(-2))),
    ],
    subnormal: [one(of(subnormals))],
    refuses: notATensor(f),
  };
}
