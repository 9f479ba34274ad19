/**
 * What a training step of each benchmark model costs, counted on the null backend: one program, kernels of each kind, and no
 * loop that only moves data. A step takes Adam's updates of the big weights into the products that make their gradients.
 */
import { describe, expect, test } from '@jest/globals';
import * as antler from 'antler';
import { batchOf, benchmarks, compiled, type BenchmarkName } from '../../tools/bench/models.mjs';
import { openFresh } from '../modes.js';
import { createNullBackend, type NullCounts } from './null.js';

type Kernels = Partial<NullCounts['kernels']>;

/**
 * Loops of a step on a device that binds 8 regions in a kernel, and on one that binds as many as it likes. Where a reduction
 * has no room for the update of its bias, that is a loop of its own.
 */
interface Cost {
  readonly loops: readonly [narrow: number, wide: number];
  readonly others: Kernels;
}

/** Loss: maximum, exponentials, gradient; the mean of this batch alone; the learning rate of the step. */
const everyStep = 5;

const costs: Readonly<Record<BenchmarkName, Cost>> = {
  // The derivative of the sigmoid with its bias's gradient; the update of the last bias.
  tiny: { loops: [everyStep + 2, everyStep + 2], others: { dot: 5, gather: 1 } },
  // The same for relu, twice.
  mlp: { loops: [everyStep + 3, everyStep + 3], others: { dot: 8, gather: 1 } },
  // Pools 2, their gradients 2 + 4 (the second pool leaves a row out, which is filled); dropout 4; the last bias.
  cnn: { loops: [19, 18], others: { conv: 5, dot: 3, gather: 1 } },
  // A product and a loop for each of the 64 steps, forwards and backwards; the states' zeros.
  lstm: { loops: [2 * 64 + 9, 2 * 64 + 9], others: { dot: 2 * 64 + 6, gather: 1, repeat: 2 } },
  // In each block 2 normalizations of 3 + 3 loops, a softmax of 3 + 1, 4 biases; the scatter is the gradient of the embedding.
  gpt: { loops: [112, 89], others: { dot: 99, gather: 2, scatter: 1 } },
  // 21 normalizations of 3 + 2 loops, and 3 for all moving statistics, whose sizes are 16, 32 and 64.
  resnet: { loops: [167, 21 * 5 + 7], others: { conv: 3 * 21 - 1, dot: 3, gather: 1 } },
};

const devices = { 'of 8 regions': 8, 'without a bound': Infinity };

describe.each(Object.entries(devices))('a step on a device %s', (_device, maxRegionsPerKernel) => {
  test.each(Object.entries(costs))('%s', async (key, { loops, others }) => {
    const name = key as BenchmarkName;
    const backend = createNullBackend({ limits: { maxRegionsPerKernel } });
    await openFresh(() => backend);
    const model = compiled(antler, name);
    const { x, y } = batchOf(model, name);
    await model.trainOnBatch(x, y);
    const before = backend.counts();
    await model.trainOnBatch(x, y);
    const after = backend.counts();
    const spent = Object.entries(after.kernels).map(
      ([kind, count]) => [kind, count - before.kernels[kind as keyof Kernels]] as const,
    );
    expect(Object.fromEntries(spent.filter(([, count]) => count > 0))).toEqual({
      loop: loops[maxRegionsPerKernel === Infinity ? 1 : 0],
      ...others,
    });
    expect([after.copies - before.copies, after.runs - before.runs, after.programs - before.programs]).toEqual([
      0, 1, 0,
    ]);
  });
});

test('the table has every model', () => {
  expect(Object.keys(costs)).toEqual(Object.keys(benchmarks));
});
