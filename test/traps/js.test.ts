/** The traps on the reference backend. */
import { createJsBackend } from '@antler/backend-js';
import { expect, test } from '@jest/globals';
import { Variable, jit, matmul, ones, zeros, type Tensor } from '@antler/core';
import { openFresh } from '../modes.js';
import { describeTraps } from './traps.js';

describeTraps('js', () => createJsBackend());

test('js: a synchronous loop lets the collector take results that nobody holds', async () => {
  await openFresh(() => createJsBackend());
  const w = new Variable(zeros([256, 256]));
  const step = jit((x: Tensor) => matmul(x, w));
  const x = ones([256, 256]);
  let peak = 0;
  for (let i = 0; i < 2000; i++) {
    step(x);
    peak = Math.max(peak, process.memoryUsage().arrayBuffers);
  }
  // 2,000 results of 256 KiB are half a gigabyte.
  expect(peak).toBeLessThan(200 * 2 ** 20);
});
