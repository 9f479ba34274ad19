// One training step of the digit classifier in apps/mnist, per backend: its time, and how many kernels it runs.

import { createJsBackend } from '@antler/backend-js';
import { layers, random, registerBackends, sequential, setBackend, synchronize } from 'antler';

/** Kernels that ran so far. */
let kernels = 0;

/** The js backend, counting. */
function createCountingBackend() {
  const backend = createJsBackend();
  /** @type {WeakMap<object, number>} */
  const lengths = new WeakMap();
  /** @type {typeof backend} */
  const counting = {
    ...backend,
    compile: async (program) => {
      const executable = await backend.compile(program);
      lengths.set(executable, program.kernels.length);
      return executable;
    },
    run: (executable, io, scalars) => {
      kernels += lengths.get(executable) ?? 0;
      backend.run(executable, io, scalars);
    },
  };
  return counting;
}

/** @param {number} batch @returns {import('../measure.mjs').Case} */
function step(batch) {
  /** @type {() => Promise<void>} */
  let run = async () => {};
  let perStep = 0;
  return {
    get title() {
      return `mlp 784-128-10 on js, batch ${batch}: ${perStep} kernels per step`;
    },
    prepare: async () => {
      registerBackends({ counting: createCountingBackend });
      await setBackend('counting');
      const x = await random.uniform([batch, 28, 28]).data();
      const y = Uint8Array.from({ length: batch }, (_, i) => i % 10);
      const model = sequential([
        layers.input({ shape: [28, 28] }),
        layers.flatten(),
        layers.dense({ units: 128, activation: 'relu' }),
        layers.dropout({ rate: 0.2 }),
        layers.dense({ units: 10, activation: 'softmax' }),
      ]);
      model.compile({ optimizer: 'adam', loss: 'sparseCategoricalCrossentropy', metrics: ['accuracy'] });
      run = async () => {
        const before = kernels;
        await model.trainOnBatch({ data: x, shape: [batch, 28, 28] }, y);
        await synchronize();
        perStep = kernels - before;
      };
    },
    run: () => run(),
  };
}

/** The batch sizes that people use. */
export const cases = [32, 64, 128].map(step);
