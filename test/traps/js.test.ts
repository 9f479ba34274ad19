/** The traps on the reference backend. */
import { createJsBackend } from '@antler/backend-js';
import { expect, test } from '@jest/globals';
import { Variable, jit, ones, zeros, type Tensor } from '@antler/core';
import { openFresh } from '../modes.js';
import { describeTraps } from './traps.js';

describeTraps('js', () => createJsBackend());

test('js: a synchronous loop lets the collector take results that nobody holds', async () => {
  await openFresh(() => createJsBackend());
  const w = new Variable(zeros([256, 256]));
  const step = jit((x: Tensor) => x.add(w));
  const x = ones([256, 256]);
  let peak = 0;
  for (let i = 0; i < 4000; i++) {
    step(x);
    peak = Math.max(peak, process.memoryUsage().arrayBuffers);
  }
  // 4,000 results of 256 KiB are a gigabyte; held by anything, they would all be there at the end.
  expect(peak).toBeLessThan(512 * 2 ** 20);
});
