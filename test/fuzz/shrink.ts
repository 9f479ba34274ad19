/** Shrinking: makes a failing plan smaller as long as it goes on failing. */
import { isFloat } from '@antler/core';
import type { Leaf, Plan, Step } from './plan.js';

/** The smallest plan that was found to fail as well. */
export async function shrink(plan: Plan, fails: (plan: Plan) => Promise<boolean>): Promise<Plan> {
  let smallest = plan;
  for (let improved = true; improved;) {
    improved = false;
    for (const candidate of smaller(smallest)) {
      if (!(await fails(candidate).catch(() => false))) continue;
      smallest = candidate;
      improved = true;
      break;
    }
  }
  return smallest;
}

function* smaller(plan: Plan): Generator<Plan> {
  if (plan.differentiated) yield { ...plan, differentiated: false };
  for (const output of plan.outputs) if (plan.outputs.length > 1) yield withoutDead({ ...plan, outputs: [output] });
  for (const output of plan.outputs) {
    if (plan.outputs.length > 1)
      yield withoutDead({ ...plan, outputs: plan.outputs.filter((other) => other !== output) });
  }
  for (const [i, step] of plan.steps.entries()) {
    if (step.kind === 'leaf') continue;
    const { length } = plan.outputs;
    // Its arguments instead of it, then numbers instead of it.
    if (plan.outputs.includes(i) && 'args' in step && step.args.length > 0 && length === 1) {
      yield withoutDead({ ...plan, outputs: [...new Set(step.args)] });
    }
    if (step.kind === 'assign')
      yield withoutDead(
        replaced(plan, i, { kind: 'call', op: 'shift', args: step.args, params: { by: 0 }, type: step.type }),
      );
    else if (!plan.outputs.includes(i)) yield withoutDead(replaced(plan, i, numbers(step)));
  }
}

function numbers({ type }: Step): Leaf {
  const size = type.shape.reduce((a, b) => a * b, 1);
  const value = (i: number): number => (isFloat(type.dtype) ? (((i * 7) % 11) - 5) / 4 : i % 2);
  return { kind: 'leaf', type, data: Array.from({ length: size }, (_, i) => value(i)) };
}

function replaced(plan: Plan, at: number, step: Step): Plan {
  return { ...plan, steps: plan.steps.map((old, i) => (i === at ? step : old)) };
}

/** Without the steps that nothing needs. */
function withoutDead(plan: Plan): Plan {
  const needed = new Set(plan.outputs);
  for (let i = plan.steps.length - 1; i >= 0; i--) {
    const step = plan.steps[i]!;
    if (step.kind === 'assign') needed.add(i);
    if (needed.has(i) && 'args' in step) for (const arg of step.args) needed.add(arg);
  }
  const kept = plan.steps.flatMap((_, i) => (needed.has(i) ? [i] : []));
  const number = new Map(kept.map((old, i) => [old, i]));
  const renumbered = (list: readonly number[]): number[] => list.map((i) => number.get(i)!);
  const steps = kept.map((i): Step => {
    const step = plan.steps[i]!;
    return 'args' in step ? { ...step, args: renumbered(step.args) } : step;
  });
  return { ...plan, steps, outputs: renumbered(plan.outputs) };
}
