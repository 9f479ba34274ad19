/** Checks of one plan: every way to run it lies within the bounds of what its graph means, and its gradient is one. */
import {
  Variable,
  isFloat,
  jit,
  setBackend,
  setFusion,
  sum,
  valueAndGrad,
  type DType,
  type Fusion,
  type Graph,
  type Tensor,
} from '@antler/core';
import { evaluate, type Numbers } from '../../packages/core/test/graph/evaluate.js';
import { seeded } from '../seeded.js';
import { evaluateWithBounds, exact, type Bounded } from './bounds.js';
import { leavesOf, runPlan, tensorOf, variableCell, type Cell, type Leaf, type Plan } from './plan.js';

/** One way to run a plan. */
export interface Way {
  readonly name: string;
  readonly backend: string;
  readonly fusion: Fusion;
  readonly isJitted: boolean;
}

/** What is wrong with a plan, or undefined. The backend of the first way must have float64, in which slopes are taken. */
export async function check(plan: Plan, ways: readonly Way[]): Promise<string | undefined> {
  const graph = graphOf(plan, null, program);
  const misshapen = plan.differentiated ? misshapenGradient(plan, graph) : undefined;
  if (misshapen !== undefined) return misshapen;
  const inputs = [...leavesOf(plan), plan.state].map(({ data }) => exact(data));
  const first = evaluateWithBounds(graph, inputs);
  const isStateless = plan.steps.every(({ kind }) => kind !== 'assign');
  const second = isStateless ? first : evaluateWithBounds(graph, [...inputs.slice(0, -1), first[first.length - 1]!]);
  for (const way of ways) {
    const results = await run(plan, way).catch((error: unknown) => String((error as Error).stack));
    if (typeof results === 'string') return `${way.name}: ${results}`;
    for (const [turn, expected] of [first, second].entries()) {
      const wrong = difference(results[turn]!, expected);
      if (wrong !== undefined) return `${way.name}, turn ${turn + 1}: ${wrong}`;
    }
  }
  if (!plan.differentiated) return undefined;
  await setBackend(ways[0]!.backend);
  return checkSlope(plan);
}

/** Gradients have the types of what they are gradients of. */
function misshapenGradient(plan: Plan, graph: Graph): string | undefined {
  const floats = leavesOf(plan).filter(({ type }) => isFloat(type.dtype));
  for (const [k, { type }] of floats.entries()) {
    const given = graph.types[graph.outputs[plan.outputs.length + 1 + k]!]!;
    const [expected, received] = [`${type.dtype} [${type.shape.join()}]`, `${given.dtype} [${given.shape.join()}]`];
    if (expected !== received) return `gradient ${k}: ${received} instead of ${expected}`;
  }
  return undefined;
}

/** Outputs, then (when differentiated) loss and gradients. */
function program(plan: Plan, leaves: readonly Tensor[], cell: Cell): Tensor[] {
  if (!plan.differentiated) return runPlan(plan, leaves, cell);
  const differentiate = valueAndGrad(
    (floats: readonly Tensor[]) => {
      const left = [...floats];
      const outputs = runPlan(
        plan,
        leaves.map((leaf) => (isFloat(leaf.dtype) ? left.shift()! : leaf)),
        cell,
      );
      return [lossOf(outputs), outputs] as const;
    },
    { aux: true },
  );
  const [[loss, outputs], gradients] = differentiate(leaves.filter(({ dtype }) => isFloat(dtype)));
  return [...outputs, loss, ...gradients];
}

function lossOf(outputs: readonly Tensor[]): Tensor {
  return outputs
    .filter(({ dtype }) => isFloat(dtype))
    .reduce((total, y) => total.add(sum(y.mul(0.5))), tensor0(outputs));
}

/** A zero of the dtype that the outputs have, so that adding to it changes nothing. */
function tensor0(outputs: readonly Tensor[]): Tensor {
  const float = outputs.find(({ dtype }) => isFloat(dtype));
  return float === undefined ? sum(outputs[0]!.cast('float32').mul(0)) : sum(float.mul(0));
}

/** The graph of a plan as a function of its leaves and its state, all floats in one dtype if given; its last output is the new state. */
function graphOf(
  plan: Plan,
  float: DType | null,
  body: (plan: Plan, leaves: readonly Tensor[], cell: Cell) => Tensor[],
): Graph {
  const pure = jit((leaves: readonly Tensor[], state: Tensor) => {
    let current = state;
    const results = body(plan, leaves, { read: () => current, assign: (x) => (current = x) });
    return [...results, current];
  });
  const given = (leaf: Leaf): Tensor => tensorOf(leaf, isFloat(leaf.type.dtype) ? (float ?? undefined) : undefined);
  return pure.graph(leavesOf(plan).map(given), given(plan.state));
}

/** Results of two turns, each with the state after it. */
async function run(plan: Plan, { backend, fusion, isJitted }: Way): Promise<Numbers[][]> {
  setFusion(fusion);
  await setBackend(backend);
  try {
    const state = new Variable(tensorOf(plan.state), { name: 'state' });
    const leaves = leavesOf(plan).map((leaf) => tensorOf(leaf));
    const step = (given: readonly Tensor[]): Tensor[] => program(plan, given, variableCell(state));
    const compiled = isJitted ? jit(step) : step;
    const turns: Numbers[][] = [];
    for (let turn = 0; turn < 2; turn++) {
      const reads = compiled(leaves).map((result) => result.data());
      reads.push(state.value.data());
      turns.push((await Promise.all(reads)).map((data) => Array.from(data)));
    }
    return turns;
  } finally {
    setFusion('auto');
  }
}

function difference(results: readonly Numbers[], expected: readonly Bounded[]): string | undefined {
  if (results.length !== expected.length) return `${results.length} results instead of ${expected.length}`;
  for (const [k, { values, errors }] of expected.entries()) {
    const given = results[k]!;
    if (given.length !== values.length) return `result ${k} has ${given.length} elements instead of ${values.length}`;
    for (let i = 0; i < values.length; i++) {
      const [got, value, error] = [given[i]!, values[i]!, errors[i]!];
      if (error === Infinity || Object.is(got, value) || got === value || Math.abs(got - value) <= error) continue;
      return `result ${k}, element ${i}: ${got} instead of ${value} ± ${error}`;
    }
  }
  return undefined;
}

/** The gradient along one direction against differences of the loss, in float64; kinks are let alone. */
function checkSlope(plan: Plan): string | undefined {
  if (plan.steps.some((step) => step.kind === 'call' && step.op === 'stopGradient')) return undefined;
  const loss = graphOf(plan, 'float64', (one, leaves, cell) => [lossOf(runPlan(one, leaves, cell))]);
  const gradient = graphOf(plan, 'float64', program);
  const chance = seeded(plan.steps.length);
  const leaves = leavesOf(plan);
  const direction = leaves.map(({ data, type }) => data.map(() => (isFloat(type.dtype) ? chance() * 2 - 1 : 0)));
  const inputs = [...leaves, plan.state].map(({ data }) => data);
  const at = (h: number): number =>
    evaluate(
      loss,
      inputs.map((data, k) => data.map((x, i) => x + h * (direction[k]?.[i] ?? 0))),
    )[0]![0]!;
  const floats = leaves.flatMap(({ type }, k) => (isFloat(type.dtype) ? [k] : []));
  const results = evaluate(gradient, inputs);
  const slopes = results.slice(plan.outputs.length + 1, plan.outputs.length + 1 + floats.length);
  const slope = slopes.reduce(
    (total, list, k) => total + list.reduce((s, g, i) => s + g * direction[floats[k]!]![i]!, 0),
    0,
  );
  const h = 2 ** -14;
  const [left, middle, right] = [at(-h), at(0), at(h)];
  const [forth, back, both] = [(right - middle) / h, (middle - left) / h, (right - left) / (2 * h)];
  const half = (at(h / 2) - at(-h / 2)) / h;
  const scale = 1 + Math.abs(both) + slopes.flat().reduce((size, g) => Math.max(size, Math.abs(g)), 0);
  const isSmooth = Math.abs(forth - back) < 1e-2 * scale && Math.abs(half - both) < 1e-5 * scale;
  if (!isSmooth || !Number.isFinite(both) || Math.abs(slope - both) <= 1e-4 * scale) return undefined;
  return `gradient: ${slope} along a direction in which the loss grows by ${both}`;
}
