/** Writes the function of a loop kernel: every value is a local of the outermost loop inside of which it stays the same. */
import {
  dtypes,
  foldIdentity,
  type DType,
  type Instruction,
  type LoopKernel,
  type ReduceOp,
  type Reduction,
} from '@antler/core';
import { registerOf, rounderOf, type Kind } from '../access.js';
import { tileSize } from '../context.js';
import { coerced, literal, operation } from './expressions.js';
import type { Access, Nest } from './nest.js';
import type { Level, Path, Places } from './text.js';

/** A value of the kernel. */
interface Value {
  readonly dtype: DType;
  /** How many loops it must lie in. */
  readonly depth: number;
  /** The text of what it is. */
  readonly text: (places: Places) => string;
}

/** The text of a fold. Accumulators are doubles, as the interpreter's are. */
const folds: { readonly [R in ReduceOp]: { readonly [K in Exclude<Kind, 'bool'>]: (a: string, v: string) => string } } =
  {
    sum: { float: (a, v) => `${a} + ${v}`, int: (a, v) => `${a} + ${v} | 0` },
    prod: { float: (a, v) => `${a} * ${v}`, int: (a, v) => `Math.imul(${a}, ${v})` },
    max: { float: (a, v) => `Math.max(${a}, ${v})`, int: (a, v) => `Math.max(${a}, ${v})` },
    min: { float: (a, v) => `Math.min(${a}, ${v})`, int: (a, v) => `Math.min(${a}, ${v})` },
  };

/** The text of the function; null when some of the kernel is left to the interpreter. */
export function writeLoop(kernel: LoopKernel, nest: Nest): string | null {
  const { body, reductions, stores } = kernel;
  const { text, outer, inner, tail, columns } = nest;
  const values = valuesOf(kernel, nest);
  if (values === null) return null;
  const late = body.length + reductions.length;
  const all = outer.length + tail.length;

  /** Writes the values of a range that belong `depth` loops deep. */
  const define = (from: number, to: number, depth: number, places: Places): void => {
    for (let number = from; number < to; number++) {
      const value = values[number]!;
      if (value.depth === depth) text.line(`const v${number} = ${value.text(places)};`);
    }
  };
  const store = (inside: boolean, places: Places): void => {
    stores.forEach(({ value }, i) => {
      const { name, path } = nest.writes[i]!;
      if (value < body.length === inside) text.line(`${name}[${places.get(path)!}] = v${value};`);
    });
  };
  /** Where the paths stand that a part of the kernel takes, so that its loops do not move the others. */
  const only = (places: Places, inside: boolean): Places => {
    const reads = [...nest.reads].filter(([value]) => value < body.length === inside);
    const writes = nest.writes.filter((_, i) => stores[i]!.value < body.length === inside);
    const taken = new Set<Path>([...reads.map(([, { path }]) => path), ...writes.map(({ path }) => path)]);
    return new Map([...places].filter(([path]) => taken.has(path)));
  };

  let places: Places = new Map(nest.paths.map((path) => [path, path.start]));
  define(0, body.length, 0, places);
  if (all > 0) define(late, values.length, 0, places);
  outer.forEach((level, i) => {
    places = text.open(level, places);
    if (i === outer.length - 1 && nest.prelude !== null) text.line(nest.prelude);
    define(0, body.length, i + 1, places);
    if (i + 1 < all) define(late, values.length, i + 1, places);
  });

  reductions.forEach(({ op, value }, i) => {
    const identity = literal(foldIdentity[op](values[value]!.dtype));
    text.line(columns === null ? `let a${i} = ${identity};` : `a${i}.fill(${identity}, 0, ${columns});`);
  });
  let within = only(places, true);
  inner.forEach((level, i) => {
    within = text.open(level, within);
    define(0, body.length, outer.length + i + 1, within);
  });
  reductions.forEach(({ op, value }, i) => {
    const sum = accumulator(i, columns);
    const kind = dtypes[values[value]!.dtype].kind as Exclude<Kind, 'bool'>;
    text.line(`${sum} = ${folds[op][kind](sum, `v${value}`)};`);
  });
  store(true, within);
  text.close(inner.length);

  let after = only(places, false);
  tail.forEach((level) => (after = text.open(level, after)));
  define(body.length, values.length, all, after);
  store(false, after);
  text.close(tail.length + outer.length);
  return text.finish(columns === null ? [] : reductions.map((_, i) => `const a${i} = new Float64Array(${tileSize});`));
}

function accumulator(reduction: number, columns: string | null): string {
  return columns === null ? `a${reduction}` : `a${reduction}[lane]`;
}

/** What all values are; null when one of them has no text, or is one that the interpreter objects to. */
function valuesOf(kernel: LoopKernel, { reads, outer, inner, tail, columns }: Nest): readonly Value[] | null {
  const { body, reductions, epilogue } = kernel;
  const late = body.length + reductions.length;
  const values: Value[] = [];
  /** Appends instructions that lie in the given loops; false when one of them cannot. */
  const append = (instructions: readonly Instruction[], loops: readonly Level[]): boolean =>
    instructions.every((instruction) => {
      const value = valueOf(instruction, values, reads.get(values.length), loops);
      if (value !== null) values.push(value);
      return value !== null;
    });

  if (!append(body, [...outer, ...inner])) return null;
  if (reductions.some(({ value }) => dtypes[values[value]!.dtype].kind === 'bool')) return null;
  reductions.forEach(({ value }: Reduction, i) => {
    const { dtype } = values[value]!;
    const text = coerced(dtype, accumulator(i, columns));
    values.push({ dtype, depth: outer.length + tail.length, text: () => text });
  });
  // An epilogue over reductions sees those and constants alone.
  const strays =
    kernel.reduced > 0 &&
    epilogue.some(
      (instruction) =>
        'args' in instruction && instruction.args.some((value) => value < body.length && values[value]!.depth > 0),
    );
  return !strays && append(epilogue, [...outer, ...tail]) && values.length === late + epilogue.length ? values : null;
}

function valueOf(
  instruction: Instruction,
  values: readonly Value[],
  read: Access | undefined,
  loops: readonly Level[],
): Value | null {
  const { dtype } = instruction;
  if (read !== undefined) {
    const { name, path } = read;
    const depth = loops.findLastIndex(({ stride }) => stride(path) !== 0) + 1;
    const text = (places: Places): string =>
      name === '' ? coerced(dtype, places.get(path)!) : `${name}[${places.get(path)!}]`;
    return { dtype, depth, text };
  }
  switch (instruction.op) {
    case 'const': {
      const register = registerOf(dtype, 1).fill(instruction.value);
      rounderOf(dtype)?.(register, 1);
      return { dtype, depth: 0, text: () => literal(register[0]!) };
    }
    case 'scalar': {
      const text = coerced(dtype, `scalars[${instruction.index}]`);
      return { dtype, depth: 0, text: () => text };
    }
    case 'load':
    case 'index':
      return null;
    default: {
      const { args } = instruction;
      const names = args.map((value) => `v${value}`);
      const text = operation(instruction, values[args.at(-1)!]!.dtype, names);
      if (text === undefined) return null;
      return { dtype, depth: Math.max(...args.map((value) => values[value]!.depth)), text: () => text };
    }
  }
}
