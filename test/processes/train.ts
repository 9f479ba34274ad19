/**
 * A training process: `train.ts <checkpoint> <from>`. It prints the loss of every step with all bits, and `weights` with all of
 * theirs at the end. With `resume` it goes on from the checkpoint, which is written after every third step.
 */
import { createJsBackend } from '@antler/backend-js';
import { random, registerBackends, tanh } from '@antler/core';
import { Dataset } from '@antler/data';
import { callbacks, input, layers, losses, optimizers, regularizers, sequential } from '@antler/layers';

const [, , path, from, kind] = process.argv as [string, string, string, 'start' | 'resume', 'arrays' | 'dataset'];
registerBackends({ js: createJsBackend });
random.seed(7);

const rows = 90;
const x = {
  data: Float32Array.from({ length: rows * 6 }, (_, i) => Math.sin(i * i)),
  shape: [rows, 6],
  dtype: 'float32',
} as const;
const y = { data: Int32Array.from({ length: rows }, (_, i) => i % 3), shape: [rows], dtype: 'int32' } as const;
const model = sequential([
  input({ shape: [6] }),
  layers.dense({ units: 8, activation: tanh, kernelRegularizer: regularizers.l2() }),
  layers.batchNormalization(),
  layers.dropout({ rate: 0.3 }),
  layers.dropout({ rate: 0.2, seed: 3 }),
  layers.dense({ units: 3 }),
]);
model.compile({
  optimizer: optimizers.adam({ learningRate: 0.01, clipnorm: 1 }),
  loss: losses.sparseCategoricalCrossentropy({ fromLogits: true }),
});

const bits = (values: ArrayLike<number>): string => Buffer.from(Float32Array.from(values).buffer).toString('hex');
const printing = {
  batchLogs: true,
  onTrainBatchEnd: (batch: number, logs: { readonly numbers: Readonly<Record<string, number>> }) => {
    process.stdout.write(`${model.position.epoch} ${batch} ${bits([logs.numbers.loss!])}\n`);
  },
};
const options = {
  epochs: 10,
  verbose: 0,
  callbacks: [printing, callbacks.modelCheckpoint({ path, saveFreq: 3 })],
  ...(from === 'resume' && { resumeFrom: await callbacks.readCheckpoint(path) }),
} as const;
if (kind === 'arrays') await model.fit(x, y, { ...options, batchSize: 9, seed: 5 });
else await model.fit(Dataset.fromArrays({ x, y }).shuffle(rows, { seed: 5 }).batch(9), options);
const weights = await model.getWeights();
process.stdout.write(`weights ${weights.map(({ data }) => bits(data)).join(' ')}\n`);
