/** fit and numbers that are not finite: said once by default, an error that names the layer when asked for. */
import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';
import { createJsBackend } from '@antler/backend-js';
import { log, withFiniteChecks } from '@antler/core';
import {
  input,
  installNames,
  layers,
  resetNames,
  standardNames,
  sequential,
  losses,
  optimizers,
  type Sequential,
} from '@antler/layers';
import { openFresh } from '../modes.js';

const told: string[] = [];
beforeEach(async () => {
  await openFresh(createJsBackend);
  resetNames();
  told.length = 0;
  jest.spyOn(console, 'warn').mockImplementation((text: string) => void told.push(text));
});
afterEach(() => void jest.restoreAllMocks());

const x = { data: Float32Array.from({ length: 40 }, (_, i) => Math.sin(i)), shape: [10, 4] };
const y = { data: new Float32Array(10), shape: [10, 1] };

function model(): Sequential {
  const made = sequential([
    input({ shape: [4] }),
    layers.dense({ units: 8, name: 'fine' }),
    layers.activation({ activation: log, name: 'daring' }),
    layers.dense({ units: 1, name: 'last' }),
  ]);
  made.compile({ optimizer: optimizers.sgd(), loss: losses.meanSquaredError() });
  return made;
}

test('warns once by default', async () => {
  await model().fit(x, y, { epochs: 3, verbose: 0 });
  expect(told).toHaveLength(1);
  expect(told[0]).toContain('fit: the loss of sequential is NaN after epoch 1.');
});

test('throws when asked, naming operation and layer, with the weights as they were', async () => {
  const made = model();
  made.build([null, 4]);
  const before = await made.getWeights();
  await expect(made.fit(x, y, { verbose: 0, onNonFinite: 'throw' })).rejects.toThrow(
    'fit: onNonFinite: expected an object (no onNonFinite names are installed), received "throw"',
  );
  await expect(made.fit(x, y, { verbose: 0, onNonFinite: withFiniteChecks })).rejects.toMatchObject({
    name: 'NonFiniteError',
  });
  installNames(standardNames);
  await expect(made.fit(x, y, { verbose: 0, onNonFinite: 'throw' })).rejects.toMatchObject({
    name: 'NonFiniteError',
    message: expect.stringMatching(
      /^log in sequential\/daring: expected finite numbers, received float32 \[10, 8\] with \d+ NaN/,
    ),
  });
  expect(await made.getWeights()).toEqual(before);
});

test('an unknown reaction is an error', async () => {
  await expect(model().fit(x, y, { onNonFinite: 'explode' as 'throw' })).rejects.toThrow(
    'fit: onNonFinite: expected warn or throw, received "explode"',
  );
});
