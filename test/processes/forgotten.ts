/**
 * A process in which a model is trained and let go: `forgotten.ts`. It prints what `memory()` counts before and after, and whether
 * the model is still there. Jest itself keeps what a test has touched, so this runs outside of it.
 */
import { createJsBackend } from '@antler/backend-js';
import { memory, registerBackends, relu, setBackend, type DeviceMemory } from '@antler/core';
import { input, layers, losses, optimizers, sequential, type Sequential } from '@antler/layers';

registerBackends({ js: createJsBackend });
await setBackend('js');

const rows = 60;
const x = { data: new Float32Array(rows * 6).fill(0.5), shape: [rows, 6] };
const y = { data: Int32Array.from({ length: rows }, (_, i) => i % 3), shape: [rows] };

async function trained(): Promise<WeakRef<Sequential>> {
  const model = sequential([
    input({ shape: [6] }),
    layers.dense({ units: 8, activation: relu }),
    layers.batchNormalization(),
    layers.dropout({ rate: 0.3 }),
    layers.dense({ units: 3 }),
  ]);
  model.compile({
    optimizer: optimizers.adam(),
    loss: losses.sparseCategoricalCrossentropy({ fromLogits: true }),
  });
  await model.fit(x, y, { epochs: 2, verbose: 0, validationSplit: 0.2 });
  await model.predict(x, { verbose: 0 });
  const fail = { onTrainBatchEnd: () => Promise.reject(new Error('in the middle')) };
  await model.fit(x, y, { verbose: 0, callbacks: [fail] }).catch(() => undefined);
  return new WeakRef(model);
}

async function collected(): Promise<Pick<DeviceMemory, 'storages' | 'bytes'> & { readonly variables: number }> {
  for (let i = 0; i < 40; i++) {
    globalThis.gc!();
    // Finalizers run between macrotasks.
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  const { variables, devices } = memory();
  return { variables, storages: devices[0]!.storages, bytes: devices[0]!.bytes };
}

// The first model leaves the global random generator behind.
await trained();
const before = await collected();
const models = [await trained(), await trained(), await trained()];
const after = await collected();
const left = models.filter((reference) => reference.deref() !== undefined).length;
process.stdout.write(JSON.stringify({ before, after, left }));
