// Training steps of the benchmark models: a batch in memory, the loss on the host before the next step.
// ANTLER_NUM_THREADS sets the threads of the native backend.

import { createNativeBackend } from '@antler/backend-cpu-native';
import { createJsBackend } from '@antler/backend-js';
import { layers, random, registerBackends, sequential, setBackend } from 'antler';

registerBackends({ 'bench-js': createJsBackend, 'bench-native': () => createNativeBackend() });

const mlp = () =>
  sequential([
    layers.input({ shape: [784] }),
    layers.dense({ units: 512, activation: 'relu' }),
    layers.dense({ units: 512, activation: 'relu' }),
    layers.dense({ units: 10, activation: 'softmax' }),
  ]);

const cnn = () =>
  sequential([
    layers.input({ shape: [28, 28, 1] }),
    layers.conv2D({ filters: 32, kernelSize: 3, activation: 'relu' }),
    layers.maxPooling2D({ poolSize: 2 }),
    layers.conv2D({ filters: 64, kernelSize: 3, activation: 'relu' }),
    layers.maxPooling2D({ poolSize: 2 }),
    layers.flatten(),
    layers.dropout({ rate: 0.5 }),
    layers.dense({ units: 10, activation: 'softmax' }),
  ]);

/**
 * @param {string} backend
 * @param {string} title
 * @param {readonly number[]} shape of a sample
 * @param {() => import('antler').Sequential} make
 * @returns {import('../measure.mjs').Case}
 */
function step(backend, title, shape, make) {
  const batch = 128;
  /** @type {() => Promise<void>} */
  let run = async () => {};
  return {
    title: `${title}, batch ${batch}, Adam, on ${backend}`,
    prepare: async () => {
      await setBackend(`bench-${backend}`);
      const data = await random.uniform([batch, ...shape]).data();
      const y = Uint8Array.from({ length: batch }, (_, i) => i % 10);
      const model = make();
      model.compile({ optimizer: 'adam', loss: 'sparseCategoricalCrossentropy', metrics: [] });
      run = async () => {
        await model.trainOnBatch({ data, shape: [batch, ...shape] }, y);
      };
    },
    run: () => run(),
  };
}

/** The models, on either backend. */
export const cases = ['native', 'js'].flatMap((backend) => [
  step(backend, 'mlp 784-512-512-10', [784], mlp),
  step(backend, 'cnn 28×28, conv 32, pool, conv 64, pool, dense 10', [28, 28, 1], cnn),
]);
