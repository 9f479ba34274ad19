/**
 * What a graph means, with a bound on how far a correct backend may be from it: a running error analysis, node by node, on
 * the evaluator that defines graphs. A bound of ∞ says that nothing can be said, as on both sides of a step.
 */
import { dtypes, isFloat, opcodes, type DType, type Graph, type GraphNode, type Opcode, type Type } from '@antler/core';
import { evaluate, type Numbers } from '../../packages/core/test/graph/evaluate.js';
import { meaning } from '../conformance/meaning.js';

/** Numbers, each with the largest error that it may have. */
export interface Bounded {
  readonly values: Numbers;
  readonly errors: Numbers;
}

/** Half a unit in the last place of 1, and at most what is lost of a number near zero. Integers lose nothing. */
const roundings: Readonly<Partial<Record<DType, readonly [roundoff: number, underflow: number]>>> = {
  float64: [2 ** -53, 2 ** -148],
  float32: [2 ** -24, 2 ** -148],
  bfloat16: [2 ** -8, 2 ** -132],
  float16: [2 ** -11, 2 ** -23],
};
const roundingOf = (dtype: DType): readonly [roundoff: number, underflow: number] => roundings[dtype] ?? [0, 0];

/** Numbers that are as they are. */
export function exact(values: Numbers): Bounded {
  return { values, errors: values.map(() => 0) };
}

/** Outputs of a graph, with their bounds. */
export function evaluateWithBounds(graph: Graph, inputs: readonly Bounded[]): Bounded[] {
  const known: Bounded[] = [...inputs];
  for (const node of graph.nodes) {
    const args = node.inputs.map((value) => known[value]!);
    const types = (values: readonly number[]): Type[] => values.map((value) => graph.types[value]!);
    const results = boundsOf(node, args, types(node.inputs), types(node.outputs));
    node.outputs.forEach((value, i) => (known[value] = results[i]!));
  }
  return graph.outputs.map((value) => known[value]!);
}

function boundsOf(
  node: GraphNode,
  args: readonly Bounded[],
  from: readonly Type[],
  to: readonly Type[],
): readonly Bounded[] {
  if (node.primitive === 'composite') return evaluateWithBounds(node.params.body, args);
  if (node.primitive === 'scan') return scanned(node, args, from);
  const values = args.map((arg) => arg.values);
  const run = (inputs: readonly Numbers[]): Numbers => apply(node, inputs, from, to)[0]!;
  if (node.primitive === 'barrier') return args;
  const results = run(values);
  const unsure = args.some(({ errors }) => errors.some((e) => e > 0));
  const isWhole = to.some(({ dtype }) => !isFloat(dtype)) && !Object.hasOwn(opcodes, node.primitive);
  if (unsure && isWhole) return [{ values: results, errors: results.map(() => Infinity) }];
  const errors = errorsOf(node, args, from, to[0]!, results, run);
  const [, largest] = dtypes[to[0]!.dtype].range;
  // Near the largest number one more rounding may give an infinity.
  const isKnown = (e: number, i: number): boolean => e === 0 || Math.abs(results[i]!) + e < largest;
  return [{ values: results, errors: errors.map((e, i) => (isKnown(e, i) ? e : Infinity)) }];
}

/** One node, as a graph of its own. */
function apply(node: GraphNode, inputs: readonly Numbers[], from: readonly Type[], to: readonly Type[]): Numbers[] {
  const places = inputs.map((_, i) => i);
  const outputs = to.map((_, i) => inputs.length + i);
  const alone = { ...node, inputs: places, outputs } as GraphNode;
  const graph: Graph = {
    key: '',
    inputs: inputs.map(() => ({ scalar: false })),
    types: [...from, ...to],
    nodes: [alone],
    outputs,
  };
  return evaluate(graph, inputs);
}

function errorsOf(
  node: GraphNode,
  args: readonly Bounded[],
  from: readonly Type[],
  to: Type,
  results: Numbers,
  run: (inputs: readonly Numbers[]) => Numbers,
): Numbers {
  const values = args.map((arg) => arg.values);
  const errors = args.map((arg) => arg.errors);
  const sizes = values.map((list) => list.map(Math.abs));
  const [roundoff, underflow] = roundingOf(to.dtype);
  const u = 4 * roundoff;
  const add = (...lists: Numbers[]): Numbers => results.map((_, i) => lists.reduce((sum, list) => sum + list[i]!, 0));
  const scaled = (list: Numbers): Numbers => list.map((x) => u * x + underflow);
  if (Object.hasOwn(opcodes, node.primitive)) return elementwise(node.primitive as Opcode, args, from, to, results);
  switch (node.primitive) {
    case 'dot':
    case 'conv': {
      const [a, b] = [sizes[0]!, sizes[1]!];
      const [da, db] = [errors[0]!, errors[1]!];
      const terms = run([a, b]);
      const wider = b.map((x, i) => x + db[i]!);
      return add(run([a, db]), run([da, wider]), scaled(terms));
    }
    case 'reduce': {
      if (node.params.op === 'sum') return add(run([errors[0]!]), scaled(run([sizes[0]!])));
      // The largest of several numbers is as uncertain as the most uncertain of them.
      if (node.params.op !== 'prod') return results.map(() => Math.max(0, ...errors[0]!));
      const most = run([sizes[0]!.map((x, i) => x + errors[0]![i]!)]);
      return most.map((x, i) => x - Math.abs(results[i]!) + u * x * from[0]!.shape.length * 8);
    }
    case 'gather':
      return errors[1]!.some((e) => e > 0) ? results.map(() => Infinity) : run([errors[0]!, values[1]!]);
    case 'scatter': {
      if (errors[1]!.some((e) => e > 0)) return results.map(() => Infinity);
      // The smallest of several numbers is as uncertain as the most uncertain of them.
      const mode = node.params.mode === 'min' ? 'max' : node.params.mode;
      const uncertain = { ...node, params: { ...node.params, mode } };
      const spread = apply(uncertain, [errors[0]!, values[1]!, errors[2]!], from, [to])[0]!;
      return node.params.mode === 'add' ? add(spread, scaled(run([sizes[0]!, values[1]!, sizes[2]!]))) : spread;
    }
    case 'const':
    case 'iota':
      return results.map(() => 0);
    case 'concat':
    case 'pad':
      return run(errors);
    default:
      return run([errors[0]!]);
  }
}

/** How far the result moves when the arguments move to the corners of their ranges, twice over, and its rounding. */
function elementwise(op: Opcode, args: readonly Bounded[], from: readonly Type[], to: Type, results: Numbers): Numbers {
  const dtypes = from.map(({ dtype }) => dtype);
  const [roundoff, underflow] = roundingOf(to.dtype);
  return results.map((result, i) => {
    const errors = args.map((arg) => arg.errors[i]!);
    const rounding = exactOps.has(op) ? 0 : 4 * roundoff * Math.abs(result) + underflow;
    if (errors.every((e) => e === 0)) return rounding;
    if (errors.some((e) => !Number.isFinite(e)) || op === 'bitcast' || op === 'random') return Infinity;
    let moved = 0;
    for (let corner = 0; corner < 2 ** args.length; corner++) {
      const at = args.map(({ values }, k) => {
        const side = (corner >> k) % 2 === 0 ? -1 : 1;
        const value = values[i]! + side * errors[k]!;
        const kind = dtypes[k]!;
        return kind === 'bool'
          ? Math.min(Math.max(Math.round(value), 0), 1)
          : isFloat(kind)
            ? value
            : Math.round(value);
      });
      const distance = Math.abs(meaning(op, at, wide(dtypes), wide([to.dtype])[0]!) - result);
      if (!(distance <= moved)) moved = Number.isNaN(distance) ? Infinity : distance;
    }
    return 2 * moved + rounding;
  });
}

const exactOps: ReadonlySet<Opcode> = new Set<Opcode>([
  'neg',
  'abs',
  'sign',
  'floor',
  'ceil',
  'round',
  'max',
  'min',
  'select',
]);

/** Errors are not rounded. */
const wide = (dtypes: readonly DType[]): DType[] => dtypes.map((dtype) => (isFloat(dtype) ? 'float64' : dtype));

/** A scan, turn by turn. */
function scanned(
  { params }: Extract<GraphNode, { primitive: 'scan' }>,
  args: readonly Bounded[],
  from: readonly Type[],
): Bounded[] {
  const { body, length, carries, sequences, reverse } = params;
  const constants = args.length - carries - sequences;
  let state = args.slice(constants, constants + carries);
  const rows: (readonly Bounded[])[] = new Array<readonly Bounded[]>(length);
  const before: (readonly Bounded[])[] = new Array<readonly Bounded[]>(length);
  for (let turn = 0; turn < length; turn++) {
    const at = reverse ? length - 1 - turn : turn;
    const entries = args.slice(constants + carries).map((arg, i) => row(arg, from[constants + carries + i]!, at));
    before[at] = state;
    const results = evaluateWithBounds(body, [...args.slice(0, constants), ...state, ...entries]);
    state = results.slice(0, carries);
    rows[at] = results.slice(carries);
  }
  const stacked = (lists: readonly (readonly Bounded[])[], count: number): Bounded[] =>
    Array.from({ length: count }, (_, k) => ({
      values: lists.flatMap((list) => [...list[k]!.values]),
      errors: lists.flatMap((list) => [...list[k]!.errors]),
    }));
  return [...state, ...stacked(rows, body.outputs.length - carries), ...stacked(before, carries)];
}

function row({ values, errors }: Bounded, { shape }: Type, at: number): Bounded {
  const size = shape.slice(1).reduce((product, n) => product * n, 1);
  const cut = (list: Numbers): Numbers => list.slice(at * size, (at + 1) * size);
  return { values: cut(values), errors: cut(errors) };
}
