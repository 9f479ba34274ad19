/** The form of the barrier. */
import { sourceOf, type Block } from '../graph/block.js';
import type { NodeOf } from '../graph/graph.js';
import type { Kernel } from '../graph/program.js';
import { rowMajorOperand, type Step } from '../graph/steps.js';
import type { StepForm } from './form.js';

/** Values given through, across which nothing is merged or fused. */
export const barrier: StepForm<'barrier'> = {
  name: 'barrier',
  kind: 'steps',
  infer: (_where, inputs) => inputs,
  reads: () => 'stored',
  steps: barrierSteps,
};

/** What comes out of a barrier is the memory that went in; it is there once all that went in is. */
function barrierSteps(block: Block, { inputs, outputs }: NodeOf<'barrier'>): Step[] {
  const reads = inputs.map((value) => rowMajorOperand(block, value));
  const emit = (): Kernel[] => {
    reads.forEach(({ value, access }, i) => {
      const source = sourceOf(block, value);
      block.memories[outputs[i]!] = { ...source, offset: source.offset + access.offset };
    });
    return [];
  };
  return [{ kind: 'kernel', reads, targets: outputs, faults: false, emit }];
}
