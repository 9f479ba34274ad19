/** Plans: random programs at the level of public operations, as plain data that can be run, shrunk and printed. */
import { halves, isFloat, tensor, type DType, type Half, type Tensor, type Type, type Variable } from '@antler/core';
import type { Chance } from '../seeded.js';
import { operations, type Params, type Sort } from './operations.js';

/** A value that a plan begins with. */
export interface Leaf {
  readonly kind: 'leaf';
  readonly type: Type;
  readonly data: readonly number[];
}

/** One operation on earlier values; `type` is what it gives. */
export interface Call {
  readonly kind: 'call';
  readonly op: string;
  readonly args: readonly number[];
  readonly params: Params;
  readonly type: Type;
}

/** The state's present value. */
export interface Read {
  readonly kind: 'read';
  readonly type: Type;
}

/** Gives the state a new value: 0.5·state + an earlier value. Gives that value. */
export interface Assign {
  readonly kind: 'assign';
  readonly args: readonly number[];
  readonly type: Type;
}

/** Values are numbered in order. */
export type Step = Leaf | Call | Read | Assign;

/** A program: its steps, which of them it gives, and the first value of its state. */
export interface Plan {
  readonly steps: readonly Step[];
  readonly outputs: readonly number[];
  readonly state: Leaf;
  /** Whether it gives the gradient of the sum of its outputs with respect to its float leaves. */
  readonly differentiated: boolean;
}

/** Where the state lives: in a variable, or in an argument. */
export interface Cell {
  read(): Tensor;
  assign(x: Tensor): void;
}

/** The state as a variable. */
export function variableCell(variable: Variable): Cell {
  return { read: () => variable.value, assign: (x) => void variable.assign(x) };
}

function leafOf(chance: Chance, shape: readonly number[], dtype: DType): Leaf {
  const draw: Readonly<Partial<Record<DType, () => number>>> = {
    float32: () => Math.fround(chance() * 4 - 2),
    float16: () => halves.float16.round(chance() * 4 - 2),
    bfloat16: () => halves.bfloat16.round(chance() * 4 - 2),
    int32: () => chance.whole(-3, 5),
    bool: () => chance.whole(0, 1),
  };
  const size = shape.reduce((a, b) => a * b, 1);
  // Some numbers twice, so that there are ties.
  const data = Array.from({ length: size }, draw[dtype]!);
  for (let i = 1; i < size; i++) if (chance() < 0.1) data[i] = data[i - 1]!;
  return { kind: 'leaf', type: { shape, dtype }, data };
}

const sorts: Readonly<Record<Sort, (dtype: DType) => boolean>> = {
  float: isFloat,
  index: (dtype) => dtype === 'int32',
  bool: (dtype) => dtype === 'bool',
  any: () => true,
};

/** Twice as likely as the others: what moves elements is where mistakes are. */
const movements = [
  'transpose',
  'reshape',
  'slice',
  'flip',
  'pad',
  'concatenate',
  'take',
  'scatterUpdate',
  'matmul',
  'scan',
];

/** Draws a plan. Sizes are from a few numbers, so that shapes meet again; `narrows` are the 16-bit floats that may be in it. */
export function drawPlan(chance: Chance, narrows: readonly Half[]): Plan {
  const sizes = [1, 2, 3, chance.whole(3, 5)];
  const shape = (): number[] =>
    Array.from({ length: chance.pick([0, 1, 2, 2, 3, 3]) }, () => (chance() < 0.02 ? 0 : chance.pick(sizes)));
  const stateShape = shape();
  // Most graphs are of float32 alone, as most networks are.
  const isMixed = narrows.length > 0 && chance() < 0.3;
  const narrow = chance.pick(narrows);
  const float = (): DType => (isMixed && chance() < 0.6 ? narrow : 'float32');
  const stateType: Type = { shape: stateShape, dtype: float() };
  const steps: Step[] = [leafOf(chance, shape(), float()), leafOf(chance, shape(), float())];
  if (chance() < 0.5) steps.push(leafOf(chance, shape(), 'int32'));
  if (chance() < 0.3) steps.push(leafOf(chance, shape(), 'bool'));
  if (chance() < 0.5) steps.push(leafOf(chance, [...stateShape], stateType.dtype));
  const count = chance.whole(3, 14);
  const names = [...Object.keys(operations), ...movements];
  for (let tries = 0; steps.length < count + 4 && tries < 400; tries++) {
    const kind = chance();
    if (kind < 0.03) steps.push({ kind: 'read', type: stateType });
    else if (kind < 0.07) {
      const at = steps.findLastIndex(
        ({ type }) => type.dtype === stateType.dtype && String(type.shape) === String(stateShape),
      );
      if (at >= 0) steps.push({ kind: 'assign', args: [at], type: steps[at]!.type });
    } else {
      const call = drawCall(chance, chance.pick(names), steps);
      if (call !== undefined) steps.push(call);
    }
  }
  const used = new Set(steps.flatMap((step) => ('args' in step ? step.args : [])));
  const ends = steps.flatMap((step, i) => (step.kind !== 'leaf' && !used.has(i) ? [i] : []));
  // Now and then a value is given although others use it.
  const more = steps.flatMap((step, i) => (step.kind === 'call' && used.has(i) && chance() < 0.15 ? [i] : []));
  return {
    steps,
    outputs: [...ends, ...more],
    state: leafOf(chance, stateShape, stateType.dtype),
    differentiated: chance() < 0.75,
  };
}

function drawCall(chance: Chance, op: string, steps: readonly Step[]): Call | undefined {
  const { takes, draw, run } = operations[op]!;
  const args: number[] = [];
  for (const sort of takes) {
    const fitting = steps.flatMap(({ type }, i) => (sorts[sort](type.dtype) ? [i] : []));
    if (fitting.length === 0) return undefined;
    // Late values oftener, so that graphs grow deep.
    args.push(
      chance() < 0.5
        ? fitting[fitting.length - 1 - Math.floor(chance() * Math.min(3, fitting.length))]!
        : chance.pick(fitting),
    );
  }
  const types = args.map((i) => steps[i]!.type);
  const params = draw(chance, ...types);
  if (params === undefined) return undefined;
  const { shape, dtype } = run(
    types.map((type) => tensorOf(blank(type))),
    params as never,
  );
  if (shape.reduce((a, b) => a * b, 1) > 96 || shape.length > 4) return undefined;
  return { kind: 'call', op, args, params, type: { shape: [...shape], dtype } };
}

const blank = (type: Type): Leaf => ({
  kind: 'leaf',
  type,
  data: new Array<number>(type.shape.reduce((a, b) => a * b, 1)).fill(0),
});

/** A tensor with a leaf's numbers. */
export function tensorOf({ type, data }: Leaf, dtype: DType = type.dtype): Tensor {
  return tensor(Float64Array.from(data), { shape: type.shape, dtype });
}

/** Leaves of a plan, in order. */
export function leavesOf({ steps }: Plan): readonly Leaf[] {
  return steps.flatMap((step) => (step.kind === 'leaf' ? [step] : []));
}

/** Runs the steps on values for the leaves; gives the outputs. */
export function runPlan({ steps, outputs }: Plan, leaves: readonly Tensor[], cell: Cell): Tensor[] {
  const values: Tensor[] = [];
  let next = 0;
  for (const step of steps) {
    if (step.kind === 'leaf') values.push(leaves[next++]!);
    else if (step.kind === 'read') values.push(cell.read());
    else if (step.kind === 'assign') {
      const x = values[step.args[0]!]!;
      cell.assign(cell.read().mul(0.5).add(x));
      values.push(x);
    } else
      values.push(
        operations[step.op]!.run(
          step.args.map((i) => values[i]!),
          step.params as never,
        ),
      );
  }
  return outputs.map((i) => values[i]!);
}

/** A plan as text that says what it does, step by step. */
export function printPlan(plan: Plan): string {
  const lines = plan.steps.map((step, i) => {
    const { shape, dtype } = step.type;
    const about = `// ${dtype} [${shape.join(', ')}]`;
    if (step.kind === 'leaf')
      return `const v${i} = tensor([${step.data.join(', ')}], { shape: [${shape.join(', ')}], dtype: '${dtype}' });`;
    if (step.kind === 'read') return `const v${i} = state.value; ${about}`;
    if (step.kind === 'assign')
      return `state.assign(state.value.mul(0.5).add(v${step.args[0]})); const v${i} = v${step.args[0]};`;
    const params = Object.entries(step.params).map(
      ([name, value]) => `${name}: ${value === undefined ? 'undefined' : JSON.stringify(value)}`,
    );
    return `const v${i} = ${step.op}(${[...step.args.map((k) => `v${k}`), ...(params.length > 0 ? [`{ ${params.join(', ')} }`] : [])].join(', ')}); ${about}`;
  });
  return [
    `const state = new Variable(${JSON.stringify(plan.state.data)}); // ${plan.state.type.dtype} [${plan.state.type.shape.join(', ')}]`,
    ...lines,
    `return [${plan.outputs.map((i) => `v${i}`).join(', ')}];${plan.differentiated ? ' // and gradients' : ''}`,
  ].join('\n');
}
